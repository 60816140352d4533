package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
)

// A night's backup, an objection in the afternoon, a deadline at midnight, a lost disk and
// a restore in the morning: nobody's command closes what was being decided. It is listed by
// the restore, shown with the reason, and told before the notices are started. A facilitator
// reopens one of two with a new deadline; the other is closed at its own once the notices
// are started.
func TestARestoreAndWhatWasBeingDecided(t *testing.T) {
	for engine, database := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "restored.db") },
		"postgres": func(t *testing.T) string { return dbtest.EmptyPostgresDSN(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			w, _ := publishing(t)
			june := func(day, hour int) instant.Instant {
				return instant.Date(2026, time.June, day).Add(time.Duration(hour) * time.Hour)
			}
			for _, title := range []string{"Tea", "Coffee"} {
				w.decide("medium", title, "--until", "2026-06-11")
			}
			w.decide("medium", "Cake", "--until", "2026-06-25")
			for _, n := range []string{"1", "2", "3"} {
				w.must("decisions", "announce", n, "--place", "the room", "--as", "Pat Alfa")
			}
			w.clock = june(11, 2)
			file := filepath.Join(w.dir, "night.jsonl.gz")
			w.must("backup", file)
			w.clock = june(11, 15)
			w.must("decisions", "object", "1", "--because", "Too dear", "--as", "Pat Bravo")
			w.clock = june(12, 9)
			w.env["GOODSTANDING_DATABASE"] = database(t)
			out := strings.Join(strings.Fields(w.must("restore", file)), " ")
			has(t, out, "Answers may be missing. These were being decided when the backup was made, and what was answered since is not here: ask for it. Nothing closes them before a treasurer starts the notices.",
				"decision 1 open 2026-06-11, past would pass", "decision 2 open 2026-06-11, past would pass", "decision 3 open 2026-06-25 would pass", "decision_chains ok")

			const why = "this database was put back from a backup of 11 June 2026, and answers that were given since may be missing: nothing closes this decision by itself."
			has(t, w.must("decisions", "list"), "would pass; answers may be missing")
			has(t, strings.Join(strings.Fields(w.must("decisions", "show", "1")), " "), "Open until the end of Thursday 11 June 2026", why)
			has(t, w.must("decisions", "show", "1", "--json"), `"lacking": "`+why)
			has(t, w.fails(exitRefused, "decisions", "object", "1", "--because", "Too dear", "--as", "Pat Bravo"), "the objection is refused: "+why)
			w.must("decisions", "cast", "3", "favour", "--as", "Pat Bravo") // whatever else is open goes on

			w.must("decisions", "stall", "1", "--because", "Answers were lost", "--as", "Fay")
			w.must("decisions", "reopen", "1", "--until", "2026-06-19", "--as", "Fay")
			has(t, w.must("decisions", "show", "1", "--json"), `"lacking": "`+why) // nobody was told of it yet
			w.must("decisions", "announce", "1", "--place", "the room, again", "--as", "Fay")
			w.must("decisions", "object", "1", "--because", "Too dear", "--as", "Pat Bravo")
			w.clock = june(20, 9)
			has(t, w.must("decisions", "list"), "overdue")
			has(t, strings.Join(strings.Fields(w.must("decisions", "show", "1")), " "), "1 objection")
			w.records("1")

			var plan planAnswer
			if err := json.Unmarshal([]byte(w.must("notices", "start", "--dry-run", "--json")), &plan); err != nil || len(plan.Lacking) != 2 || plan.Lacking[0].Number != 2 || !plan.Lacking[0].Past || plan.Lacking[1].Past {
				t.Errorf("%v: %+v", err, plan.Lacking)
			}
			out = strings.Join(strings.Fields(w.must("notices", "start", "--yes")), " ")
			has(t, out, "A start says that the federation goes on from here: then these are closed at their deadlines by the answers that are here, those that are past at once, but an overdue one by the next answer, or by whoever ends it.", "decision 2 open 2026-06-11, past would pass")
			if strings.Contains(out, "decision 1 ") {
				t.Errorf("what was reopened is told, too:\n%s", out)
			}
			has(t, w.must("decisions", "show", "2"), "It is passed since 12 June 2026, 00:00 (Europe/London)")
			if out := w.must("notices", "stop", "--reason", "it was a try"); strings.Contains(out, "missing") {
				t.Error(out)
			}
			has(t, w.must("verify"), "decision_chains  ok ")
		})
	}
}

// A file with older content in its place is known for a copy before the notices are
// started there, though no daemon has looked: what lacks answers is told.
func TestAStartOverOlderContent(t *testing.T) {
	w, _ := publishing(t)
	file := filepath.Join(w.dir, "data", databaseName)
	w.decide("medium", "Tea", "--until", "2026-06-25")
	w.must("decisions", "announce", "1", "--place", "the room", "--as", "Pat Alfa")
	w.must("notices", "start", "--yes")
	older, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w.must("decisions", "object", "1", "--because", "Too dear", "--as", "Pat Bravo")
	w.decide("medium", "Coffee", "--until", "2026-06-25")
	for range 2 {
		w.must("notices", "stop", "--reason", "it was a try")
		w.must("notices", "start", "--yes")
	}
	if err := os.WriteFile(file, older, 0o600); err != nil {
		t.Fatal(err)
	}
	w.must("notices", "stop", "--reason", "the disk was lost")
	out := strings.Join(strings.Fields(w.must("notices", "start", "--yes")), " ")
	has(t, out, "Answers may be missing. The database was put back from a backup, or is a copy.", "decision 1 open 2026-06-25 would pass")
}
