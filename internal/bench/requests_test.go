package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// asked are the requests of one pull, by query, and when they came.
type asked struct {
	by    map[string]int
	times []time.Time
}

// inProcess hands requests to a server of this process, without any network.
type inProcess struct {
	server http.Handler
	asked  *asked
}

// RoundTrip answers.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	kept := httptest.NewRecorder()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	t.asked.times = append(t.asked.times, time.Now())
	for _, query := range []string{"Preflight", "OrdersFrom", "Orders", "TransactionsFrom", "Transactions", "RefundsFrom", "Refunds"} {
		if bytes.Contains(body, []byte("query Dues"+query+"(")) {
			t.asked.by[query]++
		}
	}
	t.server.ServeHTTP(kept, r)
	return kept.Result(), nil
}

// requests counts those of a first pull of a crowd of n, on a clock of its own, so
// that no minute has to be waited for.
func requests(t *testing.T, n, perMinute int) (a *asked) {
	a = &asked{by: map[string]int{}}
	synctest.Test(t, func(t *testing.T) {
		w := crowd(t, n)
		server := fakeoc.NewServer(w, fakeoc.ServerOptions{NoLimit: true, Clock: time.Now})
		c, err := opencollective.New(opencollective.Options{
			URL: "http://127.0.0.1/graphql/v2", Token: secret, Version: "bench", PerMinute: perMinute,
			Now: func() instant.Instant { return w.Now() }, Clock: time.Now, Transport: inProcess{server, a},
		})
		if err != nil {
			t.Fatal(err)
		}
		snap, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: slug})
		if err != nil || len(snap.Orders) != n || snap.Requests != len(a.times) {
			t.Fatalf("%d orders of %d in %d requests, of which %d came: %v", len(snap.Orders), n, snap.Requests, len(a.times), err)
		}
	})
	return a
}

// busiest is the most requests that came within any minute.
func (a *asked) busiest() (most int) {
	for i := range a.times {
		n := 0
		for _, at := range a.times[i:] {
			if at.Sub(a.times[i]) < time.Minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// stated is how many requests a pull of n orders with a charge each takes: one to look
// at the collective, one for a thousand orders, one for ten thousand charges, one for
// the refunds. Each list goes on from its last row, which comes again.
func stated(n int) (orders, all int) {
	pages := func(size int) int { return 1 + max(0, n-2)/(size-1) }
	if n <= 1000 {
		orders = 1
	} else {
		orders = pages(1000)
	}
	charges := 1
	if n > 10_000 {
		charges = pages(10_000)
	}
	return orders, 1 + orders + charges + 1
}

// TestRequestCount holds the number of requests of a pull to what is stated, and the
// busiest minute to upstream's limit.
func TestRequestCount(t *testing.T) {
	for _, n := range []int{1, 1000, 1001, 1999, 2000, 10_000} {
		a := requests(t, n, 100)
		orders, all := stated(n)
		if got := a.by["Orders"] + a.by["OrdersFrom"]; got != orders || len(a.times) != all {
			t.Errorf("%d orders took %d requests for orders and %d in all, want %d and %d: %v", n, got, len(a.times), orders, all, a.by)
		}
		if n <= 1000 && orders != 1 || n > 1000 && float64(orders) > 1.1*float64(n)/1000+1 {
			t.Errorf("%d orders in %d requests is more than the goal", n, orders)
		}
	}
	a := requests(t, 3000, 4) // whoever allows four
	if most := a.busiest(); most > 4 || a.times[len(a.times)-1].Sub(a.times[0]) < time.Minute {
		t.Errorf("%d requests came within a minute of which upstream allows 4", most)
	}
}

// measureRequests is of a crowd that needs longer than upstream's minute.
func measureRequests(tb testing.TB) measured {
	t, ok := tb.(*testing.T)
	if !ok {
		tb.Fatal("it needs a clock of its own")
	}
	const n = 100_000
	a := requests(t, n, 100)
	orders := a.by["Orders"] + a.by["OrdersFrom"]
	one := requests(t, 1000, 100)
	words := fmt.Sprintf("%d for 1,000, %d for 100,000, with %d for the rest; %d in the busiest minute of 100",
		one.by["Orders"], orders, len(a.times)-orders, a.busiest())
	_, all := stated(n)
	return measured{words, one.by["Orders"] == 1 && float64(orders) <= 1.1*n/1000 && len(a.times) == all && a.busiest() <= 100}
}
