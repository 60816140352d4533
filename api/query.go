package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// query reads the parameters of a request and gathers everything that is wrong
// with them.
type query struct {
	values url.Values
	faults []string
}

// read reads the query of a request, of which only some names may be given, and
// each once. A name that is not known is not repeated: it may be a secret.
func (q *query) read(raw string, known []string) {
	if raw == "" {
		return
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		q.fault("the part after ? cannot be read: write name=value, joined by &, with special characters percent-encoded")
	}
	q.values = values
	for _, name := range sortedKeys(values) {
		switch {
		case !slices.Contains(known, name) && strings.Contains(strings.ToLower(name), "token"):
			q.fault("a token is sent in the header Authorization, never in the address: treat that one as lost and revoke it")
		case !slices.Contains(known, name):
			q.unknown(known)
		case len(values[name]) > 1:
			q.fault("%s is given %d times, at most once is taken", name, len(values[name]))
		}
	}
}

func sortedKeys(v url.Values) []string {
	names := make([]string, 0, len(v))
	for n := range v {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (q *query) unknown(known []string) {
	if len(known) == 0 {
		q.fault("this takes no parameters")
		return
	}
	q.fault("a parameter is not known: this takes %s", strings.Join(known, ", "))
}

func (q *query) fault(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(q.faults, text) {
		q.faults = append(q.faults, text)
	}
}

// err is a problem that lists all faults; nil when there is none.
func (q *query) err() error { return faulty(q.faults) }

// faulty is the problem that a request with faults is.
func faulty(faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return &refusal{kind: badRequest, detail: strings.Join(faults, "; "), reasons: faults}
}

// The years that can be asked about.
var (
	firstInstant = instant.Date(2000, 1, 1)
	lastInstant  = instant.Date(2100, 1, 1)
)

// instant reads an instant; 0 when it is not given.
func (q *query) instant(name string) instant.Instant {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	i, err := instant.Parse(strings.ReplaceAll(text, " ", "+")) // a + that was not encoded
	switch {
	case err != nil:
		q.fault("%s is not an instant: write 2026-06-01 or 2026-06-01T09:00:00Z", name)
		return 0
	case i < firstInstant || i >= lastInstant:
		q.fault("%s lies outside the years 2000 to 2099", name)
		return 0
	}
	return i
}

// choice reads one of some words; the first when it is not given.
func (q *query) choice(name string, words ...string) string {
	text := q.values.Get(name)
	switch {
	case text == "":
		return words[0]
	case !slices.Contains(words, text):
		q.fault("%s is none of %s", name, strings.Join(words, ", "))
	}
	return text
}

// oneOf reads one of some words; "" when it is not given.
func (q *query) oneOf(name string, words ...string) string {
	text := q.values.Get(name)
	if text != "" && !slices.Contains(words, text) {
		q.fault("%s is none of %s", name, strings.Join(words, ", "))
	}
	return text
}

func (q *query) state() eligibility.State {
	text := q.values.Get("state")
	if text == "" {
		return eligibility.StateNone
	}
	state, ok := eligibility.ParseState(text)
	if !ok {
		var words []string
		for s := eligibility.StateLeft; s.String() != ""; s++ {
			words = append(words, s.String())
		}
		q.fault("state is none of %s", strings.Join(words, ", "))
	}
	return state
}

func (q *query) right() *eligibility.Right {
	text := q.values.Get("right")
	if text == "" {
		return nil
	}
	for _, r := range eligibility.Rights {
		if r.String() == text {
			return &r
		}
	}
	q.fault("right is none of %s", strings.Join(eligibility.Of(eligibility.Rights[:]...).Names(), ", "))
	return nil
}

// How many items one answer holds.
const (
	usualItems = 500
	mostItems  = 1000
)

// page is the part of a list that is asked for.
type page struct {
	limit int
	after string
}

func (q *query) page() page {
	p := page{limit: usualItems, after: q.values.Get("after")}
	if text := q.values.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostItems {
			q.fault("limit is not a whole number from 1 to %d", mostItems)
		}
		p.limit = n
	}
	return p
}

// paged is the page of a list whose items have keys. An item that is no longer
// there cannot be continued after.
func paged[T any](items []T, key func(T) string, p page) (list[T], error) {
	if p.after != "" {
		i := slices.IndexFunc(items, func(v T) bool { return key(v) == p.after })
		if i < 0 {
			return list[T]{}, refuse(badRequest, "after names nothing on this list: begin again without it")
		}
		items = items[i+1:]
	}
	out := list[T]{Items: filled(items)}
	if len(items) > p.limit {
		out.Items = items[:p.limit]
		next := key(items[p.limit-1])
		out.Next = &next
	}
	return out, nil
}
