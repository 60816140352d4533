package main

import (
	"path/filepath"
	"regexp"
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
	tellsTheStory(t, first)
}

// tellsTheStory: a payment fails and recovers, another does not; an
// outage takes nothing from anybody; a lapse, a return, a host change.
func tellsTheStory(t *testing.T, out string) {
	t.Helper()
	rest := out
	for _, next := range []string{
		"Adopted 8 members", "Decision 1 is open.", "the announcement is recorded", "Clover Web's bank will refuse its card twice", "Clover Web Co-op's card was refused; Open Collective is trying again on 3 March",
		`Open Collective answers "too many requests" to everything`, "Nobody's standing changes.", "an error page instead of data", "Nobody's standing changes.", "1  medium  passed  One calendar",
		"Clover Web Co-op's payment of £10.00 went through after all", "Dandelion IT  paid up  payment late", "Dandelion IT  payment late  lapsed  -vote",
		"Decision 2 is open.", "would not pass (2 in favour, 1 block, 4 waited for)", "the ballot is refused: no right to vote: The last full payment has run out",
		"the concern is answered", "Decision 2 is amended.", "waiting for 7 (0 in favour, 7 waited for)", "waiting for 1 (5 in favour, 1 abstain, 1 waited for)",
		"Hazel Example  pay too little  paid up  +vote",
		"cast 2 favour --as Hazel", "It is passed since 13 April 2026, 00:00 (Europe/London): passes; would still pass if any 6 of the 7 in favour fell.", "decision_chains  ok", "was given back", "the collective has another fiscal host now, new-purse", "goes on after its pause",
		"Dandelion IT  lapsed  paid up  +vote", "$ goodstanding desk", "Best Casino Links (@best-casino-links) pays and is linked to nobody.", "$ goodstanding explain",
	} {
		_, after, found := strings.Cut(plainly(rest), next)
		if !found {
			t.Fatalf("after the rest of the story, the demo lacks %q:\n%s", next, out)
		}
		rest = after
	}
}

// plainly folds the blanks of a table.
func plainly(s string) string { return regexp.MustCompile(`(\S)   +`).ReplaceAllString(s, "$1  ") }

// TestDemoCanBeKept: afterwards the other commands work on it, with the real clock.
func TestDemoCanBeKept(t *testing.T) {
	w := newWorld(t)
	kept := filepath.Join(w.dir, "kept")
	has(t, w.must("demo", "--keep", kept), "goodstanding --data DIR/kept status")
	w.env = map[string]string{}
	w.clock = demoEnds.Add(72 * time.Hour)
	has(t, w.must("--data", kept, "status"), "3 days ago: stale", "9: ", "Reading Open Collective without a token.")
	has(t, w.must("--data", kept, "roll"), "STALE", "9 members")
	has(t, w.must("--data", kept, "explain", "elder-press-cic"), "A payment was given back")
	if got := w.fails(exitUsage, "demo", "--keep", kept); got != "--keep: the folder DIR/kept is not empty: name a new one, the demo overwrites nothing" {
		t.Error(got)
	}
}
