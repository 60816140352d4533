package dbtest

import (
	"database/sql"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/store"
)

// Durable is a server like that of the other tests, but one that keeps what it has
// committed, as one in use does: for measuring how long that takes.
type Durable struct{ c *cluster }

// DurablePostgres is the one server of a test binary that keeps what it commits.
func DurablePostgres(t testing.TB) *Durable {
	t.Helper()
	server(t) // skips or fails where there is none
	c, err := startDurable()
	if err != nil {
		t.Fatalf("start PostgreSQL from %s: %v", binaries(), err)
	}
	return &Durable{c}
}

// durably are the server's own defaults for what has to do with keeping things, and
// room enough for as many clients as are measured.
var durably = []string{"fsync=on", "synchronous_commit=on", "full_page_writes=on", "wal_level=replica", "shared_buffers=256MB"}

var startDurable = sync.OnceValues(func() (*cluster, error) { return startWith(binaries(), durably...) })

// DSN makes a fresh database with the current schema and returns its address.
func (d *Durable) DSN(t testing.TB) string {
	t.Helper()
	dsn := d.c.dsn(d.Empty(t))
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
	if err != nil {
		t.Fatalf("make the schema: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatalf("make the schema: %v", err)
	}
	return dsn
}

// Empty makes a fresh database without any table and returns its name.
func (d *Durable) Empty(t testing.TB) string {
	t.Helper()
	name, err := d.c.clone("template0")
	if err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() { d.c.drop(name) })
	return name
}

// Run runs one of PostgreSQL's own programs, such as pgbench, on a database of the
// server by its name, and returns what it said.
func (d *Durable) Run(t testing.TB, program, database string, args ...string) string {
	t.Helper()
	all := append([]string{"-h", d.c.dir, "-U", "app"}, append(args, database)...)
	out, err := exec.CommandContext(t.Context(), filepath.Join(binaries(), program), all...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Commits returns how to commit one small change to a database by its address, durably
// and as plainly as can be: one row of a table of its own, in one statement.
func Commits(t testing.TB, dsn string) (commit func()) {
	t.Helper()
	driver, place := "postgres", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite://"); ok {
		driver, place = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)"
	}
	raw, err := sql.Open(driver, place)
	if err != nil {
		t.Fatalf("commit to a database: %v", err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	raw.SetMaxOpenConns(1)
	for _, s := range []string{`CREATE TABLE plain_commit (one INTEGER PRIMARY KEY, n BIGINT NOT NULL)`, `INSERT INTO plain_commit VALUES (1, 0)`} {
		if _, err := raw.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("commit to a database: %v", err)
		}
	}
	return func() {
		if _, err := raw.ExecContext(t.Context(), `UPDATE plain_commit SET n = n + 1 WHERE one = 1`); err != nil {
			t.Fatalf("commit to a database: %v", err)
		}
	}
}
