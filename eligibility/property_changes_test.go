package eligibility_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// ChangesAt is the first instant at which state, verdicts or reason codes
// differ in a forecast: nothing differs before it, something does at it.
func TestChangesAt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := everything(rt)
		ps, f := w.history()
		candidates := moments(ps, f)
		for range 4 {
			at, known := w.query(candidates)
			s := ps.Assess(f, at, known)
			end := s.ChangesAt
			if end != 0 && (end <= at || visibleParts(ps.Forecast(f, end, known)) == visibleParts(s)) {
				rt.Fatalf("at %s, known %s: nothing changes at %s: %s\n%s", short(at), short(known), short(end),
					visibleParts(s), describe(ps, f))
			}
			if end == 0 {
				end = instant.Max
			}
			for _, x := range w.between(candidates, at, end) {
				if got := ps.Forecast(f, x, known); visibleParts(got) != visibleParts(s) {
					rt.Fatalf("at %s, known %s: changes at %s, not before %s\nthen %s\nnow  %s\n%s", short(at), short(known),
						short(x), short(s.ChangesAt), visibleParts(got), visibleParts(s), describe(ps, f))
				}
			}
		}
	})
}

// between are candidates strictly between two instants: the nearest, the last
// and some of the others, each with its neighbours.
func (w world) between(candidates []instant.Instant, after, before instant.Instant) []instant.Instant {
	within := keep(candidates, func(x instant.Instant) bool { return x > after && x < before })
	if len(within) > 60 {
		some := append(slices.Clone(within[:15]), within[len(within)-15:]...)
		within = append(some, rapid.SliceOfN(rapid.SampledFrom(within), 30, 30).Draw(w.T, "between")...)
	}
	out := []instant.Instant{after + 1, before - 1}
	for _, x := range within {
		out = append(out, x-1, x, x+1)
	}
	return keep(out, func(x instant.Instant) bool { return x > after && x < before && x < instant.Max-1 })
}

// visibleParts are state, verdicts and the set of reason codes; that the data
// is stale is no change of the standing.
func visibleParts(s eligibility.Standing) string {
	out := []string{s.State.String()}
	for _, r := range eligibility.Rights {
		out = append(out, yes(s.Has(r)))
	}
	return strings.Join(append(out, strings.Replace(codes(s), " stale", "", 1)), " ")
}
