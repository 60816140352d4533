package web

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// eventLine is one thing that happened to the membership.
type eventLine struct {
	At       moment
	Words    string
	Who, Why string
}

// eventWords say what happened to a membership.
var eventWords = map[eligibility.MembershipKind]string{
	eligibility.Applied: "Applied", eligibility.Admitted: "Admitted", eligibility.Left: "Left", eligibility.Paused: "Paused", eligibility.Resumed: "Pause ended",
	eligibility.Suspended: "Suspended", eligibility.Restored: "Suspension ended", eligibility.NoAccount: "Has no account on Open Collective, on purpose", eligibility.Linkable: "May have an account on Open Collective",
}

// happened is what happened to the membership, who did what to it, and what about it is
// to be sorted out.
func (b *board) happened(page *cardPage, c *roll.Card) error {
	now := b.p.o.Now()
	for i := range c.Events {
		e := &c.Events[i]
		line := eventLine{At: b.day(e.At), Words: b.say(eventWords[e.Kind]), Who: e.Who, Why: e.Why}
		if e.Until != 0 {
			line.Words = b.sayf("fact|%s until %s", line.Words, b.day(e.Until).Words)
		}
		if e.Kind == eligibility.Paused && e.Listing {
			line.Words = b.sayf("%s, and stays listed", line.Words)
		}
		if e.Closed {
			line.Why = b.say("for contact people to read")
		}
		if e.At > now {
			line.Words = b.sayf("Planned: %s", lowered(line.Words))
		}
		page.Events = append(page.Events, line)
	}
	page.Break, page.NoAccount = b.breakWords(c, now), c.NoAccount
	for i := range c.Audit {
		page.Log = append(page.Log, b.logLine(&c.Audit[i]))
	}
	b.p.catchUp(b.v)
	m, ok := b.p.o.Memory(now)
	if !ok {
		return nil
	}
	entries, err := m.Book.Desk(b.v.r.Context(), false)
	for _, e := range entries {
		if e.Member == c.ID {
			page.Desk = append(page.Desk, b.entry(&e, deedForm{}))
		}
	}
	return err
}

// breakWords say that the membership takes a break, or is suspended, now or soon; ""
// for neither.
func (b *board) breakWords(c *roll.Card, now instant.Instant) string {
	since := func(at instant.Instant) string {
		if at > now {
			return b.sayf("from %s on", b.day(at).Words)
		}
		return b.sayf("since %s", b.day(at).Words)
	}
	switch s := c.Suspension; {
	case s != nil && s.Until != 0:
		return b.sayf("It is suspended under the code of co-operation %s, until %s.", since(s.At), b.day(s.Until).Words)
	case s != nil:
		return b.sayf("It is suspended under the code of co-operation %s, until contact people end that.", since(s.At))
	case c.Pause != nil:
		return b.sayf("It takes a break %s: no vote, and nobody waits for its answer. It ends that itself at any time, by signing in or answering.", since(c.Pause.At))
	}
	return ""
}
