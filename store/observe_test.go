package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func orderRow(i int, n int64) store.ContributionRow {
	return store.ContributionRow{ID: fmt.Sprintf("or_%05d", i), PublicID: "p", LegacyID: int64(i), Account: member.AccountID(fmt.Sprintf("ac_%05d", i)),
		Status: "ACTIVE", Frequency: "MONTHLY", Interval: eligibility.Monthly, Amount: pounds(10), Total: 1150, Tax: 20, Tip: 150,
		Created: noon, Processed: noon, LastCharged: noon, NextCharge: days(30), ToAccount: "ac_fed", Tier: "ti_1", Quantity: 1,
		Service: "STRIPE", PaymentType: "CREDITCARD", Effective: noon, Snapshot: n}
}

func chargeRow(i, contribution int, n int64) store.ChargeRow {
	return store.ChargeRow{ID: fmt.Sprintf("ch_%06d", i), Contribution: fmt.Sprintf("or_%05d", contribution),
		Account: member.AccountID(fmt.Sprintf("ac_%05d", contribution)), Kind: eligibility.ContributionCharge, Amount: pounds(10), Created: noon, Snapshot: n}
}

// What is written comes back as it was, every field of it.
func TestObservationsComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		pull := store.Pull{ID: "pu_9", Started: noon, Finished: days(1), Outcome: "rate_limited", Detail: "orders", Requests: 3, Counts: map[string]int64{"orders": 7}}
		account := store.AccountRow{ID: "ac_1", PublicID: "acc_1", LegacyID: 7, Type: "ORGANIZATION", Incognito: true, Guest: true, Archived: true, Suspended: true, Effective: noon, Snapshot: 1}
		order := orderRow(1, 1)
		order.Interval, order.PausedByPayer, order.Status, order.Amount.Currency = eligibility.Yearly, true, "SOMETHING_NEW", money.Currency{'X', 'X', 'X'}
		elsewhere := store.ElsewhereRow{ID: "or_5", Account: "ac_1", ToAccount: "ac_club", Status: "ACTIVE", Every: eligibility.Yearly, Amount: pounds(9),
			Created: noon, Processed: days(1), Listed: true, Effective: noon, Snapshot: 1}
		snapshot(t, db, noon, func(ctx context.Context, tx *store.Tx, n int64) error {
			_, err1 := tx.AddAccounts(ctx, []store.AccountRow{account})
			_, err2 := tx.AddContributions(ctx, []store.ContributionRow{order})
			_, err3 := tx.AddMissing(ctx, []store.MissingRow{{Contribution: "or_1", Streak: 1, Snapshot: n}, {Contribution: "or_2", Streak: 1, Snapshot: n}})
			_, err4 := tx.AddCharges(ctx, []store.ChargeRow{chargeRow(1, 1, n), chargeRow(2, 2, n)})
			_, err5 := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: "ch_000001", Interval: eligibility.OneOff, OrderMinor: 5, TaxMinor: 1, Snapshot: n}})
			_, err6 := tx.AddChargeFlags(ctx, []store.ChargeFlags{{Charge: "ch_000001", Disputed: true, Snapshot: n}})
			_, err7 := tx.AddRefunds(ctx, []store.RefundRow{{ID: "rf_1", Charge: "ch_000001", At: noon, Kind: "REFUND", Minor: -5, Snapshot: n}})
			_, err8 := tx.AddElsewhere(ctx, []store.ElsewhereRow{elsewhere})
			return errors.Join(tx.AddPull(ctx, pull), err1, err2, err3, err4, err5, err6, err7, err8)
		})
		over := elsewhere
		over.Listed, over.Effective, over.Snapshot = false, days(1), 2
		newer := order
		newer.Status, newer.Effective, newer.Snapshot = "ERROR", days(1), 2
		snapshot(t, db, days(1), func(ctx context.Context, tx *store.Tx, n int64) error {
			_, err1 := tx.AddContributions(ctx, []store.ContributionRow{newer})
			_, err2 := tx.AddMissing(ctx, []store.MissingRow{{Contribution: "or_1", Streak: 0, Snapshot: n}})
			_, err3 := tx.AddChargeFlags(ctx, []store.ChargeFlags{{Charge: "ch_000001", InReview: true, Refunded: true, Snapshot: n}})
			_, err4 := tx.AddElsewhere(ctx, []store.ElsewhereRow{over})
			return errors.Join(err1, err2, err3, err4)
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			pulls, err1 := tx.Pulls(ctx, 2)
			pull.Known = noon
			if len(pulls) != 2 || pulls[0].ID != "pu_2" {
				t.Errorf("pulls: %+v", pulls)
			}
			same(t, "a failed pull", pulls[1], pull)
			last, ok, err2 := tx.LastSnapshot(ctx)
			same(t, "the last snapshot", last, store.Snapshot{Number: 2, Start: days(1), Pull: "pu_2", Collective: "ac_fed", Currency: gbp, Known: days(1)})
			accounts, err3 := tx.Accounts(ctx)
			account.Known = noon
			same(t, "the accounts", accounts, map[member.AccountID]store.AccountRow{"ac_1": account})
			orders, err4 := tx.Contributions(ctx)
			order.Known, newer.Known = noon, days(1)
			same(t, "the contributions", orders, map[string]store.ContributionRow{order.ID: newer})
			history, err5 := tx.ContributionHistory(ctx, order.ID)
			same(t, "the history", history, []store.ContributionRow{order, newer})
			missing, err6 := tx.Missing(ctx)
			same(t, "what is missing", missing, map[string]store.MissingRow{
				"or_1": {Contribution: "or_1", Snapshot: 2, Known: days(1)}, "or_2": {Contribution: "or_2", Streak: 1, Snapshot: 1, Known: noon}})
			flags, err7 := tx.ChargeFlags(ctx)
			same(t, "the marks", flags, map[string]store.ChargeFlags{"ch_000001": {Charge: "ch_000001", InReview: true, Refunded: true, Snapshot: 2, Known: days(1)}})
			open, err8 := tx.ChargesWithoutCoverage(ctx)
			if len(open) != 1 || open[0].ID != "ch_000002" || !ok {
				t.Errorf("charges without a coverage: %+v", open)
			}
			coverages, err9 := tx.Coverages(ctx)
			same(t, "the coverages", coverages, map[string]store.CoverageRow{"ch_000001": {Charge: "ch_000001", OrderMinor: 5, TaxMinor: 1, Snapshot: 1, Known: noon}})
			refunds, err10 := tx.Refunds(ctx)
			same(t, "the refunds", refunds, map[string]store.RefundRow{"rf_1": {ID: "rf_1", Charge: "ch_000001", At: noon, Kind: "REFUND", Minor: -5, Snapshot: 1, Known: noon}})
			paidElsewhere, err11 := tx.Elsewhere(ctx)
			over.Known = days(1)
			same(t, "what is paid elsewhere", paidElsewhere, map[string]store.ElsewhereRow{"or_5": over})
			return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11)
		})
	})
}

