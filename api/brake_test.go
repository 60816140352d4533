package api

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/store"
)

// brake puts nora under a hold that stands, and zed under one that was
// acknowledged.
func brake(w *world) {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok(w.db.InTx(ctx, store.Pulls, w.clock(), func(tx *store.Tx) error {
		for id, m := range map[string]store.HoldMember{
			"h_standing": {Member: w.nora, State: eligibility.StateGrace, Vote: true},
			"h_over":     {Member: w.zed, State: eligibility.StateWaived, Vote: true},
		} {
			row := store.HoldRow{ID: id, Cause: "host", SetAt: w.clock() - 2000, Since: w.clock() - 3000, Snapshot: 1}
			if err := tx.AddHold(ctx, row, []store.HoldMember{m}); err != nil {
				return err
			}
		}
		return nil
	}))
	w.must(w.r.Acknowledge(ctx, w.by("looked at"), "h_over"))
}
