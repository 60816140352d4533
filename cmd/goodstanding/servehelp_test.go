package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// stream is an output that is read while it is written.
type stream struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *stream) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// serving is a daemon under test.
type serving struct {
	t            *testing.T
	out, errs    stream
	cancel       context.CancelFunc
	ended        chan struct{}
	code         int
	url, metrics string
}

var (
	listening = regexp.MustCompile(`(?m)^Listening +(http://\S+)$`)
	scraped   = regexp.MustCompile(`(?m)^Metrics +(http://\S+)$`)
)

// serve starts a daemon in the world and waits until it serves. When the test
// ends it is stopped, and has to have ended well.
func (w *world) serve(args ...string) *serving {
	w.t.Helper()
	s := w.begin(args...)
	s.until("it serves", func() bool { return strings.Contains(s.out.String(), "Control-C") })
	if s.url = first(listening, s.out.String()); s.url == "" {
		w.t.Fatalf("it does not say where it listens:\n%s", s.out.String())
	}
	s.metrics = first(scraped, s.out.String())
	w.t.Cleanup(s.stop)
	return s
}

func first(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// begin runs serve beside the test. Its clock runs on from the world's.
func (w *world) begin(args ...string) *serving {
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{t: w.t, cancel: cancel, ended: make(chan struct{})}
	began, from := time.Now(), w.clock
	e := Env{
		Stdin: strings.NewReader(""), Stdout: &s.out, Stderr: &s.errs, Login: "ada", Clock: time.Now,
		Now: func() instant.Instant { return from.Add(time.Since(began)) },
	}
	if w.ticking != nil {
		e.Now = w.ticking
	}
	for k, v := range w.env {
		e.Environ = append(e.Environ, k+"="+v)
	}
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"}, args...)
	go func() {
		defer close(s.ended)
		s.code = Run(ctx, args, e)
	}()
	return s
}

// stop ends the daemon, which has a few seconds for it.
func (s *serving) stop() {
	s.t.Helper()
	s.cancel()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatalf("it does not stop:\n%s%s", s.out.String(), s.errs.String())
	}
	if s.code != exitOK {
		s.t.Errorf("it ended with exit code %d:\n%s%s", s.code, s.out.String(), s.errs.String())
	}
	if strings.Contains(s.out.String()+s.errs.String(), "canary-token-9471") {
		s.t.Errorf("the token is shown:\n%s%s", s.out.String(), s.errs.String())
	}
}

// patience bounds what a test waits for. Most comes within a second; how fast the
// program is, benchmarks say, and a machine may be busy. It is shorter than the
// pauses after which the daemon looks anyway, so that a poke that is lost is seen.
const patience = showEvery - 5*time.Second

// until waits for something.
func (s *serving) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.ended:
			s.t.Fatalf("it ended (exit code %d) before %s:\n%s%s", s.code, what, s.out.String(), s.errs.String())
		default:
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: not within %s\n%s%s", what, patience, s.out.String(), s.errs.String())
		}
	}
}

// answered is what a request got.
type answered struct {
	status int
	header http.Header
	body   string
}

// get asks for an address, with a token if there is one.
func get(t *testing.T, url, token string) answered {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return answered{body: err.Error()}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, string(body)}
}

// metric is the value of one line of the metrics.
func (s *serving) metric(name string) string {
	s.t.Helper()
	text := get(s.t, s.metrics, "").body
	for _, line := range strings.Split(text, "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return value
		}
	}
	return ""
}

// eachEngine runs a test in a world on each engine, which has read the first
// scene and taken over who pays.
func eachEngine(t *testing.T, f func(t *testing.T, w *world)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.env["GOODSTANDING_DATABASE"] = dsn(t)
			w.must("sync")
			w.must("members", "adopt", "--all")
			f(t, w)
		})
	}
}

// token makes a token that may read everything.
func (w *world) token() string {
	w.t.Helper()
	args := []string{"token", "create", "test"}
	for _, s := range roll.ProgramScopes() {
		args = append(args, "--scope", string(s))
	}
	return strings.TrimSpace(w.must(args...))
}

// leakless fails when goroutines outlive the rest of the test. It is called
// before the daemon starts.
func leakless(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}
