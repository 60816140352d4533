package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTheLogIsStructured: each line is JSON with time, level and message; what is
// answered, by API and pages alike, is found by the Request-Id of the answer, with
// the route's pattern and nothing of what was asked; a reading by the id of its row,
// which /api/v1/syncs shows.
func TestTheLogIsStructured(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_LOG_LEVEL"], w.env["GOODSTANDING_LOG_FORMAT"] = "debug", "json"
	s := w.serve()
	ids := map[string]string{} // of the answers, to the route they have to be logged with
	for path, route := range map[string]string{
		"/api/v1/members": "/api/v1/members", "/api/v1/decisions/canary-7731": "/api/v1/decisions/{decision}", "/members": "/members", "/nothing/canary-7731": "unknown",
		"/sign-in/link/canary-7731": "/sign-in/link/{token}",
	} {
		id := get(t, s.url+path, "").header.Get("Request-Id")
		if id == "" || ids[id] != "" {
			t.Errorf("%s is answered as request %q", path, id)
		}
		ids[id] = route
	}
	s.until("a reading is logged", func() bool { return strings.Contains(s.errs.String(), `"pull":`) })
	s.stop()
	asked := 0
	for _, line := range strings.Split(strings.TrimSpace(s.errs.String()), "\n") {
		var l struct{ Time, Level, Message, Request, Route, Query string }
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Time == "" || l.Level == "" || l.Message == "" {
			t.Errorf("%v: %s", err, line)
		}
		if strings.Contains(line, "canary") {
			t.Errorf("what was asked for is logged: %s", line)
		}
		if l.Query != "" {
			asked++
		}
		if want, is := ids[l.Request]; is && l.Message == "answered" {
			if l.Route != want {
				t.Errorf("request %s is logged with the route %q, want %q", l.Request, l.Route, want)
			}
			delete(ids, l.Request)
		}
	}
	if len(ids) > 0 || asked < 3 {
		t.Errorf("not logged are the answers %v, and logged %d questions to Open Collective:\n%s", ids, asked, s.errs.String())
	}
}
