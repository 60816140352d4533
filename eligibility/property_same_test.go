package eligibility_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Before the instant that SameUntil tells nothing differs but the instant asked about:
// no reason, no date in one, no citation.
func TestSameUntil(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := everything(rt)
		ps, f := w.history()
		candidates := moments(ps, f)
		for range 4 {
			at, known := w.query(candidates)
			want, until := ps.Assess(f, at, known), ps.SameUntil(f, at, known)
			if until <= at {
				rt.Fatalf("at %s, known %s: the same until %s", short(at), short(known), short(until))
			}
			for _, x := range w.between(candidates, at, until) {
				got := ps.Assess(f, x, known)
				got.At, got.ChangesAt = want.At, want.ChangesAt
				if !reflect.DeepEqual(got, want) {
					rt.Fatalf("at %s, known %s: the same until %s, but at %s\n%+v\nis\n%+v\n%s", short(at), short(known), short(until), short(x), got, want, describe(ps, f))
				}
			}
		}
	})
}
