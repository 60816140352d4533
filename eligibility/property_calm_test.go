package eligibility_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// Up to CalmUntil nothing moves, whether a snapshot that shows nothing new is taken before
// or not; and such a snapshot changes nothing of what is said of the time before it: so a
// step may pass over whoever is calm.
func TestNothingMovesBeforeCalmUntil(t *testing.T) {
	calm := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := everything(rt)
		ps, f := w.history()
		until := ps.CalmUntil(f, instant.Max)
		if until == 0 {
			return
		}
		calm++
		last := f.Snapshots[len(f.Snapshots)-1]
		candidates := moments(ps, f)
		before := ps.Assess(f, last.Start, instant.Max)
		for _, x := range w.between(candidates, last.Start, until) {
			seen := *f
			start := rapid.Int64Range(int64(last.Start)+1, int64(x)).Draw(rt, "start")
			seen.Snapshots = append(slices.Clone(f.Snapshots), eligibility.Snapshot{
				Number: last.Number + 1, Start: instant.Instant(start), Known: max(last.Known, x) + 1})
			for what, got := range map[string]eligibility.Standing{
				"by time alone": ps.Assess(f, x, instant.Max), "after a snapshot": ps.Assess(&seen, x, instant.Max),
			} {
				if visibleParts(got) != visibleParts(before) {
					rt.Fatalf("calm until %s, and at %s, %s (of %s), %s became %s\n%s", short(until), short(x), what,
						short(instant.Instant(start)), visibleParts(before), visibleParts(got), describe(ps, f))
				}
			}
			at := w.near(candidates, "earlier")
			if at > last.Start {
				continue
			}
			then, now := ps.Assess(f, at, instant.Max), ps.Assess(&seen, at, instant.Max)
			if visibleParts(then) != visibleParts(now) || then.ChangesAt != now.ChangesAt && (comesBefore(then.ChangesAt, until) || comesBefore(now.ChangesAt, until)) {
				rt.Fatalf("a snapshot of %s changes what is said of %s: %s, changes at %s; %s, changes at %s\n%s", short(instant.Instant(start)), short(at),
					visibleParts(then), short(then.ChangesAt), visibleParts(now), short(now.ChangesAt), describe(ps, f))
			}
		}
	})
	if calm == 0 {
		t.Error("nobody was calm")
	}
}

// comesBefore says that there is an instant, and that it comes before another.
func comesBefore(at, other instant.Instant) bool { return at != 0 && at < other }
