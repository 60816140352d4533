package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// stage is a small invented federation on a database of its own, at noon on 15
// June 2026.
type stage struct {
	t   *testing.T
	db  *store.DB
	r   *Roll
	now instant.Instant
	ids int

	ash, birch, dogwood member.ID // organisations
	cedar               member.ID // an applicant
	tara                member.Actor
	fay                 member.Actor // facilitator, delegate of birch
	cora, carl          member.Actor // contact people
	dora, bert          member.Actor // delegates of ash, of birch
	elsa                member.Actor // delegate of ash and treasurer
	ivy                 member.Actor // delegate of dogwood
}

var noon = instant.Date(2026, 6, 15).Add(12 * 3600e9)

func eachStage(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) { f(t, newStage(t, open())) })
}

func newStage(t *testing.T, db *store.DB) *stage {
	t.Helper()
	s := openStage(t, db)
	file, err := policy.Preset(policy.DefaultPreset)
	s.ok(err)
	_, _, err = s.r.EnsurePolicy(t.Context(), s.operator("starts"), file, false)
	s.ok(err)
	s.ash = s.add(NewMember{Name: "Ash Workers' Co-op", Kind: member.Organisation, Website: "https://www.ash.example", Since: instant.Date(2025, 1, 10)})
	s.birch = s.add(NewMember{Name: "Birch Collective", Kind: member.Organisation, Since: instant.Date(2025, 2, 10)})
	s.dogwood = s.add(NewMember{Name: "Dogwood", Kind: member.Organisation, Since: instant.Date(2025, 3, 10)})
	s.cedar = s.add(NewMember{Name: "Cedar Example", Kind: member.Individual, Applied: true, Since: instant.Date(2026, 6, 1)})
	s.tara = s.someone("Tara", nil, member.Treasurer)
	s.fay = s.someone("Fay", []member.ID{s.birch}, member.Facilitator)
	s.cora = s.someone("Cora", nil, member.ContactPerson)
	s.carl = s.someone("Carl", nil, member.ContactPerson)
	s.dora = s.someone("Dora", []member.ID{s.ash})
	s.bert = s.someone("Bert", []member.ID{s.birch})
	s.elsa = s.someone("Elsa", []member.ID{s.ash}, member.Treasurer)
	s.ivy = s.someone("Ivy", []member.ID{s.dogwood})
	s.upstream()
	return s
}

// openStage is a register without anything in it.
func openStage(t *testing.T, db *store.DB) *stage {
	s := &stage{t: t, db: db, now: noon}
	s.r = New(db, Options{Now: func() instant.Instant { return s.now }, NewID: func(prefix string) string {
		s.ids++
		return fmt.Sprintf("%s_%04d", prefix, s.ids)
	}})
	return s
}

func (s *stage) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) operator(reason string) By {
	return By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: reason}
}

func as(a member.Actor, second ...member.Actor) By {
	by := By{Actor: a, Reason: "because the meeting said so"}
	for _, b := range second {
		by.Second = &b
	}
	return by
}

func (s *stage) add(m NewMember) member.ID {
	s.t.Helper()
	id, _, err := s.r.Add(s.t.Context(), s.operator("joined"), m)
	s.ok(err)
	return id
}

func (s *stage) someone(name string, of []member.ID, roles ...member.Role) member.Actor {
	s.t.Helper()
	_, err := s.r.AddPerson(s.t.Context(), s.operator("asked"), NewPerson{
		Email: strings.ToLower(name) + "@people.example", Name: name, Roles: roles, DelegateOf: of,
	})
	s.ok(err)
	a, err := s.r.ActorAs(s.t.Context(), name, "")
	s.ok(err)
	return a
}

// state is what the roll says of a member now.
func (s *stage) state(id member.ID) eligibility.State {
	s.t.Helper()
	v, err := s.r.View(s.t.Context(), Query{Members: []member.ID{id}})
	s.ok(err)
	return v.Rows[0].Standing.State
}

func (s *stage) in(f func(tx *store.Tx) error) {
	s.t.Helper()
	s.ok(s.db.View(s.t.Context(), f))
}

