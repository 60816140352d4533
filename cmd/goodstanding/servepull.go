package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// puller decides when Open Collective is read: every so often since the last
// complete snapshot, whoever took it, as soon as a standing may change, because
// only a complete snapshot takes a right (domain.md, section 3, "Confirmed
// worsening"), and when a webhook hints that something happened.
type puller struct {
	parts
	books *books
	pull  func(context.Context) (syncer.Report, error)
	every time.Duration

	blind  bool // the database could not be looked at last time
	looked bool
	seen   instant.Instant // start of the snapshot that due rests on; 0 before the first
	known  store.Counters  // what change rests on
	due    instant.Instant // the next regular reading
	change instant.Instant // the next change of a standing; 0 for none
	read   instant.Instant // when this daemon last began a reading that succeeded

	upcoming *atomic.Int64 // when the next attempt is, as an instant; 0 before the first. nil where nobody asks
}

// expect notes when the next attempt to read is, for who asks, never later than the loop
// waits; a hint may bring it forward. It gives back what it was told.
func (p *puller) expect(at instant.Instant) instant.Instant {
	if p.upcoming != nil {
		p.upcoming.Store(int64(min(at, p.now().Add(longestPull))))
	}
	return at
}

// spread is the share of the interval by which readings come earlier or later,
// so that many federations do not ask at once.
const spread = 0.1

// leastBetween keeps readings apart when changes follow each other closely; tests make it shorter.
var leastBetween = time.Minute

// step reads Open Collective when it is time, and says when it is next.
func (p *puller) step(ctx context.Context) (instant.Instant, error) {
	if err := p.look(ctx); err != nil {
		p.blind = true
		return 0, err
	}
	p.blind = false
	if next := p.next(); next > p.now() {
		return p.expect(next), nil
	}
	if err := p.once(ctx); err != nil {
		return 0, err
	}
	if err := p.look(ctx); err != nil {
		return 0, err
	}
	return p.expect(p.next()), nil
}

// once reads and counts. That another process was faster is as good.
func (p *puller) once(ctx context.Context) error {
	began, clock := p.now(), p.clock()
	undo := p.hints.begin(began)
	_, err := p.pull(ctx)
	if ctx.Err() != nil {
		undo()
		return ctx.Err() // the end of the daemon is nobody's fault
	}
	if _, lost := errors.AsType[*store.LeaseLost](err); lost {
		undo()
		return err // another reads
	}
	wait := time.Duration(0)
	if limited, ok := errors.AsType[*opencollective.RateLimited](err); ok {
		wait = limited.Wait
	}
	p.metrics.Pulled(syncer.OutcomeOf(err), began, p.clock().Sub(clock), wait)
	if _, ok := errors.AsType[*syncer.Superseded](err); err != nil && !ok {
		p.hints.failed(wait)
		return err
	}
	p.read = began
	return nil
}

// look works out what is next from what is stored now.
func (p *puller) look(ctx context.Context) error {
	book, err := p.books.current(ctx)
	if err != nil {
		return err
	}
	var last store.Snapshot
	within, cancel := context.WithTimeout(ctx, slowDatabase)
	defer cancel()
	err = p.books.db.View(within, func(tx *store.Tx) error {
		var err error
		last, _, err = tx.LastSnapshot(within)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for the last snapshot: %w", err)
	}
	now := p.now()
	switch {
	case !p.looked || last.Start != p.seen:
		p.seen, p.due = last.Start, now
		if last.Start != 0 {
			p.due = last.Start.Add(p.interval())
			p.change = nextChange(book, last.Start, now)
		}
	case book.Counters != p.known && (p.change == 0 || p.change > now):
		p.change = nextChange(book, now, now)
	}
	p.hints.read(last.Start)
	p.looked, p.known = true, book.Counters
	return nil
}

// interval is how long after a snapshot the next one is taken.
func (p *puller) interval() time.Duration {
	return time.Duration(float64(p.every) * (1 - spread + 2*spread*p.random()))
}

// next is when to read.
func (p *puller) next() instant.Instant {
	next := p.due
	if p.change != 0 {
		next = min(next, p.change)
	}
	if p.read = min(p.read, p.now()); p.read != 0 { // the clock may have been ahead, and is put right
		next = max(next, p.read.Add(leastBetween))
	}
	if hinted := p.hints.due(); hinted != 0 {
		next = min(next, hinted)
	}
	if p.hints.owes() { // the loop has waited already
		next = min(next, p.now())
	}
	return next
}

// firstPause is that after the first failed reading; tests make it shorter.
var firstPause = 5 * time.Second

// The longest pauses after failed readings.
const (
	longestDown   = 15 * time.Minute
	longestStored = time.Minute
	slowPause     = time.Hour
)

// hurry is when the pause after a failure may end early; 0 for not. While the
// database is away no hint helps.
func (p *puller) hurry() instant.Instant {
	if p.blind {
		return 0
	}
	return p.hints.due()
}

// slow are the failures that another try does not mend: somebody has to act.
var slow = map[string]bool{
	opencollective.ClassUnauthorised: true, opencollective.ClassForbidden: true, opencollective.ClassSchemaDrift: true,
	opencollective.ClassNotFound: true, opencollective.ClassSlugUnknown: true, opencollective.ClassOtherAccount: true,
	opencollective.ClassOtherCurrency: true, opencollective.ClassArchived: true, opencollective.ClassTokenIgnored: true,
}

// pullPause is how long to wait after the nth failed reading in a row, by the
// class of the error: a rate limit's own wait; slowly where somebody has to act
// (once again soon, where the error itself asks for it); doubling up to a
// quarter of an hour while upstream is down, up to a minute while the database is.
func pullPause(every time.Duration) func(err error, n int) time.Duration {
	return func(err error, n int) time.Duration {
		after, again := opencollective.RetryOf(err)
		switch outcome := syncer.OutcomeOf(err); {
		case outcome == opencollective.ClassRateLimited:
			return max(after, time.Second)
		case slow[outcome] && !(again && n == 1):
			return max(slowPause, every)
		case outcome == syncer.OutcomeDatabase || outcome == syncer.OutcomeAssessment:
			return loop.Exponential(firstPause, longestStored, n)
		}
		return max(after, loop.Exponential(firstPause, longestDown, n))
	}
}
