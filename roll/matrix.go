package roll

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// SetMatrix says under which Matrix id a person sets signs in the federation's
// room; "" takes it away. Whoever has the id votes by it: so it is for the person
// and the operator alone, and not for treasurers, who may not cast for others
// (domain.md, section 8). The audit chain does not have the id.
func (r *Roll) SetMatrix(ctx context.Context, by By, id member.PersonID, matrix string) error {
	matrix = strings.TrimSpace(matrix)
	_, err := r.enter(ctx, by, actionMatrix, "note the Matrix id", string(id), func(a *act) error {
		if !a.actor.Operator && a.actor.ID != string(id) {
			a.refuse("only the person or the operator may: whoever has the id votes by it")
			return nil
		}
		_, known := a.knownPerson(id)
		a.refuseAll(matrixFaults("what is given", matrix))
		had, err := a.tx.PersonMatrixes(ctx)
		if err != nil {
			return err
		}
		switch {
		case known && matrix == "" && had[id] == "":
			a.refuse("%s has no Matrix id", id)
		case known && matrix != "" && had[id] == matrix:
			a.refuse("%s has this Matrix id already", id)
		}
		if a.refused() {
			return nil
		}
		err = a.tx.SetPersonMatrix(ctx, store.PersonMatrix{Person: id, Matrix: matrix})
		if taken, is := errors.AsType[*store.MatrixTaken](err); is {
			a.refuse("%s", taken)
			return nil
		}
		a.payload["on"] = matrix != ""
		return err
	})
	return err
}

// MatrixIDs are the Matrix ids of the persons who have one.
func (r *Roll) MatrixIDs(ctx context.Context) (ids map[member.PersonID]string, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		ids, err = tx.PersonMatrixes(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the Matrix ids: %w", err)
	}
	return ids, nil
}
