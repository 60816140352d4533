package eligibility

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// coverage is what one charge or entered payment pays for, before it is looked
// at from a particular instant: [from, due), cut short by its refund.
type coverage struct {
	ref      Ref
	of       int32 // index into question.givers
	rejected bool  // see question.at; belongs to the instant looked from
	wrong    bool  // in a currency without a minimum: counts nothing
	payment  bool  // known ahead: its span is the treasurer's word
	from     instant.Instant
	due      instant.Instant
	refund   instant.Instant // 0: none visible
	refundID string
	share    Share

	end, lateEnd instant.Instant // see question.lookFrom
}

// giver is one contribution, or one entered payment, which counts like a
// contribution of its own.
type giver struct {
	id         string
	lastCharge instant.Instant // latest charge before the instant looked from
	charged    bool            // any charge at all before it

	version  *Contribution // in force at the instant looked from; nil for none
	status   Status        // its own, or the last known one where nobody knows its own
	paused   instant.Instant
	byPayer  instant.Instant
	rejected bool
	// rejectedAt is since when; 0 unless rejected.
	rejectedAt instant.Instant
}

// counted weighs a charge: what of it counts, as a share of the minimum of the
// policy in force at its own instant, and until when a one-off buys coverage.
func (q *question) counted(c *Charge) (share Share, due instant.Instant, wrong, ok bool) {
	p := q.ps.at(c.From, q.known)
	if p == nil || c.FixedKnown == 0 || c.FixedKnown > q.known {
		return Share{}, 0, false, false
	}
	kept, whole := p.afterTax(c.OrderMinor, c.TaxMinor)
	if c.Interval == OneOff || c.Kind == AddedFunds {
		return oneOff(p, c, kept, whole)
	}
	if c.Due <= c.From {
		return Share{}, 0, false, false
	}
	least, known := p.minimum(c.Amount.Currency, c.Interval)
	if !known {
		return Share{}, c.Due, true, true
	}
	return product(c.Amount.Minor*least.den, least.num, kept, whole), c.Due, false, true
}

// afterTax is what counts of a charge, as a fraction of it, by the contribution's
// amount and tax (domain.md, section 2, "Share").
func (p *Policy) afterTax(order, tax int64) (kept, whole int64) {
	if !p.CountTax && tax > 0 && order > 0 {
		return order - tax, order
	}
	return 1, 1
}

// longestOneOff bounds in months what one charge can buy; more is broken data.
const longestOneOff = 1200

// oneOff applies the policy's one_off rule: the amount buys whole months of
// the monthly minimum from the charge's own instant; what is left over is the
// desk's (domain.md, section 4).
func oneOff(p *Policy, c *Charge, kept, whole int64) (Share, instant.Instant, bool, bool) {
	counts := p.OneOff == OneOffBuysMonths || (p.OneOff == AddedFundsCount && c.Kind == AddedFunds)
	if !counts {
		return Share{}, 0, false, false
	}
	least, known := p.minimum(c.Amount.Currency, Monthly)
	if !known {
		return Share{}, 0, false, false
	}
	months := least.in(c.Amount.Minor, kept, whole)
	if months < 1 {
		return Share{}, 0, false, false
	}
	return NewShare(1, 1), c.From.AddMonths(int(min(months, longestOneOff))), false, true
}

// fraction is a minimum in minor units, num/den: with only a yearly minimum
// the monthly one is a twelfth of it, which need not be whole.
type fraction struct{ num, den int64 }

// in is how often the minimum is contained, whole, in a part of an amount.
func (f fraction) in(minor, kept, whole int64) int64 {
	return product(minor*f.den, f.num, kept, whole).floor()
}

// MonthlyMinimum is the least that counts for a month in the currency, rounded up
// to a minor unit where only a yearly minimum is named; ok is false where the
// policy names none.
func (p *Policy) MonthlyMinimum(c money.Currency) (least money.Money, ok bool) {
	f, ok := p.minimum(c, Monthly)
	if !ok {
		return money.Money{}, false
	}
	return money.Money{Minor: (f.num + f.den - 1) / f.den, Currency: c}, true
}

// MonthsBought is how many whole months of the monthly minimum an amount buys as
// a one-off, and what it leaves beside them in minor units, both after tax;
// order and tax are those of its contribution (domain.md, section 4, "one_off").
// It says nothing of whether the policy lets one-offs count.
func (p *Policy) MonthsBought(amount money.Money, order, tax int64) (months int, left int64) {
	least, ok := p.minimum(amount.Currency, Monthly)
	if !ok {
		return 0, 0
	}
	kept, whole := p.afterTax(order, tax)
	n := min(least.in(amount.Minor, kept, whole), longestOneOff)
	return int(n), product(amount.Minor, 1, kept, whole).floor() - (n*least.num+least.den-1)/least.den
}

