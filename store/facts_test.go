package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// days is so many days after noon on 1 June.
func days(n int) instant.Instant { return noon.Add(time.Duration(n) * 24 * time.Hour) }

// members stores members of the given ids, known at noon.
func members(t testing.TB, db *store.DB, ids ...member.ID) {
	t.Helper()
	write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range ids {
			if err := tx.AddMembers(ctx, store.MemberRow{ID: id, Kind: member.Organisation}); err != nil {
				return err
			}
		}
		return nil
	})
}

// snapshot stores a complete snapshot and what f adds to it.
func snapshot(t testing.TB, db *store.DB, now instant.Instant, f func(ctx context.Context, tx *store.Tx, number int64) error) {
	t.Helper()
	write(t, db, store.Pulls, now, func(ctx context.Context, tx *store.Tx) error {
		number, err := tx.NextSnapshot(ctx)
		if err != nil {
			return err
		}
		pull := fmt.Sprintf("pu_%d", number)
		if err := tx.AddPull(ctx, store.Pull{ID: pull, Started: now, Finished: now, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(ctx, store.Snapshot{Number: number, Start: now, Pull: pull, Collective: "ac_fed", Currency: gbp}); err != nil {
			return err
		}
		return f(ctx, tx, number)
	})
}

func factsFor(t testing.TB, db *store.DB, ids ...member.ID) (fs []eligibility.Facts) {
	t.Helper()
	view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		fs, err = tx.Facts(ctx, ids...)
		return err
	})
	return fs
}

func TestEntriesBecomeFacts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		write(t, db, store.Entries, days(1), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(
				tx.AddMembership(ctx, store.MembershipRow{ID: "ev_1", Member: "mb_1", Kind: eligibility.Admitted, At: noon},
					store.MembershipRow{ID: "ev_2", Member: "mb_1", Kind: eligibility.Suspended, At: days(1), Until: days(8)},
					store.MembershipRow{ID: "ev_3", Member: "mb_1", Kind: eligibility.Paused, At: days(2), Listing: true}),
				tx.AddLinks(ctx, store.LinkRow{ID: "li_1", Member: "mb_1", Account: "ac_1", From: noon},
					store.LinkRow{ID: "li_2", Member: "mb_1", Account: "ac_2"}),
				tx.AddWaivers(ctx, store.WaiverRow{ID: "wa_1", Member: "mb_1", From: noon, Until: days(90)}),
				tx.AddPayments(ctx, store.PaymentRow{ID: "py_1", Member: "mb_1", Amount: pounds(30), Months: 3, From: noon, Until: noon.AddMonths(3), Received: noon, Charge: "ch_9"}),
				tx.AddProfileEvents(ctx, store.ProfileEvent{ID: "pr_1", Member: "mb_1", Kind: eligibility.Consents, On: true, At: noon}),
				tx.AddHold(ctx, store.HoldRow{ID: "ho_1", Cause: "host", SetAt: days(1), Since: noon},
					[]store.HoldMember{{Member: "mb_1", State: eligibility.StateCurrent, Vote: true}, {Member: "mb_2", State: eligibility.StateGrace, Listing: true}}),
				tx.AddStandings(ctx, store.StandingRow{Member: "mb_1", At: days(1), State: eligibility.StateCurrent, Vote: true}))
		})
		write(t, db, store.Entries, days(3), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(
				tx.VoidMembership(ctx, store.VoidRow{Event: "ev_2"}),
				tx.EndLinks(ctx, store.LinkEnd{Link: "li_1", Until: days(3)}, store.LinkEnd{Link: "li_2", Revoked: true}),
				tx.EndWaivers(ctx, store.WaiverEnd{Waiver: "wa_1", Until: days(30)}),
				tx.UndoPayments(ctx, store.PaymentUndo{Payment: "py_1"}),
				tx.AcknowledgeHold(ctx, store.HoldAck{Hold: "ho_1", At: days(3)}))
		})
		write(t, db, store.Entries, days(4), func(ctx context.Context, tx *store.Tx) error {
			return tx.EndWaivers(ctx, store.WaiverEnd{Waiver: "wa_1", Revoked: true})
		})
		want := eligibility.Facts{
			Member: "mb_1", Kind: member.Organisation,
			Membership: []eligibility.MembershipFact{
				{ID: "ev_1", Kind: eligibility.Admitted, At: noon, Known: days(1)},
				{ID: "ev_2", Kind: eligibility.Suspended, At: days(1), Until: days(8), Known: days(1), Gone: days(3)},
				{ID: "ev_3", Kind: eligibility.Paused, At: days(2), Listing: true, Known: days(1)},
			},
			Links: []eligibility.Link{
				{ID: "li_2", Account: "ac_2", Known: days(1), Gone: days(3)},
				{ID: "li_1", Account: "ac_1", From: noon, Known: days(1), Gone: days(3)},
				{ID: "li_1", Account: "ac_1", From: noon, Until: days(3), Known: days(3)},
			},
			Waivers: []eligibility.Waiver{
				{ID: "wa_1", From: noon, Until: days(90), Known: days(1), Gone: days(3)},
				{ID: "wa_1", From: noon, Until: days(30), Known: days(3), Gone: days(4)},
			},
			Payments: []eligibility.Payment{{ID: "py_1", Amount: pounds(30), Months: 3, From: noon, Until: noon.AddMonths(3), Charge: "ch_9", Known: days(1), Gone: days(3)}},
			Profile:  []eligibility.ProfileFact{{ID: "pr_1", Kind: eligibility.Consents, On: true, At: noon, Known: days(1)}},
			Holds: []eligibility.Hold{{ID: "ho_1", Cause: "host", SetAt: days(1), Since: noon, Known: days(1), AckAt: days(3), AckKnown: days(3),
				Kept: eligibility.Kept{State: eligibility.StateCurrent, Vote: true}}},
			Recorded: []eligibility.Recorded{{At: days(1), Known: days(1), State: eligibility.StateCurrent, Vote: true}},
		}
		fs := factsFor(t, db, "mb_2", "mb_1")
		same(t, "the facts of mb_1", fs[1], want)
		if fs[0].Member != "mb_2" || len(fs[0].Holds) != 1 || fs[0].Holds[0].Kept.State != eligibility.StateGrace || len(fs[0].Links) != 0 {
			t.Errorf("the facts of mb_2: %+v", fs[0])
		}
	})
}

