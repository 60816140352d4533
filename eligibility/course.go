package eligibility

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// States are the states that Assess says at several instants, in their order, by
// what was known: for looking over many members and a long time, where nobody asks
// why.
func (p Policies) States(f *Facts, known instant.Instant, at ...instant.Instant) []State {
	q := newQuestion(p, f, known)
	defer q.done()
	last := q.last()
	out := make([]State, len(at))
	for i, t := range at {
		if last == 0 || t <= last {
			out[i] = q.stateAt(plain(t))
			continue
		}
		confirmed := q.answer(look{dues: last, house: t}, false)
		out[i] = confirm(confirmed, q.answer(look{dues: t, house: t}, false)).State
	}
	return out
}

// stateAt is the state of an answer, without its verdicts and reasons.
func (q *question) stateAt(l look) State {
	ph := q.phase(l.house)
	switch ph.state {
	case StateLeft, StateSuspended, StateApplied, StatePaused:
		return ph.state
	}
	return q.judge(l, q.policyAt(l.dues), ph).state
}

// Paid is a charge or an entered payment that counts as dues, whatever its share.
type Paid struct {
	Ref    Ref
	Amount money.Money
	// From is the charge's own instant, of a payment the beginning of its span.
	From instant.Instant
	// Back is when it was given back; 0 for never.
	Back instant.Instant
}

// Paid are the charges and payments of a member that count as dues by what was known.
// Money in a currency without a minimum, and what the policy's one_off leaves out, is
// not among them.
func (p Policies) Paid(f *Facts, known instant.Instant) []Paid {
	q := newQuestion(p, f, known)
	defer q.done()
	out := make([]Paid, 0, len(q.covs))
	for i := range q.covs {
		if v := &q.covs[i]; !v.wrong {
			out = append(out, Paid{Ref: v.ref, Amount: q.amountOf(v.ref), From: v.from, Back: v.refund})
		}
	}
	return out
}

func (q *question) amountOf(r Ref) money.Money {
	for i := range q.f.Charges {
		if r == (Ref{RefCharge, q.f.Charges[i].ID}) {
			return q.f.Charges[i].Amount
		}
	}
	for i := range q.f.Payments {
		if r == (Ref{RefPayment, q.f.Payments[i].ID}) {
			return q.f.Payments[i].Amount
		}
	}
	return money.Money{}
}

// Renewal is a charge that a recurring contribution of a member promises.
type Renewal struct {
	At     instant.Instant
	Amount money.Money // of the charge that it follows
}

// Renewals are the charges that a member's recurring contributions promise before an
// instant, by what was known: where each charge's coverage ends, and after the newest
// one every interval, as long as the contribution goes on charging. Of what is to come
// after the last snapshot it is a forecast.
func (p Policies) Renewals(f *Facts, known, before instant.Instant) []Renewal {
	q := newQuestion(p, f, known)
	defer q.done()
	newest := map[string]instant.Instant{}
	for i := range q.covs {
		if c := q.recurring(&q.covs[i]); c != nil {
			newest[c.Contribution] = max(newest[c.Contribution], c.From)
		}
	}
	var out []Renewal
	for i := range q.covs {
		c := q.recurring(&q.covs[i])
		if c == nil {
			continue
		}
		months := 1
		if c.Interval == Yearly {
			months = 12
		}
		for k := 0; ; k++ {
			at := c.Due.AddMonths(k * months)
			if at >= before || k > 0 && c.From != newest[c.Contribution] {
				break
			}
			if q.chargesAt(c.Contribution, at) {
				out = append(out, Renewal{at, c.Amount})
			}
		}
	}
	return out
}

// recurring is the charge of a coverage that another one is to follow; nil for others.
func (q *question) recurring(v *coverage) *Charge {
	if v.wrong || v.ref.Kind != RefCharge {
		return nil
	}
	for i := range q.f.Charges {
		c := &q.f.Charges[i]
		if c.ID == v.ref.ID && c.Interval != OneOff && c.Kind == ContributionCharge && c.Due > c.From {
			return c
		}
	}
	return nil
}

// chargesAt says that a contribution was one that goes on charging when its renewal
// was due, as far as a snapshot has seen it.
func (q *question) chargesAt(contribution string, at instant.Instant) bool {
	seen := min(at-1, q.last())
	for i := range q.givers {
		g := &q.givers[i]
		if g.id != contribution {
			continue
		}
		q.settle(g, seen)
		if g.version == nil {
			return true // no snapshot had shown it yet, and it had been charged
		}
		switch g.status {
		case StatusActive, StatusProcessing, StatusInReview:
			return true
		case StatusError:
			return g.version.ProcessedAt != 0
		}
	}
	return false
}
