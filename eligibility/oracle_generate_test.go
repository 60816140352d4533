package eligibility_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

var (
	gbp = money.Currency{'G', 'B', 'P'}
	eur = money.Currency{'E', 'U', 'R'}
	usd = money.Currency{'U', 'S', 'D'}
)

// epoch is the day that the random histories count from.
var epoch = instant.Date(2026, time.January, 1)

// world draws histories. What a field switches on is drawn too.
type world struct {
	*rapid.T
	policies, holds, recorded, gaps bool
	// Three corners, each drawn where a test asks for it: a right that is only
	// advised on while a hold stands, graces of different length beside gaps,
	// and funds added to a recurring contribution.
	advisedHolds, mixedGraces, addedToRecurring bool
}

func everything(t *rapid.T) world {
	return world{T: t, policies: true, holds: true, recorded: true, gaps: true}
}

func (w world) int(lo, hi int, label string) int { return rapid.IntRange(lo, hi).Draw(w.T, label) }

// chance is true once in n.
func (w world) chance(n int, label string) bool { return w.int(1, n, label) == n }

// day is an instant between two days of the history, mostly at midnight, else
// beside it or during the day.
func (w world) day(lo, hi int, label string) instant.Instant {
	t := epoch + instant.Instant(w.int(lo, hi, label))*instant.Day
	return t + rapid.SampledFrom([]instant.Instant{0, 0, 0, 1, -1, instant.Day / 2}).Draw(w.T, label+" clock")
}

