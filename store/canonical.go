package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"
)

// What is hashed is canonical JSON: an object with sorted keys and without spaces, its
// texts as they are but for what JSON must escape.

// canonicalJSON is v as such an object; nil is {}. Numbers keep their digits.
func canonicalJSON(v any) (string, error) {
	if v == nil {
		return "{}", nil
	}
	d := desks.Get().(*desk)
	defer d.leave()
	raw, err := plainJSON(v, &d.written)
	if err != nil {
		return "", fmt.Errorf("payload: %w", err)
	}
	if sorted, ok := d.sorter.sort(raw); ok {
		return string(sorted), nil
	}
	return readJSON(raw)
}

// desk is room for writing one object and sorting it. What was written on it is copied
// before the next one comes.
type desk struct {
	written bytes.Buffer
	sorter  sorter
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// largestDesk bounds what is kept of the room for an object of many texts, in bytes.
const largestDesk = 64 << 10

func (d *desk) leave() {
	if d.written.Cap() <= largestDesk {
		desks.Put(d)
	}
}

// plainJSON is v as JSON without spaces, as package json writes it but for the
// characters that only web pages need escaped.
func plainJSON(v any, out *bytes.Buffer) ([]byte, error) {
	out.Reset()
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// readJSON makes JSON canonical by reading it and writing it again.
func readJSON(raw []byte) (string, error) {
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return "", fmt.Errorf("payload: want a JSON object: %w", err)
	}
	if object == nil {
		return "{}", nil
	}
	out, err := plainJSON(object, new(bytes.Buffer))
	if err != nil {
		return "", fmt.Errorf("payload: %w", err)
	}
	return string(out), nil
}

// sort sorts the keys of an object that package json has written; ok is false for
// what is no object, and where something in it is escaped, or would be, or a key stands
// twice: that is to be read. Nearly nothing is, and sorting takes a fraction of reading.
func (s *sorter) sort(raw []byte) (sorted []byte, ok bool) {
	if raw[0] != '{' || bytes.IndexByte(raw, '\\') >= 0 || !utf8.Valid(raw) || bytes.Contains(raw, []byte("\u2028")) || bytes.Contains(raw, []byte("\u2029")) {
		return nil, false
	}
	*s = sorter{in: raw, out: s.out[:0], spare: s.spare}
	s.value()
	return s.out, !s.twice
}

// sorter copies a value, the keys of objects in their order.
type sorter struct {
	in, out []byte
	at      int // in what is read
	twice   bool
	spare   []byte
}

// pair is where a key begins and ends in what was written, and its value ends.
type pair struct{ from, key, to int }

func (s *sorter) value() {
	switch s.in[s.at] {
	case '{':
		s.object()
	case '[':
		s.copy(1)
		for s.in[s.at] != ']' {
			if s.value(); s.in[s.at] == ',' {
				s.copy(1)
			}
		}
		s.copy(1)
	case '"':
		s.text()
	default: // a number, true, false or null
		n := bytes.IndexAny(s.in[s.at:], ",]}")
		s.copy(n)
	}
}

func (s *sorter) copy(n int) {
	s.out = append(s.out, s.in[s.at:s.at+n]...)
	s.at += n
}

// text copies a text in which nothing is escaped.
func (s *sorter) text() { s.copy(bytes.IndexByte(s.in[s.at+1:], '"') + 2) }

func (s *sorter) object() {
	s.copy(1)
	begin := len(s.out)
	var room [16]pair
	pairs := room[:0]
	for s.in[s.at] != '}' {
		p := pair{from: len(s.out)}
		s.text()
		p.key = len(s.out)
		s.copy(1)
		s.value()
		p.to = len(s.out)
		pairs = append(pairs, p)
		if s.in[s.at] == ',' {
			s.at++
		}
	}
	s.order(pairs, begin)
	s.copy(1)
}

// order puts the pairs that were written from a place on into the order of their keys,
// with commas between them. Those of a map come in that order already.
func (s *sorter) order(pairs []pair, begin int) {
	key := func(p pair) []byte { return s.out[p.from+1 : p.key-1] }
	for i := range pairs {
		for j := i; j > 0; j-- {
			order := bytes.Compare(key(pairs[j-1]), key(pairs[j]))
			if s.twice = s.twice || order == 0; order <= 0 {
				break
			}
			pairs[j-1], pairs[j] = pairs[j], pairs[j-1]
		}
	}
	s.spare = append(s.spare[:0], s.out[begin:]...)
	s.out = s.out[:begin]
	for i, p := range pairs {
		if i > 0 {
			s.out = append(s.out, ',')
		}
		s.out = append(s.out, s.spare[p.from-begin:p.to-begin]...)
	}
}
