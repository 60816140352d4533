package syncer

import (
	"fmt"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// crowd is a collective of n payers who have paid for a year.
func crowd(n int) *upstream {
	u := empty()
	for i := range n {
		o := monthly(fmt.Sprintf("tree%05d", i), at("2025-06-02"))
		u.orders = append(u.orders, o)
		for m := range 12 {
			u.charges = append(u.charges, paidBy(o, at("2025-06-02").AddMonths(m)))
		}
	}
	return u
}

// BenchmarkAnUnchangedSnapshot is a pull of 1,000 payers with 12,000 charges
// in which nothing changed, without the wire and the roll.
func BenchmarkAnUnchangedSnapshot(b *testing.B) {
	db, err := store.Open(b.Context(), dbtest.SQLiteDSN(b), store.Options{Version: "test"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	now := at("2026-06-10")
	clock := func() instant.Instant { now++; return now }
	u := crowd(1000)
	u.now = clock
	s := New(db, roll.New(db, roll.Options{Now: clock}), u, Options{Slug: "loose-knot", Now: clock})
	if _, err := s.Pull(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, err := s.Pull(b.Context())
		if err != nil || r.Changed != 0 {
			b.Fatal(r.Changed, err)
		}
	}
}
