package main

import "strings"

// column is one column of a table.
type column struct {
	title string
	// least is the width down to which the column may be cut on a narrow
	// terminal; 0 keeps it whole.
	least int
	// right aligns to the right, for numbers.
	right bool
}

// table prints rows in aligned columns.
type table struct {
	columns []column
	rows    [][]string
	// below prints what stands under a row, if anything does.
	below func(row int)
}

// wide says that the table does not fit on the terminal whole.
func (t *table) wide(p *printer) bool {
	if p.width == 0 {
		return false
	}
	total := len(gap) * (len(t.columns) - 1)
	for _, w := range t.widths(0) {
		total += w
	}
	return total > p.width
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// gap stands between two columns.
const gap = "  "

// print prints the table; on a terminal it is cut to its width where the
// columns allow it.
func (t *table) print(p *printer) {
	widths := t.widths(p.width)
	heads := make([]string, len(t.columns))
	for i, c := range t.columns {
		heads[i] = p.dim(shortened(c.title, widths[i]))
	}
	t.row(p, heads, widths)
	for n, r := range t.rows {
		cells := make([]string, len(r))
		for i, cell := range r {
			cells[i] = cell
			if t.columns[i].least > 0 && p.width > 0 {
				cells[i] = shortened(cell, widths[i])
			}
		}
		t.row(p, cells, widths)
		if t.below != nil {
			t.below(n)
		}
	}
}

func (t *table) row(p *printer, cells []string, widths []int) {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteString(gap)
		}
		if t.columns[i].right {
			b.WriteString(strings.Repeat(" ", max(0, widths[i]-textWidth(cell))) + cell)
			continue
		}
		b.WriteString(padded(cell, widths[i]))
	}
	p.line("%s", b.String())
}

// widths are those of the widest cells, less what is missing on the terminal:
// the widest column that may be cut gives first.
func (t *table) widths(terminal int) []int {
	widths := make([]int, len(t.columns))
	total := len(gap) * (len(t.columns) - 1)
	for i, c := range t.columns {
		widths[i] = textWidth(c.title)
		for _, r := range t.rows {
			widths[i] = max(widths[i], textWidth(r[i]))
		}
		total += widths[i]
	}
	for terminal > 0 && total > terminal {
		most := -1
		for i, c := range t.columns {
			if c.least > 0 && widths[i] > c.least && (most < 0 || widths[i] > widths[most]) {
				most = i
			}
		}
		if most < 0 {
			break
		}
		widths[most]--
		total--
	}
	return widths
}
