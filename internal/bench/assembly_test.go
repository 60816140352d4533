package bench

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// assembly is a federation of any size whose members have paid a contribution each
// for some months, with a delegate each who may vote.
type assembly struct {
	tb    testing.TB
	now   atomic.Int64
	db    *store.DB
	roll  *roll.Roll
	chair *chair.Chair
	ids   []member.ID
	who   []member.PersonID // delegates, of the member with the same number
}

// settled is when the assembly's data were read last: from then on its clock goes.
var settled = instant.Date(2026, 6, 15).Add(12 * time.Hour)

// assemble fills a database with so many members.
func assemble(tb testing.TB, dsn string, members int) *assembly {
	tb.Helper()
	return assembleWith(tb, dsn, members, store.Options{})
}

func assembleWith(tb testing.TB, dsn string, members int, o store.Options) *assembly {
	tb.Helper()
	o.Version = "bench"
	a := &assembly{tb: tb}
	a.now.Store(int64(settled))
	var err error
	a.db, err = store.Open(tb.Context(), dsn, o)
	a.ok(err)
	tb.Cleanup(func() { _ = a.db.Close() }) // it may be closed already
	a.roll = roll.New(a.db, roll.Options{Now: a.clock})
	a.chair = chair.New(a.db, a.roll, chair.Options{Now: a.clock})
	file, err := policy.Preset(policy.DefaultPreset)
	a.ok(err)
	_, _, err = a.roll.EnsurePolicy(tb.Context(), a.operator(), file, true)
	a.ok(err)
	for i := range members {
		a.ids = append(a.ids, member.ID(fmt.Sprintf("m_%06d", i)))
		a.who = append(a.who, member.PersonID(fmt.Sprintf("p_%06d", i)))
	}
	a.ok(a.db.InTx(tb.Context(), store.Entries, settled.Add(-time.Hour), a.admit))
	a.pull(1, 3)
	a.later(time.Minute)
	return a
}

func (a *assembly) clock() instant.Instant { return instant.Instant(a.now.Load()) }

func (a *assembly) later(d time.Duration) { a.now.Add(int64(d / time.Microsecond)) }

func (a *assembly) ok(err error) {
	a.tb.Helper()
	if err != nil {
		a.tb.Fatal(err)
	}
}

func (a *assembly) operator() roll.By {
	return roll.By{Actor: member.Actor{ID: "op_bench", Label: "operator:bench", Operator: true}, Reason: "to measure"}
}

// month is how long a charge pays for.
const month = 30 * 24 * time.Hour

func account(i int) member.AccountID { return member.AccountID(fmt.Sprintf("ac-%06d", i)) }

// admit enters the members with their accounts and delegates.
func (a *assembly) admit(tx *store.Tx) error {
	ctx, by, since := a.tb.Context(), store.By{Actor: "op_bench"}, instant.Date(2025, 1, 10)
	var members []store.MemberRow
	var links []store.LinkRow
	var admitted []store.MembershipRow
	var delegates []store.DelegateRow
	for i, id := range a.ids {
		members = append(members, store.MemberRow{ID: id, Kind: member.Organisation, By: by})
		admitted = append(admitted, store.MembershipRow{ID: fmt.Sprintf("e_%06d", i), Member: id, Kind: eligibility.Admitted, At: since, By: by})
		links = append(links, store.LinkRow{ID: fmt.Sprintf("l_%06d", i), Member: id, Account: account(i), From: since, By: by})
		delegates = append(delegates, store.DelegateRow{ID: fmt.Sprintf("d_%06d", i), Person: a.who[i], Member: id, Event: store.DelegateAdded, By: by})
		if i%2 == 1 { // the delegate before acts for two members, so that each ballot for one of them is told to somebody
			delegates = append(delegates, store.DelegateRow{ID: fmt.Sprintf("d_%06d_2", i), Person: a.who[i-1], Member: id, Event: store.DelegateAdded, By: by})
		}
	}
	err := errors.Join(tx.AddMembers(ctx, members...), tx.AddMembership(ctx, admitted...), tx.AddLinks(ctx, links...), tx.AddDelegates(ctx, delegates...))
	for i, id := range a.ids {
		name := fmt.Sprintf("Member %06d", i)
		err = errors.Join(err, tx.SetMemberDetail(ctx, store.MemberDetail{Member: id, Handle: fmt.Sprintf("member-%06d", i), Name: name}),
			tx.SetPerson(ctx, store.Person{ID: a.who[i], Name: "Delegate of " + name, Email: fmt.Sprintf("delegate-%06d@people.example", i)}))
		if err != nil {
			return err
		}
	}
	return err
}

