package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// smallWorld is a federation as a few lines tell it, written into the database
// of a world: what snapshots of Open Collective brought, and what people
// entered. testdata/desk/README.md says how the lines are read.
type smallWorld struct {
	*world
	db   *store.DB
	roll *roll.Roll
	read int64 // number of the last snapshot
	// shown is what the next snapshot brings.
	shown    []func(tx *store.Tx, start instant.Instant) error
	orders   map[string]store.ContributionRow
	accounts map[string]store.AccountRow // by slug
	details  map[string]store.AccountDetail
}

func newSmallWorld(t *testing.T, w *world) *smallWorld {
	s := &smallWorld{world: w, orders: map[string]store.ContributionRow{}, accounts: map[string]store.AccountRow{}, details: map[string]store.AccountDetail{}}
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(w.env["GOODSTANDING_DATA"], databaseName), store.Options{Version: "test"})
	s.ok(err)
	s.db = db
	s.roll = roll.New(db, roll.Options{Now: func() instant.Instant { return w.clock }, NewID: func(prefix string) string {
		w.made++
		return fmt.Sprintf("%s_%04d", prefix, w.made)
	}})
	return s
}

func (s *smallWorld) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *smallWorld) by() roll.By {
	return roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "a test"}
}

// details of a line: "o1 by alfa, ACTIVE, next 2026-05-01" is the head "o1 by
// alfa" and the rest.
type told struct {
	t    *testing.T
	head string
	rest []string
}

func tell(t *testing.T, text string) told {
	parts := strings.Split(text, ", ")
	return told{t, parts[0], parts[1:]}
}

// word is the rest of the detail that begins with the key; "" for none.
func (l told) word(key string) string {
	for _, d := range l.rest {
		if v, ok := strings.CutPrefix(d, key+" "); ok {
			return v
		}
	}
	return ""
}

func (l told) is(word string) bool {
	for _, d := range l.rest {
		if d == word {
			return true
		}
	}
	return false
}

// on is a day; 0 for none.
func (l told) on(key string) instant.Instant {
	l.t.Helper()
	if l.word(key) == "" {
		return 0
	}
	return onDay(l.t, l.word(key))
}

