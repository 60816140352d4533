package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"sort"
	"strings"
)

// site is a stretch of source with every mutant of it.
type site struct {
	pos, end token.Pos
	shape    shape
	tag      string // of a label
	mutants  []*mutant
	gone     bool // the tag of a switch whose values became conditions
}

// weave is the text of the file with all the mutants in it: the one whose
// number activeMutant holds is at work, without one the code is what it was.
func weave(f *file, ms []*mutant) string {
	sites := switches(f)
	for _, m := range ms {
		sites = into(sites, m)
	}
	sort.SliceStable(sites, func(i, j int) bool {
		a, b := sites[i], sites[j]
		switch {
		case a.pos != b.pos:
			return a.pos < b.pos
		case a.end != b.end:
			return a.end > b.end
		}
		return a.shape > b.shape // a statement or a label stands around its expression
	})
	return f.woven(sites, f.tree.FileStart, f.tree.FileEnd)
}

func into(sites []*site, m *mutant) []*site {
	for _, s := range sites {
		if s.pos == m.pos && s.end == m.end && s.shape == m.shape && !s.gone {
			s.mutants = append(s.mutants, m)
			return sites
		}
	}
	return append(sites, &site{pos: m.pos, end: m.end, shape: m.shape, tag: m.tag, mutants: []*mutant{m}})
}

// switches makes each switch that has a steady tag one without: its values
// become conditions, of which one can be left out.
func switches(f *file) (sites []*site) {
	ast.Inspect(f.tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SwitchStmt)
		if !ok || s.Tag == nil || !steady(s.Tag) {
			return true
		}
		tag := f.between(s.Tag.Pos(), s.Tag.End())
		sites = append(sites, &site{pos: s.Tag.Pos(), end: s.Tag.End(), shape: label, gone: true})
		for _, clause := range s.Body.List {
			for _, e := range clause.(*ast.CaseClause).List {
				sites = append(sites, &site{pos: e.Pos(), end: e.End(), shape: label, tag: tag})
			}
		}
		return true
	})
	return sites
}

// woven is the text between two positions with the sites, which are in order
// and nest, written out.
func (f *file) woven(sites []*site, from, to token.Pos) string {
	var b strings.Builder
	at := from
	for len(sites) > 0 {
		s, n := sites[0], 1
		for n < len(sites) && sites[n].pos < s.end {
			n++
		}
		b.WriteString(f.between(at, s.pos))
		b.WriteString(s.write(f.woven(sites[1:n], s.pos, s.end)))
		at, sites = s.end, sites[n:]
	}
	return b.String() + f.between(at, to)
}

// write is the site's text: the mutants where they are at work, else inner.
func (s *site) write(inner string) string {
	var out, none strings.Builder
	for i, m := range s.mutants {
		if i > 0 {
			none.WriteString(" && ")
		}
		fmt.Fprintf(&none, "activeMutant != %d", m.number)
		switch s.shape {
		case condition:
			fmt.Fprintf(&out, "activeMutant == %d && (%s) || ", m.number, m.instead)
		case value:
			fmt.Fprintf(&out, "if activeMutant == %d { return %s }; ", m.number, m.instead)
		case statement:
			fmt.Fprintf(&out, "if activeMutant == %d { %s } else ", m.number, m.instead)
		}
	}
	switch {
	case s.gone:
		return ""
	case s.shape == label && len(s.mutants) == 0:
		return fmt.Sprintf("%s == (%s)", s.tag, inner)
	case s.shape == label:
		return fmt.Sprintf("%s && %s == (%s)", none.String(), s.tag, inner)
	case s.shape == condition:
		return fmt.Sprintf("(%s%s && (%s))", out.String(), none.String(), inner)
	case s.shape == value:
		return fmt.Sprintf("(func() %s { %sreturn %s }())", s.mutants[0].typ, out.String(), inner)
	case s.shape == insertion:
		return fmt.Sprintf("\nif activeMutant == %d { break }\n", s.mutants[0].number)
	}
	return fmt.Sprintf("%sif %s { %s }", out.String(), none.String(), inner)
}
