package eligibility_test

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// A fact is known from its known instant on, to the microsecond, and a
// correction takes it away from its own instant on (domain.md, section 2).
func TestFactsAreKnownFromTheirInstant(t *testing.T) {
	const seen = 1_000_000
	at := epoch + 10*instant.Day
	ps := eligibility.Policies{preset("p", eligibility.Minimum{Amount: money.Money{Minor: 1000, Currency: gbp}, Interval: eligibility.Monthly})}
	pounds := money.Money{Minor: 1000, Currency: gbp}
	charge := eligibility.Charge{ID: "c-1", Contribution: "c", Account: "a", Kind: eligibility.ContributionCharge, Amount: pounds,
		From: epoch, Interval: eligibility.Monthly, Due: epoch + 31*instant.Day, OrderMinor: 1000}
	for what, tell := range map[string]struct {
		add         func(*eligibility.Facts)
		before, now eligibility.State
	}{
		"a charge": {func(f *eligibility.Facts) {
			c := charge
			c.Known, c.FixedKnown = seen, seen
			f.Charges = append(f.Charges, c)
		}, eligibility.StateUnpaid, eligibility.StateCurrent},
		"a refund": {func(f *eligibility.Facts) {
			f.Charges = append(f.Charges, charge)
			f.Charges[0].FixedKnown = 1
			f.Refunds = []eligibility.Refund{{ID: "r", Charge: "c-1", At: epoch + instant.Day, Known: seen}}
		}, eligibility.StateCurrent, eligibility.StateGrace},
		"a contribution": {func(f *eligibility.Facts) {
			f.Contributions = []eligibility.Contribution{{ID: "c", Account: "a", Status: eligibility.StatusPending, Effective: epoch, Known: seen}}
		}, eligibility.StateUnpaid, eligibility.StatePending},
		"a charge, whenever its coverage was fixed": {func(f *eligibility.Facts) {
			c := charge
			c.Known, c.FixedKnown = seen, 1
			f.Charges = append(f.Charges, c)
		}, eligibility.StateUnpaid, eligibility.StateCurrent},
		"a charge that counts nothing": {func(f *eligibility.Facts) {
			f.Contributions = []eligibility.Contribution{{ID: "c", Account: "a", Status: eligibility.StatusPending, Effective: epoch}}
			c := charge
			c.Interval, c.Due, c.Known = eligibility.OneOff, 0, seen
			f.Charges = append(f.Charges, c)
		}, eligibility.StatePending, eligibility.StateUnpaid},
		"a waiver": {func(f *eligibility.Facts) {
			f.Waivers = []eligibility.Waiver{{ID: "w", From: epoch, Known: seen}}
		}, eligibility.StateUnpaid, eligibility.StateWaived},
		"a waiver that is undone": {func(f *eligibility.Facts) {
			f.Waivers = []eligibility.Waiver{{ID: "w", From: epoch, Gone: seen}}
		}, eligibility.StateWaived, eligibility.StateUnpaid},
		"a hold": {func(f *eligibility.Facts) {
			f.Holds = []eligibility.Hold{{ID: "h", SetAt: epoch, Since: epoch, Known: seen, Kept: eligibility.Kept{State: eligibility.StateCurrent, Vote: true}}}
		}, eligibility.StateUnpaid, eligibility.StateCurrent},
		"a hold without a snapshot before it": {func(f *eligibility.Facts) {
			f.Holds = []eligibility.Hold{{ID: "h", SetAt: epoch, Known: seen, Kept: eligibility.Kept{State: eligibility.StateCurrent, Vote: true}}}
		}, eligibility.StateUnpaid, eligibility.StateCurrent},
		"a snapshot": {func(f *eligibility.Facts) {
			f.Snapshots = eligibility.Snapshots{{Number: 1, Start: 1, Known: seen}}
		}, eligibility.StateUnknown, eligibility.StateUnpaid},
	} {
		f := &eligibility.Facts{Member: "m", Membership: []eligibility.MembershipFact{{ID: "e", Kind: eligibility.Admitted}},
			Links: []eligibility.Link{{ID: "l", Account: "a"}}, Snapshots: eligibility.Snapshots{{Number: 1, Start: 1, Known: 1}}}
		tell.add(f)
		if s := ps.Forecast(f, at, seen-1); s.State != tell.before {
			t.Errorf("%s, an instant before it is known: %s, want %s", what, s.State, tell.before)
		}
		if s := ps.Forecast(f, at, seen); s.State != tell.now {
			t.Errorf("%s, when it is known: %s, want %s", what, s.State, tell.now)
		}
	}
}

