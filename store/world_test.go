package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

var gbp = money.Currency{'G', 'B', 'P'}

func pounds(n int64) money.Money { return money.Money{Minor: 100 * n, Currency: gbp} }

// write runs one transaction and fails the test on an error.
func write(t testing.TB, db *store.DB, s store.Stream, now instant.Instant, f func(context.Context, *store.Tx) error) {
	t.Helper()
	ctx := t.Context()
	if err := db.InTx(ctx, s, now, func(tx *store.Tx) error { return f(ctx, tx) }); err != nil {
		t.Fatalf("write to %s: %v", s, err)
	}
}

// view reads in one transaction and fails the test on an error.
func view(t testing.TB, db *store.DB, f func(context.Context, *store.Tx) error) {
	t.Helper()
	ctx := t.Context()
	if err := db.View(ctx, func(tx *store.Tx) error { return f(ctx, tx) }); err != nil {
		t.Fatalf("read: %v", err)
	}
}

// world writes a random but repeatable history: the same seed gives the same
// history on every engine.
type world struct {
	r       *rand.Rand
	now     instant.Instant
	n       int
	members []member.ID
	links   []store.LinkRow
	free    []member.AccountID
	waivers []string
	events  []string
	pays    []string
	charges []store.ChargeRow
	orders  []store.ContributionRow
	holds   []string
	pulls   int64
	merged  map[member.ID]bool
}

func newWorld(seed uint64) *world {
	return &world{r: rand.New(rand.NewPCG(seed, 7)), now: instant.Date(2026, 1, 3), merged: make(map[member.ID]bool)}
}

func (w *world) id(prefix string) string {
	w.n++
	return fmt.Sprintf("%s_%04d", prefix, w.n)
}

// pass moves the clock, now and then backwards.
func (w *world) pass() instant.Instant {
	w.now = w.now.Add(time.Duration(w.r.IntN(90)) * time.Hour)
	if w.r.IntN(12) == 0 {
		return w.now.Add(-40 * 24 * time.Hour)
	}
	return w.now
}

// play writes n transactions.
func (w *world) play(t testing.TB, db *store.DB, n int) {
	t.Helper()
	for range n {
		now := w.pass()
		switch {
		case len(w.members) < 2:
			write(t, db, store.Entries, now, w.admit)
		case w.r.IntN(3) == 0 || w.pulls == 0:
			write(t, db, store.Pulls, now, w.pull)
		default:
			write(t, db, store.Entries, now, w.entry)
		}
	}
}

func pick[T any](w *world, of []T) (v T, ok bool) {
	if len(of) == 0 {
		return v, false
	}
	return of[w.r.IntN(len(of))], true
}

func (w *world) by() store.By { return store.By{Actor: "pe_1"} }

// admit adds a member with an account of its own.
func (w *world) admit(ctx context.Context, tx *store.Tx) error {
	id := member.ID(w.id("mb"))
	kind := member.Organisation
	if w.r.IntN(4) == 0 {
		kind = member.Individual
	}
	if err := tx.AddMembers(ctx, store.MemberRow{ID: id, Kind: kind, By: w.by()}); err != nil {
		return err
	}
	w.members = append(w.members, id)
	event := store.MembershipRow{ID: w.id("ev"), Member: id, Kind: eligibility.Admitted, At: w.now, By: w.by()}
	w.events = append(w.events, event.ID)
	if err := tx.AddMembership(ctx, event); err != nil {
		return err
	}
	return w.link(ctx, tx, id, member.AccountID(w.id("ac")))
}

func (w *world) link(ctx context.Context, tx *store.Tx, id member.ID, account member.AccountID) error {
	l := store.LinkRow{ID: w.id("li"), Member: id, Account: account, By: w.by()}
	if w.r.IntN(2) == 0 {
		l.From = w.now.Add(-50 * 24 * time.Hour)
	}
	w.links = append(w.links, l)
	return tx.AddLinks(ctx, l)
}

