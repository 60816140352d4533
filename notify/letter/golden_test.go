package letter

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata/golden, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", filepath.FromSlash(name))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what is written; look at it with -update and git diff. Written:\n%s", path, got)
	}
}

// Each letter, in each language, as text for one member and for several, and as
// HTML for one.
func TestEveryLetterIsAsItWasReadLast(t *testing.T) {
	letters, err := all()
	if err != nil {
		t.Fatal(err)
	}
	for three := range slices.Chunk(letters, 3) {
		d := three[0].Data
		name := d.Language + "/" + string(d.Kind)
		var text strings.Builder
		for i, what := range []string{"one member", "several", "only what is always there"} {
			text.WriteString("=== " + what + "\nSubject: " + three[i].Subject + "\n\n" + three[i].Text)
		}
		if Announced(d.Kind) {
			room, page, err := BuiltIn().Announcement(d)
			if err != nil {
				t.Fatal(err)
			}
			text.WriteString("=== in the room\n" + room + "=== in the room, as HTML\n" + page + "\n")
		}
		golden(t, name+".txt", text.String())
		golden(t, name+".html", three[0].HTML)
	}
}
