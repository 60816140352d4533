package roll

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// FactLine is one fact about a member, for people.
type FactLine struct {
	Ref         string // "charge:…", as reasons cite it
	What        string // "monthly charge", "waiver", …
	From, Until instant.Instant
	Amount      *money.Money // nil for what is no money
	Note        string
	Charge      string // of what was given back: the charge's id; "" for all else
	Cited       bool   // the verdict rests on it
}

// Explanation is a standing with what it rests on.
type Explanation struct {
	Row
	Minimum    string // the dues in words, by the policy that decided
	PolicyFrom instant.Instant
	DecidedBy  string     // the decision that made the policy; "" for none
	Facts      []FactLine // all that is known, the newest first
	WhatToDo   []string   // what the member, or the treasurer for it, can do
}

// Explain says why a member's standing is what it is at an instant (0: now) by
// what was known (0: everything that is stored).
func (r *Roll) Explain(ctx context.Context, id member.ID, at, known instant.Instant) (Explanation, error) {
	var x Explanation
	err := r.db.View(ctx, func(tx *store.Tx) error {
		b, err := r.book(ctx, tx, id)
		if err != nil {
			return err
		}
		x, err = b.Explain(id, at, known, r.now())
		return err
	})
	if err != nil {
		return Explanation{}, fmt.Errorf("explain: %w", err)
	}
	return x, nil
}

func cited(s *eligibility.Standing) map[string]bool {
	refs := map[string]bool{}
	for _, re := range s.Reasons {
		for _, ref := range re.Facts {
			refs[ref.String()] = true
		}
	}
	return refs
}

// factLines are the facts visible at the known time, the newest first.
func factLines(t *tongue.Tongue, f *eligibility.Facts, known instant.Instant, cited map[string]bool) []FactLine {
	l := &lines{in: t, f: f, known: known, cited: cited}
	l.charges()
	l.entered()
	l.contributions()
	l.membership()
	arrange.By(l.out, func(a, b FactLine) int { return int(max(-1, min(1, b.From-a.From))) })
	return l.out
}

type lines struct {
	in    *tongue.Tongue
	f     *eligibility.Facts
	known instant.Instant
	cited map[string]bool
	out   []FactLine
}

func (l *lines) add(kind eligibility.RefKind, id string, line FactLine) {
	line.Ref = eligibility.Ref{Kind: kind, ID: id}.String()
	line.Cited = l.cited[line.Ref]
	l.out = append(l.out, line)
}

func (l *lines) visible(known, gone instant.Instant) bool {
	return known <= l.known && (gone == 0 || l.known < gone)
}

func (l *lines) charges() {
	for _, c := range l.f.Charges {
		if !l.visible(c.Known, 0) {
			continue
		}
		amount := c.Amount
		line := FactLine{From: c.From, Until: c.Due, Amount: &amount, What: l.in.Say(chargeWords(c))}
		if c.FixedKnown == 0 {
			line.Note = l.in.Say("its contribution is not listed yet, so it covers nothing so far")
		}
		l.add(eligibility.RefCharge, c.ID, line)
	}
	for _, g := range l.f.Refunds {
		if l.visible(g.Known, 0) {
			l.add(eligibility.RefRefund, g.ID, FactLine{From: g.At, What: l.in.Say("given back"), Note: l.in.Sayf("charge %s", g.Charge), Charge: g.Charge})
		}
	}
}

func chargeWords(c eligibility.Charge) string {
	switch {
	case c.Kind == eligibility.AddedFunds:
		return "added funds"
	case c.Interval == eligibility.Monthly:
		return "monthly charge"
	case c.Interval == eligibility.Yearly:
		return "yearly charge"
	}
	return "one-off charge"
}

func (l *lines) entered() {
	for _, p := range l.f.Payments {
		if l.visible(p.Known, p.Gone) {
			amount := p.Amount
			note := ""
			if p.Charge != "" {
				note = l.in.Sayf("lets charge %s count", p.Charge)
			}
			l.add(eligibility.RefPayment, p.ID, FactLine{From: p.From, Until: p.Until, Amount: &amount,
				What: l.in.Sayf("entered payment for %d months", p.Months), Note: note})
		}
	}
	for _, w := range l.f.Waivers {
		if l.visible(w.Known, w.Gone) {
			l.add(eligibility.RefWaiver, w.ID, FactLine{From: w.From, Until: w.Until, What: l.in.Say("waiver")})
		}
	}
	for _, h := range l.f.Holds {
		if l.visible(h.Known, 0) {
			l.add(eligibility.RefHold, h.ID, FactLine{From: h.SetAt, Until: h.AckAt, What: l.in.Say("hold"), Note: l.in.Say(likely(h.Cause))})
		}
	}
}

