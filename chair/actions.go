package chair

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Propose makes a draft, in the name of a member that has a vote.
func (c *Chair) Propose(ctx context.Context, by By, p decisions.Proposal) (Result, error) {
	result, _, err := c.propose(ctx, c.NewDraft(), by, p)
	return result, err
}

// propose makes a draft with an id; there: there is a decision with it already, and
// nothing was done.
func (c *Chair) propose(ctx context.Context, id ID, by By, p decisions.Proposal) (result Result, there bool, err error) {
	err = c.db.InTx(ctx, store.Decisions, c.now(), func(tx *store.Tx) error {
		if err := by.permitted(ctx, tx); err != nil {
			return err
		}
		if _, there, err = tx.LockDecision(ctx, string(id)); err != nil || there {
			return err
		}
		o, err := c.begun(ctx, tx, id)
		if err != nil {
			return err
		}
		ev := decisions.Event{Kind: decisions.Propose, At: tx.Now(), Proposal: &p}
		if err := o.parties(ctx, by, &ev); err != nil {
			return err
		}
		after, err := o.d.Apply(ev)
		if err != nil { // nothing is begun then
			return err
		}
		if err := o.write(ctx, []decisions.Event{ev}, after); err != nil {
			return err
		}
		result, err = o.result(ctx, tx.Now())
		return err
	})
	if err != nil {
		return Result{}, false, actError(decisions.Propose, err)
	}
	return result, there, nil
}

// plain is an event that is its kind and its words.
func (c *Chair) plain(ctx context.Context, id ID, by By, kind decisions.EventKind, words string) (Result, error) {
	return c.act(ctx, id, by, kind, func(_ context.Context, _ *opened, ev *decisions.Event) error {
		ev.Words = words
		return nil
	})
}

// Edit replaces a draft.
func (c *Chair) Edit(ctx context.Context, id ID, by By, p decisions.Proposal) (Result, error) {
	return c.act(ctx, id, by, decisions.Edit, func(_ context.Context, _ *opened, ev *decisions.Event) error {
		ev.Proposal = &p
		return nil
	})
}

// Change is Edit for who changes a part of a draft: change gets it as it stands
// in the transaction.
func (c *Chair) Change(ctx context.Context, id ID, by By, change func(*decisions.Proposal)) (Result, error) {
	return c.act(ctx, id, by, decisions.Edit, func(_ context.Context, o *opened, ev *decisions.Event) error {
		p := o.d.Proposal
		change(&p)
		ev.Proposal = &p
		return nil
	})
}

// Log notes a small decision.
func (c *Chair) Log(ctx context.Context, id ID, by By) (Result, error) {
	return c.plain(ctx, id, by, decisions.Log, "")
}

// begin gives an event the rules in force, the electorate and, where there is
// none, a number.
func begin(ctx context.Context, o *opened, ev *decisions.Event) error {
	v, ok, err := o.c.roll.PolicyAt(ctx, o.tx, ev.At, o.tx.Known())
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("no policy is in force: see goodstanding policy")
	}
	rules := v.Decisions
	ev.Policy, ev.Rules = v.ID(), &rules
	voters, err := o.c.roll.Voters(ctx, o.tx, ev.At, o.tx.Known())
	if err != nil {
		return err
	}
	ev.Electorate = voters.Electorate()
	if o.d.Number == 0 {
		number, err := o.tx.NextDecisionNumber(ctx)
		if err != nil {
			return err
		}
		ev.Number = int(number)
	}
	return nil
}

// Open gives a draft its number, its electorate, the rules in force and its
// deadline.
func (c *Chair) Open(ctx context.Context, id ID, by By) (Result, error) {
	return c.act(ctx, id, by, decisions.Open, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		if err := o.enactable(ctx, o.d.Proposal.Attachment); err != nil {
			return err
		}
		if err := o.admittable(ctx, ev.At); err != nil {
			return err
		}
		return begin(ctx, o, ev)
	})
}

// admittable says why an applicant could not be admitted: it is none, or another
// decision about it is being taken, which would do the same.
func (o *opened) admittable(ctx context.Context, at instant.Instant) error {
	id := o.d.Proposal.Applicant
	if id == "" {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return &roll.Refused{What: "open the decision", Reasons: []string{fmt.Sprintf(format, args...)}}
	}
	voters, err := o.c.roll.Voters(ctx, o.tx, at, o.tx.Known(), id)
	if err != nil {
		return err
	}
	if voters[id].Membership != decisions.Applied {
		return refuse("who would be admitted has not applied, or is a member already")
	}
	heads, err := o.tx.DecisionHeads(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Decision == string(o.id) || !decisions.State(h.State).Running() {
			continue
		}
		other := &opened{c: o.c, tx: o.tx, id: ID(h.Decision), head: h}
		if err := other.read(ctx); err != nil {
			return err
		}
		if other.d.Proposal.Applicant == id {
			return refuse("decision %d about the same applicant is being taken", h.Number)
		}
	}
	return nil
}

