package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/store"
)

// exchange asks the handler itself, without a network in between.
func (w *world) exchange(t *testing.T, method string, at *url.URL, body string, headers http.Header) *httptest.ResponseRecorder {
	t.Helper()
	req := &http.Request{Method: method, URL: at, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: headers, Host: "roll.example",
		RemoteAddr: "192.0.2.1:5", Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, req.WithContext(t.Context()))
	return rec
}

// wellAnswered checks what holds for every answer: one of the statuses; where it
// is a problem, one that is whole; and no secret in it or in the log.
func (w *world) wellAnswered(t *testing.T, got *httptest.ResponseRecorder, statuses ...int) {
	t.Helper()
	text := got.Body.String() + fmt.Sprint(got.Header())
	if !slices.Contains(statuses, got.Code) {
		t.Errorf("status %d: %s", got.Code, text)
	}
	if got.Code >= 400 && got.Body.Len() > 0 {
		var p problem
		if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || p.Status != got.Code || p.Title == "" || !strings.HasPrefix(p.Type, "urn:goodstanding:problem:") {
			t.Errorf("no problem: %v %s", err, text)
		}
	}
	w.log.mu.Lock()
	log := w.log.b.String()
	w.log.b.Reset()
	w.log.mu.Unlock()
	for _, secret := range []string{w.token, hookSecret} {
		if strings.Contains(text, secret) || strings.Contains(log, secret) {
			t.Errorf("a secret is told: %s\n%s", text, log)
		}
	}
	if strings.Contains(log, `"panic"`) {
		t.Errorf("a handler broke: %s", log)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.seen {
		if at := strings.Fields(line)[1]; at != unknownRoute && !slices.ContainsFunc(routes(), func(r route) bool { return r.path == at }) {
			t.Errorf("observed %q, which is no route", line)
		}
	}
	w.seen = nil
}

// counted is how far the database has moved on.
func (w *world) counted(t *testing.T) store.Counters {
	t.Helper()
	c, err := w.db.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzAcknowledge: whatever the body is, it is refused in words and nothing is
// stored, or the hold is acknowledged, and then a second time is refused.
func FuzzAcknowledge(f *testing.F) {
	for _, body := range []string{`{"reason": "they were told"}`, `{"reason": ""}`, `{}`, ``, `null`, `[]`, `{"reason": 1}`, `{"Reason": "x"}`, `{"reason": "x", "y": {}}`,
		`{"reason": "x"}{}`, `{"reason": "x", "reason": "y"}`, `{"reason": "\u0000"}`, `{"reason": "\ud800"}`, "{\"reason\": \"\xff\"}", "\ufeff{}", `{"reason": "` + strings.Repeat("x", 2001) + `"}`} {
		f.Add(body, "application/json")
	}
	f.Add(`{"reason": "x"}`, "text/plain")
	f.Add(`{"reason": "x"}`, "application/json; charset=utf-16")
	w := newWorld(f)
	n := 0
	fresh := func(t testing.TB) *url.URL {
		n++
		id := fmt.Sprintf("h_fuzz_%d", n)
		err := w.db.InTx(t.Context(), store.Pulls, w.clock(), func(tx *store.Tx) error {
			return tx.AddHold(t.Context(), store.HoldRow{ID: id, Cause: "many", SetAt: w.clock() - 2000, Since: w.clock() - 3000, Snapshot: 1},
				[]store.HoldMember{{Member: w.fir, State: eligibility.StateGrace, Vote: true}})
		})
		if err != nil {
			t.Fatal(err)
		}
		return &url.URL{Path: "/api/v1/holds/" + id + "/acknowledge"}
	}
	at := fresh(f)
	f.Fuzz(func(t *testing.T, body, kind string) {
		headers := http.Header{"Authorization": {"Bearer " + w.token}, "Content-Type": {kind}}
		before := w.counted(t)
		got := w.exchange(t, "POST", at, body, headers)
		w.wellAnswered(t, got, 200, 400, 409, 413, 415)
		if got.Code != 200 {
			if w.counted(t) != before {
				t.Errorf("%d, and something was stored", got.Code)
			}
			return
		}
		again := w.exchange(t, "POST", at, body, headers)
		w.wellAnswered(t, again, 409)
		if after := w.counted(t); after.Entries.Seq != before.Entries.Seq+1 {
			t.Errorf("one acknowledgement made %d entries", after.Entries.Seq-before.Entries.Seq)
		}
		at = fresh(t)
	})
}

// FuzzHook: a call with the right secret is one hint, whatever it carries; any
// other is an address that does not exist; none stores anything.
func FuzzHook(f *testing.F) {
	for _, body := range []string{`{"type":"order.processed","data":{}}`, ``, "\x00", `{`, strings.Repeat("x", 100)} {
		f.Add("POST", hookSecret, body, "application/json")
		f.Add("GET", hookSecret, body, "")
		f.Add("POST", hookSecret+"x", body, "text/html")
	}
	f.Add("POST", "../"+hookSecret, "", "")
	f.Add("CONNECT", hookSecret+"/", "", "")
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, method, secret, body, kind string) {
		before, hints := w.counted(t), w.hint.Load()
		got := w.exchange(t, method, &url.URL{Path: hookAt + secret}, body, http.Header{"Content-Type": {kind}})
		want, told := 404, int64(0)
		switch {
		case len(body) > mostBody:
			want = 413
		case secret == hookSecret && method == "POST":
			want, told = 204, 1
		case secret == hookSecret:
			want = 405
		}
		w.wellAnswered(t, got, want)
		if w.hint.Load() != hints+told || w.counted(t) != before {
			t.Errorf("%d: %d hints, want %d, or something was stored", got.Code, w.hint.Load()-hints, told)
		}
	})
}

