package policy

import (
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

var chargeIntervals = append(slices.Clone(intervals), option[eligibility.Interval]{"once", eligibility.OneOff})

var chargeKinds = []option[eligibility.ChargeKind]{
	{"contribution", eligibility.ContributionCharge}, {"added_funds", eligibility.AddedFunds},
}

// charges reads the money that moved. Charges of one interval belong to one
// contribution, named after the interval, unless they name theirs. Coverage is
// computed by the calendar (domain.md, section 2, "Coverage of a charge", b).
func (s *story) charges(f field) {
	items, _ := f.items("[{paid: 2022-06-01, amount: GBP 12.00, interval: monthly}]")
	s.paypal = make(map[string]bool)
	for i, item := range items {
		s.charge(item, fmt.Sprintf("charge-%d", i+1))
	}
	first := make(map[string]instant.Instant)
	for _, c := range s.Charges {
		if t, seen := first[c.Contribution]; !seen || c.From < t {
			first[c.Contribution] = c.From
		}
	}
	for i := range s.Charges {
		c := &s.Charges[i]
		c.Due = eligibility.ComputedDue(c.From, c.Interval, c.From == first[c.Contribution], s.paypal[c.ID])
	}
	s.contributionsOf(first)
}

// contributionsOf adds a contribution that is going on for each that was charged.
func (s *story) contributionsOf(first map[string]instant.Instant) {
	for _, c := range s.Charges {
		if c.From != first[c.Contribution] || slices.ContainsFunc(s.Contributions, named(c.Contribution)) {
			continue
		}
		s.Contributions = append(s.Contributions, eligibility.Contribution{
			ID: c.Contribution, Account: exampleAccount, Status: eligibility.StatusActive, Interval: c.Interval,
			ProcessedAt: c.From, NextCharge: s.lastDue(c.Contribution), Effective: c.From, Known: s.at,
		})
	}
}

func named(id string) func(eligibility.Contribution) bool {
	return func(c eligibility.Contribution) bool { return c.ID == id }
}

func (s *story) lastDue(contribution string) (due instant.Instant) {
	for _, c := range s.Charges {
		if c.Contribution == contribution {
			due = max(due, c.Due)
		}
	}
	return due
}

func (s *story) charge(f field, id string) {
	o, ok := f.object("paid", "amount", "interval", "kind", "contribution", "tax", "refunded", "paypal")
	if !ok {
		return
	}
	from, _ := s.past(o.need("paid", "paid: followed by a date such as 2022-06-01"))
	amount, _ := o.need("amount", "amount: GBP 12.00").amount()
	kind, _ := choose(o.may("kind"), eligibility.ContributionCharge, chargeKinds)
	interval := eligibility.OneOff
	if i := o.may("interval"); kind == eligibility.ContributionCharge || !i.absent() {
		interval, _ = choose(o.need("interval", "interval: monthly (or yearly, or once)"), eligibility.OneOff, chargeIntervals)
		if kind == eligibility.AddedFunds && interval != eligibility.OneOff {
			i.fault("added funds come once; leave interval out")
		}
	}
	s.Charges = append(s.Charges, eligibility.Charge{
		ID: id, Contribution: s.contributionName(o.may("contribution"), interval), Account: exampleAccount, Kind: kind,
		Amount: amount, From: from, Known: s.at, FixedKnown: s.at, Interval: interval,
		OrderMinor: amount.Minor, TaxMinor: tax(o.may("tax"), amount),
	})
	s.refund(o.may("refunded"), id, from)
	s.paypal[id], _ = o.may("paypal").boolean(false)
}

// contributionName is the name given, else the word of the interval; a
// contribution has one interval.
func (s *story) contributionName(f field, i eligibility.Interval) string {
	if f.absent() {
		return wordFor(chargeIntervals, i)
	}
	name, _ := f.text("a name such as second")
	for _, c := range s.Charges {
		if c.Contribution == name && c.Interval != i {
			f.fault("the contribution %q is %s in another charge: it can have one interval", clip(name), wordFor(chargeIntervals, c.Interval))
			break
		}
	}
	return name
}

func tax(f field, amount money.Money) int64 {
	t, ok := f.amount()
	if ok && (t.Currency != amount.Currency || t.Minor >= amount.Minor) {
		f.fault("%s is not a part of %s", t, amount)
	}
	return t.Minor
}

func (s *story) refund(f field, charge string, from instant.Instant) {
	t, ok := s.past(f)
	if ok && t < from {
		f.fault("%s is before the payment (%s)", inDate(t), inDate(from))
	}
	if ok {
		s.Refunds = append(s.Refunds, eligibility.Refund{ID: "refund-of-" + charge, Charge: charge, At: t, Known: s.at})
	}
}
