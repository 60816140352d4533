package store_test

import (
	"context"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// late is a notice about a late payment.
func late(m member.ID, cause string) notify.Message {
	return notify.Message{
		Occasion:  notify.Occasion{Kind: notify.PaymentLate, Member: m, Cause: cause},
		Recipient: "co_" + string(m), Channel: notify.Email, About: noon, DueAt: noon.Add(time.Hour), State: notify.BeforeStart,
	}
}

func TestEnqueuingTwiceIsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		other := late("mb_1", "cov_1")
		other.Recipient = "pe_7"
		again := late("mb_1", "cov_1")
		again.State, again.Detail = notify.Waiting, "changed"
		for _, s := range []store.Stream{store.Pulls, store.NoStream, store.Entries} {
			write(t, db, s, noon, func(ctx context.Context, tx *store.Tx) error {
				return tx.Enqueue(ctx, late("mb_1", "cov_1"), again, other, late("mb_2", "cov_1"), late("mb_1", "cov_2"))
			})
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err := tx.Notices(ctx, store.OutboxQuery{})
			if err != nil {
				return err
			}
			if len(all) != 4 {
				t.Fatalf("%d notices, want 4: %+v", len(all), all)
			}
			for _, n := range all {
				if n.State != notify.BeforeStart || n.Detail != "" || n.DueAt != noon.Add(time.Hour) {
					t.Errorf("a notice was changed: %+v", n)
				}
				ledger, err := tx.Ledger(ctx, n.ID)
				if err != nil || len(ledger) != 1 || ledger[0].State != notify.BeforeStart || ledger[0].At != noon {
					t.Errorf("ledger %+v, %v", ledger, err)
				}
			}
			one, err := tx.Notices(ctx, store.OutboxQuery{Member: "mb_2", Kind: notify.PaymentLate, State: notify.BeforeStart})
			if err != nil || len(one) != 1 || one[0].Member != "mb_2" || one[0].Occasion != "payment_late/mb_2/cov_1" {
				t.Errorf("of mb_2: %+v, %v", one, err)
			}
			for cause, want := range map[string]bool{"cov_1": true, "cov_2": true, "cov_": false, "": false} {
				if told, err := tx.Told(ctx, late("mb_1", cause).Occasion); err != nil || told != want {
					t.Errorf("mb_1 was told about %q: %v, %v, want %v", cause, told, err, want)
				}
			}
			return nil
		})
	})
}

// Every step of a notice has its ledger row; what is final stays.
func TestANoticeMovesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		m := late("mb_1", "cov_1")
		m.State, m.Detail = notify.HeldState, "stale"
		var id string
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, m) })
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err := tx.Notices(ctx, store.OutboxQuery{})
			id = all[0].ID
			return err
		})
		for i, s := range []notify.State{notify.Waiting, notify.Sent} {
			write(t, db, store.NoStream, noon.Add(time.Duration(i)*time.Minute), func(ctx context.Context, tx *store.Tx) error {
				return tx.SetNotice(ctx, id, s, "")
			})
		}
		err := db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error { return tx.SetNotice(t.Context(), id, notify.Failed, "") })
		if want := "move notice " + id + " to failed: there is none with that id that still waits"; err == nil || err.Error() != want {
			t.Errorf("moving a sent notice: %v, want %q", err, want)
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			ledger, err := tx.Ledger(ctx, id)
			if err != nil {
				return err
			}
			want := []store.LedgerRow{
				{Outbox: id, Seq: 1, At: noon, State: notify.HeldState, Detail: "stale"},
				{Outbox: id, Seq: 2, At: noon, State: notify.Waiting},
				{Outbox: id, Seq: 3, At: noon.Add(time.Minute), State: notify.Sent},
			}
			same(t, "the ledger", ledger, want)
			counts, err := tx.NoticeCounts(ctx)
			same(t, "the counts", counts, map[notify.State]int64{notify.Sent: 1})
			return err
		})
	})
}
