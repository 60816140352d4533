package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Marks follow each other in one file, and the last of them counts, however many there
// were, and whatever a process that ended left half written.
func TestMarks(t *testing.T) {
	e := engine{sqliteDialect, filepath.Join(t.TempDir(), "test.db")}
	read := func(want mark) {
		t.Helper()
		if m, there, err := e.readMark(); m != want || !there || err != nil {
			t.Fatalf("the mark is %+v (%t, %v), want %+v", m, there, err, want)
		}
	}
	if m, there, err := e.readMark(); there || err != nil {
		t.Errorf("a mark that is not there: %+v, %v", m, err)
	}
	var last mark
	for i := range int64(200) { // some files full
		last = mark{"in_1", 1_782_000_000_000_000 + instant.Instant(i), 9 + i}
		if err := e.addMark(last); err != nil {
			t.Fatal(err)
		}
		read(last)
		if info, err := os.Stat(e.markFile()); err != nil || info.Size() != markRoom {
			t.Fatalf("after %d marks the file has %d bytes (%v)", i+1, info.Size(), err)
		}
	}
	whole, err := os.ReadFile(e.markFile())
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{`{"instance":"in_1","kno`, `{"instance":"in_1","known":"2026-07-01T00:00:00Z","sends":99999`, `      99999}` + "\n", `7` + "\n"} {
		b := bytes.Clone(whole)
		copy(b[bytes.LastIndexByte(b, '\n')+1:], torn)
		putMarks(t, &e, b)
		read(last)
		next := mark{"in_1", last.Known, last.Sends + 1}
		if err := e.addMark(next); err != nil {
			t.Fatal(err)
		}
		read(next)
	}
	lower := mark{"in_2", 5, 1} // a treasurer accepted a backup
	if err := e.replaceMark(lower); err != nil {
		t.Fatal(err)
	}
	read(lower)

	old := `{"instance":"in_1","known":"1970-01-01T00:00:00.000017Z","sends":3}` // as earlier programs wrote it
	putMarks(t, &e, []byte(old))
	read(mark{"in_1", 17, 3})
	if err := e.addMark(mark{"in_1", 18, 4}); err != nil {
		t.Fatal(err)
	}
	read(mark{"in_1", 18, 4})
	for _, wrong := range []string{"", "no mark", strings.Repeat(" ", markRoom)} {
		putMarks(t, &e, []byte(wrong))
		if _, _, err := e.readMark(); err == nil || !strings.Contains(err.Error(), "cannot be read: give the user that runs goodstanding the right to, or remove it and start the notices again") {
			t.Errorf("%q is read: %v", wrong, err)
		}
	}
}

func putMarks(t *testing.T, e *engine, b []byte) {
	t.Helper()
	if err := os.WriteFile(e.markFile(), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
