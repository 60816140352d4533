package bench

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
)

// kinds of members, as many of a hundred.
var kinds = []struct {
	of   int
	name string
	make func(*eligibility.Facts)
}{
	{82, "pays monthly", func(*eligibility.Facts) {}},
	{8, "pays yearly", func(f *eligibility.Facts) {
		c := f.Charges[0]
		c.Interval, c.Due, c.Amount.Minor, c.OrderMinor = eligibility.Yearly, c.From.MonthStart(12), 12000, 12000
		f.Charges, f.Contributions[0].Interval = []eligibility.Charge{c}, eligibility.Yearly
	}},
	{4, "in grace", func(f *eligibility.Facts) {
		f.Charges = f.Charges[:len(f.Charges)-1]
		failed := f.Contributions[0]
		failed.Status, failed.Effective, failed.Known = eligibility.StatusError, today.MonthStart(0), today.MonthStart(0)
		f.Contributions = append(f.Contributions, failed)
	}},
	{3, "lapsed", func(f *eligibility.Facts) {
		f.Charges = f.Charges[:3]
		ended := f.Contributions[0]
		ended.Status, ended.Effective, ended.Known = eligibility.StatusCancelled, f.Charges[2].Due, f.Charges[2].Due
		f.Contributions = append(f.Contributions, ended)
	}},
	{2, "waived", func(f *eligibility.Facts) {
		f.Charges, f.Contributions = nil, nil
		f.Waivers = []eligibility.Waiver{{ID: "w", From: joined, Until: today.AddMonths(3), Known: joined}}
	}},
	{1, "never paid", func(f *eligibility.Facts) { f.Charges, f.Contributions = nil, nil }},
}

// A federation in the last week of its first year, which was read every half hour for
// a month.
var (
	joined = instant.Date(2025, 7, 2)
	today  = instant.Date(2026, 6, 24)
)

// memberOf is the nth member of a federation: what each kind has is spread evenly.
func memberOf(n int, snapshots eligibility.Snapshots) eligibility.Facts {
	id := fmt.Sprint(n)
	from := joined + instant.Instant(n%20)*instant.Day
	f := eligibility.Facts{Member: member.ID("m-" + id), Kind: member.Organisation, Snapshots: snapshots}
	f.Membership = []eligibility.MembershipFact{{ID: "e-" + id, Kind: eligibility.Admitted, At: from, Known: from}}
	account := member.AccountID("a-" + id)
	f.Links = []eligibility.Link{{ID: "l-" + id, Account: account, Known: from}}
	f.Contributions = []eligibility.Contribution{{ID: "c-" + id, Account: account, Status: eligibility.StatusActive,
		Interval: eligibility.Monthly, ProcessedAt: from, NextCharge: today.MonthStart(1), Effective: from, Known: from}}
	for i := range 12 {
		at := from
		if i > 0 {
			at = from.MonthStart(i) + 3*instant.Instant(time.Hour/time.Microsecond)
		}
		f.Charges = append(f.Charges, eligibility.Charge{
			ID: fmt.Sprintf("t-%s-%d", id, i), Contribution: "c-" + id, Account: account, Kind: eligibility.ContributionCharge,
			Amount: money.Money{Minor: 1000, Currency: money.Currency{'E', 'U', 'R'}}, From: at, Known: at,
			FixedKnown: at, Interval: eligibility.Monthly, Due: at.MonthStart(1), OrderMinor: 1000,
		})
	}
	left := n % 100
	for _, k := range kinds {
		if left -= k.of; left < 0 {
			k.make(&f)
			break
		}
	}
	f.Recorded = []eligibility.Recorded{{At: from, Known: from, State: eligibility.StateCurrent, Vote: true, Services: true}}
	return f
}

// federation is the facts of n members.
func federation(n int) []eligibility.Facts {
	var snapshots eligibility.Snapshots
	for i := range 48 * 30 {
		at := today + instant.Instant(i-48*30)*instant.Day/48
		snapshots = append(snapshots, eligibility.Snapshot{Number: int64(i + 1), Start: at, Known: at})
	}
	all := make([]eligibility.Facts, 0, n)
	for i := range n {
		all = append(all, memberOf(i*37%n, snapshots)) // the kinds mixed
	}
	return all
}

func rules(tb testing.TB) eligibility.Policies {
	tb.Helper()
	file, err := policy.Preset("coopcloud-2023")
	if err != nil {
		tb.Fatal(err)
	}
	var all eligibility.Policies
	for _, v := range file.Versions {
		p := v.Eligibility
		p.Known = 1
		all = append(all, p)
	}
	return all
}

// assessAll is what an assess step does to the facts of all members, a minute after
// the last snapshot.
func assessAll(ps eligibility.Policies, all []eligibility.Facts) (reasons int) {
	for i := range all {
		s := ps.Assess(&all[i], today+60_000_000, instant.Max)
		reasons += len(s.Reasons)
	}
	return reasons
}

// assessed is what was measured already, by the number of members.
var assessed = map[int]spread{}

// assessSpread is the processor time per member, in seconds.
func assessSpread(tb testing.TB, n int) spread {
	tb.Helper()
	if s, done := assessed[n]; done {
		return s
	}
	ps, all := rules(tb), federation(n)
	runtime.GC() // what the other figures left is not theirs
	times := max(1, 100_000/n)
	var rounds []float64
	for range 5 {
		rounds = append(rounds, processor(tb, func() {
			for range times {
				if assessAll(ps, all) < n {
					tb.Fatal("somebody has no reason")
				}
			}
		})/float64(n*times))
	}
	assessed[n] = spreadOf(rounds)
	return assessed[n]
}

func measureAssess(tb testing.TB) measured {
	s := assessSpread(tb, 100_000)
	return spread{s.median * 1e6, s.least * 1e6, s.most * 1e6}.atMost(1, " µs")
}

// measureAllocations is of the whole mixture.
func measureAllocations(tb testing.TB) measured {
	const n = 10_000
	ps, all := rules(tb), federation(n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	assessAll(ps, all)
	runtime.ReadMemStats(&after)
	each := float64(after.Mallocs-before.Mallocs) / n
	return measured{number(each), each <= 4}
}

func growthOfAssess(tb testing.TB) measured {
	return growth(tb, func(tb testing.TB, n int) float64 { return assessSpread(tb, n).median })
}

// TestAllocations holds what each kind of member costs in allocations to what is
// stated: the reasons, and the facts that they cite.
func TestAllocations(t *testing.T) {
	want := map[string]float64{"pays monthly": 3, "pays yearly": 3, "in grace": 9, "lapsed": 6, "waived": 5, "never paid": 3}
	ps, n := rules(t), 0
	for _, k := range kinds {
		f := memberOf(n, federation(1)[0].Snapshots)
		n += k.of
		got := testing.AllocsPerRun(100, func() { ps.Assess(&f, today+60_000_000, instant.Max) })
		if got != want[k.name] {
			t.Errorf("a member that %s: %v allocations, want %v", k.name, got, want[k.name])
		}
	}
}
