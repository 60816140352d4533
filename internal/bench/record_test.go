package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The last run stands first and the one before it second; an older one goes, and what
// stands around the figures stays.
func TestRunsStandSideBySide(t *testing.T) {
	file := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(file, []byte("head\n"+tableBegins+tableEnds+"tail\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for i, one := range []string{"first", "second", "third"} {
		f := figure{1, "assess", "≤ 1 µs", nil, "the reason"}
		if err := recorded(file, []string{f.line(measured{one, i != 1})}, at.AddDate(0, 0, i)); err != nil {
			t.Fatal(err)
		}
	}
	is, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(is)
	for _, want := range []string{"head\n" + tableBegins, tableEnds + "tail\n", "| 1 | assess | ≤ 1 µs | third | ok |\n", "| 1 | assess | ≤ 1 µs | second | miss: the reason |\n",
		"On 1 December 2026", "On 30 November 2026"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not in it once:\n%s", want, text)
		}
	}
	if strings.Contains(text, "first") || strings.Index(text, "third") > strings.Index(text, "second") {
		t.Errorf("the runs are\n%s", text)
	}
	if err := recorded(filepath.Join("testdata", "none"), nil, at); err == nil {
		t.Error("a file that is not there was recorded into")
	}
}

// What a ratio says: the middle of the rounds, with both ends.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		all  []float64
		want string
	}{{[]float64{3, 1, 2}, "2.00 (1.00–3.00)"}, {[]float64{4, 1, 2, 30}, "3.00 (1.00–30.0)"}, {[]float64{250}, "250 (250–250)"}} {
		if got := spreadOf(c.all).String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.all, got, c.want)
		}
	}
	if m := (spread{2, 1, 9}).atMost(2, "x"); !m.ok || m.words != "2.00 (1.00–9.00)x" {
		t.Errorf("%+v", m)
	}
	if (spread{2, 1, 9}).atLeast(2.1, "x").ok {
		t.Error("2 is taken for at least 2.1")
	}
	ours, reference := 0, 0
	got := ratio(3, func() float64 { ours++; return 6 }, func() float64 { reference++; return 2 })
	if got.median != 3 || ours != 4 || reference != 4 {
		t.Errorf("%v after %d and %d", got, ours, reference)
	}
}
