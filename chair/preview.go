package chair

import (
	"context"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Preview is what a proposal would be if it were opened now. Nothing of it is
// written.
type Preview struct {
	// Against is every reason why it could not be opened, or logged, by who asks;
	// Warnings are what is to be known if it is.
	Against, Warnings []string
	// Decision is the decision as it would be opened, with the number that it would
	// get if nobody opens another one first; a draft where it cannot be shown so.
	Decision decisions.Decision
	Notice   decisions.Notice
	// Votes counts those of its electorate that have a vote now.
	Votes int
	// Mail and Room are what a member's mail and the room would say, without what
	// every letter says of the federation; nil for a small decision, which is told
	// to nobody.
	Mail, Room *letter.Data
}

// Preview shows what a proposal would be if it were opened now: the draft with that
// id, changed to it, or one that is not there yet. A proposal that contradicts
// itself, or that nobody may make, is a *decisions.Refusal or a *NotYours.
func (c *Chair) Preview(ctx context.Context, id ID, by By, p decisions.Proposal) (out Preview, err error) {
	err = c.db.View(ctx, func(tx *store.Tx) error {
		o, err := c.imagined(ctx, tx, id, by, p)
		if err == nil {
			out, err = o.preview(ctx, by)
		}
		return err
	})
	if err != nil {
		return Preview{}, actError(decisions.Open, err)
	}
	return out, nil
}

// imagined is a draft with a proposal that was not saved.
func (c *Chair) imagined(ctx context.Context, tx *store.Tx, id ID, by By, p decisions.Proposal) (*opened, error) {
	o := &opened{c: c, tx: tx, id: id, d: decisions.New(c.zone)}
	kind := decisions.Propose
	_, there, err := tx.Decision(ctx, string(id))
	if err != nil {
		return nil, err
	}
	if there {
		kind = decisions.Edit
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	}
	ev := decisions.Event{Kind: kind, At: max(c.now(), o.d.Last), Proposal: &p}
	if err := o.parties(ctx, by, &ev); err != nil {
		return nil, err
	}
	if there && o.d.State == decisions.Draft && o.d.Proposal == p {
		return o, nil // it is looked at as it stands, perhaps by a facilitator
	}
	next, err := o.d.Apply(ev)
	o.d = next
	return o, err
}

// preview opens a draft, for a look.
func (o *opened) preview(ctx context.Context, by By) (out Preview, err error) {
	now := max(o.c.now(), o.d.Last)
	ev := decisions.Event{Kind: decisions.Open, At: now}
	if o.d.Size() == decisions.Small {
		ev.Kind = decisions.Log
	}
	if err := o.parties(ctx, by, &ev); err != nil {
		return out, err
	}
	if ev.Kind == decisions.Log {
		var reasons []decisions.Reason
		out.Decision, reasons = o.d.Would(ev)
		out.Against = reasonsOf(reasons)
		return out, nil
	}
	if err := o.enactable(ctx, o.d.Proposal.Attachment); err != nil {
		var told bool
		if out.Against, told = roll.Reasons(err); !told {
			return out, err
		}
	}
	if err := o.admittable(ctx, now); err != nil {
		why, told := roll.Reasons(err)
		if !told {
			return out, err
		}
		out.Against = append(out.Against, why...)
	}
	if err := begin(ctx, o, &ev); err != nil {
		return out, err
	}
	out.Warnings = o.d.Warnings(&ev)
	out.Notice = ev.Rules.Weigh(o.d.Size(), decisions.DayOf(now, o.d.Zone), o.d.Proposal.Deadline)
	for _, s := range ev.Electorate {
		if s.Verdict.Vote {
			out.Votes++
		}
	}
	after, reasons := o.d.Would(ev)
	out.Against = append(out.Against, reasonsOf(reasons)...)
	o.d, out.Decision = after, after
	if after.State != decisions.Opened {
		return out, nil
	}
	if out.Mail, err = o.letter(ctx, ev, ""); err == nil {
		out.Room, err = o.letter(ctx, ev, notify.Room)
	}
	return out, err
}

// letter is what a recipient would be told of an event.
func (o *opened) letter(ctx context.Context, ev decisions.Event, to string) (*letter.Data, error) {
	w := &writing{opened: o, row: &store.OutboxRow{Kind: notify.DecisionOpened, Recipient: to}, ev: &ev, data: letter.Data{Kind: notify.DecisionOpened}}
	w.v.Decision = o.d
	var err error
	if w.v.Outcome, err = outcomeAt(&o.d, ev.At, o.look(ctx, ev.At)); err != nil {
		return nil, err
	}
	names, err := o.c.roll.NamesIn(ctx, o.tx)
	if err != nil {
		return nil, err
	}
	w.says = saysOf(&w.v, names)
	_, err = w.fill(ctx)
	return &w.data, err
}
