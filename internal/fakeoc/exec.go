package fakeoc

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"coopcloud.tech/goodstanding/internal/instant"
)

// execution answers one query against a world that stands still meanwhile. It
// writes the answer as it goes: keys in the order they were asked for, null for
// a field that failed, and above it where that may not be null.
type execution struct {
	w      *World
	viewer *Account // nil for nobody
	scopes []string // of the token; nil for nobody
	vars   map[string]any
	out    bytes.Buffer
	errors []answerError
	path   []any
	fields map[fieldsKey][]asked
	sums   map[*Order]int64 // what was paid on each, once it was asked for
}

// answerError is an entry of errors, with its keys in upstream's order.
type answerError struct {
	Message    string     `json:"message"`
	Locations  []location `json:"locations,omitempty"`
	Path       []any      `json:"path,omitempty"`
	Extensions extensions `json:"extensions"`
}

type location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type extensions struct {
	ID   string `json:"id,omitempty"`
	Code string `json:"code"`
}

// fault is an error of upstream's own, with its code; one without is an
// internal one.
type fault struct{ code, message string }

func (f *fault) Error() string { return f.message }

func internal(message string) error { return &fault{"", message} }

type fieldsKey struct {
	set *ast.Selection // the first of a selection set stands for it
	of  string
}

// asked is one key of an answer: the field, and all that is asked below it.
type asked struct {
	key   string
	field *ast.Field
	below ast.SelectionSet
}

// run answers an operation: the data, or null.
func (e *execution) run(op *ast.OperationDefinition) []byte {
	root := schema().Query
	if !e.object(root, root, op.SelectionSet) {
		return []byte("null")
	}
	return e.out.Bytes()
}

// collect lists the keys that a selection asks of a type, fragments resolved.
func (e *execution) collect(set ast.SelectionSet, of *ast.Definition) []asked {
	if len(set) == 0 {
		return nil
	}
	key := fieldsKey{&set[0], of.Name}
	if done, ok := e.fields[key]; ok {
		return done
	}
	var out []asked
	e.gather(set, of, &out)
	e.fields[key] = out
	return out
}

func (e *execution) gather(set ast.SelectionSet, of *ast.Definition, out *[]asked) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			i := slices.IndexFunc(*out, func(a asked) bool { return a.key == s.Alias })
			if i < 0 {
				*out = append(*out, asked{s.Alias, s, s.SelectionSet})
				continue
			}
			(*out)[i].below = append(slices.Clone((*out)[i].below), s.SelectionSet...)
		case *ast.InlineFragment:
			if applies(s.TypeCondition, of) {
				e.gather(s.SelectionSet, of, out)
			}
		case *ast.FragmentSpread:
			if applies(s.Definition.TypeCondition, of) {
				e.gather(s.Definition.SelectionSet, of, out)
			}
		}
	}
}

// applies says whether a fragment on a type is about an object of another.
func applies(condition string, of *ast.Definition) bool {
	return condition == "" || condition == of.Name || slices.Contains(of.Interfaces, condition)
}

// object writes one object; false when it cannot be had, and then nothing is written.
func (e *execution) object(of *ast.Definition, value any, set ast.SelectionSet) bool {
	begin := e.out.Len()
	e.out.WriteByte('{')
	for i, a := range e.collect(set, of) {
		if i > 0 {
			e.out.WriteByte(',')
		}
		e.out.WriteByte('"')
		e.out.WriteString(a.key)
		e.out.WriteString(`":`)
		if a.field.Name == "__typename" {
			e.out.WriteString(strconv.Quote(of.Name))
			continue
		}
		e.path = append(e.path, a.key)
		ok := e.field(of, value, a)
		e.path = e.path[:len(e.path)-1]
		if !ok {
			e.out.Truncate(begin)
			return false
		}
	}
	e.out.WriteByte('}')
	return true
}

// field writes the value of one field; false when it may not be null and is.
func (e *execution) field(of *ast.Definition, value any, a asked) bool {
	definition := of.Fields.ForName(a.field.Name)
	var args map[string]any
	if len(definition.Arguments) > 0 {
		args = a.field.ArgumentMap(e.vars)
	}
	result, err := e.resolve(value, a.field.Name, args)
	if err != nil {
		e.fail(err, a.field)
		result = nil
	}
	return e.write(definition.Type, result, a)
}

