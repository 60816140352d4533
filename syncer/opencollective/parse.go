package opencollective

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// An answer is read by hand and not into structs: the standard decoder matches keys
// in any case, takes the last of two equal keys, leaves old values where it meets
// null, and cannot tell a field that is missing from one that is null. Here all of
// that decides who is a member in good standing. Its tokens would do, at many times
// the cost: reading answers is most of what a large pull costs (docs/performance.md).
// A fuzz target holds what is let in to the standard library.

// tree is one JSON document: where each of its values lies in the text.
type tree struct {
	text   []byte
	values []value // each one followed by what it holds
}

// value is one value of a document. A text lies between its quotes, a key too.
type value struct {
	kind             kind
	escaped          bool // the text has a backslash in it
	escapedKey       bool
	start, end       int32
	keyStart, keyEnd int32 // of a member of an object
	next             int32 // the value that comes after this one and what it holds
}

// kind is what a value is: the first byte of its text, with '0' for all numbers.
type kind byte

// The kinds.
const (
	isNull   kind = 'n'
	isTrue   kind = 't'
	isFalse  kind = 'f'
	isNumber kind = '0'
	isText   kind = '"'
	isList   kind = '['
	isObject kind = '{'
)

// maxNested is how deep a document may be at all, as in the standard library: the
// parser calls itself, and no stack is endless.
const maxNested = 10000

var errSyntax = errors.New("no JSON")

// parse reads the one value that a text begins with, and returns where it ends. What is
// not UTF-8 is refused: the standard library would put other letters in its place. The
// text and the room have to stay as they are for as long as the tree is used.
func parse(text []byte, in *room) (*tree, int, error) {
	if len(text) > maxText || !utf8.Valid(text) {
		return nil, 0, errSyntax
	}
	if least := len(text)/20 + 1; cap(in.values) < least {
		in.values = make([]value, 0, least)
	}
	p := parser{tree: &tree{text: text, values: in.values[:0]}}
	p.space()
	p.value(value{}, 0)
	if in.values = p.values; p.failed {
		return nil, 0, errSyntax
	}
	p.space()
	return p.tree, p.at, nil
}

// maxText is the most that offsets of 32 bits reach.
const maxText = 1<<31 - 1

type parser struct {
	*tree
	at     int
	failed bool
}

// peek is the next byte; 0, which begins nothing, at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// value reads a value; v has its key already.
func (p *parser) value(v value, depth int) {
	i := len(p.values)
	v.start = int32(p.at)
	p.values = append(p.values, v)
	switch c := p.peek(); c {
	case '{', '[':
		v.kind = kind(c)
		if depth++; depth > maxNested {
			p.failed = true
			return
		}
		p.at++
		p.holds(c, depth)
	case '"':
		v.kind = isText
		v.start, v.end, v.escaped = p.quoted()
	case 't':
		v.kind = isTrue
		p.word("true")
	case 'f':
		v.kind = isFalse
		p.word("false")
	case 'n':
		v.kind = isNull
		p.word("null")
	default:
		v.kind = isNumber
		p.number()
	}
	if v.kind != isText {
		v.end = int32(p.at)
	}
	v.next = int32(len(p.values))
	p.values[i] = v
}

// holds reads what an object or a list holds, and its end.
func (p *parser) holds(open byte, depth int) {
	end := open + 2 // of both kinds
	if p.space(); p.peek() == end {
		p.at++
		return
	}
	for !p.failed {
		var v value
		if open == '{' {
			if p.peek() != '"' {
				break
			}
			v.keyStart, v.keyEnd, v.escapedKey = p.quoted()
			if p.space(); p.peek() != ':' {
				break
			}
			p.at++
			p.space()
		}
		p.value(v, depth)
		p.space()
		switch p.peek() {
		case ',':
			p.at++
			p.space()
			continue
		case end:
			p.at++
			return
		}
		break
	}
	p.failed = true
}

func (p *parser) word(w string) {
	if len(p.text)-p.at < len(w) || string(p.text[p.at:p.at+len(w)]) != w {
		p.failed = true
		return
	}
	p.at += len(w)
}

// quoted reads a text; start and end lie within its quotes.
func (p *parser) quoted() (start, end int32, escaped bool) {
	p.at++
	start = int32(p.at)
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			end = int32(p.at)
			p.at++
			return start, end, escaped
		case c == '\\':
			escaped = true
			p.escape()
		case c < ' ':
			p.failed = true
			return 0, 0, false
		default:
			p.at++
		}
	}
	p.failed = true
	return 0, 0, false
}

// escape passes over a backslash and what it stands with.
func (p *parser) escape() {
	p.at++
	switch p.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.at++
	case 'u':
		p.at++
		for range 4 {
			switch c := p.peek(); {
			case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
				p.at++
			default:
				p.failed = true
			}
		}
	default:
		p.failed = true
	}
	if p.failed {
		p.at = len(p.text)
	}
}

func (p *parser) number() {
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else {
		p.digits()
	}
	if p.peek() == '.' {
		p.at++
		p.digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		p.digits()
	}
}

// digits reads one or more.
func (p *parser) digits() {
	from := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	p.failed = p.failed || p.at == from
}

// unescaped is a text in which backslashes stand for something; two halves of a
// character that do not fit become the replacement character.
func unescaped(inner []byte) (s string) {
	quoted := append(append([]byte{'"'}, inner...), '"')
	_ = json.Unmarshal(quoted, &s) // it is well-formed: parse has seen to that
	return s
}
