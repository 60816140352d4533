package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/web"
)

var (
	screens = flag.String("screens", "", "write a picture of each page into this folder")
	onHold  = flag.String("hold", "", "serve the stories' stage on this address instead of walking, for who writes them")
)

// storiesBegin is when the program reads the collective of the stories for the first time.
var storiesBegin = instant.Date(2026, time.February, 20).Add(9 * time.Hour)

// TestStories walks each role's story in a real browser, against a daemon on a fresh
// database, a fake Open Collective whose clock the stories move, and a mail server
// that keeps what it is handed in; then it looks at every page there is
// (deploy/peers/stories). What a story does and finds is a line of the log.
func TestStories(t *testing.T) {
	node, browser := browsers(t)
	s := newTheatre(t)
	defer s.serving.stop()
	if *onHold != "" {
		t.Log(http.ListenAndServe(*onHold, s))
		return
	}
	url, stop, err := fakeoc.Listen(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	args := []string{"stories/main.mjs", strings.TrimSuffix(url, "/graphql/v2"), browser}
	if *screens != "" {
		args = append(args, *screens)
	}
	c := exec.CommandContext(t.Context(), node, args...)
	c.Dir = peersFolder
	c.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	c.Stdout, c.Stderr = io.MultiWriter(&said, os.Stdout), os.Stderr
	if err := c.Run(); err != nil {
		t.Fatalf("the stories: %v\nthe daemon said:\n%s", err, s.serving.errs.String())
	}
	for _, must := range []string{`(?m)^story\|`, `(?m)^axe\|pages [1-9]\d+\|runs [1-9]\d+\|violations 0$`} {
		if !regexp.MustCompile(must).MatchString(said.String()) {
			t.Errorf("the log has nothing like %s", must)
		}
	}
}

// peersFolder has the programs of others.
const peersFolder = "../../deploy/peers"

// browsers are Node.js and a Chromium, and what a story needs beside them.
func browsers(t *testing.T) (node, browser string) {
	t.Helper()
	absent := func(what string, installable bool) {
		t.Helper()
		if installable && os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed, and can be here: make peers; in CI nothing is skipped", what)
		}
		t.Skipf("SKIPPED: no page was looked at in a browser, because %s is not installed (make peers installs it where it can)", what)
	}
	node, noNode := exec.LookPath("node")
	_, noNPM := exec.LookPath("npm")
	if _, err := os.Stat(filepath.Join(peersFolder, "node_modules/playwright-core")); err != nil || noNode != nil {
		absent("Playwright", noNode == nil && noNPM == nil)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return node, path
		}
	}
	_, noApt := exec.LookPath("apt-get")
	absent("Chromium", os.Getuid() == 0 && noApt == nil)
	return "", ""
}

