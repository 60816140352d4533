package syncer

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// world is a syncer on a fresh database with a clock of its own.
type world struct {
	t      *testing.T
	db     *store.DB
	driver string
	source string // of the driver
	now    instant.Instant
	log    bytes.Buffer
	roll   *roll.Roll
	ids    int
	// told is what the roll was told of snapshots, in order; failures of pulls that
	// failed.
	told     []roll.SnapshotInfo
	failures []roll.Failure
}

// onBoth runs a test on both engines.
func onBoth(t *testing.T, f func(w *world)) {
	t.Helper()
	for _, engine := range []struct {
		name, driver string
		dsn          func(testing.TB) string
	}{
		{"sqlite", "sqlite", dbtest.SQLiteDSN},
		{"postgres", "postgres", dbtest.PostgresDSN},
	} {
		t.Run(engine.name, func(t *testing.T) {
			f(newWorld(t, engine.driver, engine.dsn(t)))
		})
	}
}

// onOne runs a test on SQLite, where the engine makes no difference.
func onOne(t *testing.T) *world { return newWorld(t, "sqlite", dbtest.SQLiteDSN(t)) }

func newWorld(t *testing.T, driver, dsn string) *world {
	t.Helper()
	w := &world{t: t, driver: driver, source: strings.TrimPrefix(dsn, "sqlite://"), now: instant.Date(2026, 6, 10)}
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.db = db
	w.roll = roll.New(db, roll.Options{Now: w.clock})
	return w
}

func (w *world) clock() instant.Instant { return w.now }

// syncer reads from a source; the roll's part is noted and does nothing.
func (w *world) syncer(from source) *Syncer {
	s := New(w.db, w.roll, from, Options{
		Slug: "loose-knot", Now: w.clock, Logger: zerolog.New(&w.log),
		NewID: func(prefix string) string {
			w.ids++
			return fmt.Sprintf("%s_%d", prefix, w.ids)
		},
	})
	s.assess = func(_ context.Context, tx *store.Tx, i roll.SnapshotInfo) (roll.Report, error) {
		w.told = append(w.told, i)
		return roll.Report{Held: 1}, nil
	}
	s.tell = func(_ context.Context, _ *store.Tx, f roll.Failure) error {
		w.failures = append(w.failures, f)
		return nil
	}
	return s
}

// pull pulls and wants no error; and what it keeps to be what the database holds.
func (w *world) pull(s *Syncer) Report {
	w.t.Helper()
	r, err := s.Pull(w.t.Context())
	if err != nil {
		w.t.Fatalf("pull: %v", err)
	}
	w.kept(s)
	return r
}

// kept wants what a syncer keeps to be what the database holds.
func (w *world) kept(s *Syncer) {
	w.t.Helper()
	if s.kept.stored == nil {
		w.t.Fatal("nothing is kept after a pull")
	}
	is, want := *s.kept.stored, w.stored()
	is.last, is.any, is.pinned, is.public, is.currency = want.last, want.any, want.pinned, want.public, want.currency // read anew each time
	is.told = want.told
	if diff := cmp.Diff(want, &is, cmp.AllowUnexported(stored{}, derived{}), unpacked); diff != "" {
		w.t.Fatalf("what is kept is not what is stored: %s", diff)
	}
}

// unpacked compares tables by their rows.
var unpacked = cmp.Options{
	cmp.Transformer("", func(t accountTable) map[member.AccountID]store.AccountRow { return rows(&t) }),
	cmp.Transformer("", func(t detailTable) map[member.AccountID]store.AccountDetail { return rows(&t) }),
	cmp.Transformer("", func(t contributionTable) map[string]store.ContributionRow { return rows(&t) }),
	cmp.Transformer("", func(t chargeTable) map[string]store.ChargeRow { return rows(&t) }),
	cmp.Transformer("", func(t coverageTable) map[string]store.CoverageRow { return rows(&t) }),
}

// later moves the clock.
func (w *world) later(d time.Duration) { w.now = w.now.Add(d) }

// view reads from the database.
func (w *world) view(f func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.View(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// stored is what the database holds, as a pull reads it.
func (w *world) stored() (st *stored) {
	w.t.Helper()
	w.view(func(tx *store.Tx) (err error) {
		st, err = readStored(w.t.Context(), tx)
		return err
	})
	return st
}

// pulls are the attempts noted, the newest first.
func (w *world) pulls() (all []store.Pull) {
	w.t.Helper()
	w.view(func(tx *store.Tx) (err error) {
		all, err = tx.Pulls(w.t.Context(), 100)
		return err
	})
	return all
}

// rows counts the rows of every table of the database.
func (w *world) rows() map[string]int {
	w.t.Helper()
	db, err := sql.Open(w.driver, w.source)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	list := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	if w.driver == "sqlite" {
		list = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	var tables []string
	rows, err := db.QueryContext(w.t.Context(), list)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil || len(tables) < 20 {
		w.t.Fatalf("%d tables, %v", len(tables), err)
	}
	count := map[string]int{}
	for _, name := range tables {
		var n int
		if err := db.QueryRowContext(w.t.Context(), `SELECT count(*) FROM `+name).Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		count[name] = n
	}
	return count
}

// added is which tables got rows since before, and how many.
func (w *world) added(before map[string]int) string {
	w.t.Helper()
	after := w.rows()
	var parts []string
	for _, table := range []string{
		"pull", "snapshot", "account_obs", "contribution_obs", "contribution_missing", "elsewhere_obs", "charge", "charge_payer",
		"coverage", "charge_obs", "refund", "account_detail", "account_former", "setting",
	} {
		if n := after[table] - before[table]; n != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", table, n))
		}
		delete(after, table)
	}
	for table, n := range after {
		if n != before[table] {
			parts = append(parts, fmt.Sprintf("%s %d (unexpected)", table, n-before[table]))
		}
	}
	return strings.Join(parts, ", ")
}
