package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// TestTheFakeCanBeTried: the command's own help, step by step, with another
// goodstanding reading it.
func TestTheFakeCanBeTried(t *testing.T) {
	leakless(t)
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &serving{t: t, cancel: cancel, ended: make(chan struct{})}
	e := Env{Stdin: strings.NewReader(""), Stdout: &s.out, Stderr: &s.errs, Login: "ada", Clock: time.Now, Now: func() instant.Instant { return w.clock }}
	go func() {
		defer close(s.ended)
		s.code = Run(ctx, []string{"fake-opencollective", "--address", "127.0.0.1:0"}, e)
	}()
	s.until("it is served", func() bool { return strings.Contains(s.out.String(), "Drive it at") })
	url := first(regexp.MustCompile(`API is at (\S+)/graphql/v2`), s.out.String())
	post := func(path, kind, body string) {
		t.Helper()
		resp, err := http.Post(url+path, kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s %s: %d", path, body, resp.StatusCode)
		}
	}
	post("/control/clock", "application/x-www-form-urlencoded", "to=2026-02-27T09:00")
	w.env["GOODSTANDING_OC_URL"], w.env["GOODSTANDING_OC_SLUG"], w.env["GOODSTANDING_OC_TOKEN"] = url+"/graphql/v2", "loose-knot", "demo"
	has(t, w.must("sync"), "Read loose-knot (GBP)", "9 contributions")
	post("/control/do", "text/plain", "cancel hazel")
	has(t, w.must("sync"), "Hazel Example cancelled")
	post("/control/faults", "text/plain", "router-error")
	has(t, w.fails(exitUpstream, "sync"), "HTTP 503, a page instead of data")
	has(t, s.out.String(), "Clover Web's bank will refuse its card twice.")
	s.stop()
}

func TestAScenarioThatTheFakeRefuses(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "story.txt")
	if err := os.WriteFile(file, []byte("collective coop GBP\njon alfa GBP 10 monthly\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	has(t, w.fails(exitUsage, "fake-opencollective", file), `line 2: "jon" is no verb: write one of accept, account,`)
	has(t, w.fails(exitUsage, "fake-opencollective", "nowhere"), `there is no scenario "nowhere": there are federation, and no file of that name`)
	has(t, w.fails(exitUsage, "fake-opencollective", "--speed=-1"), "--speed: write a number from 0 to 100000000: 86400 makes a day of a second")
	has(t, w.must("fake-opencollective", "--verbs"), "What can happen", "change-host SLUG", "How upstream can fail", "> 429")
}
