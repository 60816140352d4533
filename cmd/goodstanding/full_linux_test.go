package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// leftFree is less than a first reading takes and more than a look at the roll.
const leftFree = 64 << 10

// smallDisk is a file system of two mebibytes.
func (w *world) smallDisk() string {
	t := w.t
	t.Helper()
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
	return small
}

// TestAFullDiskUnderAFile: a file that cannot be written whole is not left behind, whatever
// command writes it.
func TestAFullDiskUnderAFile(t *testing.T) {
	w := adopted(t)
	docs := filepath.Join(w.dir, "docs")
	put(t, filepath.Join(docs, "passed", "025.md"), r025)
	w.must("decisions", "import", docs)
	commands := []string{"policy init --to", "notices preview digest --html", "members export --to", "decisions record 25 --to"}
	for i, c := range commands { // with room
		w.must(append(strings.Fields(c), filepath.Join(w.dir, fmt.Sprintf("%d.csv", i)))...)
	}
	small := w.smallDisk()
	if err := os.WriteFile(filepath.Join(small, "ballast"), make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		got := w.fails(exitFailed, append(strings.Fields(c), filepath.Join(small, "new.csv"))...)
		if got != "the output could not be written: no space is left on its disk; free some and run the command again" {
			t.Errorf("%s: %s", c, got)
		}
		if left, err := filepath.Glob(filepath.Join(small, "new*")); err != nil || len(left) > 0 {
			t.Errorf("%s leaves %v, %v", c, left, err)
		}
	}
}

// TestAFullDiskUnderTheDatabase fills a small file system with a sync. It needs
// the right to mount one; the store's own test needs none.
func TestAFullDiskUnderTheDatabase(t *testing.T) {
	w := newWorld(t)
	small := w.smallDisk()
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
