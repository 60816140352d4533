package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// PostgreSQL ends a transaction in which nothing was said for ten seconds, so that a
// program that was stopped holds nobody up (sessionSettings). One that has much to work
// out between two statements, as of hundreds of thousands of members, is not stopped: it
// says something now and then. It is said by a process that runs, on the transaction's
// own connection, so one that was stopped or cut off says nothing.
const (
	// beatEvery is how often it is looked whether anything was said since, twice of
	// which is well below those ten seconds.
	beatEvery = 3 * time.Second
	// mostBeats is how many follow each other at most: a program that hangs for ten
	// minutes is as good as stopped.
	mostBeats = 200
	// mostBeatsOfVotes is the same where people vote, who wait for each other: a minute.
	mostBeatsOfVotes = 20
)

// pulse says something in a transaction when the program itself does not. A nil one never
// does.
type pulse struct {
	beat   func() error
	every  time.Duration
	most   int         // beats in a row
	said   atomic.Bool // something, since it was looked last
	mu     sync.Mutex  // is held while rows are read: nothing else may be said meanwhile
	timer  *time.Timer
	silent int // how often in a row nothing was
	over   bool
	err    error // of the beat that failed; there is none after it
}

// keepAlive begins one in a transaction that has made its first statement: nothing may
// come before the one by which it waits for its turn.
func keepAlive(ctx context.Context, q *sqlx.Tx, every time.Duration, most int) *pulse {
	if every == 0 {
		return nil
	}
	return newPulse(every, most, func() error {
		_, err := q.ExecContext(ctx, `SELECT 1`) // no table's, so that it meets no conflict
		return err
	})
}

func newPulse(every time.Duration, most int, beat func() error) *pulse {
	p := &pulse{every: every, most: most, beat: beat}
	p.timer = time.AfterFunc(time.Hour, p.look)
	p.timer.Reset(every) // once the timer is known
	return p
}

// look says something where nothing was said.
func (p *pulse) look() {
	if p.mu.TryLock() {
		defer p.mu.Unlock()
		if p.over || !p.strike() {
			return
		}
	} // else rows are read, or it is just over, which the next look finds
	p.timer.Reset(p.every)
}

// strike is whether to go on.
func (p *pulse) strike() bool {
	if p.said.Swap(false) {
		p.silent = 0
		return true
	}
	if p.silent++; p.silent > p.most {
		return false
	}
	p.err = p.beat()
	return p.err == nil
}

// spoke notes that something was said.
func (p *pulse) spoke() {
	if p != nil {
		p.said.Store(true)
	}
}

// reading keeps it still until rows were read.
func (p *pulse) reading() (done func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	return p.mu.Unlock
}

// stop ends it, and returns the error that a transaction ends with: its own, or that of a
// beat that failed.
func (p *pulse) stop(err error) error {
	if p == nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.timer.Stop()
	if err == nil {
		err = p.err
	}
	return err
}
