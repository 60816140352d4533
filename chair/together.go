package chair

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Those who vote at the same moment wait for one commit together. A ballot that is
// durable waits for the disk, and while it does nobody else may touch its decision:
// one after the other, no decision takes more ballots in a second than the disk
// syncs (docs/performance.md, figure 10, has what that comes to).
//
// Each ballot is looked at by itself, in the order in which they came, on what the
// one before it left: as if each were alone, with its own reasons where it is
// refused, and its own entry and receipt. Whoever is refused changes nothing for the
// others. Receipts are given when the transaction is committed. Whatever is more
// than one plain entry (what is due, a pause that ends, what stands already, what
// rests on a state that was seen) goes alone, as everything else does.

// together are the acts that may share a transaction.
var together = []decisions.EventKind{decisions.Cast, decisions.Retract}

// mostTogether bounds how many share one, so that nobody waits long for others.
const mostTogether = 64

// asking is an act that waits for its turn.
type asking struct {
	ctx    context.Context
	id     ID
	by     By
	kind   decisions.EventKind
	make   draft
	answer chan *answer // takes one
}

// answer is what became of an act.
type answer struct {
	of       *Result  // how its decision stands with all of them; nil where it was not reached
	receipt  *Receipt // its own; nil where nothing was written
	warnings []string
	err      error
	alone    bool // nothing was done: it is to be carried out by itself
}

// result is what whoever asked is told.
func (a *answer) result() Result {
	if a.of == nil {
		return Result{}
	}
	r := *a.of
	r.Warnings = a.warnings
	if a.receipt != nil {
		r.Receipt = *a.receipt
	}
	return r
}

// line are those who wait. While anybody does, one goroutine serves them.
type line struct {
	mu      sync.Mutex
	waiting []*asking
	served  bool
}

// share carries an act out together with what others ask for at the same moment;
// false where it is to be carried out alone.
func (c *Chair) share(ctx context.Context, id ID, by By, kind decisions.EventKind, what draft) (Result, error, bool) {
	if by.Seen != "" || by.Second != nil {
		return Result{}, nil, false
	}
	a := &asking{ctx, id, by, kind, what, make(chan *answer, 1)}
	c.line.enter(a, c.serve)
	select {
	case got := <-a.answer:
		return got.result(), got.err, !got.alone
	case <-ctx.Done():
		if c.line.leave(a) {
			return Result{}, actError(kind, context.Cause(ctx)), true
		}
	}
	got := <-a.answer // it is being written: only that tells what became of it
	return got.result(), got.err, !got.alone
}

func (l *line) enter(a *asking, serve func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, a)
	if !l.served {
		l.served = true
		go serve()
	}
}

// leave takes back what waits; false where its turn has come already.
func (l *line) leave(a *asking) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, a)
	if i < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	return true
}

// next are those whose turn it is, in the order in which they came; none where
// nobody waits, and then whoever comes next is to be served anew.
func (l *line) next() []*asking {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), mostTogether)
	batch := slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	l.served = n > 0
	return batch
}

// fill lets whoever is ready to ask go first, for as long as that brings more: so fewer
// are left for the time after.
func (l *line) fill() {
	for before := -1; ; {
		l.mu.Lock()
		n := len(l.waiting)
		l.mu.Unlock()
		if n <= before || n >= mostTogether {
			return
		}
		before = n
		runtime.Gosched()
	}
}

// serve carries out what waits until nothing does.
func (c *Chair) serve() {
	for {
		c.line.fill()
		batch := c.line.next()
		if len(batch) == 0 {
			return
		}
		ctx, done := untilAllGaveUp(batch)
		answers := c.carryOut(ctx, batch)
		done()
		for i, a := range batch {
			a.answer <- &answers[i]
		}
	}
}

