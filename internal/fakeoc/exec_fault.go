package fakeoc

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Upstream's codes of errors (open-collective.md, section 1.6).
const (
	codeInvalid  = "GRAPHQL_VALIDATION_FAILED"
	codeInput    = "BAD_USER_INPUT"
	codeRequest  = "BAD_REQUEST"
	codeInternal = "INTERNAL_SERVER_ERROR"
)

// refusal is an error that upstream throws knowingly: it has a code of its own
// and carries an id. Any other error is an internal one without.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.message }

// thrown is an internal error in upstream's own words.
type thrown string

func (t thrown) Error() string { return string(t) }

func thrownf(format string, args ...any) error { return thrown(fmt.Sprintf(format, args...)) }

func notFound(what string) error     { return refusal{"NotFound", what + " Not Found"} }
func forbidden(message string) error { return refusal{"Forbidden", message} }

// fault is an entry of an answer's errors.
type fault struct {
	message string
	at      []gqlerror.Location
	path    []any // of strings and ints; nil where nothing was executed
	id      string
	code    string
}

// append writes the fault with upstream's order of keys.
func (f fault) append(b []byte) []byte {
	b = appendString(append(b, `{"message":`...), f.message)
	if len(f.at) > 0 {
		b = append(b, `,"locations":[`...)
		for i, l := range f.at {
			if i > 0 {
				b = append(b, ',')
			}
			b = fmt.Appendf(b, `{"line":%d,"column":%d}`, l.Line, l.Column)
		}
		b = append(b, ']')
	}
	if f.path != nil {
		b = append(b, `,"path":[`...)
		for i, step := range f.path {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendScalar(b, step)
		}
		b = append(b, ']')
	}
	b = append(b, `,"extensions":{`...)
	if f.id != "" {
		b = append(appendString(append(b, `"id":`...), f.id), ',')
	}
	return append(appendString(append(b, `"code":`...), f.code), `}}`...)
}

// syntaxFault words what the parser found as upstream's does, with the place
// drawn below the line.
func syntaxFault(text string, err error) fault {
	var problem *gqlerror.Error
	if !errors.As(err, &problem) || len(problem.Locations) == 0 {
		return fault{message: "Syntax Error: " + err.Error(), code: codeInvalid}
	}
	at := problem.Locations[0]
	message := syntaxWords(problem.Message)
	return fault{message: fmt.Sprintf("Syntax Error: %s\n\nGraphQL request:%d:%d\n%s", message, at.Line, at.Column, drawn(text, at)), code: codeInvalid}
}

// syntaxWords is the parser's sentence as upstream's own parser says it.
func syntaxWords(message string) string {
	message = strings.TrimSuffix(message, ".")
	if message == "Unexpected <Invalid>" {
		return "Unterminated string."
	}
	for _, before := range []string{", found ", "Unexpected "} {
		i := strings.Index(message, before)
		if i < 0 {
			continue
		}
		head, token := message[:i+len(before)], message[i+len(before):]
		if token != "<EOF>" && !strings.Contains(token, `"`) {
			token = `"` + token + `"`
		}
		return head + token + "."
	}
	return message + "."
}

// drawn is the line with its neighbours and a mark below the place.
func drawn(text string, at gqlerror.Location) string {
	lines := strings.Split(text, "\n")
	width := len(strconv.Itoa(at.Line + 1))
	if at.Line >= len(lines) {
		width = len(strconv.Itoa(at.Line))
	}
	var out []string
	for n := at.Line - 1; n <= at.Line+1; n++ {
		if n < 1 || n > len(lines) {
			continue
		}
		out = append(out, fmt.Sprintf("%*d | %s", width, n, lines[n-1]))
		if n == at.Line {
			out = append(out, fmt.Sprintf("%*s | %s^", width, "", strings.Repeat(" ", max(0, at.Column-1))))
		}
	}
	return strings.Join(out, "\n")
}

// unknownArgument is the validator's sentence about an argument; it points at the
// field, upstream points at the argument.
var unknownArgument = regexp.MustCompile(`^Unknown argument "(\w+)" on field "`)

// ruleFaults are the broken rules of GraphQL as upstream tells them.
func ruleFaults(doc *ast.QueryDocument, problems gqlerror.List) (out []fault) {
	for _, p := range problems {
		f := fault{message: p.Message, at: p.Locations, code: codeInvalid}
		if m := unknownArgument.FindStringSubmatch(p.Message); m != nil && len(p.Locations) == 1 {
			if at := argumentAt(doc, m[1], p.Locations[0]); at != nil {
				f.at = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
			}
		}
		out = append(out, f)
	}
	return out
}

// argumentAt finds the argument of the field that stands at a place.
func argumentAt(doc *ast.QueryDocument, name string, at gqlerror.Location) *ast.Position {
	sets := []ast.SelectionSet{}
	for _, op := range doc.Operations {
		sets = append(sets, op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		sets = append(sets, f.SelectionSet)
	}
	for len(sets) > 0 {
		set := sets[0]
		sets = sets[1:]
		for _, s := range set {
			switch s := s.(type) {
			case *ast.InlineFragment:
				sets = append(sets, s.SelectionSet)
			case *ast.Field:
				sets = append(sets, s.SelectionSet)
				if a := s.Arguments.ForName(name); a != nil && s.Position.Line == at.Line && s.Position.Column == at.Column {
					return a.Position
				}
			}
		}
	}
	return nil
}