func onDay(t *testing.T, text string) instant.Instant {
	t.Helper()
	i, err := instant.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// two splits "o1 by alfa" at " by ".
func two(t *testing.T, text, at string) (string, string) {
	t.Helper()
	a, b, ok := strings.Cut(text, " "+at+" ")
	if !ok {
		t.Fatalf("%q has no %q", text, at)
	}
	return a, b
}

// line carries out one line of a world.
func (s *smallWorld) line(verb, text string) {
	s.t.Helper()
	do, ok := map[string]func(told){
		"policy": s.policy, "account": s.account, "order": s.order, "charge": s.charge, "dispute": s.dispute, "refund": s.refund, "missing": s.missing,
		"elsewhere": s.elsewhere, "read": s.snapshot, "today": func(l told) { s.clock = onDay(s.t, l.head).Add(12 * 3600e9) },
		"member": s.member, "delegate": s.delegate, "supporter": s.supporter, "unlink": s.unlink, "payment": s.payment, "leave": s.leave,
	}[verb]
	if !ok {
		s.t.Fatalf("a world has no line %q", verb)
	}
	if verb == "policy" { // its text may hold commas
		do(told{s.t, text, nil})
		return
	}
	do(tell(s.t, text))
}

// next keeps what the next snapshot brings.
func (s *smallWorld) next(f func(tx *store.Tx, start instant.Instant) error) {
	s.shown = append(s.shown, f)
}

// policy is the preset with a rule changed: "one_off: ignore is one_off:
// added_funds". It can only be a world's first line.
func (s *smallWorld) policy(l told) {
	text, err := policy.PresetText(policy.DefaultPreset)
	s.ok(err)
	if l.head != "" {
		old, changed := two(s.t, l.head, "is")
		before := string(text)
		if text = []byte(strings.Replace(before, old, changed, 1)); string(text) == before {
			s.t.Fatalf("the preset has no %q", old)
		}
	}
	file, err := policy.Parse("policy", text)
	s.ok(err)
	_, _, err = s.roll.EnsurePolicy(s.t.Context(), s.by(), file, false)
	s.ok(err)
}

func (s *smallWorld) account(l told) {
	slug := l.head
	row := store.AccountRow{ID: member.AccountID(cmp.Or(l.word("id"), "acc-"+slug)), Type: cmp.Or(l.word("type"), "ORGANIZATION"),
		Guest: l.is("guest"), Incognito: l.is("incognito"), Archived: l.is("deleted"), Suspended: l.is("suspended")}
	d := store.AccountDetail{Account: row.ID, Slug: slug, Name: cmp.Or(l.word("called"), "The "+slug)}
	if mail := l.word("mail"); mail != "" {
		d.Emails = []string{mail}
	}
	s.accounts[slug], s.details[slug] = row, d
	s.next(func(tx *store.Tx, start instant.Instant) error {
		row.Effective, row.Snapshot, d.Seen = start, s.read, start
		if _, err := tx.AddAccounts(s.t.Context(), []store.AccountRow{row}); err != nil {
			return err
		}
		_, err := tx.SetAccountDetails(s.t.Context(), []store.AccountDetail{d})
		return err
	})
}

// order is "o1 by alfa, ACTIVE, monthly GBP 10.00, since 2026-01-01, next 2026-07-01".
func (s *smallWorld) order(l told) {
	id, slug := two(s.t, l.head, "by")
	c := s.promise(l, id, slug)
	s.orders[id] = c
	s.next(func(tx *store.Tx, start instant.Instant) error {
		c.Effective, c.Snapshot = cmp.Or(l.on("changed"), start), s.read
		_, err := tx.AddContributions(s.t.Context(), []store.ContributionRow{c})
		return err
	})
}

// promise is what the details of an order say.
func (s *smallWorld) promise(l told, id, slug string) store.ContributionRow {
	s.t.Helper()
	account, ok := s.accounts[slug]
	if !ok {
		s.t.Fatalf("no account %q", slug)
	}
	c := store.ContributionRow{ID: id, Account: account.ID, Status: l.rest[0], ToAccount: "acc-us", Tier: l.word("tier"),
		Created: l.on("since"), Processed: l.on("since"), NextCharge: l.on("next"), Service: "STRIPE"}
	if l.is("never charged") {
		c.Processed = 0
	}
	for word, every := range map[string]eligibility.Interval{"monthly": eligibility.Monthly, "yearly": eligibility.Yearly, "once": eligibility.OneOff} {
		if amount := l.word(word); amount != "" {
			m, err := money.Parse(amount)
			s.ok(err)
			c.Interval, c.Amount, c.Total = every, m, m.Minor
			c.Frequency = map[eligibility.Interval]string{eligibility.Monthly: "MONTHLY", eligibility.Yearly: "YEARLY", eligibility.OneOff: "ONETIME"}[every]
		}
	}
	if l.is("no frequency") {
		c.Frequency = ""
	}
	return c
}

// charge is "c1 of o1 on 2026-06-01, until 2026-07-01".
func (s *smallWorld) charge(l told) {
	id, rest := two(s.t, l.head, "of")
	order, at := two(s.t, rest, "on")
	o, known := s.orders[order]
	c := store.ChargeRow{ID: id, Contribution: order, Account: o.Account, Kind: eligibility.ContributionCharge, Amount: o.Amount, Created: onDay(s.t, at).Add(6 * 3600e9)}
	if l.is("added funds") {
		c.Kind = eligibility.AddedFunds
	}
	if amount := l.word("of"); amount != "" {
		m, err := money.Parse(amount)
		s.ok(err)
		c.Amount = m
	}
	s.next(func(tx *store.Tx, start instant.Instant) error {
		c.Snapshot = s.read
		if _, err := tx.AddCharges(s.t.Context(), []store.ChargeRow{c}); err != nil || !known {
			return err
		}
		_, err := tx.AddCoverages(s.t.Context(), []store.CoverageRow{{Charge: id, Interval: o.Interval, Due: l.on("until"), OrderMinor: o.Amount.Minor, Snapshot: s.read}})
		return err
	})
}

func (s *smallWorld) dispute(l told) {
	s.next(func(tx *store.Tx, start instant.Instant) error {
		_, err := tx.AddChargeFlags(s.t.Context(), []store.ChargeFlags{{Charge: l.head, Disputed: !l.is("over"), Snapshot: s.read}})
		return err
	})
}

// refund is "c1 on 2026-06-10, REJECT".
func (s *smallWorld) refund(l told) {
	charge, at := two(s.t, l.head, "on")
	kind := "REFUND"
	if l.is("REJECT") {
		kind = "REJECT"
	}
	s.next(func(tx *store.Tx, start instant.Instant) error {
		_, err := tx.AddRefunds(s.t.Context(), []store.RefundRow{{ID: "r-" + charge, Charge: charge, At: onDay(s.t, at), Kind: kind, Minor: -1, Snapshot: s.read}})
		return err
	})
}

// missing is an order that the list lacks from now on; "o1, back" ends it.
func (s *smallWorld) missing(l told) {
	s.next(func(tx *store.Tx, start instant.Instant) error {
		row := store.MissingRow{Contribution: l.head, Streak: 1, Snapshot: s.read}
		if l.is("back") {
			row.Streak = 0
		}
		_, err := tx.AddMissing(s.t.Context(), []store.MissingRow{row})
		return err
	})
}

// elsewhere is "p1 by alfa to book-club, ACTIVE, monthly GBP 10.00, since
// 2026-01-01", an order to a project or an event; "gone" ends it.
func (s *smallWorld) elsewhere(l told) {
	id, rest := two(s.t, l.head, "by")
	slug, place := two(s.t, rest, "to")
	c := s.promise(l, id, slug)
	row := store.ElsewhereRow{ID: id, Account: c.Account, ToAccount: member.AccountID("acc-" + place), Status: c.Status, Every: c.Interval,
		Amount: c.Amount, Created: c.Created, Processed: c.Processed, Listed: !l.is("gone")}
	s.next(func(tx *store.Tx, start instant.Instant) error {
		row.Effective, row.Snapshot = start, s.read
		if _, err := tx.AddElsewhere(s.t.Context(), []store.ElsewhereRow{row}); err != nil {
			return err
		}
		_, err := tx.SetAccountDetails(s.t.Context(), []store.AccountDetail{{Account: row.ToAccount, Slug: place, Seen: start}})
		return err
	})
}

// snapshot stores what was shown as one complete reading at noon of the day.
func (s *smallWorld) snapshot(l told) {
	s.t.Helper()
	start := onDay(s.t, l.head).Add(12 * 3600e9)
	s.clock = start.Add(3600e9)
	s.read++
	pull := fmt.Sprintf("pull-%d", s.read)
	s.ok(s.db.InTx(s.t.Context(), store.Pulls, s.clock, func(tx *store.Tx) error {
		if err := tx.AddPull(s.t.Context(), store.Pull{ID: pull, Started: start, Finished: s.clock, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(s.t.Context(), store.Snapshot{Number: s.read, Start: start, Pull: pull, Collective: "acc-us", Currency: money.Currency{'G', 'B', 'P'}}); err != nil {
			return err
		}
		for _, f := range s.shown {
			if err := f(tx, start); err != nil {
				return err
			}
		}
		return nil
	}))
	s.shown = nil
	s.clock = s.clock.Add(1e9)
}