// enactable says why an attached policy could not be enacted. That there is none
// is the rules' to refuse.
func (o *opened) enactable(ctx context.Context, attachment string) error {
	if o.d.Proposal.Kind != decisions.Policy || attachment == "" {
		return nil
	}
	return o.c.roll.CheckDecided(ctx, o.tx, o.d.Proposal.Version, attachment)
}

// Escalate makes a small or medium decision a larger one.
func (c *Chair) Escalate(ctx context.Context, id ID, by By, to decisions.Size, reason string) (Result, error) {
	return c.act(ctx, id, by, decisions.Escalate, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		ev.Size, ev.Words = to, reason
		return begin(ctx, o, ev)
	})
}

// Announce records that and where the members were told of the opening.
func (c *Chair) Announce(ctx context.Context, id ID, by By, place string) (Result, error) {
	return c.plain(ctx, id, by, decisions.Announce, place)
}

// Amend replaces the text; editorially where no meaning changes.
func (c *Chair) Amend(ctx context.Context, id ID, by By, change func(*decisions.Text), editorial bool) (Result, error) {
	return c.act(ctx, id, by, decisions.Amend, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		text := o.d.Proposal.Text
		change(&text)
		ev.Text, ev.Editorial = &text, editorial
		return o.enactable(ctx, text.Attachment)
	})
}

// CallMaterial says that an editorial amendment was none.
func (c *Chair) CallMaterial(ctx context.Context, id ID, by By) (Result, error) {
	return c.plain(ctx, id, by, decisions.CallMaterial, "")
}

// Cast is a member's ballot; the last one counts. Against and block carry a
// concern in words. Who takes a break ends it by casting (domain.md, section 5).
func (c *Chair) Cast(ctx context.Context, id ID, by By, answer decisions.Answer, concern string) (Result, error) {
	return c.act(ctx, id, by, decisions.Cast, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		ev.Answer, ev.Words = answer, concern
		if ev.By.Verdict.Membership != decisions.Paused {
			return nil
		}
		return o.resume(ctx, by, ev)
	})
}

// Put is Cast for who may ask twice, because an answer was lost: where the same
// ballot of the member stands already, in the same words and on the same text,
// whoever of its delegates cast it, nothing is written and its receipt is given
// again, also once the decision is over and whatever the actor has seen of it: the
// state that is asked for is there. On a page that shows the ballot (By.AmongOthers) the
// same one is an answer of now, and written. A member that pauses casts anew.
func (c *Chair) Put(ctx context.Context, id ID, by By, answer decisions.Answer, concern string) (Result, error) {
	return c.act(ctx, id, by, decisions.Cast, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		ev.Answer, ev.Words = answer, concern
		if ev.By.Verdict.Membership == decisions.Paused && o.d.State.Running() {
			return o.resume(ctx, by, ev)
		}
		o.standing = o.d.Electorate.Has(ev.By.Member) && o.d.HasBallot(ev.By.Member, answer, concern)
		return nil
	})
}

// stood is the entry of what stands already: a ballot of a member, or the text of a
// draft. anew: who answers had that ballot before its eyes and gives it once more, while
// the decision runs. That is no second sending of one form, and it counts as an answer
// of now, which no earlier one overtakes that is heard of later, such as a sign that
// somebody set in a room before.
func (o *opened) stood(ctx context.Context, by By, ev *decisions.Event) (entry *store.DecisionEntry, anew bool, err error) {
	entries, err := o.tx.DecisionEntries(ctx, string(o.id))
	if err != nil {
		return nil, false, err
	}
	saw := by.AmongOthers && ev.Kind == decisions.Cast && o.d.State.Running()
	for _, e := range slices.Backward(entries) {
		anew = anew || saw && e.Hash == by.Seen
		kind := decisions.EventKind(e.Kind)
		if ev.Kind == decisions.Edit && (kind == decisions.Edit || kind == decisions.Propose) {
			return &e, false, nil
		}
		if ev.Kind != decisions.Cast || kind != decisions.Cast {
			continue
		}
		var p private
		if err := json.Unmarshal([]byte(e.Private), &p); err != nil {
			return nil, false, fmt.Errorf("entry %d of decision %s cannot be read: %w", e.Seq, e.Decision, err)
		}
		if p.Event.By.Member == ev.By.Member {
			return &e, anew, nil
		}
	}
	return nil, false, fmt.Errorf("decision %s has no entry of what stands", o.id)
}

