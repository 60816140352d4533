package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// TestDemoIsTheSameInAnyYear: no setting, no network, no clock changes it.
func TestDemoIsTheSameInAnyYear(t *testing.T) {
	w := newWorld(t)
	w.env = map[string]string{"GOODSTANDING_OC_SLUG": "https://broken", "GOODSTANDING_DATABASE": "nonsense"}
	first := w.must("demo")
	golden(t, "demo.txt", first)
	w.clock = instant.Date(2031, time.February, 28)
	if again := w.must("demo"); again != first {
		t.Errorf("another year shows another demo:\n%s", difference(first, again))
	}
}

func TestDemoShowsEachScene(t *testing.T) {
	out := newWorld(t).must("demo")
	has(t, out, "Alfa Co-op's card was refused", "went through after all", "Bravo Hosting cancelled; paid up until 1 December",
		"Mike Member will pay £5.00", "was given back", "is now called ccf-oscar-new", "a new payer: ccf-newcomer",
		"Kilo GmbH's contribution was paused", "Papa Oneoff's account is gone", "What that does to the roll", "$ goodstanding explain")
	if n := strings.Count(out, "── Scene "); n != 10 {
		t.Errorf("%d scenes, want 10", n)
	}
}

// TestDemoCanBeKept: afterwards the other commands work on it, with the real clock.
func TestDemoCanBeKept(t *testing.T) {
	w := newWorld(t)
	kept := filepath.Join(w.dir, "kept")
	has(t, w.must("demo", "--keep", kept), "goodstanding --data DIR/kept status")
	w.env = map[string]string{}
	w.clock = w.film.Clock(10).Add(72 * time.Hour)
	has(t, w.must("--data", kept, "status"), "3 days ago: stale", "33: ", "Reading Open Collective without a token.")
	has(t, w.must("--data", kept, "roll"), "STALE", "33 members")
	has(t, w.must("--data", kept, "explain", "charlie"), "A payment was given back")
	if got := w.fails(exitUsage, "demo", "--keep", kept); got != "--keep: the folder DIR/kept is not empty: name a new one, the demo overwrites nothing" {
		t.Error(got)
	}
}
