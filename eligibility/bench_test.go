package eligibility_test

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// typical is a member who has paid every month for two years, read every half
// hour for a month.
func typical() (eligibility.Policies, *eligibility.Facts) {
	gbp := money.Currency{'G', 'B', 'P'}
	start := instant.Date(2024, 6, 1)
	f := &eligibility.Facts{Member: "m", Kind: "organisation"}
	f.Membership = []eligibility.MembershipFact{{ID: "e", Kind: eligibility.Admitted, At: start, Known: start}}
	f.Links = []eligibility.Link{{ID: "l", Account: "a", Known: start}}
	f.Contributions = []eligibility.Contribution{{ID: "c", Account: "a", Status: eligibility.StatusActive,
		Interval: eligibility.Monthly, ProcessedAt: start, Effective: start, Known: start}}
	for i := range 24 {
		from := start.AddMonths(i)
		f.Charges = append(f.Charges, eligibility.Charge{ID: "t" + from.Day(), Contribution: "c", Account: "a",
			Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 1000, Currency: gbp}, From: from, Known: from,
			FixedKnown: from, Interval: eligibility.Monthly, Due: from.AddMonths(1), OrderMinor: 1000})
	}
	last := start.AddMonths(23)
	for i := range 48 * 14 {
		at := last + instant.Instant(i)*instant.Day/48
		f.Snapshots = append(f.Snapshots, eligibility.Snapshot{Number: int64(i + 1), Start: at, Known: at})
	}
	p := eligibility.Policy{ID: "p", Minimums: []eligibility.Minimum{{Amount: money.Money{Minor: 1000, Currency: gbp}, Interval: eligibility.Monthly}},
		Late: 5 * dayLong, StaleAfter: dayLong, Interrupted: 90 * dayLong}
	for i := range p.Rules {
		p.Rules[i] = eligibility.RightRule{Organisations: true, Individuals: true, Grace: 21 * dayLong}
	}
	return eligibility.Policies{p}, f
}

// BenchmarkAssess is one verdict with reasons, citations and its next change.
func BenchmarkAssess(b *testing.B) {
	ps, f := typical()
	at := f.Snapshots[len(f.Snapshots)-1].Start + 60_000_000
	b.ReportAllocs()
	for b.Loop() {
		if s := ps.Assess(f, at, instant.Max); s.State != eligibility.StateCurrent {
			b.Fatal(s.State)
		}
	}
}
