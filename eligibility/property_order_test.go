package eligibility_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
)

// The order of facts and policies carries no meaning: not even the order of
// what is cited depends on it.
func TestOrderIsIrrelevant(t *testing.T) {
	checkOften(t, func(rt *rapid.T) {
		w := everything(rt)
		ps, f := w.history()
		mixed, g := shuffled(w.T, ps), mixedFacts(w.T, f)
		when := moments(ps, f)
		for range 10 {
			at, known := w.query(when)
			if want, got := ps.Assess(f, at, known), mixed.Assess(g, at, known); !reflect.DeepEqual(want, got) {
				rt.Fatalf("at %s, known %s:\nin order: %+v\n   mixed: %+v\n%s", short(at), short(known), want, got,
					describe(ps, f))
			}
		}
	})
}

// mixedFacts are the same facts in another order; snapshots keep theirs, which
// is part of their contract.
func mixedFacts(t *rapid.T, f *eligibility.Facts) *eligibility.Facts {
	return &eligibility.Facts{
		Member: f.Member, Kind: f.Kind,
		Membership:    shuffled(t, f.Membership),
		Links:         shuffled(t, f.Links),
		Contributions: shuffled(t, f.Contributions),
		Charges:       shuffled(t, f.Charges),
		Refunds:       shuffled(t, f.Refunds),
		Waivers:       shuffled(t, f.Waivers),
		Payments:      shuffled(t, f.Payments),
		Profile:       shuffled(t, f.Profile),
		Holds:         shuffled(t, f.Holds),
		Recorded:      shuffled(t, f.Recorded),
		Snapshots:     f.Snapshots,
	}
}

func shuffled[S ~[]E, E any](t *rapid.T, in S) S {
	if len(in) == 0 {
		return in
	}
	return rapid.Permutation(in).Draw(t, "order")
}
