package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"coopcloud.tech/goodstanding/api"
	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/dispatch"
	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/internal/metrics"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// rollOn is the roll on a database, by these settings.
func (a *app) rollOn(db *store.DB, cfg *Config) *roll.Roll {
	return roll.New(db, roll.Options{Now: a.env.Now, NewID: a.env.NewID, Zone: cfg.Federation.Zone, Unanswered: chair.Unanswered,
		Languages: func() []string { return cfg.Letters().Languages() }})
}

// parts are what all shifts of one daemon share.
type parts struct {
	metrics *metrics.Metrics
	// inspected is when the invariants were last looked at, in microseconds.
	inspected *atomic.Int64
	// broken says that one of them did not hold then.
	broken *atomic.Bool
	// erased is up to where the audit chain was read for what was erased; -1 before the
	// first time.
	erased *atomic.Int64
	hints  *hints
	now    func() instant.Instant
	clock  func() time.Time
	random func() float64
	pace   *caller.Pace
}

// How many changes one person or token makes, over pages and API: as many as a busy
// treasurer at once, then one a second.
const (
	changesAtOnce = 120
	changeEvery   = time.Second
)

// wait is how long who has to wait before changing something again.
func (p *parts) wait(who string, at instant.Instant) time.Duration {
	return p.pace.Wait(who, at.Time())
}

func newParts(e Env) parts {
	erased := &atomic.Int64{}
	erased.Store(-1)
	return parts{metrics: metrics.New(version(), runtime.Version()), inspected: &atomic.Int64{}, broken: &atomic.Bool{}, erased: erased, hints: newHints(e.Now), now: e.Now, clock: e.Clock, random: rand.Float64, pace: caller.NewPace(changeEvery, changesAtOnce)}
}

// shift is what a daemon does by one set of settings: its loops and what it
// answers.
type shift struct {
	parts
	desk     *desk
	client   *opencollective.Client
	api      *api.API
	chair    *chair.Chair
	books    *books
	visitors *visitors
	matrix   *matrix.Client // nil without a room
	leader   *leader
	upcoming *atomic.Int64        // puller.upcoming; 0 while this daemon does not lead
	sender   *dispatch.Dispatcher // of the last term
	uses     *uses

	pokeKeep, pokeSend loop.Poker
}

// prepare makes a shift of a desk: the policy is stored, the answers are read,
// nothing runs yet.
func (s *server) prepare(ctx context.Context, d *desk) (*shift, error) {
	if err := d.quiet().begin(ctx); err != nil {
		return nil, err
	}
	return newShift(ctx, d, s.parts)
}

// quiet is the desk for a daemon, whose output is kept in logs: names of members
// do not belong there.
func (d *desk) quiet() *desk {
	a := *d.app
	a.note = newPrinter(discard{}, a.env)
	q := *d
	q.app = &a
	return &q
}

// discard takes everything and keeps nothing.
type discard struct{}

// Write takes it.
func (discard) Write(b []byte) (int, error) { return len(b), nil }

