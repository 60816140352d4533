package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/invariants"
)

// TestTheInvariantsAreLookedAtDaily: at the start, then at four in the morning of the
// federation's zone, also over a change of clocks; not again after a SIGHUP. What is
// broken is logged and counted, and looked at again soon, so that who mended it is told
// so; a look that fails is none.
func TestTheInvariantsAreLookedAtDaily(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour int) instant.Instant {
		return instant.Of(time.Date(2026, month, day, hour, 0, 0, 0, london))
	}
	for from, want := range map[instant.Instant]instant.Instant{
		at(3, 28, 3): at(3, 28, 4), at(3, 28, 4): at(3, 29, 4), at(3, 28, 12): at(3, 29, 4), at(10, 24, 23): at(10, 25, 4), at(12, 31, 5): instant.Of(time.Date(2027, 1, 1, 4, 0, 0, 0, london)),
	} {
		if got := nextQuiet(from, london); got != want || got.Sub(from) > longestLook {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
	now := at(5, 4, 9)
	p := newParts(Env{Now: func() instant.Instant { return now }, Clock: time.Now})
	var log bytes.Buffer
	looks, broken, fails := 0, false, errors.New("no database")
	i := &inspector{parts: p, zone: london, desk: &desk{log: zerolog.New(&log)}, check: func(_ context.Context, brief bool) (invariants.Report, error) {
		if looks++; !brief {
			t.Error("a full look every day")
		}
		found := invariants.Result{Name: invariants.Notices}
		if broken {
			found.Faults = []string{"the notice nt_1 was sent twice, by its ledger"}
		}
		return invariants.Report{At: now, Results: []invariants.Result{found}}, fails
	}}
	step := func(want instant.Instant) {
		t.Helper()
		if next, err := i.step(t.Context()); err != nil || next != want {
			t.Errorf("next at %s, %v, want %s", next, err, want)
		}
	}
	if _, err := i.step(t.Context()); !errors.Is(err, fails) || p.inspected.Load() != 0 {
		t.Errorf("a look that failed: %v", err)
	}
	fails = nil
	step(at(5, 5, 4))
	now = at(5, 4, 18)
	again := *i // after a SIGHUP
	i = &again
	step(at(5, 5, 4))
	if looks != 2 {
		t.Errorf("it looked %d times", looks)
	}
	now, broken = at(5, 5, 4), true
	step(now.Add(lookAgain))
	has(t, log.String(), `"invariant":"notices"`, `"faults":1`, "the notice nt_1 was sent twice, by its ledger", "an invariant is broken: look at goodstanding verify")
	ok := func(want string) {
		t.Helper()
		page := httptest.NewRecorder()
		p.metrics.ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
		has(t, page.Body.String(), `goodstanding_invariant_ok{invariant="notices"} `+want)
	}
	ok("0")
	broken = false // it was repaired, by another process
	again = *i
	i = &again
	step(now.Add(lookAgain))
	ok("0")
	now = now.Add(lookAgain)
	step(at(5, 6, 4))
	ok("1")
	if looks != 4 {
		t.Errorf("it looked %d times", looks)
	}
	now, broken = at(5, 6, 3).Add(55*time.Minute), true
	i.inspected.Store(0)
	step(at(5, 6, 4)) // the night comes first
}
