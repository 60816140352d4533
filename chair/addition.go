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
	chained store.Chained
	texts   []store.HashedText
	steps   []entered
	after   decisions.Decision
}

// chain makes the entries of events.
func (o *opened) chain(ctx context.Context, events []decisions.Event) (*addition, error) {
	a := &addition{o: o}
	d := o.d
	rows := make([]store.NewDecisionEntry, len(events))
	for i, ev := range events {
		next, err := d.Apply(ev)
		if err != nil {
			return nil, fmt.Errorf("write a decision: %w", err)
		}
		if rows[i], err = o.entry(ctx, &next, ev); err != nil {
			return nil, err
		}
		a.steps = append(a.steps, entered{ev: ev, seq: o.head.Seq + 1 + int64(i), before: d, after: next})
		d = next
	}
	a.texts, o.texts, a.after = o.texts, nil, d
	var err error
	a.chained, err = store.Chain(o.head, rows...)
	return a, err
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
