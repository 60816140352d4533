package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Dismissals are the newest dismissal of each entry of the desk, by entry.
func (tx *Tx) Dismissals(ctx context.Context) (map[string]DismissalRow, error) {
	rows, err := selectRows[DismissalRow](ctx, tx, `SELECT `+names[DismissalRow]("")+` FROM desk_dismissal ORDER BY known, id`)
	return byKey(rows, func(r DismissalRow) string { return r.Entry }), wrap("read what was dismissed", err)
}

// DelegatesLost is the known time at which each member last lost a delegate. A
// merged member's losses are those of the member it was merged into.
func (tx *Tx) DelegatesLost(ctx context.Context) (map[member.ID]instant.Instant, error) {
	type row struct {
		Member member.ID       `db:"member"`
		Known  instant.Instant `db:"known"`
	}
	rows, err := selectRows[row](ctx, tx, `SELECT member, max(known) AS known FROM delegate WHERE event = 'removed' GROUP BY member`)
	if err != nil {
		return nil, wrap("read who lost a delegate", err)
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	lost := make(map[member.ID]instant.Instant, len(rows))
	for _, r := range rows {
		heir := heirs.of(r.Member)
		lost[heir] = max(lost[heir], r.Known)
	}
	return lost, nil
}
