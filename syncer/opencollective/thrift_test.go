package opencollective

import (
	"context"
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
	first, second := Thrift(), Thrift()
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
		done := Thrift()
		if got := percent(); got != own {
			t.Errorf("%d during a pull, want %d", got, own)
		}
		if done(); percent() != own {
			t.Errorf("%d afterwards, want %d", percent(), own)
		}
	}
	debug.SetGCPercent(100)
	l := &ledger{before: func(*ledger, string) {
		if got := percent(); got != thriftPercent {
			t.Errorf("%d during a pull, want %d", got, thriftPercent)
		}
	}}
	c := newClient(t, l.serve(t))
	if _, err := pullBig(t, c); err != nil || percent() != 100 {
		t.Errorf("%v, and %d after it", err, percent())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Pull(ctx, PullRequest{Slug: "big"}); err == nil || percent() != 100 {
		t.Errorf("%v, and %d after a pull that was cut off", err, percent())
	}
}