// fail notes why a field could not be had.
func (e *execution) fail(err error, at *ast.Field) {
	out := answerError{Message: err.Error(), Path: slices.Clone(e.path), Extensions: extensions{Code: "INTERNAL_SERVER_ERROR"}}
	if f, ok := err.(*fault); ok && f.code != "" {
		out.Extensions = extensions{ID: e.w.errorID(len(e.errors)), Code: f.code}
	}
	if at.Position != nil {
		out.Locations = []location{{at.Position.Line, at.Position.Column}}
	}
	e.errors = append(e.errors, out)
}

// write writes a value as its type wants it; false for a null that may not be.
func (e *execution) write(t *ast.Type, value any, a asked) bool {
	if isNil(value) {
		if t.NonNull {
			if !e.alreadyFailed() {
				e.fail(internal("Cannot return null for non-nullable field."), a.field)
			}
			return false
		}
		e.out.WriteString("null")
		return true
	}
	begin := e.out.Len()
	ok := true
	if t.Elem != nil {
		ok = e.list(t, value.([]any), a)
	} else {
		ok = e.one(t, value, a)
	}
	if ok {
		return true
	}
	e.out.Truncate(begin)
	if t.NonNull {
		return false
	}
	e.out.WriteString("null")
	return true
}

// alreadyFailed says that the path's error was noted.
func (e *execution) alreadyFailed() bool {
	return slices.ContainsFunc(e.errors, func(x answerError) bool { return slices.Equal(x.Path, e.path) })
}

func (e *execution) list(t *ast.Type, values []any, a asked) bool {
	e.out.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			e.out.WriteByte(',')
		}
		e.path = append(e.path, i)
		ok := e.write(t.Elem, v, a)
		e.path = e.path[:len(e.path)-1]
		if !ok {
			return false
		}
	}
	e.out.WriteByte(']')
	return true
}

func (e *execution) one(t *ast.Type, value any, a asked) bool {
	definition := schema().Types[t.NamedType]
	if definition.IsLeafType() {
		e.leaf(value)
		return true
	}
	if definition.IsAbstractType() {
		definition = schema().Types[typeName(value)]
	}
	return e.object(definition, value, a.below)
}

func (e *execution) leaf(value any) {
	switch v := value.(type) {
	case string:
		b, err := marshal(v)
		if err != nil {
			panic("fakeoc: " + err.Error()) // a string can be written
		}
		e.out.Write(b)
	case bool:
		e.out.WriteString(strconv.FormatBool(v))
	case int64:
		e.out.WriteString(strconv.FormatInt(v, 10))
	case int:
		e.out.WriteString(strconv.Itoa(v))
	case float64:
		if v == math.Trunc(v) {
			e.out.WriteString(strconv.FormatInt(int64(v), 10))
			return
		}
		e.out.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	case instant.Instant:
		e.out.WriteString(v.Time().Format(`"2006-01-02T15:04:05.000Z"`))
	case map[string]any:
		b, _ := json.Marshal(v)
		e.out.Write(b)
	}
}

// marshal writes JSON as upstream does: characters that HTML minds stay.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// isNil says that there is nothing to write: an absent instant is null, too.
func isNil(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case *Account:
		return v == nil
	case *Tier:
		return v == nil
	case *Order:
		return v == nil
	case *Transaction:
		return v == nil
	case *amount:
		return v == nil
	case *listed:
		return v == nil
	case []any:
		return v == nil
	case instant.Instant:
		return v == 0
	}
	return false
}

// typeName is the name of the type that an object is of.
func typeName(value any) string {
	switch v := value.(type) {
	case *Account:
		switch v.Type {
		case "COLLECTIVE":
			return "Collective"
		case "INDIVIDUAL":
			return "Individual"
		case "EVENT":
			return "Event"
		case "PROJECT":
			return "Project"
		case "FUND":
			return "Fund"
		case "VENDOR":
			return "Vendor"
		}
		return "Organization"
	case *Transaction:
		if v.Type == "DEBIT" {
			return "Debit"
		}
		return "Credit"
	}
	return ""
}
