package chair

import (
	"context"
	"errors"
	"fmt"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Move asks for a change of the electorate that a second person of another member has
// to agree to (domain.md, section 5): Second does it then. What could not be done
// whoever agrees is refused at once, like ChangeElectorate.
func (c *Chair) Move(ctx context.Context, id ID, by By, change Seat, about member.ID, reason string) (motion string, err error) {
	kind, ok := seatEvents[change]
	if !ok {
		return "", fmt.Errorf("%q is no change of an electorate: write add, remove, in or out", change)
	}
	var acting member.ID
	err = c.db.View(ctx, func(tx *store.Tx) error {
		o := &opened{c: c, tx: tx, id: id}
		if err := o.read(ctx); err != nil {
			return err
		}
		v, err := o.view(ctx) // what is due is closed in it
		if err != nil {
			return err
		}
		ev := decisions.Event{Kind: kind, At: max(c.now(), v.Decision.Last)}
		if err := o.parties(ctx, by, &ev); err != nil {
			return err
		}
		acting = ev.By.Member
		// Whoever agrees is of another member; all else is looked at now.
		ev.Second = decisions.Party{Person: "somebody else", Member: "another member"}
		if lacks(v.Loss, &v.Decision) && !mayLacking(&v.Decision, kind, ev.At) {
			return &decisions.Refusal{Event: kind, State: v.Decision.State, Reasons: []decisions.Reason{lackingReason(v.Loss, &v.Decision)}}
		}
		if err := o.seat(ctx, &ev, change, about, reason); err != nil {
			return err
		}
		_, err = v.Decision.Apply(ev)
		return err
	})
	if err != nil {
		return "", actError(kind, err)
	}
	return c.roll.Move(ctx, roll.By{Actor: by.Actor, Reason: reason}, roll.NewMotion{Kind: string(change), Decision: string(id), About: about, Member: acting})
}

// Second agrees to a change of an electorate that another person has asked for, and
// carries it out. Its entry names who agreed first, and who had asked beside.
func (c *Chair) Second(ctx context.Context, motion string, by By) (Result, error) {
	m, err := c.roll.WaitingMotion(ctx, motion)
	if err != nil {
		return Result{}, err
	}
	change := Seat(m.Kind)
	kind, ok := seatEvents[change]
	if !ok {
		return Result{}, &roll.Refused{What: "agree", Reasons: []string{"it is no change of an electorate that is asked for"}}
	}
	by.Second, by.SecondMember = &member.Actor{ID: string(m.Person)}, m.Member
	return c.act(ctx, ID(m.Decision), by, kind, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		m, err := c.roll.Motion(ctx, o.tx, motion)
		if err != nil {
			return err
		}
		o.then = func(ctx context.Context) error { return roll.Carried(ctx, o.tx, m) }
		return o.seat(ctx, ev, change, m.About, m.Reason)
	})
}

// seat fills in what a change of the electorate says. Who has applied, or has left, is
// no member whose people could agree to it.
func (o *opened) seat(ctx context.Context, ev *decisions.Event, change Seat, about member.ID, reason string) error {
	for _, p := range []decisions.Party{ev.By, ev.Second} {
		if m := p.Verdict.Membership; p.Member != "" && (m == decisions.Applied || m == decisions.Left) {
			return &NotYours{"the two have to act for members that are admitted and have not left"}
		}
	}
	voters, err := o.c.roll.Voters(ctx, o.tx, ev.At, o.tx.Known(), about)
	if err != nil {
		return err
	}
	ev.Member, ev.Verdict, ev.Counts, ev.Words = about, voters[about], change == SettleIn, reason
	if ev.Kind != decisions.Settle {
		return nil
	}
	ev.Deadline = o.d.Deadline
	return o.besides(*ev, o.d.Unsettled(ev.Verdict))
}

// besides refuses an act for reasons that logs are read without, with every other one;
// nil where there are none: what was done before stays.
func (o *opened) besides(ev decisions.Event, more []decisions.Reason) error {
	if len(more) == 0 {
		return nil
	}
	refusal := &decisions.Refusal{Event: ev.Kind, State: o.d.State}
	if _, err := o.d.Apply(ev); err != nil && !errors.As(err, &refusal) {
		return err
	}
	refusal.Reasons = append(refusal.Reasons, more...)
	return refusal
}