// Without any policy no money counts and nobody has a right; nothing breaks.
func TestWithoutAPolicy(t *testing.T) {
	f := pays(epoch, true)
	f.Payments = []eligibility.Payment{{ID: "p", Amount: money.Money{Minor: 1000, Currency: gbp}, Months: 1, From: epoch, Until: epoch.AddMonths(1)}}
	s := eligibility.Policies(nil).Forecast(f, epoch+instant.Day, instant.Max)
	if s.State != eligibility.StateUnpaid || s.Has(eligibility.Vote) || s.Policy != "" {
		t.Errorf("%s, vote %t, policy %q", s.State, s.Has(eligibility.Vote), s.Policy)
	}
}

// What is entered to the end of all time is answered about, too.
func TestPaidForEver(t *testing.T) {
	ps, f := eligibility.Policies{presets["seed-2022"]()}, pays(epoch, true)
	f.Payments = []eligibility.Payment{{ID: "p", Amount: money.Money{Minor: 1000, Currency: gbp}, Months: 1, From: epoch, Until: instant.Max}}
	if s := ps.Forecast(f, epoch+90*instant.Day, instant.Max); s.State != eligibility.StateCurrent || s.PaidThrough != instant.Max {
		t.Errorf("%s, paid through %s", s.State, s.PaidThrough)
	}
}

// A record counts from when it is known, to the microsecond.
func TestRecordsAreKnownFromTheirInstant(t *testing.T) {
	ps := eligibility.Policies{preset("p")}
	f := &eligibility.Facts{Member: "m", Membership: []eligibility.MembershipFact{{ID: "e", Kind: eligibility.Admitted}},
		Recorded: []eligibility.Recorded{{At: epoch, Known: epoch + 7, State: eligibility.StateCurrent, Vote: true}}}
	for known, want := range map[instant.Instant]bool{epoch + 6: false, epoch + 7: true} {
		if s := ps.Assess(f, epoch+9, known); s.Has(eligibility.Vote) != want {
			t.Errorf("known %s: vote %t", known, !want)
		}
	}
}

// A hold without a snapshot before it begins when it is set.
func TestAHoldBeginsWhenItIsSet(t *testing.T) {
	set := epoch + 10*instant.Day
	ps := eligibility.Policies{preset("p", eligibility.Minimum{Amount: money.Money{Minor: 1000, Currency: gbp}, Interval: eligibility.Monthly})}
	f := &eligibility.Facts{Member: "m", Membership: []eligibility.MembershipFact{{ID: "e", Kind: eligibility.Admitted}},
		Links: []eligibility.Link{{ID: "l", Account: "a"}}, Snapshots: eligibility.Snapshots{{Number: 1, Start: 1, Known: 1}},
		Holds: []eligibility.Hold{{ID: "h", SetAt: set, Kept: eligibility.Kept{State: eligibility.StateCurrent, Vote: true}}}}
	if s := ps.Forecast(f, set-1, instant.Max); s.State != eligibility.StateUnpaid || s.ChangesAt != set {
		t.Errorf("before it: %s, changes %s", s.State, s.ChangesAt)
	}
	if s := ps.Forecast(f, set, instant.Max); s.State != eligibility.StateCurrent {
		t.Errorf("when it is set: %s", s.State)
	}
}

// An answer about an instant after the last snapshot is marked as a forecast.
func TestForecastsAreMarked(t *testing.T) {
	f := &eligibility.Facts{Member: "m", Snapshots: eligibility.Snapshots{{Number: 1, Start: epoch, Known: epoch}}}
	ps := eligibility.Policies{preset("p")}
	for at, want := range map[instant.Instant]bool{epoch - 1: false, epoch: false, epoch + 1: true} {
		if got := ps.Forecast(f, at, instant.Max).Forecast; got != want {
			t.Errorf("%s: a forecast %t", at, got)
		}
		if ps.Assess(f, at, instant.Max).Forecast {
			t.Errorf("%s: an assessment is marked as a forecast", at)
		}
	}
}

