package bench

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// heap is what the heap holds now, garbage included.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// collect leaves nothing in the heap that is not used: pools let go of what they hold the
// second time.
func collect() {
	runtime.GC()
	runtime.GC()
}

// most is the most that the heap holds while f runs, looked at every millisecond.
func most(f func()) (peak uint64) {
	done, seen := make(chan struct{}), make(chan uint64)
	go func() {
		var peak uint64
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, heap())
			select {
			case <-done:
				seen <- peak
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	return <-seen
}

// measureMemory is what the program needs at most to pull a crowd again of whom all are
// members, what it keeps of the pull before included, and the answers of the fake not:
// they lie outside of the heap, which may grow by as much as it holds before the collector
// looks at it again.
func measureMemory(tb testing.TB) measured {
	const n, fixed = 100_000, 64 << 20
	t := taped(tb, n).apart(tb)
	collect()
	before := heap()
	h := pullingFrom(tb, t, n)
	collect()
	idle := heap()
	peak := most(func() { h.pull(0) })
	per := func(bytes uint64) float64 { return (float64(bytes) - float64(before)) / n }
	each := per(peak) - fixed/float64(n)
	return measured{fmt.Sprintf("%s B beside 64 MiB; of that %s B between pulls", number(each), number(per(idle))), each <= 600}
}
