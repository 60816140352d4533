package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// The record, as docs/record.md tells it. A pointer may be null in the file, or,
// with the word "optional", be absent.
type record struct {
	Format     string     `json:"format"`
	Decision   decision   `json:"decision"`
	Rules      rules      `json:"rules"`
	Electorate electorate `json:"electorate"`
	Entries    []entry    `json:"entries"`
	Tally      tally      `json:"tally"`
	Outcome    outcome    `json:"outcome"`
	Head       string     `json:"head"`
}

type decision struct {
	ID         string `json:"id"`
	Number     int64  `json:"number"`
	Size       string `json:"size"`
	Kind       string `json:"kind"`
	Visibility string `json:"visibility"`
	Zone       string `json:"zone"`
	State      string `json:"state"`
	Deadline   string `json:"deadline"`
}

type rules struct {
	Policy   string   `json:"policy"`
	Ballots  string   `json:"ballots"`
	Notice   int      `json:"notice"`
	Answers  []string `json:"answers"`
	PassesIf []string `json:"passes_if"`
	MoreTime int      `json:"more_time"`
}

type electorate struct {
	Seats  int    `json:"seats"`
	SHA256 string `json:"sha256"`
}

type entry struct {
	Seq     int64  `json:"seq"`
	At      string `json:"at"`
	Kind    string `json:"kind"`
	Number  int64  `json:"number"`
	State   string `json:"state"`
	Due     string `json:"due"`
	Public  public `json:"public"`
	Private string `json:"private"`
	Prev    string `json:"prev"`
	Hash    string `json:"hash"`
	Text    *text  `json:"text"`
	Words   *text  `json:"words"`
	Name    *text  `json:"name"`
}

type text struct {
	Salt string `json:"salt"`
	Body string `json:"body"`
}

// public is an entry's public part: every key may be absent. canonical is the
// part as it stands in the chain.
type public struct {
	canonical string

	Zone       string         `json:"zone" optional:""`
	Size       string         `json:"size" optional:""`
	Kind       string         `json:"kind" optional:""`
	Visibility string         `json:"visibility" optional:""`
	Version    string         `json:"version" optional:""`
	Policy     string         `json:"policy" optional:""`
	Ballots    string         `json:"ballots" optional:""`
	Rule       *rule          `json:"rule" optional:""`
	Seats      int            `json:"seats" optional:""`
	Electorate string         `json:"electorate" optional:""`
	Deadline   string         `json:"deadline" optional:""`
	Ends       string         `json:"ends" optional:""`
	Revision   int            `json:"revision" optional:""`
	Editorial  bool           `json:"editorial" optional:""`
	Voter      string         `json:"voter" optional:""`
	Name       string         `json:"name" optional:""`
	Answer     string         `json:"answer" optional:""`
	Concern    int            `json:"concern" optional:""`
	Answered   bool           `json:"answered" optional:""`
	Words      string         `json:"words" optional:""`
	Text       string         `json:"text" optional:""`
	About      string         `json:"about" optional:""`
	Counts     *bool          `json:"counts" optional:""`
	Imported   *imported      `json:"imported" optional:""`
	Outcome    *publicOutcome `json:"outcome" optional:""`
	Lost       bool           `json:"lost" optional:""`
	Anew       bool           `json:"anew" optional:""`
}

// imported is what a file said of a decision that was begun elsewhere.
type imported struct {
	State    string   `json:"state"`
	Date     string   `json:"date"`
	Deadline string   `json:"deadline"`
	Ended    string   `json:"ended"`
	Flags    []string `json:"flags" optional:""`
}

type rule struct {
	Notice   int      `json:"notice"`
	Answers  []string `json:"answers"`
	PassesIf []string `json:"passes_if"`
	MoreTime int      `json:"more_time"`
}

type publicOutcome struct {
	State       string   `json:"state"`
	Favour      int      `json:"favour"`
	Against     int      `json:"against"`
	Abstain     int      `json:"abstain"`
	Block       int      `json:"block"`
	Waiting     int      `json:"waiting"`
	Objections  int      `json:"objections"`
	Unanswered  int      `json:"unanswered"`
	Discounted  []string `json:"discounted"`
	Lines       []line   `json:"lines"`
	Unheard     bool     `json:"unheard"`
	Sensitivity string   `json:"sensitivity"`
}

type line struct {
	Condition string `json:"condition"`
	Holds     bool   `json:"holds"`
	Could     bool   `json:"could" optional:""`
	Text      string `json:"text"`
}

