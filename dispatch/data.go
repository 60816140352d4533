package dispatch

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// member is a member as a letter speaks of it.
func (l *look) member(n store.OutboxRow, row *roll.Row) letter.Member {
	s := &row.Standing
	m := letter.Member{Name: row.Name, Happened: n.About, PaidThrough: s.PaidThrough, ChangesAt: s.ChangesAt, State: row.People,
		Vote: s.Has(eligibility.Vote), Listing: s.Has(eligibility.Listing)}
	if v, ok := l.book.Policy(l.now); ok && s.State == eligibility.StateGrace {
		m.RightsUntil = roll.RightsEnd(row, &v)
	}
	switch n.Kind {
	case notify.PaymentLate, notify.BeforeGraceEnds:
		if s.PaidThrough != 0 {
			m.Happened = s.PaidThrough
		}
	case notify.WaiverEnding:
		m.WaiverUntil = s.Verdict(eligibility.Vote).Until
	case notify.Paused, notify.Suspended:
		code := map[notify.Kind]eligibility.Code{notify.Paused: eligibility.CodePaused, notify.Suspended: eligibility.CodeSuspended}[n.Kind]
		if r, ok := s.Reason(code); ok && r.Since != 0 {
			m.Happened = r.Since
		}
	}
	return m
}

// decision looks at what is said about a decision.
func (l *look) decision(ctx context.Context, tx *store.Tx, n store.OutboxRow, to Recipient, data letter.Data) (letter.Data, Verdict, error) {
	superseded := Ends(notify.Suppressed, notify.Superseded)
	if l.d.o.Chair == nil {
		return l.unknown(ctx, tx, n, to, data)
	}
	v, ok, err := l.d.o.Chair.Told(ctx, tx, n.Cause)
	if err != nil {
		return data, Verdict{}, err
	}
	if !ok {
		return data, superseded, nil
	}
	d := &v.Decision
	waiting := v.Outcome.Tally.Waiting
	data.Decision = l.words(&v)
	switch {
	case n.Kind == notify.DecisionResult:
		if d.Outcome == nil && !d.State.Final() {
			return data, superseded, nil
		}
	case !d.State.Running():
		return data, superseded, nil
	case n.Kind == notify.NotVoted:
		mine := l.membersOf(&to)
		if len(mine) == 0 {
			return data, superseded, nil
		}
		mine = slices.DeleteFunc(mine, func(id member.ID) bool { return !slices.Contains(waiting, id) })
		if data.Decision.Waited = l.names(mine); len(mine) == 0 {
			return data, Ends(notify.Recovered, ""), nil
		}
	case n.Kind == notify.StillMissing:
		if len(waiting) == 0 {
			return data, Ends(notify.Recovered, ""), nil
		}
		data.Decision.Waited = l.names(waiting)
	}
	return data, Goes(), nil
}

// membersOf are the members that a recipient acts for, or is contact of.
func (l *look) membersOf(to *Recipient) (ids []member.ID) {
	if to.Of != "" {
		return []member.ID{to.Of}
	}
	if to.Person != nil {
		for _, d := range to.Person.Delegates {
			ids = append(ids, d.Member)
		}
	}
	return ids
}

func (l *look) names(ids []member.ID) (out []string) {
	for _, id := range ids {
		out = append(out, l.book.Name(id))
	}
	slices.Sort(out)
	return out
}

// ballot says what a member's delegates are told of its ballot, as it stands: what
// was cast before is told by the notice of that.
func (l *look) ballot(ctx context.Context, tx *store.Tx, n store.OutboxRow, data letter.Data) (letter.Data, Verdict, error) {
	if l.d.o.Chair == nil {
		return l.unknown(ctx, tx, n, Recipient{}, data)
	}
	v, ok, err := l.d.o.Chair.Told(ctx, tx, n.Cause)
	if err != nil || !ok {
		return data, Ends(notify.Suppressed, notify.Superseded), err
	}
	data.Decision = l.words(&v)
	ev, ok := v.Entry(n.Cause)
	if !ok {
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	}
	data.Person = l.dir.people[string(ev.By.Person)].Name
	if ev.Kind == decisions.Cast {
		data.Answer = string(ev.Answer)
	}
	return data, Goes(), nil
}

// words is a decision as letters and the room speak of it.
func (l *look) words(v *chair.View) *letter.Decision {
	d := &v.Decision
	t := &v.Outcome.Tally
	out := &letter.Decision{
		Number: d.Number, Title: d.Proposal.Title, Size: string(d.Size()), State: d.State.Words(), Changes: d.Proposal.Changes, Affects: d.Proposal.Affects,
		Proposer: l.book.Name(d.Proposer), Channel: d.Proposal.Channel, Link: d.Proposal.Link, Opened: d.Opened, Ends: d.Ends(),
		Seats: len(d.Electorate), Electorate: d.Electorate.Hash(), Head: v.Head.Hash, WaitedFor: len(t.Waiting), Revision: d.Revision,
		Overdue: d.State == decisions.Overdue,
	}
	if !d.Deadline.IsZero() {
		out.Deadline = fmt.Sprintf("the end of %s (%s)", d.Deadline.Words(), d.Zone)
	}
	if url := l.d.o.Federation.DecisionURL; url != nil {
		out.URL = url(d.Number)
	}
	for _, c := range d.Rule().PassesIf {
		out.Rule = append(out.Rule, c.Clause())
	}
	for _, a := range d.Rule().Answers {
		out.Answers = append(out.Answers, letter.Sign{Answer: string(a)})
	}
	if d.Outcome != nil {
		out.Outcome = d.State.Words()
		for _, line := range d.Outcome.Lines {
			out.Reasons = append(out.Reasons, line.Text)
		}
	}
	for _, c := range []letter.Count{{Answer: string(decisions.Favour), N: t.Favour}, {Answer: string(decisions.Against), N: t.Against},
		{Answer: string(decisions.Abstain), N: t.Abstain}, {Answer: string(decisions.Block), N: t.Block}} {
		if d.Rule().Offers(decisions.Answer(c.Answer)) {
			out.Tally = append(out.Tally, c)
		}
	}
	return out
}
