package syncer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// window is how many calendar months of transactions a later pull reads
// (domain.md, section 2, "Observations").
const window = 13

// muchNew is from how many orders on that are not known a pull is sparing of memory to its
// end. For fewer it is not worth going through all that is kept.
const muchNew = 1000

// attempt is one pull under way.
type attempt struct {
	*Syncer
	id      string
	started instant.Instant
	dry     bool
	// spared is what the snapshot shows and does not hold, since it is as st has it; nil
	// where it holds all.
	spared *known
	// ready is the snapshot held against what was stored before the transaction,
	// before the counter of pulls then; it is used inside only where none came
	// between.
	ready  *reconciled
	before store.Counter
	st     *stored // at that counter
	// done is what was written, at which known time, and after the counter since then.
	done  *reconciled
	known instant.Instant
	after store.Counter
	// believed are contradictions that upstream has repeated for long, in words.
	believed []string
	// altered says that charges told otherwise than before are among them.
	altered bool
}

// errDry ends a dry run's transaction.
var errDry = errors.New("dry run")

func (s *Syncer) pull(ctx context.Context, dry bool) (Report, error) {
	a := &attempt{Syncer: s, id: s.newID("pull"), started: s.now(), dry: dry}
	report, err := a.run(ctx)
	if err != nil {
		return Report{}, a.failed(ctx, err)
	}
	if !dry {
		s.log.Info().Str("pull", a.id).Int64("snapshot", report.Snapshot).Int("requests", report.Requests).
			Int("contributions", report.Counts.Orders).Int("charges", report.Counts.Charges).
			Int("changed", report.Changed).Int("unknown_words", report.Counts.UnknownWords).
			Int("transitions", len(report.Roll.Transitions)).Int("held", report.Roll.Held).
			Msg("Open Collective was read")
	}
	return report, nil
}

func (a *attempt) run(ctx context.Context) (Report, error) {
	request, err := a.request(ctx)
	if err != nil {
		return Report{}, err
	}
	snap, err := a.source.Pull(ctx, request)
	if err != nil {
		return Report{}, err
	}
	if len(snap.Orders) > muchNew {
		defer opencollective.Thrift()()
	}
	sightings, err := a.lookAhead(ctx, snap)
	if err != nil {
		return Report{}, err
	}
	a.closeDue(ctx)
	var report Report
	err = a.db.InTx(ctx, store.Pulls, a.now(), func(tx *store.Tx) error {
		var err error
		if report, err = a.apply(ctx, tx, snap, sightings); err == nil && a.dry {
			err = errDry
		}
		return err
	})
	switch {
	case errors.Is(err, errDry):
		a.kept.put(a.ready.st, a.before)
		err = nil
	case err == nil:
		a.kept.put(a.done.written(a.known), a.after)
	}
	return report, err
}

// closeDue closes the decisions that are due, unless nothing is to be stored.
func (a *attempt) closeDue(ctx context.Context) {
	if a.close == nil || a.dry {
		return
	}
	if err := a.close(ctx); err != nil {
		a.log.Warn().Err(err).Str("pull", a.id).Msg("decisions could not be closed before what was read is stored")
	}
}

// request says what to ask for: everything at first, later the collective that
// is known and a window of transactions. The window grows when the last
// snapshot is older than it, so that no charge falls through. What is stored need not be
// shown again.
func (a *attempt) request(ctx context.Context) (opencollective.PullRequest, error) {
	r := opencollective.PullRequest{Slug: a.slug}
	err := a.db.View(ctx, func(tx *store.Tx) error {
		st, at, err := a.read(ctx, tx)
		if err != nil {
			return err
		}
		a.st, a.before = st, at
		if a.spared = newKnown(st); a.spared != nil {
			r.Known = a.spared
		}
		r.PinnedID, r.PinnedCurrency, r.TransactionsFrom = cmp.Or(st.public, st.pinned), st.currency, 0
		if st.any {
			r.TransactionsFrom = min(a.started.AddMonths(-window), st.last.Start.AddMonths(-1))
		}
		return nil
	})
	return r, err
}

