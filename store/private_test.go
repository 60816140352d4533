package store

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

// modes are those of the database's files, by how their names end.
func modes(t *testing.T, path string) map[string]os.FileMode {
	t.Helper()
	all, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]os.FileMode{}
	for _, one := range all {
		info, err := os.Stat(one)
		if err != nil {
			t.Fatal(err)
		}
		out[one[len(path):]] = info.Mode().Perm()
	}
	return out
}

// A SQLite database that is made here is its owner's alone, whatever the folder and the
// umask, with all that SQLite puts beside it; the mode of one that is there stays.
func TestANewFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "roll.db")
	db, err := Open(t.Context(), "sqlite://"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, want os.FileMode) {
		t.Helper()
		err := db.InTx(t.Context(), NoStream, instant.Date(2026, 6, 15), func(tx *Tx) error { _, err := tx.People(t.Context()); return err })
		have := modes(t, path)
		if err != nil || len(have) < 3 {
			t.Fatalf("%s: %v, %v: want the file, its -wal and its -shm", what, have, err)
		}
		for name, mode := range have {
			must := want
			if name == ".turn" || name == migratingSuffix {
				must = 0o600
			}
			if mode != must {
				t.Errorf("%s: %q has mode %o, want %o", what, name, mode, must)
			}
		}
	}
	check("made", 0o600)
	var backup bytes.Buffer
	if _, err := db.Backup(t.Context(), &backup, instant.Date(2026, 6, 15), nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), "sqlite://"+path, Options{}); err != nil {
		t.Fatal(err)
	}
	check("opened", 0o640)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "restored.db")
	if db, _, err = Restore(t.Context(), "sqlite://"+path, &backup, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	check("restored", 0o600)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