// untilAllGaveUp ends when nobody waits for the answer any more.
func untilAllGaveUp(batch []*asking) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	var waiting atomic.Int64
	waiting.Store(int64(len(batch)))
	var stops []func() bool
	for _, a := range batch {
		stops = append(stops, context.AfterFunc(a.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		}))
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// carryOut carries acts out in one transaction. What is due, of all decisions, is
// closed before it. Where one of them meets a fault of the program, nothing is
// written, and each is carried out alone: the fault is told to whoever asked, and no
// goroutine that nobody watches ends the program.
func (c *Chair) carryOut(ctx context.Context, batch []*asking) (answers []answer) {
	defer func() {
		if recover() != nil {
			answers = make([]answer, len(batch))
			for i := range answers {
				answers[i].alone = true
			}
		}
	}()
	in := func(closed bool) error {
		return c.db.InTx(ctx, store.Decisions, c.now(), func(tx *store.Tx) (err error) {
			answers, err = c.gather(ctx, tx, batch, c.ahead(ctx), closed)
			return err
		})
	}
	err := in(false)
	if errors.Is(err, errDue) {
		if _, err = c.CloseDue(ctx); err == nil {
			err = in(true)
		}
	}
	if err == nil {
		return answers
	}
	_, told := errors.AsType[*store.Fault](err) // of the database, and the same for everybody
	answers = make([]answer, len(batch))
	for i, a := range batch {
		// Anything else may be about one of them alone. Nothing was written, and each is told for itself.
		if answers[i].alone = (len(batch) > 1 || errors.Is(err, errNotSeen)) && !told && ctx.Err() == nil; !answers[i].alone {
			answers[i].err = actError(a.kind, err)
		}
	}
	return answers
}

// errDue says that some decision is due, and is to be closed before anybody votes.
var errDue = errors.New("a decision is due")

// errNotSeen says that ahead met a fault of the program, which shows itself to who is
// carried out alone.
var errNotSeen = errors.New("what is due was not read")

// aheadWithin is how long ahead may take: whoever waits for it holds the locks of all
// decisions, and PostgreSQL ends a transaction that says nothing for ten seconds.
const aheadWithin = 5 * time.Second

// ahead reads what is due, and whether there are notices, while the transaction waits for
// its decisions. Neither is read in the transaction itself: what a serializable
// one has read PostgreSQL remembers for as long as a pull that began before it goes on, and
// it has room for six such reads in each of as many transactions as it remembers.
func (c *Chair) ahead(ctx context.Context) func() (store.Outlook, error) {
	var seen store.Outlook
	err := errNotSeen
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // it stays unread
		ctx, cancel := context.WithTimeout(ctx, aheadWithin)
		defer cancel()
		seen, err = c.db.Outlook(ctx, c.now())
	}()
	return func() (store.Outlook, error) {
		<-done
		return seen, err
	}
}

// gathered is one decision with the entries that are to be written together.
type gathered struct {
	*opened
	adding *addition
	result Result // once they are written
}