// read reads what is stored, and at which counter of pulls: of that of this attempt, or of
// what is kept, only what no counter tells.
func (a *attempt) read(ctx context.Context, tx *store.Tx) (st *stored, at store.Counter, err error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return nil, at, err
	}
	at, st = counters.Pulls, a.st
	if st == nil || at != a.before {
		st = a.kept.take(at)
	}
	if st == nil {
		st, err = readStored(ctx, tx)
	} else {
		st, err = readKept(ctx, tx, st)
	}
	return st, at, err
}

// lookAhead reconciles before the transaction, so that other writers wait for
// less, and looks up what has just disappeared: no HTTP inside.
func (a *attempt) lookAhead(ctx context.Context, snap *opencollective.Snapshot) (map[string]sighting, error) {
	err := a.db.View(ctx, func(tx *store.Tx) error {
		st, at, err := a.read(ctx, tx)
		if err != nil {
			return err
		}
		if at != a.before || st.details.len() != a.st.details.len() || !slices.Equal(st.erased, a.st.erased) {
			a.whole(snap)
		}
		a.st, a.before = st, at
		return nil
	})
	if err != nil {
		return nil, err
	}
	if a.ready, err = a.against(a.st, snap); err != nil {
		return nil, err
	}
	if err := a.agree(ctx, a.ready.contradiction()); err != nil {
		return nil, err
	}
	seen := a.lookUp(ctx, a.ready, snap)
	return seen, a.agree(ctx, a.ready.lookedUp(seen))
}

// whole puts back what a snapshot has left out.
func (a *attempt) whole(snap *opencollective.Snapshot) {
	a.spared.whole(snap)
	a.spared = nil
}

// against holds a snapshot against what is stored.
func (a *attempt) against(st *stored, snap *opencollective.Snapshot) (*reconciled, error) {
	rd, err := normalise(snap, st, a.spared)
	if errors.Is(err, errAmbiguous) {
		a.whole(snap)
		rd, err = normalise(snap, st, nil)
	}
	if err != nil {
		return nil, err
	}
	return reconcile(st, rd, st.last.Number+1), nil
}

// current is the snapshot held against what this transaction sees. What was
// found before is good while no other pull came between: the counter is then as it
// was, but for this transaction. Names follow no counter and are read anew.
func (a *attempt) current(ctx context.Context, tx *store.Tx, snap *opencollective.Snapshot) (*reconciled, error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return nil, err
	}
	a.after = counters.Pulls
	if tx.Before().Pulls == a.before {
		st := *a.ready.st
		if again, err := st.readNames(ctx, tx); err != nil || !again {
			return a.ready, err
		}
		a.whole(snap)
		return a.against(&st, snap)
	}
	st, err := readStored(ctx, tx)
	if err != nil {
		return nil, err
	}
	a.whole(snap)
	return a.against(st, snap)
}

// apply stores a snapshot and lets the roll assess, all in one transaction. It
// may run several times.
func (a *attempt) apply(ctx context.Context, tx *store.Tx, snap *opencollective.Snapshot, seen map[string]sighting) (Report, error) {
	r, err := a.current(ctx, tx, snap)
	if err != nil {
		return Report{}, err
	}
	if err := a.fits(r.st, snap); err != nil {
		return Report{}, err
	}
	counts := r.counts(snap)
	if err := a.write(ctx, tx, r, snap, counts); err != nil {
		return Report{}, fmt.Errorf("store the snapshot: %w", err)
	}
	a.done, a.known = r, tx.Known()
	report := a.report(r, snap, counts, seen)
	if report.NewPayers, err = r.newPayers(ctx, tx); err != nil {
		return Report{}, err
	}
	if report.Roll, err = a.assess(ctx, tx, r.info(snap)); err != nil {
		return Report{}, &assessmentError{err}
	}
	return report, nil
}

// fits refuses a snapshot of another collective, and one that is older than
// what another process has stored since this pull began.
func (a *attempt) fits(st *stored, snap *opencollective.Snapshot) error {
	c := snap.Collective
	switch {
	case !st.isPinned(c):
		return &opencollective.OtherAccount{Slug: a.slug, Pinned: string(st.pinned), Found: string(c.ID)}
	case !st.currency.IsZero() && st.currency != c.Currency:
		return &opencollective.OtherCurrency{Slug: a.slug, Known: st.currency, Found: c.Currency}
	case st.any && st.last.Start > snap.Start:
		return &Superseded{Start: snap.Start, Stored: st.last.Start, Number: st.last.Number}
	}
	return nil
}
