package opencollective

import (
	"encoding/json"
	"strconv"
	"time"
)

// branch is one value of a tree.
type branch struct {
	t *tree
	i int32 // -1 where there is none
}

func (b branch) value() *value { return &b.t.values[b.i] }

// is says whether the value is there and of that kind.
func (b branch) is(k kind) bool { return b.there() && b.value().kind == k }

func (b branch) there() bool { return b.t != nil && b.i >= 0 }

// null says whether a member is null; one that is missing, and noted as such, reads
// like it.
func (b branch) null() bool { return !b.there() || b.is(isNull) }

// raw is the value as it was sent.
func (b branch) raw() json.RawMessage {
	v := b.value()
	if v.kind == isText {
		return json.RawMessage(b.t.text[v.start-1 : v.end+1])
	}
	return json.RawMessage(b.t.text[v.start:v.end])
}

// text is what a text says.
func (b branch) text() string {
	v := b.value()
	inner := b.t.text[v.start:v.end]
	if v.escaped {
		return unescaped(inner)
	}
	return string(inner)
}

// key is the member's name in its object.
func (b branch) key() string {
	v := b.value()
	inner := b.t.text[v.keyStart:v.keyEnd]
	if v.escapedKey {
		return unescaped(inner)
	}
	return string(inner)
}

// called says whether the member has that name.
func (b branch) called(key string) bool {
	v := b.value()
	if v.escapedKey {
		return b.key() == key
	}
	return string(b.t.text[v.keyStart:v.keyEnd]) == key
}

// each calls f for whatever an object or a list holds until f returns false.
func (b branch) each(f func(branch) bool) {
	end := b.value().next
	for i := b.i + 1; i < end; i = b.t.values[i].next {
		if !f(branch{b.t, i}) {
			return
		}
	}
}

// member is a member of an object. It is looked for from where one begins, around the
// end: who reads members in their order finds each at once.
func (b branch) member(key string, from int32) branch {
	first, end := b.i+1, b.value().next
	if from < first || from >= end {
		from = first
	}
	for i := from; i < end; i = b.t.values[i].next {
		if found := (branch{b.t, i}); found.called(key) {
			return found
		}
	}
	for i := first; i < from; i = b.t.values[i].next {
		if found := (branch{b.t, i}); found.called(key) {
			return found
		}
	}
	return branch{b.t, -1}
}

// fewMembers is up to how many members of an object are compared with each other;
// of more a list is kept.
const fewMembers = 32

// twice says whether an object names a key twice.
func (b branch) twice() (found bool) {
	var seen map[string]bool
	n := 0
	b.each(func(m branch) bool {
		if n++; n > fewMembers {
			if seen == nil {
				seen = make(map[string]bool, 2*fewMembers)
				b.each(func(before branch) bool {
					if before.i < m.i {
						seen[before.key()] = true
					}
					return before.i < m.i
				})
			}
			found = seen[m.key()]
			seen[m.key()] = true
			return !found
		}
		found = b.before(m)
		return !found
	})
	return found
}

// before says whether a member before m has its name.
func (b branch) before(m branch) bool {
	v := m.value()
	if v.escapedKey {
		return b.member(m.key(), 0).i < m.i
	}
	key := b.t.text[v.keyStart:v.keyEnd]
	for i := b.i + 1; i < m.i; i = b.t.values[i].next {
		o := &b.t.values[i]
		if o.escapedKey && (branch{b.t, i}).key() == string(key) ||
			!o.escapedKey && o.keyEnd-o.keyStart == v.keyEnd-v.keyStart && string(b.t.text[o.keyStart:o.keyEnd]) == string(key) {
			return true
		}
	}
	return false
}

// maxDepth is more than any answer needs (upstream allows queries 20 deep).
const maxDepth = 32

// sound says what is wrong with data beyond its form: a key that an object names
// twice, or more depth than any answer has.
func (b branch) sound(depth int) (err error) {
	if depth > maxDepth {
		return errBroken
	}
	if b.is(isObject) && b.twice() {
		return errTwice
	}
	if b.is(isObject) || b.is(isList) {
		b.each(func(inner branch) bool {
			err = inner.sound(depth + 1)
			return err == nil
		})
	}
	return err
}

// reply is the data of one answer.
type reply struct {
	op   string
	root branch
	date time.Time // when it was given, by upstream's own clock; zero where it does not say
}

// newReply is a reply of data, a well-formed object.
func newReply(op string, data branch) (*reply, error) {
	if err := data.sound(0); err != nil {
		return nil, &UpstreamDown{Op: op, Status: 200, What: err.Error()}
	}
	return &reply{op: op, root: data}, nil
}

// reader walks a tree and keeps the first thing that is not as it should be.
type reader struct {
	op  string
	bad *SchemaDrift
	// words are texts that come again and again, such as statuses: one copy of each.
	words map[string]string
	// nodes are those within the row that is read: they are used again for the next.
	nodes []node
}

// mostNodes is more than a row has.
const mostNodes = 16

// node is a place for one more node of the row that is read.
func (r *reader) node() *node {
	if r.nodes == nil {
		r.nodes = make([]node, 0, mostNodes)
	}
	if len(r.nodes) == cap(r.nodes) {
		return new(node)
	}
	r.nodes = r.nodes[:len(r.nodes)+1]
	return &r.nodes[len(r.nodes)-1]
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
	b     branch
	near  int32 // after the member that was read last
	up    *node
	key   string
	index int // -1 when not an element of a list
}

// top is the root object that was asked for.
func (r *reply) top(rd *reader, key string) *node {
	return r.node(rd).object(key)
}

func (r *reply) node(rd *reader) *node { return &node{r: rd, b: r.root, index: -1} }

// fail notes what is wrong at a member; the first failure stays.
func (n *node) fail(key, what string) {
	if n.r.bad == nil && n.b.there() {
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

// find is a member, whether it is there or not.
func (n *node) find(key string) branch {
	if !n.b.there() {
		return branch{nil, -1}
	}
	m := n.b.member(key, n.near)
	if m.there() {
		n.near = m.value().next
	}
	return m
}

// get is a member that has to be there; it may be null.
func (n *node) get(key string) branch {
	m := n.find(key)
	if !m.there() {
		n.fail(key, "is missing")
	}
	return m
}

// has says whether the member is there and not null.
func (n *node) has(key string) bool { return !n.find(key).null() }

// object is a member that has to be an object.
func (n *node) object(key string) *node {
	m := n.get(key)
	if !m.is(isObject) {
		n.fail(key, "want an object")
		m = branch{nil, -1}
	}
	inner := n.r.node()
	*inner = node{r: n.r, b: m, up: n, key: key, index: -1}
	return inner
}

// maybe is a member that is an object or null; nil for null.
func (n *node) maybe(key string) *node {
	if n.get(key).null() {
		return nil
	}
	return n.object(key)
}

// each calls f for every element of a member that has to be a list of objects, of which
// nothing is used after f.
func (n *node) each(key string, f func(*node)) {
	list := n.get(key)
	if !list.is(isList) {
		n.fail(key, "want a list")
		return
	}
	i, outside := 0, len(n.r.nodes)
	list.each(func(b branch) bool {
		if !b.is(isObject) {
			n.fail(key+"["+strconv.Itoa(i)+"]", "want an object")
			return false
		}
		row := n.r.node()
		*row = node{r: n.r, b: b, up: n, key: key, index: i}
		f(row)
		n.r.nodes = n.r.nodes[:outside]
		i++
		return n.r.bad == nil
	})
}
