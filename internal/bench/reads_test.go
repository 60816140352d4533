package bench

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/api"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
)

const (
	// answers are those of each side in a turn.
	answers = 400
	// inTurn is how many members are asked about in turns.
	inTurn = 100
)

// standing is the processor time of an answer how a member stands, with every reason,
// and of the same bytes that nobody worked out. query is what is asked beside.
func standing(tb testing.TB, s *serving, query string) (ours, reference func() float64) {
	var paths []string
	for i := range inTurn {
		paths = append(paths, fmt.Sprintf("/api/v1/members/member-%06d/eligibility%s", i*len(s.ids)/inTurn, query))
	}
	auth := []string{"Authorization", "Bearer " + s.token}
	res, content := body(tb, s.url, paths[0], auth...)
	plain := constant(tb, "/api/v1/members/{member}/eligibility", s.token, res.Header, content)
	return perAnswer(tb, answers, http.StatusOK, s.url, paths, auth...), perAnswer(tb, answers, http.StatusOK, plain, paths, auth...)
}

// standingRate is requests in a second of processor time, by those of the constant.
func standingRate(tb testing.TB) measured {
	ours, reference := standing(tb, assemble(tb, dbtest.SQLiteDSN(tb), 1000).serve(ticking), "")
	return finely(7, reference, ours).atLeast(0.8, "x")
}

// ticking lets the clock of an API go on: an answer is kept for a second, and no longer.
func ticking(o *api.Options) {
	began, now := time.Now(), o.Now
	o.Now = func() instant.Instant { return now().Add(time.Since(began)) }
}

// whilePulling is how long an answer takes while readings of Open Collective are written
// and seen all the time, by how long the constant takes then.
func whilePulling(tb testing.TB) measured {
	a := assemble(tb, dbtest.SQLiteDSN(tb), 1000)
	s := a.serve(ticking)
	auth := []string{"Authorization", "Bearer " + s.token}
	const path = "/api/v1/members/member-000007/eligibility"
	res, content := body(tb, s.url, path, auth...)
	ours := middle(tb, visit(tb, s.url, []string{path}, auth...))
	reference := middle(tb, visit(tb, constant(tb, "/api/v1/members/{member}/eligibility", s.token, res.Header, content), []string{path}, auth...))
	ended, pulls := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { pulls <- n }()
		for {
			select {
			case <-ended:
				return
			default:
				n++
				a.pull(int64(n+1), 1)
				a.ok(s.api.Refresh(tb.Context()))
			}
		}
	}()
	got := ratio(7, reference, ours)
	close(ended)
	m, n := got.atLeast(0.8, "x"), <-pulls
	m.words += fmt.Sprintf(", during %d pulls", n)
	if n < 2 {
		tb.Errorf("only %d pulls were applied meanwhile", n)
	}
	return m
}

// middle is the median of how long one visitor waits for an answer, in seconds, of half
// a second of answers.
func middle(tb testing.TB, v *visitor) func() float64 {
	return func() float64 {
		var all []float64
		began := time.Now()
		for n := 0; time.Since(began) < time.Second/2; n++ {
			all = append(all, wall(func() {
				if status, _, err := v.ask(n); err != nil || status != http.StatusOK {
					tb.Errorf("status %d: %v", status, err)
				}
			}))
		}
		return spreadOf(all).median
	}
}

// withoutDatabase is standingRate once the database is gone.
func withoutDatabase(tb testing.TB) measured {
	s := assemble(tb, dbtest.SQLiteDSN(tb), 1000).serve(ticking)
	ours, reference := standing(tb, s, "")
	if err := s.db.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := s.api.Refresh(tb.Context()); err == nil {
		tb.Fatal("the database is there")
	}
	res, _ := body(tb, s.url, "/api/v1/members/member-000007/eligibility", "Authorization", "Bearer "+s.token)
	if res.Header.Get("Goodstanding-Stale") != "true" {
		tb.Error("the answer does not say that it is stale")
	}
	return finely(7, reference, ours).atLeast(0.8, "x")
}

// growthOfStanding is the processor time of an answer of 100,000 members by that of
// 1,000, and of 10,000. An instant is asked for, so that each answer is worked out: what
// one costs that is kept has nothing to do with how many members there are.
func growthOfStanding(tb testing.TB) measured {
	var per []func() float64
	for _, members := range []int{1000, 10_000, 100_000} {
		a := assemble(tb, dbtest.SQLiteDSN(tb), members)
		ours, _ := standing(tb, a.serve(), "?at="+a.clock().String())
		per = append(per, ours)
	}
	most := finely(3, per[2], per[0])
	m := most.atMost(2, "x from 1,000 to 100,000")
	m.words += fmt.Sprintf(", %s to 10,000", finely(3, per[1], per[0]))
	return m
}

// renderedOnce is what it takes to make the list for one request, as the fastest plain
// code does it, by what an answer takes.
func renderedOnce(tb testing.TB) measured {
	a := assemble(tb, dbtest.SQLiteDSN(tb), 5000)
	a.list()
	s := a.serve()
	const path = "/api/v1/providers"
	book, err := a.roll.Book(tb.Context())
	a.ok(err)
	rendering := func() float64 {
		return processor(tb, func() {
			content, err := json.Marshal(book.Providers(a.clock()))
			if err != nil {
				tb.Fatal(err)
			}
			w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
			if err == nil {
				_, err = w.Write(content)
			}
			if err != nil || w.Close() != nil {
				tb.Fatal(err)
			}
		})
	}
	return ratio(7, rendering, perAnswer(tb, turns*answers/4, http.StatusOK, s.url, []string{path}, "Accept-Encoding", "gzip")).atLeast(200, "x")
}

// providersRate is answers about 5,000 providers in a second of processor time, by those
// of a constant "ok" with the same headers.
func providersRate(tb testing.TB, status int, goal float64) measured {
	a := assemble(tb, dbtest.SQLiteDSN(tb), 5000)
	a.list()
	s := a.serve()
	const path = "/api/v1/providers"
	given := []string{"Accept-Encoding", "gzip"}
	res, _ := body(tb, s.url, path, given...)
	plain := constant(tb, path, "", res.Header, []byte("ok"))
	n := answers / 4
	if status == http.StatusNotModified {
		given, n = append(given, "If-None-Match", res.Header.Get("ETag")), answers
	}
	return finely(7, perAnswer(tb, n, http.StatusOK, plain, []string{path}, given...), perAnswer(tb, n, status, s.url, []string{path}, given...)).atLeast(goal, "x")
}
