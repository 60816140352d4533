package syncer

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/syncer/opencollective"
)

func TestLookUpsTellWhoIsGone(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	u.many(15)
	w.pull(s)
	gone := &opencollective.NotFound{Op: "account"}
	u.lookUps["acc-alder"], u.lookUps["or-birch"] = gone, gone
	for _, id := range []string{"or-alder", "or-birch", "or-cedar"} {
		u.drop(id)
	}
	r := w.pull(s)
	want := []string{
		"alder Ltd's account is gone on Open Collective; what was paid stays on record",
		"birch Ltd's contribution was deleted on Open Collective; what was paid stays on record",
		"cedar Ltd's contribution is no longer listed on Open Collective; what was paid stays on record",
	}
	if !slices.Equal(r.Difference(), want) || r.Counts.Missing != 3 {
		t.Errorf("says %q", r.Difference())
	}
	if want := []string{"or-alder", "acc-alder", "or-birch", "acc-birch", "or-cedar", "acc-cedar"}; !slices.Equal(u.asked, want) {
		t.Errorf("asked for %v", u.asked)
	}
	u.asked = nil
	if w.pull(s); len(u.asked) != 0 {
		t.Errorf("asked again for %v", u.asked)
	}
}

func TestLookUpsAreFewAndNeverFailAPull(t *testing.T) {
	for name, c := range map[string]struct {
		anonymous bool
		fail      error
		want      int
	}{
		"ten with a token":          {false, nil, maxLookUps},
		"two without":               {true, nil, maxAnonymous},
		"one when upstream is down": {false, &opencollective.UpstreamDown{Op: "order"}, 1},
		"one when the limit is hit": {false, &opencollective.RateLimited{Op: "order", Own: true}, 1},
		"one when the API is gone":  {false, &opencollective.NotFound{Op: "order", Endpoint: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := onOne(t)
			u := loose(w)
			for i := range 20 {
				o := monthly(fmt.Sprintf("tree%02d", i), at("2026-05-02"))
				o.Processed, o.LastCharged = 0, 0 // those that paid do not go by the dozen
				u.orders = append(u.orders, o)
				u.lookUps[o.ID] = c.fail
			}
			s := w.syncer(u)
			w.pull(s)
			w.later(time.Minute)
			u.orders, u.anonymous = nil, c.anonymous
			if r := w.pull(s); len(u.asked) != c.want || r.Counts.Missing != 20 {
				t.Errorf("%d look-ups, %d missing: %v", len(u.asked), r.Counts.Missing, u.asked)
			}
		})
	}
}
