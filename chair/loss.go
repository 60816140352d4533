package chair

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// A database that was put back from a backup does not know what was answered since, and
// neither does a copy. While nobody has said that it goes on from there (store.Loss),
// nothing closes a decision that lacks answers: not its deadline, not the next ballot, not
// whoever would end it. Its members go on answering until its deadline, and everything else
// goes on as ever. A facilitator can let it rest, also after its deadline, and reopen it
// with a new one: its members were asked anew by that where it is announced to them, as long
// before the new deadline as the size asks for. And once the loss is accepted it is closed
// in the ordinary way: at its deadline's own instant, an overdue one by the next answer, or
// by whoever ends it. In a copy for a rehearsal, which nobody accepts, it stays as it is.

// lossOf is what the database may lack, read once for a decision and a transaction.
func (o *opened) lossOf(ctx context.Context) (store.Loss, error) {
	if o.loss == nil {
		l, err := o.tx.Loss(ctx)
		if err != nil {
			return l, err
		}
		o.loss = &l
	}
	return *o.loss, nil
}

// unclosed says that an act at an instant neither finds the decision closed nor closes it,
// since answers may be missing. It is looked for only where something could be closed:
// a ballot before the deadline asks for nothing more than ever.
func (o *opened) unclosed(ctx context.Context, d *decisions.Decision, at instant.Instant) (bool, error) {
	if d.State != decisions.Overdue && !d.Due(at) {
		return false, nil
	}
	l, err := o.lossOf(ctx)
	return err == nil && lacks(l, d), err
}

func lacks(l store.Loss, d *decisions.Decision) bool { return l.Open && d.Lacks(l.From, l.Until) }

// lackingWords say why nothing closes a decision, and what to do, as one sentence.
func lackingWords(l store.Loss, zone *time.Location) string {
	const then = "nothing closes this decision by itself. A facilitator can let it rest, reopen it with a new deadline and record that its members were told of that, as long before it as the size asks for (goodstanding decisions announce); or it is closed by the answers that are here, once a treasurer has started the notices"
	if l.From == 0 {
		return "this database is a copy, and answers that were given elsewhere may be missing: " + then
	}
	return fmt.Sprintf("this database was put back from a backup of %s, and answers that were given since may be missing: %s", l.From.Time().In(zone).Format("2 January 2006"), then)
}

// stepOne carries out one event, and closes what it may.
func (o *opened) stepOne(ctx context.Context, d *decisions.Decision, ev decisions.Event) ([]decisions.Event, decisions.Decision, error) {
	look := o.look(ctx, ev.At)
	unclosed, err := o.unclosed(ctx, d, ev.At)
	if err != nil {
		return nil, *d, err
	}
	if !unclosed {
		return d.Step(ev, look)
	}
	if !mayLacking(d, ev.Kind, ev.At) {
		return nil, *d, &decisions.Refusal{Event: ev.Kind, State: d.State, Reasons: []decisions.Reason{lackingReason(*o.loss, d)}}
	}
	ev.Lost = ev.Kind == decisions.Stall && d.Due(ev.At)
	return d.StepLacking(ev, look)
}

// mayLacking says whether an event may be at all while a decision lacks answers.
func mayLacking(d *decisions.Decision, kind decisions.EventKind, at instant.Instant) bool {
	return kind == decisions.Stall || kind != decisions.End && !d.Due(at)
}

func lackingReason(l store.Loss, d *decisions.Decision) decisions.Reason {
	return decisions.Reason{Code: decisions.AnswersMissing, Text: lackingWords(l, d.Zone)}
}

// Lacking says why nothing closes the decision now, and what to do: answers may be missing,
// since the database was put back from a backup or is a copy. "" where it is closed as ever.
func (v *View) Lacking() string {
	if !lacks(v.Loss, &v.Decision) {
		return ""
	}
	return lackingWords(v.Loss, v.Decision.Zone)
}

// Lacking are the decisions that nothing closes now, since answers may be missing
// (View.Lacking), by number.
func (c *Chair) Lacking(ctx context.Context) ([]View, error) {
	all, err := c.List(ctx)
	return slices.DeleteFunc(all, func(v View) bool { return v.Lacking() == "" }), err
}

// NoteLoss notes that the database is a copy, where it is one: what comes later comes here.
// Asking twice changes nothing.
func (c *Chair) NoteLoss(ctx context.Context) error {
	if err := c.db.NoteLoss(ctx, c.now()); err != nil {
		return fmt.Errorf("look whether answers may be missing: %w", err)
	}
	return nil
}