// days is an ascending choice of different instants.
func (w world) days(n, lo, hi int, label string) []instant.Instant {
	set := map[instant.Instant]bool{}
	for range n {
		set[w.day(lo, hi, label)] = true
	}
	out := make([]instant.Instant, 0, n)
	for t := range set {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// delay is a time of knowledge at or after t.
func (w world) delay(t instant.Instant, label string) instant.Instant {
	return t + instant.Instant(rapid.SampledFrom([]int{0, 1, 6, 24, 240}).Draw(w.T, label+" delay"))*instant.Day/24
}

// entered is the time of knowledge of something a person enters, which may be
// before it takes effect, and of its correction.
func (w world) entered(t instant.Instant, label string) (known, gone instant.Instant) {
	known = max(t, epoch-400*instant.Day)
	if w.chance(3, label+" early or late") {
		known += instant.Instant(w.int(-40, 40, label+" known")) * instant.Day
	}
	if w.chance(6, label+" corrected") {
		gone = known + instant.Instant(w.int(1, 90, label+" gone"))*instant.Day
	}
	return known, gone
}

func (w world) history() (eligibility.Policies, *eligibility.Facts) {
	f := &eligibility.Facts{Member: "m-1", Kind: member.Organisation}
	if w.chance(4, "individual") {
		f.Kind = member.Individual
	}
	f.Snapshots = w.snapshots()
	w.membership(f)
	w.links(f)
	for i := range w.int(0, 3, "contributions") {
		w.contribution(f, fmt.Sprintf("c%d", i+1))
	}
	w.refunds(f)
	w.waivers(f)
	w.payments(f)
	w.profile(f)
	if w.holds {
		w.hold(f)
	}
	if w.recorded {
		w.record(f)
	}
	return w.versions(), f
}

// query draws an instant to ask about and a time of knowledge, both near
// places where something happens.
func (w world) query(moments []instant.Instant) (at, known instant.Instant) {
	at = w.near(moments, "at")
	switch w.int(0, 3, "known") {
	case 0:
		return at, at
	case 1:
		return at, w.near(moments, "known")
	}
	return at, instant.Max
}

// asked draws a history, changes it where a test wants that, and asks n
// questions about it.
func (w world) asked(n int, change func(*eligibility.Facts),
	question func(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant)) {
	ps, f := w.history()
	if change != nil {
		change(f)
	}
	when := moments(ps, f)
	for range n {
		at, known := w.query(when)
		question(ps, f, at, known)
	}
}

// near draws one of the moments or an instant beside it, at times any other.
func (w world) near(moments []instant.Instant, label string) instant.Instant {
	if w.chance(3, label+" anywhere") {
		return w.day(-60, 500, label)
	}
	at := rapid.SampledFrom(moments).Draw(w.T, label)
	return at + rapid.SampledFrom([]instant.Instant{0, 0, -1, 1}).Draw(w.T, label+" beside")
}

func (w world) snapshots() eligibility.Snapshots {
	var out eligibility.Snapshots
	at := epoch + instant.Instant(w.int(-30, 60, "first snapshot"))*instant.Day
	steps := []int{6, 24, 24, 24, 72, 168}
	if w.gaps {
		steps = append(steps, 200, 900, 2400)
	}
	for n := range w.int(0, 25, "snapshots") {
		known := at + rapid.SampledFrom([]instant.Instant{1, 60_000_000}).Draw(w.T, "stored after")
		out = append(out, eligibility.Snapshot{Number: int64(n + 1), Start: at, Known: known})
		at += instant.Instant(rapid.SampledFrom(steps).Draw(w.T, "until the next snapshot")) * instant.Day / 24
	}
	return out
}

func (w world) versions() eligibility.Policies {
	n := 1
	if w.policies {
		n = w.int(1, 3, "policies")
	}
	var out eligibility.Policies
	for i, from := range w.days(n, -100, 300, "policy from") {
		p := w.policy()
		p.ID, p.From = fmt.Sprintf("policy-%d", i+1), from
		if i > 0 {
			p.Known = from + instant.Instant(w.int(-60, 30, "policy known"))*instant.Day
		}
		out = append(out, p)
	}
	return out
}

func (w world) policy() eligibility.Policy {
	amount := func(minor int64, c money.Currency) money.Money { return money.Money{Minor: minor, Currency: c} }
	p := eligibility.Policy{
		CountTax:    w.chance(4, "count tax"),
		OneOff:      eligibility.OneOffRule(w.int(0, 2, "one-off rule")),
		Late:        time.Duration(rapid.SampledFrom([]int{5, 5, 0, 7}).Draw(w.T, "late")) * dayLong,
		StaleAfter:  dayLong,
		Interrupted: time.Duration(rapid.SampledFrom([]int{90, 60}).Draw(w.T, "interrupted")) * dayLong,
		Minimums: []eligibility.Minimum{{
			Amount: amount(rapid.SampledFrom([]int64{1000, 1200}).Draw(w.T, "minimum"), gbp), Interval: eligibility.Monthly}},
	}
	if w.chance(3, "euros") {
		p.Minimums = append(p.Minimums, eligibility.Minimum{Amount: amount(1000, eur), Interval: eligibility.Monthly},
			eligibility.Minimum{Amount: amount(6000, eur), Interval: eligibility.Yearly})
	}
	if w.chance(6, "dollars") {
		p.Minimums = append(p.Minimums, eligibility.Minimum{Amount: amount(9000, usd), Interval: eligibility.Yearly})
	}
	for _, r := range eligibility.Rights {
		p.Rules[r] = w.rule()
		if w.gaps && !w.mixedGraces {
			p.Rules[r].Grace = p.Rules[0].Grace
		}
	}
	return p
}

func (w world) rule() eligibility.RightRule {
	r := eligibility.RightRule{
		Dues:          rapid.SampledFrom([]eligibility.DuesMode{0, 0, 0, 1, 2}).Draw(w.T, "dues"),
		Organisations: !w.chance(8, "not for organisations"),
		Individuals:   !w.chance(4, "not for individuals"),
		Grace:         time.Duration(rapid.SampledFrom([]int{21, 21, 30, 60}).Draw(w.T, "grace")) * dayLong,
	}
	if w.holds && !w.advisedHolds && r.Dues == eligibility.Advisory {
		r.Dues = eligibility.Off
	}
	return r
}

// checkOften checks a property that is cheap to check, with ten histories for
// each that rapid draws: what a verdict cites differs in rare cases alone.
func checkOften(t *testing.T, prop func(*rapid.T)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		for range 10 {
			prop(rt)
		}
	})
}