// entry does one of the things that people do.
func (w *world) entry(ctx context.Context, tx *store.Tx) error {
	m, _ := pick(w, w.members)
	for w.merged[m] {
		m, _ = pick(w, w.members)
	}
	switch w.r.IntN(13) {
	case 0:
		return w.admit(ctx, tx)
	case 1:
		return w.membership(ctx, tx, m)
	case 2:
		return w.relink(ctx, tx, m)
	case 3:
		return w.waive(ctx, tx, m)
	case 4, 5:
		return w.pay(ctx, tx, m)
	case 6:
		kind := eligibility.ProfileKind(1 + w.r.IntN(3))
		return tx.AddProfileEvents(ctx, store.ProfileEvent{ID: w.id("pr"), Member: m, Kind: kind, On: w.r.IntN(3) > 0, At: w.now, By: w.by()})
	case 7:
		return w.merge(ctx, tx, m)
	case 8:
		return w.hold(ctx, tx, m)
	case 9:
		row := store.StandingRow{Member: m, At: w.now, State: eligibility.StateGrace, Vote: true,
			Codes: []string{"grace", "stale"}, Policy: "seed-2022", AsOf: w.now.Add(-time.Hour)}
		if err := tx.AddStandings(ctx, row); err != nil || w.n%2 > 0 {
			return err
		}
		row.State = eligibility.StateCurrent
		return tx.MendStandings(ctx, store.MendedStanding{StandingRow: row, Mends: tx.Known()})
	case 10:
		text, err := tx.AddText(ctx, "because of "+string(m))
		if err != nil {
			return err
		}
		_, _, err = tx.Audit(ctx, store.Entry{Actor: "pe_1", Action: "waive", Subject: string(m), Payload: map[string]any{"n": w.n}, Reason: text})
		return err
	case 11:
		return tx.AddDismissals(ctx, store.DismissalRow{ID: w.id("di"), Entry: "d_" + string(m), Kind: "no_delegate",
			Facts: strings.Repeat("a", 64), By: w.by()})
	default:
		return tx.AddDelegates(ctx, store.DelegateRow{ID: w.id("de"), Member: m, Person: "pe_2", Event: store.DelegateAdded, By: w.by()})
	}
}

func (w *world) membership(ctx context.Context, tx *store.Tx, m member.ID) error {
	if event, ok := pick(w, w.events); ok && w.r.IntN(4) == 0 {
		w.events = without(w.events, event)
		return tx.VoidMembership(ctx, store.VoidRow{Event: event, By: w.by()})
	}
	row := store.MembershipRow{ID: w.id("ev"), Member: m, Kind: eligibility.MembershipKind(1 + w.r.IntN(9)), At: w.now, By: w.by()}
	if row.Kind == eligibility.Suspended {
		row.Until = w.now.Add(7 * 24 * time.Hour)
	}
	row.Listing = row.Kind == eligibility.Paused
	w.events = append(w.events, row.ID)
	return tx.AddMembership(ctx, row)
}

func without(of []string, s string) []string {
	var out []string
	for _, v := range of {
		if v != s {
			out = append(out, v)
		}
	}
	return out
}

// relink ends or revokes a link, or gives a freed account to another member.
func (w *world) relink(ctx context.Context, tx *store.Tx, m member.ID) error {
	if account, ok := pick(w, w.free); ok {
		w.free = nil
		return w.link(ctx, tx, m, account)
	}
	if len(w.links) == 0 {
		return w.link(ctx, tx, m, member.AccountID(w.id("ac")))
	}
	i := w.r.IntN(len(w.links))
	l := w.links[i]
	w.links = append(w.links[:i:i], w.links[i+1:]...)
	end := store.LinkEnd{Link: l.ID, Revoked: w.r.IntN(2) == 0, By: w.by()}
	if end.Revoked {
		w.free = append(w.free, l.Account)
	} else {
		end.Until = w.now
	}
	return tx.EndLinks(ctx, end)
}

func (w *world) waive(ctx context.Context, tx *store.Tx, m member.ID) error {
	if id, ok := pick(w, w.waivers); ok && w.r.IntN(2) == 0 {
		end := store.WaiverEnd{Waiver: id, Revoked: w.r.IntN(2) == 0, By: w.by()}
		if !end.Revoked {
			end.Until = w.now
		}
		return tx.EndWaivers(ctx, end)
	}
	row := store.WaiverRow{ID: w.id("wa"), Member: m, From: w.now, Until: w.now.AddMonths(3), By: w.by()}
	w.waivers = append(w.waivers, row.ID)
	return tx.AddWaivers(ctx, row)
}

func (w *world) pay(ctx context.Context, tx *store.Tx, m member.ID) error {
	if id, ok := pick(w, w.pays); ok && w.r.IntN(3) == 0 {
		w.pays = without(w.pays, id)
		return tx.UndoPayments(ctx, store.PaymentUndo{Payment: id, By: w.by()})
	}
	row := store.PaymentRow{ID: w.id("py"), Member: m, Amount: pounds(30), Months: 3, From: w.now, Until: w.now.AddMonths(3),
		Received: w.now, Reference: w.id("bank"), By: w.by()}
	if c, ok := pick(w, w.charges); ok && w.r.IntN(2) == 0 {
		row.Charge = c.ID
	}
	w.pays = append(w.pays, row.ID)
	return tx.AddPayments(ctx, row)
}

func (w *world) merge(ctx context.Context, tx *store.Tx, winner member.ID) error {
	loser, _ := pick(w, w.members)
	if loser == winner || w.merged[loser] || len(w.members)-len(w.merged) < 4 {
		return nil
	}
	w.merged[loser] = true
	return tx.AddMerge(ctx, store.MergeRow{Loser: loser, Winner: winner, By: w.by()})
}

