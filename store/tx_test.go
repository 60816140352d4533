package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

var noon = instant.Date(2026, 6, 1).Add(12 * time.Hour)

func nothing(context.Context, *store.Tx) error { return nil }

func TestKnownNeverGoesBackWhenTheClockDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		clocks := []instant.Instant{noon, noon, noon - 5, noon.Add(time.Second), noon.Add(-time.Hour), 0, noon.Add(2 * time.Second)}
		streams := []store.Stream{store.Pulls, store.Entries}
		var last instant.Instant
		for i, clock := range clocks {
			write(t, db, streams[i%2], clock, func(_ context.Context, tx *store.Tx) error {
				if want := max(clock, last+1); tx.Known() != want {
					t.Errorf("clock %s after %s: known %s, want %s", clock, last, tx.Known(), want)
				}
				if tx.Now() != clock {
					t.Errorf("Now is %s, want %s", tx.Now(), clock)
				}
				last = tx.Known()
				return nil
			})
		}
		write(t, db, store.NoStream, noon.Add(time.Hour), func(_ context.Context, tx *store.Tx) error {
			if tx.Known() != last {
				t.Errorf("in no stream known is %s, want the newest, %s", tx.Known(), last)
			}
			return nil
		})
		c, err := db.Counters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := store.Counters{
			Pulls:   store.Counter{Seq: 4, Known: last, LateClocks: 1},
			Entries: store.Counter{Seq: 3, Known: noon.Add(time.Second) + 2, LateClocks: 1},
		}
		if c != want {
			t.Errorf("counters %+v, want %+v", c, want)
		}
	})
}

func TestALateClockIsToldAfterTheCommitOnly(t *testing.T) {
	for _, dsn := range []string{dbtest.SQLiteDSN(t), dbtest.PostgresDSN(t)} {
		var told []time.Duration
		db, err := store.Open(t.Context(), dsn, store.Options{OnLateClock: func(d time.Duration) { told = append(told, d) }})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		write(t, db, store.Entries, noon, nothing)
		write(t, db, store.Entries, noon.Add(-time.Minute), nothing)
		if len(told) != 0 {
			t.Errorf("%s: one minute is still in order, but was told: %v", db.Engine(), told)
		}
		oops := errors.New("oops")
		if err := db.InTx(t.Context(), store.Pulls, noon.Add(-time.Hour), func(*store.Tx) error { return oops }); !errors.Is(err, oops) {
			t.Errorf("%s: got %v, want the function's own error", db.Engine(), err)
		}
		if len(told) != 0 {
			t.Errorf("%s: a rolled back write was told: %v", db.Engine(), told)
		}
		write(t, db, store.Pulls, noon.Add(-time.Hour), nothing)
		if len(told) != 1 || told[0] != time.Hour+time.Microsecond {
			t.Errorf("%s: told %v, want one hour and a microsecond", db.Engine(), told)
		}
	}
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		oops := errors.New("oops")
		err := db.InTx(t.Context(), store.Entries, noon, func(tx *store.Tx) error {
			if err := tx.AddMembers(t.Context(), store.MemberRow{ID: "mb_1", Kind: "individual"}); err != nil {
				return err
			}
			return oops
		})
		if !errors.Is(err, oops) {
			t.Fatalf("got %v", err)
		}
		c, err := db.Counters(t.Context())
		if err != nil || c != (store.Counters{}) {
			t.Errorf("counters %+v, %v; want none", c, err)
		}
		if all, _ := factsOf(t, db); len(all) != 0 {
			t.Errorf("%d members were left", len(all))
		}
	})
}

// Facts belong to their stream; a View writes nothing at all.
func TestFactsInTheWrongStreamAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		ctx := t.Context()
		writes := map[string]struct {
			stream store.Stream
			f      func(*store.Tx) error
		}{
			"member by a pull":     {store.Pulls, func(tx *store.Tx) error { return tx.AddMembers(ctx, store.MemberRow{ID: "mb_1"}) }},
			"audit by a pull":      {store.Pulls, func(tx *store.Tx) error { _, _, err := tx.Audit(ctx, store.Entry{Actor: "a", Action: "b"}); return err }},
			"pull by a person":     {store.Entries, func(tx *store.Tx) error { return tx.AddPull(ctx, store.Pull{ID: "pu_1"}) }},
			"standing in none":     {store.NoStream, func(tx *store.Tx) error { return tx.AddStandings(ctx, store.StandingRow{Member: "mb_1"}) }},
			"policy in no stream":  {store.NoStream, func(tx *store.Tx) error { return tx.AddPolicies(ctx, store.PolicyRow{ID: "p"}) }},
			"hold ack by the pull": {store.Pulls, func(tx *store.Tx) error { return tx.AcknowledgeHold(ctx, store.HoldAck{Hold: "h"}) }},
		}
		for name, w := range writes {
			if err := db.InTx(ctx, w.stream, noon, w.f); !errors.Is(err, store.ErrWrongStream) {
				t.Errorf("%s: %v, want ErrWrongStream", name, err)
			}
		}
		reads := map[string]func(*store.Tx) error{
			"setting": func(tx *store.Tx) error { return tx.SetSetting(ctx, "a", "b") },
			"erase":   func(tx *store.Tx) error { return tx.ErasePerson(ctx, "pe_1") },
			"notice":  func(tx *store.Tx) error { return tx.SetNotice(ctx, "nt_1", "sent", "") },
		}
		for name, f := range reads {
			if err := db.View(ctx, f); !errors.Is(err, store.ErrWrongStream) {
				t.Errorf("%s in a View: %v, want ErrWrongStream", name, err)
			}
		}
	})
}

