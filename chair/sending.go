package chair

import (
	"context"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/store"
)

// Told is the decision that a notice is about, by its cause, as a transaction
// sees it; ok is false where the cause names none.
func (c *Chair) Told(ctx context.Context, tx *store.Tx, cause string) (v View, ok bool, err error) {
	id, _, _ := strings.Cut(cause, "/")
	if _, ok, err = tx.Decision(ctx, id); err != nil || !ok {
		return View{}, false, err
	}
	v, err = c.view(ctx, tx, ID(id))
	return v, err == nil, err
}

// Entry is the event that a cause names, ID/ENTRY; ok is false where the decision
// has no such entry.
func (v *View) Entry(cause string) (ev decisions.Event, ok bool) {
	parts := strings.Split(cause, "/")
	if len(parts) < 2 {
		return ev, false
	}
	seq, err := strconv.Atoi(parts[1])
	if err != nil || seq < 1 || seq > len(v.Events) {
		return ev, false
	}
	return v.Events[seq-1], true
}
