package syncer

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// What a snapshot leaves out is what was stored when it was begun: where another process
// has pulled meanwhile, it is there all the same, and names that were erased are not.
func TestWhatIsKnownIsMadeUpFor(t *testing.T) {
	w := onOne(t)
	u := loose(w)
	for _, name := range []string{"birch", "cedar"} {
		o := monthly(name, at("2026-05-02"))
		u.orders, u.charges = append(u.orders, o), append(u.charges, paidBy(o, o.Created))
	}
	here := w.syncer(u)
	w.pull(here)

	w.later(time.Hour)
	u.during = func() {
		err := w.db.InTx(t.Context(), store.NoStream, w.now, func(tx *store.Tx) error { return tx.EraseAccount(t.Context(), "acc-birch") })
		if err != nil {
			t.Fatal(err)
		}
	}
	if r := w.pull(here); !w.stored().details.at("acc-birch").Erased() || r.Counts.Orders != 2 || r.Counts.Charges != 2 {
		t.Errorf("names that were erased meanwhile are stored again, or something was lost: %+v", r.Counts)
	}

	w.later(time.Hour)
	u.during = func() {
		other := *u
		other.orders = append([]opencollective.Order{}, u.orders...)
		other.orders[0].Status = cancelled
		w.pull(w.syncer(&other))
	}
	if r := w.pull(here); r.Changed != 1 || w.stored().contributions.at("or-birch").Status != active {
		t.Errorf("what another process stored meanwhile stays, with %d rows changed", r.Changed)
	}

	w.later(72 * time.Hour)
	u.during = func() {
		other := *u
		other.orders = append([]opencollective.Order{}, u.orders...)
		other.orders[1].Status, other.orders[1].Updated = failing, w.now
		w.pull(w.syncer(&other))
	}
	if w.pull(here); w.stored().contributions.at("or-cedar").Status != failing {
		t.Error("an answer that was last touched days ago ends a retry that another process saw meanwhile")
	}
	u.during = nil
	w.later(time.Hour)
	u.orders[1].Updated = w.now
	if w.pull(here); w.stored().contributions.at("or-cedar").Status != active {
		t.Error("a payment that came after the retry does not end it")
	}
}

// Where another process has stored addresses meanwhile, a later answer that there are none
// takes them away, and one that may not show any leaves them.
func TestNoAddressesAreKnownAsShown(t *testing.T) {
	for name, emails := range map[string][]string{"there are none": {}, "none may be seen": nil} {
		w := onOne(t)
		u := loose(w)
		o := monthly("birch", at("2026-05-02"))
		o.Payer.Emails = emails
		u.orders, u.charges = append(u.orders, o), append(u.charges, paidBy(o, o.Created))
		here := w.syncer(u)
		w.pull(here)
		w.later(time.Hour)
		if r := w.pull(here); r.Changed != 0 {
			t.Errorf("%s: %d rows changed, and nothing had", name, r.Changed)
		}

		w.later(time.Hour)
		u.during = func() {
			other := *u
			other.orders = append([]opencollective.Order{}, u.orders...)
			other.orders[0].Payer.Emails = []string{"birch@example.test"}
			w.pull(w.syncer(&other))
		}
		w.pull(here)
		if left := len(w.stored().details.at("acc-birch").Emails); (left == 0) != (emails != nil) {
			t.Errorf("%s: %d addresses are stored", name, left)
		}
	}
}

// An account that one order shows as it is stored and another one otherwise is read as if
// nothing had been known.
func TestAnAccountThatIsShownInTwoWays(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	second := monthly("second", u.orders[0].Created.Add(time.Hour))
	second.Payer = u.orders[0].Payer
	u.orders = append(u.orders, second)
	m.see(u)
	u.orders[0].Payer.Slug = "moved"
	m.see(u)
	if m.known != 2 {
		t.Errorf("something was known of %d snapshots, want 2", m.known)
	}
}

// A look at a snapshot takes no note of an earlier one that was begun.
func TestAReadingThatBeginsAgain(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	k := newKnown(m.st)
	spare(u.snapshot(), k)
	gone := u.drop("or-birch")
	snap := u.snapshot()
	spare(snap, k)
	if k.orders.has(gone.ID) || snap.KnownOrders != k.orders.len() || snap.KnownOrders == 0 {
		t.Errorf("%d orders are known, %v", snap.KnownOrders, k.orders.len())
	}
}
