package policy

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what came into the golden files")

// mistake is one case of testdata/faults.txt.
type mistake struct {
	name, head string
	text       string
	said       []string
}

func readMistakes(t *testing.T, base string) (intro string, out []mistake) {
	t.Helper()
	intro, rest, _ := strings.Cut(golden(t, "faults.txt"), "== ")
	for _, part := range strings.Split(rest, "\n== ") {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		m := mistake{name: lines[0]}
		lines = lines[1:]
		quoted := func(word string) string {
			t.Helper()
			s, ok := strings.CutPrefix(lines[0], word+" ")
			v, err := strconv.Unquote(s)
			if !ok || err != nil {
				t.Fatalf("%s: %q is not %s and a quoted text", m.name, lines[0], word)
			}
			m.head += lines[0] + "\n"
			lines = lines[1:]
			return v
		}
		if strings.HasPrefix(lines[0], "file ") {
			m.text = quoted("file")
		} else {
			old := quoted("replace")
			if !strings.Contains(base, old) {
				t.Fatalf("%s: %q does not stand in base.yaml", m.name, old)
			}
			m.text = strings.Replace(base, old, quoted("with"), 1)
		}
		m.said = lines
		out = append(out, m)
	}
	return intro, out
}

func golden(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every mistake gets the answer that testdata/faults.txt tells, in full.
func TestMistakesAreTold(t *testing.T) {
	base := golden(t, "base.yaml")
	if _, err := Parse("base.yaml", []byte(base)); err != nil {
		t.Fatalf("base.yaml itself: %v", err)
	}
	intro, cases := readMistakes(t, base)
	var written strings.Builder
	written.WriteString(intro)
	for _, m := range cases {
		var faults *Faults
		f, err := Parse("file", []byte(m.text))
		if f != nil || !errors.As(err, &faults) {
			t.Errorf("%s: got %v, %v, want faults alone", m.name, f, err)
			continue
		}
		var said []string
		for _, x := range faults.All {
			said = append(said, fmt.Sprintf("%d:%d: %s", x.Line, x.Column, x.Text))
		}
		if got, want := strings.Join(said, "\n"), strings.Join(m.said, "\n"); got != want && !*update {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", m.name, got, want)
		}
		fmt.Fprintf(&written, "== %s\n%s%s\n\n", m.name, m.head, strings.Join(said, "\n"))
	}
	if *update {
		if err := os.WriteFile("testdata/faults.txt", []byte(written.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFaultsAsAnError(t *testing.T) {
	_, err := Parse("rules.yaml", []byte("policies: []\ntest: []\n"))
	want := `rules.yaml has 2 faults:
  rules.yaml:1:11: policies: the list is empty; write at least one version, beginning with - id: seed-2022
  rules.yaml:2:1: unknown key "test"; the nearest known key is "tests" (known are policies, tests)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	_, err = Parse("rules.yaml", []byte("policies: []\n"))
	if want := "rules.yaml:1:11: policies: the list is empty; write at least one version, beginning with - id: seed-2022"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestTooLargeAFile(t *testing.T) {
	_, err := Parse("big.yaml", []byte(strings.Repeat("#", maxSize+1)))
	if want := "big.yaml:1:1: the file is larger than 1 MiB; a policy is a page or two"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestLongValuesAreCutInMessages(t *testing.T) {
	long := strings.Repeat("x", 900)
	text := strings.Replace(golden(t, "base.yaml"), "late: 5d", long+": "+long, 1)
	text = strings.Replace(text, "GBP 10.00 monthly", long, 1)
	text = strings.Replace(text, "no objection", long, 1)
	text = strings.Replace(text, "1/3", long, 1)
	_, err := Parse("long.yaml", []byte(text))
	if err == nil || len(err.Error()) > 2000 || strings.Count(err.Error(), "…") != 4 {
		t.Errorf("got %v", err)
	}
}
