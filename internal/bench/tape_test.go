package bench

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// slug is the collective of all figures.
const slug = "loose-knot"

// crowd is a collective that n payers began to support within one day, monthly and in
// equal parts by the most common methods; each has been charged once.
func crowd(tb testing.TB, n int) *fakeoc.World {
	tb.Helper()
	w := fakeoc.NewWorld(instant.Date(2026, 6, 1), 1)
	do := func(line string, args ...any) {
		if err := w.Do(fmt.Sprintf(line, args...)); err != nil {
			tb.Fatal(err)
		}
	}
	do("collective %s EUR host=open-purse admin=ada-admin", slug)
	do("token %s ada-admin", secret)
	do("tier member MONTHLY 10.00 name=Federation_member")
	for i := range n {
		do("join payer-%d EUR 10 monthly tier=member", i)
	}
	return w
}

const secret = "0123456789abcdef0123456789abcdef01234567"

// tape is what the fake answered to a pull, by request, to be given again: the work
// of the fake itself is not what is measured.
type tape struct {
	// asked is when the pull was made, by the clock of facts.
	asked   instant.Instant
	answers map[string][]byte
}

// tapes are those that were recorded already, by number of orders.
var tapes = struct {
	sync.Mutex
	of map[int]*tape
}{of: map[int]*tape{}}

// taped records a first pull of a crowd, which reads everything, and one that reads
// what a later pull does.
func taped(tb testing.TB, n int) *tape {
	tb.Helper()
	tapes.Lock()
	defer tapes.Unlock()
	if t := tapes.of[n]; t != nil {
		return t
	}
	w := crowd(tb, n)
	t := &tape{asked: w.Now().Add(time.Hour), answers: map[string][]byte{}}
	server := httptest.NewServer(t.recording(tb, fakeoc.NewServer(w, fakeoc.ServerOptions{NoLimit: true})))
	defer server.Close()
	c := t.client(tb, server.URL, func() instant.Instant { return t.asked })
	for _, from := range []instant.Instant{0, t.asked.AddMonths(-13)} {
		snap, err := c.Pull(tb.Context(), opencollective.PullRequest{Slug: slug, TransactionsFrom: from})
		if err != nil || len(snap.Orders) != n || len(snap.Charges) != n {
			tb.Fatalf("the fake shows %d orders and %d charges of %d: %v", len(snap.Orders), len(snap.Charges), n, err)
		}
	}
	tapes.of[n] = t
	return t
}

// apart is the tape of a crowd with its answers outside of the heap. It is the only one
// of that crowd from then on: the client that recorded it would hold the answers until the
// end, in the heap.
func (t *tape) apart(tb testing.TB) *tape {
	tb.Helper()
	size := 0
	for _, answer := range t.answers {
		size += len(answer)
	}
	room, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		tb.Fatal(err)
	}
	whole := room
	tb.Cleanup(func() { _ = syscall.Munmap(whole) })
	out := &tape{asked: t.asked, answers: map[string][]byte{}}
	for asked, answer := range t.answers {
		n := copy(room, answer)
		out.answers[asked], room = room[:n:n], room[n:]
	}
	clear(t.answers)
	tapes.Lock()
	defer tapes.Unlock()
	maps.DeleteFunc(tapes.of, func(_ int, kept *tape) bool { return kept == t })
	return out
}

// recording answers as the fake does and keeps what it answered.
func (t *tape) recording(tb testing.TB, fake http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		if err != nil {
			tb.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(asked))
		kept := httptest.NewRecorder()
		fake.ServeHTTP(kept, r)
		t.answers[string(asked)] = kept.Body.Bytes()
		maps.Copy(w.Header(), kept.Header())
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	}
}

// play is a server that gives the answers again.
func (t *tape) play(tb testing.TB) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		answer, ok := t.answers[string(asked)]
		if err != nil || !ok {
			http.Error(w, "not on the tape", http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(answer)
	}))
	tb.Cleanup(server.Close)
	return server
}

// client reads a server of the tape, by that clock. It waits for nobody: how often it may
// ask is a figure of its own.
func (t *tape) client(tb testing.TB, url string, now func() instant.Instant) *opencollective.Client {
	tb.Helper()
	c, err := opencollective.New(opencollective.Options{
		URL: url + "/graphql/v2", Token: secret, Version: "bench", PerMinute: 1_000_000,
		Now: now, Clock: time.Now,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// pages are the answers of the pull that is not the first, in no order.
func (t *tape) pages() [][]byte {
	var all [][]byte
	for asked, answer := range t.answers {
		if !bytes.Contains([]byte(asked), []byte(`"2010-01-01T`)) {
			all = append(all, answer)
		}
	}
	return all
}
