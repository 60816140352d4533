package chair

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// draft makes the event that an act is about, once the decision is known and
// its parties are.
type draft func(ctx context.Context, o *opened, ev *decisions.Event) error

// act carries out one event on a decision. What is due, of this decision and of
// all others, is closed before it.
func (c *Chair) act(ctx context.Context, id ID, by By, kind decisions.EventKind, make draft) (Result, error) {
	if slices.Contains(together, kind) {
		if result, err, done := c.share(ctx, id, by, kind, make); done {
			return result, err
		}
	}
	if _, err := c.CloseDue(ctx); err != nil {
		return Result{}, err
	}
	result, err := c.try(ctx, id, by, kind, make, store.Decisions)
	if errors.Is(err, errEffects) {
		result, err = c.try(ctx, id, by, kind, make, store.Entries)
	}
	return result, err
}

func (c *Chair) try(ctx context.Context, id ID, by By, kind decisions.EventKind, make draft, stream store.Stream) (Result, error) {
	var result Result
	var refusal error
	err := c.db.InTx(ctx, stream, c.now(), func(tx *store.Tx) error {
		refusal = nil
		if err := by.permitted(ctx, tx); err != nil {
			return err
		}
		o, err := c.take(ctx, tx, id)
		if err != nil {
			return err
		}
		o.effects = stream == store.Entries
		ev, err := o.asked(ctx, by, kind, make)
		if err != nil {
			return err
		}
		now := ev.At
		if o.standing {
			entry, anew, err := o.stood(ctx, by, &ev)
			if err != nil {
				return err
			}
			if !anew {
				result, err = o.result(ctx, now)
				result.Receipt = o.receipt(entry)
				return err
			}
		}
		if err := o.seen(ctx, by, &ev); err != nil {
			return err
		}
		warnings := o.d.Warnings(&ev)
		events, after, err := o.step(ctx, ev)
		if refused := (*decisions.Refusal)(nil); errors.As(err, &refused) && o.first == nil {
			refusal, err = err, nil
		}
		if err != nil {
			return err
		}
		if len(events) > 0 {
			if err := o.write(ctx, events, after); err != nil {
				return err
			}
		}
		if o.then != nil && refusal == nil {
			if err := o.then(ctx); err != nil {
				return err
			}
		}
		if result, err = o.result(ctx, now); err != nil {
			return err
		}
		result.Warnings = warnings
		if last := len(events) - 1; last >= 0 && events[last].Kind != kind && refusal == nil {
			result.Receipt, err = o.receiptOf(ctx, o.head.Seq-int64(last), kind)
		}
		return err
	})
	if err != nil {
		return Result{}, actError(kind, err)
	}
	return result, refusal
}

// beginning are the events from which on members may answer.
var beginning = []decisions.EventKind{decisions.Open, decisions.Escalate, decisions.Reopen}

// asked is the event that an act asks for, now and not before anything that happened:
// who acts, what comes first, and what it is about.
func (o *opened) asked(ctx context.Context, by By, kind decisions.EventKind, make draft) (decisions.Event, error) {
	ev := decisions.Event{Kind: kind, At: max(o.tx.Now(), o.d.Last)}
	if slices.Contains(beginning, kind) && !o.d.State.Running() {
		// Who is a delegate now was one before the opening, by whatever clock (roll: act.inOrder).
		ev.At = max(ev.At, o.tx.Known())
	}
	if err := o.parties(ctx, by, &ev); err != nil {
		return ev, err
	}
	if err := o.join(ctx, &ev); err != nil {
		return ev, err
	}
	return ev, make(ctx, o, &ev)
}

func (by By) permitted(ctx context.Context, tx *store.Tx) error {
	if by.Permit == nil {
		return nil
	}
	return by.Permit(ctx, tx)
}

// seen says whether the decision is still what the actor has seen of it, as far as that
// counts (By.Seen, By.AmongOthers).
func (o *opened) seen(ctx context.Context, by By, ev *decisions.Event) error {
	if by.Seen == "" || by.Seen == o.head.Hash {
		return nil
	}
	entries, err := o.tx.DecisionEntries(ctx, string(o.id))
	if err != nil {
		return err
	}
	moved := &Moved{Head: o.head.Hash}
	i := slices.IndexFunc(entries, func(e store.DecisionEntry) bool { return e.Hash == by.Seen })
	if i < 0 {
		return moved
	}
	events, err := eventsOf(ctx, o.tx, entries[i+1:])
	if err != nil {
		return err
	}
	for n, since := range events {
		if by.AmongOthers && slices.Contains(answering, ev.Kind) && passesBy(&entries[i+n], &entries[i+n+1], &since, ev.By.Member) {
			continue
		}
		moved.Since = append(moved.Since, fmt.Sprintf("%s: %s", since.At, since.Kind.Past()))
	}
	if len(moved.Since) == 0 {
		return nil
	}
	return moved
}

// answering is what members do at the same time: none of it changes what another of
// them answers to.
var answering = []decisions.EventKind{decisions.Cast, decisions.Retract, decisions.Object, decisions.Unobject}

// sameQuestion are the events that leave the text and the size of a decision as they are.
var sameQuestion = []decisions.EventKind{decisions.Announce, decisions.Cast, decisions.Retract, decisions.Object, decisions.Unobject, decisions.AnswerConcern,
	decisions.Nudge, decisions.Join, decisions.AddSeat, decisions.RemoveSeat, decisions.Settle, decisions.Close}

// passesBy says that an entry changes nothing for a member that answers: neither the
// text, the size, the state nor the deadline, and nothing of its own.
func passesBy(before, e *store.DecisionEntry, ev *decisions.Event, id member.ID) bool {
	return slices.Contains(sameQuestion, ev.Kind) && e.State == before.State && e.Due == before.Due && ev.By.Member != id
}