// What is fixed once stays: the same again, or anything else under the same id,
// changes 0 rows, whatever is mixed with it.
func TestWhatIsFixedOnceStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		snapshot(t, db, noon, func(context.Context, *store.Tx, int64) error { return nil })
		stored := make(map[string]int64) // charge to amount, as first stored
		rapid.Check(t, func(rt *rapid.T) {
			ids := rapid.SliceOfNDistinct(rapid.IntRange(0, 200), 1, 20, func(i int) int { return i }).Draw(rt, "ids")
			amount := rapid.Int64Range(1, 1000).Draw(rt, "amount")
			var charges []store.ChargeRow
			var coverages []store.CoverageRow
			var payers []store.PayerRow
			var refunds []store.RefundRow
			fresh := 0
			for _, i := range ids {
				c := chargeRow(i, 1, 1)
				c.Amount.Minor = amount
				charges = append(charges, c)
				coverages = append(coverages, store.CoverageRow{Charge: c.ID, Interval: eligibility.Monthly, Due: days(int(amount)), Snapshot: 1})
				payers = append(payers, store.PayerRow{Charge: c.ID, Account: member.AccountID(fmt.Sprint("ac_", amount)), Snapshot: 1})
				refunds = append(refunds, store.RefundRow{ID: "rf_" + c.ID, Charge: c.ID, At: noon, Minor: amount, Snapshot: 1})
				if _, known := stored[c.ID]; !known {
					stored[c.ID] = amount
					fresh++
				}
			}
			for _, want := range []int{fresh, 0} {
				write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error {
					a, err1 := tx.AddCharges(ctx, charges)
					b, err2 := tx.AddCoverages(ctx, coverages)
					c, err3 := tx.AddPayers(ctx, payers)
					d, err4 := tx.AddRefunds(ctx, refunds)
					if !slices.Equal([]int{a, b, c, d}, []int{want, want, want, want}) {
						rt.Errorf("added %d, %d, %d, %d rows, want %d each", a, b, c, d, want)
					}
					return errors.Join(err1, err2, err3, err4)
				})
			}
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			charges, err1 := tx.Charges(ctx)
			coverages, err2 := tx.Coverages(ctx)
			for id, amount := range stored {
				if charges[id].Amount.Minor != amount || coverages[id].Due != days(int(amount)) || charges[id].Account != member.AccountID(fmt.Sprint("ac_", amount)) {
					t.Errorf("%s was changed: %+v %+v, first stored with %d", id, charges[id], coverages[id], amount)
				}
			}
			one, ok, err3 := tx.Charge(ctx, "ch_none")
			if ok {
				t.Errorf("a charge from nowhere: %+v", one)
			}
			return errors.Join(err1, err2, err3)
		})
	})
}

// The first pull of a large federation: 10,000 contributions and 100,000
// charges in one transaction, all of them stored, and a member's facts out
// again. It tells how long that took and asks for no time: machines differ.
func TestBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		const contributions, charges = 10_000, 100_000
		var orders []store.ContributionRow
		var money []store.ChargeRow
		for i := range contributions {
			orders = append(orders, orderRow(i, 1))
		}
		for i := range charges {
			money = append(money, chargeRow(i, i%contributions, 1))
		}
		began := time.Now()
		snapshot(t, db, noon, func(ctx context.Context, tx *store.Tx, n int64) error {
			a, err1 := tx.AddContributions(ctx, orders)
			b, err2 := tx.AddCharges(ctx, money)
			if a != contributions || b != charges {
				t.Errorf("added %d and %d", a, b)
			}
			return errors.Join(err1, err2)
		})
		wrote := time.Since(began)
		members(t, db, "mb_1")
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddLinks(ctx, store.LinkRow{ID: "li_1", Member: "mb_1", Account: "ac_00007"})
		})
		began = time.Now()
		f := factsFor(t, db, "mb_1")[0]
		if len(f.Charges) != charges/contributions || len(f.Contributions) != 1 {
			t.Errorf("%d charges, %d contributions", len(f.Charges), len(f.Contributions))
		}
		t.Logf("%s: written in %s, one member's facts in %s", db.Engine(), wrote, time.Since(began))
	})
}
