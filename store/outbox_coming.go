package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
)

// ComingNotices are the notices about members that may still go and are due after
// an instant: when each is due, by occasion (notify.Occasion.Key).
func (tx *Tx) ComingNotices(ctx context.Context, after instant.Instant) (map[string]instant.Instant, error) {
	type row struct {
		Occasion string          `db:"occasion"`
		DueAt    instant.Instant `db:"due_at"`
	}
	rows, err := selectRows[row](ctx, tx, `SELECT occasion, due_at FROM outbox
		WHERE due_at > $1 AND member <> '' AND state IN ('waiting', 'held', 'before_start')`, int64(after))
	if err != nil {
		return nil, fmt.Errorf("read the notices to come: %w", err)
	}
	due := make(map[string]instant.Instant, len(rows))
	for _, r := range rows {
		due[r.Occasion] = r.DueAt
	}
	return due, nil
}

// MoveNotice gives the notices on an occasion another instant at which they are
// due, and that they are about, because the end that they tell of has moved. One
// that was tried, or is final, stays as it is.
func (tx *Tx) MoveNotice(ctx context.Context, o notify.Occasion, about, due instant.Instant) error {
	if tx.readOnly {
		return fmt.Errorf("move a notice: %w", ErrWrongStream)
	}
	_, err := tx.q.ExecContext(ctx, `UPDATE outbox SET about = $1, due_at = $2
		WHERE occasion = $3 AND attempts = 0 AND state IN ('waiting', 'held', 'before_start')`, int64(about), int64(due), o.Key())
	return wrap("move a notice", err)
}
