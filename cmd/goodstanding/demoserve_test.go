package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// TestDemoIsServedUntilItIsStopped: the story's end over HTTP, with the token that
// the demo shows, in any year.
func TestDemoIsServedUntilItIsStopped(t *testing.T) {
	leakless(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &serving{t: t, cancel: cancel, ended: make(chan struct{})}
	e := Env{Stdin: strings.NewReader(""), Stdout: &s.out, Stderr: &s.errs, Login: "ada", Clock: time.Now,
		Now: func() instant.Instant { return instant.Date(2031, time.May, 1) }}
	go func() {
		defer close(s.ended)
		s.code = Run(ctx, []string{"demo", "--serve", "127.0.0.1:0"}, e)
	}()
	s.until("it is served", func() bool { return strings.Contains(s.out.String(), "The clock stands still") })
	url := first(regexp.MustCompile(`Served at (\S+) until`), s.out.String())
	token := first(regexp.MustCompile(`Bearer (gs_\S+)'`), s.out.String())
	for _, line := range regexp.MustCompile(`(?m)^  curl .*?(http\S+)$`).FindAllStringSubmatch(s.out.String(), -1) {
		bearer := ""
		if strings.Contains(line[0], "Bearer") {
			bearer = token
		}
		if a := get(t, line[1], bearer); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", line[1], a.status, a.body)
		}
	}
	has(t, get(t, url+"/api/v1/members.md", "").body, "Birch Hosting Co-op")
	for page, want := range map[string]string{"/": "<strong>17 days left</strong>", "/providers": "Hosting on machines that we own", "/decisions/2": "Half the size is enough for now", "/rules": "https://example.org/contribute", "/opportunities": "A map of community gardens"} {
		if a := get(t, url+page, ""); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d, %q is missing in:\n%s", page, a.status, want, a.body)
		}
	}
	for page, same := range map[string]string{"/providers.json": "/api/v1/providers", "/providers.md": "/api/v1/providers.md", "/members.json": "/api/v1/members", "/members.md": "/api/v1/members.md", "/decisions.json?state=open": "/api/v1/decisions?state=open",
		"/decisions.md": "/api/v1/decisions.md", "/decisions/2.json": "/api/v1/decisions/2", "/decisions/2.md": "/api/v1/decisions/2.md", "/rules.json": "/api/v1/policy", "/rules.md": "/api/v1/policy.md", "/opportunities.json": "/api/v1/opportunities"} {
		if a, b := get(t, url+page, ""), get(t, url+same, ""); a.status != http.StatusOK || a.body != b.body || a.header.Get("Content-Type") != b.header.Get("Content-Type") {
			t.Errorf("%s is not %s: %d %s", page, same, a.status, a.body)
		}
	}
	links := regexp.MustCompile(`(?m)^  (http\S+/sign-in/link/)(\S+)$`).FindAllStringSubmatch(s.out.String(), -1)
	if len(links) != 4 {
		t.Fatalf("%d links to sign in by, want 4:\n%s", len(links), s.out.String())
	}
	for i, want := range []string{"You are treasurer.", "It may vote, and you for it.", "You are facilitator.", "You are delegate of no member."} {
		v := visits(t, url)
		v.posts("/sign-in/link", map[string][]string{"token": {links[i][2]}})
		if _, _, body := v.gets("/me"); !strings.Contains(body, want) {
			t.Errorf("link %d: %q is missing in:\n%s", i, want, body)
		}
	}
	visits(t, url).posts("/sign-in", map[string][]string{"email": {"ada@people.example"}})
	s.until("the link is shown", func() bool { return strings.Contains(s.out.String(), "A link was asked for: "+url+"/sign-in/link/") })
	if a := get(t, url+"/api/v1/roll", token); a.header.Get("Goodstanding-Stale") != "false" || !strings.Contains(a.body, `"dandelion-it"`) {
		t.Errorf("the roll: %+v", a)
	}
	s.stop()
}

func TestDemoSaysAtOnceThatItsAddressIsTaken(t *testing.T) {
	other := worldOn(t, http.NotFoundHandler())
	taken := strings.TrimPrefix(strings.TrimSuffix(other.url, "/graphql/v2"), "http://")
	w := newWorld(t)
	s := w.run("demo", "--serve", taken)
	want := "goodstanding: --serve: " + taken + " cannot be listened on (bind: address already in use): choose another address, or stop the program that has it\n"
	if s.code != exitUsage || s.out != "" || s.err != want {
		t.Errorf("exit code %d\n got  %s\n want %s", s.code, s.err, want)
	}
}
