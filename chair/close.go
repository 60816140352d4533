package chair

import (
	"context"
	"errors"
	"fmt"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// Closed is a decision that was closed, and what it came to.
type Closed struct {
	ID     ID
	Number int
	State  decisions.State
	At     instant.Instant
}

// CloseDue closes every decision whose deadline is past, in the order of their
// deadlines, each at its own deadline's instant: the result is the same however
// late this runs. Each is a transaction of its own; one that cannot be closed
// does not keep the others from it. One that lacks answers stays as it is (View.Lacking).
func (c *Chair) CloseDue(ctx context.Context) ([]Closed, error) {
	now := c.now()
	var due []store.DecisionHead
	err := c.db.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueDecisions(ctx, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("close what is due: %w", err)
	}
	var out []Closed
	var failed error
	for _, head := range due {
		closed, err := c.close(ctx, ID(head.Decision))
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("close what is due: decision %d: %w", head.Number, err))
		}
		if closed != nil {
			out = append(out, *closed)
		}
	}
	return out, failed
}

// NextDue is the next deadline of an open decision; 0 for none. One that is past and that
// nothing closes, since answers may be missing, is none of them.
func (c *Chair) NextDue(ctx context.Context) (next instant.Instant, err error) {
	err = c.db.View(ctx, func(tx *store.Tx) error {
		next, err = tx.NextDue(ctx, 0)
		now := c.now()
		if err != nil || next == 0 || next > now {
			return err
		}
		if l, err := tx.Loss(ctx); err != nil || !l.Open {
			return err
		}
		next, err = tx.NextDue(ctx, now)
		return err
	})
	return next, err
}

// close closes one decision, if nobody has done it meanwhile.
func (c *Chair) close(ctx context.Context, id ID) (*Closed, error) {
	var out *Closed
	err := c.db.InTx(ctx, store.Entries, c.now(), func(tx *store.Tx) error {
		out = nil
		o, err := c.take(ctx, tx, id)
		if err != nil {
			return err
		}
		o.effects = true
		now := max(tx.Now(), o.d.Last)
		if unclosed, err := o.unclosed(ctx, &o.d, now); err != nil || unclosed {
			return err
		}
		events, after, err := o.d.CloseDue(now, o.look(ctx, now))
		if err != nil || len(events) == 0 {
			return err
		}
		if err := o.write(ctx, events, after); err != nil {
			return err
		}
		out = &Closed{ID: id, Number: o.d.Number, State: o.d.State, At: events[len(events)-1].At}
		return nil
	})
	return out, err
}
