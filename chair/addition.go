package chair

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// addition are entries that are to follow the end of a decision, with their texts and
// the notices that they cause.
type addition struct {
	o       *opened
	rows    []store.NewDecisionEntry
	steps   []entered
	stood   stood              // before the event that comes next
	after   decisions.Decision // all of them
	texts   []store.HashedText
	chained store.Chained // once they are linked
}

// stood is how a decision stood, as far as it matters for what is told of the event after.
type stood struct {
	state    decisions.State
	deadline decisions.Day
}

func stoodAt(d *decisions.Decision) stood { return stood{d.State, d.Deadline} }

// chain makes the entries of events.
func (o *opened) chain(ctx context.Context, events []decisions.Event) (*addition, error) {
	a := &addition{o: o, stood: stoodAt(&o.d), after: o.d}
	for i := range events {
		next, err := a.after.Apply(events[i])
		if err != nil {
			return nil, fmt.Errorf("write a decision: %w", err)
		}
		if err := a.enter(ctx, &events[i], &next); err != nil {
			return nil, err
		}
		a.after = next
	}
	return a, a.link()
}

// enter adds the entry of an event, after which the decision is that.
func (a *addition) enter(ctx context.Context, ev *decisions.Event, after *decisions.Decision) error {
	row, err := a.o.entry(ctx, after, ev)
	if err != nil {
		return err
	}
	a.rows = append(a.rows, row)
	a.steps = append(a.steps, entered{ev: ev, seq: a.o.head.Seq + int64(len(a.rows)), kind: tellsOf(ev, a.stood, after), after: after})
	a.stood = stoodAt(after)
	return nil
}

// link gives the entries their places in the chain.
func (a *addition) link() (err error) {
	a.texts, a.o.texts = a.o.texts, nil
	a.chained, err = store.Chain(a.o.head, a.rows...)
	return err
}

// add stores what follows the ends of decisions: one statement for each table, however
// many they are.
func add(ctx context.Context, tx *store.Tx, all ...*addition) error {
	var texts []store.HashedText
	var chained []store.Chained
	for _, a := range all {
		texts, chained = append(texts, a.texts...), append(chained, a.chained)
	}
	if err := tx.AddHashedTexts(ctx, texts...); err != nil {
		return err
	}
	if err := tx.AppendDecisions(ctx, chained...); err != nil {
		return err
	}
	var messages []notify.Message
	for _, a := range all {
		o := a.o
		o.head, o.d = a.chained.Head, a.after
		o.c.keep(o.id, folded{o.row, o.head.Seq, o.head.Hash, o.d})
		for i := range a.steps {
			more, err := o.tell(ctx, &a.steps[i])
			if err != nil {
				return fmt.Errorf("tell of a decision: %w", err)
			}
			messages = append(messages, more...)
		}
	}
	if err := tx.Enqueue(ctx, messages...); err != nil {
		return fmt.Errorf("tell of a decision: %w", err)
	}
	return nil
}
