package chair

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// told is the decision that a letter was about last: who is told of it is told one
// after the other, and to read and judge it costs more than all the rest of a letter.
// It holds while its chain ends where it did, the store's counters say that nobody has
// written a fact since, and no instant has come at which time alone may change it. In the
// transactions of one run (store.Tx.Run) nobody has written to the chain, either.
type told struct {
	run         *store.Run
	head        store.DecisionHead
	o           opened // without its transaction
	v           View
	says        letter.Decision // what every letter about it says
	counters    store.Counters
	from, until instant.Instant
}

// toTell is a decision as letters tell of it now, with its whole chain; what it gives is
// shared, and nobody changes it.
func (c *Chair) toTell(ctx context.Context, tx *store.Tx, id ID) (*told, error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return nil, err
	}
	now := c.now()
	last := c.told.Load()
	if last != nil && (last.counters != counters || now < last.from || last.until <= now || tx.WritesFacts()) {
		last = nil
	}
	if last != nil && last.run != nil && last.run == tx.Run() && last.o.id == id {
		return last, nil
	}
	head, ok, err := tx.DecisionHead(ctx, string(id))
	if err == nil && !ok {
		err = &NotFound{string(id)}
	}
	if err != nil {
		return nil, err
	}
	if last != nil && last.head == head {
		k := *last
		k.run = tx.Run()
		c.told.Store(&k)
		return &k, nil
	}
	k := &told{run: tx.Run(), head: head, o: opened{c: c, tx: tx, id: id}, counters: counters, from: now}
	if err := k.read(ctx); err != nil {
		return nil, err
	}
	if k.o.tx = nil; !tx.WritesFacts() {
		c.told.Store(k)
	}
	return k, nil
}

// read reads and judges it.
func (k *told) read(ctx context.Context) (err error) {
	if err = k.o.read(ctx); err != nil {
		return err
	}
	now := max(k.from, k.o.d.Last)
	if k.v, err = k.o.viewAt(ctx, now); err != nil {
		return err
	}
	names, err := k.o.c.roll.NamesIn(ctx, k.o.tx)
	if err != nil {
		return err
	}
	k.says = saysOf(&k.v, names)
	k.until, err = k.o.sameUntil(ctx, &k.v, now)
	return err
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
