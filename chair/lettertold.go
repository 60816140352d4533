package chair

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// told is the decision that a letter was about last: who is told of it is told one
// after the other, and to read and judge it costs more than all the rest of a letter.
// It holds while its chain ends where it did, the store's counters say that nobody has
// written a fact since, and no instant has come at which time alone may change it.
type told struct {
	head        store.DecisionHead
	o           opened // without its transaction
	v           View
	counters    store.Counters
	from, until instant.Instant
}

// toTell is a decision as letters tell of it now, with its whole chain.
func (c *Chair) toTell(ctx context.Context, tx *store.Tx, id ID) (*opened, View, error) {
	head, ok, err := tx.DecisionHead(ctx, string(id))
	if err == nil && !ok {
		err = &NotFound{string(id)}
	}
	if err != nil {
		return nil, View{}, err
	}
	counters, err := tx.Counters(ctx)
	if err != nil {
		return nil, View{}, err
	}
	now := c.now()
	if k := c.told.Load(); k != nil && k.head == head && k.counters == counters && k.from <= now && now < k.until && !tx.WritesFacts() {
		o := k.o
		o.tx = tx
		return &o, k.v, nil
	}
	o := &opened{c: c, tx: tx, id: id}
	if err := o.read(ctx); err != nil {
		return nil, View{}, err
	}
	v, err := o.view(ctx)
	if err != nil || tx.WritesFacts() {
		return o, v, err
	}
	until, err := o.sameUntil(ctx, &v, max(now, o.d.Last))
	if err != nil {
		return nil, View{}, err
	}
	k := &told{head: head, o: *o, v: v, counters: counters, from: now, until: until}
	k.o.tx = nil
	c.told.Store(k)
	return o, v, nil
}

// sameUntil is the first instant after now from which a decision may read differently
// though nothing happens to it: at its deadline, and where the votes of members change.
func (o *opened) sameUntil(ctx context.Context, v *View, now instant.Instant) (instant.Instant, error) {
	if v.Decision.Outcome != nil || !v.Decision.State.Running() {
		return instant.Max, nil
	}
	_, until, err := o.c.roll.VotersUntil(ctx, o.tx, now, o.tx.Known())
	if ends := v.Decision.Ends(); now < ends {
		until = min(until, ends)
	}
	return until, err
}
