package api

import (
	"context"
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// mark tells two states of the database apart, for what is answered here.
type mark struct {
	counters store.Counters
	// list is since when the provider list is what it is, as a replica wrote it.
	list listMark
	// decisions move without the counters: no standing rests on them.
	decisions store.DecisionMark
}

// snapshot is all that answers rest on. It never changes.
type snapshot struct {
	mark      mark
	book      *roll.Book
	logos     map[string][]byte // the files of all uploaded logos, by name
	words     map[string]member.ID
	tokens    roll.Tokens
	holds     []roll.Hold
	pulls     []store.Pull
	asOf      instant.Instant // start of the last complete snapshot of upstream; 0 for none
	asOfWord  []string        // the same as a header has it
	published instant.Instant // since when the provider list is public; 0 while it is not
	policy    string          // id of the version in force when it was built; "" for none
	public    *public         // nil without a policy
	decided   *chair.Book
	hall      *hall // nil without a policy
}

// mostPulls bounds the list of attempts to read upstream: about a week of them.
const mostPulls = 200

const (
	// slowDatabase is how long one look at the database may take.
	slowDatabase = 10 * time.Second
	// slowStart is the same for the first one: without it there is nothing to answer
	// with, and a large roll on a busy machine is no reason not to start.
	slowStart = 2 * time.Minute
)

// Refresh rebuilds the snapshot when the database has moved on or a change is
// due. When the database cannot be read the old snapshot stays, and answers are
// marked stale until a Refresh succeeds.
func (a *API) Refresh(ctx context.Context) error {
	a.refreshing.Lock()
	defer a.refreshing.Unlock()
	return a.refreshIn(ctx, true)
}

// refreshIn is Refresh for who has the lock. Without due, what time alone changes and what
// is still to be saved waits for somebody else.
func (a *API) refreshIn(ctx context.Context, due bool) error {
	a.begun.Add(1)
	within := slowDatabase
	if a.current.Load() == nil {
		within = slowStart
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := a.refresh(ctx, due)
	a.cutOff.Store(err != nil)
	if err != nil {
		return fmt.Errorf("refresh the answers: %w", err)
	}
	return nil
}

// catchUpWithin is how long a person's reading waits for what another daemon has
// written; after that it is answered as everybody's is.
const catchUpWithin = 2 * time.Second

// CatchUp has what is answered from now on show what was committed before: whoever
// votes at one daemon and reads at another finds the ballot. It asks the database
// for a few numbers, and reads anew where they have moved: many who ask at once
// share that. While the database is away it does nothing.
func (a *API) CatchUp(ctx context.Context) {
	if a.cutOff.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, catchUpWithin)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.catchUp(ctx)
	}()
	select {
	case <-done:
	case <-ctx.Done(): // a statement on a line that was cut ends later
	}
}

// catchUp looks, unless a look that found something out has begun since it was asked
// to: that one has seen what was written by then, too.
func (a *API) catchUp(ctx context.Context) {
	before := a.looked.Load()
	a.looking.Lock()
	defer a.looking.Unlock()
	if a.looked.Load() > before || ctx.Err() != nil {
		return
	}
	a.looked.Add(1)
	// It is others' look, too, and looks first whether anything has moved.
	if !a.refreshSince(ctx, a.begun.Load(), false) {
		a.looked.Add(-1)
	}
}

// refreshSince is Refresh, unless one has begun since a number of them had: that has
// seen what was written by then, too. It goes on where who waits for it has gone; where
// it fails, and false is returned, Watch tries again within a second.
func (a *API) refreshSince(ctx context.Context, before int64, due bool) bool {
	a.refreshing.Lock()
	defer a.refreshing.Unlock()
	if a.begun.Load() == before || a.current.Load() == nil {
		return a.refreshIn(context.WithoutCancel(ctx), due) == nil
	}
	return true
}

// seeSoon has the next answers show what was just written. Many who write at once
// share a reading that began after that.
func (a *API) seeSoon(ctx context.Context) { a.refreshSince(ctx, a.begun.Load(), true) }

