package dbtest

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
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

// DumpPostgres is what pg_dump makes of a database: with clean it drops what it
// makes before that.
func DumpPostgres(t testing.TB, dsn string, clean bool) []byte {
	t.Helper()
	args := []string{"--no-owner", "--dbname", dsn}
	if clean {
		args = append(args, "--clean", "--if-exists")
	}
	out, err := exec.Command(filepath.Join(binaries(), "pg_dump"), args...).Output()
	if err != nil {
		t.Fatalf("dump a database: %v", err)
	}
	return out
}

// LoadPostgres loads a dump into a database, in one transaction.
func LoadPostgres(t testing.TB, dsn string, dump []byte) {
	t.Helper()
	c := exec.Command(filepath.Join(binaries(), "psql"), "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", "--dbname", dsn)
	c.Stdin = bytes.NewReader(dump)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("load a dump: %v: %s", err, out)
	}
}
