package policy

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader collects the faults while the parts of a file are read.
type reader struct{ faults Faults }

// fault notes what is wrong at a node; path names the key, "" for the whole file.
func (r *reader) fault(n *yaml.Node, path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	r.faults.All = append(r.faults.All, Fault{Line: max(n.Line, 1), Column: max(n.Column, 1), Text: text})
}

// field is the value of one key, or of one item of a list. An absent one has
// no value, and its faults are told where its mapping begins.
type field struct {
	r     *reader
	value *yaml.Node // nil when absent
	at    *yaml.Node // where faults are told
	path  string
}

func (r *reader) field(n *yaml.Node, path string) field {
	return field{r: r, value: n, at: n, path: path}
}

func (f field) absent() bool { return f.value == nil }

// blank says that nothing is meant: the key is absent or its value is "".
func (f field) blank() bool {
	return f.absent() || f.value.Kind == yaml.ScalarNode && f.value.Value == "" && !isNull(f.value)
}

func (f field) fault(format string, args ...any) { f.r.fault(f.at, f.path, format, args...) }

// found names what stands where something else was wanted.
func found(n *yaml.Node) string {
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		return "a tag (!) stands here, which a policy file does not use"
	case n.Kind == yaml.MappingNode:
		return "a group of keys stands here"
	case n.Kind == yaml.SequenceNode:
		return "a list stands here"
	case n.Kind == yaml.AliasNode:
		return "a reference (*) stands here, which a policy file does not use"
	case isNull(n):
		return "nothing is written here"
	}
	return fmt.Sprintf("%q is written here", clip(n.Value))
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 &&
		(n.Value == "" || n.Value == "~" || n.Value == "null")
}

// is says whether the field has a value of that kind, and faults when it has
// another; wanted says what would be right.
func (f field) is(k yaml.Kind, wanted string) bool {
	switch {
	case f.absent():
		return false
	case f.value.Kind != k, f.value.Style&yaml.TaggedStyle != 0, k == yaml.ScalarNode && isNull(f.value):
		f.fault("%s; write %s", found(f.value), wanted)
		return false
	}
	return true
}

// text is the field's one value as written.
func (f field) text(wanted string) (string, bool) {
	if !f.is(yaml.ScalarNode, wanted) {
		return "", false
	}
	return strings.TrimSpace(f.value.Value), true
}

// items are the values of a list; example says how to write one.
func (f field) items(example string) (items []field, ok bool) {
	if !f.is(yaml.SequenceNode, "a list such as "+example) {
		return nil, false
	}
	for _, n := range f.value.Content {
		items = append(items, f.r.field(n, f.path))
	}
	return items, true
}

// object is a group of keys.
type object struct {
	field
	values map[string]*yaml.Node
}

// object reads a group that may have these keys alone; a doubled or unknown
// key is a fault.
func (f field) object(keys ...string) (o object, ok bool) {
	o = object{field: f, values: make(map[string]*yaml.Node)}
	if !f.is(yaml.MappingNode, "a group of keys: "+strings.Join(keys, ", ")) {
		return o, false
	}
	lines := make(map[string]int)
	for i := 0; i+1 < len(f.value.Content); i += 2 {
		o.key(f.value.Content[i], f.value.Content[i+1], keys, lines)
	}
	return o, true
}

func (o object) key(k, v *yaml.Node, keys []string, lines map[string]int) {
	if k.Kind != yaml.ScalarNode {
		o.r.fault(k, o.path, "%s; write a key: %s", found(k), strings.Join(keys, ", "))
		return
	}
	if first, doubled := lines[k.Value]; doubled {
		o.r.fault(k, o.path, "the key %q stands here twice, first in line %d: keep one", clip(k.Value), first)
		return
	}
	lines[k.Value] = k.Line
	for _, known := range keys {
		if k.Value == known {
			o.values[known] = v
			return
		}
	}
	o.r.fault(k, o.path, "unknown key %q; the nearest known key is %q (known are %s)",
		clip(k.Value), nearest(k.Value, keys), strings.Join(keys, ", "))
}

func (o object) child(key string) field {
	path := key
	if o.path != "" {
		path = o.path + "." + key
	}
	if v := o.values[key]; v != nil {
		return o.r.field(v, path)
	}
	return field{r: o.r, at: o.at, path: path}
}

// may is the value of a key that can be left out.
func (o object) may(key string) field { return o.child(key) }

// need is the value of a key that cannot; example is how to write it.
func (o object) need(key, example string) field {
	f := o.child(key)
	if f.absent() {
		f.fault("this key is missing; write %s", example)
	}
	return f
}
