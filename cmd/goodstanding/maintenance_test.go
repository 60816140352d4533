package main

import (
	"encoding/json"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

func TestVersion(t *testing.T) {
	w := newWorld(t)
	w.env = nil
	if out := w.must("version"); !strings.HasPrefix(out, "goodstanding "+version()+" (go") {
		t.Error(out)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(w.must("version", "--json")), &got); err != nil || got["version"] != version() {
		t.Errorf("%v, %v", err, got)
	}
}

func TestMigrateAndHealthcheck(t *testing.T) {
	w := newWorld(t)
	delete(w.env, "GOODSTANDING_OC_SLUG")
	has(t, w.must("migrate"), "The database sqlite://DIR/data/goodstanding.db is up to date (sqlite, schema ")
	has(t, w.must("healthcheck"), "healthy: the database sqlite://DIR/data/goodstanding.db answers and has schema ")
	if !json.Valid([]byte(w.must("migrate", "--json"))) || !json.Valid([]byte(w.must("healthcheck", "--json"))) {
		t.Error("not JSON")
	}
	w.env["GOODSTANDING_DATABASE"] = dbtest.EmptyPostgresDSN(t)
	has(t, w.must("migrate"), "(postgres, schema ")
	has(t, w.must("healthcheck"), "healthy")
}

// TestEverythingIsTheSameOnPostgres: the film's last scene shows the same.
func TestEverythingIsTheSameOnPostgres(t *testing.T) {
	screens := func(w *world) string {
		w.must("sync")
		w.must("members", "adopt", "--all")
		w.show(10)
		w.must("sync")
		var all strings.Builder
		for _, line := range []string{"status", "roll", "roll --json", "explain charlie", "explain kilo --json", "members export --format yaml", "members show alfa"} {
			all.WriteString(w.must(strings.Fields(line)...))
		}
		return all.String()
	}
	lite, post := newWorld(t), newWorld(t)
	post.env["GOODSTANDING_DATABASE"] = dbtest.EmptyPostgresDSN(t)
	if a, b := screens(lite), screens(post); a != b {
		t.Errorf("the engines differ:\n%s", difference(a, b))
	}
}

// TestTheLastVariableHolds, as when a process is started.
func TestTheLastVariableHolds(t *testing.T) {
	e := Env{Environ: []string{"A=1", "A=2", "B=", "broken"}}
	if e.get("A") != "2" || e.get("B") != "" || e.get("broken") != "" || len(e.names("B")) != 0 {
		t.Error("the environment is read otherwise")
	}
}

func TestHostHasEverything(t *testing.T) {
	e := Host()
	if e.Stdin == nil || e.Stdout == nil || e.Stderr == nil || e.Now == nil || e.Clock == nil || e.Login == "" || len(e.Environ) == 0 {
		t.Errorf("something is missing: %+v", e)
	}
	if e.Now() <= 0 {
		t.Error("the clock does not run")
	}
}
