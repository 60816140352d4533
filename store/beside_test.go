package store_test

import (
	"context"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// What is read beside a transaction is what was committed before it, and nothing
// can be written there.
func TestReadingBesideATransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, late("mb_1", "cov_1")) })
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.Enqueue(ctx, late("mb_1", "cov_2")); err != nil {
				return err
			}
			return tx.Beside(ctx, func(beside *store.Tx) error {
				before, err := beside.Told(ctx, late("mb_1", "cov_1").Occasion)
				if err != nil || !before {
					t.Errorf("what was committed before is told: %v, %v", before, err)
				}
				own, err := beside.Told(ctx, late("mb_1", "cov_2").Occasion)
				if err != nil || own != (db.Engine() == "sqlite") {
					t.Errorf("what this transaction wrote is told: %v, %v", own, err)
				}
				if db.Engine() == "postgres" {
					if err := beside.Enqueue(ctx, late("mb_1", "cov_3")); err == nil {
						t.Error("a notice was written beside the transaction")
					}
				}
				return nil
			})
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.Beside(ctx, func(beside *store.Tx) error {
				all, err := beside.Notices(ctx, store.OutboxQuery{})
				if len(all) != 2 {
					t.Errorf("%d notices, want 2", len(all))
				}
				return err
			})
		})
	})
}
