package roll

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// nobodyMissed wants a step over all members, by a register that keeps nothing, to find
// nothing that the step before it should have recorded or told.
func (fl *flock) nobodyMissed(when string) {
	fl.t.Helper()
	looked := errors.New("only looked")
	var found Report
	err := fl.db.InTx(fl.t.Context(), store.Pulls, fl.now, func(tx *store.Tx) (err error) {
		all := New(fl.db, Options{Now: func() instant.Instant { return fl.now }})
		if found, err = all.AfterSnapshot(fl.t.Context(), tx, SnapshotInfo{Number: fl.no, Start: fl.last, Previous: fl.last, Currency: "GBP"}); err != nil {
			return err
		}
		return looked
	})
	if !errors.Is(err, looked) {
		fl.t.Fatal(err)
	}
	delete(found.Notices, string(notify.Stale)) // of no member: where an entry was refused no step was taken since
	if len(found.Transitions) > 0 || found.Hold != "" || len(found.Notices) > 0 {
		fl.t.Errorf("%s: missed were %v, hold %q, notices %v", when, states(found.Transitions), found.Hold, found.Notices)
	}
}

// turmoil is what may happen to a flock, at random but repeatable.
type turmoil struct {
	*flock
	r     *rand.Rand
	paid  []string // charges that were not given back
	n     int
	there *Roll // another process's register on the same database
}

func (h *turmoil) someone() int { return h.r.IntN(len(h.ids)) }

// upstream is what a pull finds: mostly little, now and then nothing.
func (h *turmoil) upstream(tx *store.Tx, no int64) (err error) {
	ctx, shown := h.t.Context(), map[int]bool{}
	for range h.r.IntN(4) {
		i, more := h.someone(), error(nil)
		h.n++
		id := fmt.Sprintf("tx-%d", h.n)
		switch h.r.IntN(6) {
		case 0, 1:
			h.paid = append(h.paid, id)
			_, err2 := tx.AddCharges(ctx, []store.ChargeRow{{ID: id, Contribution: fmt.Sprintf("or-%02d", i), Account: acc(i), Kind: eligibility.ContributionCharge,
				Amount: money.Money{Minor: 1000, Currency: gbp}, Created: h.now - 3600e6, Snapshot: no}})
			_, err3 := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: id, Interval: eligibility.Monthly, Due: (h.now - 3600e6).MonthStart(1), OrderMinor: 1000, Snapshot: no}})
			more = errors.Join(err2, err3)
		case 2: // without its payer, and what it covers, until a later pull
			_, more = tx.AddCharges(ctx, []store.ChargeRow{{ID: id, Contribution: fmt.Sprintf("or-%02d", i), Kind: eligibility.ContributionCharge,
				Amount: money.Money{Minor: 1000, Currency: gbp}, Created: h.now - 7200e6, Snapshot: no}})
		case 3:
			var late []store.ChargeRow
			late, more = tx.ChargesWithoutCoverage(ctx)
			for _, c := range late {
				var payer int
				_, err2 := fmt.Sscanf(c.Contribution, "or-%d", &payer)
				_, err3 := tx.AddPayers(ctx, []store.PayerRow{{Charge: c.ID, Account: acc(payer), Snapshot: no}})
				_, err4 := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: c.ID, Interval: eligibility.Monthly, Due: c.Created.MonthStart(1), OrderMinor: 1000, Snapshot: no}})
				more = errors.Join(more, err2, err3, err4)
			}
		case 4:
			if len(h.paid) > 0 {
				k := h.r.IntN(len(h.paid))
				back := h.paid[k]
				h.paid = append(h.paid[:k:k], h.paid[k+1:]...)
				_, more = tx.AddRefunds(ctx, []store.RefundRow{{ID: "rf-" + back, Charge: back, At: h.now - 60e6, Kind: "REFUND", Minor: -1000, Snapshot: no}})
			}
		case 5:
			row := contribution(i, []string{"ACTIVE", "ERROR", "PAUSED", "REJECTED", "CANCELLED"}[h.r.IntN(5)], h.now, no)
			row.NextCharge = h.now.MonthStart(1)
			row.Account = []member.AccountID{acc(i), acc(h.someone())}[h.r.IntN(10)/9]
			if !shown[i] { // once in a snapshot
				_, more = tx.AddContributions(ctx, []store.ContributionRow{row})
			}
			shown[i] = true
		}
		err = errors.Join(err, more)
	}
	return err
}

