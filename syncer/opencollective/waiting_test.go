package opencollective

import (
	"context"
	"testing"
	"time"
)

// Whoever counts is told of every wait, also of one that is given up.
func TestWaitsAreTold(t *testing.T) {
	most, now := 0, 0
	c := newClient(t, "http://127.0.0.1:9", func(o *Options) {
		o.Waiting = func(delta int) {
			now += delta
			most = max(most, now)
		}
	})
	c.bucket.pause(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := c.turn(ctx, opOrders); err == nil {
		t.Error("a wait longer than there is time for, want an error")
	}
	c = newClient(t, "http://127.0.0.1:9", func(o *Options) { o.Waiting = c.o.Waiting })
	if err := c.turn(t.Context(), opOrders); err != nil {
		t.Error(err)
	}
	if most != 1 || now != 0 {
		t.Errorf("at most %d waited and %d wait still, want 1 and 0", most, now)
	}
}
