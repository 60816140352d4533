package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/store"
)

// pace is how a lease is kept and taken.
type pace struct {
	// every is how often it is looked at, and made longer by the one who has it.
	every time.Duration
	// lasts is for how long the one who cannot make it longer still works by it.
	lasts time.Duration
	// patience is at how many looks in a row a daemon has to find it as it was before
	// it takes it from another: longer than lasts. By looks and not by the clock, so
	// that neither a clock that is wrong nor a daemon that stood still takes it.
	patience int
}

var (
	// shared is for PostgreSQL, where several may serve: another leads ten seconds
	// after the leader has gone.
	shared = pace{every: 2 * time.Second, lasts: 8 * time.Second, patience: 5}
	// alone is for SQLite: there is one serve on a file, which leads from its start.
	alone = pace{every: time.Minute, lasts: 3 * time.Minute}
)

// giveUpWithin bounds the giving up of a lease at the end; else it is over by itself.
const giveUpWithin = 2 * time.Second

// leader keeps the lease for one daemon, and has it do the work of the one that
// leads while it has it. The database, not this, refuses the writes of a daemon that
// has lost the lease (store.DB.Fenced); this is there so that somebody leads, and
// that a daemon which does not stops trying.
type leader struct {
	parts
	pace   pace
	db     *store.DB
	holder string
	// work does the work until its context ends. lost ends that, where a write was
	// refused because another leads.
	work func(ctx context.Context, db *store.DB, lost func())
	log  zerolog.Logger
	// leads says whether it does, for others to read.
	leads atomic.Bool

	term    *term       // nil while it does not lead
	seen    store.Lease // of another, and at how many looks it was the same
	unmoved int
	blind   bool // the database could not be asked last time
}

// term is the time from taking the lease to losing it.
type term struct {
	lease store.Lease
	end   context.CancelFunc
	limit *time.Timer     // ends it, unless the lease is kept
	ended <-chan struct{} // it is to end
	done  chan struct{}   // the work has ended
}

// over is closed once the term is to end; nil without one.
func (t *term) over() <-chan struct{} {
	if t == nil {
		return nil
	}
	return t.ended
}

// run leads whenever it may, until the context ends; then it gives the lease up.
func (l *leader) run(ctx context.Context) {
	tick := time.NewTicker(l.pace.every)
	defer tick.Stop()
	for ctx.Err() == nil {
		l.look(ctx)
		select {
		case <-tick.C:
		case <-l.term.over():
		case <-ctx.Done():
		}
	}
	if l.term == nil {
		return
	}
	lease := l.term.lease
	l.stop()
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUpWithin)
	defer cancel()
	if err := l.db.GiveUpLease(within, lease); err != nil {
		l.log.Warn().Err(err).Msg("the lease could not be given up: another daemon leads once it is over")
	}
}

// look makes the lease longer, or takes it where it may be taken.
func (l *leader) look(ctx context.Context) {
	select {
	case <-l.term.over():
		l.stop()
	default:
	}
	within, cancel := context.WithTimeout(ctx, slowDatabase)
	defer cancel()
	var err error
	if l.term != nil {
		err = l.keep(within)
	} else {
		err = l.take(ctx, within)
	}
	if err != nil && ctx.Err() == nil && !l.blind {
		l.log.Warn().Err(err).Bool("leads", l.term != nil).Msg("the lease could not be looked at")
	}
	l.blind = err != nil
}

// keep makes the lease longer.
func (l *leader) keep(ctx context.Context) error {
	began := l.clock()
	kept, ok, err := l.db.KeepLease(ctx, l.term.lease, l.now().Add(l.pace.lasts))
	switch {
	case err != nil:
		return err
	case !ok:
		l.stop()
		return nil
	}
	// From before it was asked for: who watches may have seen it since then.
	l.term.limit.Reset(l.pace.lasts - l.clock().Sub(began))
	l.term.lease = kept
	return nil
}

// take takes the lease where nobody has it, where this daemon has, or where who has
// it has not made it longer for a while; then it begins to work.
func (l *leader) take(ctx, within context.Context) error {
	now, err := l.db.Lease(within, store.LeaderLease)
	if err != nil {
		return err
	}
	if l.unmoved++; now != l.seen {
		l.seen, l.unmoved = now, 1
	}
	if now.Until != 0 && now.Holder != l.holder && l.unmoved < l.pace.patience && !l.longOver(now) {
		return nil
	}
	began := l.clock()
	lease, ok, err := l.db.TakeLease(within, now, l.holder, l.now().Add(l.pace.lasts))
	if err == nil && ok {
		l.begin(ctx, lease, l.pace.lasts-l.clock().Sub(began))
	}
	return err
}

// longOver is for how long a lease has to be over that nobody waits for: whoever had it
// was ended without giving it up. So much no clocks differ that are kept.
const longOver = time.Minute

// longOver says that a lease was over for long when this daemon saw it first.
func (l *leader) longOver(now store.Lease) bool {
	return l.unmoved == 1 && l.now() > now.Until.Add(longOver)
}

// begin does the work for at most some time, unless the lease is kept.
func (l *leader) begin(ctx context.Context, lease store.Lease, lasts time.Duration) {
	work, end := context.WithCancel(ctx)
	t := &term{lease: lease, end: end, limit: time.AfterFunc(lasts, end), ended: work.Done(), done: make(chan struct{})}
	l.term = t
	l.tell(true)
	l.log.Info().Int64("fence", lease.Fence).Msg("this daemon leads: it reads Open Collective, assesses, closes decisions and sends")
	go func() {
		defer close(t.done)
		l.work(work, l.db.Fenced(lease), end)
	}()
}

// stop ends the work and waits for its end.
func (l *leader) stop() {
	l.term.end()
	l.term.limit.Stop()
	<-l.term.done
	l.log.Info().Int64("fence", l.term.lease.Fence).Msg("this daemon does not lead any more: it goes on answering and taking ballots")
	l.term, l.seen, l.unmoved = nil, store.Lease{}, 0
	l.tell(false)
}

func (l *leader) tell(leads bool) {
	l.leads.Store(leads)
	l.metrics.Leads(leads)
}
