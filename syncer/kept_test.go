package syncer

import (
	"errors"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// What is kept is used for the next pull and no longer: not once another process has
// pulled, a pull has failed, or names were erased.
func TestWhatIsKept(t *testing.T) {
	onBoth(t, func(w *world) {
		u := loose(w)
		birch := monthly("birch", at("2026-05-02"))
		u.orders = append(u.orders, birch)
		u.charges = append(u.charges, paidBy(birch, birch.Created))
		here, there := w.syncer(u), w.syncer(u)
		w.pull(here)
		first := here.kept.stored

		w.later(time.Hour)
		alder := monthly("alder", at("2026-06-03"))
		u.orders = append(u.orders, alder)
		u.charges = append(u.charges, paidBy(alder, alder.Created))
		if r := w.pull(there); r.Counts.NewOrders != 1 {
			t.Errorf("%+v", r.Counts)
		}
		w.later(time.Hour)
		if r := w.pull(here); r.Changed != 0 || first.contributions.len() != 1 || here.kept.stored.contributions.len() != 2 {
			t.Errorf("after another process: %d rows changed", r.Changed)
		}

		err := w.db.InTx(t.Context(), store.NoStream, w.now, func(tx *store.Tx) error { return tx.EraseAccount(t.Context(), "acc-birch") })
		if err != nil {
			t.Fatal(err)
		}
		w.later(time.Hour)
		if r := w.pull(here); r.Changed != 0 || r.Counts.Renamed != 0 || !here.kept.stored.details.at("acc-birch").Erased() || !w.stored().details.at("acc-birch").Erased() {
			t.Errorf("erased names were stored anew: %+v", r)
		}
		w.later(time.Hour)
		if w.pull(w.syncer(u)); !w.stored().details.at("acc-birch").Erased() || w.stored().details.at("acc-alder").Slug != "alder" {
			t.Error("a process that began after it stored erased names anew")
		}
		err = w.db.InTx(t.Context(), store.Entries, w.now, func(tx *store.Tx) error {
			return errors.Join(tx.AddMembers(t.Context(), store.MemberRow{ID: "m-birch", Kind: member.Organisation, By: store.By{Actor: "op"}}),
				tx.AddLinks(t.Context(), store.LinkRow{ID: "l-birch", Member: "m-birch", Account: "acc-birch", By: store.By{Actor: "op"}}))
		})
		if err != nil {
			t.Fatal(err)
		}
		w.later(time.Hour)
		if w.pull(here); here.kept.stored.details.at("acc-birch").Slug != "birch" || w.stored().details.at("acc-birch").Slug != "birch" {
			t.Error("an account that was linked to a member afterwards has no name")
		}

		w.later(time.Hour)
		if _, err := here.DryRun(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.kept(here)
		u.fail = errDry
		if _, err := there.Pull(t.Context()); err == nil {
			t.Fatal("it did not fail")
		}
		u.fail = nil
		before, err := w.db.Counters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if here.kept.take(before.Pulls) != nil {
			t.Error("what was kept before a pull that failed is used after it")
		}
	})
}