// minimum is the least that counts for the currency and interval. With only a
// monthly minimum the yearly one is twelve times it, and the reverse.
func (p *Policy) minimum(c money.Currency, i Interval) (fraction, bool) {
	var monthly, yearly int64
	for _, m := range p.Minimums {
		if m.Amount.Currency != c {
			continue
		}
		if m.Interval == Yearly {
			yearly = m.Amount.Minor
		} else {
			monthly = m.Amount.Minor
		}
	}
	switch {
	case i == Yearly && yearly > 0:
		return fraction{yearly, 1}, true
	case i == Yearly && monthly > 0:
		return fraction{12 * monthly, 1}, true
	case i == Monthly && monthly > 0:
		return fraction{monthly, 1}, true
	case i == Monthly && yearly > 0:
		return fraction{yearly, 12}, true
	}
	return fraction{}, false
}

// weigh is the share of an entered payment: its amount over the months named,
// against the monthly minimum, or against the yearly one where it names whole
// years and that is kinder (domain.md, section 2, "Entered payments").
func (q *question) weigh(pay *Payment) (share Share, wrong bool) {
	p := q.ps.at(pay.From, q.known)
	if p == nil || pay.Months < 1 {
		return Share{}, false
	}
	months := int64(pay.Months)
	least, known := p.minimum(pay.Amount.Currency, Monthly)
	if !known {
		return Share{}, true
	}
	share = product(pay.Amount.Minor, months, least.den, least.num)
	if months%12 == 0 {
		year, _ := p.minimum(pay.Amount.Currency, Yearly)
		if byYear := product(pay.Amount.Minor, months/12, year.den, year.num); byYear.Cmp(share) > 0 {
			share = byYear
		}
	}
	return share, false
}

// build lists the coverages that the visible facts give this member.
func (q *question) build() {
	for i := range q.f.Charges {
		c := &q.f.Charges[i]
		if c.Known > q.known || !q.ownedAt(c.Account, c.From) {
			continue
		}
		of := q.giver(c.Contribution)
		if q.namedByPayment(c.ID) {
			continue
		}
		share, due, wrong, ok := q.counted(c)
		if !ok {
			continue
		}
		v := coverage{ref: Ref{RefCharge, c.ID}, of: of, wrong: wrong, from: c.From, due: due, share: share}
		v.refund, v.refundID = q.refundOf(c.ID)
		q.covs = append(q.covs, v)
	}
	for i := range q.f.Payments {
		pay := &q.f.Payments[i]
		if !visible(pay.Known, pay.Gone, q.known) || pay.Until <= pay.From {
			continue
		}
		share, wrong := q.weigh(pay)
		v := coverage{ref: Ref{RefPayment, pay.ID}, of: q.giver("payment " + pay.ID),
			wrong: wrong, payment: true, from: pay.From, due: pay.Until, share: share}
		if pay.Charge != "" { // the money that was let count may go back, too
			v.refund, v.refundID = q.refundOf(pay.Charge)
		}
		q.covs = append(q.covs, v)
	}
	for i := range q.f.Contributions {
		if c := &q.f.Contributions[i]; c.Known <= q.known {
			q.giver(c.ID)
		}
	}
}

// giver finds or adds the giver with that id.
func (q *question) giver(id string) int32 {
	for i := range q.givers {
		if q.givers[i].id == id {
			return int32(i)
		}
	}
	q.givers = append(q.givers, giver{id: id})
	return int32(len(q.givers) - 1)
}

func (q *question) namedByPayment(charge string) bool {
	for i := range q.f.Payments {
		p := &q.f.Payments[i]
		if p.Charge == charge && visible(p.Known, p.Gone, q.known) {
			return true
		}
	}
	return false
}

// refundOf is the earliest visible refund of the charge.
func (q *question) refundOf(charge string) (at instant.Instant, id string) {
	for i := range q.f.Refunds {
		r := &q.f.Refunds[i]
		if r.Charge != charge || r.Known > q.known {
			continue
		}
		if id == "" || r.At < at || (r.At == at && r.ID < id) {
			at, id = r.At, r.ID
		}
	}
	return at, id
}

// ownedAt says whether the account was linked to this member at t.
func (q *question) ownedAt(a member.AccountID, t instant.Instant) bool {
	if a == "" {
		return false
	}
	for i := range q.f.Links {
		l := &q.f.Links[i]
		if l.Account == a && visible(l.Known, l.Gone, q.known) && t.In(l.From, l.Until) {
			return true
		}
	}
	return false
}

func visible(from, gone, known instant.Instant) bool {
	return from <= known && (gone == 0 || known < gone)
}
