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

// Renewals are the charges that recurring contributions promise a member before an
// instant, by what was known: where each charge's coverage ends, and after the newest
// one every interval, as long as the contribution goes on charging. A renewal is promised
// to whom its charge would count for: to the member to whom the payer's account is linked
// when it falls due, also where the charge before was another's. Of what is to come after
// the last snapshot it is a forecast.
func (p Policies) Renewals(f *Facts, known, before instant.Instant) []Renewal {
	q := newQuestion(p, f, known)
	defer q.done()
	newest := map[string]instant.Instant{}
	promising := make([]*Charge, 0, len(f.Charges))
	for i := range f.Charges {
		if c := &f.Charges[i]; q.recurs(c) {
			promising = append(promising, c)
			newest[c.Contribution] = max(newest[c.Contribution], c.From)
		}
	}
	var out []Renewal
	for _, c := range promising {
		months := 1
		if c.Interval == Yearly {
			months = 12
		}
		for k := 0; ; k++ {
			at := c.Due.AddMonths(k * months)
			if at >= before || k > 0 && c.From != newest[c.Contribution] {
				break
			}
			if q.chargesAt(c, at) {
				out = append(out, Renewal{at, c.Amount})
			}
		}
	}
	return out
}

// recurs says that another charge is to follow this one, and would count as dues like it.
func (q *question) recurs(c *Charge) bool {
	if c.Known > q.known || c.Interval == OneOff || c.Kind != ContributionCharge || q.namedByPayment(c.ID) {
		return false
	}
	w := q.counted(c)
	return w.due > c.From && !w.wrong
}

// chargesAt says that the contribution of a charge was one that goes on charging when
// its renewal was due, as far as a snapshot has seen it, and that its payer was then the
// member's: a charge counts for the member whose link holds when it is made (domain.md,
// section 2, "Money decides"). Where upstream shows no payer, or one that no link names
// (accounts that were merged, before the treasurer has linked the new one), the payer is
// the one of the charge before.
func (q *question) chargesAt(c *Charge, at instant.Instant) bool {
	g := giver{id: c.Contribution}
	q.settle(&g, min(at-1, q.last()))
	payer := c.Account
	if g.version != nil && q.names(g.version.Account) {
		payer = g.version.Account
	}
	if !q.ownedAt(payer, at) {
		return false
	}
	if g.version == nil {
		return true // no snapshot had shown it yet, and it had been charged
	}
	switch g.status {
	case StatusActive, StatusProcessing, StatusInReview:
		return true
	case StatusError:
		return g.version.ProcessedAt != 0
	}
	return false
}
