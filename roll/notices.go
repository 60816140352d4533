package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
)

// post collects the notices that transitions cause, for the outbox of the same
// transaction (domain.md, section 6). Until a treasurer starts the notices,
// each is written in the state before_start.
type post struct {
	a       *assessment
	state   notify.State
	told    map[member.ID][]string // who can be told about a member: ids of contacts, persons, accounts
	waiting []notify.Message
}

func (a *assessment) newPost(ctx context.Context) (*post, error) {
	p := &post{a: a, state: a.alarm.state, told: map[member.ID][]string{}}
	contacts, err := a.tx.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		if c.Email != "" {
			p.told[c.Member] = append(p.told[c.Member], c.ID)
		}
	}
	people, err := a.tx.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, who := range people {
		for _, d := range who.Delegates {
			p.told[d.Member] = append(p.told[d.Member], string(who.ID))
		}
	}
	return p, nil
}

// about writes what the member is told because its standing went from was to
// is. Nobody is told that the program can say now what it could not say before:
// imported and newly linked members start without a notice (domain.md, section
// 3).
func (p *post) about(m *assessed, was, is *eligibility.Standing) {
	rules, ok := p.a.rules.inForce(is.At, p.a.known)
	if !ok || was.State == is.State || was.State == eligibility.StateUnknown {
		return
	}
	n := rules.Notices
	cause := causeOf(is)
	switch is.State {
	case eligibility.StateGrace:
		p.grace(m, is, n, cause)
	case eligibility.StateLapsed:
		p.add(m, notify.Lapsed, cause, is.At, is.At)
	case eligibility.StateShort:
		p.add(m, notify.PayingTooLittle, cause, is.At, is.At)
	case eligibility.StateUnpaid:
		p.add(m, notify.NotYetPaid, string(m.info.ID), is.At, is.At.Add(notYetPaid))
	case eligibility.StateWaived:
		if end := is.Verdict(eligibility.Vote).Until; end != 0 {
			p.add(m, notify.WaiverEnding, cause, end, end.Add(-n.WaiverEnds))
		}
	}
	if was.State == eligibility.StateLapsed || was.State == eligibility.StateShort {
		if is.State == eligibility.StateCurrent || is.State == eligibility.StateWaived {
			p.add(m, notify.BackInStanding, cause, is.At, is.At)
		}
	}
}

// notYetPaid is how long after an admission without a payment its one
// reminder goes out (domain.md, section 6).
const notYetPaid = 7 * 24 * 60 * 60 * 1e9

// grace schedules the one mail about a late payment, and the one before the
// rights end. Both are looked at again before they are sent.
func (p *post) grace(m *assessed, is *eligibility.Standing, n policy.Notices, cause string) {
	late := is.PaidThrough
	if late == 0 {
		late = is.At
	}
	late = late.Add(n.PaymentLate)
	p.add(m, notify.PaymentLate, cause, late, late)
	if end := is.Verdict(eligibility.Vote).Until; end != 0 {
		p.add(m, notify.BeforeGraceEnds, cause, end.Add(-n.BeforeGraceEnds), end.Add(-n.BeforeGraceEnds))
	}
}

// causeOf is the id of the newest fact that the standing rests on: the
// coverage, waiver or contribution that an occasion is about.
func causeOf(s *eligibility.Standing) string {
	for _, re := range s.Reasons {
		if n := len(re.Facts); n > 0 {
			return re.Facts[n-1].String()
		}
	}
	return string(s.Member)
}

// add writes one notice to everyone who can be told about the member, or to
// nobody, so that the ledger says so.
func (p *post) add(m *assessed, k notify.Kind, cause string, about, due instant.Instant) {
	to := p.told[m.info.ID]
	if len(to) == 0 {
		to = p.accounts(m)
	}
	detail := ""
	if len(to) == 0 {
		to, detail = []string{""}, string(notify.NoAddress)
	}
	for _, id := range to {
		p.waiting = append(p.waiting, notify.Message{
			Occasion:  notify.Occasion{Kind: k, Member: m.info.ID, Cause: cause},
			Recipient: id, Channel: notify.Email, About: about, DueAt: due, State: p.state, Detail: detail,
		})
	}
}

// accounts stand in where a member has neither contact nor delegate: the mail
// address of its account on Open Collective is looked up when the notice goes.
func (p *post) accounts(m *assessed) []string {
	var to []string
	for _, l := range m.info.Links {
		if p.a.now.In(l.From, l.Until) {
			to = append(to, "account:"+string(l.Account))
		}
	}
	return to
}

// send enqueues everything and counts it by kind.
func (p *post) send(ctx context.Context) (map[string]int, error) {
	if h := p.a.hold; h != nil {
		p.waiting = append(p.waiting, notify.Message{
			Occasion:  notify.Occasion{Kind: notify.Brake, Cause: "hold:" + h.ID},
			Recipient: notify.Treasurers, Channel: notify.Email, About: h.SetAt, DueAt: p.a.now, State: p.state,
		})
	}
	alarms, err := p.a.alarms(ctx)
	if err != nil {
		return nil, err
	}
	p.waiting = append(p.waiting, alarms...)
	counts := map[string]int{}
	for _, w := range p.waiting {
		counts[string(w.Occasion.Kind)]++
	}
	return counts, p.a.tx.Enqueue(ctx, p.waiting...)
}
