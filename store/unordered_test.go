package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// TestNothingButOrderRestsOnLocks: PostgreSQL without the locks by which writers wait for
// each other, with serializable transactions alone, as a database would have it that knows
// no such locks (docs/scale.md). Pulls, entries, openings and ballots of two "processes"
// at once: what was acknowledged is there once, known times follow the commits, no chain
// has a fork and no number is given twice. A writer that lost too often is told so, wrote
// nothing, and does it again.
func TestNothingButOrderRestsOnLocks(t *testing.T) {
	open := dbtest.Postgres(t)
	dbs := []*store.DB{store.Unordered(open()), store.Unordered(open())}
	ctx := t.Context()
	const each = 6
	decision(t, dbs[0], "de_x", 1, 1)
	for i := range 2 * each {
		decision(t, dbs[0], fmt.Sprintf("de_%d", i), 0, 1)
	}
	ballot := func(db *store.DB, _, _ int) error {
		return db.InTx(ctx, store.Decisions, noon, func(tx *store.Tx) error { return addTo(ctx, tx, "de_x", 1, 1) })
	}
	opening := func(db *store.DB, w, i int) error {
		return db.InTx(ctx, store.Decisions, noon, func(tx *store.Tx) error { return number(ctx, tx, fmt.Sprintf("de_%d", w/4*each+i)) })
	}
	var all sync.Map // of known times
	record := func(db *store.DB, w, i int) error {
		known, err := writeOne(ctx, db, w, i)
		if err != nil {
			return err
		}
		if _, twice := all.LoadOrStore(known, w); twice {
			t.Errorf("two transactions are known at %s", known)
		}
		return nil
	}
	var lost atomic.Int64
	var group sync.WaitGroup
	for w, f := range []func(*store.DB, int, int) error{record, record, ballot, opening, record, record, ballot, opening} {
		group.Go(func() {
			for i := range each {
				err := f(dbs[w%2], w, i)
				for fault, busy := errors.AsType[*store.Fault](err); busy && fault.Problem == store.Busy; fault, busy = errors.AsType[*store.Fault](err) {
					lost.Add(1)
					err = f(dbs[w%2], w, i)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	stop := watchKnown(t, dbs[0])
	group.Wait()
	stop()
	t.Logf("%d writers gave up for the moment", lost.Load())
	if c, err := dbs[1].Counters(ctx); err != nil || c.Pulls.Seq != 2*each || c.Entries.Seq != 2*each {
		t.Errorf("counters %+v, %v", c, err)
	}
	if r := verifyDecision(t, dbs[1], "de_x"); !r.OK() || r.Entries != 1+2*each {
		t.Errorf("the ballots: %+v", r)
	}
	view(t, dbs[1], func(ctx context.Context, tx *store.Tx) error {
		report, err := tx.VerifyAudit(ctx)
		if !report.OK() || report.Rows != 2*each {
			t.Errorf("the audit chain: %+v", report)
		}
		heads, err2 := tx.DecisionHeads(ctx)
		for i, h := range heads {
			if h.Number != int64(i+1) {
				t.Errorf("number %d is at place %d", h.Number, i)
			}
		}
		return errors.Join(err, err2)
	})
}

// number opens a decision under the next number.
func number(ctx context.Context, tx *store.Tx, id string) error {
	head, _, err := tx.LockDecision(ctx, id)
	if err != nil {
		return err
	}
	n, err := tx.NextDecisionNumber(ctx)
	if err != nil {
		return err
	}
	err = dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{At: noon, Kind: "open", Number: n, State: "open"})
	return err
}
