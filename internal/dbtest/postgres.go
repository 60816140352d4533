package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/lib/pq" // the driver "postgres"

	"coopcloud.tech/goodstanding/store"
)

// PostgresDSN makes a fresh PostgreSQL database with the current schema and
// returns its address.
func PostgresDSN(t testing.TB) string {
	t.Helper()
	c := server(t)
	name, err := c.clone("template_gs")
	if err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	t.Cleanup(func() { c.drop(name) })
	return c.dsn(name)
}

// EmptyPostgresDSN makes a fresh PostgreSQL database without any table and
// returns its address.
func EmptyPostgresDSN(t testing.TB) string {
	t.Helper()
	c := server(t)
	name, err := c.clone("template0")
	if err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() { c.drop(name) })
	return c.dsn(name)
}

// server is the binary's own server; without PostgreSQL the test is skipped,
// or failed where it must run.
func server(t testing.TB) *cluster {
	t.Helper()
	bin := binaries()
	if bin == "" {
		missing(t, os.Getenv("CI") == "true")
	}
	c, err := start()
	if err != nil {
		t.Fatalf("start PostgreSQL from %s: %v", bin, err)
	}
	return c
}

// missing says what to do about it.
func missing(t testing.TB, mustRun bool) {
	t.Helper()
	const remedy = "no PostgreSQL found: install it (apt-get install postgresql) or name its bin folder in PGBIN"
	if mustRun {
		t.Fatal(remedy)
	}
	t.Skip(remedy)
}

// binaries is the folder of the newest PostgreSQL that can make and run a
// cluster; "" when there is none.
func binaries() string {
	if bin := os.Getenv("PGBIN"); bin != "" {
		return bin
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	return newest(found)
}

// newest is the folder of the first initdb, by version, that has a server
// beside it.
func newest(found []string) string {
	slices.SortStableFunc(found, func(a, b string) int { return major(b) - major(a) })
	for _, initdb := range found {
		bin := filepath.Dir(initdb)
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil {
			return bin
		}
	}
	return ""
}

// major is the version in /usr/lib/postgresql/15/bin/initdb.
func major(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // 0 sorts last
	return n
}

// PostgresOverTCP makes a fresh PostgreSQL database without any table, on a server that
// is asked over TCP as one elsewhere is, and returns its address.
func PostgresOverTCP(t testing.TB) string {
	t.Helper()
	server(t) // skips or fails where there is none
	c, err := startOverTCP()
	if err != nil {
		t.Fatalf("start PostgreSQL from %s: %v", binaries(), err)
	}
	name, err := c.clone("template0")
	if err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() { c.drop(name) })
	return "postgres://app@127.0.0.1:" + c.port + "/" + name + "?sslmode=disable"
}

var startOverTCP = sync.OnceValues(func() (*cluster, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil { // nobody is given that port again so soon
		return nil, err
	}
	return startWith(binaries(), "listen_addresses=127.0.0.1", "port="+port)
})

// cluster is a running private server.
type cluster struct {
	dir   string // holds the data and the socket
	port  string // of the socket's name, and of TCP where it listens there; "" for the usual one
	admin *sql.DB
	// copied is how a database is made by copying files, where this version has a choice.
	copied string
	mu     sync.Mutex // one CREATE DATABASE from a template at a time
	made   atomic.Int64
}

// start starts the server once, with a template that has the current schema.
var start = sync.OnceValues(func() (*cluster, error) {
	c, err := startWith(binaries())
	if err != nil {
		return nil, err
	}
	if _, err := c.admin.Exec(`CREATE DATABASE template_gs TEMPLATE template0`); err != nil {
		return nil, fmt.Errorf("create the template: %w", err)
	}
	db, err := store.Open(context.Background(), c.dsn("template_gs"), store.Options{Version: "test"})
	if err != nil {
		return nil, fmt.Errorf("fill the template: %w", err)
	}
	return c, db.Close()
})

func (c *cluster) dsn(name string) string {
	dsn := "postgres:///" + name + "?host=" + c.dir + "&user=app&sslmode=disable"
	if c.port != "" {
		dsn += "&port=" + c.port
	}
	return dsn
}

// clone makes a database like the template. Nobody is connected to that. Its files are
// copied: to log each of their pages, as PostgreSQL does by itself, takes several times as
// long, and nothing here is kept.
func (c *cluster) clone(template string) (string, error) {
	name := fmt.Sprintf("test_%d", c.made.Add(1))
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.admin.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + template + c.copied)
	return name, err
}

// drop gives the room back; the whole cluster goes in the end anyhow.
func (c *cluster) drop(name string) {
	_, _ = c.admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
}

// settings make the server small and fast, with the room for what is read that
// deploy/compose.yaml gives it: what it holds is worth nothing. Of what is said twice
// the last counts, hence more.
func settings(dir string, more ...string) []string {
	values := []string{
		"listen_addresses=", "unix_socket_directories=" + dir, "unix_socket_permissions=0777",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
		"shared_buffers=64MB", "max_connections=120", "max_pred_locks_per_transaction=512", "log_min_messages=fatal",
	}
	return strings.Split("-c "+strings.Join(append(values, more...), " -c "), " ")
}
