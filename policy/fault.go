package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
)

// Fault is one thing that is wrong with a policy file.
type Fault struct {
	Line, Column int // counted from 1
	Text         string
}

// Faults are all faults of one policy file, in the file's order.
type Faults struct {
	Name string // of the file, as given to Parse
	All  []Fault
}

// Error tells every fault on a line of its own as NAME:LINE:COLUMN: TEXT.
func (f *Faults) Error() string {
	lines := make([]string, len(f.All))
	for i, x := range f.All {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", f.Name, x.Line, x.Column, x.Text)
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%s has %d faults:\n  %s", f.Name, len(lines), strings.Join(lines, "\n  "))
}

func (f *Faults) sort() {
	arrange.By(f.All, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	f.All = slices.Compact(f.All)
}

// nearest is the candidate that takes the fewest single-letter changes, the
// earlier one of several; candidates is not empty.
func nearest(word string, candidates []string) string {
	best, least := candidates[0], -1
	for _, c := range candidates {
		d := distance(word, c)
		if len(word) > 2 && strings.HasPrefix(c, word) {
			d = 1 // cut short, which says more than other letters
		}
		if least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the letters to insert, drop or replace to turn a into b.
func distance(a, b string) int {
	x, y := []rune(clip(a)), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, p := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, q := range y {
			change := diagonal
			if p != q {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}

// clip shortens what a message quotes from the file.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