type tally struct {
	Favour     int `json:"favour"`
	Against    int `json:"against"`
	Abstain    int `json:"abstain"`
	Block      int `json:"block"`
	Waiting    int `json:"waiting"`
	Objections int `json:"objections"`
	Unanswered int `json:"unanswered"`
}

func (o *publicOutcome) tally() tally {
	return tally{o.Favour, o.Against, o.Abstain, o.Block, o.Waiting, o.Objections, o.Unanswered}
}

type outcome struct {
	State       string `json:"state"`
	At          string `json:"at"`
	Sensitivity string `json:"sensitivity"`
}

// read takes a record apart, strictly.
func read(data []byte) (*record, error) {
	var raw any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the record")
	}
	if err := twice(data); err != nil {
		return nil, err
	}
	var r record
	if err := fill(reflect.ValueOf(&r).Elem(), raw, "record"); err != nil {
		return nil, err
	}
	if r.Format != "goodstanding-record-1" {
		return nil, fmt.Errorf("the format is %q: this reads goodstanding-record-1", r.Format)
	}
	entries, _ := raw.(map[string]any)["entries"].([]any)
	for i := range r.Entries {
		canonical, err := canonicalJSON(entries[i].(map[string]any)["public"])
		if err != nil {
			return nil, err
		}
		r.Entries[i].Public.canonical = canonical
	}
	return &r, nil
}

// twice refuses a key that stands twice in one object: two readers could take
// different ones.
func twice(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	var keys []map[string]bool // of the objects that are open; nil for an array
	var want []bool            // whether a key comes next
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no JSON: %w", err)
		}
		top := len(keys) - 1
		switch x := t.(type) {
		case json.Delim:
			switch x {
			case '{':
				keys, want = append(keys, map[string]bool{}), append(want, true)
				continue
			case '[':
				keys, want = append(keys, nil), append(want, false)
				continue
			}
			keys, want = keys[:top], want[:top]
		case string:
			if top >= 0 && keys[top] != nil && want[top] {
				if keys[top][x] {
					return fmt.Errorf("the key %q stands twice in one object", x)
				}
				keys[top][x], want[top] = true, false
				continue
			}
		}
		if top = len(keys) - 1; top >= 0 && keys[top] != nil {
			want[top] = true
		}
	}
}

// fill puts a JSON value into a Go one: no key more, none less, none of another kind.
func fill(to reflect.Value, from any, where string) error {
	wrong := func(want string) error { return fmt.Errorf("%s: want %s", where, want) }
	switch to.Kind() {
	case reflect.Pointer:
		if from == nil {
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		return fill(to.Elem(), from, where)
	case reflect.Struct:
		object, ok := from.(map[string]any)
		if !ok {
			return wrong("an object")
		}
		return fillObject(to, object, where)
	case reflect.Slice:
		list, ok := from.([]any)
		if !ok {
			return wrong("a list")
		}
		to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
		for i, v := range list {
			if err := fill(to.Index(i), v, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.String:
		s, ok := from.(string)
		if !ok {
			return wrong("a text")
		}
		to.SetString(s)
	case reflect.Bool:
		b, ok := from.(bool)
		if !ok {
			return wrong("true or false")
		}
		to.SetBool(b)
	default:
		n, ok := from.(json.Number)
		if !ok {
			return wrong("a whole number")
		}
		i, err := n.Int64()
		if err != nil || i < 0 {
			return wrong("a whole number that is not negative")
		}
		to.SetInt(i)
	}
	return nil
}

func fillObject(to reflect.Value, object map[string]any, where string) error {
	var known []string
	for i := range to.NumField() {
		f := to.Type().Field(i)
		key := f.Tag.Get("json")
		if key == "" {
			continue
		}
		known = append(known, key)
		value, there := object[key]
		if !there {
			if _, optional := f.Tag.Lookup("optional"); optional {
				continue
			}
			return fmt.Errorf("%s: the key %q is missing", where, key)
		}
		if err := fill(to.Field(i), value, where+"."+key); err != nil {
			return err
		}
	}
	for key := range object {
		if !slices.Contains(known, key) {
			return fmt.Errorf("%s: the key %q is not known", where, key)
		}
	}
	return nil
}

// canonicalJSON is a value as it stands in the chain: sorted keys, no spaces, no
// escapes that JSON does not need.
func canonicalJSON(v any) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