func (w *world) hold(ctx context.Context, tx *store.Tx, m member.ID) error {
	if id, ok := pick(w, w.holds); ok && w.r.IntN(2) == 0 {
		w.holds = without(w.holds, id)
		return tx.AcknowledgeHold(ctx, store.HoldAck{Hold: id, At: w.now, By: w.by()})
	}
	row := store.HoldRow{ID: w.id("ho"), Cause: "many_worse", SetAt: w.now, Since: w.now.Add(-time.Hour)}
	w.holds = append(w.holds, row.ID)
	return tx.AddHold(ctx, row, []store.HoldMember{{Member: m, State: eligibility.StateCurrent, Vote: true, Services: true}})
}

var upstreamWords = []string{"ACTIVE", "ERROR", "PAUSED", "CANCELLED", "PENDING", "SOMETHING_NEW"}

// pull stores a snapshot with some new and some changed rows.
func (w *world) pull(ctx context.Context, tx *store.Tx) error {
	w.pulls++
	s := store.Snapshot{Number: w.pulls, Start: w.now, Pull: w.id("pu"), Collective: "ac_fed", Host: "ac_host", Currency: gbp}
	if err := tx.AddPull(ctx, store.Pull{ID: s.Pull, Started: w.now, Finished: w.now.Add(time.Second), Outcome: "complete",
		Requests: 4, Counts: map[string]int64{"orders": int64(len(w.orders))}}); err != nil {
		return err
	}
	if err := tx.AddSnapshot(ctx, s); err != nil {
		return err
	}
	var changed []store.ContributionRow
	for i := range w.orders {
		if w.r.IntN(3) == 0 {
			w.orders[i].Status, _ = pick(w, upstreamWords)
			w.orders[i].Effective, w.orders[i].Snapshot = w.now, s.Number
			changed = append(changed, w.orders[i])
		}
	}
	if l, ok := pick(w, w.links); ok {
		o := store.ContributionRow{ID: w.id("or"), LegacyID: int64(w.n), Account: l.Account, Status: "ACTIVE", Frequency: "MONTHLY",
			Interval: eligibility.Monthly, Amount: pounds(10), Total: 1000, Created: w.now, Processed: w.now,
			NextCharge: w.now.MonthStart(1), ToAccount: "ac_fed", Quantity: 1, Effective: w.now, Snapshot: s.Number}
		w.orders = append(w.orders, o)
		changed = append(changed, o)
	}
	if _, err := tx.AddContributions(ctx, changed); err != nil {
		return err
	}
	if _, err := tx.AddElsewhere(ctx, []store.ElsewhereRow{{ID: "or_club", Account: "ac_club_friend", ToAccount: "ac_club", Status: "ACTIVE", Every: eligibility.Monthly,
		Amount: pounds(int64(w.n)), Created: w.now, Listed: w.pulls%2 == 1, Effective: w.now, Snapshot: s.Number}}); err != nil {
		return err
	}
	return w.money(ctx, tx, s.Number)
}

// money stores charges, late payers, coverages, marks and refunds.
func (w *world) money(ctx context.Context, tx *store.Tx, snapshot int64) error {
	o, ok := pick(w, w.orders)
	if !ok {
		return nil
	}
	c := store.ChargeRow{ID: w.id("ch"), Contribution: o.ID, Account: o.Account, Kind: eligibility.ContributionCharge,
		Amount: pounds(10), Created: w.now, Snapshot: snapshot}
	if w.r.IntN(4) == 0 {
		c.Account = ""
	}
	w.charges = append(w.charges, c)
	if _, err := tx.AddCharges(ctx, []store.ChargeRow{c}); err != nil {
		return err
	}
	open, err := tx.ChargesWithoutCoverage(ctx)
	if err != nil {
		return err
	}
	for _, c := range open {
		if w.r.IntN(4) == 0 {
			continue
		}
		if _, err := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: c.ID, Interval: eligibility.Monthly,
			Due: c.Created.MonthStart(1), OrderMinor: 1000, TaxMinor: 0, Snapshot: snapshot}}); err != nil {
			return err
		}
		if c.Account == "" {
			if _, err := tx.AddPayers(ctx, []store.PayerRow{{Charge: c.ID, Account: o.Account, Snapshot: snapshot}}); err != nil {
				return err
			}
		}
	}
	old, _ := pick(w, w.charges)
	if w.r.IntN(3) > 0 {
		return nil
	}
	if _, err := tx.AddChargeFlags(ctx, []store.ChargeFlags{{Charge: old.ID, Refunded: true, Snapshot: snapshot}}); err != nil {
		return err
	}
	_, err = tx.AddRefunds(ctx, []store.RefundRow{{ID: "rf_" + old.ID, Charge: old.ID, At: w.now, Minor: -1000, Snapshot: snapshot}})
	return err
}
