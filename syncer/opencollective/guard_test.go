package opencollective

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const goodPreflight = `{"data":{"me":{"id":"m"},"account":{"id":"acc_c","publicId":"acc_c","legacyId":1,"slug":"coop-cloud-test",` +
	`"name":"C","type":"COLLECTIVE","currency":"GBP","isActive":true,"isArchived":false,"isFrozen":false,"isSuspended":false,"isAdmin":true}}}`

func preflight(t testing.TB, c *Client) error {
	t.Helper()
	_, err := c.Preflight(t.Context(), PullRequest{Slug: slug})
	clean(t, err)
	return err
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func through(rt http.RoundTripper) func(*Options) { return func(o *Options) { o.Transport = rt } }

func TestWhatIsSent(t *testing.T) {
	var got *http.Request
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		answer(200, goodPreflight)(w, r)
	})
	if err := preflight(t, newClient(t, url)); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"Personal-Token": canary,
		"User-Agent":     "goodstanding/1.2.3 (+https://example.test)",
		"Accept":         "application/json",
		"Content-Type":   "application/json",
		"Authorization":  "",
		"Cookie":         "",
	} {
		if got.Header.Get(header) != want {
			t.Errorf("%s: %q, want %q", header, got.Header.Get(header), want)
		}
	}
	if got.Method != http.MethodPost || got.URL.String() != "/graphql/v2" {
		t.Errorf("%s %s: the address says more than it has to", got.Method, got.URL)
	}
	if err := preflight(t, newClient(t, url, withoutToken)); err != nil {
		t.Fatal(err)
	}
	if _, has := got.Header["Personal-Token"]; has {
		t.Error("an empty token is sent")
	}
}

// The request that the library holds (and could print) never has the token.
func TestTheLibraryNeverSeesTheToken(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1/graphql/v2", through(roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("Personal-Token") != canary {
			t.Error("the token is not sent")
		}
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {jsonType}}, Body: io.NopCloser(strings.NewReader(goodPreflight))}, nil
	})))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.o.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&guard{client: c, doc: preflightDoc, room: new(room)}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, text := range []string{fmt.Sprint(req.Header), fmt.Sprint(resp.Request.Header), fmt.Sprint(resp.Header)} {
		if strings.Contains(text, canary) {
			t.Error("the token is on what the library sees")
		}
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != `{"data":{}}` {
		t.Errorf("%s, %v", body, err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var followed atomic.Int32
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) { followed.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(status)
		})
		if e := wantError[*UpstreamDown](t, preflight(t, newClient(t, url))); e.Status != status {
			t.Errorf("%d: %v", status, e)
		}
	}
	if followed.Load() != 0 {
		t.Errorf("%d redirects were followed, with the token", followed.Load())
	}
}

// hang writes what it is given, a byte at a time with pauses, and then stays
// silent until the client leaves.
func hang(text string, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client left
		w.Header().Set("Content-Type", jsonType)
		for i := range len(text) {
			_, _ = io.WriteString(w, text[i:i+1])
			w.(http.Flusher).Flush()
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				return
			}
		}
		<-r.Context().Done()
	}
}

func TestTime(t *testing.T) {
	short := func(o *Options) { o.Timeout = 150 * time.Millisecond }
	for name, h := range map[string]http.HandlerFunc{
		"silence":                hang("", 0),
		"silence after the head": hang(" ", 0),
		"silence in the body":    hang(goodPreflight[:40], 0),
		"a slow drip":            hang(goodPreflight, 10*time.Millisecond),
	} {
		began := time.Now()
		e := wantError[*UpstreamDown](t, preflight(t, newClient(t, serve(t, h), short)))
		if e.What != "no complete answer within 150ms" || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %s after %s", name, e.What, time.Since(began))
		}
	}
	if c := newClient(t, ""); c.o.Timeout != 25*time.Second || c.o.URL != DefaultURL {
		t.Errorf("by default %s and %s", c.o.Timeout, c.o.URL)
	}
}

func TestTheCallersContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	_, err := c.Preflight(ctx, PullRequest{Slug: slug})
	if !errors.Is(err, context.Canceled) || ClassOf(err) != ClassCancelled {
		t.Errorf("cancelled on the way: %v", err)
	}
	_, err = c.Preflight(ctx, PullRequest{Slug: slug})
	if !errors.Is(err, context.Canceled) || ClassOf(err) != ClassCancelled {
		t.Errorf("cancelled before: %v", err)
	}
	if _, again := RetryOf(err); again {
		t.Error("a cancelled request is not to be repeated")
	}
	clean(t, err)
}

