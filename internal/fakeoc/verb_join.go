package fakeoc

import (
	"cmp"
	"fmt"
	"strconv"
)

// How a contribution begins.

var intervals = map[string]string{"monthly": "month", "yearly": "year", "once": ""}

// methods are how one can pay: upstream's service and type.
var methods = map[string][2]string{
	"card": {"STRIPE", "CREDITCARD"}, "paypal": {"PAYPAL", "SUBSCRIPTION"}, "bacs": {"STRIPE", "BACS_DEBIT"},
	"sepa": {"STRIPE", "SEPA_DEBIT"}, "manual": {"", ""}, "balance": {"OPENCOLLECTIVE", "COLLECTIVE"},
}

func (w *World) verbJoin(s *said) error {
	o := &Order{Quantity: 1, Currency: s.at(1), Status: "NEW"}
	amount, err := minor(s.at(2))
	if err != nil {
		return err
	}
	interval, ok := intervals[s.at(3)]
	if !ok {
		return fmt.Errorf("%q is no interval: write monthly, yearly or once", s.at(3))
	}
	method := cmp.Or(s.beyond(4), "card")
	if _, ok := methods[method]; !ok {
		return fmt.Errorf("%q is no method: write card, paypal, bacs, sepa, manual or balance", method)
	}
	o.Interval, o.Service, o.Method = interval, methods[method][0], methods[method][1]
	if err := w.joinOptions(o, s, amount); err != nil {
		return err
	}
	first := s.option("first")
	if o.From = w.find(s.at(0)); o.From == nil {
		o.From = w.newAccount(s.at(0), accountSpec{kind: "ORGANIZATION"})
	}
	w.describe(o)
	o.LegacyID, o.ID, o.PublicID = w.ids("or", w.now)
	o.Created = w.stamp()
	o.Updated = o.Created
	w.enlist(o)
	w.begin(o, method, first)
	return nil
}

// joinOptions reads what may be said beside the amount.
func (w *World) joinOptions(o *Order, s *said, amount int64) (err error) {
	number := func(name string, into *int64) {
		text := s.option(name)
		if text == "" || err != nil {
			return
		}
		*into, err = minor(text)
	}
	o.NoTip = s.option("tip") == ""
	number("tip", &o.Tip)
	number("tax", &o.Tax)
	o.Total = amount + o.Tip
	if n := s.option("quantity"); n != "" && err == nil {
		o.Quantity, err = strconv.ParseInt(n, 10, 64)
	}
	if err != nil {
		return err
	}
	if o.To = w.collective(); s.option("to") != "" {
		o.To, err = w.account(s.option("to"))
	}
	if err == nil && o.To == nil {
		return fmt.Errorf("there is no collective yet: collective SLUG CURRENCY")
	}
	if t := s.option("tier"); t != "" && err == nil {
		o.Tier, err = w.tier(o.To, t)
	}
	return err
}

func (w *World) describe(o *Order) {
	o.Description = map[string]string{"month": "Monthly", "year": "Yearly", "": "One-time"}[o.Interval] + " financial contribution to " + o.To.Name
	if o.Tier != nil {
		o.Description += " (" + o.Tier.Name + ")"
	}
}

// begin makes the first payment, or begins to.
func (w *World) begin(o *Order, method, first string) {
	switch {
	case first != "":
		o.Status = first
		if first == "IN_REVIEW" {
			w.book(o, o.Amount())
		}
	case method == "manual":
		o.Status = "PENDING"
	case method == "bacs" || method == "sepa":
		o.Status = "PROCESSING"
		o.settles = w.now.Add(bankDays * 24 * 60 * 60 * 1e9)
	case o.From.refuses():
		o.Status = "ERROR"
		w.note("ORDER_PAYMENT_FAILED", o, false)
	default:
		w.first(o)
	}
}

// first is the first success: what recurs gets its subscription.
func (w *World) first(o *Order) {
	t := w.book(o, o.Amount())
	o.Processed, o.Status = t.Cleared, "PAID"
	if o.Interval != "" {
		s := &Subscription{Interval: o.Interval, Active: true, LastCharged: t.Cleared, External: o.Service == "PAYPAL"}
		s.NextCharge = firstDates(o.Processed, o.Interval)
		if s.External {
			s.NextCharge = o.Processed.AddMonths(months(o.Interval))
		}
		s.NextPeriod, t.until = s.NextCharge, s.NextCharge
		o.Subscription, o.Status = s, "ACTIVE"
		w.endSimilar(o)
		w.note("SUBSCRIPTION_ACTIVATED", o, false)
	}
	o.Updated = w.stamp()
	w.note("ORDER_PROCESSED", o, false)
}

// endSimilar: a new contribution cancels the payer's paused ones.
func (w *World) endSimilar(o *Order) {
	if o.From.orders == 1 {
		return
	}
	for _, other := range w.orders {
		if other != o && other.From == o.From && other.To == o.To && other.Status == "PAUSED" {
			other.Status, other.Updated, other.PausedBy = "CANCELLED", w.stamp(), ""
			other.stop()
		}
	}
}