// gather looks at each act and writes what they come to. An error is none of the
// acts' own: nothing is to be written then. closed: what was due has been closed.
func (c *Chair) gather(ctx context.Context, tx *store.Tx, batch []*asking, ahead func() (store.Outlook, error), closed bool) ([]answer, error) {
	all, err := c.takeAll(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	seen, err := ahead()
	if err == nil && seen.Due > 0 && !closed {
		err = errDue
	}
	if err != nil {
		return nil, err
	}
	notices := roll.NoticesBy(seen.Notices, seen.NoticesOn)
	for _, g := range all {
		g.notices = &notices
	}
	answers := make([]answer, len(batch))
	places := make([]int, len(batch)) // of the act's event among its decision's, from 1 on; 0 for none
	for i, a := range batch {
		g := all[a.id]
		err := a.by.permitted(ctx, tx)
		switch {
		case err == nil && g == nil:
			err = &NotFound{string(a.id)}
		case err == nil:
			before := len(g.adding.rows)
			if err = g.add(ctx, a, &answers[i]); len(g.adding.rows) > before {
				places[i] = len(g.adding.rows)
			}
		}
		if err != nil && !refuses(err) {
			return nil, err
		}
		answers[i].err = err
	}
	if err := writeAll(ctx, tx, all); err != nil {
		return nil, err
	}
	for i, a := range batch {
		_, refused := errors.AsType[*decisions.Refusal](answers[i].err)
		if places[i] == 0 && !refused {
			continue
		}
		g := all[a.id]
		answers[i].of = &g.result
		if places[i] > 0 {
			receipt := g.receipt(&g.adding.chained.Entries[places[i]-1])
			answers[i].receipt = &receipt
		}
	}
	return answers, nil
}

// takeAll locks the decisions that acts are about, and reads them; one that is not
// there is left out.
func (c *Chair) takeAll(ctx context.Context, tx *store.Tx, batch []*asking) (map[ID]*gathered, error) {
	var ids []string
	for _, a := range batch {
		ids = append(ids, string(a.id))
	}
	slices.Sort(ids)
	heads, err := tx.LockDecisions(ctx, slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	all := make(map[ID]*gathered, len(heads))
	everybody := c.sharedLook(ctx, tx)
	for _, head := range heads {
		o, err := c.taken(ctx, tx, head)
		if err != nil {
			return nil, err
		}
		o.everybody = everybody
		o.d = o.d.Clone() // what is kept of it stays as it is, while ballot after ballot changes this
		all[o.id] = &gathered{opened: o, adding: &addition{o: o, stood: stoodAt(&o.d)}}
	}
	return all, nil
}

// writeAll writes what was gathered, and works out how each decision stands then.
func writeAll(ctx context.Context, tx *store.Tx, all map[ID]*gathered) error {
	var additions []*addition
	for _, g := range all {
		if len(g.adding.rows) == 0 {
			continue
		}
		g.adding.after = g.d
		if err := g.adding.link(); err != nil {
			return err
		}
		additions = append(additions, g.adding)
	}
	if err := add(ctx, tx, additions...); err != nil {
		return err
	}
	for _, g := range all {
		var err error
		if g.result, err = g.resultBy(max(tx.Now(), g.d.Last), g.everybody); err != nil {
			return err
		}
	}
	return nil
}

// sharedLook is what the roll says of all members now, worked out once for all acts, and
// kept for those who act after them for as long as it stays the same (roll.VotersUntil).
// What is kept there may make way for a page that shows a newer roll: then the acts of
// one transaction go on with what they have.
func (c *Chair) sharedLook(ctx context.Context, tx *store.Tx) decisions.Look {
	var at instant.Instant
	var kept decisions.Roll
	return func(now instant.Instant) (decisions.Roll, error) {
		if kept != nil && now == at {
			return kept, nil
		}
		voters, _, err := c.roll.VotersUntil(ctx, tx, now, tx.Known())
		if err == nil {
			at, kept = now, voters
		}
		return voters, err
	}
}

// add looks at one act that is permitted, on what those before it left. Its event joins
// the others', or it is refused, or it is to be carried out alone.
func (g *gathered) add(ctx context.Context, a *asking, out *answer) error {
	g.first, g.standing, g.then = nil, false, nil
	ev, err := g.asked(ctx, a.by, a.kind, a.make)
	if errors.Is(err, errEffects) || err == nil && (g.first != nil || g.standing || g.then != nil) {
		out.alone = true
		return nil
	}
	if err != nil {
		return err
	}
	out.warnings = g.d.Warnings(&ev)
	if g.d.State != decisions.Opened || g.d.Due(ev.At) { // something is due, or may be decided by this
		return g.addJudged(ctx, ev, out)
	}
	if err := g.d.Take(&ev); err != nil {
		return err
	}
	return g.adding.enter(ctx, &ev, &g.d)
}

// addJudged is add for a decision that may be closed before the event or by it: then
// the act is to be carried out alone.
func (g *gathered) addJudged(ctx context.Context, ev decisions.Event, out *answer) error {
	events, after, err := g.step(ctx, ev)
	if len(events) > 1 || err != nil && len(events) > 0 {
		out.alone = true
		return nil
	}
	if err != nil {
		return err
	}
	g.d = after
	return g.adding.enter(ctx, &ev, &g.d)
}

// refuses says that an error is a person's to read: the act is refused, and whatever
// else is done goes on.
func refuses(err error) bool {
	var missing *NotFound
	var notYours *NotYours
	var refused *decisions.Refusal
	var register *roll.Refused
	var moved *Moved
	var unknown *roll.NotFound
	return errors.As(err, &moved) || errors.As(err, &unknown) || errors.As(err, &missing) || errors.As(err, &notYours) || errors.As(err, &refused) || errors.As(err, &register)
}