// receiptOf is the receipt of the last entry of a kind from a place of the chain
// on, where others came after it in the same transaction.
func (o *opened) receiptOf(ctx context.Context, from int64, kind decisions.EventKind) (Receipt, error) {
	entries, err := o.tx.DecisionEntriesAfter(ctx, string(o.id), from-1)
	if err != nil {
		return Receipt{}, err
	}
	for _, e := range slices.Backward(entries) {
		if e.Kind == string(kind) {
			return o.receipt(&e), nil
		}
	}
	return Receipt{}, fmt.Errorf("decision %s has no entry of the %s that was just written", o.id, kind)
}

func (o *opened) receipt(e *store.DecisionEntry) Receipt {
	return Receipt{Decision: o.id, Number: int(e.Number), Seq: e.Seq, Hash: e.Hash, At: e.At}
}

// step carries out the events that come first and the one that is asked for.
func (o *opened) step(ctx context.Context, ev decisions.Event) (events []decisions.Event, after decisions.Decision, err error) {
	after = o.d
	for _, e := range append(slices.Clone(o.first), ev) {
		done, next, err := o.stepOne(ctx, &after, e)
		events, after = append(events, done...), next
		if err != nil {
			return events, after, err
		}
	}
	return events, after, nil
}

// actError names the act in an error that is no refusal.
func actError(kind decisions.EventKind, err error) error {
	if refuses(err) || errors.Is(err, errEffects) {
		return err
	}
	return fmt.Errorf("%s: %w", kind, err)
}

// result is a decision as it stands, with where its chain ends.
func (o *opened) result(ctx context.Context, now instant.Instant) (Result, error) {
	return o.resultBy(now, o.look(ctx, now))
}

func (o *opened) resultBy(now instant.Instant, look decisions.Look) (Result, error) {
	r := Result{Decision: o.d, Head: o.head.Hash, Receipt: Receipt{Decision: o.id, Number: o.d.Number, Seq: o.head.Seq, Hash: o.head.Hash, At: o.head.At}}
	var err error
	r.Outcome, err = outcomeAt(&o.d, now, look)
	return r, err
}

// outcomeAt is what a decision comes to at an instant; the zero value where it
// neither runs nor is decided.
func outcomeAt(d *decisions.Decision, now instant.Instant, look decisions.Look) (decisions.Outcome, error) {
	switch {
	case d.Outcome != nil:
		return *d.Outcome, nil
	case d.State.Running():
		voters, err := look(now)
		if err != nil {
			return decisions.Outcome{}, err
		}
		return d.Judge(voters, now), nil
	}
	return decisions.Outcome{}, nil
}

// parties says who acts, with the roles and delegations that stand in this
// transaction, whatever they were when the caller looked them up.
func (o *opened) parties(ctx context.Context, by By, ev *decisions.Event) error {
	if err := o.readPeople(ctx); err != nil {
		return err
	}
	p := parting{o: o, people: o.people, kind: ev.Kind, now: ev.At}
	var err error
	if ev.By, err = p.party(ctx, by.Actor, by.Member); err != nil {
		return err
	}
	if by.Second != nil {
		ev.Second, err = p.party(ctx, *by.Second, by.SecondMember)
	}
	return err
}

type parting struct {
	o      *opened
	people []store.PersonInfo
	kind   decisions.EventKind
	now    instant.Instant
}

// facilitating is what a facilitator may do without acting for a member.
var facilitating = []decisions.EventKind{decisions.Announce, decisions.Nudge, decisions.Stall, decisions.Reopen, decisions.End}

func (p *parting) party(ctx context.Context, who member.Actor, forMember member.ID) (decisions.Party, error) {
	i, known := slices.BinarySearchFunc(p.people, who.ID, func(x store.PersonInfo, id string) int { return strings.Compare(string(x.ID), id) })
	if !known || who.Operator {
		return decisions.Party{}, &NotYours{"decisions are people's: say who acts (on the command line with --as NAME); the operator has no voice in them"}
	}
	return partyIn(&p.o.d, p.kind, &p.people[i], forMember, func(id member.ID) (decisions.Verdict, error) { return p.o.verdict(ctx, p.now, id) })
}

// verdict is what the roll says of a member now.
func (o *opened) verdict(ctx context.Context, now instant.Instant, id member.ID) (decisions.Verdict, error) {
	if o.everybody != nil {
		all, err := o.everybody(now)
		if v, ok := all[id]; ok || err != nil {
			return v, err
		}
	}
	roll, err := o.c.roll.Voters(ctx, o.tx, now, o.tx.Known(), id)
	return roll[id], err
}

// delegation is for which member a person acts: the one named, or the only one;
// nil for a person who acts for none.
func delegation(p store.PersonInfo, forMember member.ID) (*store.Delegation, error) {
	switch {
	case forMember != "":
		i := slices.IndexFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == forMember })
		if i < 0 {
			return nil, &NotYours{fmt.Sprintf("%s is no delegate of that member: its delegates, or a treasurer, can add one (goodstanding people delegate)", named(p))}
		}
		return &p.Delegates[i], nil
	case len(p.Delegates) > 1:
		return nil, &NotYours{fmt.Sprintf("%s is delegate of %d members: say for which one (on the command line with --member MEMBER)", named(p), len(p.Delegates))}
	case len(p.Delegates) == 1:
		return &p.Delegates[0], nil
	}
	return nil, nil
}

func named(p store.PersonInfo) string {
	if p.Name != "" {
		return p.Name
	}
	return "this person"
}
