package api

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestWhatIsNoAcknowledgement is refused with all its faults, and stores nothing.
func TestWhatIsNoAcknowledgement(t *testing.T) {
	w := newWorld(t)
	hold := heldFir(w)
	auth := "Authorization: Bearer " + w.token
	before, err := w.db.Counters(t.Context())
	w.ok(err)
	const missing = "reason is missing: say in words why those it keeps may lose their rights"
	for _, c := range []struct {
		body   string
		status int
		errors []string
	}{
		{`{}`, 400, []string{missing}},
		{`{"reason": ""}`, 400, []string{missing}},
		{`{"reason": " \n "}`, 400, []string{missing}},
		{`{"reason": null}`, 400, []string{missing}},
		{`{"reason": 7}`, 400, []string{"reason is not a text: write it in quotation marks"}},
		{`{"reason": ["x"]}`, 400, []string{"reason is not a text: write it in quotation marks"}},
		{`{"Reason": "x"}`, 400, []string{"a key is not known: this takes reason", missing}},
		{`{"reason": "x", "canary": 1, "force": true}`, 400, []string{"a key is not known: this takes reason"}},
		{`{"reason": "x", "reason": "y"}`, 400, []string{"reason is given more than once"}},
		{`{"reason": "x"} {"reason": "x"}`, 400, []string{"after the object there is more: send one JSON object and nothing else"}},
		{`{"reason": "x"}]`, 400, []string{"after the object there is more: send one JSON object and nothing else"}},
		{`{"who": 1, "who": 2} x`, 400, []string{"a key is not known: this takes reason",
			"after the object there is more: send one JSON object and nothing else", missing}},
		{`["reason"]`, 400, []string{`the body is not a JSON object: write {"reason": …}`, missing}},
		{``, 400, []string{`the body is not a JSON object: write {"reason": …}`, missing}},
		{`null`, 400, []string{`the body is not a JSON object: write {"reason": …}`, missing}},
		{`{"reason": "x"`, 400, []string{"the body is not JSON after its first 14 bytes"}},
		{`{"reason": x}`, 400, []string{"the body is not JSON after its first 10 bytes", missing}},
		{"{\"reason\": \"\xff\"}", 400, []string{"the body is not UTF-8 text", missing}},
		{`{"reason": "x` + strings.Repeat("y", 2000) + `"}`, 409, []string{"the reason has 2001 characters, at most 2000 are taken"}},
		{`{"reason": "a\u0000b"}`, 409, []string{"the reason holds a control character (U+0000): write it on one line, as plain text"}},
	} {
		got := w.acknowledge(hold, c.body, auth)
		var p problem
		if json.Unmarshal([]byte(got.body), &p) != nil || got.StatusCode != c.status || !slices.Equal(p.Errors, c.errors) {
			t.Errorf("%.60s: %d %q, want %d %q", c.body, got.StatusCode, p.Errors, c.status, c.errors)
		}
		if strings.Contains(got.body, "canary") {
			t.Errorf("%.60s: what was sent is repeated: %s", c.body, got.body)
		}
	}
	if got := w.send("POST", "/api/v1/holds/"+hold+"/acknowledge?x=1", `{"y": 1}`, "Content-Type: application/json", auth); !strings.Contains(got.body,
		`["this takes no parameters","a key is not known: this takes reason","`+missing+`"]`) {
		t.Errorf("faults of the address and of the body: %s", got.body)
	}
	w.unchanged("refused bodies", before)
	if got := w.acknowledge(hold, `{"reason": "ümlaut, 李 and\r\ntwo lines"}`, auth); got.StatusCode != 200 {
		t.Errorf("a good one: %d %s", got.StatusCode, got.body)
	}
}

// The body has to be JSON by its type, too: what a form or a picture of another
// website can send without asking first is never taken.
func TestOnlyJSONIsTaken(t *testing.T) {
	w := newWorld(t)
	hold := heldFir(w)
	auth := "Authorization: Bearer " + w.token
	before, err := w.db.Counters(t.Context())
	w.ok(err)
	path := "/api/v1/holds/" + hold + "/acknowledge"
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=latin1",
		"application/problem+json", "application", "application/json; charset"} {
		got := w.send("POST", path, `{"reason": "x"}`, "Content-Type: "+kind, auth)
		if got.StatusCode != 415 || !strings.Contains(got.body, "send the body as JSON with Content-Type: application/json") {
			t.Errorf("%q: %d %s", kind, got.StatusCode, got.body)
		}
	}
	for _, c := range []struct {
		method string
		status int
	}{{"GET", 405}, {"PUT", 405}, {"OPTIONS", 405}, {"HEAD", 405}} {
		got := w.send(c.method, path, `{"reason": "x"}`, "Content-Type: application/json", "Origin: https://other.example", auth)
		if got.StatusCode != c.status || got.Header.Get("Access-Control-Allow-Origin") != "" || got.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %d %v", c.method, got.StatusCode, got.Header)
		}
	}
	if got := w.acknowledge(hold, strings.Repeat(" ", mostBody)+`{"reason": "x"}`, auth); got.StatusCode != 413 {
		t.Errorf("a large body: %d", got.StatusCode)
	}
	w.unchanged("no JSON", before)
	if got := w.send("POST", path, `{"reason": "x"}`, "Content-Type: application/JSON; charset=UTF-8", auth); got.StatusCode != 200 {
		t.Errorf("a good type: %d %s", got.StatusCode, got.body)
	}
}

// A body without a length that grows beyond the limit, and one that breaks off.
func TestABodyThatDoesNotEndWell(t *testing.T) {
	w := newWorld(t)
	hold := heldFir(w)
	before, err := w.db.Counters(t.Context())
	w.ok(err)
	for name, c := range map[string]struct {
		body   io.Reader
		status int
	}{
		"endless":    {io.MultiReader(strings.NewReader(`{"reason": "`), endless{}), 413},
		"broken off": {io.MultiReader(strings.NewReader(`{"reason": "x`), broken{}), 400},
	} {
		req := httptest.NewRequest("POST", "/api/v1/holds/"+hold+"/acknowledge", c.body)
		req.ContentLength = -1
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+w.token)
		rec := httptest.NewRecorder()
		w.api.Handler().ServeHTTP(rec, req)
		if rec.Code != c.status {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	w.unchanged("bodies without an end", before)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
