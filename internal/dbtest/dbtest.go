// Package dbtest runs one test on both engines of the store, each time on a
// fresh database: a copied file on SQLite, a cloned template on PostgreSQL.
//
// PostgreSQL is a private server that is started once per test binary from
// $PGBIN, /usr/lib/postgresql/*/bin (the newest) or $PATH. It listens on a
// socket in a folder of its own and nowhere else, so that any number of test
// binaries run side by side, and it ends with the binary, however that ends.
// Where no PostgreSQL is installed its half is skipped; with CI=true that is a
// failure instead.
package dbtest

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/store"
)

// Each runs f as two subtests, "sqlite" and "postgres". open opens the
// subtest's database; calling it again opens the same database once more, as
// another process would. Everything is closed when the subtest ends.
func Each(t *testing.T, f func(t *testing.T, open func() *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite makes a fresh SQLite database and returns how to open it.
func SQLite(t testing.TB) func() *store.DB {
	t.Helper()
	return opener(t, SQLiteDSN(t))
}

// Postgres makes a fresh PostgreSQL database and returns how to open it.
func Postgres(t testing.TB) func() *store.DB {
	t.Helper()
	return opener(t, PostgresDSN(t))
}

func opener(t testing.TB, dsn string) func() *store.DB {
	return func() *store.DB {
		t.Helper()
		db, err := store.Open(context.Background(), dsn, store.Options{Version: "test"})
		if err != nil {
			t.Fatalf("open %s: %v", dsn, err)
		}
		opened.Store(db, dsn)
		t.Cleanup(func() {
			opened.Delete(db)
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		return db
	}
}

// SQLiteDSN makes a fresh SQLite database with the current schema and returns
// its address.
func SQLiteDSN(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make a template of a SQLite database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatalf("copy the template: %v", err)
	}
	return "sqlite://" + path
}

// sqliteTemplate is the content of a database file that was just made. Closing
// the last connection leaves everything in the one file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "goodstanding-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	db, err := store.Open(context.Background(), "sqlite://"+path, store.Options{Version: "test"})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
})
