package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lib/pq"
)

// maxTries bounds how often one transaction is run. With the pauses below ten
// tries take between one and two seconds; a lock that is waited for takes five
// seconds more for each try (lock_timeout, sqliteBusyTimeout), and the turn
// before it at most as long again.
const maxTries = 10

const (
	firstPause = 5 * time.Millisecond
	longest    = 400 * time.Millisecond
)

// retry runs one attempt after another until it ends without a conflict. It is
// the only place in the program where a transaction is repeated.
func retry(ctx context.Context, e engine, attempt func() error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := attempt()
		if err == nil || !e.conflict(err) {
			return err
		}
		if try == maxTries {
			return &Fault{Busy, e.busy(err), err}
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return fmt.Errorf("wait for the database: %w", err)
		}
		pause = min(2*pause, longest)
	}
}

// busy is what a person is told whose transaction never got through.
func (e engine) busy(err error) string {
	if p, ok := errors.AsType[*pq.Error](err); ok && noRoom(p) {
		return fmt.Sprintf("the database %s has no room to remember what is written at once: try again in a moment; "+
			"if it happens again, raise %s in PostgreSQL's settings and restart it", e.where, readsRoom)
	}
	return fmt.Sprintf("the database %s was kept busy by other programs for too long: try again in a moment; "+
		"if it stays so, look for a goodstanding command that hangs", e.where)
}

// jitter is between half of d and d, so that two losers do not meet again.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// queue lets the writers of one process through one after another, in the
// order in which they came: SQLite's own write lock is not fair. A nil queue
// lets everybody through.
type queue chan struct{}

func (q queue) enter(ctx context.Context) error {
	if q == nil {
		return nil
	}
	select {
	case q <- struct{}{}: // goroutines blocked in a send are served first come, first served
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (q queue) leave() {
	if q != nil {
		<-q
	}
}
