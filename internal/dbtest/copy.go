package dbtest

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Copy makes a copy of a database that nobody has open, and returns its address:
// as a copied file is one, or a database made with the other as its template.
func Copy(t testing.TB, dsn string) string {
	t.Helper()
	if path, ok := strings.CutPrefix(dsn, "sqlite://"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("copy a database: %v", err)
		}
		to := filepath.Join(t.TempDir(), "copy.db")
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatalf("copy a database: %v", err)
		}
		return "sqlite://" + to
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("copy a database: %v", err)
	}
	c := server(t)
	name, err := c.clone(strings.TrimPrefix(u.Path, "/"))
	if err != nil {
		t.Fatalf("copy a database: %v", err)
	}
	t.Cleanup(func() { c.drop(name) })
	return c.dsn(name)
}