func TestObservationsBecomeFacts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(
				tx.AddLinks(ctx, store.LinkRow{ID: "li_1", Member: "mb_1", Account: "ac_1"}),
				tx.AddPayments(ctx, store.PaymentRow{ID: "py_1", Member: "mb_2", Amount: pounds(30), Months: 1, From: noon, Until: noon.AddMonths(1), Received: noon, Charge: "ch_3"}))
		})
		order := store.ContributionRow{ID: "or_1", Account: "ac_1", Status: "ACTIVE", Frequency: "MONTHLY", Interval: eligibility.Monthly,
			Amount: pounds(10), Created: noon, Processed: noon, NextCharge: days(30), Effective: days(1), Snapshot: 1}
		snapshot(t, db, days(1), func(ctx context.Context, tx *store.Tx, n int64) error {
			stranger := store.ContributionRow{ID: "or_2", Account: "ac_2", Status: "NEW", Amount: pounds(1), Effective: days(1), Snapshot: n}
			_, err1 := tx.AddContributions(ctx, []store.ContributionRow{order, stranger})
			_, err2 := tx.AddCharges(ctx, []store.ChargeRow{
				{ID: "ch_1", Contribution: "or_1", Account: "ac_1", Kind: eligibility.ContributionCharge, Amount: pounds(10), Created: noon, Snapshot: n},
				{ID: "ch_2", Contribution: "or_3", Account: "", Kind: eligibility.ContributionCharge, Amount: pounds(10), Created: noon, Snapshot: n},
				{ID: "ch_3", Contribution: "or_2", Account: "ac_2", Kind: eligibility.AddedFunds, Amount: pounds(5), Created: noon, Snapshot: n},
				{ID: "ch_4", Contribution: "or_2", Account: "ac_2", Kind: eligibility.AddedFunds, Amount: pounds(6), Created: noon, Snapshot: n},
			})
			_, err3 := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: "ch_1", Interval: eligibility.Monthly, Due: days(30), OrderMinor: 1000, TaxMinor: 20, Snapshot: n}})
			_, err4 := tx.AddRefunds(ctx, []store.RefundRow{{ID: "rf_1", Charge: "ch_3", At: days(1), Minor: -500, Snapshot: n}, {ID: "rf_2", Charge: "ch_4", At: days(1), Minor: -600, Snapshot: n}})
			return errors.Join(err1, err2, err3, err4)
		})
		snapshot(t, db, days(2), func(ctx context.Context, tx *store.Tx, n int64) error {
			order.Account, order.Status, order.PausedByPayer, order.Effective, order.Snapshot = "ac_9", "PAUSED", true, days(2), n
			_, err1 := tx.AddContributions(ctx, []store.ContributionRow{order,
				{ID: "or_3", Account: "ac_8", Status: "WHAT_NEXT", Amount: pounds(1), Effective: days(2), Snapshot: n}})
			_, err2 := tx.AddPayers(ctx, []store.PayerRow{{Charge: "ch_2", Account: "ac_1", Snapshot: n}})
			return errors.Join(err1, err2)
		})
		snapshots := eligibility.Snapshots{{Number: 1, Start: days(1), Known: days(1)}, {Number: 2, Start: days(2), Known: days(2)}}
		fs := factsFor(t, db)
		same(t, "the facts of mb_1", fs[0], eligibility.Facts{
			Member: "mb_1", Kind: member.Organisation, Snapshots: snapshots,
			Links: []eligibility.Link{{ID: "li_1", Account: "ac_1", Known: noon + 1}},
			Contributions: []eligibility.Contribution{
				{ID: "or_1", Account: "ac_1", Status: eligibility.StatusActive, Interval: eligibility.Monthly, ProcessedAt: noon, NextCharge: days(30), Effective: days(1), Known: days(1)},
				{ID: "or_1", Account: "ac_9", Status: eligibility.StatusPaused, Interval: eligibility.Monthly, ProcessedAt: noon, NextCharge: days(30), PausedByPayer: true, Effective: days(2), Known: days(2)},
				{ID: "or_3", Account: "ac_8", Status: eligibility.StatusUnknown, Effective: days(2), Known: days(2)},
			},
			Charges: []eligibility.Charge{
				{ID: "ch_1", Contribution: "or_1", Account: "ac_1", Kind: eligibility.ContributionCharge, Amount: pounds(10), From: noon, Known: days(1),
					FixedKnown: days(1), Interval: eligibility.Monthly, Due: days(30), OrderMinor: 1000, TaxMinor: 20},
				{ID: "ch_2", Contribution: "or_3", Account: "ac_1", Kind: eligibility.ContributionCharge, Amount: pounds(10), From: noon, Known: days(2)},
			},
		})
		same(t, "the facts of mb_2", fs[1], eligibility.Facts{
			Member: "mb_2", Kind: member.Organisation, Snapshots: snapshots,
			Payments: []eligibility.Payment{{ID: "py_1", Amount: pounds(30), Months: 1, From: noon, Until: noon.AddMonths(1), Charge: "ch_3", Known: noon + 1}},
			Charges:  []eligibility.Charge{{ID: "ch_3", Contribution: "or_2", Account: "ac_2", Kind: eligibility.AddedFunds, Amount: pounds(5), From: noon, Known: days(1)}},
			Refunds:  []eligibility.Refund{{ID: "rf_1", Charge: "ch_3", At: days(1), Known: days(1)}},
		})
		same(t, "one member alone", factsFor(t, db, "mb_2")[0], fs[1])
	})
}