// theatre is where the stories are played: a program that serves, with everything
// around it, driven over HTTP by whoever tells them:
//
//	GET  /           where the program serves, and its routes
//	POST /clock      2026-03-08T09:00: the clock goes on to there, upstream with it, and the program reads
//	POST /upstream   lines, each a verb of the fake Open Collective; the program reads
//	POST /run        a command line of the program, as a list of words
//	GET  /mails      what was handed in so far
type theatre struct {
	*world
	stage   *fakeoc.Stage
	mails   *fakesmtp.Server
	db      *store.DB
	serving *serving
	ahead   atomic.Int64 // how far the stories' clock is ahead of the machine's, in microseconds
	mux     *http.ServeMux
	mu      sync.Mutex // one thing at a time
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	f, err := os.Open("testdata/stories.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scenario, err := fakeoc.ReadScenario(f)
	if err != nil {
		t.Fatal(err)
	}
	script, err := fakeoc.Play(scenario, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := &theatre{stage: fakeoc.NewStage(script, fakeoc.ServerOptions{NoLimit: true}), mails: fakesmtp.New(t, fakesmtp.Options{}), mux: http.NewServeMux()}
	s.world = worldOn(t, s.stage)
	s.ticking = func() instant.Instant {
		return instant.Of(time.Now()).Add(time.Duration(s.ahead.Load()) * time.Microsecond)
	}
	s.settings(script.Collective())
	if err := s.to(storiesBegin); err != nil {
		t.Fatal(err)
	}
	s.must("members", "adopt", "--all")
	if s.db, err = store.Open(t.Context(), "sqlite://"+filepath.Join(s.dir, "data", databaseName), store.Options{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	s.serving = s.serve("--listen", strings.TrimPrefix(s.env["GOODSTANDING_PUBLIC_URL"], "http://"))
	s.mux.HandleFunc("GET /{$}", s.tell)
	s.mux.HandleFunc("GET /mails", func(w http.ResponseWriter, _ *http.Request) { tellJSON(w, s.mails.Mails()) })
	s.mux.HandleFunc("POST /clock", s.doing(s.clockTo))
	s.mux.HandleFunc("POST /upstream", s.doing(s.upstream))
	s.mux.HandleFunc("POST /run", s.doing(s.command))
	return s
}

func (s *theatre) settings(collective string) {
	s.env["GOODSTANDING_OC_SLUG"] = collective
	s.env["GOODSTANDING_PUBLIC_URL"] = "http://" + freePort(s.t)
	s.env["GOODSTANDING_SMTP_URL"] = "smtp://" + s.mails.Address + "?tls=off"
	s.env["GOODSTANDING_MAIL_FROM"] = `"Loose Knot" <roll@loose-knot.example>`
	s.env["GOODSTANDING_MAIL_REPLY_TO"] = "treasurers@loose-knot.example"
	s.env["GOODSTANDING_CONFIG"] = s.file("goodstanding.yaml", `federation:
  name: Loose Knot
  url: https://www.loose-knot.example
  about: Nine small co-operatives and people who run computers for others, share what that costs, and decide together.
  pay_url: https://opencollective.example/loose-knot/contribute
  code:
    name: Our code of co-operation
    url: https://www.loose-knot.example/code
    contact_people: ["Cora (Clover Web), cora@loose-knot.example", "Hazel, hazel@loose-knot.example"]
`)
}

// to moves upstream and the program's clock, and reads.
func (s *theatre) to(at instant.Instant) error {
	if now := s.ticking(); s.serving != nil && at < now {
		return fmt.Errorf("%s is past: it is %s", at, now)
	}
	if err := s.stage.AdvanceTo(at); err != nil {
		return err
	}
	s.ahead.Store(int64(at) - int64(instant.Of(time.Now())))
	return s.read()
}

// read lets the program read upstream as another process does, which wakes the
// daemon; where that was faster it is as good.
func (s *theatre) read() error {
	if did := s.run("sync"); did.code != exitOK && did.code != exitRefused {
		return fmt.Errorf("sync: %d\n%s%s", did.code, did.out, did.err)
	}
	return nil
}

// ServeHTTP answers who tells the stories.
func (s *theatre) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func tellJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (s *theatre) tell(w http.ResponseWriter, _ *http.Request) {
	tellJSON(w, map[string]any{"url": s.serving.url, "routes": web.Routes()})
}

// doing answers a request with what came of its body.
func (s *theatre) doing(do func(body string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		var did any
		if err == nil {
			did, err = do(string(body))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		tellJSON(w, did)
	}
}

func (s *theatre) clockTo(text string) (any, error) {
	at, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return nil, err
	}
	if err := s.to(instant.Of(at)); err != nil {
		return nil, err
	}
	return text, s.awake(instant.Of(at))
}

// awake waits until the daemon sends by the new time: else the next days that pass
// were a silence to it, after which a treasurer is asked first.
func (s *theatre) awake(at instant.Instant) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var on bool
		var alive instant.Instant
		err := s.db.View(s.t.Context(), func(tx *store.Tx) (err error) {
			if _, on, err = tx.Setting(s.t.Context(), store.SettingNotices); err == nil {
				alive, err = tx.Alive(s.t.Context())
			}
			return err
		})
		if err != nil || !on || alive >= at {
			return err
		}
	}
	return fmt.Errorf("the daemon does not send at %s", at)
}

func (s *theatre) upstream(lines string) (any, error) {
	address := strings.TrimSuffix(s.url, "/graphql/v2") + "/control/do"
	res, err := http.Post(address, "text/plain", strings.NewReader(lines))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("upstream: %s", said)
	}
	if err != nil {
		return nil, err
	}
	return lines, s.read()
}

func (s *theatre) command(words string) (any, error) {
	var args []string
	if err := json.Unmarshal([]byte(words), &args); err != nil {
		return nil, err
	}
	did := s.run(args...)
	if did.code != exitOK {
		return nil, fmt.Errorf("goodstanding %s: %d\n%s%s", strings.Join(args, " "), did.code, did.out, did.err)
	}
	return did.out, nil
}
