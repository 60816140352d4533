package opencollective

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
)

const (
	slug = "coop-cloud-test"
	// canary is the token of all tests: it must not come out anywhere.
	canary = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
	// mail is an address that bodies of tests hold: it must not come out either.
	mail = "private.person@example.test"
)

var noon = instant.Date(2026, 11, 22).Add(12 * time.Hour)

func newClient(t testing.TB, url string, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{
		URL: url, Token: canary, Version: "1.2.3", Contact: "https://example.test",
		Now: func() instant.Instant { return noon }, Clock: time.Now, PerMinute: 1_000_000,
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withoutToken(o *Options) { o.Token = "" }

// serve answers everything with one handler.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/graphql/v2"
}

var opName = regexp.MustCompile(`^query (\w+)`)

// asked is one request as the test server sees it.
type asked struct {
	name string // the query's name
	vars map[string]any
}

func name(query string) string {
	if found := opName.FindStringSubmatch(query); found != nil {
		return found[1]
	}
	return ""
}

func readAsked(r *http.Request) asked {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	var q struct {
		Query     string
		Variables map[string]any
	}
	_ = json.Unmarshal(body, &q)
	return asked{name: name(q.Query), vars: q.Variables}
}

// theFilm is loaded once: its scenes are never changed by these tests.
var theFilm = sync.OnceValues(fakeoc.NewFilm)

func film(t testing.TB) http.Handler {
	t.Helper()
	f, err := theFilm()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// except serves the film's first scene, and a handler instead for one query.
func except(t testing.TB, query string, h http.HandlerFunc) string {
	t.Helper()
	good := film(t)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if readAsked(r).name == query {
			h(w, r)
			return
		}
		good.ServeHTTP(w, r)
	})
}

// twist serves the film's first scene, with the decoded answer to one query
// given to change first; "" is every query.
func twist(t testing.TB, query string, change func(asked, map[string]any)) string {
	t.Helper()
	good := film(t)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := readAsked(r)
		if query != "" && q.name != query {
			good.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		good.ServeHTTP(rec, r)
		var body map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
			t.Errorf("the film answers %q", rec.Body)
			return
		}
		change(q, body)
		w.Header().Set("Content-Type", jsonType)
		if err := json.NewEncoder(w).Encode(body); err != nil {
			t.Error(err)
		}
	})
}

// at walks a decoded answer: names go into objects, numbers into lists.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func obj(v any, path ...any) map[string]any { return at(v, path...).(map[string]any) }

func pull(t testing.TB, c *Client, change ...func(*PullRequest)) (*Snapshot, error) {
	t.Helper()
	r := PullRequest{Slug: slug, TransactionsFrom: instant.Date(2026, 11, 1)}
	for _, f := range change {
		f(&r)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a machine that does much else
	defer cancel()
	return c.Pull(ctx, r)
}

// wantError checks the type and that nothing private is in the text.
func wantError[E error](t testing.TB, err error) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a %T", err, e)
	}
	clean(t, err)
	return e
}

// clean fails when an error would give something away, in any way of printing it.
func clean(t testing.TB, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, text := range printed(e) {
			for _, secret := range []string{canary, canary[:12], mail, "@", "valueInCents\":", "<html", "Personal-Token"} {
				if strings.Contains(text, secret) {
					t.Errorf("the error gives %q away: %s", secret, text)
				}
			}
		}
	}
}

// lived is a room in which another answer was read.
func lived() *room {
	r := new(room)
	body, err := r.read(strings.NewReader(`{"data":{"orders":{"totalCount":1,"nodes":[{"id":"or-other","tier":null}]}},"errors":[]}`), -1)
	if err == nil {
		_, _, err = parse(body, r)
	}
	if err != nil {
		panic(err)
	}
	return r
}
