package opencollective

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// worst is the largest number of instants in any window of a minute, however placed.
func worst(sent []time.Time) int {
	most := 0
	for i := range sent {
		n := 0
		for _, t := range sent[i:] {
			if t.Sub(sent[i]) < time.Minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// In no window of a minute, however placed, more than upstream allows; and not
// so few that a pull would starve.
func TestNoMinuteSeesMoreThanTheLimit(t *testing.T) {
	for _, tt := range []struct{ limit, least int }{{100, 90}, {10, 8}, {2, 1}, {60, 50}} {
		for name, idle := range map[string]time.Duration{"at once": 0, "after a rest": 10 * time.Minute, "after a moment": 17 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(tt.limit, time.Now)
				var sent []time.Time
				for range tt.limit {
					if err := b.wait(t.Context(), opOrders); err != nil {
						t.Fatal(err)
					}
					sent = append(sent, time.Now())
				}
				time.Sleep(idle)
				for range 2 * tt.limit {
					if err := b.wait(t.Context(), opOrders); err != nil {
						t.Fatal(err)
					}
					sent = append(sent, time.Now())
				}
				if got := worst(sent); got > tt.limit || got < tt.least {
					t.Errorf("%d a minute, %s: %d in the worst minute", tt.limit, name, got)
				}
			})
		}
	}
}

// All who wait during a pause go on after it, and still stay within the limit.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(100, time.Now)
		began := time.Now()
		b.pause(37412 * time.Millisecond)
		b.pause(time.Second) // a shorter one does not end a longer one
		var mu sync.Mutex
		var sent []time.Time
		var all sync.WaitGroup
		for range 300 {
			all.Go(func() {
				if err := b.wait(t.Context(), opOrders); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sent = append(sent, time.Now())
			})
		}
		time.Sleep(45 * time.Second)
		b.pause(time.Minute) // in the middle, with many waiting for a token
		all.Wait()
		for _, at := range sent {
			if d := at.Sub(began); d < 37412*time.Millisecond || (d > 45*time.Second && d < 105*time.Second) {
				t.Fatalf("a request went out %s after the beginning, in a pause", d)
			}
		}
		if got := worst(sent); got > 100 || len(sent) != 300 {
			t.Errorf("%d requests, %d in the worst minute", len(sent), got)
		}
	})
}

// Who has no time to wait is told at once how long it would take.
func TestNoTimeToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(10, time.Now)
		for range 5 {
			if err := b.wait(t.Context(), opOrders); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		err := b.wait(ctx, opOrders)
		var limited *RateLimited
		if !errors.As(err, &limited) || !limited.Own || limited.Wait != 15*time.Second || time.Since(began) != 0 {
			t.Fatalf("%v after %s", err, time.Since(began))
		}
		want := "the next request to Open Collective (orders) has to wait 15 s to stay within its limit; " +
			"try again then (with a token ten times as many requests are allowed)"
		if err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
		// The refused request has not used up anybody's turn.
		if err := b.wait(t.Context(), opOrders); err != nil || time.Since(began) != 15*time.Second {
			t.Errorf("the next one waits %s, %v", time.Since(began), err)
		}
		b.pause(time.Hour)
		if err := b.wait(ctx, opOrders); !errors.As(err, &limited) || limited.Wait != time.Hour {
			t.Errorf("in a pause: %v", err)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(10, time.Now)
		b.pause(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		err := b.wait(ctx, opOrders)
		if !errors.Is(err, context.Canceled) || ClassOf(err) != ClassCancelled || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