// What belonged to a merged member belongs to the other from the merge on.
func TestAMergeMovesWhatPays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2", "mb_3")
		write(t, db, store.Entries, days(1), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(
				tx.AddLinks(ctx, store.LinkRow{ID: "li_1", Member: "mb_1", Account: "ac_1"}),
				tx.AddMembership(ctx, store.MembershipRow{ID: "ev_1", Member: "mb_1", Kind: eligibility.Admitted, At: noon}),
				tx.AddWaivers(ctx, store.WaiverRow{ID: "wa_1", Member: "mb_1", From: noon, Until: days(90)}, store.WaiverRow{ID: "wa_2", Member: "mb_1", From: noon}))
		})
		write(t, db, store.Entries, days(2), func(ctx context.Context, tx *store.Tx) error {
			return tx.EndWaivers(ctx, store.WaiverEnd{Waiver: "wa_2", Revoked: true})
		})
		for i, winner := range []member.ID{"mb_2", "mb_3"} {
			write(t, db, store.Entries, days(3+i), func(ctx context.Context, tx *store.Tx) error {
				return tx.AddMerge(ctx, store.MergeRow{Loser: []member.ID{"mb_1", "mb_2"}[i], Winner: winner})
			})
		}
		write(t, db, store.Entries, days(6), func(ctx context.Context, tx *store.Tx) error {
			return tx.EndWaivers(ctx, store.WaiverEnd{Waiver: "wa_1", Until: days(20)})
		})
		one, two, three := factsFor(t, db, "mb_1")[0], factsFor(t, db, "mb_2")[0], factsFor(t, db, "mb_3")[0]
		same(t, "links of mb_1", one.Links, []eligibility.Link{{ID: "li_1", Account: "ac_1", Known: days(1), Gone: days(3)}})
		same(t, "links of mb_2", two.Links, []eligibility.Link{{ID: "li_1", Account: "ac_1", Known: days(3), Gone: days(4)}})
		same(t, "links of mb_3", three.Links, []eligibility.Link{{ID: "li_1", Account: "ac_1", Known: days(4)}})
		same(t, "waivers of mb_1", one.Waivers, []eligibility.Waiver{
			{ID: "wa_1", From: noon, Until: days(90), Known: days(1), Gone: days(3)}, {ID: "wa_2", From: noon, Known: days(1), Gone: days(2)}})
		same(t, "waivers of mb_2", two.Waivers, []eligibility.Waiver{{ID: "wa_1", From: noon, Until: days(90), Known: days(3), Gone: days(4)}})
		same(t, "waivers of mb_3", three.Waivers, []eligibility.Waiver{
			{ID: "wa_1", From: noon, Until: days(90), Known: days(4), Gone: days(6)}, {ID: "wa_1", From: noon, Until: days(20), Known: days(6)}})
		if len(one.Membership) != 1 || len(three.Membership) != 0 {
			t.Errorf("the membership moved: %v %v", one.Membership, three.Membership)
		}
		all := factsFor(t, db)
		same(t, "all at once", all, []eligibility.Facts{one, two, three})
		for _, c := range []struct {
			row  store.MergeRow
			want string
		}{
			{store.MergeRow{Loser: "mb_1", Winner: "mb_3"}, "member mb_1 was merged into mb_2 already: name that one instead"},
			{store.MergeRow{Loser: "mb_3", Winner: "mb_1"}, "member mb_1 was merged into mb_2 already: name that one instead"},
			{store.MergeRow{Loser: "mb_3", Winner: "mb_3"}, "member mb_3 cannot be merged into itself: name two members"},
		} {
			err := db.InTx(t.Context(), store.Entries, noon, func(tx *store.Tx) error { return tx.AddMerge(t.Context(), c.row) })
			if _, ok := errors.AsType[*store.MergeRefused](err); !ok || err.Error() != c.want {
				t.Errorf("%+v: %v, want %s", c.row, err, c.want)
			}
		}
	})
}

func TestFactsTakeAConstantNumberOfQueries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		w := newWorld(5)
		w.play(t, db, 6)
		count := func(ids ...member.ID) int {
			return store.Queries(t, db, func(tx *store.Tx) error {
				_, err := tx.Facts(t.Context(), ids...)
				return err
			})
		}
		few := count()
		w.play(t, db, 200)
		if many, one := count(), count(w.members[0]); many != few || one != few || few == 0 || few > 20 {
			t.Errorf("%d queries at first, %d for all members, %d for one", few, many, one)
		}
		ids := append([]member.ID{}, w.members...)
		for len(ids) < 300 {
			ids = append(ids, w.members...)
		}
		same(t, "a long list of ids", factsFor(t, db, ids...)[:len(w.members)], factsFor(t, db, w.members...))
	})
}

func TestFactsOfNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		if fs := factsFor(t, db); len(fs) != 0 {
			t.Errorf("facts of an empty store: %v", fs)
		}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Facts(t.Context(), "mb_7")
			return err
		})
		if e, ok := errors.AsType[*store.NoSuchMember](err); !ok || e.Word != "mb_7" {
			t.Errorf("got %v, want NoSuchMember", err)
		}
	})
}
