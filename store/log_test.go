package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/store"
)

// factsOf is every fact of every member, as bytes.
func factsOf(t testing.TB, db *store.DB) (all []eligibility.Facts, text []byte) {
	t.Helper()
	view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = tx.Facts(ctx)
		return err
	})
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return all, text
}

func export(t testing.TB, db *store.DB) string {
	t.Helper()
	var b bytes.Buffer
	if err := db.ExportLog(t.Context(), &b); err != nil {
		t.Fatalf("export: %v", err)
	}
	return b.String()
}

func replay(t testing.TB, db *store.DB, log string) {
	t.Helper()
	if err := db.ReplayLog(t.Context(), strings.NewReader(log)); err != nil {
		t.Fatalf("replay: %v", err)
	}
}

// testPolicy is enough of a policy for standings to differ.
var testPolicy = eligibility.Policies{{
	ID: "seed", From: 1, Known: 1, Late: 5 * 24 * time.Hour, StaleAfter: 24 * time.Hour, Interrupted: 90 * 24 * time.Hour,
	Minimums: []eligibility.Minimum{{Amount: pounds(10), Interval: eligibility.Monthly}},
	Rules: [3]eligibility.RightRule{
		{Organisations: true, Individuals: true, Grace: 21 * 24 * time.Hour},
		{Organisations: true, Individuals: true, Grace: 21 * 24 * time.Hour},
		{Dues: eligibility.Off, Organisations: true, Individuals: true, Grace: 60 * 24 * time.Hour},
	},
}}

// A replay of the log from an empty database gives byte-equal facts and
// verdicts, and the other engine gives the same (domain.md, section 2).
func TestReplayGivesTheSameFactsAcrossEngines(t *testing.T) {
	for seed := range uint64(3) {
		lite := dbtest.SQLite(t)()
		post := dbtest.Postgres(t)()
		newWorld(seed).play(t, lite, 150)
		log := export(t, lite)
		replay(t, post, log)
		back := dbtest.SQLite(t)()
		replay(t, back, export(t, post))

		wantFacts, want := factsOf(t, lite)
		if len(wantFacts) < 5 {
			t.Fatalf("the world of seed %d has only %d members", seed, len(wantFacts))
		}
		for _, other := range []*store.DB{post, back} {
			facts, text := factsOf(t, other)
			if !bytes.Equal(text, want) {
				t.Fatalf("seed %d: the facts from %s differ:\n%s\n%s", seed, other.Engine(), text, want)
			}
			sameVerdicts(t, seed, wantFacts, facts)
			if again := export(t, other); again != log {
				t.Errorf("seed %d: the log exported from %s differs from the first", seed, other.Engine())
			}
			goesOn(t, other)
		}
	}
}

// sameVerdicts compares the standings at many random pairs of instants.
func sameVerdicts(t *testing.T, seed uint64, a, b []eligibility.Facts) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 99))
	states := make(map[eligibility.State]bool)
	for range 60 {
		i := r.IntN(len(a))
		at := instant.Date(2026, 1, 1).Add(time.Duration(r.IntN(400*24)) * time.Hour)
		known := instant.Date(2026, 1, 1).Add(time.Duration(r.IntN(400*24)) * time.Hour)
		x, errX := json.Marshal(testPolicy.Assess(&a[i], at, known))
		standing := testPolicy.Assess(&b[i], at, known)
		y, errY := json.Marshal(standing)
		if err := errors.Join(errX, errY); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(x, y) {
			t.Fatalf("seed %d, %s at %s known %s: %s and %s", seed, a[i].Member, at, known, x, y)
		}
		states[standing.State] = true
	}
	if len(states) < 3 {
		t.Errorf("seed %d: the verdicts have only the states %v: the comparison says little", seed, states)
	}
}

// goesOn: known times and the audit chain continue where the log ended.
func goesOn(t *testing.T, db *store.DB) {
	t.Helper()
	before, err := db.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, store.Entries, 1, func(ctx context.Context, tx *store.Tx) error {
		if tx.Known() <= before.Newest() {
			t.Errorf("known went from %s to %s", before.Newest(), tx.Known())
		}
		_, _, err := tx.Audit(ctx, store.Entry{Actor: "pe_1", Action: "test"})
		return err
	})
	view(t, db, func(ctx context.Context, tx *store.Tx) error {
		report, err := tx.VerifyAudit(ctx)
		if err == nil && (!report.OK() || report.Rows < 2) {
			t.Errorf("the audit chain after a replay: %+v", report)
		}
		return err
	})
}

func TestReplayRefusesWhatIsNotWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		source := dbtest.SQLite(t)()
		newWorld(3).play(t, source, 40)
		log := export(t, source)
		lines := strings.SplitAfter(log, "\n")
		latest, err := migrations.Latest("sqlite")
		if err != nil {
			t.Fatal(err)
		}
		cases := []struct{ name, log, want string }{
			{"empty", "", "line 1 of the log: the file ends too early: it was not copied whole"},
			{"not a log", "{}\n", "line 1 of the log: this is not a log of goodstanding"},
			{"cut off", log[:len(log)/2], "the file ends too early: it was not copied whole"},
			{"a row less", strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), ": the file was changed"},
			{"a changed row", strings.Replace(log, `"outcome":"complete"`, `"outcome":"invented"`, 1), "the file was changed"},
			{"another schema", strings.Replace(log, fmt.Sprintf(`"schema":%d`, latest), `"schema":99`, 1), fmt.Sprintf("it was exported with schema 99 and this program has schema %d", latest)},
			{"a foreign table", lines[0] + `{"row":{"name":"x","value":"y"},"table":"setting"}` + "\n", `there is no table "setting" in the log`},
			{"a foreign column", lines[0] + `{"row":{"id":"x"},"table":"charge"}` + "\n", "a row of charge has the columns id, but wants account, "},
			{"a fraction", lines[0] + strings.Replace(lines[1], `"requests":4`, `"requests":4.5`, 1), "the column requests of pull is neither a whole number nor a text"},
		}
		db := open()
		for _, c := range cases {
			err := db.ReplayLog(t.Context(), strings.NewReader(c.log))
			bad, ok := errors.AsType[*store.BadLog](err)
			if !ok || !strings.Contains(bad.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", c.name, err, c.want)
			}
		}
		if facts, _ := factsOf(t, db); len(facts) != 0 {
			t.Errorf("a refused log left %d members", len(facts))
		}
		replay(t, db, log)
		if err := db.ReplayLog(t.Context(), strings.NewReader(log)); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("a second replay: %v, want ErrNotEmpty", err)
		}
	})
}
