package fakeoc

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// drive asks the control surface.
func drive(t *testing.T, s *Stage, method, path, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if strings.Contains(body, "=") && !strings.Contains(path, "faults") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(b)
}

func stage(t *testing.T) *Stage {
	t.Helper()
	scenario, err := ReadScenario(strings.NewReader(aStory))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Play(scenario, 1)
	if err != nil {
		t.Fatal(err)
	}
	return NewStage(p, ServerOptions{NoLimit: true})
}

func TestDriveOverHTTP(t *testing.T) {
	s := stage(t)
	for _, step := range []struct{ method, path, body, want string }{
		{"GET", "/control", "", `"next_of_the_story": "2026-01-20T00:00:00Z"`},
		{"POST", "/control/clock", "by=20d", `"now": "2026-01-25T09:00:00`},
		{"POST", "/control/clock", "to=2026-02-02T09:30", `"now": "2026-02-02T09:30:00Z"`},
		{"POST", "/control/do", "join bravo GBP 10 monthly\ncancel alfa", `"collective": "coop"`},
		{"POST", "/control/faults", "429 retry-after=30 on DuesOrders", `"fault 429 retry-after=30 on DuesOrders"`},
		{"POST", "/control/faults", "half", `"fault half"`},
		{"DELETE", "/control/faults", "", `"faults": []`},
		{"POST", "/control/speed", "times=3600", `"speed": 3600`},
		{"GET", "/control/ledger", "", `"Currency": "GBP"`},
	} {
		if status, got := drive(t, s, step.method, step.path, step.body); status != http.StatusOK || !strings.Contains(got, step.want) {
			t.Errorf("%s %s %s: %d %s, want %s", step.method, step.path, step.body, status, got, step.want)
		}
	}
	if o := one(t, s.script.World, "alfa"); o.Status != "CANCELLED" {
		t.Errorf("alfa is %s", o.Status)
	}
}

func TestWhatADriverIsTold(t *testing.T) {
	for _, step := range []struct{ path, body, want string }{
		{"/control/clock", "", "say how far: by=3d, or to=2026-02-01T09:30"},
		{"/control/clock", "to=2026-01-01", "2026-01-01 has passed: the clock stands at 2026-01-05T09:00:00"},
		{"/control/clock", "by=soon", `"soon" is no length of time: write 90m, 36h, 3d or 2w`},
		{"/control/speed", "times=fast", "say how fast: times=3600 makes an hour of a second; 0 stops the clock"},
		{"/control/do", "cancel alfa\ncancel nobody", `line 2: cancel nobody: "nobody" pays nothing: name a payer's slug, slug#2, or an order's id; the lines before it were done`},
		{"/control/faults", "thunder", `the kind "thunder" is not known`},
	} {
		if status, got := drive(t, stage(t), "POST", step.path, step.body); status != http.StatusBadRequest || !strings.Contains(got, step.want) {
			t.Errorf("%s %s: %d %s, want %s", step.path, step.body, status, got, step.want)
		}
	}
}

// A running clock plays the story; one that cannot go on stops and says so.
func TestTheClockRunsByItself(t *testing.T) {
	s := stage(t)
	s.SetSpeed(86400)
	s.run(20 * time.Second)
	if now := s.script.Now().Day(); now != "2026-01-25" {
		t.Errorf("20 seconds later it is %s", now)
	}
	if err := s.script.Do("rename alfa zulu"); err != nil { // so that the story's accept finds nobody
		t.Fatal(err)
	}
	s.run(20 * time.Second)
	if _, got := drive(t, s, "GET", "/control", ""); !strings.Contains(got, `"speed": 0`) || !strings.Contains(got, `line 6: accept alfa: there is no account \"alfa\"`) {
		t.Errorf("the story that cannot go on: %s", got)
	}
}

func TestTheStoriesThatShip(t *testing.T) {
	for _, name := range BuiltIns() {
		scenario, err := BuiltIn(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Play(scenario, 1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := NewStage(p, ServerOptions{})
		if err := s.AdvanceTo(scenario.Steps[len(scenario.Steps)-1].At); err != nil || p.Next() != 0 {
			t.Errorf("%s: %v, next %s", name, err, p.Next())
		}
	}
	if _, err := BuiltIn("nothing"); err == nil || err.Error() != `there is no scenario "nothing": there are federation` {
		t.Errorf("an unknown one: %v", err)
	}
}
