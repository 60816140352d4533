package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// voter is somebody signed in who votes over one connection again and again.
type voter struct {
	cookie, path string
	n            int // ballots so far: each is another one than the last
}

// ballotsHTTP is ballots over HTTP in a second, by answers of a handler that does nothing
// once it has found out in the same way who asks.
func ballotsHTTP(tb testing.TB) measured {
	a := assemble(tb, dbtest.DurablePostgres(tb).DSN(tb), clients)
	s := a.open()
	id := a.opened(1)[0]
	var voters []*voter
	for i := range clients {
		voters = append(voters, &voter{cookie: s.signsIn(a.who[i]), path: fmt.Sprintf("/api/v1/decisions/%s/ballots/%s", id, a.ids[i])})
	}
	a.ok(s.api.Refresh(tb.Context()))
	nothing := plainly(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, in, err := s.signin.SignedIn(r, a.clock()); err != nil || !in {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	cast := int64(0)
	ours := func() float64 {
		n, rate := sendBallots(tb, s.url, voters, http.StatusOK)
		cast += n
		return rate
	}
	reference := func() float64 {
		_, rate := sendBallots(tb, nothing, voters, http.StatusNoContent)
		return rate
	}
	m := ratio(3, ours, reference).atLeast(0.4, "x")
	a.whole(tb.Context(), cast+2)
	return m
}

// sendBallots has all voters send ballots for a while, and says how many were taken,
// and in a second.
func sendBallots(tb testing.TB, base string, voters []*voter, status int) (n int64, perSecond float64) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), voteFor)
	defer cancel()
	host := strings.TrimPrefix(base, "http://")
	var all sync.WaitGroup
	var mu sync.Mutex
	began := time.Now()
	for _, v := range voters {
		all.Go(func() {
			mine, err := v.votes(ctx, host, status)
			if err != nil {
				tb.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			n += mine
		})
	}
	all.Wait()
	return n, float64(n) / time.Since(began).Seconds()
}

// votes sends one ballot after the other until the context ends.
func (v *voter) votes(ctx context.Context, host string, status int) (n int64, err error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for ctx.Err() == nil {
		body := fmt.Sprintf(`{"answer":%q}`, []string{"favour", "abstain"}[v.n%2])
		if _, err := fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", v.path, host, v.cookie, len(body), body); err != nil {
			return n, err
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return n, err
		}
		said, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != status {
			return n, fmt.Errorf("%s: %s: %w", v.path, said, err)
		}
		n++
		if status == http.StatusOK {
			v.n++
		}
	}
	return n, nil
}
