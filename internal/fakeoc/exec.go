package fakeoc

import (
	"errors"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// run executes one operation against one state of the world; the caller holds
// the world's lock. The answer is written as it is found: what turns out null by
// GraphQL's rules is cut off again.
type run struct {
	*World
	token  *Token // nil for the public
	doc    *ast.QueryDocument
	vars   map[string]any
	out    []byte
	path   []any
	faults []fault
	newID  func() string
}

// viewer is who asks; nil for the public.
func (x *run) viewer() *Account {
	if x.token == nil {
		return nil
	}
	return x.token.Owner
}

// planned is a field of the answer: what the query asks for under one name.
type planned struct {
	name    string // in the answer
	step    any    // the same, as a path has it
	opening []byte // the name as JSON, with the colon
	field   *ast.Field
	args    given
	resolve resolver
	sets    []ast.SelectionSet
	below   map[string][]*planned // by the type found
}

// operation runs and returns the data, which is null when the root itself became
// null. size is about how much room it needs.
func (x *run) operation(op *ast.OperationDefinition, size int) []byte {
	root := &planned{sets: []ast.SelectionSet{op.SelectionSet}}
	x.out = append(make([]byte, 0, size), dataKey...)
	if !x.object(root, "Query", nil) {
		return append(x.out[:len(dataKey)], "null"...)
	}
	return x.out
}

// dataKey begins an answer without errors.
const dataKey = `{"data":`

// plan lists the fields that the selections ask of a type, in their order;
// fields of one name are one (GraphQL's CollectFields).
func (x *run) plan(p *planned, typeName string) []*planned {
	if fields, done := p.below[typeName]; done {
		return fields
	}
	var fields []*planned
	for _, set := range p.sets {
		fields = x.collect(fields, set, typeName)
	}
	if p.below == nil {
		p.below = map[string][]*planned{}
	}
	p.below[typeName] = fields
	return fields
}

func (x *run) collect(fields []*planned, set ast.SelectionSet, typeName string) []*planned {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if x.wanted(s.Directives) {
				fields = x.add(fields, s, typeName)
			}
		case *ast.InlineFragment:
			if x.wanted(s.Directives) && applies(s.TypeCondition, typeName) {
				fields = x.collect(fields, s.SelectionSet, typeName)
			}
		case *ast.FragmentSpread:
			f := x.doc.Fragments.ForName(s.Name)
			if x.wanted(s.Directives) && applies(f.TypeCondition, typeName) {
				fields = x.collect(fields, f.SelectionSet, typeName)
			}
		}
	}
	return fields
}

func (x *run) add(fields []*planned, f *ast.Field, typeName string) []*planned {
	if i := slices.IndexFunc(fields, func(p *planned) bool { return p.name == f.Alias }); i >= 0 {
		fields[i].sets = append(fields[i].sets, f.SelectionSet)
		return fields
	}
	return append(fields, &planned{
		name: f.Alias, step: f.Alias, opening: append(appendString(nil, f.Alias), ':'), field: f,
		args: f.ArgumentMap(x.vars), resolve: resolverOf(typeName, f.Name), sets: []ast.SelectionSet{f.SelectionSet},
	})
}

// wanted obeys @skip and @include.
func (x *run) wanted(ds ast.DirectiveList) bool {
	if d := ds.ForName("skip"); d != nil && given(d.ArgumentMap(x.vars)).yes("if") {
		return false
	}
	d := ds.ForName("include")
	return d == nil || given(d.ArgumentMap(x.vars)).yes("if")
}

// applies says whether a fragment on a type or interface is for the type.
func applies(condition, typeName string) bool {
	return condition == "" || condition == typeName || slices.Contains(schema().Types[typeName].Interfaces, condition)
}

// object writes an object; false when a field that may not be null is.
func (x *run) object(p *planned, typeName string, self any) bool {
	x.out = append(x.out, '{')
	for i, f := range x.plan(p, typeName) {
		if i > 0 {
			x.out = append(x.out, ',')
		}
		x.out = append(x.out, f.opening...)
		x.path = append(x.path, f.step)
		good := x.one(f, typeName, self)
		x.path = x.path[:len(x.path)-1]
		if !good {
			return false
		}
	}
	x.out = append(x.out, '}')
	return true
}

// one resolves and writes one field.
func (x *run) one(f *planned, typeName string, self any) bool {
	if f.field.Name == "__typename" {
		x.out = appendString(x.out, typeName)
		return true
	}
	v, err := f.resolve(x, self, f.args)
	if err != nil {
		x.fail(f, err)
		return x.null(f.field.Definition.Type)
	}
	return x.value(f, f.field.Definition.Type, v)
}

// null writes null where that may be.
func (x *run) null(t *ast.Type) bool {
	if t.NonNull {
		return false
	}
	x.out = append(x.out, "null"...)
	return true
}

func (x *run) value(f *planned, t *ast.Type, v any) bool {
	if v == nil {
		if t.NonNull {
			x.fail(f, thrownf("Cannot return null for non-nullable field %s.%s.", f.field.ObjectDefinition.Name, f.field.Name))
		}
		return x.null(t)
	}
	start := len(x.out)
	good := true
	switch {
	case t.Elem != nil:
		good = x.list(f, t.Elem, v.([]any))
	case len(f.field.SelectionSet) > 0:
		good = x.object(f, concrete(t.NamedType, v), v)
	default:
		x.out = appendScalar(x.out, v)
	}
	if good {
		return true
	}
	x.out = x.out[:start]
	return x.null(t)
}

func (x *run) list(f *planned, t *ast.Type, items []any) bool {
	x.out = append(x.out, '[')
	for i, item := range items {
		if i > 0 {
			x.out = append(x.out, ',')
		}
		x.path = append(x.path, i)
		good := x.value(f, t, item)
		x.path = x.path[:len(x.path)-1]
		if !good {
			return false
		}
	}
	x.out = append(x.out, ']')
	return true
}

// fail notes an error at the field that is being resolved.
func (x *run) fail(f *planned, err error) {
	at := f.field.Position
	out := fault{message: err.Error(), code: codeInternal, path: slices.Clone(x.path), at: []gqlerror.Location{{Line: at.Line, Column: at.Column}}}
	if r := (refusal{}); errors.As(err, &r) {
		out.code, out.id = r.code, x.newID()
	}
	x.faults = append(x.faults, out)
}
