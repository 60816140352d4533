package chair

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// LetterAbout is what a notice about a decision says now, as far as the decision
// tells it: its Kind, Decision and, of ballot_cast, Members, By and Answer. The
// addresses of pages are the sender's to add. ok is false where there is nothing to
// say any more: the decision is over, or rests, and its members read that instead;
// a later notice says more; or nobody that the recipient acts for is waited for.
//
// Of a decision for members alone the room reads no words of people, who proposed it
// or how the ballots fell: such a room is open to anybody who joins it, and lists
// that everybody reads show the number and the outcome (domain.md, section 5). What a
// member needs to find it and to be in time is said all the same.
func (c *Chair) LetterAbout(ctx context.Context, tx *store.Tx, row store.OutboxRow) (data letter.Data, ok bool, err error) {
	id, seq, ok := ReadCause(row.Cause)
	if !ok {
		return data, false, fmt.Errorf("the notice %s is about no decision", row.ID)
	}
	k, err := c.toTell(ctx, tx, id)
	if err != nil {
		return data, false, actError("write a letter", err)
	}
	o := k.o
	o.tx = tx
	if seq > int64(len(o.entries)) {
		return data, false, fmt.Errorf("decision %s has no entry %d", id, seq)
	}
	w := &writing{opened: &o, v: k.v, says: k.says, row: &row, ev: &o.events[seq-1], entry: &o.entries[seq-1], later: o.events[seq:], data: letter.Data{Kind: row.Kind}}
	if w.over() {
		return data, false, nil
	}
	if ok, err = w.fill(ctx); err != nil {
		return data, false, fmt.Errorf("write a letter: %w", err)
	}
	return w.data, ok, nil
}

// writing is a letter that is being written about an entry of a chain.
type writing struct {
	*opened
	v     View
	says  letter.Decision
	row   *store.OutboxRow
	ev    *decisions.Event
	entry *store.DecisionEntry
	later []decisions.Event // what happened since
	data  letter.Data
	names func(member.ID) string
}

// over says that there is nothing to say any more.
func (w *writing) over() bool {
	state := w.v.Decision.State
	switch w.row.Kind {
	case notify.DecisionResult:
		return !state.Final()
	case notify.BallotCast:
		return w.happened(func(ev *decisions.Event) bool {
			return ev.Rules != nil || (ev.Kind == decisions.Cast || ev.Kind == decisions.Retract) && ev.By.Member == w.ev.By.Member
		})
	case notify.DecisionAmended:
		return !state.Running() || w.happened(func(ev *decisions.Event) bool {
			return ev.Rules != nil || ev.Kind == decisions.Amend || ev.Kind == decisions.CallMaterial
		})
	case notify.DecisionMoreTime:
		return !state.Running() || w.happened(func(ev *decisions.Event) bool { return ev.Rules != nil || ev.Kind == decisions.MoreTime })
	}
	return !state.Running() || w.happened(func(ev *decisions.Event) bool { return ev.Rules != nil })
}

func (w *writing) happened(what func(*decisions.Event) bool) bool {
	return slices.ContainsFunc(w.later, func(ev decisions.Event) bool { return what(&ev) })
}

// fill fills the letter's data.
func (w *writing) fill(ctx context.Context) (ok bool, err error) {
	if w.names, err = w.c.roll.NamesIn(ctx, w.tx); err != nil {
		return false, err
	}
	d := &w.says
	if w.row.Recipient == notify.Room { // everybody reads it
		if d.Proposer, err = w.c.roll.PublicName(ctx, w.tx, w.v.Decision.Proposer); err != nil {
			return false, err
		}
	}
	switch w.row.Kind {
	case notify.BallotCast:
		err = w.ballot(ctx)
	case notify.NotVoted:
		mine, err := w.waitedThrough(ctx, &w.v, w.row.Recipient)
		if err != nil || len(mine) == 0 {
			return false, err
		}
		d.Waited = w.named(mine)
	case notify.StillMissing:
		if d.Waited = w.named(w.v.Outcome.Tally.Waiting); len(d.Waited) == 0 {
			return false, nil
		}
	case notify.DecisionResult:
		w.result(d)
	}
	d.Why = w.why()
	if w.row.Recipient == notify.Room && w.v.Decision.Proposal.Visibility == decisions.Members {
		w.forEverybody(d)
	}
	w.data.Decision = d
	return err == nil, err
}