func newShift(ctx context.Context, d *desk, p parts) (*shift, error) {
	o := d.cfg.client(d.app.env)
	o.Observe = func(query, class string, took time.Duration) {
		p.metrics.Asked(query, class, took)
		d.log.Debug().Str("query", query).Str("class", class).Dur("took", took).Msg("asked Open Collective")
	}
	o.Waiting = p.metrics.Waiting
	client, err := opencollective.New(o)
	if err != nil {
		return nil, err
	}
	s := &shift{parts: p, desk: d, client: client, chair: d.chair(), upcoming: &atomic.Int64{}, uses: newUses(d.db.NoteTokenUse),
		pokeKeep: loop.NewPoker(), pokeSend: loop.NewPoker()}
	memory := func(now instant.Instant) (api.Memory, bool) { return s.api.Memory(now) } // which is made below, before anybody asks
	next := func() instant.Instant { return instant.Instant(s.upcoming.Load()) }
	catchUp := func(ctx context.Context) { s.api.CatchUp(ctx) }
	s.books = &books{db: d.db, roll: d.roll, answers: func(ctx context.Context) *roll.Book {
		catchUp(ctx)
		m, _ := memory(p.now())
		return m.Book
	}}
	if s.visitors, err = d.visitors(d.signInOptions(), memory, catchUp, next, p.wait, p.metrics.Served); err != nil {
		client.Close()
		return nil, err
	}
	if s.matrix, err = d.matrix(); err != nil {
		s.close()
		return nil, err
	}
	s.api, err = api.New(api.Options{
		Roll: d.roll, Chair: s.chair, DB: d.db, Now: p.now, Zone: d.cfg.Federation.Zone,
		Federation: api.Federation{Name: d.cfg.Federation.Name, URL: d.cfg.Federation.URL},
		PublicURL:  d.cfg.PublicURL, TrustedProxies: d.cfg.TrustedProxies, Log: d.log, Observe: p.metrics.Served,
		SignedIn: s.visitors.signin.SignedIn, Pace: p.wait,
		Used:       s.uses.add,
		HookSecret: string(d.cfg.HookSecret), Hint: p.hints.give,
	})
	if err == nil {
		err = s.api.Refresh(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	s.leader = &leader{parts: p, pace: shared, db: d.db, holder: store.NewID("dm"), work: s.work, log: d.log}
	if d.db.Engine() == "sqlite" {
		s.leader.pace = alone
	}
	return s, nil
}

// close lets go of what a shift holds, when it has ended.
func (s *shift) close() {
	s.client.Close()
	s.visitors.close()
	if s.matrix != nil {
		s.matrix.Close()
	}
}

// watchEvery is how often it is looked whether the database has moved on, longestLook
// the longest pause between two verifications of what is stored: the day on which
// clocks are set back is that long.
const (
	watchEvery  = time.Second
	longestLook = 25 * time.Hour
)

// run does the shift's work until the context ends, and waits for all of it: what
// every daemon does, and, while it leads, what one does.
func (s *shift) run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.api.Watch(ctx) })
	all.Go(func() { s.visitors.run(ctx) })
	all.Go(func() { s.leader.run(ctx) })
	all.Go(func() {
		loop.Run(ctx, s.uses.step, loop.Options{Max: longestUse, Now: s.now, Poke: s.uses.poke, Backoff: upToAMinute, Failed: s.useFailed})
	})
	all.Go(func() {
		i := &inspector{parts: s.parts, zone: s.desk.cfg.Federation.Zone, check: s.desk.checker().Check, desk: s.desk}
		loop.Run(ctx, i.step, loop.Options{
			Max: longestLook, Now: s.now, Failed: s.inspectFailed,
			Backoff: func(_ error, n int) time.Duration { return loop.Exponential(time.Minute, time.Hour, n) },
		})
	})
	all.Go(func() {
		w := &watcher{parts: s.parts, books: s.books, leads: s.leader.leads.Load, changed: func() { s.hints.wake.Poke(); s.pokeKeep.Poke(); s.pokeSend.Poke() }, toSend: s.pokeSend.Poke, log: s.desk.log}
		loop.Run(ctx, w.step, loop.Options{Max: watchEvery, Now: s.now, Backoff: func(error, int) time.Duration { return watchEvery }})
	})
	all.Wait()
}

// policyID is the version in force; "none" when that cannot be told.
func (s *shift) policyID(ctx context.Context) string {
	if v, ok, err := s.desk.roll.PolicyInForce(ctx); err == nil && ok {
		return v.ID()
	}
	return "none"
}

const (
	// slowDatabase bounds one look at the database.
	slowDatabase = 10 * time.Second
	// slowStart bounds the first one, which reads everything.
	slowStart = 2 * time.Minute
)

// books keeps the roll in memory while the database has not moved on. It is the one of
// the answers where these have caught up, so that a change is read once.
type books struct {
	db      *store.DB
	roll    *roll.Roll
	answers func(context.Context) *roll.Book // nil where nobody answers; its own nil: none yet

	mu   sync.Mutex
	book *roll.Book
}

// current is the roll as the database has it now.
func (b *books) current(ctx context.Context) (*roll.Book, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	within := slowDatabase
	if b.book == nil {
		within = slowStart
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	counters, err := b.db.Counters(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	if b.book != nil && b.book.Counters == counters {
		return b.book, nil
	}
	if b.answers != nil {
		if book := b.answers(ctx); book != nil && book.Counters == counters {
			b.book = book
			return book, nil
		}
	}
	book, err := b.roll.Book(ctx)
	if err != nil {
		return nil, err
	}
	b.book = book
	return book, nil
}

// nextChange is the earliest instant after at at which a standing changes, as
// far as is known (domain.md, section 3, changes_at); 0 when none does.
func nextChange(book *roll.Book, at, now instant.Instant) (earliest instant.Instant) {
	v := book.View(roll.Query{At: at}, now)
	for i := range v.Rows {
		if c := v.Rows[i].Standing.ChangesAt; c != 0 && (earliest == 0 || c < earliest) {
			earliest = c
		}
	}
	return earliest
}
