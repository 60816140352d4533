package eligibility_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
)

// What was recorded while a break or a suspension lasted is nothing to fall back on: it
// changes no answer, whenever it was recorded and whatever it says.
func TestWhatABreakRecordedSaysNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := everything(rt)
		ps, f := w.history()
		with := *f
		with.Recorded = slices.Clone(f.Recorded)
		for _, at := range w.days(w.int(1, 3, "breaks"), -40, 250, "break") {
			with.Recorded = append(with.Recorded, eligibility.Recorded{At: at, Known: w.delay(at, "break"),
				State: rapid.SampledFrom([]eligibility.State{eligibility.StatePaused, eligibility.StateSuspended}).Draw(rt, "state"),
				Vote:  w.chance(2, "vote"), Listing: w.chance(2, "listing"), Services: w.chance(2, "services")})
		}
		for range 6 {
			at, known := w.query(moments(ps, &with))
			if want, got := ps.Assess(f, at, known), ps.Assess(&with, at, known); !reflect.DeepEqual(want, got) {
				rt.Fatalf("at %s, known %s:\nwithout the breaks %+v\nwith them          %+v\n%s", short(at), short(known), want, got, describe(ps, &with))
			}
		}
	})
}