func (w *writing) named(ids []member.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = w.names(id)
	}
	slices.Sort(out)
	return out
}

// saysOf is what every letter about a decision says.
func saysOf(v *View, names func(member.ID) string) letter.Decision {
	x := &v.Decision
	p := &x.Proposal
	d := letter.Decision{
		Number: x.Number, Title: p.Title, Size: string(x.Size()), State: x.State.Words(), Changes: p.Changes, Affects: p.Affects,
		Proposer: names(x.Proposer), Channel: p.Channel, Link: p.Link, Deadline: fmt.Sprintf("the end of %s (%s)", x.Deadline.Words(), x.Zone), Opened: x.Opened, Ends: x.Ends(),
		Seats: len(x.Electorate), Electorate: x.Electorate.Hash(), WaitedFor: len(v.Outcome.Tally.Waiting), Revision: x.Revision, Overdue: x.State == decisions.Overdue,
	}
	rule := x.Rule()
	for _, c := range rule.PassesIf {
		d.Rule = append(d.Rule, c.Clause())
	}
	for _, a := range rule.Answers {
		d.Answers = append(d.Answers, letter.Sign{Answer: string(a), Sign: a.Sign()})
	}
	return d
}

// result adds what it came to and why, the reason of a person last. What was
// withdrawn was not counted.
func (w *writing) result(d *letter.Decision) {
	x, o := &w.v.Decision, w.v.Decision.Outcome
	d.Outcome, d.Head = x.State.Words(), w.entry.Hash
	if o != nil {
		w.counted(d, o)
	}
	if w.ev.Words != "" { // it was ended, or withdrawn
		d.Reasons = append(d.Reasons, w.ev.Words)
	}
}

func (w *writing) counted(d *letter.Decision, o *decisions.Outcome) {
	t := &o.Tally
	counts := map[decisions.Answer]int{decisions.Favour: t.Favour, decisions.Against: t.Against, decisions.Abstain: t.Abstain, decisions.Block: t.Block}
	for _, a := range w.v.Decision.Rule().Answers {
		d.Tally = append(d.Tally, letter.Count{Answer: string(a), N: counts[a]})
	}
	for _, l := range o.Lines {
		d.Reasons = append(d.Reasons, l.Text)
	}
	d.Reasons = append(d.Reasons, o.Sensitivity)
}

// why is the reason that was given, or what kind of change it was.
func (w *writing) why() string {
	switch w.ev.Kind {
	case decisions.Amend:
		if w.ev.Editorial {
			return "editorial"
		}
		return "a new text"
	case decisions.CallMaterial:
		return "an editorial amendment was called material"
	case decisions.MoreTime, decisions.Escalate:
		return w.ev.Words
	case decisions.Announce, decisions.Close:
		if w.row.Kind == notify.DecisionMoreTime {
			return "it was announced too late for the old deadline"
		}
	}
	return ""
}

// ballot says whose it is, who cast it or took it back, and what it is.
func (w *writing) ballot(ctx context.Context) error {
	if err := w.readPeople(ctx); err != nil {
		return err
	}
	w.data.Members = []letter.Member{{Name: w.names(w.ev.By.Member), Happened: w.ev.At}}
	w.data.Answer = string(w.ev.Answer)
	for _, p := range w.people {
		if p.ID == w.ev.By.Person {
			w.data.By, w.data.Person = p.Name, p.Name
		}
	}
	return nil
}

// forEverybody leaves out what members alone may read.
func (w *writing) forEverybody(d *letter.Decision) {
	d.MembersOnly = true
	d.Title, d.Changes, d.Affects, d.Proposer, d.Channel, d.Link = "", "", "", "", "", ""
	if w.ev.Kind == decisions.MoreTime || w.ev.Kind == decisions.Escalate { // otherwise it is no word of people
		d.Why = ""
	}
	d.Tally, d.Reasons = nil, nil
}
