package syncer

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// A live server that fails in turn: the facts stay as they are until it is
// good again, and nothing of a bad answer is believed.
func TestAServerThatFailsInTurn(t *testing.T) {
	onBoth(t, func(w *world) {
		f, err := fakeoc.NewFilm()
		if err != nil {
			w.t.Fatal(err)
		}
		var broken atomic.Pointer[http.HandlerFunc]
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if h := broken.Load(); h != nil {
				(*h)(rw, r)
				return
			}
			f.ServeHTTP(rw, r)
		}))
		w.t.Cleanup(server.Close)
		client, err := opencollective.New(opencollective.Options{
			URL: server.URL + "/graphql/v2", Token: strings.Repeat("a", 40), Now: w.clock, Clock: time.Now, PerMinute: 1_000_000,
		})
		if err != nil {
			w.t.Fatal(err)
		}
		s := w.syncer(client)
		s.slug = f.Slug()
		w.show(f, 0)
		w.pull(s)
		w.show(f, 1)
		before := w.rows()
		for i, c := range []struct {
			status        int
			body, outcome string
		}{
			{429, `{"error":{"message":"Rate limit exceeded. Contact-us to get higher limits."}}`, "rate_limited"},
			{500, `{"error":{"message":"Something went wrong"}}`, "upstream_down"},
			{200, `{"data":null}`, "upstream_down"},
			{200, `{"data":{"me":null,"account":null}}`, "slug_unknown"},
		} {
			h := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "application/json; charset=utf-8")
				rw.Header().Set("Retry-After", "0.2")
				rw.WriteHeader(c.status)
				fmt.Fprint(rw, c.body)
			})
			broken.Store(&h)
			w.later(time.Second)
			if _, err := s.Pull(t.Context()); err == nil {
				w.t.Errorf("%d %s was taken for an answer", c.status, c.body)
			}
			if p := w.pulls()[0]; p.Outcome != c.outcome {
				w.t.Errorf("%d %s was noted as %s %s, want %s", c.status, c.body, p.Outcome, p.Detail, c.outcome)
			}
			if got := w.added(before); got != fmt.Sprintf("pull %d", i+1) {
				w.t.Errorf("%d %s added %s", c.status, c.body, got)
			}
		}
		broken.Store(nil)
		if r := w.pull(s); r.Changed != 1 || r.Snapshot != 2 {
			w.t.Errorf("the good answer: %+v", r)
		}
	})
}