// reasonsOf are the reasons of a refusal; anything else fails the test.
func reasonsOf(t *testing.T, err error) []string {
	t.Helper()
	refused, ok := errors.AsType[*Refused](err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	return refused.Reasons
}

func wantReasons(t *testing.T, err error, want ...string) {
	t.Helper()
	if got := reasonsOf(t, err); !slices.Equal(got, want) {
		t.Errorf("reasons:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// lastAudit is the newest row of the audit chain, which must be whole.
func (s *stage) lastAudit() (row store.AuditRow, why string) {
	s.t.Helper()
	s.in(func(tx *store.Tx) error {
		report, err := tx.VerifyAudit(s.t.Context())
		if err != nil || !report.OK() {
			return errors.Join(err, fmt.Errorf("the audit chain is broken at %d: %s", report.BrokenAt, report.Why))
		}
		rows, err := tx.AuditRows(s.t.Context(), store.AuditQuery{})
		if err != nil {
			return err
		}
		row = rows[len(rows)-1]
		texts, err := tx.Texts(s.t.Context(), row.Reason)
		why = texts[row.Reason]
		return err
	})
	return row, why
}

// payer is an invented payer and what it did on Open Collective.
type payer struct {
	account           store.AccountRow
	slug, name, email string
	status            string
	interval          eligibility.Interval
	minor             int64
	charges           []instant.Instant
}

func (p payer) id() member.AccountID { return p.account.ID }

var payers = []payer{
	{slug: "elm", name: "Elm Example", email: "hello@elm.example", status: "ACTIVE", interval: eligibility.Monthly, minor: 1000,
		charges: []instant.Instant{instant.Date(2026, 5, 1), instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: "acc-elm", Type: "INDIVIDUAL"}},
	{slug: "oak", name: "Oak Works", status: "ACTIVE", interval: eligibility.Monthly, minor: 500,
		charges: []instant.Instant{instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: "acc-oak", Type: "ORGANIZATION"}},
	{slug: "fir", name: "Fir", status: "PAID", interval: eligibility.OneOff, minor: 5000,
		charges: []instant.Instant{instant.Date(2026, 6, 2)}, account: store.AccountRow{ID: "acc-fir", Type: "INDIVIDUAL"}},
	{slug: "gum", name: "Gum Trees", status: "PENDING", interval: eligibility.OneOff, minor: 1000,
		account: store.AccountRow{ID: "acc-gum", Type: "ORGANIZATION"}},
	{slug: "hazel", name: "hazel@mail.example", status: "ACTIVE", interval: eligibility.Monthly, minor: 1000,
		charges: []instant.Instant{instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: "acc-hazel", Type: "INDIVIDUAL"}},
	{slug: "yew", name: "Yew", status: "CANCELLED", interval: eligibility.Monthly, minor: 1000,
		charges: []instant.Instant{instant.Date(2026, 1, 1)}, account: store.AccountRow{ID: "acc-yew", Type: "COLLECTIVE"}},
	{slug: "guest-1", name: "Somebody", status: "ACTIVE", interval: eligibility.Monthly, minor: 1000,
		charges: []instant.Instant{instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: "acc-guest", Type: "INDIVIDUAL", Guest: true}},
	{slug: "incognito-1", name: "Incognito", status: "ACTIVE", interval: eligibility.Monthly, minor: 1000,
		charges: []instant.Instant{instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: "acc-incognito", Type: "INDIVIDUAL", Incognito: true}},
	{slug: "gone", name: "Gone", status: "CANCELLED", interval: eligibility.Monthly, minor: 1000,
		charges: []instant.Instant{instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: "acc-gone", Type: "ORGANIZATION", Archived: true}},
}

// upstream stores what one complete snapshot of Open Collective would bring.
func (s *stage) upstream() {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.InTx(ctx, store.Pulls, s.now-1000, func(tx *store.Tx) error {
		start := s.now - 2000
		if err := tx.AddPull(ctx, store.Pull{ID: "pull-1", Started: start, Finished: start, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(ctx, store.Snapshot{Number: 1, Start: start, Pull: "pull-1", Collective: "acc-us", Currency: gbp}); err != nil {
			return err
		}
		for i, p := range payers {
			if err := storePayer(ctx, tx, i, p, start); err != nil {
				return err
			}
		}
		return nil
	}))
}

func storePayer(ctx context.Context, tx *store.Tx, i int, p payer, start instant.Instant) error {
	p.account.PublicID, p.account.LegacyID, p.account.Effective, p.account.Snapshot = "public-"+p.slug, int64(i+1), start, 1
	if _, err := tx.AddAccounts(ctx, []store.AccountRow{p.account}); err != nil {
		return err
	}
	detail := store.AccountDetail{Account: p.id(), Slug: p.slug, Name: p.name, Seen: start}
	if p.email != "" {
		detail.Emails = []string{p.email}
	}
	if _, err := tx.SetAccountDetails(ctx, []store.AccountDetail{detail}); err != nil {
		return err
	}
	c := store.ContributionRow{ID: "order-" + p.slug, Account: p.id(), Status: p.status, Interval: p.interval,
		Amount: money.Money{Minor: p.minor, Currency: gbp}, Total: p.minor, Created: instant.Date(2026, 6, 14), Effective: start, Snapshot: 1}
	if len(p.charges) > 0 {
		c.Created, c.Processed = p.charges[0], p.charges[0]
	}
	if _, err := tx.AddContributions(ctx, []store.ContributionRow{c}); err != nil {
		return err
	}
	for n, at := range p.charges {
		id := fmt.Sprintf("charge-%s-%d", p.slug, n+1)
		charge := store.ChargeRow{ID: id, Contribution: c.ID, Account: p.id(), Kind: eligibility.ContributionCharge,
			Amount: c.Amount, Created: at, Snapshot: 1}
		if _, err := tx.AddCharges(ctx, []store.ChargeRow{charge}); err != nil {
			return err
		}
		cover := store.CoverageRow{Charge: id, Interval: p.interval, OrderMinor: p.minor, Snapshot: 1}
		if p.interval != eligibility.OneOff {
			cover.Due = at.MonthStart(1)
		}
		if _, err := tx.AddCoverages(ctx, []store.CoverageRow{cover}); err != nil {
			return err
		}
	}
	return nil
}

var gbp = money.Currency{'G', 'B', 'P'}

func contains(s, part string) bool { return strings.Contains(s, part) }

func personID(a member.Actor) member.PersonID { return member.PersonID(a.ID) }

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func accountID(s string) member.AccountID { return member.AccountID(s) }
