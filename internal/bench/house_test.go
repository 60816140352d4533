package bench

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// engine is one of the two, by the driver that a reference side uses.
type engine struct {
	driver string
	dsn    func(testing.TB) string
}

var (
	postgres = engine{"postgres", dbtest.PostgresDSN}
	sqlite   = engine{"sqlite", dbtest.SQLiteDSN}
)

// house is the program's rooms on a fresh database, with a clock that goes on by a
// microsecond at each look.
type house struct {
	tb     testing.TB
	db     *store.DB
	plain  *sql.DB // the same database, past the store
	roll   *roll.Roll
	syncer *syncer.Syncer
	now    instant.Instant
}

// source is what the syncer reads from.
type source interface {
	Pull(context.Context, opencollective.PullRequest) (*opencollective.Snapshot, error)
	Order(context.Context, string) (opencollective.Order, error)
	Account(context.Context, member.AccountID) (opencollective.Account, error)
}

func newHouse(tb testing.TB, e engine, now instant.Instant, from source) *house {
	tb.Helper()
	h := &house{tb: tb, now: now}
	dsn := e.dsn(tb)
	var err error
	if h.db, err = store.Open(tb.Context(), dsn, store.Options{Version: "bench"}); err != nil {
		tb.Fatal(err)
	}
	address := dsn
	if e.driver == sqlite.driver {
		address = dsn[len("sqlite://"):] + "?_pragma=synchronous(FULL)"
	}
	if h.plain, err = sql.Open(e.driver, address); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = h.plain.Close(), h.db.Close() })
	h.roll = roll.New(h.db, roll.Options{Now: h.clock})
	h.syncer = syncer.New(h.db, h.roll, from, syncer.Options{Slug: slug, Now: h.clock})
	return h
}

func (h *house) clock() instant.Instant { h.now++; return h.now }

// pull pulls once and wants so many changed rows.
func (h *house) pull(changed int) syncer.Report {
	h.tb.Helper()
	r, err := h.syncer.Pull(context.Background())
	if err != nil || r.Changed != changed {
		h.tb.Fatalf("%d rows changed, want %d: %v", r.Changed, changed, err)
	}
	return r
}

func (h *house) exec(statement string) {
	h.tb.Helper()
	if _, err := h.plain.Exec(statement); err != nil {
		h.tb.Fatalf("%s: %v", statement, err)
	}
}

// everybody makes a member of each payer, under the rules of the federation, and
// records the standings.
func (h *house) everybody() { h.admit(1 << 30) }

// admit is everybody for the first n payers by their ids.
func (h *house) admit(n int) {
	h.tb.Helper()
	rules, err := policy.Preset("coopcloud-2023")
	if err != nil {
		h.tb.Fatal(err)
	}
	by := roll.By{Actor: member.Actor{ID: "op_1", Label: "operator:bench", Operator: true}, Reason: "to be measured"}
	if _, _, err = h.roll.EnsurePolicy(h.tb.Context(), by, rules, true); err != nil {
		h.tb.Fatal(err)
	}
	these := fmt.Sprintf(`FROM account_obs WHERE id IN (SELECT id FROM account_obs ORDER BY id LIMIT %d)`, n)
	for _, statement := range []string{
		`INSERT INTO member SELECT 'm-' || id, 'organisation', '', 'op_1', '', known ` + these,
		`INSERT INTO member_detail SELECT 'm-' || account, slug, name, '', '', '' FROM account_detail WHERE account IN (SELECT id ` + these + `)`,
		`INSERT INTO membership_event SELECT 'e-' || id, 'm-' || id, 'admitted', effective - 1, 0, 0, '', 'op_1', '', known ` + these,
		`INSERT INTO link SELECT 'l-' || id, 'm-' || id, id, 0, 0, 'op_1', '', known ` + these,
	} {
		h.exec(statement)
	}
	if e := h.db.Engine(); e == "postgres" {
		h.exec(`ANALYZE`) // as its own housekeeping would have done
	}
	if _, err = h.roll.Assess(h.tb.Context()); err != nil {
		h.tb.Fatal(err)
	}
}

// shown is a source that shows one snapshot, begun a moment ago.
type shown struct {
	source
	snapshot *opencollective.Snapshot
	clock    func() instant.Instant
}

func (s *shown) Pull(_ context.Context, r opencollective.PullRequest) (*opencollective.Snapshot, error) {
	snap := *s.snapshot
	snap.Start = s.clock()
	if r.Known != nil {
		spare(&snap, r.Known)
	}
	return &snap, nil
}

// spare leaves out of a snapshot what is known, as the client does.
func spare(snap *opencollective.Snapshot, k opencollective.Known) {
	k.Begin()
	orders, charges := snap.Orders, snap.Charges
	snap.Orders, snap.Charges = nil, nil
	for i := range orders {
		if o := &orders[i]; !k.Order(o) {
			snap.Orders = append(snap.Orders, *o)
		}
	}
	for i := range charges {
		if c := &charges[i]; !k.Charge(c) {
			snap.Charges = append(snap.Charges, *c)
		}
	}
	snap.KnownOrders, snap.KnownCharges = len(orders)-len(snap.Orders), len(charges)-len(snap.Charges)
}

// snapshotOf is what a first pull of a crowd reads.
func snapshotOf(tb testing.TB, n int) *opencollective.Snapshot {
	tb.Helper()
	t := taped(tb, n)
	snap, err := t.client(tb, t.play(tb).URL, func() instant.Instant { return t.asked }).Pull(tb.Context(), opencollective.PullRequest{Slug: slug})
	if err != nil {
		tb.Fatal(err)
	}
	return snap
}

// settle lets the server's counts of rows come up to date: a connection hands its own
// over when it has been idle, or ends.
func (h *house) settle() {
	h.tb.Helper()
	time.Sleep(1500 * time.Millisecond)
	if err := h.db.View(context.Background(), func(*store.Tx) error { return nil }); err != nil {
		h.tb.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond)
}
