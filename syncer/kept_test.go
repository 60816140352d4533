package syncer

import (
	"context"
	"errors"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// What is kept is used for the next pull and no longer: not once another process has
// pulled, or tried to, or names were erased.
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

// A pull that fails leaves nothing but its row, and what it had read stays good for the next
// one: while upstream is away there is one a minute. Not where another process has stored
// something meanwhile, nor where the row could not be written.
func TestAFailedPullKeepsWhatItRead(t *testing.T) {
	onBoth(t, func(w *world) {
		u, here := planted(w)
		there := w.syncer(u)
		fails := func(how string) {
			w.t.Helper()
			if _, err := here.Pull(w.t.Context()); err == nil {
				w.t.Fatalf("%s: it did not fail", how)
			}
		}
		usable := func(how string, want bool) {
			w.t.Helper()
			counters := w.counters()
			if st := here.kept.stored; (st != nil && here.kept.counter == counters.Pulls) != want {
				w.t.Fatalf("%s: kept is %v of %+v, the counter is %+v", how, st != nil, here.kept.counter, counters.Pulls)
			}
			if want {
				w.kept(here)
			}
		}
		u.fail = &opencollective.UpstreamDown{Op: "orders", What: "an empty answer"}
		for range 2 {
			fails("upstream is away")
			usable("upstream is away", true)
		}
		u.fail = nil
		u.hide(u.renewed("or-alder", w.now))
		fails("a contradiction")
		usable("a contradiction", true)
		assess := here.assess
		here.assess = func(context.Context, *store.Tx, roll.SnapshotInfo) (roll.Report, error) {
			return roll.Report{}, errors.New("broken")
		}
		u.charges = append(u.charges, paidBy(*u.order("or-alder"), w.now))
		fails("the standings cannot be worked out")
		usable("the standings cannot be worked out", true)
		here.assess = assess
		if r := w.pull(here); r.Counts.NewCharges != 1 || r.Counts.ChangedOrders != 1 {
			w.t.Errorf("after all that: %+v", r)
		}

		w.later(time.Hour)
		u.charges = append(u.charges, paidBy(*u.order("or-birch"), w.now))
		u.during = func() {
			w.pull(there)
			u.fail = &opencollective.UpstreamDown{Op: "orders", What: "an empty answer"}
		}
		fails("another process pulled")
		usable("another process pulled", false)
		u.fail = nil
		if r := w.pull(here); r.Changed != 0 {
			w.t.Errorf("after another process: %+v", r)
		}
		tell := here.tell
		here.tell = func(context.Context, *store.Tx, roll.Failure) error { return errors.New("broken") }
		u.fail = errDry
		fails("its row is not written")
		usable("its row is not written", false)
		here.tell, u.fail = tell, nil
		w.pull(here)
	})
}
