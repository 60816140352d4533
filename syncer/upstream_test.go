package syncer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// Upstream's words for how often an order is paid.
const (
	frequencyMonth = "MONTHLY"
	frequencyYear  = "YEARLY"
	frequencyOnce  = "ONETIME"
)

// upstream is a collective that a test changes by hand.
type upstream struct {
	now        func() instant.Instant
	collective opencollective.Collective
	orders     []opencollective.Order
	charges    []opencollective.Charge
	refunds    []opencollective.Refund
	paused     map[string]bool
	anonymous  bool
	elsewhere  []opencollective.Order // to projects and events

	fail error // what Pull returns instead
	// lookUps answers after entities; the value is the error.
	lookUps map[string]error
	// found are orders that a look-up shows; without one only the id.
	found map[string]opencollective.Order
	// asked are the look-ups, requests the pulls that were asked for.
	asked    []string
	requests []opencollective.PullRequest
	// during runs while a pull is under way, after its start was taken.
	during func()
}

func loose(w *world) *upstream {
	u := empty()
	u.now = w.clock
	return u
}

func empty() *upstream {
	return &upstream{
		now: func() instant.Instant { return instant.Date(2026, 6, 10) },
		collective: opencollective.Collective{
			ID: "col-1", PublicID: "acc_col", Slug: "loose-knot", Name: "Loose Knot", Type: "COLLECTIVE",
			Currency: gbp, HostID: "host-1", HostSlug: "tidy-host", Approved: true, Active: true,
		},
		lookUps: map[string]error{},
	}
}

var gbp = money.Currency{'G', 'B', 'P'}

func pounds(n int64) money.Money { return money.Money{Minor: n * 100, Currency: gbp} }

// payer is an account as upstream shows it.
func payer(name string) opencollective.Account {
	return opencollective.Account{
		ID: member.AccountID("acc-" + name), PublicID: "acc_" + name, LegacyID: legacy(name),
		Slug: name, Name: name + " Ltd", Type: "ORGANIZATION", Emails: []string{name + "@example.test"},
	}
}

// legacy is a number for a name, the same each time.
func legacy(name string) int64 {
	n := int64(1)
	for _, c := range name {
		n = n*131 + int64(c)
	}
	return n & 0x7fffffff
}

// monthly is an active contribution of £10 a month that was first charged on
// the given day.
func monthly(name string, first instant.Instant) opencollective.Order {
	return opencollective.Order{
		ID: "or-" + name, PublicID: "or_" + name, LegacyID: legacy("or" + name), Status: active, Frequency: frequencyMonth,
		Quantity: 1, Created: first, Updated: first, Processed: first, LastCharged: first,
		NextCharge: first.MonthStart(1), Amount: pounds(10), Total: pounds(10),
		Tier:    "tier-member",
		Service: "STRIPE", Method: typeCreditCard, ToAccount: "col-1", Payer: payer(name),
	}
}

// paidBy is a charge of £10 on an order.
func paidBy(o opencollective.Order, at instant.Instant) opencollective.Charge {
	return opencollective.Charge{
		ID: fmt.Sprintf("tx-%s-%s", o.ID, at.Time().Format("060102150405")), Kind: kindPayment, Created: at, Amount: pounds(10),
		Order: o.ID, OrderLegacyID: o.LegacyID, Account: o.Payer.ID, AccountSlug: o.Payer.Slug,
	}
}

// backOf is the refund of a charge.
func backOf(c opencollective.Charge, at instant.Instant) opencollective.Refund {
	minus := c.Amount
	minus.Minor = -minus.Minor
	return opencollective.Refund{
		ID: "back-" + c.ID, Charge: c.ID, Created: at, Kind: "REFUND", Order: c.Order,
		Amount: opencollective.Amount{Money: minus, Given: true},
	}
}

func (u *upstream) order(id string) *opencollective.Order {
	i := slices.IndexFunc(u.orders, func(o opencollective.Order) bool { return o.ID == id })
	return &u.orders[i]
}

// drop takes an order off the list.
func (u *upstream) drop(id string) opencollective.Order {
	o := *u.order(id)
	u.orders = slices.DeleteFunc(u.orders, func(o opencollective.Order) bool { return o.ID == id })
	return o
}

