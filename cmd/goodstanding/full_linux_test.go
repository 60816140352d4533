package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// leftFree is less than a first reading takes and more than a look at the roll.
const leftFree = 64 << 10

// TestAFullDiskUnderTheDatabase fills a small file system with a sync. It needs
// the right to mount one; the store's own test needs none.
func TestAFullDiskUnderTheDatabase(t *testing.T) {
	w := newWorld(t)
	small := filepath.Join(w.dir, "small")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=2m"); err != nil {
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
	var disk syscall.Statfs_t
	if err := syscall.Statfs(small, &disk); err != nil {
		t.Fatal(err)
	}
	free := int(disk.Bavail) * int(disk.Bsize) // whatever the schema took
	if err := os.WriteFile(filepath.Join(small, "ballast"), make([]byte, max(0, free-leftFree)), 0o600); err != nil {
		t.Fatalf("the ballast does not fit into %d bytes: %v", free, err)
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
