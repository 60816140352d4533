package chair

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// Find is the decision that a word names: a number, or an id.
func (c *Chair) Find(ctx context.Context, word string) (id ID, err error) {
	word = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(word), "#"))
	err = c.db.View(ctx, func(tx *store.Tx) error {
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			head, ok, err := tx.DecisionNumbered(ctx, n)
			if err == nil && !ok {
				err = &NotFound{word}
			}
			id = ID(head.Decision)
			return err
		}
		_, ok, err := tx.Decision(ctx, word)
		if err == nil && !ok {
			err = &NotFound{word}
		}
		id = ID(word)
		return err
	})
	if err != nil {
		return "", actError("find a decision", err)
	}
	return id, nil
}

// View is a decision as it reads now: what is due is closed in what is shown,
// and nothing is written.
type View struct {
	ID       ID
	Decision decisions.Decision
	Outcome  decisions.Outcome
	// Events are all that happened, as they are stored.
	Events []decisions.Event
	Head   store.DecisionHead
	// Loss is what the database may lack (Lacking).
	Loss store.Loss
}

// Read shows one decision.
func (c *Chair) Read(ctx context.Context, id ID) (v View, err error) {
	err = c.db.View(ctx, func(tx *store.Tx) error {
		v, err = c.view(ctx, tx, id)
		return err
	})
	if err != nil {
		return View{}, actError("read a decision", err)
	}
	return v, nil
}

// List shows all decisions, by number; those without one come first.
func (c *Chair) List(ctx context.Context) ([]View, error) {
	return each(ctx, c, "list the decisions", c.view)
}

// each reads something of every decision, in one transaction, in the order of
// store.Tx.DecisionHeads.
func each[T any](ctx context.Context, c *Chair, what string, read func(context.Context, *store.Tx, ID) (T, error)) (out []T, err error) {
	err = c.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		heads, err := tx.DecisionHeads(ctx)
		if err != nil {
			return err
		}
		for _, h := range heads {
			one, err := read(ctx, tx, ID(h.Decision))
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

func (c *Chair) view(ctx context.Context, tx *store.Tx, id ID) (View, error) {
	o := &opened{c: c, tx: tx, id: id}
	if err := o.read(ctx); err != nil {
		return View{}, err
	}
	return o.view(ctx)
}

// view is a decision that was read from its beginning, as it reads now.
func (o *opened) view(ctx context.Context) (View, error) {
	return o.viewAt(ctx, max(o.c.now(), o.d.Last))
}

// viewAt is view at an instant that nothing of the decision lies after.
func (o *opened) viewAt(ctx context.Context, now instant.Instant) (View, error) {
	v := View{ID: o.id, Events: o.events}
	if n := len(o.entries); n > 0 {
		e := o.entries[n-1]
		v.Head = store.DecisionHead{Decision: e.Decision, Seq: e.Seq, At: e.At, Number: e.Number, State: e.State, Due: e.Due, Hash: e.Hash}
	}
	var err error
	if o.d.State.Running() {
		if v.Loss, err = o.lossOf(ctx); err != nil {
			return View{}, err
		}
	}
	if !lacks(v.Loss, &o.d) {
		if _, o.d, err = o.d.CloseDue(now, o.look(ctx, now)); err != nil {
			return View{}, err
		}
	}
	result, err := o.result(ctx, now)
	v.Decision, v.Outcome = result.Decision, result.Outcome
	return v, err
}

// Verified is what checking one decision found.
type Verified struct {
	store.ChainReport
	// Wrong is what does not fit beside the chain itself, in words; "" for nothing.
	Wrong string
}

// OK says that all of it fits.
func (v Verified) OK() bool { return v.ChainReport.OK() && v.Wrong == "" }

// Verify checks every decision: that its chain is whole, that its log can have
// happened, that what is public says what is private, and that no text was
// changed. It tells the first fault of each.
func (c *Chair) Verify(ctx context.Context) (out []Verified, err error) {
	err = c.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		heads, err := tx.DecisionHeads(ctx)
		if err != nil {
			return err
		}
		for _, h := range heads {
			report, err := tx.VerifyDecision(ctx, h.Decision)
			if err != nil {
				return err
			}
			v := Verified{ChainReport: report}
			if report.OK() {
				if v.Wrong, err = c.contradiction(ctx, tx, ID(h.Decision)); err != nil {
					return err
				}
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("verify the decisions: %w", err)
	}
	return out, nil
}