func (u *upstream) snapshot() *opencollective.Snapshot {
	return &opencollective.Snapshot{
		Start: u.now(), Collective: u.collective, Orders: slices.Clone(u.orders), Charges: slices.Clone(u.charges),
		Refunds: slices.Clone(u.refunds), PausedByPayer: maps.Clone(u.paused), Anonymous: u.anonymous, Requests: 4, Elsewhere: slices.Clone(u.elsewhere),
	}
}

func (u *upstream) Pull(ctx context.Context, r opencollective.PullRequest) (*opencollective.Snapshot, error) {
	snap := u.snapshot()
	if r.Known != nil {
		spare(snap, r.Known)
	}
	r.Known = nil
	u.requests = append(u.requests, r)
	if during := u.during; during != nil {
		u.during = nil
		during()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return snap, u.fail
}

// spare leaves out of a snapshot what is known, as the client does.
func spare(snap *opencollective.Snapshot, k opencollective.Known) {
	k.Begin()
	back := map[string]bool{}
	for _, f := range snap.Refunds {
		back[f.Charge] = true
	}
	orders, charges := len(snap.Orders), len(snap.Charges)
	snap.Orders = slices.DeleteFunc(snap.Orders, func(o opencollective.Order) bool { return o.Status != paused && k.Order(&o) })
	snap.Charges = slices.DeleteFunc(snap.Charges, func(c opencollective.Charge) bool { return !back[c.ID] && k.Charge(&c) })
	snap.KnownOrders, snap.KnownCharges = orders-len(snap.Orders), charges-len(snap.Charges)
}

func (u *upstream) Order(_ context.Context, id string) (opencollective.Order, error) {
	u.asked = append(u.asked, id)
	if o, ok := u.found[id]; ok {
		return o, nil
	}
	return opencollective.Order{ID: id}, u.lookUps[id]
}

func (u *upstream) Account(_ context.Context, id member.AccountID) (opencollective.Account, error) {
	u.asked = append(u.asked, string(id))
	return opencollective.Account{ID: id}, u.lookUps[string(id)]
}

// memory is a store without a database: what reconcile left, for pure tests.
type memory struct {
	t  failer
	st *stored
	// last is what the newest snapshot changed.
	last *reconciled
	said []string
	// known is how many snapshots were read of which something was known.
	known int
	// whole leaves out to read each snapshot a second time without what is known.
	whole bool
}

// failer is what testing.T and rapid.T have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func newMemory(t failer) *memory {
	st := &stored{
		missing: map[string]store.MissingRow{},
		flags:   map[string]store.ChargeFlags{}, refunds: map[string]store.RefundRow{}, elsewhere: map[string]store.ElsewhereRow{},
	}
	return &memory{t: t, st: st.derive()}
}

// see applies a snapshot and returns how many rows it changed. It wants the register of
// all names to come to the same where each entity is taken to have its own id.
func (m *memory) see(u *upstream) int {
	m.t.Helper()
	snap := u.snapshot()
	r, said := m.hold(m.st, snap)
	registered := *m.st
	registered.plainAccounts, registered.plainContributions = false, false
	again, saidAgain := m.hold(&registered, snap)
	if diff := cmp.Diff(again.changes, r.changes, cmp.AllowUnexported(changes{})); diff != "" || !slices.Equal(said, saidAgain) {
		m.t.Fatal("the register finds other changes, or words", diff, said, saidAgain)
	}
	if diff := cmp.Diff(again.contradiction(), r.contradiction()); diff != "" || !slices.Equal(again.unshown(), r.unshown()) {
		m.t.Fatal("the register finds other contradictions", diff)
	}
	m.spared(u)
	m.last, m.said = r, said
	m.st = after(r, snap)
	return r.rows()
}

