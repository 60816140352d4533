package chair

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Pulls of 20,000 rows go through while people vote, and votes while pulls are
// written: neither refuses the other. The accounts of those who vote are among
// the payers, so each ballot reads rows of the kind that the pull is writing.
func TestPullsAndVotesPassEachOther(t *testing.T) {
	pulls, rows, voters := 3, 20_000, 4
	if testing.Short() || raced {
		pulls, rows = 2, 600
	}
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, 12, "seed-2022")
		for _, m := range r.ids[1:] { // so that each ballot tells another delegate
			r.ok(r.roll.SetDelegate(t.Context(), r.operator("asked"), member.PersonID(r.fay.ID), m, true))
		}
		r.later(time.Minute)
		r.starts()
		id := r.opened(proposal(decisions.Large))
		other := open() // the daemon that pulls; people vote in another process
		book, _ := r.parts(other)
		r.pull(other, book, 1, 0)
		for i, m := range r.ids {
			_, err := r.roll.Link(t.Context(), r.operator("its account"), m, payer(i), 0, 0)
			r.ok(err)
		}
		var writing, meanwhile, cast atomic.Int64
		done := make(chan struct{})
		var group sync.WaitGroup
		for w := range voters {
			group.Go(func() {
				for i := w; ; i += voters {
					select {
					case <-done:
						return
					default:
					}
					before := writing.Load()
					_, err := r.c.Cast(t.Context(), id, r.by(i%len(r.ids)), []decisions.Answer{decisions.Favour, decisions.Abstain}[i%2], "")
					if err != nil {
						t.Error(err)
						return
					}
					cast.Add(1)
					if before != 0 && writing.Load() == before {
						meanwhile.Add(1)
					}
				}
			})
		}
		for n := range pulls {
			writing.Store(int64(n + 1))
			r.pull(other, book, int64(n+2), rows)
			writing.Store(0)
		}
		close(done)
		group.Wait()
		if cast.Load() == 0 {
			t.Error("nobody voted")
		}
		// SQLite has one writer at a time; on PostgreSQL nobody waits for a pull.
		if meanwhile.Load() == 0 && other.Engine() == "postgres" {
			t.Error("no ballot was cast while a pull was written")
		}
		var charges int
		r.ok(r.db.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Charges(t.Context())
			charges = len(all)
			return err
		}))
		if charges != pulls*rows {
			t.Errorf("%d charges, want %d", charges, pulls*rows)
		}
		if v := r.read(id); v.Head.Seq != 2+cast.Load() {
			t.Errorf("%d entries for %d ballots", v.Head.Seq, cast.Load())
		}
		if told := len(r.rows(notify.BallotCast)); int64(told) != cast.Load() {
			t.Errorf("%d notices of %d ballots", told, cast.Load())
		}
		r.whole()
		t.Logf("%s: %d pulls of %d rows and %d ballots, %d of them while a pull was written", other.Engine(), pulls, rows, cast.Load(), meanwhile.Load())
	})
}

// payers is how many accounts pay; those of the room's members are the first.
const payers = 2000

func payer(i int) member.AccountID { return member.AccountID(fmt.Sprintf("ac-%02d", i)) }

// pull writes a complete snapshot with so many new charges, as the syncer does
// it: one transaction, assessment included.
func (r *room) pull(db *store.DB, book *roll.Roll, no int64, rows int) {
	r.t.Helper()
	ctx, gbp := r.t.Context(), money.Currency{'G', 'B', 'P'}
	start := r.now.Add(-time.Hour).Add(time.Duration(no) * time.Second)
	var orders []store.ContributionRow
	var charges []store.ChargeRow
	var coverages []store.CoverageRow
	for i := range payers {
		orders = append(orders, store.ContributionRow{ID: fmt.Sprintf("or-%02d", i), Account: payer(i), Status: "ACTIVE", Frequency: "MONTHLY", Interval: eligibility.Monthly,
			Amount: money.Money{Minor: 1000, Currency: gbp}, Total: 1000, Created: start, Processed: start, ToAccount: "ac-us", Effective: start, Snapshot: no})
	}
	for i := range rows {
		charge := fmt.Sprintf("ch-%d-%d", no, i)
		who := i % payers
		charges = append(charges, store.ChargeRow{ID: charge, Contribution: orders[who].ID, Account: payer(who), Kind: eligibility.ContributionCharge,
			Amount: money.Money{Minor: 1000, Currency: gbp}, Created: start, Snapshot: no})
		coverages = append(coverages, store.CoverageRow{Charge: charge, Interval: eligibility.Monthly, Due: start, OrderMinor: 1000, Snapshot: no})
	}
	err := db.InTx(ctx, store.Pulls, r.now, func(tx *store.Tx) error {
		name := fmt.Sprintf("pl-%d", no)
		if err := tx.AddPull(ctx, store.Pull{ID: name, Started: start, Finished: start, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(ctx, store.Snapshot{Number: no, Start: start, Pull: name, Collective: "ac-us", Currency: gbp}); err != nil {
			return err
		}
		if no == 1 {
			var accounts []store.AccountRow
			for i := range payers {
				accounts = append(accounts, store.AccountRow{ID: payer(i), Type: "ORGANIZATION", Effective: start, Snapshot: no})
			}
			if _, err := tx.AddAccounts(ctx, accounts); err != nil {
				return err
			}
		}
		if _, err := tx.AddContributions(ctx, orders); err != nil {
			return err
		}
		if _, err := tx.AddCharges(ctx, charges); err != nil {
			return err
		}
		if _, err := tx.AddCoverages(ctx, coverages); err != nil {
			return err
		}
		_, err := book.AfterSnapshot(ctx, tx, roll.SnapshotInfo{Number: no, Start: start, Currency: "GBP"})
		return err
	})
	r.ok(err)
}
