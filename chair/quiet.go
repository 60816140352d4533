package chair

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// quietAfter is how many large decisions in a row a member can leave unanswered
// before the desk tells (domain.md, section 7).
const quietAfter = 3

// Unanswered are the members that had a place in each of the last three large
// decisions that ended by a tally, and answered none of them. Fewer such
// decisions tell nothing.
func Unanswered(ctx context.Context, tx *store.Tx) (map[member.ID]roll.Quiet, error) {
	heads, err := tx.DecisionHeads(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who answers: %w", err)
	}
	heads = slices.DeleteFunc(heads, func(h store.DecisionHead) bool {
		s := decisions.State(h.State)
		return !s.Final() || s == decisions.Withdrawn
	})
	arrange.By(heads, newestFirst)
	out := map[member.ID]roll.Quiet{}
	large := 0
	for _, h := range heads {
		o := &opened{tx: tx, id: ID(h.Decision)}
		if err := o.read(ctx); err != nil {
			return nil, fmt.Errorf("read who answers: %w", err)
		}
		if !askedAll(&o.d) {
			continue
		}
		if large++; large == 1 {
			for _, s := range o.d.Electorate {
				out[s.Member] = roll.Quiet{}
			}
		}
		for id, quiet := range out {
			if _, answered := o.d.Ballots[id]; answered || !o.d.Electorate.Has(id) {
				delete(out, id)
				continue
			}
			quiet.Numbers, quiet.Since = append(quiet.Numbers, o.d.Number), o.d.Outcome.At
			slices.Sort(quiet.Numbers)
			out[id] = quiet
		}
		if large == quietAfter {
			return out, nil
		}
	}
	return nil, nil
}

func newestFirst(a, b store.DecisionHead) int {
	return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.Number, a.Number))
}

// askedAll says that it is a large decision which ended by a tally: every member of
// its electorate was asked. Nobody answered here what was imported.
func askedAll(d *decisions.Decision) bool {
	return d.Size() == decisions.Large && d.State.Final() && d.State != decisions.Withdrawn && d.Outcome != nil
}

// Turnout is how often members answered large decisions that are over.
type Turnout struct {
	Decisions []*View // that are looked at, the newest first
	Members   []Answered
}

// Answered is how one member answered those decisions: a mark for each, in their
// order.
type Answered struct {
	Member   member.ID
	Marks    []Mark
	Answered int
	Asked    int  // in how many of them it had a place
	Quiet    bool // it had a place in each of the last three, and answered none
}

// Mark is whether a member answered one decision.
type Mark int

// The marks.
const (
	NotAsked  Mark = iota // it had no place in the electorate
	DidAnswer             // it has a ballot
	DidNot
)

// TurnoutOf is who answered the newest large decisions that ended by a tally, at most
// most of them, among views: by member id. It is for members alone (domain.md,
// section 8: the public never reads who has not answered).
func TurnoutOf(views []View, most int) Turnout {
	var t Turnout
	for i := range views {
		if askedAll(&views[i].Decision) {
			t.Decisions = append(t.Decisions, &views[i])
		}
	}
	arrange.By(t.Decisions, func(a, b *View) int {
		return cmp.Or(cmp.Compare(b.Decision.Outcome.At, a.Decision.Outcome.At), cmp.Compare(b.Decision.Number, a.Decision.Number))
	})
	t.Decisions = t.Decisions[:min(most, len(t.Decisions))]
	rows := map[member.ID]*Answered{}
	for i, v := range t.Decisions {
		for _, s := range v.Decision.Electorate {
			if rows[s.Member] == nil {
				rows[s.Member] = &Answered{Member: s.Member, Marks: make([]Mark, len(t.Decisions))}
			}
			rows[s.Member].mark(&v.Decision, i)
		}
	}
	for _, a := range rows {
		last := a.Marks[:min(quietAfter, len(a.Marks))]
		a.Quiet = len(last) == quietAfter && !slices.ContainsFunc(last, func(m Mark) bool { return m != DidNot })
		t.Members = append(t.Members, *a)
	}
	arrange.By(t.Members, func(a, b Answered) int { return cmp.Compare(a.Member, b.Member) })
	return t
}

func (a *Answered) mark(d *decisions.Decision, i int) {
	a.Asked++
	a.Marks[i] = DidNot
	if _, cast := d.Ballots[a.Member]; cast {
		a.Answered++
		a.Marks[i] = DidAnswer
	}
}
