package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func dismissal(id, entry, digit string) store.DismissalRow {
	return store.DismissalRow{ID: id, Entry: entry, Kind: "no_delegate", Facts: strings.Repeat(digit, 64),
		By: store.By{Actor: "pe_1", Reason: "tx_1"}}
}

// The newest dismissal of an entry counts; each comes back as it was, and from
// the log, whichever engine wrote it.
func TestDismissalsComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for i, row := range []store.DismissalRow{dismissal("di_1", "d_a", "1"), dismissal("di_2", "d_b", "1"), dismissal("di_3", "d_a", "2")} {
			write(t, db, store.Entries, days(i), func(ctx context.Context, tx *store.Tx) error { return tx.AddDismissals(ctx, row) })
		}
		a, b := dismissal("di_3", "d_a", "2"), dismissal("di_2", "d_b", "1")
		a.Known, b.Known = days(2), days(1)
		back := dbtest.SQLite(t)()
		replay(t, back, export(t, db))
		for _, one := range []*store.DB{db, back} {
			view(t, one, func(ctx context.Context, tx *store.Tx) error {
				got, err := tx.Dismissals(ctx)
				same(t, "dismissals", got, map[string]store.DismissalRow{"d_a": a, "d_b": b})
				return err
			})
		}
		err := db.InTx(t.Context(), store.Pulls, days(3), func(tx *store.Tx) error {
			return tx.AddDismissals(t.Context(), dismissal("di_4", "d_a", "3"))
		})
		if !errors.Is(err, store.ErrWrongStream) {
			t.Errorf("a pull dismissed something: %v", err)
		}
	})
}

// Who lost a delegate, and when last; a merged member's losses move on.
func TestDelegatesThatWereLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for i, e := range []struct {
			member member.ID
			event  store.DelegateEvent
		}{{"mb_1", store.DelegateAdded}, {"mb_2", store.DelegateAdded}, {"mb_3", store.DelegateAdded}, {"mb_1", store.DelegateRemoved}, {"mb_2", store.DelegateRemoved}} {
			write(t, db, store.Entries, days(i), func(ctx context.Context, tx *store.Tx) error {
				if e.event == store.DelegateAdded {
					if err := tx.AddMembers(ctx, store.MemberRow{ID: e.member, Kind: member.Organisation}); err != nil {
						return err
					}
				}
				return tx.AddDelegates(ctx, store.DelegateRow{ID: string(e.member) + string(e.event), Member: e.member, Person: "pe_2", Event: e.event})
			})
		}
		lost := func(want map[member.ID]instant.Instant) {
			t.Helper()
			view(t, db, func(ctx context.Context, tx *store.Tx) error {
				got, err := tx.DelegatesLost(ctx)
				same(t, "losses", got, want)
				return err
			})
		}
		lost(map[member.ID]instant.Instant{"mb_1": days(3), "mb_2": days(4)})
		write(t, db, store.Entries, days(5), func(ctx context.Context, tx *store.Tx) error {
			return tx.AddMerge(ctx, store.MergeRow{Loser: "mb_2", Winner: "mb_1"})
		})
		lost(map[member.ID]instant.Instant{"mb_1": days(4)})
	})
}

func TestAPullIsFoundByItsID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		row := store.Pull{ID: "pu_1", Started: noon, Finished: noon, Outcome: "complete", Counts: map[string]int64{"dropped_orders": 3}}
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error { return tx.AddPull(ctx, row) })
		row.Known = noon
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			got, found, err := tx.Pull(ctx, "pu_1")
			_, other, err2 := tx.Pull(ctx, "pu_2")
			same(t, "pull", got, row)
			if !found || other {
				t.Errorf("found %v, another %v", found, other)
			}
			return errors.Join(err, err2)
		})
	})
}
