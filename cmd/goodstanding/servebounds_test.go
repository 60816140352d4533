package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// dawdle opens a connection, sends some bytes and says after how long the other side
// ended it, and what came before that.
func dawdle(t *testing.T, address string, send ...string) (time.Duration, string) {
	t.Helper()
	began := time.Now() // before the other side knows of it, whose time begins as the connection does
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(began.Add(patience)); err != nil {
		t.Fatal(err)
	}
	for _, one := range send {
		if _, err := io.WriteString(c, one); err != nil {
			t.Fatal(err)
		}
	}
	got, err := io.ReadAll(c)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Errorf("after %q it is still open", send)
	}
	return time.Since(began), string(got)
}

// TestWhoDawdlesIsCutOff: a client that sends its head or its body by drops, or asks
// nothing, has a bounded time. The same with the bounds that are usual takes minutes.
func TestWhoDawdlesIsCutOff(t *testing.T) {
	short := bounds{header: 50 * time.Millisecond, read: 200 * time.Millisecond, write: time.Second, idle: 100 * time.Millisecond}
	s := httptest.NewUnstartedServer(nil)
	s.Config = short.server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	}))
	s.Start()
	defer s.Close()
	address := s.Listener.Addr().String()
	for what, x := range map[string]struct {
		send  string
		least time.Duration
	}{
		"half a head":       {"GET / HTTP/1.1\r\nHost: x\r\n", short.header},
		"nothing":           {"", short.header},
		"half a body":       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow", short.read},
		"one and then none": {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", short.idle},
	} {
		if took, got := dawdle(t, address, x.send); took < x.least || strings.Contains(got, "200 OK") != (what == "one and then none") {
			t.Errorf("%s: ended after %s, answered %q", what, took, got)
		}
	}
	if usual != (bounds{5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute}) {
		t.Errorf("the bounds of the daemon are %v: docs/threats.md says others", usual)
	}
}

// TestEveryAnswerIsGuarded: all that the API's document names, pages, what is no
// address, and the metrics say to a browser what it must not do with the answer; a head
// or an address that is too long is refused.
func TestEveryAnswerIsGuarded(t *testing.T) {
	w := adopted(t)
	s := w.serve()
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(get(t, s.url+"/api/v1/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	asked := 0
	check := func(method, address string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		asked++
		h := res.Header
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cross-Origin-Resource-Policy") == "" {
			t.Errorf("%s %s (%d) is answered with %v", method, address, res.StatusCode, h)
		}
	}
	for path, ways := range doc.Paths {
		path = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "none")
		for way := range ways {
			if way != "parameters" {
				check(strings.ToUpper(way), s.url+path)
			}
		}
		check("BREW", s.url+path)
	}
	for _, path := range []string{"/", "/members", "/me", "/sign-in", "/nothing", "//", "/style.css", "/api/v1/nothing", "/sign-in?" + strings.Repeat("a", 9000)} {
		check(http.MethodGet, s.url+path)
	}
	check(http.MethodGet, s.metrics)
	check(http.MethodPost, s.metrics)
	if asked < 100 {
		t.Errorf("only %d addresses were asked", asked)
	}
	for query, want := range map[string]int{strings.Repeat("a", 8<<10): 200, strings.Repeat("a", 8<<10+1): 414} {
		if got := get(t, s.url+"/sign-in?"+query, ""); got.status != want {
			t.Errorf("%d bytes after the question mark: %d", len(query), got.status)
		}
	}
	address := strings.TrimPrefix(s.url, "http://")
	if _, got := dawdle(t, address, "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", strings.Repeat("a", 2*mostHeader), "\r\n\r\n"); !strings.Contains(got, "431") {
		t.Errorf("a large head is answered with %q", got)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("a", mostHeader/2))
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("an ordinary one with %q, %v", line, err)
	}
}

// TestChangesHaveAPace: whoever has a session, a person's token or a program's may
// change much at once and not without end; others go on, and so does reading.
func TestChangesHaveAPace(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "bo@people.example", "--name", "Bo", "--delegate-of", "foxtrot")
	w.must("people", "add", "cy@people.example", "--name", "Cy", "--delegate-of", "alfa")
	bot := strings.TrimSpace(w.must("token", "create", "bot", "--for", "Bo", "--scope", "ballots:write", "--scope", "decisions:read"))
	address := freePort(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	s := w.serve("--listen", address)
	enter := func(who string) *visitor {
		v := visits(t, s.url)
		link := strings.TrimSpace(w.must("people", "sign-in-link", who, "--reason", "a test"))
		v.posts("/sign-in/link", url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}})
		return v
	}
	bo, cy := enter("Bo"), enter("Cy")
	wish := func(v *visitor) (int, string) {
		status, _, body := v.does(http.MethodPost, "/me/notices", url.Values{"language": {"en"}})
		return status, body
	}
	let := 0
	for status := 0; status != http.StatusTooManyRequests; let++ {
		var body string
		if status, body = wish(bo); status == http.StatusTooManyRequests {
			has(t, body, "A moment, please", "this was not done")
		}
		if let > 4*changesAtOnce {
			t.Fatal("nothing bounds it")
		}
	}
	if let < changesAtOnce {
		t.Errorf("%d changes were let through, want at least %d", let, changesAtOnce)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url+"/api/v1/decisions/1/ballots/foxtrot", strings.NewReader(`{"answer":"favour"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bot)
	req.Header.Set("Content-Type", "application/json")
	for end := time.Now().Add(patience); ; { // each second one more is let through
		res, err := http.DefaultClient.Do(req.Clone(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		req.Body = io.NopCloser(strings.NewReader(`{"answer":"favour"}`))
		if res.StatusCode == http.StatusTooManyRequests {
			has(t, string(text), "urn:goodstanding:problem:too-often", "nothing was changed: wait 1 s and send it again")
			if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || n != 1 {
				t.Errorf("Retry-After: %s", res.Header.Get("Retry-After"))
			}
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the person's token is not counted with the person: %d %s", res.StatusCode, text)
		}
	}
	if status, _ := wish(cy); status == http.StatusTooManyRequests {
		t.Error("somebody else has to wait")
	}
	if status, _, _ := bo.gets("/me"); status != http.StatusOK {
		t.Errorf("reading is answered with %d", status)
	}
	s.until("after a while it goes on", func() bool { status, _ := wish(bo); return status != http.StatusTooManyRequests })
}
