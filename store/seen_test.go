package store_test

import (
	"context"
	"strconv"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// watched is what a transaction has left.
type watched struct {
	seen store.Seen
	run  *store.Run
}

// seenBy carries out one transaction that writes, and says whether nobody else had
// written since the one before.
func seenBy(t *testing.T, db *store.DB, before *watched) (alone bool) {
	t.Helper()
	var now watched
	write(t, db.Watching(), store.NoStream, noon, func(ctx context.Context, tx *store.Tx) (err error) {
		if err = tx.SetSetting(ctx, "mine", "1"); err != nil {
			return err
		}
		now.seen, alone = tx.Seen(before.seen)
		if now.run = tx.Run(); (now.run == before.run) != alone {
			t.Error("a run is not that in which nobody else wrote")
		}
		return tx.SetSetting(ctx, "mine", "2")
	})
	*before = now
	return alone
}

// Who writes one transaction after the other is told when somebody else wrote between
// two of them, whoever that is and whatever was written, and by nothing of its own.
func TestSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		ctx, db, other := t.Context(), open(), open()
		n := 0
		set := func(db *store.DB, s store.Stream) func() {
			return func() {
				n++ // what is there already SQLite does not write
				write(t, db, s, noon, func(ctx context.Context, tx *store.Tx) error { return tx.SetSetting(ctx, "theirs", strconv.Itoa(n)) })
			}
		}
		lease := take(t, db, store.Lease{Name: "leader"}, "a", true)
		kept := lease
		keep := func() {
			var err error
			if kept, _, err = other.KeepLease(ctx, kept, noon); err != nil {
				t.Fatal(err)
			}
		}
		var at watched
		if seenBy(t, db, &at) {
			t.Error("before the first one there was nobody")
		}
		alone := func() {
			t.Helper()
			for range 100 { // the server writes a little by itself
				if seenBy(t, db, &at) {
					return
				}
			}
			t.Error("somebody is said to write all the time")
		}
		for what, somebody := range map[string]func(){
			"another process": set(other, store.NoStream), "its facts": set(other, store.Pulls), "this process": set(db, store.NoStream),
			"the same by a lease": set(db.Fenced(lease), store.Entries), "a lease that is kept": keep,
		} {
			alone()
			somebody()
			if seenBy(t, db, &at) {
				t.Errorf("%s wrote, and it is not seen", what)
			}
		}
		alone()
		if err := db.View(ctx, func(*store.Tx) error { return nil }); err != nil {
			t.Error(err)
		}
		if _, err := other.Counters(ctx); err != nil {
			t.Error(err)
		}
		if db.Engine() == "sqlite" && !seenBy(t, db, &at) {
			t.Error("who reads alone is said to write")
		}
		write(t, db, store.NoStream, noon, func(_ context.Context, tx *store.Tx) error {
			if now, alone := tx.Seen(at.seen); alone || now != (store.Seen{}) || tx.Run() != nil {
				t.Error("who does not watch is said to be alone")
			}
			return nil
		})
	})
}

// On PostgreSQL transactions overlap: one that began before two others and ends between
// them is seen, and so is one that the first of the two did not see the end of.
func TestSeenOfWhatOverlaps(t *testing.T) {
	open := dbtest.Postgres(t)
	db, other := open(), open()
	var at watched
	seenBy(t, db, &at)
	write(t, other, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
		err := tx.SetSetting(ctx, "theirs", "1")
		seenBy(t, db, &at)
		return err
	})
	if seenBy(t, db, &at) {
		t.Error("what was committed between two transactions is not seen")
	}
	write(t, db.Watching(), store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { // which sees nobody from here on
		write(t, other, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.SetSetting(ctx, "theirs", "2") })
		at.seen, _ = tx.Seen(at.seen)
		at.run = tx.Run()
		return tx.SetSetting(ctx, "mine", "3")
	})
	if seenBy(t, db, &at) {
		t.Error("what was committed while a transaction ran is not seen by the next one")
	}
}