// entry is what people do.
func (h *turmoil) entry() {
	ctx, by, r := h.t.Context(), h.operator("it happened"), []*Roll{h.flock.r, h.there}[h.r.IntN(2)]
	who, other := h.ids[h.someone()], h.ids[h.someone()]
	var err error
	switch h.r.IntN(7) {
	case 0:
		_, _, err = r.Waive(ctx, by, who, 0, h.now.AddMonths(1+h.r.IntN(2)), "")
	case 1:
		_, err = r.Unlink(ctx, by, who, acc(h.someone()), h.now)
	case 2:
		_, err = r.Link(ctx, by, who, acc(h.someone()), h.now, 0)
	case 3:
		_, err = r.Merge(ctx, by, other, who)
	case 4:
		_, _, err = r.Pay(ctx, by, PaymentEntry{Member: who, Amount: money.Money{Minor: 1000, Currency: gbp}, Received: h.now, Months: 1})
	case 5:
		_, err = r.Pause(ctx, by, who, h.now, true)
	case 6:
		var holds []Hold
		if holds, err = r.Holds(ctx, false); err == nil && len(holds) > 0 {
			_, err = r.Acknowledge(ctx, by, holds[0].ID)
		}
	}
	if _, refused := errors.AsType[*Refused](err); !refused {
		h.ok(err)
	}
}

// spared is how many members the register would pass over in a pull now.
func (h *turmoil) spared() (n int) {
	counters, err := h.db.Counters(h.t.Context())
	h.ok(err)
	left := h.flock.r.calm.left
	if left == nil || left.counters != counters {
		return 0
	}
	for _, m := range left.members {
		if m.until > h.now {
			n++
		}
	}
	return n
}

// Whatever happens, in whatever order, between two processes, and where pulls fail: a step
// that passes over whom the one before found calm misses nobody. What differs between the
// engines is held by the store's own test of whom a pull concerns.
func TestNobodyIsMissed(t *testing.T) {
	fl := newFlock(t, dbtest.SQLite(t)(), 12)
	h := &turmoil{flock: fl, r: rand.New(rand.NewPCG(5, 3))}
	h.there = New(fl.db, Options{Now: func() instant.Instant { return fl.now }})
	spared, moved := 0, 0
	for step := range 80 {
		fl.now = fl.now.Add(time.Duration(1+h.r.IntN(50)) * time.Hour)
		switch h.r.IntN(12) {
		case 0, 1:
			h.entry()
		case 2:
			if _, err := []*Roll{fl.r, h.there}[h.r.IntN(2)].Assess(t.Context()); err != nil {
				t.Fatal(err)
			}
		case 3:
			h.by(h.there, func() { fl.read(SnapshotInfo{}, h.upstream) })
		case 4:
			h.fails(h.upstream)
		default:
			spared += h.spared()
			moved += len(fl.read(SnapshotInfo{}, h.upstream).Transitions)
		}
		fl.nobodyMissed(fmt.Sprintf("step %d, %s", step, fl.now))
	}
	if spared < 80 || moved < 20 {
		t.Errorf("%d members were passed over, and %d standings changed: too few to say anything", spared, moved)
	}
}

