package api

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// TestAnAnswerFromMemoryAllocatesLittle: what goes around the answers that programs ask
// for most is made once, and not for each of them.
func TestAnAnswerFromMemoryAllocatesLittle(t *testing.T) {
	w := newWorld(t)
	w.api.o.Log, w.api.o.Observe = zerolog.Nop(), nil
	h := w.api.Handler()
	tag := w.get("/api/v1/providers", "Accept-Encoding: gzip").Header.Get("ETag")
	for _, c := range []struct {
		path    string
		headers []string
		most    float64 // the request, the router and the headers of the test among them
	}{
		{"/api/v1/members/canary-ash/eligibility", []string{"Authorization", "Bearer " + w.token}, 11},
		{"/api/v1/providers", []string{"If-None-Match", tag, "Accept-Encoding", "gzip"}, 10},
	} {
		r := request(t, c.path, c.headers)
		r.Body = http.NoBody
		got := testing.AllocsPerRun(1000, func() {
			one := *r
			h.ServeHTTP(&unsent{header: http.Header{}}, &one)
		})
		if got > c.most {
			t.Errorf("%s: %v allocations, want at most %v", c.path, got, c.most)
		}
	}
}

// unsent is an answer that nobody receives.
type unsent struct{ header http.Header }

func (u *unsent) Header() http.Header         { return u.header }
func (u *unsent) WriteHeader(int)             {}
func (u *unsent) Write(b []byte) (int, error) { return len(b), nil }

// TestUntidy: a path that the router would redirect is no address here.
func TestUntidy(t *testing.T) {
	for path, want := range map[string]bool{"/": false, "/a": false, "/a/": false, "/a/b": false, "": true, "*": true, "a": true, "//": true, "//a": true, "/a//b": true,
		"/a/./b": true, "/a/../b": true, "/a//": true} {
		if got := untidy(path); got != want {
			t.Errorf("%q: %v, want %v", path, got, want)
		}
	}
}

// BenchmarkReads compares answers with a constant body of the same size, sent
// through the same guard, router and check of the token. Each pair is measured
// in turns within one run; "ratio" is constant/answer: 1.0 is as fast as a
// constant.
func BenchmarkReads(b *testing.B) {
	w := newWorld(b)
	for i := range 200 {
		w.add(roll.NewMember{Name: fmt.Sprintf("Member %d", i), Kind: member.Organisation, Since: instant.Date(2025, 1, 1)})
	}
	w.refresh()
	w.api.o.Log, w.api.o.Observe = zerolog.Nop(), nil
	tag := w.get("/api/v1/providers", "Accept-Encoding: gzip").Header.Get("ETag")
	for _, c := range []struct {
		name, operation, path string
		headers               []string
	}{
		{"eligibility", "getEligibility", "/api/v1/members/canary-ash/eligibility", []string{"Authorization", "Bearer " + w.token}},
		{"providers-304", "getProviders", "/api/v1/providers", []string{"If-None-Match", tag, "Accept-Encoding", "gzip"}},
		{"providers-gzip", "getProviders", "/api/v1/providers", []string{"Accept-Encoding", "gzip"}},
		{"members", "getMembers", "/api/v1/members", nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			live := w.api.Handler()
			constant := w.api.constant(b, c.operation, once(b, live, c.path, c.headers))
			over(b, constant, live, c.path, c.headers)
		})
	}
}

// constant is the same route with an answer that was made before.
func (a *API) constant(b *testing.B, operation string, content []byte) http.Handler {
	made := newBody(kindJSON, content)
	for _, r := range routes() {
		if r.operation == operation {
			r.answer, r.query = static(func() *body { return made }), nil
			mux := http.NewServeMux()
			mux.Handle(r.path, a.dispatch([]route{r}))
			return a.guard(mux)
		}
	}
	b.Fatalf("there is no %s", operation)
	return nil
}

func once(b *testing.B, h http.Handler, path string, headers []string) []byte {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, request(b, path, headers))
	if rec.Code != 200 && rec.Code != 304 {
		b.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
	return rec.Body.Bytes()
}

func request(b testing.TB, url string, headers []string) *http.Request {
	r, err := http.NewRequestWithContext(b.Context(), "GET", url, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:1"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// over measures two handlers in turns, over real connections.
func over(b *testing.B, constant, live http.Handler, path string, headers []string) {
	var took [2]time.Duration
	var urls [2]string
	for i, h := range []http.Handler{constant, live} {
		s := httptest.NewServer(h)
		b.Cleanup(s.Close)
		urls[i] = s.URL + path
	}
	for b.Loop() {
		for i, url := range urls {
			start := time.Now()
			res, err := http.DefaultTransport.RoundTrip(request(b, url, headers))
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			took[i] += time.Since(start)
			if res.StatusCode >= 400 {
				b.Fatalf("%s: %d", url, res.StatusCode)
			}
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "ratio")
	b.ReportMetric(float64(took[1].Microseconds())/float64(b.N), "µs/answer")
}
