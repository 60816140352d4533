package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
)

// shape says how a mutant is chosen while the program runs.
type shape uint8

const (
	condition shape = iota // an expression that is true or false
	value                  // any other expression
	statement              // a statement in a list
	insertion              // something added where nothing was
	label                  // one value of a switch's case
)

// fate is what became of a mutant.
type fate uint8

const (
	waiting fate = iota
	survived
	killed
	endless // killed by the limit of CPU time
	broken  // did not compile
)

// mutant is one small fault.
type mutant struct {
	number   int // from 1, in the order of files and places
	file     *file
	pos, end token.Pos
	at       token.Position
	in       string // the function, "(*T).name" for a method, or the declared name
	kind     string // what was done
	text     string // the source text of what is mutated, on one line
	nth      int    // of the mutants alike in function, kind and text, from 1
	instead  string // what stands between pos and end in the mutant
	shape    shape
	typ      string // of a value
	tag      string // of a label: the expression that its switch is about
	alone    bool   // cannot be chosen while the program runs: compiled by itself
	fate     fate
}

// id names the place: file:line:column and kind.
func (m *mutant) id() string {
	return fmt.Sprintf("%s:%d:%d %s", filepath.Base(m.file.path), m.at.Line, m.at.Column, m.kind)
}

// key names the mutant by what it is, wherever the lines move.
func (m *mutant) key() string {
	key := fmt.Sprintf("%s %s: %s", m.in, m.kind, m.text)
	if m.nth > 1 {
		key += fmt.Sprintf(" [%d]", m.nth)
	}
	return key
}

// plain is the text of the file with this mutant in it.
func (m *mutant) plain() string {
	from, to := int(m.pos)-m.file.base, int(m.end)-m.file.base
	return string(m.file.text[:from]) + m.instead + string(m.file.text[to:])
}

// mutants are all mutants of the package that compile or do not, in order.
func (s *source) mutants() ([]*mutant, error) {
	var all []*mutant
	seen := map[string]int{}
	for _, f := range s.files {
		c := &collector{src: s, file: f, sole: map[ast.Stmt]bool{}}
		c.collect()
		for _, m := range c.found {
			seen[m.key()]++
			m.nth = seen[m.key()]
			m.number = len(all) + 1
			m.at = s.fset.Position(m.pos)
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: nothing to mutate", s.path)
	}
	for _, m := range all {
		s.place(m)
	}
	return all, nil
}

// place finds out whether the mutant compiles, and whether it can be chosen
// while the program runs.
func (s *source) place(m *mutant) {
	if m.shape == label { // is only ever woven in
		return
	}
	if _, err := s.check(m.file, m.plain(), nil); err != nil {
		m.fate = broken
		return
	}
	_, err := s.check(m.file, weave(m.file, []*mutant{m})+"\nvar activeMutant int\n", nil)
	m.alone = err != nil
}

func choose(all []*mutant, only string) ([]*mutant, error) {
	matches, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	var out []*mutant
	for _, m := range all {
		if matches.MatchString(m.id()) || matches.MatchString(m.key()) {
			out = append(out, m)
		}
	}
	return out, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