// What a step leaves is not believed after an entry, after another process's pull, and
// after a pull of its own that was rolled back.
func TestCalmIsOver(t *testing.T) {
	for name, happens := range map[string]func(*turmoil){
		"nothing": func(*turmoil) {},
		"an entry": func(h *turmoil) {
			h.ok2(h.there.Waive(h.t.Context(), h.operator("ill"), h.ids[0], 0, h.now.AddMonths(1), ""))
		},
		"a pull":      func(h *turmoil) { h.by(h.there, func() { h.read(SnapshotInfo{}, h.flock.pay(0)) }) },
		"rolled back": func(h *turmoil) { h.fails(h.flock.pay(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := &turmoil{flock: newFlock(t, dbtest.SQLite(t)(), 4)}
			h.there = New(h.db, Options{Now: func() instant.Instant { return h.now }})
			h.lapse([]int{1, 2, 3}, SnapshotInfo{})
			for _, day := range []int{24, 36} { // by then nothing is counted from July any more
				h.now = instant.Date(2026, 10, day)
				h.read(SnapshotInfo{}, h.flock.pay(1, 2, 3))
			}
			h.now = instant.Date(2026, 11, 6)
			if h.read(SnapshotInfo{}, nil); h.spared() != 4 {
				t.Fatalf("%d of 4 members are calm", h.spared())
			}
			h.now = instant.Date(2026, 11, 7)
			happens(h)
			if name == "rolled back" && h.flock.r.calm.left != nil {
				t.Error("a step that was rolled back left something")
			}
			for _, month := range []time.Month{11, 12} {
				h.now = instant.Date(2026, month, 25)
				h.read(SnapshotInfo{}, h.flock.pay(1, 2, 3))
				h.nobodyMissed("after " + name)
			}
		})
	}
}

// By a clock that was set back behind the last snapshot nobody is calm.
func TestNobodyIsCalmBehindTheLastSnapshot(t *testing.T) {
	h := &turmoil{flock: newFlock(t, dbtest.SQLite(t)(), 4)}
	for _, day := range []int{2, 3, 4} {
		h.now = instant.Date(2026, 7, day)
		h.read(SnapshotInfo{}, h.flock.pay(0, 1, 2, 3))
	}
	step := func() {
		t.Helper()
		if _, err := h.flock.r.Assess(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	step()
	step()
	if h.spared() != 4 {
		t.Fatalf("%d of 4 members are calm", h.spared())
	}
	h.now = h.last.Add(-time.Hour)
	step()
	step()
	if n := h.spared(); n != 0 {
		t.Errorf("%d members are calm by a clock that is behind the last snapshot", n)
	}
}

// Those who are passed over are in good standing all the same: three of thirty who lapse
// are no more than the brake lets through.
func TestTheBrakeCountsWhomItPassesOver(t *testing.T) {
	h := &turmoil{flock: newFlock(t, dbtest.SQLite(t)(), 30)}
	var pays []int
	for i := range 27 {
		pays = append(pays, i)
	}
	h.now = instant.Date(2026, 7, 2)
	h.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error {
		ctx, err := t.Context(), h.flock.pay(pays...)(tx, no)
		for _, i := range []int{27, 28, 29} { // on another day of the month than the others
			id := fmt.Sprintf("tx-early-%d", i)
			_, err2 := tx.AddCharges(ctx, []store.ChargeRow{{ID: id, Contribution: fmt.Sprintf("or-%02d", i), Account: acc(i), Kind: eligibility.ContributionCharge,
				Amount: money.Money{Minor: 1000, Currency: gbp}, Created: h.now - 3600e6, Snapshot: no}})
			_, err3 := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: id, Interval: eligibility.Monthly, Due: instant.Date(2026, 7, 25), OrderMinor: 1000, Snapshot: no}})
			err = errors.Join(err, err2, err3)
		}
		return err
	})
	lapsed := 0
	for h.now = instant.Date(2026, 7, 3); h.now < instant.Date(2026, 9, 20) && lapsed == 0; h.now = h.now.Add(24 * time.Hour) {
		var rows func(*store.Tx, int64) error
		if h.now == instant.Date(2026, 8, 2) || h.now == instant.Date(2026, 9, 2) {
			rows = h.flock.pay(pays...)
		}
		spared, report := h.spared(), h.read(SnapshotInfo{}, rows)
		for _, change := range report.Transitions {
			if change.To == eligibility.StateLapsed {
				lapsed++
			}
		}
		if lapsed > 0 && (lapsed != 3 || spared < 20 || report.Hold != "") {
			t.Errorf("%s: %d lapsed, want 3; %d were passed over before, want 20 at least; the hold %q", h.now, lapsed, spared, report.Hold)
		}
	}
	if lapsed == 0 {
		t.Error("nobody lapsed")
	}
}

func (h *turmoil) ok2(_ string, _ Report, err error) { h.ok(err) }

// by lets another register read.
func (h *turmoil) by(r *Roll, f func()) {
	before := h.flock.r
	h.flock.r = r
	f()
	h.flock.r = before
}

// fails is a pull whose transaction is rolled back after the step.
func (h *turmoil) fails(rows func(*store.Tx, int64) error) {
	broken := errors.New("the disk is full")
	paid := h.paid
	err := h.db.InTx(h.t.Context(), store.Pulls, h.now, func(tx *store.Tx) error {
		ctx, no := h.t.Context(), h.no+1
		err := errors.Join(tx.AddPull(ctx, store.Pull{ID: "pl_fails", Started: h.now, Finished: h.now, Outcome: "complete"}),
			tx.AddSnapshot(ctx, store.Snapshot{Number: no, Start: h.now, Pull: "pl_fails", Collective: "acc-collective", Currency: gbp}),
			rows(tx, no))
		if err != nil {
			return err
		}
		if _, err := h.flock.r.AfterSnapshot(ctx, tx, SnapshotInfo{Number: no, Start: h.now, Previous: h.last, Currency: "GBP"}); err != nil {
			return err
		}
		return broken
	})
	if h.paid = paid; !errors.Is(err, broken) {
		h.t.Fatal(err)
	}
}
