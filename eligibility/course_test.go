package eligibility_test

import (
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// What counts as dues, and what is promised: until a contribution is cancelled, and
// once for each charge that was followed by another.
func TestPaidAndRenewals(t *testing.T) {
	ps, f := typical() // 1 June 2024 to 1 May 2026, read until 14 May
	start, known := instant.Date(2024, 6, 1), instant.Max
	f.Refunds = []eligibility.Refund{{ID: "r", Charge: f.Charges[3].ID, At: f.Charges[3].From + instant.Day, Known: start}}
	f.Charges = append(f.Charges, eligibility.Charge{ID: "gift", Account: "a", Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 5000, Currency: money.Currency{'G', 'B', 'P'}},
		From: start, Known: start, FixedKnown: start})
	f.Payments = []eligibility.Payment{{ID: "p", Amount: money.Money{Minor: 2000, Currency: money.Currency{'G', 'B', 'P'}}, Months: 2, From: start, Until: start.AddMonths(2), Known: start}}
	paid := ps.Paid(f, known)
	back := slices.DeleteFunc(slices.Clone(paid), func(p eligibility.Paid) bool { return p.Back == 0 })
	if len(paid) != 25 || len(back) != 1 || back[0].Ref.ID != f.Charges[3].ID || back[0].Amount.Minor != 1000 || paid[24].Ref.Kind != eligibility.RefPayment || paid[24].Amount.Minor != 2000 {
		t.Errorf("%d paid, %d given back: %+v", len(paid), len(back), paid)
	}
	months := func() (out []string) {
		for _, r := range ps.Renewals(f, known, instant.Date(2026, 9, 1)) {
			out = append(out, r.At.Time().Format("2006-01"))
			if r.Amount.Minor != 1000 {
				t.Errorf("%+v", r)
			}
		}
		slices.Sort(out)
		return out
	}
	if got := months(); len(got) != 26 || len(slices.Compact(got)) != 26 || got[0] != "2024-07" || got[25] != "2026-08" {
		t.Errorf("promised in %v", got)
	}
	cancelled := f.Contributions[0]
	cancelled.Status, cancelled.Effective, cancelled.Known = eligibility.StatusCancelled, instant.Date(2026, 3, 10), instant.Date(2026, 3, 10)
	f.Contributions = append(f.Contributions, cancelled)
	if got := months(); len(got) != 21 || got[20] != "2026-03" {
		t.Errorf("promised after it was cancelled: %v", got)
	}
	f.Links[0].Until = instant.Date(2025, 1, 1) // what the account paid later is not the member's
	if paid := ps.Paid(f, known); len(paid) != 8 {
		t.Errorf("%d paid while it was linked, want 7 charges and a payment", len(paid))
	}
	if got := ps.Paid(&eligibility.Facts{}, known); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// A charge promises from the microsecond in which it is known, and one that is due at once
// promises nothing.
func TestAChargePromisesFromItsInstant(t *testing.T) {
	ps := eligibility.Policies{presets["seed-2022"]()}
	f := pays(epoch, false)
	c := &f.Charges[0]
	c.Known, c.FixedKnown = epoch+9, 1 // whenever its coverage was fixed
	before := c.Due.AddMonths(2)
	for known, want := range map[instant.Instant]int{epoch + 8: 0, epoch + 9: 2, instant.Max: 2} {
		if got := ps.Renewals(f, known, before); len(got) != want {
			t.Errorf("known %s: promised %+v, want %d", known, got, want)
		}
	}
	c.Due = c.From
	if got := ps.Renewals(f, instant.Max, before); len(got) != 0 {
		t.Errorf("due at once: promised %+v", got)
	}
}

// The states over two years of five thousand members must not take long: this is the
// price of one member.
func BenchmarkStates(b *testing.B) {
	ps, f := typical()
	var at []instant.Instant
	for m := range 24 {
		at = append(at, instant.Date(2024, 6+time.Month(m), 15))
	}
	b.ReportAllocs()
	for b.Loop() {
		ps.States(f, instant.Max, at...)
	}
}

// What a member paid and promised over two years, for the pictures of five thousand.
func BenchmarkPaidAndRenewals(b *testing.B) {
	ps, f := typical()
	b.ReportAllocs()
	for b.Loop() {
		ps.Paid(f, instant.Max)
		ps.Renewals(f, instant.Max, instant.Date(2026, 9, 1))
	}
}
