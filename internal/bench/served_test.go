package bench

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/api"
	"coopcloud.tech/goodstanding/internal/metrics"
	"coopcloud.tech/goodstanding/roll"
)

// serving is the API of an assembly, on a server of its own.
type serving struct {
	*assembly
	api   *api.API
	url   string
	token string // of a program that may read everything
}

// serve answers from memory, with what was read just now, and counts its answers as the
// daemon does.
func (a *assembly) serve(change ...func(*api.Options)) *serving {
	a.tb.Helper()
	var scopes []string
	for _, s := range roll.ProgramScopes() {
		scopes = append(scopes, string(s))
	}
	s := &serving{assembly: a}
	var err error
	s.token, _, err = a.roll.CreateToken(a.tb.Context(), a.operator(), "bench", scopes, 0)
	a.ok(err)
	o := api.Options{Roll: a.roll, Chair: a.chair, DB: a.db, Now: a.clock, Federation: api.Federation{Name: "Loose Knot", URL: "https://knot.example.org"}, Log: zerolog.Nop(),
		Observe: metrics.New("bench", "").Served}
	for _, f := range change {
		f(&o)
	}
	s.api, err = api.New(o)
	a.ok(err)
	a.ok(s.api.Refresh(a.tb.Context()))
	s.url = plainly(a.tb, s.api.Handler())
	return s
}

// plainly is a handler on a server of its own.
func plainly(tb testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	tb.Cleanup(server.Close)
	return server.URL
}

// constant is the fastest plain way to answer one address as the program does: the
// same bytes with the same headers, for whoever sends the token. "" is no token.
func constant(tb testing.TB, pattern, token string, like http.Header, body []byte) string {
	var names []string
	var values [][]string
	for name, value := range like {
		if name != "Date" && name != "Content-Length" {
			names, values = append(names, name), append(values, value)
		}
	}
	length := []string{strconv.Itoa(len(body))}
	known := map[[sha256.Size]byte]bool{sha256.Sum256([]byte("Bearer " + token)): true}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for i, name := range names {
			h[name] = values[i]
		}
		if token != "" && !known[sha256.Sum256([]byte(r.Header.Get("Authorization")))] {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h["Content-Length"] = length
		_, _ = w.Write(body) // the client is this process
	})
	return plainly(tb, mux)
}

// visitor asks the same things again and again over one connection. It understands as
// much of HTTP as the answers here need, so that what is measured is the server.
type visitor struct {
	requests [][]byte // in turns
	conn     net.Conn
	in       *bufio.Reader
}

func visit(tb testing.TB, base string, paths []string, headers ...string) *visitor {
	tb.Helper()
	host := strings.TrimPrefix(base, "http://")
	v := &visitor{}
	for _, path := range paths {
		var b bytes.Buffer
		fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host)
		for i := 0; i < len(headers); i += 2 {
			fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
		}
		v.requests = append(v.requests, append(b.Bytes(), "\r\n"...))
	}
	var err error
	if v.conn, err = net.Dial("tcp", host); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = v.conn.Close() })
	v.in = bufio.NewReaderSize(v.conn, 64<<10)
	return v
}

// ask asks for the nth, and gives the status and the length of the body.
func (v *visitor) ask(n int) (status, length int, err error) {
	if _, err := v.conn.Write(v.requests[n%len(v.requests)]); err != nil {
		return 0, 0, err
	}
	for {
		line, err := v.in.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		switch {
		case bytes.HasPrefix(line, []byte("HTTP/1.1 ")):
			status, err = strconv.Atoi(string(line[9:12]))
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			length, err = strconv.Atoi(string(bytes.TrimSpace(line[16:])))
		case len(line) == 2:
			_, err = io.CopyN(io.Discard, v.in, int64(length))
			return status, length, err
		}
		if err != nil {
			return 0, 0, err
		}
	}
}

// atOnce is how many ask at the same time.
const atOnce = 4

// perAnswer is the processor time that an answer takes, client and server together,
// in seconds, where several ask at once.
func perAnswer(tb testing.TB, answers, status int, base string, paths []string, headers ...string) func() float64 {
	tb.Helper()
	var visitors []*visitor
	for range atOnce {
		visitors = append(visitors, visit(tb, base, paths, headers...))
	}
	return func() float64 {
		return processor(tb, func() {
			var all sync.WaitGroup
			for _, v := range visitors {
				all.Go(func() {
					for n := range answers / atOnce {
						if got, _, err := v.ask(n); err != nil || got != status {
							tb.Errorf("%s: status %d, want %d: %v", paths[0], got, status, err)
							return
						}
					}
				})
			}
			all.Wait()
		}) / float64(answers)
	}
}

// body is what an address answers.
func body(tb testing.TB, base, path string, headers ...string) (*http.Response, []byte) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, base+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s: %v: %s", path, res.Status, err, b)
	}
	return res, b
}
