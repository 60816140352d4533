package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestAFullDiskUnderTheDatabase fills a small file system with a sync. It needs
// the right to mount one; the store's own test needs none.
func TestAFullDiskUnderTheDatabase(t *testing.T) {
	w := newWorld(t)
	small := filepath.Join(w.dir, "small")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=900k"); err != nil {
		t.Skip("a small file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(small, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	w.env["GOODSTANDING_DATA"] = small
	w.must("members", "add", "Alfa Hosting", "--kind", "organisation")
	before := w.must("roll", "--json")
	if err := os.WriteFile(filepath.Join(small, "ballast"), make([]byte, 64<<10), 0o600); err != nil {
		t.Logf("the ballast did not fit: %v", err)
	}
	got := w.fails(exitDatabase, "sync")
	has(t, got, "no room is left on the disk that holds the database DIR/small/goodstanding.db: free some space and try again; nothing was lost")
	if err := os.Remove(filepath.Join(small, "ballast")); err != nil {
		t.Fatal(err)
	}
	if after := w.must("roll", "--json"); after != before {
		t.Errorf("the roll changed:\n%s", difference(before, after))
	}
}