// resume ends the pause of the member that casts, and lets it join the electorate.
func (o *opened) resume(ctx context.Context, by By, ev *decisions.Event) error {
	if !o.effects {
		return errEffects
	}
	if _, err := o.c.roll.ResumeByVoting(ctx, o.tx, by.Actor, ev.By.Member, ev.At); err != nil {
		return err
	}
	voters, err := o.c.roll.Voters(ctx, o.tx, ev.At, o.tx.Known(), ev.By.Member)
	if err != nil {
		return err
	}
	ev.By.Verdict = voters[ev.By.Member]
	o.first = []decisions.Event{} // what is refused now takes the end of the pause back
	if !o.d.Electorate.Has(ev.By.Member) {
		o.first = append(o.first, decisions.Event{Kind: decisions.Join, At: ev.At, By: ev.By, Member: ev.By.Member, Verdict: ev.By.Verdict})
	}
	return nil
}

// Retract takes a member's ballot back.
func (c *Chair) Retract(ctx context.Context, id ID, by By) (Result, error) {
	return c.plain(ctx, id, by, decisions.Retract, "")
}

// Object is a member's objection, with its concern.
func (c *Chair) Object(ctx context.Context, id ID, by By, concern string) (Result, error) {
	return c.plain(ctx, id, by, decisions.Object, concern)
}

// Unobject withdraws a member's objection.
func (c *Chair) Unobject(ctx context.Context, id ID, by By) (Result, error) {
	return c.plain(ctx, id, by, decisions.Unobject, "")
}

// MoreTime moves the deadline by the policy's span.
func (c *Chair) MoreTime(ctx context.Context, id ID, by By, reason string) (Result, error) {
	return c.plain(ctx, id, by, decisions.MoreTime, reason)
}

// AnswerConcern is the proposer's answer to a concern, by its number.
func (c *Chair) AnswerConcern(ctx context.Context, id ID, by By, concern int, answer string) (Result, error) {
	return c.act(ctx, id, by, decisions.AnswerConcern, func(_ context.Context, _ *opened, ev *decisions.Event) error {
		ev.Concern, ev.Words = concern, answer
		return nil
	})
}

// Nudge reminds the members waited for.
func (c *Chair) Nudge(ctx context.Context, id ID, by By) (Result, error) {
	return c.plain(ctx, id, by, decisions.Nudge, "")
}

// Withdraw takes the proposal back, for good.
func (c *Chair) Withdraw(ctx context.Context, id ID, by By, reason string) (Result, error) {
	return c.plain(ctx, id, by, decisions.Withdraw, reason)
}

// Stall lets a decision rest.
func (c *Chair) Stall(ctx context.Context, id ID, by By, reason string) (Result, error) {
	return c.plain(ctx, id, by, decisions.Stall, reason)
}

// Reopen takes a stalled decision up again, with a new deadline, which its members are told
// of: silence counts only once they were. One that was imported is opened here for the
// first time by it.
func (c *Chair) Reopen(ctx context.Context, id ID, by By, deadline decisions.Day) (Result, error) {
	return c.act(ctx, id, by, decisions.Reopen, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		ev.Deadline = deadline
		if ev.Anew = !o.d.Untaken(); ev.Anew {
			return nil
		}
		return begin(ctx, o, ev)
	})
}

// End ends an overdue decision by the tally as it stands. Where that hangs on whether a
// member counts that has gone since the deadline, two people settle that first.
func (c *Chair) End(ctx context.Context, id ID, by By, reason string) (Result, error) {
	return c.act(ctx, id, by, decisions.End, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		ev.Words = reason
		roll, err := o.look(ctx, ev.At)(ev.At)
		if err != nil {
			return err
		}
		asked := *ev
		asked.Roll = roll
		return o.besides(asked, o.d.Unclear(roll))
	})
}

// Seat is a change of the electorate, which two people agree on.
type Seat string

// The changes of an electorate.
const (
	AddSeat    Seat = "add"    // a member was wrongly left out
	RemoveSeat Seat = "remove" // a member was wrongly let in
	SettleIn   Seat = "in"     // who has gone after the deadline counts all the same
	SettleOut  Seat = "out"    // and does not
)

var seatEvents = map[Seat]decisions.EventKind{AddSeat: decisions.AddSeat, RemoveSeat: decisions.RemoveSeat, SettleIn: decisions.Settle, SettleOut: decisions.Settle}

// ChangeElectorate adds or removes a member, or settles whether one that has
// gone after the deadline counts.
func (c *Chair) ChangeElectorate(ctx context.Context, id ID, by By, change Seat, about member.ID, reason string) (Result, error) {
	kind, ok := seatEvents[change]
	if !ok {
		return Result{}, fmt.Errorf("%q is no change of an electorate: write add, remove, in or out", change)
	}
	return c.act(ctx, id, by, kind, func(ctx context.Context, o *opened, ev *decisions.Event) error {
		return o.seat(ctx, ev, change, about, reason)
	})
}
