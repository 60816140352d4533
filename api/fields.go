package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/decisions"
)

// fields are the keys of a request's body: one JSON object, read strictly. They
// gather everything that is wrong with it, as query does for the address.
type fields struct {
	values map[string]json.RawMessage
	faults []string
}

// readFields reads the body of a request, of which only some keys may be given,
// and each once. A body of another type, one that is too large and one that
// breaks off are refused at once; all other faults are gathered. What the body
// holds is never repeated: it may be a secret.
func readFields(r *http.Request, known []string) (*fields, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || kind != kindJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, refuse(wrongContent, "send the body as JSON with Content-Type: %s", kindJSON)
	}
	content, err := io.ReadAll(r.Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, err
	}
	if err != nil {
		return nil, refuse(badRequest, "the body broke off before its end: send it again")
	}
	f := &fields{values: map[string]json.RawMessage{}}
	f.read(content, known)
	return f, nil
}

// read takes one object apart.
func (f *fields) read(content []byte, known []string) {
	if !utf8.Valid(content) {
		f.fault("the body is not UTF-8 text")
		return
	}
	d := json.NewDecoder(bytes.NewReader(content))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		f.fault("the body is not a JSON object: write %s", example(known))
		return
	}
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			f.fault("the body is not JSON after its first %d bytes", d.InputOffset())
			return
		}
		f.add(key.(string), value, known) // a key of an object is a string, or Token fails
	}
	if _, err := d.Token(); err != nil {
		f.fault("the body is not JSON after its first %d bytes", d.InputOffset())
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		f.fault("after the object there is more: send one JSON object and nothing else")
	}
}

func (f *fields) add(key string, value json.RawMessage, known []string) {
	_, twice := f.values[key]
	switch {
	case !slices.Contains(known, key):
		f.fault("a key is not known: this takes %s", strings.Join(known, ", "))
	case twice:
		f.fault("%s is given more than once", key)
	default:
		f.values[key] = value
	}
}

// example is a body as it may look.
func example(known []string) string {
	var parts []string
	for _, k := range known {
		parts = append(parts, fmt.Sprintf("%q: …", k))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (f *fields) fault(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(f.faults, text) {
		f.faults = append(f.faults, text)
	}
}

// text is a text that has to be there; why says what it is for.
func (f *fields) text(key, why string) string {
	value, given := f.values[key]
	var text *string
	switch err := json.Unmarshal(value, &text); {
	case !given || err == nil && (text == nil || strings.TrimSpace(*text) == ""):
		f.fault("%s is missing: %s", key, why)
	case err != nil:
		f.fault("%s is not a text: write it in quotation marks", key)
	default:
		return *text
	}
	return ""
}

// longestWords bounds a text of a decision, in characters.
const longestWords = 10_000

// words is a text that may be left out. It may have several lines, and is plain
// otherwise.
func (f *fields) words(key string) string {
	value, given := f.values[key]
	if !given {
		return ""
	}
	var text *string
	if err := json.Unmarshal(value, &text); err != nil || text == nil {
		f.fault("%s is not a text: write it in quotation marks", key)
		return ""
	}
	if n := utf8.RuneCountInString(*text); n > longestWords {
		f.fault("%s has %d characters, at most %d are taken", key, n, longestWords)
	}
	clean := strings.ReplaceAll(*text, "\r\n", "\n")
	for _, r := range clean {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			f.fault("%s holds a control character (%U): write plain text", key, r)
			break
		}
	}
	return clean
}

// given says that a key is there.
func (f *fields) given(key string) bool {
	_, given := f.values[key]
	return given
}

// flag is true or false; false when it is left out.
func (f *fields) flag(key string) (on bool) {
	value, given := f.values[key]
	var read *bool
	if err := json.Unmarshal(value, &read); given && (err != nil || read == nil) {
		f.fault("%s is neither true nor false, which are written without quotation marks", key)
	}
	return read != nil && *read
}

// day is a date; the zero Day when it is left out.
func (f *fields) day(key string) decisions.Day {
	text := f.words(key)
	if text == "" {
		return decisions.Day{}
	}
	day, err := decisions.ParseDay(text)
	if err != nil {
		f.fault(`%s is not a date: write "2026-02-26"`, key)
	}
	return day
}

// err is a problem that lists all faults; nil when there is none.
func (f *fields) err() error { return faulty(f.faults) }