func TestBrokenConnections(t *testing.T) {
	hijacked := func(text string, linger int) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, text)
			_ = conn.(*net.TCPConn).SetLinger(linger) // 0 makes closing a reset
			_ = conn.Close()
		})
	}
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n"
	for name, tt := range map[string]struct{ url, what string }{
		"closed before the head": {hijacked("", -1), "the connection failed"},
		"cut off in the body":    {hijacked(head+`{"data":{"account":`, -1), "the answer broke off"},
		"no HTTP":                {hijacked("SSH-2.0-x\r\n", -1), "the connection failed"},
		"nobody listens":         {"http://127.0.0.1:1/graphql/v2", "the connection was refused"},
	} {
		if e := wantError[*UpstreamDown](t, preflight(t, newClient(t, tt.url))); e.What != tt.what {
			t.Errorf("%s: %s, want %s", name, e.What, tt.what)
		}
	}
	// A reset shows itself in more than one way, by what had arrived before it.
	wantError[*UpstreamDown](t, preflight(t, newClient(t, hijacked(head+`{"data":`, 0))))

	for what, cause := range map[string]error{
		"its name cannot be resolved": &net.DNSError{Err: "no such host", Name: canary},
		"the connection timed out":    &net.OpError{Op: "dial", Err: timeoutError{}},
		"the connection failed":       errors.New("tls: " + canary + mail),
	} {
		c := newClient(t, "", through(roundTripper(func(*http.Request) (*http.Response, error) { return nil, cause })))
		if e := wantError[*UpstreamDown](t, preflight(t, c)); e.What != what {
			t.Errorf("%v: %s, want %s", cause, e.What, what)
		}
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// However much upstream sends, as it is or packed, no more than the bound is read.
func TestSize(t *testing.T) {
	small := func(o *Options) { o.MaxBytes = 1 << 20 }
	var written atomic.Int64
	endless := func(packed bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			var out io.Writer = w
			if packed {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				defer z.Close()
				out = z
			}
			block := bytes.Repeat([]byte(" "), 64<<10)
			for range 16 << 10 { // a gigabyte
				n, err := out.Write(block)
				if written.Add(int64(n)); err != nil {
					return
				}
			}
		}
	}
	for name, packed := range map[string]bool{"as it is": false, "packed": true} {
		written.Store(0)
		e := wantError[*UpstreamDown](t, preflight(t, newClient(t, serve(t, endless(packed)), small)))
		if e.What != "the answer is larger than 1 MiB" {
			t.Errorf("%s: %s", name, e.What)
		}
		if !packed && written.Load() > 64<<20 {
			t.Errorf("%s: upstream could send %d bytes", name, written.Load())
		}
	}
	exact := goodPreflight + strings.Repeat(" ", 1<<20-len(goodPreflight))
	if err := preflight(t, newClient(t, serve(t, answer(200, exact)), small)); err != nil {
		t.Errorf("exactly the bound: %v", err)
	}
}

func TestPackedAnswersAreRead(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("packed answers are not asked for")
		}
		w.Header().Set("Content-Type", "application/graphql-response+json; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		_, _ = io.WriteString(z, goodPreflight)
	})
	if err := preflight(t, newClient(t, url)); err != nil {
		t.Error(err)
	}
	url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, goodPreflight)
	})
	wantError[*UpstreamDown](t, preflight(t, newClient(t, url)))
}

func TestObserve(t *testing.T) {
	var seen []string
	c := newClient(t, except(t, "DuesTransactions", answer(503, `{}`)), func(o *Options) {
		o.Observe = func(op, class string, took time.Duration) {
			if took < 0 {
				t.Errorf("%s took %s", op, took)
			}
			seen = append(seen, op+" "+class)
		}
	})
	_, err := pull(t, c)
	wantError[*UpstreamDown](t, err)
	want := "[preflight ok orders ok paused ok transactions upstream_down]"
	if fmt.Sprint(seen) != want {
		t.Errorf("%v, want %s", seen, want)
	}
}

// One client, many users at once.
func TestConcurrentUse(t *testing.T) {
	c := newClient(t, twist(t, "none", nil))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if snap, err := pull(t, c); err != nil || len(snap.Orders) != 44 {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
}
