package store

import (
	"context"

	"coopcloud.tech/goodstanding/notify"
)

// NoticesOn are the notices on one occasion, by recipient and channel.
func (tx *Tx) NoticesOn(ctx context.Context, o notify.Occasion) ([]OutboxRow, error) {
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox WHERE occasion = $1 ORDER BY recipient, channel`, o.Key())
	return rows, wrap("read the notices on an occasion", err)
}
