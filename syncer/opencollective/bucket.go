package opencollective

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// bucket keeps all requests of a client below upstream's limit.
//
// Upstream counts in fixed windows of a minute that begin when it likes, so the
// number has to hold in every window, however placed. A token bucket lets
// burst + refill requests through in the worst minute; with burst = limit/2 and
// a margin of limit/20 that is 95 of 100 and 9 of 10. The margin is for what
// happens between sending and counting: requests follow each other's answers,
// so at most one more can slip into a window on its way.
type bucket struct {
	clock  func() time.Time
	tokens *rate.Limiter

	mu    sync.Mutex
	until time.Time // no request before this: upstream said so
}

func newBucket(perMinute int, clock func() time.Time) *bucket {
	burst := perMinute / 2
	margin := (perMinute + 10) / 20
	refill := perMinute - burst - margin
	return &bucket{clock: clock, tokens: rate.NewLimiter(rate.Limit(float64(refill)/60), burst)}
}

// pause lets no request out for d.
func (b *bucket) pause(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := b.clock().Add(d); until.After(b.until) {
		b.until = until
	}
}

func (b *bucket) paused() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until.Sub(b.clock())
}

// wait returns when a request may be sent. When that is after the context's
// deadline it returns at once, with RateLimited and the wait: who asks can then
// say so instead of sitting it out in vain.
//
// Who waits during a pause takes a token only after it: tokens taken before
// would all be spent at its end, on top of a full bucket.
func (b *bucket) wait(ctx context.Context, op string) error {
	for {
		if d := b.paused(); d > 0 {
			if err := b.sleep(ctx, op, d); err != nil {
				return err
			}
			continue
		}
		now := b.clock()
		r := b.tokens.ReserveN(now, 1)
		if d := r.DelayFrom(now); d > 0 {
			if err := b.sleep(ctx, op, d); err != nil {
				r.CancelAt(b.clock())
				return err
			}
		}
		if b.paused() <= 0 {
			return nil
		}
	}
}

func (b *bucket) sleep(ctx context.Context, op string, d time.Duration) error {
	if end, ok := ctx.Deadline(); ok && end.Sub(b.clock()) < d {
		return &RateLimited{Op: op, Wait: d, Own: true}
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for Open Collective's rate limit (%s): %w", op, ctx.Err())
	}
}
