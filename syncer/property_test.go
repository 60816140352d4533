package syncer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// wild is a collective to which anything may happen from one reading to the next.
type wild struct {
	*upstream
	t     *rapid.T
	clock instant.Instant
	names int
	// joins are the charges of the refunds that were made without them.
	joins map[string]string
}

func newWild(t *rapid.T) *wild {
	w := &wild{upstream: empty(), t: t, clock: at("2026-06-10"), joins: map[string]string{}}
	w.now = func() instant.Instant { return w.clock }
	for range rapid.IntRange(0, 4).Draw(t, "orders at first") {
		w.join()
	}
	return w
}

func (w *wild) join() {
	w.names++
	o := monthly(fmt.Sprintf("tree%d", w.names), w.clock.Add(-time.Duration(w.names)*time.Hour*100))
	if rapid.Bool().Draw(w.t, "unprocessed") {
		o.Processed, o.Status, o.Frequency = 0, pending, frequencyOnce
	}
	w.orders = append(w.orders, o)
}

func (w *wild) some() *opencollective.Order {
	return &w.orders[rapid.IntRange(0, len(w.orders)-1).Draw(w.t, "order")]
}

// happen is one thing that upstream's data may show, likely or not.
func (w *wild) happen() {
	statuses := append(slices.Sorted(maps.Keys(knownStatus)), "SNOOZED", "")
	what := rapid.IntRange(0, 13).Draw(w.t, "what")
	if len(w.orders) == 0 || what == 0 {
		w.join()
		return
	}
	o := w.some()
	switch what {
	case 1:
		o.Status = rapid.SampledFrom(statuses).Draw(w.t, "status")
	case 2:
		o.Frequency = rapid.SampledFrom([]string{frequencyMonth, frequencyYear, frequencyOnce, "", "FORTNIGHTLY"}).Draw(w.t, "frequency")
	case 3:
		o.Amount = pounds(rapid.Int64Range(1, 50).Draw(w.t, "pounds"))
	case 4: // hidden, merged or shown again
		o.Payer = rapid.SampledFrom([]opencollective.Account{{}, payer("merged"), payer("tree1")}).Draw(w.t, "payer")
	case 5, 6, 7:
		c := paidBy(*o, w.clock.Add(-time.Duration(rapid.IntRange(0, 90*24).Draw(w.t, "hours ago"))*time.Hour))
		if !slices.ContainsFunc(w.charges, func(x opencollective.Charge) bool { return x.ID == c.ID }) {
			w.charges = append(w.charges, c)
		}
	case 8:
		if len(w.charges) > 0 {
			c := &w.charges[rapid.IntRange(0, len(w.charges)-1).Draw(w.t, "charge")]
			c.Refunded, c.Disputed = true, rapid.Bool().Draw(w.t, "disputed")
			if f := backOf(*c, w.clock); !slices.ContainsFunc(w.refunds, func(x opencollective.Refund) bool { return x.ID == f.ID }) {
				if rapid.Bool().Draw(w.t, "not joined yet") {
					w.joins[f.ID], f.Charge = f.Charge, ""
				}
				w.refunds = append(w.refunds, f)
			}
		}
	case 9:
		w.drop(o.ID)
	case 10: // out of the window
		w.charges = w.charges[len(w.charges)/2:]
	case 11:
		o.ID = rapid.SampledFrom([]string{o.ID, o.PublicID}).Draw(w.t, "form of id")
	case 12:
		o.Processed = w.clock
		o.Payer.Slug = rapid.SampledFrom([]string{"tree1", "tree2", "other"}).Draw(w.t, "slug")
	case 13:
		for i := range w.refunds {
			w.refunds[i].Charge = cmp.Or(w.refunds[i].Charge, w.joins[w.refunds[i].ID])
		}
	}
}

func (w *wild) shuffled() *upstream {
	u := *w.upstream
	u.orders = rapid.Permutation(w.orders).Draw(w.t, "order of orders")
	u.charges = rapid.Permutation(w.charges).Draw(w.t, "order of charges")
	u.refunds = rapid.Permutation(w.refunds).Draw(w.t, "order of refunds")
	return &u
}

// Whatever upstream shows: the same reading again changes nothing, the order
// of its rows is irrelevant, and what was stored once stays.
func TestReconcilingIsIdempotentAndLosesNothing(t *testing.T) {
	known := 0
	defer func() {
		if known == 0 {
			t.Error("nothing was known of any snapshot")
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		w := newWild(t)
		m := newMemory(t)
		for range rapid.IntRange(1, 8).Draw(t, "snapshots") {
			for range rapid.IntRange(0, 5).Draw(t, "events") {
				w.happen()
			}
			w.clock = w.clock.Add(time.Duration(rapid.IntRange(1, 2000).Draw(t, "minutes")) * time.Minute)
			before := m.st
			other := &memory{t: t, st: before}
			m.see(w.upstream)
			other.see(w.shuffled())
			mustBeSame(t, m.st, other.st)
			mustStay(t, before, m.st)
			w.mustJoin(before, m.st)
			if n := m.see(w.upstream); n != 0 || len(m.last.details) != 0 || len(m.said) != 0 {
				t.Fatalf("the same again changed %d rows and says %q: %+v", n, m.said, m.last.changes)
			}
		}
		known += m.known
	})
}

