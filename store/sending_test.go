package store_test

import (
	"context"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// An attempt is its claim's: who comes too late writes nothing, and what was never
// answered is counted by the next.
func TestAnAttemptEndsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		m := late("mb_1", "cov_1")
		m.State, m.DueAt = notify.Waiting, noon
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, m) })
		at := func(after time.Duration, f func(ctx context.Context, tx *store.Tx) error) {
			t.Helper()
			write(t, db, store.NoStream, noon.Add(after), f)
		}
		due := func(ctx context.Context, tx *store.Tx, want int) store.OutboxRow {
			t.Helper()
			rows, err := tx.DueNotices(ctx, notify.Email, 10)
			if err != nil || len(rows) != want {
				t.Fatalf("%d are due, %v; want %d", len(rows), err, want)
			}
			if want == 0 {
				return store.OutboxRow{}
			}
			return rows[0]
		}
		claim := func(after time.Duration, by, letter string) {
			t.Helper()
			at(after, func(ctx context.Context, tx *store.Tx) error {
				return tx.ClaimNotice(ctx, due(ctx, tx, 1), by, noon.Add(after+time.Minute), letter)
			})
		}
		end := func(after time.Duration, by string, e store.Ends, want bool) {
			t.Helper()
			at(after, func(ctx context.Context, tx *store.Tx) error {
				rows, err := tx.Notices(ctx, store.OutboxQuery{})
				if err != nil {
					return err
				}
				ok, err := tx.EndAttempt(ctx, rows[0], by, e)
				if ok != want {
					t.Errorf("%s ends the attempt: %v, want %v", by, ok, want)
				}
				return err
			})
		}
		claim(0, "c1", "l1")
		at(time.Second, func(ctx context.Context, tx *store.Tx) error { due(ctx, tx, 0); return nil })
		end(2*time.Second, "c1", store.Ends{State: notify.Waiting, Detail: notify.Retried, TryAt: noon.Add(10 * time.Second)}, true)
		at(3*time.Second, func(ctx context.Context, tx *store.Tx) error {
			due(ctx, tx, 0)
			next, err := tx.NextNotice(ctx, notify.Email)
			if next != noon.Add(10*time.Second) {
				t.Errorf("the next is at %s", next)
			}
			return err
		})
		claim(10*time.Second, "c2", "l2") // and is killed
		claim(2*time.Minute, "c3", "l3")
		end(2*time.Minute, "c2", store.Ends{State: notify.Sent}, false)
		at(2*time.Minute, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.HoldWaiting(ctx, notify.ByGap, noon)
			return err
		})
		end(2*time.Minute, "c3", store.Ends{State: notify.Sent}, true)
		end(2*time.Minute, "c3", store.Ends{State: notify.Failed}, false)
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Notices(ctx, store.OutboxQuery{})
			if err != nil {
				return err
			}
			n := rows[0]
			if n.State != notify.Sent || n.Attempts != 3 || n.Unsure != 1 || n.Letter != "l1" || n.Claim != "" {
				t.Errorf("the notice is %+v", n)
			}
			steps, err := tx.Ledger(ctx, n.ID)
			var words []string
			for _, s := range steps {
				words = append(words, string(s.State)+" "+s.Detail)
			}
			same(t, "the ledger", words, []string{"waiting ", "waiting retried", "waiting unknown_outcome", "held release:gap", "sent "})
			sent, sentErr := tx.LastSent(ctx, "mb_1", n.Recipient, notify.Lapsed, notify.PaymentLate)
			if sent != noon.Add(2*time.Minute) || sentErr != nil {
				t.Errorf("it was sent at %s, %v", sent, sentErr)
			}
			return err
		})
		err := db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error {
			rows, err := tx.Notices(t.Context(), store.OutboxQuery{})
			if err != nil {
				return err
			}
			return tx.ClaimNotice(t.Context(), rows[0], "c4", noon, "l4")
		})
		if err == nil {
			t.Error("a notice that was sent can be claimed")
		}
	})
}

func TestPlacesAreComparedByWhatBothTell(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"sqlite inode=1 born=2", "sqlite inode=1 born=2", true},
		{"sqlite inode=1 born=2", "sqlite inode=1 born=3", false},
		{"sqlite inode=1 born=2", "sqlite inode=1", true}, // a file system that does not tell
		{"postgres database=1 table=2", "postgres system=9 database=1 table=2", true},
		{"postgres system=8 database=1 table=2", "postgres system=9 database=1 table=2", false},
		{"sqlite inode=1", "postgres database=1", false},
		{"", "", false},
	} {
		if got := store.SamePlace(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