// pull writes what a complete reading would find: a monthly contribution of each
// member, with so many new charges of it.
func (a *assembly) pull(no int64, charges int) {
	a.tb.Helper()
	start := a.clock().Add(-time.Minute)
	gbp := money.Currency{'G', 'B', 'P'}
	var accounts []store.AccountRow
	var orders []store.ContributionRow
	var rows []store.ChargeRow
	var covers []store.CoverageRow
	for i := range a.ids {
		order := fmt.Sprintf("or-%06d", i)
		accounts = append(accounts, store.AccountRow{ID: account(i), Type: "ORGANIZATION", Effective: start, Snapshot: no})
		orders = append(orders, store.ContributionRow{ID: order, Account: account(i), Status: "ACTIVE", Frequency: "MONTHLY", Interval: eligibility.Monthly,
			Amount: money.Money{Minor: 1000, Currency: gbp}, Total: 1000, Created: start, Processed: start, ToAccount: "ac-us", Effective: start, Snapshot: no})
		for j := range charges {
			id, at := fmt.Sprintf("ch-%d-%06d-%d", no, i, j), start.Add(-time.Duration(charges-1-j)*month)
			rows = append(rows, store.ChargeRow{ID: id, Contribution: order, Account: account(i), Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 1000, Currency: gbp}, Created: at, Snapshot: no})
			covers = append(covers, store.CoverageRow{Charge: id, Interval: eligibility.Monthly, Due: at.Add(month), OrderMinor: 1000, Snapshot: no})
		}
	}
	a.ok(a.db.InTx(a.tb.Context(), store.Pulls, a.clock(), func(tx *store.Tx) error {
		ctx, name := a.tb.Context(), fmt.Sprintf("pl-%d", no)
		err := errors.Join(tx.AddPull(ctx, store.Pull{ID: name, Started: start, Finished: start, Outcome: "complete"}),
			tx.AddSnapshot(ctx, store.Snapshot{Number: no, Start: start, Pull: name, Collective: "ac-us", Currency: gbp}))
		if err != nil {
			return err
		}
		if no == 1 {
			_, err := tx.AddAccounts(ctx, accounts)
			if err != nil {
				return err
			}
		}
		for _, add := range []func() (int, error){
			func() (int, error) { return tx.AddContributions(ctx, orders) },
			func() (int, error) { return tx.AddCharges(ctx, rows) },
			func() (int, error) { return tx.AddCoverages(ctx, covers) },
		} {
			if _, err := add(); err != nil {
				return err
			}
		}
		_, err = a.roll.AfterSnapshot(ctx, tx, roll.SnapshotInfo{Number: no, Start: start, Currency: "GBP"})
		return err
	}))
}

// by is the delegate of the member with that number.
func (a *assembly) by(i int) chair.By {
	return chair.By{Actor: member.Actor{ID: string(a.who[i])}, Member: a.ids[i]}
}

// opened are so many decisions that everybody may vote on.
func (a *assembly) opened(n int) (ids []chair.ID) {
	a.tb.Helper()
	for i := range n {
		text := decisions.Text{Title: fmt.Sprintf("A shared calendar %d", i), Changes: "We use one.", Affects: "All members.", Channel: "the room"}
		p := decisions.Proposal{Text: text, Size: decisions.Large, Kind: decisions.General, Visibility: decisions.Public}
		done, err := a.chair.Propose(a.tb.Context(), a.by(0), p)
		a.ok(err)
		_, err = a.chair.Open(a.tb.Context(), done.Receipt.Decision, a.by(0))
		a.ok(err)
		ids = append(ids, done.Receipt.Decision)
	}
	return ids
}

// whole says that every decision's chain verifies, and holds so many entries.
func (a *assembly) whole(ctx context.Context, entries int64) {
	a.tb.Helper()
	all, err := a.chair.Verify(ctx)
	a.ok(err)
	var have int64
	for _, v := range all {
		have += v.Entries
		if !v.OK() {
			a.tb.Errorf("%+v", v)
		}
	}
	if have != entries {
		a.tb.Errorf("the chains hold %d entries, want %d", have, entries)
	}
}

// list publishes an entry of each member in the provider list.
func (a *assembly) list() {
	a.tb.Helper()
	ctx, by := a.tb.Context(), store.By{Actor: "op_bench"}
	a.ok(a.db.InTx(ctx, store.Entries, a.clock(), func(tx *store.Tx) error {
		var events []store.ProfileEvent
		for i, id := range a.ids {
			err := tx.SetProfile(ctx, store.Profile{Member: id, URL: fmt.Sprintf("https://member-%06d.example.org/", i), Summary: "Hosts mail, files and calendars for small organisations.",
				ContactLabel: "Write to us", ContactHref: fmt.Sprintf("mailto:hello@member-%06d.example.org", i), Place: "Somewhere", Services: []string{"hosting", "mail"}, Languages: []string{"en"}})
			if err != nil {
				return err
			}
			for _, c := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
				events = append(events, store.ProfileEvent{ID: fmt.Sprintf("pe_%06d_%d", i, c), Member: id, Kind: c, On: true, At: tx.Now(), By: by})
			}
		}
		return tx.AddProfileEvents(ctx, events...)
	}))
	a.ok(a.roll.PublishProviders(ctx, a.operator(), true))
	a.later(time.Minute)
}
