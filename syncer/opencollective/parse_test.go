package opencollective

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// as the standard library reads it, numbers as they were written.
func (b branch) any() any {
	switch v := b.value(); v.kind {
	case isNull:
		return nil
	case isTrue, isFalse:
		return v.kind == isTrue
	case isNumber:
		return json.Number(b.raw())
	case isText:
		return b.text()
	case isList:
		list := []any{}
		b.each(func(e branch) bool { list = append(list, e.any()); return true })
		return list
	default:
		m := map[string]any{}
		b.each(func(e branch) bool { m[e.key()] = e.any(); return true })
		return m
	}
}

// byTheLibrary is the first value of a text, and whether it can be read.
func byTheLibrary(text []byte) (v any, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return v, dec.Decode(&v) == nil
}

// twiceByTheLibrary says whether any object of a text names a key twice.
func twiceByTheLibrary(dec *json.Decoder) bool {
	t, err := dec.Token()
	if err != nil || t != json.Delim('{') && t != json.Delim('[') {
		return false
	}
	found, seen := false, map[any]bool{}
	for dec.More() {
		if t == json.Delim('{') {
			key, err := dec.Token()
			if err != nil {
				return found
			}
			found, seen[key] = found || seen[key], true
		}
		found = twiceByTheLibrary(dec) || found
	}
	_, _ = dec.Token()
	return found
}

// What is let in is what the standard library lets in, with the same values; and an
// object that names a key twice is found, however the keys are written.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{``, ` `, `{}`, `[]`, ` { "a" : [ 1 , -0.5e+7 , true , false , null ] } `, `"\u00e9\ud83d\ude00\ud800\n"`, `{"a":1,"\u0061":2}`,
		`01`, `-`, `1.`, `1e`, `.5`, `+1`, `tru`, `nulll`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[1 2]`, `{a:1}`, `"a`, `"\x"`, `"\u12g4"`, "\"\x01\"", "\"\xff\"",
		`{"a":1}{"b":2}`, `[[[[[[]]]]]]`, `{"":{"":{"":0,"":1}}}`, "\u2028", "\ufeff{}", `{"a":1}x`, many(40, ""), many(40, `,"k7":1`), strings.Repeat("[", 10001)} {
		f.Add([]byte(seed))
	}
	files, err := filepath.Glob("testdata/recorded/*.http")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tree, end, err := parse(text, lived())
		want, ok := byTheLibrary(text)
		if !utf8.Valid(text) {
			if err == nil {
				t.Error("text that is not UTF-8 was let in")
			}
			return
		}
		if ok != (err == nil) {
			t.Fatalf("%v, by the library %v", err, ok)
		}
		if err != nil {
			return
		}
		whole := branch{tree, 0}
		if rest := strings.TrimLeft(string(text[end:]), " \n\t\r"); len(rest) != len(text)-end {
			t.Errorf("it ended at %d of %d", end, len(text))
		}
		twice := errors.Is(whole.sound(-maxNested), errTwice)
		if want := twiceByTheLibrary(json.NewDecoder(bytes.NewReader(text))); twice != want {
			t.Errorf("a key is named twice: %v, by the library %v", twice, want)
		}
		if got := whole.any(); !reflect.DeepEqual(got, want) {
			t.Errorf("%v, by the library %v", got, want)
		}
	})
}

// many is an object of many members, with something at its end.
func many(n int, more string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"k` + string(rune('0'+i%10)) + strings.Repeat("x", i/10) + `":` + "0")
	}
	return "{" + b.String()[1:] + more + "}"
}

// A member is found wherever it stands, after whichever it is looked for.
func TestMembers(t *testing.T) {
	r, err := replied([]byte(`{"a":{"z":1},"b":[{"a":2}],"\u0063":3,"d":null}`))
	if err != nil {
		t.Fatal(err)
	}
	starts := []int32{0}
	r.root.each(func(m branch) bool { starts = append(starts, m.value().next); return true })
	for _, from := range starts {
		for key, want := range map[string]string{"a": `{"z":1}`, "b": `[{"a":2}]`, "c": `3`, "d": `null`} {
			if m := r.root.member(key, from); !m.there() || string(m.raw()) != want {
				t.Errorf("%s from %d: %v", key, from, m)
			}
		}
		if m := r.root.member("z", from); m.there() {
			t.Errorf("z was found from %d", from)
		}
	}
}
