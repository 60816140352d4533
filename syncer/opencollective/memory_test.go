package opencollective

import (
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
)

// bound is how much the heap may grow while an answer without end is read: the
// largest answer that is let in (DefaultMaxBytes, 16 MiB), once while it grows
// and once more for what the collector has not taken away yet.
const bound = 64 << 20

// An answer of a gigabyte, plain or packed, ends after DefaultMaxBytes.
func TestAnAnswerWithoutEndTakesLittleMemory(t *testing.T) {
	for _, text := range []string{
		"fault huge on DuesOrders", "fault huge on DuesPreflight", "fault huge on DuesTransactions",
		"fault gzip-bomb on DuesOrders", "fault gzip-bomb on DuesTransactions",
	} {
		f := fakeoc.NewFaults(film(t))
		fault, err := fakeoc.ParseFault(text)
		if err == nil {
			err = f.Set(fault)
		}
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(f)
		c := newClient(t, server.URL+"/graphql/v2")
		grown := growth(func() { _, err = pull(t, c) })
		server.Close()
		if e := wantError[*UpstreamDown](t, err); e.What != "the answer is larger than 16 MiB" {
			t.Errorf("%s: %v", text, e)
		}
		if f.List()[0].Struck != 1 {
			t.Errorf("%s struck %d times", text, f.List()[0].Struck)
		}
		t.Logf("%s: the heap grew by %d MiB", text, grown>>20)
		if grown > bound {
			t.Errorf("%s: the heap grew by %d MiB, want at most %d", text, grown>>20, bound>>20)
		}
	}
}

// growth is by how much the heap is larger at its peak, looked at every
// millisecond, than before; garbage that still lies there counts.
func growth(f func()) (most uint64) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	before := heap()
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				most = max(most, heap())
			}
		}
	})
	f()
	close(done)
	wg.Wait()
	return max(most, heap(), before) - before
}
