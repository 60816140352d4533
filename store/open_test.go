package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/store"
)

// wantFault checks the problem, the whole sentence, and that no password shows.
func wantFault(t *testing.T, err error, problem store.Problem, sentence string) {
	t.Helper()
	f, ok := errors.AsType[*store.Fault](err)
	if !ok || f.Problem != problem || f.Error() != sentence {
		t.Errorf("got  %v\nwant %s", err, sentence)
	}
	if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, f), "hunter2") {
		t.Errorf("the password shows: %+v", err)
	}
}

func openErr(t *testing.T, dsn string) error {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "0.1.0"})
	if err == nil {
		db.Close()
	}
	return err
}

func TestAddressesThatAreRefused(t *testing.T) {
	const forms = "write sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/database"
	for _, c := range []struct{ dsn, want string }{
		{"", "the database address has no scheme: " + forms},
		{"/var/lib/x.db", "the database address has no scheme: " + forms},
		{"mysql://root:hunter2@db/x", "the database address begins with mysql://, which is none of goodstanding's engines: " + forms},
		{"sqlite://", "the database address names no file: write sqlite:///absolute/path or sqlite://relative/path, without settings after a ?"},
		{"sqlite:///tmp/", "the database address names no file: write sqlite:///absolute/path or sqlite://relative/path, without settings after a ?"},
		{"sqlite:///tmp/x.db?_pragma=foreign_keys(0)", "the database address names no file: write sqlite:///absolute/path or sqlite://relative/path, without settings after a ?"},
		{"postgres://app:hun%ter2hunter2@db/x", "the database address cannot be read as a URL: write postgres://user:password@host:port/database and replace special characters of the password by their %-codes"},
		{"postgres://app:hunter2@db/x?sslmode=hunter2", ""},
		{"postgres://app:hunter2@db:notaport/x", "the database address cannot be read as a URL: write postgres://user:password@host:port/database and replace special characters of the password by their %-codes"},
	} {
		err := openErr(t, c.dsn)
		if c.want == "" {
			f, ok := errors.AsType[*store.Fault](err)
			if !ok || f.Problem != store.BadDSN || !strings.HasPrefix(f.Error(), "the database address is not understood: ") || strings.Contains(f.Error(), "hunter2") {
				t.Errorf("%s: %v", c.dsn, err)
			}
			continue
		}
		wantFault(t, err, store.BadDSN, c.want)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("These are the minutes of our meeting.\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	if _, err := raw(t, "sqlite", foreign).Exec(`CREATE TABLE recipes (name TEXT)`); err != nil {
		t.Fatal(err)
	}
	wantFault(t, openErr(t, "sqlite://"+dir+"/no/such/x.db"), store.NoFolder,
		"the folder "+dir+"/no/such of the database does not exist: create it, or name another in GOODSTANDING_DATA")
	wantFault(t, openErr(t, "sqlite://"+text+"/x.db"), store.NoFolder,
		text+" is a file, not a folder, so the database cannot stand in it: name another place in GOODSTANDING_DATA")
	wantFault(t, openErr(t, "sqlite://"+dir), store.NotADatabase, dir+" is a folder, not a database: add the name of a file")
	wantFault(t, openErr(t, "sqlite://"+text), store.NotADatabase,
		text+" is not a SQLite database: name another file in GOODSTANDING_DATABASE, or move this one away")
	wantFault(t, openErr(t, "sqlite://"+foreign), store.NotOurs,
		"the database "+foreign+" holds tables of another program: give goodstanding a database of its own")
	if got := lines(t, raw(t, "sqlite", foreign), `SELECT name FROM sqlite_schema`); len(got) != 1 {
		t.Errorf("the foreign database was changed: %v", got)
	}
}

// An address with several servers is read as it is meant, and what is not
// understood of it is said.
func TestSeveralServers(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://app:hunter2@127.0.0.1:1,127.0.0.1:2/x": "the database postgres://127.0.0.1:1,127.0.0.1:2/x does not answer: check that it runs and that the address in GOODSTANDING_DATABASE is right",
		"postgres://app:hunter2@db1,db2:99999/x":           "the database address is not understood: the port of its server db2 is no number from 1 to 65535: write postgres://user@host1:port1,host2:port2/database",
		"postgres://app:hunter2@,db1:5432/x":               "the database address is not understood: of its several servers one has no name: write postgres://user@host1:port1,host2:port2/database",
		"postgres://app:hunter2@db1,db2/x?port=5433,5434": "the database address is not understood: it names several servers before the database and again as host or port behind it: " +
			"name them in one place",
		"postgres://app:hunter2@db1,db2/x?target_session_attrs=writable": "the database address is not understood: pq: wrong value for \"target_session_attrs\": " +
			"\"writable\" is not supported; supported values are any, read-write, read-only, primary, standby, or prefer-standby",
	} {
		if err := openErr(t, dsn); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", dsn, err, want)
		}
	}
	if got := store.SSLMode(t, "postgres://u@127.0.0.1:5433,db.example:5434/x"); got != "require" {
		t.Errorf("one server on another machine: sslmode %s", got)
	}
	if got := store.SSLMode(t, "postgres://u@127.0.0.1:5433,localhost:5434/x"); got != "disable" {
		t.Errorf("both on this machine: sslmode %s", got)
	}
	// The second one answers: it is the private server of the tests.
	dsn := dbtest.PostgresDSN(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", "/nowhere,"+q.Get("host"))
	u.RawQuery = q.Encode()
	db, err := store.Open(t.Context(), u.String(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write(t, db, store.Entries, noon, nothing)
}

func TestServersThatAreRefused(t *testing.T) {
	wantFault(t, openErr(t, "postgres://app:hunter2@127.0.0.1:1/x"), store.Unreachable,
		"the database postgres://127.0.0.1:1/x does not answer: check that it runs and that the address in GOODSTANDING_DATABASE is right")
	foreign := dbtest.EmptyPostgresDSN(t)
	place := strings.Split(strings.Split(foreign, "host=")[1], "&")[0]
	name := strings.TrimPrefix(strings.Split(foreign, "?")[0], "postgres:///")
	if _, err := raw(t, "postgres", foreign).Exec(`CREATE TABLE recipes (name TEXT)`); err != nil {
		t.Fatal(err)
	}
	wantFault(t, openErr(t, foreign), store.NotOurs,
		"the database postgres://"+place+"/"+name+" holds tables of another program: give goodstanding a database of its own")
	wantFault(t, openErr(t, strings.Replace(foreign, name, "nowhere", 1)), store.Unreachable,
		"there is no database postgres://"+place+"/nowhere: create it first, owned by goodstanding's user")
}

// A server in one's own network often has no TLS: the remedy names the setting.
func TestAServerWithoutTLS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadFull(c, make([]byte, 8)) // the request for TLS
			_, _ = c.Write([]byte("N"))
			c.Close()
		}
	}()
	wantFault(t, openErr(t, "postgres://app:hunter2@"+l.Addr().String()+"/x?sslmode=require"), store.Unreachable,
		"the database postgres://"+l.Addr().String()+"/x does not answer: it offers no TLS: add ?sslmode=disable to the address if the network between is your own")
}

