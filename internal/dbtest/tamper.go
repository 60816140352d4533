package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/store"
)

// opened are the addresses of the databases that tests have open, by *store.DB.
var opened sync.Map

// Tamper runs statements on an open database as somebody would who has the
// database and not the program: nothing that the schema keeps stops them, neither
// that the log is only added to nor that what a row names is there. On SQLite the
// log's triggers stay away.
func Tamper(t testing.TB, db *store.DB, statements ...string) {
	t.Helper()
	dsn, ok := opened.Load(db)
	if !ok {
		t.Fatal("tamper with a database: it was not opened by this package")
	}
	TamperAt(t, dsn.(string), statements...)
}

// TamperAt is Tamper for a database by its address.
func TamperAt(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	driver, place := "postgres", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite://"); ok {
		driver, place = "sqlite", path
	}
	raw, err := sql.Open(driver, place)
	if err != nil {
		t.Fatalf("tamper with a database: %v", err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	before, err := unguarded(driver, raw)
	if err != nil {
		t.Fatalf("tamper with a database: %v", err)
	}
	for _, s := range append(before, statements...) {
		if _, err := raw.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// unguarded are the statements that take away what keeps the log.
func unguarded(driver string, raw *sql.DB) ([]string, error) {
	if driver == "postgres" {
		return []string{`SET session_replication_role = replica`}, nil
	}
	rows, err := raw.Query(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []string{`PRAGMA busy_timeout = 5000`}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf(`DROP TRIGGER %q`, name))
	}
	return out, rows.Err()
}