// mustJoin says that a refund is stored once, as it is shown: with its charge, or when it has
// been without for a day.
func (w *wild) mustJoin(before, after *stored) {
	w.t.Helper()
	for _, f := range w.refunds {
		_, old := before.refunds[f.ID]
		got, now := after.refunds[f.ID]
		waits := f.Charge == "" && w.clock.Sub(f.Created) < 24*time.Hour
		if !old && (now == waits || got.Charge != f.Charge && !waits) {
			w.t.Fatalf("at %s the refund %+v is stored as %+v", w.clock, f, got)
		}
	}
}

// mustBeSame compares all that two snapshots of the same content left.
func mustBeSame(t *rapid.T, a, b *stored) {
	t.Helper()
	if !maps.Equal(rows(&a.contributions), rows(&b.contributions)) || !maps.Equal(rows(&a.charges), rows(&b.charges)) ||
		!maps.Equal(rows(&a.coverages), rows(&b.coverages)) || !maps.Equal(rows(&a.accounts), rows(&b.accounts)) || !maps.Equal(a.refunds, b.refunds) || !maps.Equal(a.missing, b.missing) ||
		!maps.Equal(a.flags, b.flags) {
		t.Fatalf("the order of rows matters:\n%+v\n%+v", a, b)
	}
}

// mustStay says that facts are only added: charges with their payers,
// coverages and refunds stay as they are, entities never disappear.
func mustStay(t *rapid.T, before, after *stored) {
	t.Helper()
	for id, c := range before.charges.all() {
		now := after.charges.at(id)
		if c.Account == "" {
			c.Account = now.Account
		}
		if now != c {
			t.Fatalf("the charge %+v became %+v", c, now)
		}
	}
	for id, v := range before.coverages.all() {
		if after.coverages.at(id) != v {
			t.Fatalf("the coverage %+v became %+v", v, after.coverages.at(id))
		}
	}
	for id, f := range before.refunds {
		if after.refunds[id] != f {
			t.Fatalf("the refund %+v became %+v", f, after.refunds[id])
		}
	}
	for id := range before.contributions.all() {
		if still := after.contributions.has(id); !still {
			t.Fatalf("the contribution %s is gone", id)
		}
	}
	for id, c := range after.contributions.all() {
		if was, ok := before.contributions.get(id); ok && was.Account != "" && c.Account == "" {
			t.Fatalf("the contribution %s lost its payer", id)
		}
	}
	known := map[member.AccountID]bool{}
	for _, a := range after.accounts.all() {
		known[a.ID] = true
	}
	for _, c := range after.contributions.all() {
		if c.Account != "" && !known[c.Account] {
			t.Fatalf("the contribution %s belongs to %s, which has no row", c.ID, c.Account)
		}
	}
}

// A charge that is seen while its contribution is ACTIVE, and before the next
// one, is covered alike by every schedule of readings.
func TestTheScheduleOfReadingsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// One payer from a random day on, charged by upstream's own rule.
		start := at("2025-01-01").Add(time.Duration(rapid.IntRange(0, 500*24).Draw(t, "hours")) * time.Hour)
		o := monthly("alder", start)
		next := start.MonthStart(1)
		if start.Time().Day() > 15 {
			next = start.MonthStart(2)
		}
		days := []instant.Instant{start}
		for range 5 {
			days = append(days, next.Add(time.Duration(rapid.IntRange(0, 4*24).Draw(t, "late"))*time.Hour))
			next = next.MonthStart(1)
		}
		read := func(every time.Duration) map[string]store.CoverageRow {
			m := newMemory(t)
			m.whole = true // thousands of readings of one contribution
			u := empty()
			for now := start.Add(time.Second); now < next; now = now.Add(every) {
				u.now = func() instant.Instant { return now }
				u.charges = nil
				for _, d := range days {
					if d <= now {
						u.charges = append(u.charges, paidBy(o, d))
						o.LastCharged, o.NextCharge = d, d.MonthStart(1)
					}
				}
				if len(u.charges) == 1 && start.Time().Day() > 15 {
					o.NextCharge = start.MonthStart(2)
				}
				u.orders = []opencollective.Order{o}
				m.see(u)
			}
			return rows(&m.st.coverages)
		}
		often := read(time.Duration(rapid.IntRange(1, 20).Draw(t, "hours between")) * time.Hour)
		rarely := read(time.Duration(rapid.IntRange(2, 24).Draw(t, "days between")) * 24 * time.Hour)
		for id, v := range rarely {
			if often[id].Due != v.Due {
				t.Fatalf("%s is due %s when read often, %s when read rarely", id, often[id].Due, v.Due)
			}
		}
	})
}
