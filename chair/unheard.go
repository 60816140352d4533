package chair

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// unheard is what keeps the newest opening of a decision from being heard, as it was
// found last: so that of many mails about it, one after the other, each need not be
// asked about. It holds in the transactions of one run (store.Tx.Run), until one of the
// recipients that it waits for accepts something or the room does, which each of them
// says, and until time alone may change who is waited for.
type unheard struct {
	run         *store.Run
	id          ID
	hearing     hearing
	from, until instant.Instant
}

// MayHear says of notices, in the transaction that records that they were accepted,
// whether Heard has something to record now. In a run (store.Tx.Run) each transaction
// after the first has to ask that records that a notice was accepted.
func (c *Chair) MayHear(ctx context.Context, tx *store.Tx, rows []store.OutboxRow) (bool, error) {
	for i := range rows {
		id, ok := openingOf(&rows[i])
		if !ok || c.stillUnheard(tx, id, &rows[i]) {
			continue
		}
		u := &unheard{run: tx.Run(), id: id}
		if err := u.read(ctx, c, tx); err != nil {
			return false, fmt.Errorf("look whether a decision was heard of: %w", err)
		}
		if u.hearing.place != "" {
			c.unheard.Store(nil) // so that Heard is told of the next one, too, where it cannot record it now
			return true, nil
		}
		c.unheard.Store(u)
	}
	return false, nil
}

// openingOf is the decision of whose opening a notice tells; ok is false where it tells
// of none.
func openingOf(row *store.OutboxRow) (id ID, ok bool) {
	id, _, ok = ReadCause(row.Cause)
	return id, ok && (row.Kind == notify.DecisionOpened || row.Kind == notify.DecisionEscalated)
}

// stillUnheard says that a notice about an opening that was accepted changes nothing in
// what is known.
func (c *Chair) stillUnheard(tx *store.Tx, id ID, row *store.OutboxRow) bool {
	u := c.unheard.Load()
	if u == nil || u.run == nil || u.run != tx.Run() || u.id != id {
		return false
	}
	if u.hearing.settled {
		return true
	}
	return u.from <= tx.Now() && tx.Now() < u.until && row.Channel != notify.Matrix && u.hearing.waits != nil && !slices.Contains(u.hearing.waits, row.Recipient)
}

// read reads the decision and what became of the notices of its opening.
func (u *unheard) read(ctx context.Context, c *Chair, tx *store.Tx) (err error) {
	o := &opened{c: c, tx: tx, id: u.id}
	if err = o.read(ctx); err != nil {
		return err
	}
	u.from = tx.Now()
	now := max(u.from, o.d.Last)
	if u.hearing, err = o.hearing(ctx, now); err != nil {
		return err
	}
	_, u.until, err = c.roll.VotersUntil(ctx, tx, now, tx.Known())
	return err
}
