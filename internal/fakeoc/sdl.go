package fakeoc

import (
	_ "embed"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// sdl is the part of upstream's schema that the fake knows, in our own file; a
// test proves it a part of upstream's own.
//
//go:embed sdl.graphql
var sdl string

var schema = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "sdl.graphql", Input: sdl}) // a test loads it, too
})

// documents remembers queries that were found valid, by their text: clients ask
// the same ones again and again.
type documents struct {
	mu    sync.Mutex
	known map[string]*ast.QueryDocument
}

const mostDocuments = 200

// parse reads and checks a query.
func (d *documents) parse(text string) (*ast.QueryDocument, gqlerror.List) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q := d.known[text]; q != nil {
		return q, nil
	}
	q, errs := gqlparser.LoadQueryWithRules(schema(), text, nil)
	if len(errs) > 0 {
		return nil, errs
	}
	if d.known == nil || len(d.known) >= mostDocuments {
		d.known = map[string]*ast.QueryDocument{}
	}
	d.known[text] = q
	return q, nil
}
