package eligibility_test

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// everyDay calls f with each day from 2024 to 2032, at three times of the day.
func everyDay(f func(time.Time)) {
	for d := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2033; d = d.AddDate(0, 0, 1) {
		f(d)
		f(d.Add(11*time.Hour + 59*time.Minute))
		f(d.Add(24*time.Hour - time.Microsecond))
	}
}

// The end of a coverage by the calendar, on every day from 2024 to 2032,
// against the same rule in the words of the calendar.
func TestComputedDueOnEveryDay(t *testing.T) {
	everyDay(func(d time.Time) {
		from := instant.Of(d)
		first := time.Date(d.Year(), d.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		late := first
		if d.Day() > 15 {
			late = first.AddDate(0, 1, 0)
		}
		year := time.Date(d.Year()+1, d.Month(), 1, 0, 0, 0, 0, time.UTC)
		for _, c := range []struct {
			what          string
			interval      eligibility.Interval
			first, paypal bool
			want          time.Time
		}{
			{"monthly", eligibility.Monthly, false, false, first},
			{"monthly, the first", eligibility.Monthly, true, false, late},
			{"yearly", eligibility.Yearly, false, false, year},
			{"yearly, the first", eligibility.Yearly, true, false, year},
			{"monthly by PayPal", eligibility.Monthly, false, true, clamped(d, 1)},
			{"monthly by PayPal, the first", eligibility.Monthly, true, true, clamped(d, 1)},
			{"yearly by PayPal", eligibility.Yearly, false, true, clamped(d, 12)},
			{"one-off", eligibility.OneOff, true, false, time.Time{}},
			{"one-off by PayPal", eligibility.OneOff, true, true, time.Time{}},
		} {
			if got := eligibility.ComputedDue(from, c.interval, c.first, c.paypal); got != instant.Of(c.want) {
				t.Errorf("%s from %s: %s, want %s", c.what, from, got, instant.Of(c.want))
			}
		}
	})
}

// clamped is the same day and time n months later, the month's last day where
// it has no such day: found by going back from the day that overflowed.
func clamped(d time.Time, n int) time.Time {
	out := d.AddDate(0, n, 0)
	for (int(out.Month())-int(d.Month())-n)%12 != 0 {
		out = out.AddDate(0, 0, -1)
	}
	return out
}

// The gap between a first charge and the next one is never more than the 48
// days for which upstream's date is believed, and never less than 14.
func TestFirstGapIsWithinWhatIsBelieved(t *testing.T) {
	everyDay(func(d time.Time) {
		from := instant.Of(d)
		gap := eligibility.ComputedDue(from, eligibility.Monthly, true, false) - from
		if gap > 48*instant.Day || gap < 13*instant.Day {
			t.Errorf("from %s: %d days", from, gap/instant.Day)
		}
	})
}

// pays is a member that paid once, and whose roll is looked at daily.
func pays(from instant.Instant, first bool) *eligibility.Facts {
	due := eligibility.ComputedDue(from, eligibility.Monthly, first, false)
	return &eligibility.Facts{Member: "m-1", Kind: "organisation",
		Membership: []eligibility.MembershipFact{{ID: "e1", Kind: eligibility.Admitted, At: 1, Known: 1}},
		Links:      []eligibility.Link{{ID: "l1", Account: "a"}},
		Charges: []eligibility.Charge{{ID: "c1-1", Contribution: "c1", Account: "a", Kind: eligibility.ContributionCharge,
			Interval: eligibility.Monthly, Amount: money.Money{Minor: 1000,
				Currency: gbp}, OrderMinor: 1000, From: from, Due: due,
			Known: from, FixedKnown: from}},
		Snapshots: eligibility.Snapshots{{Number: 1, Start: from - instant.Day, Known: from - instant.Day + 1}}}
}

// turning are the days on which calendars go wrong: the ends of months, leap
// days, and the changes of clocks in Europe and America.
func turning(t *testing.T) []instant.Instant {
	t.Helper()
	zones := []*time.Location{}
	for _, name := range []string{"Europe/London", "America/New_York"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skipf("no time zones on this machine: %v", err)
		}
		zones = append(zones, zone)
	}
	var out []instant.Instant
	for d := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2033; d = d.AddDate(0, 0, 1) {
		odd := d.AddDate(0, 0, 1).Day() == 1 || d.Day() <= 2 || d.Month() == time.February && d.Day() >= 27
		for _, z := range zones {
			_, before := d.In(z).Zone()
			_, after := d.AddDate(0, 0, 1).In(z).Zone()
			odd = odd || before != after
		}
		if odd {
			out = append(out, instant.Of(d), instant.Of(d)+instant.Day/24, instant.Of(d)+instant.Day-1)
		}
	}
	return out
}

// Whoever pays on such a day keeps every right exactly until the late days and
// the grace are over, not an instant longer or shorter.
func TestRightsEndOnTheInstant(t *testing.T) {
	ps := eligibility.Policies{presets["seed-2022"]()}
	days := turning(t)
	if len(days) < 1000 {
		t.Fatalf("only %d instants", len(days))
	}
	for _, from := range days {
		for _, first := range []bool{true, false} {
			f := pays(from, first)
			due := f.Charges[0].Due
			for _, c := range []struct {
				at   instant.Instant
				want eligibility.State
			}{
				{from - 1, eligibility.StateUnpaid}, {from, eligibility.StateCurrent}, {due - 1, eligibility.StateCurrent},
				{due, eligibility.StateCurrent}, {due + 5*instant.Day - 1, eligibility.StateCurrent},
				{due + 5*instant.Day, eligibility.StateGrace}, {due + 21*instant.Day - 1, eligibility.StateGrace},
				{due + 21*instant.Day, eligibility.StateLapsed},
			} {
				s := ps.Forecast(f, c.at, instant.Max)
				if s.State != c.want || s.Has(eligibility.Vote) != c.want.GoodStanding() {
					t.Fatalf("paid at %s (first %t), asked at %s: %s, vote %s; want %s", from, first, c.at,
						s.State, yes(s.Has(eligibility.Vote)), c.want)
				}
			}
		}
	}
}

// Whoever never misses is current in every hour of the 1st to the 5th of every
// month of nine years, although each renewal comes at the last moment.
func TestNeverMissingIsAlwaysCurrent(t *testing.T) {
	ps := eligibility.Policies{presets["seed-2022"]()}
	f := pays(instant.Date(2024, time.January, 31)+instant.Day/3, true)
	for n := 1; n < 108; n++ {
		c := f.Charges[n-1]
		c.ID, c.From = "c1-"+c.Due.Day(), c.Due+5*instant.Day-1
		c.Due, c.Known, c.FixedKnown = eligibility.ComputedDue(c.From, c.Interval, false, false), c.From, c.From
		f.Charges = append(f.Charges, c)
	}
	last := f.Charges[len(f.Charges)-1]
	f.Snapshots = append(f.Snapshots, eligibility.Snapshot{Number: 2, Start: last.From, Known: last.From})
	for _, c := range f.Charges[:len(f.Charges)-1] {
		for at := c.Due; at < c.Due+5*instant.Day; at += instant.Day / 24 {
			if s := ps.Assess(f, at, instant.Max); s.State != eligibility.StateCurrent || s.PaidThrough != c.Due {
				t.Fatalf("asked at %s: %s, paid through %s", at, s.State, s.PaidThrough)
			}
		}
	}
}
