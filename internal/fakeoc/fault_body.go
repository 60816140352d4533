package fakeoc

import (
	"bytes"
	"strings"
)

// bodyFaults spoil the bytes of a good answer.
var bodyFaults = map[string]faultKind{
	"truncated": {
		words:  "the body ends early, and its length says so",
		params: map[string]faultParam{"at": faultShare("0.5")},
		do:     rewriteFault(func(c *faultCall, b []byte) []byte { return b[:int(float64(len(b))*c.share("at"))] }),
	},
	"two-documents": {words: "the answer comes twice in one body", do: rewriteFault(func(_ *faultCall, b []byte) []byte {
		return append(bytes.Clone(b), b...)
	})},
	"page-after": {words: "a page follows the answer", do: rewriteFault(func(_ *faultCall, b []byte) []byte {
		return append(bytes.Clone(b), faultChallengePage...)
	})},
	"bom": {words: "a byte order mark stands before the answer", do: rewriteFault(func(_ *faultCall, b []byte) []byte {
		return append([]byte("\uFEFF"), b...)
	})},
	"utf-16":  {words: "the answer is written in UTF-16", do: rewriteFault(func(_ *faultCall, b []byte) []byte { return faultWide(b) })},
	"latin-1": {words: "a name is written in Latin-1, not in UTF-8", do: rewriteFault(faultLatin)},
	"twice": {
		words:  "a key stands twice: data, the number of rows, or one of a row",
		params: map[string]faultParam{"key": faultOneOf("totalCount", "data", "id", "status", "currency")},
		do: rewriteFault(func(c *faultCall, b []byte) []byte {
			key := `"` + c.param("key") + `":`
			return bytes.Replace(b, []byte(key), []byte(key+`null,`+key), 1)
		}),
	},
	"capitals": {
		words: "a key is written in capitals", params: map[string]faultParam{"key": faultWord("data")},
		do: rewriteFault(func(c *faultCall, b []byte) []byte {
			return bytes.Replace(b, []byte(`"`+c.param("key")+`":`), []byte(`"`+strings.ToUpper(c.param("key"))+`":`), 1)
		}),
	},
	"typed": {
		words: "a good answer that says it is something else", params: map[string]faultParam{"type": faultWord("text/plain")},
		do: func(c *faultCall) {
			a := c.next()
			a.header.Set("Content-Type", c.param("type"))
			a.send(c.w)
		},
	},
}

// rewriteFault changes the bytes of the answer.
func rewriteFault(f func(*faultCall, []byte) []byte) func(*faultCall) {
	return func(c *faultCall) {
		a := c.next()
		a.body = f(c, a.body)
		a.send(c.w)
	}
}

// faultWide writes ASCII in UTF-16, big end first.
func faultWide(b []byte) []byte {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, 0, c)
	}
	return out
}

// faultLatin begins the first text called name or description with a byte that
// is a letter in Latin-1 and nothing in UTF-8.
func faultLatin(_ *faultCall, b []byte) []byte {
	for _, key := range []string{`"name":"`, `"description":"`, `"slug":"`, `"id":"`} {
		if i := bytes.Index(b, []byte(key)); i >= 0 {
			i += len(key)
			return append(append(bytes.Clone(b[:i]), 0xE9), b[i:]...)
		}
	}
	return append([]byte{0xE9}, b...)
}