// FuzzAddress: whatever method, path and query are, the answer is one of ours,
// the same the next time, and nothing is stored.
func FuzzAddress(f *testing.F) {
	for _, r := range routes() {
		f.Add(r.method, asked(r), "", true)
	}
	for _, query := range []string{"at=2026-06-01&known=2026-06-01T09:00:00Z", "at=soon&limit=0", "limit=1&after=x", "state=lapsed&right=vote", "%zz", "format=array", "all=true&all=true",
		"access_token=x", "after=" + strings.Repeat("x", 3000)} {
		f.Add("GET", "/api/v1/roll", query, true)
		f.Add("GET", "/api/v1/providers", query, false)
		f.Add("GET", "/api/v1/members/canary-ash/eligibility", query, true)
	}
	f.Add("GET", "/api/v1/../v1//roll", "", true)
	f.Add("OPTIONS", "/api/v1/members", "", false)
	f.Add("", "*", "", false)
	w := newWorld(f)
	before, err := w.db.Counters(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path, query string, token bool) {
		headers := http.Header{}
		if token {
			headers.Set("Authorization", "Bearer "+w.token)
		}
		at := &url.URL{Path: path, RawQuery: query}
		got := w.exchange(t, method, at, "", headers)
		w.wellAnswered(t, got, 200, 204, 304, 400, 401, 403, 404, 405, 409, 413, 414, 415)
		again := w.exchange(t, method, at, "", headers)
		w.wellAnswered(t, again, got.Code)
		if path == "/api/v1/electorate" { // each reading is noted, and told as known then
			before = w.counted(t)
			return
		}
		if got.Body.String() != again.Body.String() || w.counted(t) != before {
			t.Errorf("%s %s?%s answers otherwise the second time, or stored something", method, path, query)
		}
	})
}

// FuzzDeciding: whatever a person sends to a decision, with whatever state it has
// seen, the answer is one of ours, and what is not answered well stores nothing.
func FuzzDeciding(f *testing.F) {
	for i, r := range decisionRoutes() {
		for _, body := range []string{goodBodies[r.operation], `{}`, `{"answer": 1, "until": "soon", "editorial": "yes", "title": null, "enact": "x: y"}`, `{"answer": "favour", "answer": "block"}`,
			`{"concern": "\u0000", "reason": "\ud800"}`, `{"until": "0000-00-00", "size": "huge"}`} {
			f.Add(uint8(i), body, "")
		}
	}
	f.Add(uint8(4), calendar, `"x"`)
	f.Add(uint8(16), `{"answer": "block", "concern": "`+strings.Repeat("x", longestWords+1)+`"}`, `W/"x", *`)
	w := newWorld(f)
	c := w.decide()
	rs := decisionRoutes()
	f.Fuzz(func(t *testing.T, which uint8, body, tag string) {
		r := rs[int(which)%len(rs)]
		if r.method == "GET" {
			return
		}
		headers := http.Header{"Authorization": {"Bearer " + c.zoe.token}, "Content-Type": {"application/json"}}
		if tag != "" {
			headers.Set("If-Match", tag)
		}
		before := w.chains(t)
		at := &url.URL{Path: strings.Replace(asked(r), "canary-ash", "zed-canary", 1)}
		got := w.exchange(t, r.method, at, body, headers)
		w.wellAnswered(t, got, 200, 201, 400, 403, 404, 409, 412, 413)
		if after := w.chains(t); got.Code > 201 && after != before {
			t.Errorf("%s: %d %s, and something was stored", r.operation, got.Code, got.Body)
		}
	})
}

// chains is how far the decisions have moved on.
func (w *world) chains(t *testing.T) (m store.DecisionMark) {
	t.Helper()
	err := w.db.View(t.Context(), func(tx *store.Tx) (err error) {
		m, err = tx.DecisionMark(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
