package opencollective

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// reply is the data of one answer as a tree. It is decoded by hand and not into
// structs: the standard decoder matches keys in any case, takes the last of two
// equal keys, leaves old values where it meets null, and cannot tell a field
// that is missing from one that is null. Here all of that decides who is a member
// in good standing.
type reply struct {
	op   string
	root map[string]any
	date time.Time // when it was given, by upstream's own clock; zero where it does not say
}

// maxDepth is more than any answer needs (upstream allows queries 20 deep).
const maxDepth = 32

// UnmarshalJSON reads the data object. It never panics, whatever it is given.
func (r *reply) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := value(dec, 0)
	if err != nil {
		return &UpstreamDown{Op: r.op, Status: 200, What: err.Error()}
	}
	root, ok := v.(map[string]any)
	if !ok {
		return &SchemaDrift{Op: r.op, Path: "data", What: "want an object"}
	}
	r.root = root
	return nil
}

// value reads the next JSON value: nil, bool, json.Number, string, []any or
// map[string]any.
func value(dec *json.Decoder, depth int) (any, error) {
	t, err := dec.Token()
	if err != nil || depth > maxDepth {
		return nil, errBroken
	}
	switch t {
	case json.Delim('{'):
		return object(dec, depth)
	case json.Delim('['):
		return array(dec, depth)
	}
	return t, nil
}

func object(dec *json.Decoder, depth int) (any, error) {
	m := make(map[string]any)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, errBroken
		}
		key, _ := t.(string)
		if _, twice := m[key]; twice {
			return nil, errTwice
		}
		if m[key], err = value(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return m, err
}

func array(dec *json.Decoder, depth int) (any, error) {
	list := []any{}
	for dec.More() {
		v, err := value(dec, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.Token()
	return list, err
}

// reader walks a tree and keeps the first thing that is not as it should be.
type reader struct {
	op  string
	bad *SchemaDrift
}

func (r *reader) err() error {
	if r.bad == nil {
		return nil // a nil *SchemaDrift is not a nil error
	}
	return r.bad
}

// node is one object of the tree, with the way to it for messages. A node
// without an object (after a failure) yields zero values.
type node struct {
	r     *reader
	m     map[string]any
	up    *node
	key   string
	index int // -1 when not an element of a list
}

// top is the root object that was asked for.
func (r *reply) top(rd *reader, key string) *node {
	return (&node{r: rd, m: r.root, index: -1}).object(key)
}

// fail notes what is wrong at a member; the first failure stays.
func (n *node) fail(key, what string) {
	if n.r.bad == nil && n.m != nil {
		n.r.bad = &SchemaDrift{Op: n.r.op, Path: n.path(key), What: what}
	}
}

func (n *node) path(key string) string {
	if n.up == nil {
		return key
	}
	own := n.up.path(n.key)
	if n.index >= 0 {
		own += "[" + strconv.Itoa(n.index) + "]"
	}
	return own + "." + key
}

// get is a member that has to be there; it may be null.
func (n *node) get(key string) any {
	v, ok := n.m[key]
	if !ok {
		n.fail(key, "is missing")
	}
	return v
}

// has says whether the member is there and not null.
func (n *node) has(key string) bool { return n.m[key] != nil }

// object is a member that has to be an object.
func (n *node) object(key string) *node {
	m, ok := n.get(key).(map[string]any)
	if !ok {
		n.fail(key, "want an object")
	}
	return &node{r: n.r, m: m, up: n, key: key, index: -1}
}

// maybe is a member that is an object or null; nil for null.
func (n *node) maybe(key string) *node {
	if n.get(key) == nil {
		return nil
	}
	return n.object(key)
}

// each calls f for every element of a member that has to be a list of objects.
func (n *node) each(key string, f func(*node)) {
	list, ok := n.get(key).([]any)
	if !ok {
		n.fail(key, "want a list")
		return
	}
	for i, v := range list {
		child := &node{r: n.r, up: n, key: key, index: i}
		if child.m, ok = v.(map[string]any); !ok {
			n.fail(key+"["+strconv.Itoa(i)+"]", "want an object")
			return
		}
		if f(child); n.r.bad != nil {
			return
		}
	}
}
