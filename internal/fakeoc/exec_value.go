package fakeoc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
)

// appendScalar writes a leaf of an answer as upstream's JSON has it. What is of
// no known kind is a mistake of a resolver.
func appendScalar(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case *string: // as the next one: what the world has, without a copy
		return appendString(b, *v)
	case *instant.Instant:
		return v.Time().AppendFormat(b, `"2006-01-02T15:04:05.000Z"`)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	case instant.Instant:
		return v.Time().AppendFormat(b, `"2006-01-02T15:04:05.000Z"`)
	case json.RawMessage:
		return append(b, v...)
	}
	panic(fmt.Sprintf("fakeoc: a resolver gave a %T", v))
}

// appendString writes a string as JSON.stringify does: markup stays as it is.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x80 {
			return appendEscaped(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendEscaped(b []byte, s string) []byte {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("fakeoc: " + err.Error()) // a string can always be written
	}
	return append(b, strings.TrimSuffix(out.String(), "\n")...)
}

// given are a field's arguments, or the fields of an input object: whole
// numbers, strings, booleans, lists and objects. null and absent are the same.
type given map[string]any

func (g given) number(name string) int64 {
	n, _ := g[name].(int64)
	return n
}

func (g given) text(name string) string {
	s, _ := g[name].(string)
	return s
}

func (g given) yes(name string) bool {
	b, _ := g[name].(bool)
	return b
}

func (g given) object(name string) given {
	o, _ := g[name].(map[string]any)
	return o
}

// list is a list argument; one value alone is a list of one.
func (g given) list(name string) []any {
	switch v := g[name].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// choice are the values that a filter asks for.
type choice []string

// choice is what a list argument asks for.
func (g given) choice(name string) (c choice) {
	for _, v := range g.list(name) {
		word, _ := v.(string)
		c = append(c, word)
	}
	return c
}

// has says whether the value is among them. An empty list names every value, as
// upstream leaves such a filter out.
func (c choice) has(value string) bool {
	return len(c) == 0 || slices.Contains(c, value)
}

// bound is an argument that is a number; nil where it is left out.
func (g given) bound(name string) *int64 {
	if n, is := g[name].(int64); is {
		return &n
	}
	return nil
}

// at is a DateTime argument; 0 without.
func (g given) at(name string) (instant.Instant, error) {
	switch v := g[name].(type) {
	case nil:
		return 0, nil
	case string:
		return dateTime(v)
	default:
		return 0, thrownf("DateTime cannot represent a non string, or non Date type %v.", v)
	}
}