// Writers of two "processes" and of both streams: every one gets through, the
// known times follow the commits, and the chain has no fork.
func TestWritersExcludeEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		dbs := []*store.DB{open(), open()}
		const writers, each = 6, 8
		var wg sync.WaitGroup
		errs := make(chan error, writers*each)
		var all sync.Map // of known times
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					known, err := writeOne(t.Context(), dbs[w%2], w, i)
					if _, twice := all.LoadOrStore(known, w); twice {
						t.Errorf("two transactions are known at %s", known)
					}
					errs <- err
				}
			})
		}
		stop := watchKnown(t, dbs[0])
		wg.Wait()
		stop()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		c, err := dbs[1].Counters(t.Context())
		if err != nil || c.Pulls.Seq != writers/2*each || c.Entries.Seq != writers/2*each {
			t.Errorf("counters %+v, %v", c, err)
		}
		view(t, dbs[1], func(ctx context.Context, tx *store.Tx) error {
			report, err := tx.VerifyAudit(ctx)
			if !report.OK() || report.Rows != writers/2*each {
				t.Errorf("the chain: %+v", report)
			}
			return err
		})
	})
}

// writeOne is a pull for even writers and an audited entry for odd ones; known is the
// known time that it got.
func writeOne(ctx context.Context, db *store.DB, w, i int) (known instant.Instant, err error) {
	if w%2 == 0 {
		err = db.InTx(ctx, store.Pulls, noon, func(tx *store.Tx) error {
			known = tx.Known()
			return tx.AddPull(ctx, store.Pull{ID: fmt.Sprintf("pu_%d_%d", w, i), Started: noon, Finished: noon, Outcome: "complete"})
		})
		return known, err
	}
	err = db.InTx(ctx, store.Entries, noon, func(tx *store.Tx) error {
		known = tx.Known()
		if _, err := tx.Members(ctx); err != nil {
			return err
		}
		_, _, err := tx.Audit(ctx, store.Entry{Actor: "pe_1", Action: "test", Subject: fmt.Sprint(w, i)})
		return err
	})
	return known, err
}

// watchKnown reads all the while: whoever has seen a known time never sees
// another fact appear at or before it.
func watchKnown(t *testing.T, db *store.DB) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var seen instant.Instant
		var count int
		for {
			err := db.View(t.Context(), func(tx *store.Tx) error {
				pulls, err := tx.Pulls(t.Context(), 1000)
				if err != nil {
					return err
				}
				before := 0
				for _, p := range pulls {
					if p.Known <= seen {
						before++
					}
				}
				if before != count {
					t.Errorf("%d pulls are known at %s, but %d were when that was the newest", before, seen, count)
				}
				seen, count = tx.Known(), len(pulls)
				return nil
			})
			if err != nil {
				t.Errorf("read meanwhile: %v", err)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	return func() { close(done); <-ended }
}

// A transaction in no stream (a notice sent) does not wait for a pull under
// way on PostgreSQL; on SQLite it waits its turn. Both end well.
func TestNoStreamBesideAPull(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db, other := open(), open()
		inside, done := make(chan struct{}), make(chan error, 1)
		go func() {
			<-inside
			done <- other.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error {
				return tx.SetSetting(t.Context(), store.SettingInstance, "in_1")
			})
		}()
		once := sync.OnceFunc(func() { close(inside) })
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error {
			once()
			if db.Engine() == "postgres" {
				if err := <-done; err != nil {
					t.Errorf("a setting beside a pull: %v", err)
				}
				done <- nil
			}
			return tx.AddPull(ctx, store.Pull{ID: "pu_1", Started: noon, Finished: noon, Outcome: "complete"})
		})
		if err := <-done; err != nil {
			t.Errorf("a setting after a pull: %v", err)
		}
	})
}

func TestACancelledContextIsTheError(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, store.Entries, noon, func(tx *store.Tx) error {
			cancel()
			return tx.AddMembers(ctx, store.MemberRow{ID: "mb_1", Kind: "individual"})
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		write(t, db, store.Entries, noon, nothing) // the connection is still good
	})
}
