package opencollective

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Whatever bytes upstream sends with status 200: data that was vetted, or one
// of the client's errors; no panic, and nothing of the bytes in the error.
func FuzzAnswer(f *testing.F) {
	for _, one := range faults {
		f.Add([]byte(one.body))
	}
	recordedFiles, err := filepath.Glob("testdata/recorded/err-*.http")
	if err != nil || len(recordedFiles) == 0 {
		f.Fatalf("%d seeds, %v", len(recordedFiles), err)
	}
	for _, name := range recordedFiles {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	c := newClient(f, "http://127.0.0.1:1/graphql/v2")
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {jsonType}}}
	docs := map[string]document{
		"DuesPreflight": preflightDoc, "DuesOrders": ordersDoc, "DuesTransactions": transactionsDoc, "DuesRefunds": refundsDoc,
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for query, d := range docs {
			r, err := (&guard{client: c, doc: d, room: lived()}).judge(resp, body)
			if err == nil {
				err = decodeQuery(query, r)
			}
			var own interface{ Class() string }
			if err != nil && !errors.As(err, &own) {
				t.Errorf("%s: an error of no class: %v", query, err)
			}
		}
	})
}

// upstreamOf answers a pull without any network: what the smallest collective
// says, but for one query.
type upstreamOf struct {
	query  string
	status int
	typ    string
	body   string
}

// RoundTrip answers.
func (u upstreamOf) RoundTrip(r *http.Request) (*http.Response, error) {
	name := readAsked(r).name
	answer := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {jsonType}}, Request: r}
	body := tinyAnswers()[name]
	if name == u.query {
		answer.StatusCode, body = u.status, u.body
		answer.Header.Set("Content-Type", u.typ)
	}
	answer.Body = io.NopCloser(strings.NewReader(body))
	return answer, nil
}

// fuzzedStatuses are those that upstream and what stands before it answer with.
var fuzzedStatuses = []int{200, 200, 200, 200, 400, 401, 403, 404, 429, 500, 502, 503}

// Whatever one of a pull's answers is: a complete snapshot, or an error of a
// class that gives nothing away and no snapshot. Complete is what upstream itself
// counts; and the same answers give the same snapshot.
func FuzzPull(f *testing.F) {
	queries := slices.Sorted(maps.Keys(tinyAnswers()))
	for i, query := range queries {
		f.Add(uint8(i), uint8(0), true, tinyAnswers()[query])
		for _, one := range faults {
			status := max(0, slices.Index(fuzzedStatuses, one.status))
			f.Add(uint8(i), uint8(status), one.typ == jsonType, strings.ReplaceAll(one.body, "ROOT", rootOf[query]))
		}
	}
	f.Add(uint8(1), uint8(0), true, `{"data":{"orders":{"totalCount":2,"nodes":[`+orderText1(1, year)+`,`+orderText1(2, year)+`]}}}`)
	f.Fuzz(func(t *testing.T, which, status uint8, isJSON bool, body string) {
		u := upstreamOf{query: queries[int(which)%len(queries)], status: fuzzedStatuses[int(status)%len(fuzzedStatuses)], typ: htmlType, body: body}
		if isJSON {
			u.typ = jsonType
		}
		c := newClient(t, "http://127.0.0.1:1/graphql/v2", func(o *Options) { o.Transport = u })
		snap, err := pull(t, c)
		if err != nil {
			var own interface{ Class() string }
			if !errors.As(err, &own) || !slices.Contains(Classes(), own.Class()) || snap != nil {
				t.Errorf("an error of no class, or beside a snapshot: %v, %+v", err, snap)
			}
			clean(t, err)
			return
		}
		if u.status != 200 || !isJSON {
			t.Errorf("status %d, JSON %v was taken for an answer", u.status, isJSON)
		}
		complete(t, u, snap)
		if again, err := pull(t, c); err != nil || !reflect.DeepEqual(snap, again) {
			t.Errorf("the same answers gave another snapshot: %v\n%+v\n%+v", err, snap, again)
		}
	})
}

// complete checks a snapshot against what the answer itself counts.
func complete(t *testing.T, u upstreamOf, snap *Snapshot) {
	t.Helper()
	total := -1
	if u.query != "DuesPreflight" {
		var said map[string]any // names match to the letter, as they do for the client
		if err := json.Unmarshal([]byte(u.body), &said); err != nil {
			t.Fatalf("no JSON was taken for an answer: %v", err)
		}
		total = int(obj(said, "data", rootOf[u.query])["totalCount"].(float64))
	}
	switch u.query {
	case "DuesOrders":
		if got := len(snap.Orders) + len(snap.Elsewhere); got != total {
			t.Errorf("%d of %d orders", got, total)
		}
	case "DuesTransactions":
		if got := len(snap.Charges) + snap.DroppedCharges; got != total {
			t.Errorf("%d of %d charges", got, total)
		}
	}
	seen := map[string]bool{}
	for _, o := range snap.Orders {
		if seen[o.ID] || o.ID == "" {
			t.Errorf("the order %q stands there twice, or has no id", o.ID)
		}
		seen[o.ID] = true
	}
	for id := range snap.PausedByPayer {
		if !seen[id] {
			t.Errorf("%s is paused by its payer and is no order", id)
		}
	}
	if snap.Collective.ID == "" || snap.Collective.Currency.IsZero() || snap.Start != noon {
		t.Errorf("a snapshot of nothing: %+v", snap)
	}
}
