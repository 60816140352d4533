package fakeoc

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// What upstream's guard lets pass (open-collective.md, section 1.5). It counts
// tokens and cost too, but refuses nothing for them.
const (
	maxDepth      = 20
	maxAliases    = 100
	maxDirectives = 100
)

// tooMuch says which limit a query breaks; "" for none.
func tooMuch(doc *ast.QueryDocument) string {
	m := measure{doc: doc, open: map[string]bool{}}
	for _, op := range doc.Operations {
		m.directives += len(op.Directives)
		m.selections(op.SelectionSet, 0)
	}
	for _, limit := range []struct {
		name      string
		found, at int
	}{{"Query depth", m.depth, maxDepth}, {"Aliases", m.aliases, maxAliases}, {"Directives", m.directives, maxDirectives}} {
		if limit.found > limit.at {
			return fmt.Sprintf("Syntax Error: %s limit of %d exceeded, found %d.", limit.name, limit.at, limit.found)
		}
	}
	return ""
}

// measure counts what the limits are about. A fragment counts wherever it is
// spread; one that spreads itself is left to the validation.
type measure struct {
	doc                        *ast.QueryDocument
	open                       map[string]bool
	depth, aliases, directives int
}

func (m *measure) selections(set ast.SelectionSet, above int) {
	m.depth = max(m.depth, above)
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			m.directives += len(s.Directives)
			if s.Alias != s.Name {
				m.aliases++
			}
			m.selections(s.SelectionSet, above+1)
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			m.selections(s.SelectionSet, above+1)
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			m.spread(s.Name, above+1)
		}
	}
}

func (m *measure) spread(name string, above int) {
	f := m.doc.Fragments.ForName(name)
	if f == nil || m.open[name] {
		return
	}
	m.open[name] = true
	m.selections(f.SelectionSet, above)
	m.open[name] = false
}
