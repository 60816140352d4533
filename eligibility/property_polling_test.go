package eligibility_test

import (
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// Any two schedules of snapshots that show each charge while its contribution
// is ACTIVE lead to the same standing at every instant up to the last
// snapshot: nobody's rights depend on when the program looked.
func TestPollingScheduleIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := world{T: rt}
		ps := eligibility.Policies{w.policy()}
		upstream := w.promises()
		one, other := reduce(upstream, w.schedule(upstream)), reduce(upstream, w.schedule(upstream))
		last := one.Snapshots[len(one.Snapshots)-1].Start
		when := momentsOf(ps, one)
		for range 40 {
			at := min(w.near(when, "at"), last)
			a, b := ps.Assess(one, at, instant.Max), ps.Assess(other, at, instant.Max)
			if core(a) != core(b) || a.PaidThrough != b.PaidThrough || codes(a) != codes(b) {
				rt.Fatalf("at %s:\n%s %s\n%s %s\none schedule:\n%s\nthe other:\n%s", short(at), core(a), codes(a),
					core(b), codes(b),
					describe(ps, one), describe(ps, other))
			}
		}
	})
}

// What was known at the time never took a right that is not known to be gone
// now: looking seldom can keep a right longer, never end it earlier.
func TestPollingNeverTakesEarly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := world{T: rt}
		ps := eligibility.Policies{w.policy()}
		upstream := w.promises()
		f := reduce(upstream, w.schedule(upstream))
		last := f.Snapshots[len(f.Snapshots)-1].Start
		when := momentsOf(ps, f)
		for range 40 {
			at := min(w.near(when, "at"), last)
			then, now := ps.Assess(f, at, at), ps.Assess(f, at, instant.Max)
			if then.AsOf == 0 || chargedSince(f, then.AsOf, at) {
				continue
			}
			for _, r := range eligibility.Rights {
				if now.Has(r) && !then.Has(r) {
					rt.Fatalf("at %s right %d was taken by what was known then\nthen %s %s\nnow  %s %s\n%s", short(at), r,
						core(then), codes(then), core(now), codes(now), describe(ps, f))
				}
			}
		}
	})
}

// chargedSince says whether money moved after the last snapshot, which nobody
// could know of yet.
func chargedSince(f *eligibility.Facts, last, at instant.Instant) bool {
	for _, c := range f.Charges {
		if c.From > last && c.From <= at {
			return true
		}
	}
	return false
}

// momentsOf are the moments of the money, not of the many snapshots.
func momentsOf(ps eligibility.Policies, f *eligibility.Facts) []instant.Instant {
	g := *f
	g.Snapshots = nil
	return moments(ps, &g)
}
