package store_test

import (
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// The notices on one occasion are those of its kind, member and cause, and no
// others.
func TestNoticesOnOneOccasion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		on := notify.Occasion{Kind: notify.DecisionOpened, Cause: "de_1/2"}
		about := on
		about.Member = "mb_1"
		later := notify.Occasion{Kind: notify.DecisionOpened, Cause: "de_1/22"}
		err := db.InTx(ctx, store.NoStream, 1_000, func(tx *store.Tx) error {
			for _, m := range []notify.Message{
				{Occasion: on, Recipient: "room", Channel: notify.Matrix}, {Occasion: on, Recipient: "p_2", Channel: notify.Email},
				{Occasion: on, Recipient: "p_1", Channel: notify.Email}, {Occasion: about, Channel: notify.Email}, {Occasion: later, Recipient: "p_1", Channel: notify.Email},
			} {
				m.State = notify.Waiting
				if err := tx.Enqueue(ctx, m); err != nil {
					return err
				}
			}
			rows, err := tx.NoticesOn(ctx, on)
			if err == nil && (len(rows) != 3 || rows[0].Recipient != "p_1" || rows[1].Recipient != "p_2" || rows[2].Channel != notify.Matrix) {
				t.Errorf("%+v", rows)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