// A hidden payer is nobody, whatever a link says; a contribution that upstream
// says it processed is not promised for the first time; one that failed before
// it was ever processed is not retried.
func TestWhatIsNotThere(t *testing.T) {
	ps := eligibility.Policies{preset("p", eligibility.Minimum{Amount: money.Money{Minor: 1000, Currency: gbp}, Interval: eligibility.Monthly})}
	f := &eligibility.Facts{Member: "m", Membership: []eligibility.MembershipFact{{ID: "e", Kind: eligibility.Admitted}},
		Links: []eligibility.Link{{ID: "l"}, {ID: "k", Account: "a"}}, Snapshots: eligibility.Snapshots{{Number: 1, Start: 1, Known: 1}},
		Profile:       []eligibility.ProfileFact{{ID: "f", Kind: eligibility.Approved + 1, On: true}, {ID: "g", On: true}},
		Contributions: []eligibility.Contribution{{ID: "c", Status: eligibility.StatusPending}, {ID: "d", Account: "a", Status: eligibility.StatusInReview, ProcessedAt: 7}}}
	if s := ps.Forecast(f, epoch, instant.Max); s.State != eligibility.StateUnpaid {
		t.Errorf("%s, want unpaid", s.State)
	}
	f.Waivers = []eligibility.Waiver{{ID: "w", From: epoch - 10*instant.Day, Until: epoch - 10*instant.Day}}
	if s := ps.Forecast(f, epoch, instant.Max); s.State != eligibility.StateUnpaid {
		t.Errorf("after a waiver of no time: %s, want unpaid", s.State)
	}
	f.Waivers = nil
	f.Payments = []eligibility.Payment{{ID: "p", Amount: money.Money{Minor: 1000, Currency: gbp}, Months: 1, From: epoch - instant.Day, Until: epoch - instant.Day}}
	if s := ps.Forecast(f, epoch, instant.Max); s.State != eligibility.StateUnpaid {
		t.Errorf("after a payment for no time: %s, want unpaid", s.State)
	}
	f.Payments = nil
	f.Charges = []eligibility.Charge{{ID: "c-1", Contribution: "d", Account: "a", Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 1000, Currency: gbp},
		From: epoch, FixedKnown: 1, Interval: eligibility.Monthly, Due: epoch, OrderMinor: 1000}}
	if s := ps.Forecast(f, epoch, instant.Max); s.State != eligibility.StateUnpaid {
		t.Errorf("after a charge that is due at once: %s, want unpaid", s.State)
	}
	f.Charges = []eligibility.Charge{{ID: "c-1", Contribution: "d", Account: "a", Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 1000, Currency: gbp},
		From: epoch, FixedKnown: 1, Interval: eligibility.Monthly, Due: epoch + 10*instant.Day, OrderMinor: 1000}}
	f.Contributions = []eligibility.Contribution{{ID: "d", Account: "a", Status: eligibility.StatusError}}
	if s := ps.Forecast(f, epoch+20*instant.Day, instant.Max); s.Verdict(eligibility.Vote).Until != epoch+31*instant.Day {
		t.Errorf("grace until %s, want 21 days", s.Verdict(eligibility.Vote).Until)
	}
}

// Upstream's words for how often an order is paid.
func TestUpstreamsIntervals(t *testing.T) {
	for word, want := range map[string]eligibility.Interval{"MONTHLY": eligibility.Monthly, "YEARLY": eligibility.Yearly, "ONETIME": eligibility.OneOff} {
		if got, ok := eligibility.ParseInterval(word); !ok || got != want {
			t.Errorf("%s: %d, known %t", word, got, ok)
		}
	}
	for _, word := range []string{"", "WEEKLY", "monthly"} {
		if _, ok := eligibility.ParseInterval(word); ok {
			t.Errorf("%q is taken for an interval", word)
		}
	}
}
