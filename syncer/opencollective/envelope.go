package opencollective

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
)

// envelope is the outermost object of an answer: GraphQL's data and errors, or
// the {"error":{…}} that upstream sends where GraphQL was not reached.
type envelope struct {
	Data   branch // without a value when absent or null
	Errors []wireError
	Error  struct{ Message string }
}

// wireError is one entry of errors. Its message may hold anything.
type wireError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code string `json:"code"`
	} `json:"extensions"`
}

// What is wrong with a body, as UpstreamDown says it.
var (
	errEmpty   = errors.New("an empty answer")
	errNotJSON = errors.New("a page instead of data")
	errBroken  = errors.New("the answer is cut off or garbled")
	errSeveral = errors.New("more than one document in the answer")
	errNoReply = errors.New("JSON that is no GraphQL answer")
	errTwice   = errors.New("the answer names a key twice")
)

// parseEnvelope reads a body that has to be exactly one JSON object. Keys that
// differ from GraphQL's only in case are refused: the library's decoder would
// take them for the real ones. The envelope lies in the room.
func parseEnvelope(body []byte, in *room) (envelope, error) {
	var e envelope
	if len(bytes.TrimSpace(body)) == 0 {
		return e, errEmpty
	}
	if bytes.TrimSpace(body)[0] == '<' {
		return e, errNotJSON
	}
	t, end, err := parse(body, in)
	if err != nil || !json.Valid(body[:end]) { // what is let in, the standard library would let in, too
		return e, errBroken
	}
	whole := branch{t, 0}
	switch {
	case !whole.is(isObject):
		return e, errNoReply
	case end < len(body):
		return e, errSeveral
	case whole.twice():
		return e, errTwice
	}
	err = nil
	whole.each(func(m branch) bool {
		switch key := m.key(); {
		case key == "data" && !m.is(isNull):
			e.Data = m
		case key == "errors":
			err = json.Unmarshal(m.raw(), &e.Errors)
		case key == "error":
			_ = json.Unmarshal(m.raw(), &e.Error) // its form is upstream's affair: only a message is looked for
		case key != "data" && (strings.EqualFold(key, "data") || strings.EqualFold(key, "errors")):
			err = errNoReply
		}
		return err == nil
	})
	if err != nil {
		return envelope{}, errNoReply
	}
	return e, nil
}

// messages are all messages of the answer.
func (e envelope) messages() []string {
	all := make([]string, 0, len(e.Errors)+1)
	for _, one := range e.Errors {
		all = append(all, one.Message)
	}
	return append(all, e.Error.Message)
}

// under says whether the error's path begins with want, "*" standing for an index.
func (e wireError) under(want []string) bool {
	if len(e.Path) < len(want) {
		return false
	}
	for i, w := range want {
		_, index := e.Path[i].(float64)
		if name, ok := e.Path[i].(string); (w == "*") != index || (w != "*" && (!ok || name != w)) {
			return false
		}
	}
	return true
}

var schemaName = regexp.MustCompile(`^[A-Za-z_][A-Za-z_]{0,40}$`)

// place is the path in names of the schema only; indices become "[]".
func (e wireError) place() string {
	var b strings.Builder
	for _, step := range e.Path {
		name, ok := step.(string)
		switch {
		case !ok:
			b.WriteString("[]")
		case !schemaName.MatchString(name):
			return "somewhere"
		case b.Len() > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	if b.Len() == 0 {
		return "somewhere"
	}
	return b.String()
}

// code is upstream's code where it looks like one.
func (e wireError) code() string {
	if schemaName.MatchString(e.Extensions.Code) {
		return e.Extensions.Code
	}
	return "no code"
}