func TestANewerSchemaIsRefused(t *testing.T) {
	for driver, dsn := range map[string]string{"sqlite": dbtest.SQLiteDSN(t), "postgres": dbtest.PostgresDSN(t)} {
		db := raw(t, driver, dsn)
		if _, err := db.Exec(`INSERT INTO goodstanding_schema (version_id, is_applied) VALUES (99, $1)`, true); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`UPDATE setting SET value = '0.9.0' WHERE name = 'migrated_by'`); err != nil {
			t.Fatal(err)
		}
		err := openErr(t, dsn)
		f, ok := errors.AsType[*store.Fault](err)
		latest, latestErr := migrations.Latest(driver)
		if latestErr != nil {
			t.Fatal(latestErr)
		}
		want := fmt.Sprintf(" has schema 99, made by version 0.9.0 of goodstanding; this program knows schemas up to %d: use that version or a newer one", latest)
		if !ok || f.Problem != store.NewerSchema || !strings.HasSuffix(f.Error(), want) {
			t.Errorf("%s: %v", driver, err)
		}
	}
}

func TestADiskThatIsFullOrReadOnly(t *testing.T) {
	dsn := dbtest.SQLiteDSN(t)
	path := strings.TrimPrefix(dsn, "sqlite://")
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fill := func() error {
		return db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error {
			_, err := tx.AddText(t.Context(), strings.Repeat("long ", 40000))
			return err
		})
	}
	store.Exec(t, db, `PRAGMA max_page_count = 1`) // SQLite takes the present size for the least
	wantFault(t, fill(), store.DiskFull,
		"no room is left on the disk that holds the database "+path+": free some space and try again; nothing was lost")
	store.Exec(t, db, `PRAGMA max_page_count = 100000`)
	store.Exec(t, db, `PRAGMA query_only = 1`)
	wantFault(t, fill(), store.ReadOnlyStore,
		"the database "+path+" takes no writes: give the user that runs goodstanding the right to write the file and its folder")
	store.Exec(t, db, `PRAGMA query_only = 0`)
	if err := fill(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	for code, want := range map[string]string{
		"53100": "no room is left on the disk of the database postgres://db/x: free some space and try again; nothing was lost",
		"25006": "the database postgres://db/x takes no writes: name the primary server, not a standby (target_session_attrs=read-write)",
		"42501": "the database postgres://db/x refuses goodstanding's user: grant it all rights on a schema of its own",
		"28P01": "the database postgres://db/x refuses the user or password: check both in GOODSTANDING_DATABASE",
	} {
		if got := store.ExplainPostgres("postgres://db/x", code); got.Error() != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// Several processes may meet a database that does not exist yet.
func TestManyOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	latest, err := migrations.Latest("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{"sqlite://" + filepath.Join(t.TempDir(), "new file%#1.db"), dbtest.EmptyPostgresDSN(t)} {
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				db, err := store.Open(context.Background(), dsn, store.Options{Version: "0.1.0"})
				if err != nil {
					t.Errorf("open %s: %v", dsn, err)
					return
				}
				defer db.Close()
				version, err := db.SchemaVersion(context.Background())
				if err != nil || version != latest {
					t.Errorf("%s has schema %d, %v", dsn, version, err)
				}
				write(t, db, store.Entries, noon, nothing)
			})
		}
		wg.Wait()
	}
}

func TestSSLModeIsNeverLeftToTheDriver(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://u@db.example/x":                     "require",
		"postgres://u@localhost/x":                      "disable",
		"postgres://u@127.0.0.1:5433/x":                 "disable",
		"postgres://u@[::1]/x":                          "disable",
		"postgres:///x?host=/run/postgresql":            "disable",
		"postgres://u@10.0.0.4/x":                       "require",
		"postgres://u@db.example/x?sslmode=disable":     "disable",
		"postgres://u@db.example/x?sslmode=verify-full": "verify-full",
	} {
		if got := store.SSLMode(t, dsn); got != want {
			t.Errorf("%s: sslmode %s, want %s", dsn, got, want)
		}
	}
}