// spared wants a snapshot without what is known to come to the same as the whole one, and
// to be whole again once that is put back, whatever is stored then.
func (m *memory) spared(u *upstream) {
	m.t.Helper()
	k := newKnown(m.st)
	if k == nil || m.whole {
		return
	}
	all, snap := u.snapshot(), u.snapshot()
	(&known{st: &stored{}}).whole(all) // in the client's order
	(&known{st: &stored{}}).whole(snap)
	whole, said := m.hold(m.st, all)
	spare(snap, k)
	left := *snap
	left.Orders, left.Charges = slices.Clone(snap.Orders), slices.Clone(snap.Charges)
	r, err := (&attempt{spared: k}).against(m.st, &left)
	if err != nil {
		m.t.Fatal(err)
	}
	m.same("without what is known", whole, r, all, &left)
	if words := difference(r, snap.Collective, nil, time.UTC); !slices.Equal(words, said) {
		m.t.Fatal("without what is known, it says", words, "for", said)
	}
	if k.orders.len() > 0 {
		m.known++
	}
	k.whole(snap)
	other := *m.st // where names were erased, and another process has seen other contributions
	other.details, other.contributions = detailTable{}, *m.st.contributions.clone()
	for id, c := range rows(&other.contributions) {
		c.Status += " before"
		other.contributions.set(id, c)
	}
	before, _ := m.hold(&other, all)
	after, _ := m.hold(&other, snap)
	m.same("made whole", before, after, all, snap)
}

// same wants two readings of a snapshot to come to the same.
func (m *memory) same(how string, a, b *reconciled, of, from *opencollective.Snapshot) {
	m.t.Helper()
	for _, diff := range []string{
		cmp.Diff(a.changes, b.changes, cmp.AllowUnexported(changes{}), cmpopts.EquateEmpty()),
		cmp.Diff(a.contradiction(), b.contradiction()),
		cmp.Diff(a.unshown(), b.unshown()),
		cmp.Diff(a.counts(of), b.counts(from)),
		cmp.Diff(a.info(of), b.info(from)),
	} {
		if diff != "" {
			m.t.Fatal(how, diff)
		}
	}
}

// hold holds a snapshot against what is stored.
func (m *memory) hold(st *stored, snap *opencollective.Snapshot) (*reconciled, []string) {
	m.t.Helper()
	rd, err := normalise(snap, st, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	r := reconcile(st, rd, st.last.Number+1)
	return r, difference(r, snap.Collective, nil, time.UTC)
}

// after is what is stored once a snapshot's changes are.
func after(r *reconciled, snap *opencollective.Snapshot) *stored {
	st := &stored{
		last: store.Snapshot{
			Number: r.number, Start: snap.Start, Host: snap.Collective.HostID,
			Frozen: snap.Collective.Frozen, Currency: snap.Collective.Currency,
		},
		any: true, pinned: snap.Collective.ID, currency: snap.Collective.Currency,
		accounts: *r.st.accounts.clone(), details: *r.st.details.clone(), contributions: *r.st.contributions.clone(),
		missing: maps.Clone(r.st.missing), charges: *r.st.charges.clone(), coverages: *r.st.coverages.clone(),
		flags: maps.Clone(r.st.flags), refunds: maps.Clone(r.st.refunds), elsewhere: maps.Clone(r.st.elsewhere),
	}
	enter(&st.accounts, r.accounts, func(a store.AccountRow) member.AccountID { return a.ID })
	enter(&st.details, r.details, func(d store.AccountDetail) member.AccountID { return d.Account })
	enter(&st.contributions, r.contributions, func(c store.ContributionRow) string { return c.ID })
	keep(st.missing, r.missing, func(m store.MissingRow) string { return m.Contribution })
	enter(&st.charges, r.charges, func(c store.ChargeRow) string { return c.ID })
	enter(&st.coverages, r.coverages, func(v store.CoverageRow) string { return v.Charge })
	keep(st.flags, r.flags, func(f store.ChargeFlags) string { return f.Charge })
	keep(st.elsewhere, r.elsewhere, func(e store.ElsewhereRow) string { return e.ID })
	keep(st.refunds, r.refunds, func(f store.RefundRow) string { return f.ID })
	for _, p := range r.payers {
		c := st.charges.at(p.Charge)
		c.Account = p.Account
		st.charges.set(p.Charge, c)
	}
	return st.derive()
}

// clone is a table with the same rows.
func (t *table[K, R, P]) clone() *table[K, R, P] {
	c := &table[K, R, P]{}
	c.fill(rows(t), map[string]string{})
	return c
}

// rows are the rows of a table.
func rows[K ~string, R any, P packing[R]](t *table[K, R, P]) map[K]R { return maps.Collect(t.all()) }

func enter[K ~string, R any, P packing[R]](t *table[K, R, P], rows []R, key func(R) K) {
	for _, r := range rows {
		t.set(key(r), r)
	}
}

func keep[K comparable, R any](m map[K]R, rows []R, key func(R) K) {
	for _, r := range rows {
		m[key(r)] = r
	}
}
