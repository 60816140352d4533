package syncer

import (
	"runtime/debug"
	"testing"
)

// percent is what the collector is told.
func percent() int {
	now := debug.SetGCPercent(-1)
	debug.SetGCPercent(now)
	return now
}

// While any pull goes on the heap grows by less, and afterwards as before; who wants less
// still is left alone. A pull that fails gives it back, too.
func TestThriftEndsWithTheLastPull(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	first, second := thrifty(), thrifty()
	first()
	first()
	if got := percent(); got != thriftPercent {
		t.Errorf("%d while one pull goes on, want %d", got, thriftPercent)
	}
	second()
	if got := percent(); got != 100 {
		t.Errorf("%d afterwards, want 100", got)
	}
	for _, own := range []int{-1, thriftPercent / 2} {
		debug.SetGCPercent(own)
		done := thrifty()
		if got := percent(); got != own {
			t.Errorf("%d during a pull, want %d", got, own)
		}
		if done(); percent() != own {
			t.Errorf("%d afterwards, want %d", percent(), own)
		}
	}
	debug.SetGCPercent(100)
	w := onOne(t)
	u := loose(w)
	u.during = func() {
		if got := percent(); got != thriftPercent {
			t.Errorf("%d during a pull, want %d", got, thriftPercent)
		}
	}
	u.fail = errDry
	if _, err := w.syncer(u).Pull(t.Context()); err == nil || percent() != 100 {
		t.Errorf("%v, and %d after it", err, percent())
	}
}
