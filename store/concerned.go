package store

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/member"
)

// What a transaction of Pulls has written, found by the known time that every fact
// carries and that no two transactions share, so that nobody has to remember it: the
// charges, and the contributions of which it wrote a version or a charge.
const writtenHere = `WITH charged AS (SELECT id FROM charge WHERE known = $1
		UNION SELECT charge FROM charge_payer WHERE known = $1
		UNION SELECT charge FROM coverage WHERE known = $1
		UNION SELECT charge FROM refund WHERE known = $1),
	promised AS (SELECT id FROM contribution_obs WHERE known = $1
		UNION SELECT contribution FROM charge WHERE contribution <> '' AND id IN (SELECT id FROM charged)),
	moved AS (SELECT id FROM charged UNION SELECT id FROM charge WHERE contribution IN (SELECT id FROM promised))`

// Concerned are the members of whom Facts says something else, for this snapshot's rows
// of contributions, charges and refunds, than it did before this transaction of Pulls;
// some others may be among them. The snapshot itself, standings and holds concern
// members beside that. It must come after the rows, and is one query.
func (tx *Tx) Concerned(ctx context.Context) ([]member.ID, error) {
	if tx.stream != Pulls {
		return nil, fmt.Errorf("find whom the rows concern: %w", ErrWrongStream)
	}
	found, err := selectRows[struct {
		Member member.ID `db:"member"`
	}](ctx, tx, writtenHere+` SELECT member FROM link WHERE account IN (
			SELECT account FROM contribution_obs WHERE id IN (SELECT id FROM promised)
			UNION SELECT account FROM charge WHERE id IN (SELECT id FROM moved)
			UNION SELECT account FROM charge_payer WHERE charge IN (SELECT id FROM moved))
		UNION SELECT member FROM payment WHERE charge IN (SELECT id FROM charged)`, int64(tx.known))
	if err != nil {
		return nil, fmt.Errorf("find whom the rows concern: %w", err)
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[member.ID]bool, len(found))
	var out []member.ID
	for _, f := range found {
		for _, o := range heirs.owners(f.Member, 0) {
			if !all[o.member] {
				all[o.member], out = true, append(out, o.member)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}
