package fakeoc

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coopcloud.tech/goodstanding/internal/instant"
)

// dateTime reads upstream's DateTime: RFC 3339, or a day.
func dateTime(s string) (instant.Instant, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return instant.Of(t), nil
		}
	}
	return 0, thrownf("DateTime cannot represent an invalid date-time-string %s.", s)
}

// inputs checks the variables that came with an operation, by GraphQL's rules
// and in upstream's words.
func inputs(op *ast.OperationDefinition, sent map[string]any) (map[string]any, []fault) {
	out := map[string]any{}
	var faults []fault
	for _, v := range op.VariableDefinitions {
		value, is := sent[v.Variable]
		if !is && v.DefaultValue != nil {
			if d, err := v.DefaultValue.Value(nil); err == nil {
				out[v.Variable] = d
			}
			continue
		}
		if !is && !v.Type.NonNull {
			continue
		}
		c := coercion{name: v.Variable}
		switch {
		case !is:
			c.faults = []string{fmt.Sprintf(`Variable "$%s" of required type "%s" was not provided.`, v.Variable, v.Type)}
		case value == nil && v.Type.NonNull:
			c.faults = []string{fmt.Sprintf(`Variable "$%s" of non-null type "%s" must not be null.`, v.Variable, v.Type)}
		default:
			out[v.Variable] = c.value(v.Type, value, v.Variable)
		}
		for _, message := range c.faults {
			at := gqlerror.Location{Line: v.Position.Line, Column: v.Position.Column}
			faults = append(faults, fault{message: message, at: []gqlerror.Location{at}, code: codeInput})
		}
	}
	return out, faults
}

// coercion brings one variable into its type.
type coercion struct {
	name   string
	faults []string
}

func (c *coercion) fail(value any, path, why string) any {
	at := ""
	if path != c.name {
		at = fmt.Sprintf(` at %q`, path)
	}
	c.faults = append(c.faults, fmt.Sprintf(`Variable "$%s" got invalid value %s%s; %s`, c.name, inspect(value), at, why))
	return nil
}

func (c *coercion) value(t *ast.Type, value any, path string) any {
	if value == nil {
		if t.NonNull {
			return c.fail(value, path, fmt.Sprintf(`Expected non-nullable type "%s" not to be null.`, t))
		}
		return nil
	}
	if t.Elem != nil {
		list, is := value.([]any)
		if !is {
			return []any{c.value(t.Elem, value, path)}
		}
		out := make([]any, len(list))
		for i, v := range list {
			out[i] = c.value(t.Elem, v, fmt.Sprintf("%s[%d]", path, i))
		}
		return out
	}
	def := schema().Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		return c.enum(def, value, path)
	case ast.InputObject:
		return c.object(def, value, path)
	}
	return c.scalar(def.Name, value, path)
}

func (c *coercion) enum(def *ast.Definition, value any, path string) any {
	s, is := value.(string)
	if !is {
		return c.fail(value, path, fmt.Sprintf(`Enum "%s" cannot represent non-string value: %s.`, def.Name, inspect(value)))
	}
	if def.EnumValues.ForName(s) == nil {
		return c.fail(value, path, fmt.Sprintf(`Value "%s" does not exist in "%s" enum.`, s, def.Name))
	}
	return s
}

func (c *coercion) object(def *ast.Definition, value any, path string) any {
	m, is := value.(map[string]any)
	if !is {
		return c.fail(value, path, fmt.Sprintf(`Expected type "%s" to be an object.`, def.Name))
	}
	out := map[string]any{}
	for _, f := range def.Fields {
		v, sent := m[f.Name]
		switch {
		case sent:
			out[f.Name] = c.value(f.Type, v, path+"."+f.Name)
		case f.DefaultValue != nil:
			out[f.Name] = f.DefaultValue.Raw
		case f.Type.NonNull:
			c.fail(value, path, fmt.Sprintf(`Field "%s" of required type "%s" was not provided.`, f.Name, f.Type))
		}
	}
	for name := range m {
		if def.Fields.ForName(name) == nil {
			c.fail(value, path, fmt.Sprintf(`Field "%s" is not defined by type "%s".`, name, def.Name))
		}
	}
	sort.Strings(c.faults) // a map has no order
	return out
}

func (c *coercion) scalar(name string, value any, path string) any {
	switch v := value.(type) {
	case string:
		switch name {
		case "Int":
			return c.fail(value, path, "Int cannot represent non-integer value: "+inspect(value))
		case "Boolean":
			return c.fail(value, path, "Boolean cannot represent a non boolean value: "+inspect(value))
		case "DateTime":
			if _, err := dateTime(v); err != nil {
				return c.fail(value, path, err.Error())
			}
		}
		return v
	case json.Number:
		if n, err := v.Int64(); name == "Int" && err == nil && n >= math.MinInt32 && n <= math.MaxInt32 {
			return n
		}
	case bool:
		if name == "Boolean" {
			return v
		}
	}
	article := map[string]string{"Int": "non-integer", "Boolean": "a non boolean"}[name]
	if article == "" {
		article = "a non string"
	}
	return c.fail(value, path, fmt.Sprintf("%s cannot represent %s value: %s", name, article, inspect(value)))
}

// inspect writes a value as upstream's messages quote it.
func inspect(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = inspect(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for name, value := range v {
			parts = append(parts, name+": "+inspect(value))
		}
		sort.Strings(parts)
		return "{ " + strings.Join(parts, ", ") + " }"
	case string:
		return string(appendString(nil, v))
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}
