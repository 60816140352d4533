package roll

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSafeCellIsHarmlessAndComesBack(t *testing.T) {
	for _, c := range []struct{ text, cell string }{
		{"", ""},
		{"Ada", "Ada"},
		{"=cmd()", "'=cmd()"},
		{"+1", "'+1"},
		{"-x", "'-x"},
		{"@a", "'@a"},
		{"\tx", "'\tx"},
		{"\rx", "'\rx"},
		{"\nx", "'\nx"},
		{"'", "'"},
		{"'t Hooft", "'t Hooft"},
		{"'=cmd()", "''=cmd()"},
		{"''", "'''"},
		{"a=b", "a=b"},
		{"\u200f=", "\u200f="},
	} {
		if got := safeCell(c.text); got != c.cell {
			t.Errorf("safeCell(%q) = %q, want %q", c.text, got, c.cell)
		}
		if got := plainCell(c.cell); got != c.text {
			t.Errorf("plainCell(%q) = %q, want %q", c.cell, got, c.text)
		}
	}
}

func TestSafeCellNeverRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := awkward(t, "text")
		cell := safeCell(s)
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			t.Fatalf("safeCell(%q) = %q would be run", s, cell)
		}
		if back := plainCell(cell); back != s {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func TestItemsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []string
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			if s := strings.TrimSpace(awkward(t, "item")); s != "" {
				items = append(items, s)
			}
		}
		back, ok := splitItems(joinItems(items))
		if !ok || !slices.Equal(back, items) {
			t.Fatalf("%q became %q and came back as %q, %v", items, joinItems(items), back, ok)
		}
	})
}

func TestSplitItemsRefusesOpenQuotes(t *testing.T) {
	for _, s := range []string{`"a`, `"a" b`, `a; "b`} {
		if items, ok := splitItems(s); ok {
			t.Errorf("splitItems(%q) = %q, want a refusal", s, items)
		}
	}
}

// TestSheetsComeBack holds for every text that a cell may hold, in both formats.
func TestSheetsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []map[string][]string
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			row := map[string][]string{"handle": {"x"}}
			for _, c := range sheetColumns[1:] {
				n := 1
				if c.parting != partOne {
					n = rapid.IntRange(0, 3).Draw(t, "items")
				}
				for range n {
					s := strings.TrimSpace(strings.ReplaceAll(awkward(t, c.name), "\r", ""))
					if c.parting == partSpaces {
						s = strings.Join(strings.Fields(s), "")
					}
					if s != "" {
						row[c.name] = append(row[c.name], s)
					}
				}
			}
			rows = append(rows, row)
		}
		for _, format := range []Format{CSV, YAML} {
			var b bytes.Buffer
			if err := writeSheet(&b, format, rows); err != nil {
				t.Fatal(err)
			}
			back, err := readSheet(bytes.NewReader(b.Bytes()), format)
			if err != nil {
				t.Fatalf("%s: %v\n%s", format, err, b.String())
			}
			if len(back) != len(rows) {
				t.Fatalf("%s: %d rows came back as %d\n%s", format, len(rows), len(back), b.String())
			}
			for i, row := range back {
				if len(row.problems) > 0 {
					t.Fatalf("%s: %v\n%s", format, row.problems, b.String())
				}
				for _, c := range sheetColumns {
					if !slices.Equal(row.cells[c.name], rows[i][c.name]) {
						t.Fatalf("%s: %s: %q came back as %q", format, c.name, rows[i][c.name], row.cells[c.name])
					}
				}
			}
		}
	})
}

// awkward draws a text of what spreadsheets, CSV and YAML trip over.
func awkward(t *rapid.T, label string) string {
	parts := []string{"=", "+", "-", "@", "'", `"`, ";", ",", "\t", "\n", " ", "#", "# ", ":", ": ", "a", "Ω", "\u200f", "\u202e", "ש",
		"\u2028", "😀", "{", "[", "!", "&", "*", "null", "yes", "1", "~", "\\", "<", ">", "|", "%", "---", "...", "\u00a0", "\ufeff"}
	var b strings.Builder
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(parts)-1), 0, 6).Draw(t, label) {
		b.WriteString(parts[i])
	}
	return b.String()
}
