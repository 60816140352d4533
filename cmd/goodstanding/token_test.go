package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestATokenIsShownOnce and read by its hash from then on.
func TestATokenIsShownOnce(t *testing.T) {
	w := adopted(t)
	s := w.run("token", "create", "website", "--scope", "services:read", "--expires", "2027-01-01")
	text := strings.TrimSuffix(s.out, "\n")
	if s.code != exitOK || !regexp.MustCompile(`^gs_[A-Za-z0-9_-]{43}$`).MatchString(text) {
		t.Fatalf("exit code %d, token %q, %s", s.code, s.out, s.err)
	}
	has(t, s.err, "Made the token website (", "It is shown this once")
	list := w.must("token", "list")
	has(t, list, "website", "services:read", "operator:ada", "until 1 Jan 2027")
	if strings.Contains(list, text) || strings.Contains(w.must("token", "list", "--json"), text) {
		t.Error("the text is shown again")
	}
	db, err := os.ReadFile(w.dir + "/data/goodstanding.db")
	if err != nil || strings.Contains(string(db), text[3:]) {
		t.Errorf("the text is stored (%v)", err)
	}
	var made tokenAnswer
	if err := json.Unmarshal([]byte(w.must("token", "create", "wiki", "--scope", "roll:read", "--scope", "holds:read", "--json")), &made); err != nil ||
		!strings.HasPrefix(made.Text, "gs_") || len(made.Scopes) != 2 || made.Expires != 0 {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestATokenIsRefusedWithAllReasons(t *testing.T) {
	w := adopted(t)
	got := w.fails(exitRefused, "token", "create", " ", "--scope", "all", "--expires", "2020-01-01")
	has(t, got, `"all" is not a scope: choose from roll:read, eligibility:read`, "a name is needed", "it would have ended already")
	w.must("token", "create", "wiki", "--scope", "roll:read")
	has(t, w.fails(exitRefused, "token", "create", "wiki", "--scope", "roll:read"), `another token is called "wiki"`)
	has(t, w.fails(exitNotFound, "token", "revoke", "wki"), `there is no token "wki"; nearest: wiki`)
	has(t, w.fails(exitRefused, "token", "revoke", "gs_something"), "not by its text")
	has(t, newWorld(t).must("token", "list"), "There is no token: goodstanding token create NAME --scope SCOPE makes one.")
}

// TestARevokedTokenOpensNothing, within a second, also one that ended.
func TestARevokedTokenOpensNothing(t *testing.T) {
	w := adopted(t)
	token := w.token()
	short := strings.TrimSpace(w.must("token", "create", "short", "--scope", "roll:read", "--expires", w.clock.Add(3*time.Second).String()))
	s := w.serve()
	status := func(token string) int { return get(t, s.url+"/api/v1/roll", token).status }
	if status(token) != http.StatusOK || status("") != http.StatusUnauthorized || status("gs_wrong") != http.StatusUnauthorized {
		t.Errorf("token %d, none %d, a wrong one %d", status(token), status(""), status("gs_wrong"))
	}
	has(t, w.must("token", "revoke", "test", "--reason", "lost"), "The token test no longer counts.")
	s.until("the revoked one opens nothing", func() bool { return status(token) == http.StatusUnauthorized })
	s.until("the other one ends", func() bool { return status(short) == http.StatusUnauthorized })
	w.clock = w.clock.Add(time.Minute)
	has(t, w.must("token", "list"), "revoked 22 Nov 2026", "ended 22 Nov 2026")
}