func (l *lines) contributions() {
	for _, c := range l.f.Contributions {
		if !l.visible(c.Known, 0) {
			continue
		}
		note := ""
		if c.NextCharge != 0 && (c.Status == eligibility.StatusActive || c.Status == eligibility.StatusError) {
			note = l.in.Sayf("next charge %s", c.NextCharge.Day())
		}
		l.add(eligibility.RefContribution, c.ID, FactLine{From: c.Effective, What: l.in.Sayf("contribution %s", l.in.Say("contribution|"+strings.ToLower(c.Status.String()))), Note: note})
	}
}

func (l *lines) membership() {
	for _, m := range l.f.Membership {
		if l.visible(m.Known, m.Gone) {
			l.add(eligibility.RefMembership, m.ID, FactLine{From: m.At, Until: m.Until, What: l.in.Say("fact|" + membershipWords[m.Kind])})
		}
	}
}

var membershipWords = map[eligibility.MembershipKind]string{
	eligibility.Applied: "applied", eligibility.Admitted: "admitted", eligibility.Left: "left",
	eligibility.Paused: "paused", eligibility.Resumed: "resumed", eligibility.Suspended: "suspended",
	eligibility.Restored: "restored", eligibility.NoAccount: "has no account to link", eligibility.Linkable: "may have an account to link",
}

// whatToDo says what would help, by the state.
func whatToDo(t *tongue.Tongue, s *eligibility.Standing, minimum string) []string {
	return append(duesToDo(t, s, minimum), listingToDo(t, s)...)
}

// duesToDo says what would help with the dues and the membership.
func duesToDo(t *tongue.Tongue, s *eligibility.Standing, minimum string) []string {
	var out []string
	pay := t.Sayf("Pay %s or more through Open Collective", minimum)
	ask := t.Say("Ask the treasurer for a waiver, or tell them of a payment made elsewhere")
	switch s.State {
	case eligibility.StateGrace, eligibility.StateLapsed:
		if _, ok := s.Reason(eligibility.CodeRetrying); ok {
			out = append(out, t.Say("Check the card on Open Collective: the charge is being tried again"))
		}
		out = append(out, pay, ask)
	case eligibility.StateShort:
		out = append(out, t.Sayf("Raise the contribution to %s or more", minimum), ask)
	case eligibility.StateUnpaid:
		out = append(out, pay, ask)
	case eligibility.StatePending:
		out = append(out, t.Say("Nothing: the first payment is on its way"))
	case eligibility.StateUnknown:
		if _, ok := s.Reason(eligibility.CodeNotLinked); ok {
			out = append(out, t.Say("Link the member's account: goodstanding link MEMBER ACCOUNT (or --none if it has none)"))
		}
		if _, ok := s.Reason(eligibility.CodeNoSnapshot); ok {
			out = append(out, t.Say("Read Open Collective: goodstanding sync"))
		}
	case eligibility.StatePaused:
		out = append(out, t.Say("Resume the membership: casting a vote or signing in ends the break"))
	}
	return out
}

func listingToDo(t *tongue.Tongue, s *eligibility.Standing) []string {
	var out []string
	for _, step := range [...]struct {
		code eligibility.Code
		text string
	}{
		{eligibility.CodeNoProfile, "To be listed: fill in the profile (goodstanding providers set MEMBER …)"},
		{eligibility.CodeNoConsent, "To be listed: agree to it (goodstanding providers consent MEMBER …)"},
		{eligibility.CodeNotApproved, "To be listed: a treasurer or facilitator approves it once (goodstanding providers approve MEMBER)"},
	} {
		if _, ok := s.Reason(step.code); ok && s.State.GoodStanding() {
			out = append(out, t.Say(step.text))
		}
	}
	return out
}
