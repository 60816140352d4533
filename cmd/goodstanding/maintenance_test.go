package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/migrations"
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

// TestHealthcheckChangesNothing: where no daemon listens it says what it found, and
// neither makes nor migrates a database.
func TestHealthcheckChangesNothing(t *testing.T) {
	w := newWorld(t)
	data := filepath.Join(w.dir, "data")
	file := filepath.Join(data, databaseName)
	latest, err := migrations.Latest("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	older := fmt.Sprintf("has schema %d, and this program works with schema %d: make a backup, then bring it up to date (goodstanding migrate)", latest-1, latest)
	// finds runs it in the data folder, in which everything stays as it is.
	finds := func(want string) {
		t.Helper()
		before, _ := os.ReadFile(file)
		if got := w.fails(exitDatabase, "healthcheck"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		after, _ := os.ReadFile(file)
		entries, _ := os.ReadDir(data)
		if !bytes.Equal(before, after) || len(entries) > 1 || len(entries) == 1 && entries[0].Name() != databaseName {
			t.Errorf("%s: the database has %d bytes and had %d, and the folder holds %v", want, len(after), len(before), entries)
		}
	}
	finds("the folder DIR/data of the database does not exist: create it, or name another in GOODSTANDING_DATA")
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the data folder was made")
	}
	const none = "there is no database of goodstanding at sqlite://DIR/data/goodstanding.db: look at GOODSTANDING_DATABASE and GOODSTANDING_DATA"
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	finds(none)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the database was made")
	}
	w.file("data/"+databaseName, "")
	finds(none)
	w.adopt()
	makeOlder(t, "sqlite", file, latest)
	finds("the database DIR/data/goodstanding.db " + older)
	makeNewer(t, file)
	finds(fmt.Sprintf("the database DIR/data/goodstanding.db has schema 9999, made by version %s of goodstanding; this program knows schemas up to %d: use that version or a newer one", version(), latest))

	dsn := dbtest.EmptyPostgresDSN(t)
	w.env["GOODSTANDING_DATABASE"] = dsn
	has(t, w.fails(exitDatabase, "healthcheck"), "there is no database of goodstanding at postgres://", ": look at GOODSTANDING_DATABASE and GOODSTANDING_DATA")
	const tables = `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()`
	if n := count(t, "postgres", dsn, tables); n != 0 {
		t.Errorf("%d tables were made", n)
	}
	w.must("migrate")
	makeOlder(t, "postgres", dsn, latest)
	has(t, w.fails(exitDatabase, "healthcheck"), "the database postgres://", older)
	if n := count(t, "postgres", dsn, `SELECT max(version_id) FROM `+migrations.Table); n != latest-1 {
		t.Errorf("the schema is %d", n)
	}
	w.env["GOODSTANDING_DATABASE"] = "postgres://ada:hush@127.0.0.1:1/roll?sslmode=disable"
	if got := w.fails(exitDatabase, "healthcheck"); got != "the database postgres://127.0.0.1:1/roll does not answer: check that it runs and that the address in GOODSTANDING_DATABASE is right" {
		t.Error(got)
	}
}

// makeOlder takes the last step out of what a database says was done to it.
func makeOlder(t *testing.T, driver, address string, latest int64) {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`DELETE FROM `+migrations.Table+` WHERE version_id = $1`, latest); err != nil {
		t.Fatal(err)
	}
}

// count is the number that a query gives.
func count(t *testing.T, driver, address, query string) (n int64) {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
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
