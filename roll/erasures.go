package roll

import (
	"context"
	"encoding/json"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Erasure is what was erased, by its id. A backup from before has it still, and an audit
// chain that ends there does not say so: whoever restores it erases it again.
type Erasure struct {
	At instant.Instant
	// Action is the audit chain's word: remove_person, erase_member or erase_account.
	Action string
	// ID is a person's, a member's or an account's.
	ID string
}

// eraseCommands are the commands that erase, by the audit chain's words.
var eraseCommands = map[string]string{actionRemovePerson: "people remove", actionEraseMember: "members erase", actionEraseAccount: "members erase-account"}

// Again is the command that erases it again, with the instant as a comment: what is to
// be kept beside the backups. It holds no name.
func (e Erasure) Again() string {
	return fmt.Sprintf("goodstanding %s %s --reason %q  # %s", eraseCommands[e.Action], e.ID, "again after a restore", e.At)
}

// Erasures are those that the audit chain has after its entry of a number, and the number
// of its last entry. Members that were merged into one, and accounts that were erased
// with a member, stand by themselves, since a backup may be older than that.
func (r *Roll) Erasures(ctx context.Context, after int64) (out []Erasure, last int64, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		var err error
		if last, _, err = tx.AuditHead(ctx); err != nil || last <= after {
			return err
		}
		rows, err := tx.AuditRows(ctx, store.AuditQuery{After: after})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if eraseCommands[row.Action] == "" {
				continue
			}
			out = append(out, Erasure{At: row.At, Action: row.Action, ID: row.Subject})
			var with struct{ Accounts []member.AccountID }
			if err := json.Unmarshal([]byte(row.Payload), &with); err != nil {
				return fmt.Errorf("read row %d of the audit chain: %w", row.Seq, err)
			}
			for _, acc := range with.Accounts {
				out = append(out, Erasure{At: row.At, Action: actionEraseAccount, ID: string(acc)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read what was erased: %w", err)
	}
	return out, last, nil
}
