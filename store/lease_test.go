package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// take takes a lease as it was seen.
func take(t *testing.T, db *store.DB, seen store.Lease, holder string, want bool) store.Lease {
	t.Helper()
	l, ok, err := db.TakeLease(t.Context(), seen, holder, noon)
	if err != nil || ok != want {
		t.Fatalf("%s takes %+v: %v, %v; want %v", holder, seen, ok, err, want)
	}
	return l
}

// set writes a setting by a lease.
func set(ctx context.Context, db *store.DB, value string) error {
	return db.InTx(ctx, store.NoStream, noon, func(tx *store.Tx) error { return tx.SetSetting(ctx, "leader", value) })
}

// A lease is taken by one of those who saw it, is another one after each renewal,
// and whoever has lost it writes nothing, whoever writes without one does.
func TestALeaseHasOneHolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		ctx, db := t.Context(), open()
		none, err := db.Lease(ctx, "leader")
		if err != nil || none.Fence != 0 || none.Name != "leader" {
			t.Fatalf("before the first: %+v, %v", none, err)
		}
		a := take(t, db, none, "a", true)
		take(t, db, none, "b", false)
		kept, ok, err := db.KeepLease(ctx, a, noon)
		if err != nil || !ok || kept.Until == a.Until {
			t.Errorf("kept: %+v, %v, %v; want another end than %s", kept, ok, err, a.Until)
		}
		take(t, db, a, "b", false) // it was kept since
		if err := set(ctx, db.Fenced(a), "a"); err != nil {
			t.Errorf("its holder writes: %v", err)
		}
		b := take(t, db, kept, "b", true)
		if b.Fence != a.Fence+1 {
			t.Errorf("fences %d and %d", a.Fence, b.Fence)
		}
		var lost *store.LeaseLost
		if err := set(ctx, db.Fenced(a), "a again"); !errors.As(err, &lost) || err.Error() != `look at the lease: another process has the lease "leader" by now: nothing was written` {
			t.Errorf("who lost it writes: %v", err)
		}
		if _, ok, err := db.KeepLease(ctx, kept, noon); ok || err != nil {
			t.Errorf("who lost it keeps it: %v, %v", ok, err)
		}
		if err := db.GiveUpLease(ctx, kept); err != nil {
			t.Error(err)
		}
		if now, err := db.Lease(ctx, "leader"); err != nil || now != b {
			t.Errorf("it stands as %+v, %v; want %+v", now, err, b)
		}
		if err := set(ctx, db.Fenced(b), "b"); err != nil {
			t.Errorf("the new holder writes: %v", err)
		}
		if err := set(ctx, db.Fenced(a).Unfenced(), "somebody"); err != nil {
			t.Errorf("without a fence: %v", err)
		}
		if err := db.GiveUpLease(ctx, b); err != nil {
			t.Error(err)
		}
		if now, err := db.Lease(ctx, "leader"); err != nil || now.Until != 0 || now.Fence != b.Fence {
			t.Errorf("given up it is %+v, %v", now, err)
		}
	})
}

// A database that was restored knows no lease. Who led the one before it, at the same
// address, and has not heard of it, writes nothing there, neither before nor after
// somebody else leads.
func TestALeaseIsOfOneDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		old, ok, err := db.TakeLease(t.Context(), store.Lease{Name: "leader"}, "old", noon)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		dbtest.Tamper(t, db, `DELETE FROM lease`, `DELETE FROM fence`) // as a restore leaves it
		lost := func(when string) {
			t.Helper()
			if err := set(t.Context(), db.Fenced(old), "old"); !errors.As(err, new(*store.LeaseLost)) {
				t.Errorf("%s it writes: %v", when, err)
			}
			if _, ok, err := db.KeepLease(t.Context(), old, noon); ok || err != nil {
				t.Errorf("%s it keeps its lease: %v, %v", when, ok, err)
			}
		}
		lost("before another leads")
		next, ok, err := db.TakeLease(t.Context(), store.Lease{Name: "leader"}, "next", noon+1)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		lost("while another leads")
		if err := set(t.Context(), db.Fenced(next), "next"); err != nil {
			t.Errorf("who leads: %v", err)
		}
	})
}

// On PostgreSQL transactions overlap. One that began while its process led is
// refused where another took over before its end, whatever it saw at its beginning;
// a renewal meanwhile is no conflict.
func TestALeaseIsTakenDuringATransaction(t *testing.T) {
	open := dbtest.Postgres(t)
	ctx, db, other := t.Context(), open(), open()
	none, err := db.Lease(ctx, "leader")
	if err != nil {
		t.Fatal(err)
	}
	a := take(t, db, none, "a", true)
	runs := 0
	during := func(f func()) error {
		runs = 0
		return db.Fenced(a).InTx(ctx, store.Pulls, noon, func(tx *store.Tx) error {
			if err := tx.SetSetting(ctx, "leader", "a"); err != nil {
				return err
			}
			if runs++; runs == 1 {
				f()
			}
			return nil
		})
	}
	err = during(func() { a, _, _ = other.KeepLease(ctx, a, noon) })
	if err != nil || runs != 1 {
		t.Errorf("with a renewal: %v, in %d runs; want one", err, runs)
	}
	err = during(func() { take(t, other, a, "b", true) })
	var lost *store.LeaseLost
	if !errors.As(err, &lost) {
		t.Errorf("with a takeover it was written: %v", err)
	}
}

// Between its look at the lease and its commit a transaction keeps the next one
// waiting: what it writes is committed before another leads.
func TestATakeoverWaitsForACommit(t *testing.T) {
	dsn := dbtest.PostgresDSN(t)
	ctx := t.Context()
	other, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	a := take(t, other, store.Lease{Name: "leader"}, "a", true)
	taken := make(chan error, 1)
	early := false
	db, err := store.Open(ctx, dsn, store.Options{OnStep: func(s store.Step) {
		if s != store.StepCommit {
			return
		}
		go func() {
			_, ok, err := other.TakeLease(ctx, a, "b", noon)
			if err == nil && !ok {
				err = errors.New("it was not taken")
			}
			taken <- err
		}()
		select {
		case <-taken:
			early = true
		case <-time.After(200 * time.Millisecond):
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := set(ctx, db.Fenced(a), "a"); err != nil {
		t.Errorf("it was refused: %v", err)
	}
	if early {
		t.Fatal("another led before the commit")
	}
	if err := <-taken; err != nil {
		t.Error(err)
	}
}
