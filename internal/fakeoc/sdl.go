package fakeoc

import (
	_ "embed" // the schema is in the program
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed sdl.graphql
var sdl string

// schema is what the fake offers of upstream's.
var schema = sync.OnceValue(func() *ast.Schema {
	s, err := loadSDL(sdl)
	if err != nil {
		panic("fakeoc: " + err.Error()) // the tests load it
	}
	return s
})

// loadSDL reads the schema, in which a type need not repeat its interfaces'
// fields; where two interfaces have the same field, the stricter one holds.
func loadSDL(text string) (*ast.Schema, error) {
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "sdl.graphql", Input: text})
	if err != nil {
		return nil, err
	}
	for _, def := range doc.Definitions {
		if def.Kind != ast.Object {
			continue
		}
		for _, name := range def.Interfaces {
			inherit(def, doc.Definitions.ForName(name))
		}
	}
	return validator.ValidateSchemaDocument(doc)
}

func inherit(def, from *ast.Definition) {
	if from == nil {
		return // the validation says so
	}
	for _, f := range from.Fields {
		field := *f
		switch own := def.Fields.ForName(f.Name); {
		case own == nil:
			def.Fields = append(def.Fields, &field)
		case f.Type.NonNull && !own.Type.NonNull:
			*own = field
		}
	}
}

// kept is how many query texts are remembered at most; then all are forgotten.
const kept = 256

// texts remembers what was found out about a query's text.
type texts struct {
	mu    sync.Mutex
	known map[string]*checked
}

// checked is a parsed and valid query, or what upstream answers instead.
type checked struct {
	doc    *ast.QueryDocument
	status int // of the refusal
	faults []fault
}

func (t *texts) check(text string) *checked {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.known[text]; c != nil {
		return c
	}
	if t.known == nil || len(t.known) >= kept {
		t.known = map[string]*checked{}
	}
	c := check(text)
	t.known[text] = c
	return c
}

// check parses and validates as upstream does: its limits first, then the rules
// of GraphQL (open-collective.md, sections 1.5 and 1.6). A text that cannot be
// read is answered with status 500, a query that is not valid with 400.
func check(text string) *checked {
	doc, err := parser.ParseQuery(&ast.Source{Name: "query", Input: text})
	if err != nil {
		return &checked{status: 500, faults: []fault{syntaxFault(text, err)}}
	}
	if over := tooMuch(doc); over != "" {
		return &checked{status: 400, faults: []fault{{message: over, code: codeInvalid}}}
	}
	if problems := validator.ValidateWithRules(schema(), doc, rules.NewDefaultRules()); len(problems) > 0 {
		return &checked{status: 400, faults: ruleFaults(doc, problems)}
	}
	return &checked{doc: doc}
}
