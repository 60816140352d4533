package eligibility

import (
	"cmp"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// coverage is what one charge or entered payment pays for, before it is looked
// at from a particular instant: [from, due), cut short by its refund.
type coverage struct {
	worth
	ref      Ref
	of       int32 // index into question.givers
	rejected bool  // see question.at; belongs to the instant looked from
	payment  bool  // known ahead: its span is the treasurer's word
	from     instant.Instant
	refund   instant.Instant // 0: none visible
	refundID string

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

// worth is what a charge or an entered payment buys: a share of the minimum until
// due, which is not after its beginning where it buys nothing.
type worth struct {
	share Share
	due   instant.Instant
	wrong bool // in a currency without a minimum
}

// counted weighs a charge: what of it counts, as a share of the minimum of the
// policy in force at its own instant, and until when a one-off buys coverage.
func (q *question) counted(c *Charge) worth {
	p := q.ps.at(c.From, q.known)
	if p == nil || c.FixedKnown == 0 || c.FixedKnown > q.known {
		return worth{}
	}
	kept, whole := p.afterTax(c.OrderMinor, c.TaxMinor)
	if c.Interval == OneOff || c.Kind == AddedFunds {
		return oneOff(p, c, kept, whole)
	}
	least, known := p.minimum(c.Amount.Currency, c.Interval)
	if !known {
		return worth{due: c.Due, wrong: true}
	}
	if w := (weighing{c.Amount.Minor * least.den, least.num, kept, whole}); w != q.weighed.of {
		q.weighed = weighed{w, product(w.amount, w.least, kept, whole)}
	}
	return worth{share: q.weighed.share, due: c.Due}
}

// weighing is what the share of a charge is made of. Most charges of a member are like
// the one before.
type weighing struct{ amount, least, kept, whole int64 }

type weighed struct {
	of    weighing
	share Share
}

// afterTax is what counts of a charge, as a fraction of it, by the contribution's
// amount and tax (domain.md, section 2, "Share").
func (p *Policy) afterTax(order, tax int64) (kept, whole int64) {
	if !p.CountTax && order > 0 {
		return order - tax, order
	}
	return 1, 1
}

// longestOneOff bounds in months what one charge can buy; more is broken data.
const longestOneOff = 1200

// oneOff applies the policy's one_off rule: the amount buys whole months of
// the monthly minimum from the charge's own instant; what is left over is the
// desk's (domain.md, section 4).
func oneOff(p *Policy, c *Charge, kept, whole int64) worth {
	counts := p.OneOff == OneOffBuysMonths || (p.OneOff == AddedFundsCount && c.Kind == AddedFunds)
	if !counts {
		return worth{}
	}
	least, _ := p.minimum(c.Amount.Currency, Monthly) // without one it is contained in nothing
	months := min(least.in(c.Amount.Minor, kept, whole), longestOneOff)
	return worth{share: NewShare(1, 1), due: c.From.AddMonths(int(months))}
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
	case monthly > 0:
		return fraction{monthly, 1}, true
	case yearly > 0:
		return fraction{yearly, 12}, true
	}
	return fraction{}, false
}

// weigh weighs an entered payment: its amount over the months named,
// against the monthly minimum, or against the yearly one where it names whole
// years and that is kinder (domain.md, section 2, "Entered payments").
func (q *question) weigh(pay *Payment) worth {
	p := q.ps.at(pay.From, q.known)
	if p == nil {
		return worth{}
	}
	months := int64(pay.Months)
	least, known := p.minimum(pay.Amount.Currency, Monthly)
	w := worth{share: product(pay.Amount.Minor, months, least.den, least.num), due: pay.Until, wrong: !known}
	if months%12 == 0 {
		year, _ := p.minimum(pay.Amount.Currency, Yearly)
		if byYear := product(pay.Amount.Minor, months/12, year.den, year.num); byYear.Cmp(w.share) > 0 {
			w.share = byYear
		}
	}
	return w
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
		w := q.counted(c)
		if w.due <= c.From {
			continue
		}
		v := coverage{ref: Ref{RefCharge, c.ID}, of: of, worth: w, from: c.From}
		v.refund, v.refundID = q.refundOf(c.ID)
		q.covs = append(q.covs, v)
	}
	for i := range q.f.Payments {
		pay := &q.f.Payments[i]
		if !visible(pay.Known, pay.Gone, q.known) {
			continue
		}
		w := q.weigh(pay)
		if w.due <= pay.From {
			continue
		}
		v := coverage{ref: Ref{RefPayment, pay.ID}, of: q.giver("payment " + pay.ID), worth: w, payment: true, from: pay.From}
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
	var first *Refund
	for i := range q.f.Refunds {
		r := &q.f.Refunds[i]
		if r.Charge == charge && r.Known <= q.known && (first == nil || earlier(r, first)) {
			first = r
		}
	}
	if first == nil {
		return 0, ""
	}
	return first.At, first.ID
}

func earlier(a, b *Refund) bool {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) < 0
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
