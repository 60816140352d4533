package web

import (
	"net/url"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// standingCard is what delegates read of their member: how it stands, what that
// means, why, what it rests on, and what to do.
type standingCard struct {
	ID             member.ID
	Name, Standing string
	Tone           string // "good", "late", "bad" or "plain": how the state is shown, beside its words
	Stale          string // the day of the last reading, where that is too long ago
	Since          moment
	Rights         []rightLine
	Why            []whyLine
	Changes        *change // nil where time alone changes nothing
	Minimum        string
	Rules          string // id of the version that decided
	ToDo           []string
	PayURL         string // "" where paying changes nothing, or no page is known
	Ask            string // what to ask the treasurers; "" for nothing
	Line           *timeLine
	Money          []evidence // payments and waivers, which the time line shows
	Older          int        // how many of them the table leaves out
	Other          []evidence // all else that is known
	Waiting        []waitingFor
	Break          breakPart
}

// rightLine is a verdict on one right.
type rightLine struct {
	Words string
	OK    bool
	Until string
}

// waitingFor is a decision that waits for the member's answer.
type waitingFor struct{ Title, Href, Until string }

// waiting are the decisions that wait for a member.
func (m *mine) waiting(memory *Memory, id member.ID) (out []waitingFor) {
	for i := range memory.Views {
		v := &memory.Views[i]
		if d := &v.Decision; d.State.Running() && slices.Contains(v.Outcome.Tally.Waiting, id) {
			out = append(out, waitingFor{nameOf(m.v.lang, d) + ": " + d.Proposal.Title, "/decisions/" + key(v) + "?for=" + url.QueryEscape(string(id)) + "#voice", untilWords(m.v.lang, d)})
		}
	}
	return out
}

// whyLine is a reason in its one wording, with the rights it touches.
type whyLine struct{ Words, Touches string }

// evidence is one fact.
type evidence struct {
	What        string
	From, Until moment
	Amount      string
	Note        string
	Cited       bool
}

// change is what the standing becomes if nothing new happens.
type change struct {
	At    moment
	Words string
}

// mostEvidence bounds each table of facts.
const mostEvidence = 24

var rightWords = [...]string{eligibility.Vote: "vote", eligibility.Listing: "listing", eligibility.Services: "shared services"}

// tones say how a state is shown; its words say the same.
var tones = map[eligibility.State]string{
	eligibility.StateCurrent: "good", eligibility.StateWaived: "good", eligibility.StateGrace: "late", eligibility.StateShort: "bad",
	eligibility.StateLapsed: "bad", eligibility.StateUnpaid: "bad", eligibility.StateSuspended: "bad",
}

// card is the standing by an explanation.
func (m *mine) card(x *roll.Explanation) standingCard {
	s := &x.Standing
	c := standingCard{ID: x.ID, Name: x.Name, Standing: x.People, Tone: tones[s.State], Since: m.day(x.MemberSince), Minimum: x.Minimum, Rules: s.Policy}
	if c.Tone == "" {
		c.Tone = "plain"
	}
	for _, r := range eligibility.Rights {
		c.Rights = append(c.Rights, m.right(s, r))
	}
	for _, reason := range s.Reasons {
		var touched []string
		for _, r := range eligibility.Rights {
			if reason.Rights.Has(r) {
				touched = append(touched, m.say(rightWords[r]))
			}
		}
		c.Why = append(c.Why, whyLine{reason.TextIn(m.v.lang, m.p.o.Zone), strings.Join(touched, ", ")})
	}
	m.toDo(&c, x, leading(m.p.o.Federation.PayURL).Href)
	m.evidence(&c, x)
	c.Line = m.timeLine(x)
	return c
}

// evidence tells what is known, money first, since the time line shows it.
func (m *mine) evidence(c *standingCard, x *roll.Explanation) {
	for _, f := range x.Facts {
		one := evidence{f.What, m.day(f.From), m.day(f.Until), amountWords(f.Amount), f.Note, f.Cited}
		switch {
		case !ofMoney(&f) && len(c.Other) < mostEvidence:
			c.Other = append(c.Other, one)
		case ofMoney(&f) && len(c.Money) < mostEvidence:
			c.Money = append(c.Money, one)
		case ofMoney(&f):
			c.Older++
		}
	}
}

// ofMoney are the kinds of facts that say what was paid or forgiven.
func ofMoney(f *roll.FactLine) bool {
	kind, _, _ := strings.Cut(f.Ref, ":")
	return f.Amount != nil || kind == eligibility.RefRefund.String() || kind == eligibility.RefWaiver.String()
}

func amountWords(a *money.Money) string {
	if a == nil {
		return ""
	}
	return a.Symbol()
}

var rightSentences = map[eligibility.Right][2]string{
	eligibility.Vote:     {"It may not vote now.", "It may vote, and you for it."},
	eligibility.Listing:  {"It is not shown in the provider list.", "It has a place in the provider list."},
	eligibility.Services: {"It may not use the shared services now.", "It may use the shared services."},
}

func (m *mine) right(s *eligibility.Standing, r eligibility.Right) rightLine {
	v := s.Verdict(r)
	out := rightLine{Words: m.say(rightSentences[r][0]), OK: v.OK}
	if v.OK {
		out.Words, out.Until = m.say(rightSentences[r][1]), m.day(v.Until).Words
	}
	return out
}

// paying are the states in which a payment brings rights back, or keeps them.
var paying = map[eligibility.State]bool{eligibility.StateGrace: true, eligibility.StateLapsed: true, eligibility.StateShort: true, eligibility.StateUnpaid: true}

// inPlaceOf is what a delegate can do where the roll's words are for whoever keeps it.
var inPlaceOf = []struct {
	code  eligibility.Code
	words string
}{
	{eligibility.CodeNotLinked, "Ask a treasurer to link the member’s Open Collective account, or to note that it has none"},
	{eligibility.CodeNoSnapshot, "Nothing: it can be told once Open Collective was read"},
}

func (m *mine) toDo(c *standingCard, x *roll.Explanation, pay string) {
	s := &x.Standing
	for _, step := range inPlaceOf {
		if _, ok := s.Reason(step.code); ok {
			c.ToDo = append(c.ToDo, m.say(step.words))
		}
	}
	for _, step := range x.WhatToDo {
		if s.State != eligibility.StateUnknown {
			c.ToDo = append(c.ToDo, plainly(step))
		}
	}
	if paying[s.State] {
		c.PayURL = pay
	}
	if paying[s.State] || s.State == eligibility.StateUnknown {
		c.Ask = m.sayf("Dues of %s", x.Name)
	}
}

// changing says what the standing becomes at an instant if nothing new is seen.
func (m *mine) changing(at moment, now, then *roll.Row) *change {
	c := &change{At: at, Words: m.say("the reasons change; the state and what it means stay")}
	var parts []string
	if now.People != then.People {
		parts = append(parts, "“"+then.People+"”")
	}
	for _, r := range eligibility.Rights {
		was, is := now.Standing.Has(r), then.Standing.Has(r)
		switch {
		case was && !is:
			parts = append(parts, m.say("the "+rightWords[r]+" rests"))
		case !was && is:
			parts = append(parts, m.say("the "+rightWords[r]+" is back"))
		}
	}
	if len(parts) > 0 {
		c.Words = strings.Join(parts, "; ")
	}
	return c
}
