package eligibility_test

import (
	"fmt"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// accounts are the payers of a history; the last is hidden by upstream.
var accounts = []member.AccountID{"a", "a", "a", "b", ""}

func (w world) account(label string) member.AccountID {
	return rapid.SampledFrom(accounts).Draw(w.T, label)
}

// membership draws an admission and what may follow it, each at an instant of
// its own.
func (w world) membership(f *eligibility.Facts) {
	add := func(kind eligibility.MembershipKind, at, until instant.Instant) {
		known, gone := w.entered(at, "membership")
		f.Membership = append(f.Membership, eligibility.MembershipFact{ID: fmt.Sprintf("e%d", len(f.Membership)+1),
			Kind: kind, At: at, Until: until, Listing: w.chance(2, "listed during a pause"), Known: known, Gone: gone})
	}
	if w.chance(4, "applied") {
		add(eligibility.Applied, w.day(-130, -101, "applied"), 0)
	}
	if w.chance(12, "never admitted") {
		return
	}
	add(eligibility.Admitted, w.day(-100, 20, "admitted"), 0)
	if w.chance(4, "a pause") {
		at := w.day(30, 200, "paused")
		add(eligibility.Paused, at, 0)
		if w.chance(2, "resumed") {
			add(eligibility.Resumed, at+instant.Instant(w.int(1, 60, "pause"))*instant.Day, 0)
		}
	}
	if w.chance(5, "a suspension") {
		at := w.day(30, 200, "suspended")
		add(eligibility.Suspended, at, rapid.SampledFrom([]instant.Instant{0, at + 7*instant.Day}).Draw(w.T, "by itself"))
		if w.chance(2, "restored") {
			add(eligibility.Restored, at+instant.Instant(w.int(1, 20, "suspension"))*instant.Day, 0)
		}
	}
	if w.chance(4, "without an account") {
		at := w.day(-50, 200, "no account")
		add(eligibility.NoAccount, at, 0)
		if w.chance(2, "linkable") {
			add(eligibility.Linkable, at+instant.Instant(w.int(1, 60, "linkable after"))*instant.Day, 0)
		}
	}
	if w.chance(6, "left") {
		at := w.day(201, 300, "left")
		add(eligibility.Left, at, 0)
		if w.chance(2, "back") {
			add(eligibility.Admitted, at+instant.Instant(w.int(1, 60, "back after"))*instant.Day, 0)
		}
	}
}

func (w world) links(f *eligibility.Facts) {
	for i := range w.int(0, 3, "links") {
		l := eligibility.Link{ID: fmt.Sprintf("l%d", i+1), Account: "a"}
		if w.chance(3, "other account") {
			l.Account = "b"
		}
		if w.chance(3, "linked from") {
			l.From = w.day(-60, 200, "linked from")
		}
		if w.chance(3, "linked until") {
			l.Until = max(l.From, epoch) + instant.Instant(w.int(1, 200, "linked for"))*instant.Day
		}
		if w.chance(3, "link known later") {
			l.Known, l.Gone = w.entered(w.day(-60, 200, "link known"), "link")
		}
		f.Links = append(f.Links, l)
	}
}

var statuses = []eligibility.Status{eligibility.StatusActive, eligibility.StatusActive, eligibility.StatusActive,
	eligibility.StatusError, eligibility.StatusError, eligibility.StatusPaused, eligibility.StatusPaused,
	eligibility.StatusCancelled, eligibility.StatusRejected, eligibility.StatusPending, eligibility.StatusProcessing,
	eligibility.StatusInReview, eligibility.StatusDisputed, eligibility.StatusExpired, eligibility.StatusPaid,
	eligibility.StatusNew, eligibility.StatusRequireClientConfirmation, eligibility.StatusRefunded, eligibility.StatusUnknown}

func (w world) contribution(f *eligibility.Facts, id string) {
	interval := rapid.SampledFrom([]eligibility.Interval{eligibility.Monthly, eligibility.Monthly, eligibility.Monthly,
		eligibility.Yearly, eligibility.OneOff}).Draw(w.T, "interval")
	first, last := w.charges(f, id, interval)
	known, before := instant.Instant(0), eligibility.StatusNew
	for _, at := range w.days(w.int(0, 5, "versions"), -40, 300, "version") {
		known = max(known+1, w.delay(at, "version"))
		for _, c := range f.Charges { // a snapshot shows orders and charges together
			if c.Contribution == id && c.From <= at {
				known = max(known, c.Known)
			}
		}
		c := eligibility.Contribution{ID: id, Account: w.account("payer now"), Interval: interval, Effective: at,
			Known: known, Status: rapid.SampledFrom(statuses).Draw(w.T, "status")}
		if before == eligibility.StatusRejected && c.Status == before {
			c.Status = eligibility.StatusCancelled // a rejection is shown once
		}
		before = c.Status
		if first != 0 && first <= at {
			c.ProcessedAt = first
		}
		if !w.chance(3, "no next charge") {
			c.NextCharge = at + instant.Instant(w.int(-20, 70, "next charge"))*instant.Day
		}
		c.PausedByPayer = c.Status == eligibility.StatusPaused && last < at && w.chance(3, "paused by the payer")
		f.Contributions = append(f.Contributions, c)
	}
}

// charges draws a contribution's money and says when it first and last came, 0 for never.
func (w world) charges(f *eligibility.Facts, id string, interval eligibility.Interval) (first, last instant.Instant) {
	account, currency := w.account("payer"), rapid.SampledFrom([]money.Currency{gbp, gbp, gbp, eur, usd}).Draw(w.T, "currency")
	at := w.day(-100, 60, "first charge")
	for n := range w.int(0, 6, "charges") {
		c := eligibility.Charge{ID: fmt.Sprintf("%s-%d", id, n+1), Contribution: id, Account: account,
			Kind: eligibility.ContributionCharge, Interval: interval, From: at, Known: w.delay(at, "charge")}
		c.Amount = money.Money{Minor: rapid.SampledFrom([]int64{1000, 1000, 1000, 500, 1200, 12000, 11999, 6000,
			333}).Draw(w.T, "amount"), Currency: currency}
		c.OrderMinor = c.Amount.Minor
		if w.chance(5, "tax") {
			c.TaxMinor = c.Amount.Minor / int64(w.int(3, 12, "tax share"))
		}
		if c.FixedKnown = c.Known; w.chance(8, "listed later") {
			c.FixedKnown = rapid.SampledFrom([]instant.Instant{0, c.Known + 3*instant.Day}).Draw(w.T, "listed")
		}
		if w.chance(10, "added funds") {
			c.Kind = eligibility.AddedFunds
			if !w.addedToRecurring {
				c.Interval = eligibility.OneOff
			}
		}
		if c.Due = eligibility.ComputedDue(at, interval, n == 0, w.chance(4,
			"paypal")); interval != eligibility.OneOff && w.chance(5, "other due") {
			c.Due = at + instant.Instant(w.int(1, 48, "due"))*instant.Day
		}
		if first == 0 {
			first = at
		}
		f.Charges, last = append(f.Charges, c), at
		at = rapid.SampledFrom([]instant.Instant{at.MonthStart(1), at.MonthStart(1) + 3*instant.Day + 1,
			at.AddMonths(1), at.MonthStart(2), at.AddMonths(12)}).Draw(w.T, "next charge")
	}
	return first, last
}

func (w world) refunds(f *eligibility.Facts) {
	for _, c := range f.Charges {
		if w.chance(6, "refunded") {
			at := c.From + instant.Instant(w.int(0, 45, "refund after"))*instant.Day + 1
			f.Refunds = append(f.Refunds, eligibility.Refund{ID: "r" + c.ID, Charge: c.ID, At: at,
				Known: max(c.Known, w.delay(at, "refund"))})
		}
	}
}

func (w world) waivers(f *eligibility.Facts) {
	for i := range max(0, w.int(-2, 2, "waivers")) {
		x := eligibility.Waiver{ID: fmt.Sprintf("w%d", i+1), From: w.day(-60, 250, "waiver from")}
		if !w.chance(4, "open waiver") {
			x.Until = x.From + instant.Instant(w.int(1, 120, "waiver"))*instant.Day
		}
		x.Known, x.Gone = w.entered(x.From, "waiver")
		f.Waivers = append(f.Waivers, x)
	}
}

func (w world) payments(f *eligibility.Facts) {
	for i := range max(0, w.int(-2, 2, "payments")) {
		months := rapid.SampledFrom([]int{1, 1, 2, 3, 12}).Draw(w.T, "months")
		x := eligibility.Payment{ID: fmt.Sprintf("p%d", i+1), Months: months, From: w.day(-60, 250, "payment from")}
		x.Until = x.From.AddMonths(months)
		each := rapid.SampledFrom([]int64{1000, 1000, 500, 999}).Draw(w.T, "a month")
		x.Amount = money.Money{Minor: each * int64(months), Currency: rapid.SampledFrom([]money.Currency{gbp, gbp,
			gbp, eur, usd}).Draw(w.T, "payment in")}
		if len(f.Charges) > i && w.chance(4, "for a charge") {
			x.Charge = f.Charges[i].ID
		}
		x.Known, x.Gone = w.entered(x.From, "payment")
		f.Payments = append(f.Payments, x)
	}
}

func (w world) profile(f *eligibility.Facts) {
	for _, kind := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
		on := !w.chance(6, "never")
		for i, at := range w.days(w.int(1, 2, "profile facts"), -60, 200, "profile") {
			f.Profile = append(f.Profile, eligibility.ProfileFact{ID: fmt.Sprintf("f%d-%d", kind, i+1), Kind: kind,
				On: on, At: at, Known: w.delay(at, "profile")})
			on = !on
		}
	}
}

