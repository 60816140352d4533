package fakeoc

import (
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// The limits of upstream's jobs (open-collective.md, section 3.1).
const (
	maxRetries     = 6   // the sixth refusal in a row cancels
	chargesPerRun  = 500 // orders that one run of the hourly job takes
	pendingMonths  = 2   // until a bank transfer that never came expires
	pausedMonths   = 12  // until a paused order expires
	bankDays       = 3   // how long a bank debit is PROCESSING
	payPalWaitDays = 5   // until PayPal tries a refused charge again
)

// retryAfter is in how many days upstream tries again after the nth refusal:
// tries are made on the days 0, 2, 4, 9, 14 and 19.
func retryAfter(n int) int {
	if n <= 2 {
		return 2
	}
	return 5
}

// Advance moves the clock on, with everything that happens meanwhile.
func (w *World) Advance(d time.Duration) {
	defer w.changing()()
	w.advanceTo(w.now.Add(d))
}

// AdvanceTo moves the clock to an instant, with everything that happens
// meanwhile. Where much happens at the very end the clock is a few milliseconds
// later than asked; an instant that has passed changes nothing.
func (w *World) AdvanceTo(t instant.Instant) {
	defer w.changing()()
	w.advanceTo(t)
}

func (w *World) advanceTo(t instant.Instant) {
	t = t / 1000 * 1000
	for {
		next := min(w.tick, w.day)
		if next > t {
			break
		}
		w.moveTo(next)
		if w.tick == next {
			w.tick += hour
			w.hourly()
		}
		if w.day == next {
			w.day += instant.Day
			w.daily()
		}
	}
	w.moveTo(t)
}

func (w *World) moveTo(t instant.Instant) {
	if t > w.now {
		w.now, w.stamped = t, false
	}
}

// hourly is upstream's charging job, PayPal's own charges, and bank debits that
// come to their end.
func (w *World) hourly() {
	for _, o := range w.orders {
		if o.settles != 0 && o.settles <= w.now {
			w.settle(o)
		}
	}
	left := chargesPerRun
	for _, o := range w.orders {
		s := o.Subscription
		if s == nil || !s.Active || s.NextCharge == 0 || s.NextCharge > w.now {
			continue
		}
		switch {
		case s.External:
			w.payPal(o)
		case o.Status == "PAUSED" || o.Status == "PROCESSING" || o.From.Deleted || w.now < w.halted || left == 0:
		default:
			left--
			w.try(o)
		}
	}
}

// try charges one order that is due.
func (w *World) try(o *Order) {
	switch {
	case o.From.refuses():
		w.refused(o)
	case slowMethod(o.Method):
		o.Status, o.Updated = "PROCESSING", w.stamp()
		o.settles = w.now.Add(bankDays * 24 * time.Hour)
	default:
		w.succeeded(o)
	}
}

// refuses says whether the account's next charge is refused, and uses it up.
func (a *Account) refuses() bool {
	if a.pays.broken {
		return true
	}
	if a.pays.refuse > 0 {
		a.pays.refuse--
		return true
	}
	return false
}

// slowMethod says that a payment takes days.
func slowMethod(method string) bool { return method == "BACS_DEBIT" || method == "SEPA_DEBIT" }

// settle ends a payment that took days.
func (w *World) settle(o *Order) {
	o.settles = 0
	if o.Status == "CANCELLED" || o.Status == "EXPIRED" { // late money: upstream books it and leaves the status
		w.book(o, o.Amount())
		return
	}
	if o.Subscription == nil && o.Processed == 0 {
		w.first(o)
		return
	}
	if o.From.refuses() {
		w.refused(o)
		return
	}
	w.succeeded(o)
}

// succeeded books a renewal. The anchor moves by one interval, however late the
// money came.
func (w *World) succeeded(o *Order) {
	t := w.book(o, o.Amount())
	s := o.Subscription
	o.Status, o.Updated, o.PausedBy = "ACTIVE", w.stamp(), ""
	s.Retries = 0
	s.NextPeriod = s.NextPeriod.AddMonths(months(s.Interval))
	s.NextCharge = s.NextPeriod
	t.until = s.NextCharge
	w.note("ORDER_PROCESSED", o, true)
}

func months(interval string) int {
	if interval == "year" {
		return 12
	}
	return 1
}

// refused counts a refusal. The sixth in a row cancels; the date stays in the
// future all the same, as upstream's does.
func (w *World) refused(o *Order) {
	s := o.Subscription
	o.Updated = w.stamp()
	w.note("ORDER_PAYMENT_FAILED", o, true)
	if s == nil {
		o.Status = "ERROR"
		return
	}
	s.Retries++
	s.NextCharge = w.now/instant.Day*instant.Day + instant.Instant(retryAfter(s.Retries))*instant.Day
	if s.Retries >= maxRetries {
		o.Status, s.Active = "CANCELLED", false
		return
	}
	o.Status = "ERROR"
}

// payPal charges what PayPal manages. Its refusals leave no trace on Open
// Collective: neither a status nor an activity.
func (w *World) payPal(o *Order) {
	s := o.Subscription
	if o.Status != "ACTIVE" || s.settling(w.now) {
		return
	}
	if o.From.refuses() {
		s.retryAt = w.now.Add(payPalWaitDays * 24 * time.Hour)
		return
	}
	t := w.book(o, o.Amount())
	s.retryAt = 0
	s.NextCharge = t.Cleared.AddMonths(months(s.Interval))
	s.NextPeriod, t.until = s.NextCharge, s.NextCharge
	o.Updated = w.stamp()
	w.note("ORDER_PROCESSED", o, true)
}

func (s *Subscription) settling(now instant.Instant) bool { return s.retryAt > now }

// book writes a payment into the collective's ledger and remembers when.
func (w *World) book(o *Order, amount int64) *Transaction {
	cleared := w.stamp()
	t := w.credit(o, amount, "CONTRIBUTION")
	t.Cleared = cleared
	if o.Subscription != nil {
		o.Subscription.LastCharged = cleared
	}
	if o.Processed == 0 {
		o.Processed = cleared
	}
	return t
}

// credit adds one CREDIT to the ledger of the order's collective.
func (w *World) credit(o *Order, amount int64, kind string) *Transaction {
	w.made++
	t := &Transaction{
		LegacyID: int64(w.made), ID: w.uuid(), Group: w.uuid(), Type: "CREDIT", Kind: kind,
		Amount: amount, Currency: o.Currency, Created: w.stamp(), Account: o.To, Opposite: o.From, Order: o,
	}
	t.Cleared = t.Created
	w.transactions = append(w.transactions, t)
	w.back(o)
	return t
}

// back makes the payer a backer of the collective, once for each tier.
func (w *World) back(o *Order) {
	if o.From.listed && slices.ContainsFunc(w.members, func(m *Membership) bool {
		return m.Role == "BACKER" && m.Account == o.From && m.Of == o.To && m.Tier == o.Tier
	}) {
		return
	}
	w.join("BACKER", o.From, o.To, o.Tier)
}

func (w *World) join(role string, a, of *Account, t *Tier) {
	m := &Membership{Role: role, Account: a, Of: of, Tier: t, Since: w.now}
	m.LegacyID, m.ID, m.PublicID = w.ids("mem", w.now)
	w.members, a.listed = append(w.members, m), true
}

// note adds an activity.
func (w *World) note(kind string, o *Order, system bool) {
	w.activities = append(w.activities, &Activity{
		ID: w.uuid(), Type: kind, Created: w.now, System: system, From: o.From, Of: o.To, Order: o,
	})
}

// daily expires what was never paid and what was paused for a year.
func (w *World) daily() {
	for _, o := range w.orders {
		switch {
		case o.Status == "PENDING" && o.Created.AddMonths(pendingMonths) <= w.now,
			o.Status == "PAUSED" && o.Updated.AddMonths(pausedMonths) <= w.now:
			o.Status, o.Updated, o.PausedBy = "EXPIRED", w.stamp(), ""
			o.stop()
		}
	}
}

// stop ends the recurrence; the next date stays, as upstream's does.
func (o *Order) stop() {
	if o.Subscription != nil {
		o.Subscription.Active = false
	}
}

// firstDates are the first next date and anchor of a new subscription: one
// interval later, a month more when that day is after the 15th, then the 1st
// of that month.
func firstDates(created instant.Instant, interval string) instant.Instant {
	next := created.AddMonths(months(interval))
	if interval == "month" && next.Time().Day() > 15 {
		return next.MonthStart(1)
	}
	return next.MonthStart(0)
}