func (a *API) refresh(ctx context.Context, due bool) error {
	if a.schema.Load() == 0 {
		version, err := a.o.DB.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		a.schema.Store(version)
	}
	now, old := a.o.Now(), a.current.Load()
	have, decided, err := a.moved(ctx, old)
	if err != nil {
		return err
	}
	waits := old == nil || old.due(now) || old.unsaved()
	if old != nil && old.mark == have && !(waits && due) {
		return nil
	}
	if decided != nil && !waits { // and so the roll says what it said
		next := *old
		next.decided, next.mark.decisions = decided, decided.Mark
		next.hall, err = hallOf(&next, now, old.hall.voters)
		if err == nil {
			a.current.Store(&next)
		}
		return err
	}
	next, err := a.read(ctx, old)
	if err != nil {
		return err
	}
	if err := a.render(next, old, now); err != nil {
		return err
	}
	a.save(ctx, next)
	a.current.Store(next)
	return nil
}

// moved is the mark of the database now, and where nothing but decisions has moved
// since a snapshot, those as the same transaction sees them.
func (a *API) moved(ctx context.Context, old *snapshot) (have mark, decided *chair.Book, err error) {
	err = a.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		decided = nil
		if have, err = markOf(ctx, tx); err == nil && old.onlyDecided(have) {
			decided, err = a.o.Chair.BookIn(ctx, tx, old.decided)
		}
		return err
	})
	return have, decided, err
}

func markOf(ctx context.Context, tx *store.Tx) (m mark, err error) {
	if m.counters, err = tx.Counters(ctx); err != nil {
		return mark{}, err
	}
	if m.decisions, err = tx.DecisionMark(ctx); err != nil {
		return mark{}, err
	}
	m.list, err = readListMark(ctx, tx)
	return m, err
}

// onlyDecided says that decisions have moved since a snapshot, and nothing else.
func (s *snapshot) onlyDecided(have mark) bool {
	return s != nil && s.public != nil && s.mark.counters == have.counters && s.mark.list == have.list && s.mark.decisions != have.decisions
}

// read reads everything but what is rendered. The parts are read one after the
// other; the mark is read first, so what moved meanwhile shows at the next look.
func (a *API) read(ctx context.Context, old *snapshot) (*snapshot, error) {
	s := &snapshot{}
	err := a.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		if s.mark, err = markOf(ctx, tx); err != nil {
			return err
		}
		if s.published, err = roll.PublishedSince(ctx, tx); err != nil {
			return err
		}
		if s.tokens, err = roll.TokensByHash(ctx, tx); err != nil {
			return err
		}
		if s.pulls, err = tx.Pulls(ctx, mostPulls); err != nil {
			return err
		}
		last, _, err := tx.LastSnapshot(ctx)
		s.asOf = last.Start
		s.asOfWord = []string{s.asOf.String()}
		return err
	})
	if err != nil {
		return nil, err
	}
	if s.book, err = a.o.Roll.Book(ctx); err != nil {
		return nil, err
	}
	var former map[string][]byte
	if old != nil {
		former = old.logos
	}
	if s.logos, err = a.o.Roll.Logos(ctx, s.book, former); err != nil {
		return nil, err
	}
	s.words = s.book.Words()
	if s.holds, err = a.o.Roll.Holds(ctx, true); err != nil {
		return nil, err
	}
	var before *chair.Book // what people entered since may have erased texts
	if old != nil && old.mark.counters.Entries == s.mark.counters.Entries {
		before = old.decided
	}
	if s.decided, err = a.o.Chair.Book(ctx, before); err != nil {
		return nil, err
	}
	s.mark.decisions = s.decided.Mark
	return s, nil
}

// at is the snapshot for an answer at an instant; nil before the first Refresh.
// When a change is due, what depends on the clock is worked out anew, without the
// database and without waiting for who reads it.
func (a *API) at(now instant.Instant) *snapshot {
	s := a.current.Load()
	if s == nil || !s.due(now) {
		return s
	}
	a.rendering.Lock()
	defer a.rendering.Unlock()
	if s = a.current.Load(); !s.due(now) {
		return s
	}
	next := *s
	if err := a.render(&next, s, now); err != nil {
		a.o.Log.Error().Err(err).Msg("the answers cannot be worked out anew: they go on as they were")
		return s
	}
	if !a.current.CompareAndSwap(s, &next) {
		return a.current.Load() // it was read anew meanwhile
	}
	return &next
}

// due says that time alone may have changed what was rendered.
func (s *snapshot) due(now instant.Instant) bool {
	return s.public != nil && (now >= s.public.until || s.hall == nil || now >= s.hall.until)
}

// stale says that the data are older than the policy in force wants.
func (s *snapshot) stale(now instant.Instant) bool {
	version, ok := s.book.Policy(now)
	return s.asOf == 0 || !ok || now.Sub(s.asOf) > version.Eligibility.StaleAfter
}
