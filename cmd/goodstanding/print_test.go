package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTextWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "Zoë": 3, "Zoe\u0308": 3, "日本": 4, "🐝": 2, "ｆ": 2, "\x1b[31mred\x1b[0m": 3, "a\u200db": 2, "Łukasz": 6} {
		if got := textWidth(s); got != want {
			t.Errorf("%q takes %d columns, want %d", s, got, want)
		}
	}
}

func TestShortened(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		want  string
	}{{"abcdef", 6, "abcdef"}, {"abcdef", 5, "abcd…"}, {"ab def", 4, "ab…"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}} {
		if got := shortened(c.s, c.width); got != c.want || textWidth(got) > c.width {
			t.Errorf("%q to %d: %q, want %q", c.s, c.width, got, c.want)
		}
	}
}

func TestBroken(t *testing.T) {
	text := "a text that is longer than thirty columns has to be broken where words end"
	for _, l := range broken(text, 30) {
		if textWidth(l) > 30 || strings.TrimSpace(l) != l {
			t.Errorf("%q", l)
		}
	}
	if got := strings.Join(broken(text, 30), " "); got != text {
		t.Errorf("got %q", got)
	}
	if got := broken(text, 0); len(got) != 1 || got[0] != text {
		t.Errorf("without a width it is broken: %q", got)
	}
	if got := broken("", 30); len(got) != 1 || got[0] != "" {
		t.Errorf("got %q", got)
	}
}

// TestNamesCannotSteerTheTerminal: escape sequences and marks that turn the
// reading direction come from elsewhere.
func TestNamesCannotSteerTheTerminal(t *testing.T) {
	for s, want := range map[string]string{
		"Alfa\x1b[2J\x07":     "Alfa\uFFFD[2J\uFFFD",
		"two\nlines\tand tab": "two lines and tab",
		"\u202Eevil\u2069":    "evil",
		"Zoë 🐝":               "Zoë 🐝",
	} {
		if got := clean(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	w := newWorld(t)
	list := w.file("l.csv", "name,kind\n\"Zoë 日本 🐝\",organisation\nPlain,organisation\n")
	w.must("members", "import", list)
	lines := strings.Split(w.must("roll"), "\n")
	at := -1
	for _, l := range lines {
		if i := strings.Index(l, "organisation"); i >= 0 {
			if col := textWidth(l[:i]); at >= 0 && col != at {
				t.Errorf("the columns do not stand below each other:\n%s", strings.Join(lines, "\n"))
			} else {
				at = col
			}
		}
	}
}

func TestTableGivesWhereItMay(t *testing.T) {
	var out strings.Builder
	p := &printer{w: &out, width: 30}
	tab := &table{columns: []column{{title: "A", least: 4}, {title: "KEPT"}, {title: "N", right: true}}}
	tab.add("a very long first cell", "whole", "1")
	tab.add("b", "it is kept", "100")
	if !tab.wide(p) {
		t.Error("it does not fit")
	}
	tab.print(p)
	want := "A              KEPT          N\na very long…   whole         1\nb              it is kept  100\n"
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
	for _, l := range strings.Split(out.String(), "\n") {
		if textWidth(l) > 30 {
			t.Errorf("%q", l)
		}
	}
}

func TestPrinterKeepsItsFirstError(t *testing.T) {
	p := &printer{w: failing{}}
	p.line("one")
	p.line("two")
	if !errors.Is(p.err, errFailing) {
		t.Error(p.err)
	}
}

var errFailing = errors.New("failing")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{-1: "in the future", time.Second: "less than a minute", time.Minute: "1 minute",
		119 * time.Minute: "119 minutes", 2 * time.Hour: "2 hours", 47 * time.Hour: "47 hours", 72 * time.Hour: "3 days"} {
		if got := ago(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		word, want string
		far        int
	}{{"stauts", "status", 1}, {"STATUS", "status", 0}, {"con", "contact", 1}, {"zzzzzz", "status", 6}} {
		if got, d := nearest(c.word, []string{"status", "contact", "sync"}); got != c.want || d != c.far {
			t.Errorf("%s: %s at %d, want %s at %d", c.word, got, d, c.want, c.far)
		}
	}
}
