package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/notify"
)

// NoticeTo finds the notice of an occasion to a recipient over a channel.
func (tx *Tx) NoticeTo(ctx context.Context, o notify.Occasion, recipient string, c notify.Channel) (row OutboxRow, ok bool, err error) {
	row, ok, err = selectOne[OutboxRow](ctx, tx,
		`SELECT `+names[OutboxRow]("")+` FROM outbox WHERE occasion = $1 AND recipient = $2 AND channel = $3`, o.Key(), recipient, string(c))
	return row, ok, wrap("look for a notice", err)
}

// Revive lets a notice that was written before notices were started go after
// all, because somebody asks for it: from the transaction's clock on.
func (tx *Tx) Revive(ctx context.Context, id string) error {
	n, err := tx.remove(ctx, `UPDATE outbox SET state = $1, detail = '', due_at = $2 WHERE id = $3 AND state = $4`,
		string(notify.Waiting), int64(tx.now), id, string(notify.BeforeStart))
	if err != nil {
		return fmt.Errorf("revive a notice: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("revive notice %s: there is none with that id from before the start", id)
	}
	return wrap("revive a notice", tx.step(ctx, id))
}
