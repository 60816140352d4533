package opencollective

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
)

// TestAWrongClockReadsNothing: where this machine's clock and the date of an answer are
// more than an hour apart, at its beginning or now, there is no snapshot; within an hour,
// or where upstream does not say, there is one.
func TestAWrongClockReadsNothing(t *testing.T) {
	theirs := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		began, now time.Duration // ahead of theirs
		undated    bool
		wrong      time.Duration // by which the error says that it is; 0 for a snapshot
	}{
		"right":                             {},
		"an hour ahead":                     {began: time.Hour, now: time.Hour},
		"an hour behind":                    {began: -time.Hour, now: -time.Hour},
		"a day ahead":                       {began: 24 * time.Hour, now: 24 * time.Hour, wrong: 24 * time.Hour},
		"more than an hour behind":          {began: -61 * time.Minute, now: -61 * time.Minute, wrong: -61 * time.Minute},
		"ahead, and put right meanwhile":    {began: 40 * 24 * time.Hour, wrong: 40 * 24 * time.Hour},
		"right, and ahead meanwhile":        {now: 2 * time.Hour, wrong: 2 * time.Hour},
		"a day ahead, upstream has no date": {began: 24 * time.Hour, now: 24 * time.Hour, undated: true},
	} {
		t.Run(name, func(t *testing.T) {
			film, err := fakeoc.NewFilm()
			if err != nil {
				t.Fatal(err)
			}
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if w.Header()["Date"] = nil; !x.undated {
					w.Header().Set("Date", theirs.Format(http.TimeFormat))
				}
				film.ServeHTTP(w, r)
			})
			looks := 0
			c := newClient(t, url, func(o *Options) {
				o.Wall = func() time.Time {
					if looks++; looks == 1 {
						return theirs.Add(x.began)
					}
					return theirs.Add(x.now)
				}
			})
			snap, err := c.Pull(t.Context(), PullRequest{Slug: slug})
			if x.wrong == 0 {
				if err != nil || len(snap.Orders) == 0 {
					t.Fatalf("%v", err)
				}
				return
			}
			apart := wantError[*ClockApart](t, err)
			if got := apart.Ours.Sub(apart.Theirs); got != x.wrong || snap != nil {
				t.Errorf("it says %s, want %s", got, x.wrong)
			}
			if _, err := c.Preflight(t.Context(), PullRequest{Slug: slug}); (x.now > time.Hour || x.now < -time.Hour) != (err != nil && strings.Contains(err.Error(), "the clock of this machine says")) {
				t.Errorf("a look before says %v", err)
			}
		})
	}
}