// hold draws at most one hold, set at a snapshot and counted from the one before.
func (w world) hold(f *eligibility.Facts) {
	if len(f.Snapshots) < 2 || !w.chance(4, "a hold") {
		return
	}
	i := w.int(1, len(f.Snapshots)-1, "held at")
	h := eligibility.Hold{ID: "h1", Cause: "host", SetAt: f.Snapshots[i].Start, Since: f.Snapshots[i-1].Start,
		Known: f.Snapshots[i].Known}
	h.Kept = eligibility.Kept{State: rapid.SampledFrom([]eligibility.State{eligibility.StateCurrent, eligibility.StateGrace,
		eligibility.StateWaived}).Draw(w.T, "kept"), Vote: w.chance(2, "keeps vote"), Listing: w.chance(2, "keeps listing"), Services: w.chance(2, "keeps services")}
	if w.chance(2, "acknowledged") {
		h.AckAt = h.SetAt + instant.Instant(w.int(1, 60, "acknowledged after"))*instant.Day + 7
		h.AckKnown = w.delay(h.AckAt, "acknowledged")
	}
	f.Holds = append(f.Holds, h)
}

func (w world) record(f *eligibility.Facts) {
	for _, at := range w.days(w.int(0, 3, "recorded"), -40, 250, "recorded") {
		f.Recorded = append(f.Recorded, eligibility.Recorded{At: at, Known: at,
			State: rapid.SampledFrom([]eligibility.State{eligibility.StateCurrent, eligibility.StateUnknown,
				eligibility.StateLapsed, eligibility.StatePaused, eligibility.StateSuspended, eligibility.StateLeft}).Draw(w.T, "recorded"),
			Vote: w.chance(2, "vote"), Listing: w.chance(2, "listing"), Services: w.chance(2, "services")})
	}
}
