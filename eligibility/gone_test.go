package eligibility_test

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// TestGoneSince: without a break, by what was known when; nobody is gone before it was
// entered, whatever date was written.
func TestGoneSince(t *testing.T) {
	day := func(d int) instant.Instant { return instant.Date(2026, time.June, d) }
	fact := func(kind eligibility.MembershipKind, at, known int, until ...int) eligibility.MembershipFact {
		m := eligibility.MembershipFact{ID: string(rune('a' + at)), Kind: kind, At: day(at), Known: day(known)}
		for _, u := range until {
			m.Until = day(u)
		}
		return m
	}
	admitted := fact(eligibility.Admitted, 1, 1)
	for name, x := range map[string]struct {
		facts     []eligibility.MembershipFact
		at, known int
		want      int
	}{
		"neither":                                     {[]eligibility.MembershipFact{admitted}, 20, 20, 0},
		"suspended":                                   {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5)}, 20, 20, 5},
		"suspended, and made longer meanwhile":        {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5, 12), fact(eligibility.Suspended, 10, 10)}, 20, 20, 5},
		"suspended, and again after it was over":      {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5, 8), fact(eligibility.Suspended, 10, 10)}, 20, 20, 10},
		"suspended, and it is over":                   {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5, 8)}, 20, 20, 0},
		"suspended, restored and suspended":           {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5), fact(eligibility.Restored, 7, 7), fact(eligibility.Suspended, 9, 9)}, 20, 20, 9},
		"suspended, and left meanwhile":               {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5), fact(eligibility.Left, 10, 10)}, 20, 20, 5},
		"left":                                        {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 6, 6)}, 20, 20, 6},
		"left, with a date in the past":               {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 6, 12)}, 20, 20, 12},
		"left, with a date to come":                   {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 12, 6)}, 20, 20, 12},
		"left with a date in the past, and suspended": {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 7, 7), fact(eligibility.Left, 4, 12)}, 20, 20, 7},
		"left, and admitted again":                    {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 6, 6), fact(eligibility.Admitted, 9, 9)}, 20, 20, 0},
		"left, known by a clock that is ahead":        {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 19, 22)}, 20, 25, 20},
		"left at that instant":                        {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 20, 20)}, 20, 20, 20},
		"restored, known by a clock that is ahead":    {[]eligibility.MembershipFact{admitted, fact(eligibility.Suspended, 5, 5), fact(eligibility.Restored, 19, 22)}, 20, 25, 0},
		"left, and not known yet":                     {[]eligibility.MembershipFact{admitted, fact(eligibility.Left, 19, 22)}, 20, 20, 0},
	} {
		want := instant.Instant(0)
		if x.want > 0 {
			want = day(x.want)
		}
		if got := eligibility.GoneSince(&eligibility.Facts{Membership: x.facts}, day(x.at), day(x.known)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
