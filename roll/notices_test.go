package roll

import (
	"fmt"
	"slices"
	"strings"
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

// oneFlock is a flock on SQLite, where the engine makes no difference, with the
// notices started.
func oneFlock(t *testing.T, n int) *flock {
	t.Helper()
	fl := quietFlock(t, n)
	fl.starts()
	return fl
}

// quietFlock is one whose notices are off.
func quietFlock(t *testing.T, n int) *flock {
	t.Helper()
	db, err := store.Open(t.Context(), dbtest.SQLiteDSN(t), store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return newFlock(t, db, n)
}

// sent marks what is due as sent.
func (s *stage) sent() error {
	return s.db.InTx(s.t.Context(), store.NoStream, s.now, func(tx *store.Tx) error {
		rows, err := tx.Notices(s.t.Context(), store.OutboxQuery{State: notify.Waiting})
		for _, r := range rows {
			if err == nil && r.DueAt <= s.now {
				err = tx.SetNotice(s.t.Context(), r.ID, notify.Sent, "")
			}
		}
		return err
	})
}

func (s *stage) outbox(q store.OutboxQuery) (rows []store.OutboxRow) {
	s.t.Helper()
	s.in(func(tx *store.Tx) (err error) {
		rows, err = tx.Notices(s.t.Context(), q)
		return err
	})
	return rows
}

// said are the notices about a member by day due: "07-07 payment_late
// charge:tx-or-00 waiting".
func (s *stage) said(of member.ID) (out []string) {
	s.t.Helper()
	rows := s.outbox(store.OutboxQuery{Member: of})
	slices.SortStableFunc(rows, func(a, b store.OutboxRow) int { return int(max(-1, min(1, a.DueAt-b.DueAt))) })
	for _, r := range rows {
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %s %s %s %s", r.DueAt.Day()[len("2026-"):], r.Kind, r.Cause, r.State, r.Detail), " "))
	}
	return out
}

func (s *stage) wantSaid(when string, of member.ID, want ...string) {
	s.t.Helper()
	if got := s.said(of); !slices.Equal(got, want) {
		s.t.Errorf("%s: told\n  %s\nwant\n  %s", when, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// unassessed stores a complete snapshot that nobody assesses.
func (fl *flock) unassessed(start instant.Instant) {
	fl.t.Helper()
	fl.now, fl.last = start, start
	fl.no++
	fl.ok(fl.db.InTx(fl.t.Context(), store.Pulls, fl.now, func(tx *store.Tx) error {
		pull := fmt.Sprintf("pl_%d", fl.no)
		if err := tx.AddPull(fl.t.Context(), store.Pull{ID: pull, Started: start, Finished: start, Outcome: "complete"}); err != nil {
			return err
		}
		return tx.AddSnapshot(fl.t.Context(), store.Snapshot{Number: fl.no, Start: start, Pull: pull, Collective: "acc-collective", Currency: gbp})
	}))
}

// on reads on a day.
func (fl *flock) on(month time.Month, day int, rows func(*store.Tx, int64) error) Report {
	fl.t.Helper()
	fl.now = instant.Date(2026, month, day).Add(6 * time.Hour)
	return fl.read(SnapshotInfo{}, rows)
}

// Lapse, return, lapse is told again, in the second round by another charge; steps
// in between, restarts and readings that show nothing new tell nothing.
func TestLapseReturnLapseIsToldAgain(t *testing.T) {
	fl := oneFlock(t, 12)
	rest := others(12, 0)
	for _, d := range []int{2, 7, 8, 12, 18, 23, 24} {
		pays := []int(nil)
		if d == 2 {
			pays = rest
		}
		fl.on(time.July, d, fl.pay(pays...))
		fl.assess()
		fl.ok(fl.sent())
	}
	first := []string{
		"07-07 payment_late charge:tx-or-00 sent", "07-15 before_grace_ends charge:tx-or-00 sent", "07-22 lapsed charge:tx-or-00 sent",
	}
	fl.wantSaid("lapsed", fl.ids[0], first...)
	fl.on(time.July, 25, fl.pay(0))
	first = append(first, fmt.Sprintf("07-25 back_in_standing charge:tx2-00-%d waiting", fl.no))
	again := fmt.Sprintf("charge:tx2-00-%d", fl.no)
	fl.wantSaid("back", fl.ids[0], first...)
	for _, d := range []int{2, 7, 12, 18, 23} {
		pays := []int(nil)
		if d == 2 {
			pays = rest
		}
		fl.on(time.August, d, fl.pay(pays...))
		fl.assess()
	}
	fl.wantSaid("lapsed again", fl.ids[0], append(first,
		"08-07 payment_late "+again+" waiting", "08-15 before_grace_ends "+again+" waiting", "08-22 lapsed "+again+" waiting")...)
	for i, id := range fl.ids[1:] {
		if got := fl.said(id); len(got) > 0 && i < 11 {
			t.Errorf("%d, who pays, is told %v", i+1, got)
		}
	}
}

// Who was told nothing bad is told nothing good; so it is after a return, too.
func TestNoGoodNewsForNothing(t *testing.T) {
	fl := oneFlock(t, 12)
	fl.on(time.July, 2, fl.pay(others(12, 0, 1)...))
	fl.on(time.July, 6, nil) // grace, and nothing is due
	fl.on(time.July, 7, fl.pay(0))
	fl.on(time.July, 8, nil)
	fl.ok(fl.sent())
	fl.on(time.July, 9, fl.pay(1))
	for i, want := range []string{"suppressed", "waiting"} {
		rows := fl.outbox(store.OutboxQuery{Member: fl.ids[i], Kind: notify.BackInStanding})
		if len(rows) != 1 || string(rows[0].State) != want || want == "suppressed" && rows[0].Detail != notify.NothingTold {
			t.Errorf("member %d: %+v, want it %s", i, rows, want)
		}
	}
}

// Each notice speaks of an instant that a reading has to reach before it may go:
// when it falls due, so that whoever pays until then is seen to have paid.
func TestNoNoticeSpeaksOfWhatIsNotKnownYet(t *testing.T) {
	fl := oneFlock(t, 12)
	fl.on(time.July, 2, fl.pay(others(12, 0)...))
	fl.on(time.July, 6, nil)
	rows := fl.outbox(store.OutboxQuery{Member: fl.ids[0]})
	if len(rows) != 2 {
		t.Fatalf("told %v", fl.said(fl.ids[0]))
	}
	for _, r := range rows {
		if r.About != r.DueAt || r.About <= fl.last {
			t.Errorf("%s is about %s and due at %s, the last reading is of %s", r.Occasion, r.About, r.DueAt, fl.last)
		}
	}
}

// What fell due while the program was down is written in order, each with its own
// instant. A reminder is too late once the next one is due or the rights have
// ended (field.md, story 18).
func TestRemindersWhoseMomentHasPassed(t *testing.T) {
	for _, tt := range []struct {
		name string
		back int // on which day of July the program is back
		want []string
	}{
		{"before any is due", 6, []string{"07-07 payment_late charge:tx-or-00 waiting", "07-15 before_grace_ends charge:tx-or-00 waiting"}},
		{"after the first", 10, []string{"07-07 payment_late charge:tx-or-00 waiting", "07-15 before_grace_ends charge:tx-or-00 waiting"}},
		{"after the second", 18, []string{"07-07 payment_late charge:tx-or-00 suppressed too_late", "07-15 before_grace_ends charge:tx-or-00 waiting"}},
		{"after the end", 25, []string{"07-07 payment_late charge:tx-or-00 suppressed too_late", "07-15 before_grace_ends charge:tx-or-00 suppressed too_late",
			"07-22 lapsed charge:tx-or-00 waiting"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fl := oneFlock(t, 12)
			fl.on(time.July, 2, fl.pay(others(12, 0)...))
			if tt.back > 21 { // within the week before, so that nothing moves the end
				fl.unassessed(instant.Date(2026, 7, 20))
			}
			fl.on(time.July, tt.back, nil)
			fl.wantSaid("back", fl.ids[0], tt.want...)
		})
	}
}

// A grace that is counted from another coverage by now is told of again, though
// the state has been the same all along; the same one is not. What was to come of
// the old one is superseded: no stage has two mails.
func TestAGraceThatBeginsAgain(t *testing.T) {
	fl := oneFlock(t, 12)
	fl.on(time.July, 2, fl.pay(others(12, 0)...))
	fl.on(time.July, 6, nil)
	fl.on(time.July, 10, nil)
	fl.now = fl.now.Add(time.Hour)
	id, report, err := fl.r.Pay(t.Context(), fl.operator("cash, found in the box"), PaymentEntry{Member: fl.ids[0], Amount: money.Money{Minor: 1000, Currency: gbp},
		Received: instant.Date(2026, 7, 1), From: instant.Date(2026, 6, 2), To: instant.Date(2026, 7, 2)})
	fl.ok(err)
	if len(report.Transitions) != 0 {
		t.Fatalf("%v, want grace all along", states(report.Transitions))
	}
	want := []string{
		"07-07 payment_late charge:tx-or-00 suppressed superseded", "07-08 payment_late payment:" + id + " waiting",
		"07-15 before_grace_ends charge:tx-or-00 suppressed superseded", "07-16 before_grace_ends payment:" + id + " waiting",
	}
	fl.wantSaid("paid up until the 2nd", fl.ids[0], want...)
	fl.assess()
	fl.on(time.July, 12, nil)
	fl.wantSaid("assessed again", fl.ids[0], want...)
}

// A reminder before the rights end moves with their end: upstream's tries make a
// grace longer, and their end makes it short again.
func TestAReminderMovesWithTheEnd(t *testing.T) {
	fl := oneFlock(t, 12)
	fails := func(next instant.Instant, status string) func(*store.Tx, int64) error {
		return func(tx *store.Tx, no int64) error {
			c := contribution(0, status, fl.now, no)
			c.NextCharge = next
			_, err := tx.AddContributions(t.Context(), []store.ContributionRow{c})
			return err
		}
	}
	fl.on(time.July, 2, fl.pay(others(12, 0)...))
	fl.on(time.July, 7, fails(instant.Date(2026, 7, 24), "ERROR"))
	late := "07-07 payment_late charge:tx-or-00 waiting"
	fl.wantSaid("failing until the 24th", fl.ids[0], late, "07-22 before_grace_ends charge:tx-or-00 waiting")
	fl.on(time.July, 9, fails(instant.Date(2026, 7, 24), "CANCELLED"))
	fl.wantSaid("given up", fl.ids[0], late, "07-15 before_grace_ends charge:tx-or-00 waiting")
}

// A waiver is reminded of once, 30 days before it ends; one that another follows
// without a break is not, the other is; one that ends sooner is reminded of sooner.
// When it is over and never followed, the rights end is told, of the waiver.
func TestWaiversThatEnd(t *testing.T) {
	fl := oneFlock(t, 12)
	waive := func(from, until instant.Instant) string {
		id, _, err := fl.r.Waive(t.Context(), fl.operator("they paint the hall"), fl.ids[0], from, until, "")
		fl.ok(err)
		return id
	}
	fl.on(time.July, 1, fl.pay(others(12, 0)...))
	first := waive(fl.now, instant.Date(2026, 9, 1))
	fl.wantSaid("waived", fl.ids[0], "08-02 waiver_ending waiver:"+first+" waiting")
	fl.now = fl.now.Add(time.Hour)
	second := waive(instant.Date(2026, 8, 20), instant.Date(2026, 12, 1))
	fl.now = fl.now.Add(time.Hour)
	fl.assess()
	both := []string{"08-02 waiver_ending waiver:" + first + " suppressed superseded", "11-01 waiver_ending waiver:" + second + " waiting"}
	fl.wantSaid("another follows", fl.ids[0], both...)
	_, err := fl.r.EndWaiver(t.Context(), fl.operator("until autumn only"), fl.ids[0], second, instant.Date(2026, 10, 1))
	fl.ok(err)
	both[1] = "09-01 waiver_ending waiver:" + second + " waiting"
	fl.wantSaid("it ends sooner", fl.ids[0], both...)
	for _, day := range []int{2, 8, 20, 23} {
		fl.on(time.October, day, fl.pay(others(12, 0)...))
	}
	fl.wantSaid("over", fl.ids[0], append(both, "10-07 payment_late waiver:"+second+" waiting", "10-15 before_grace_ends waiver:"+second+" waiting",
		"10-22 lapsed waiver:"+second+" waiting")...)
}

// Who pays less than the minimum is told once for the coverage that ended; who
// never paid enough, once for the contribution.
func TestPayingTooLittle(t *testing.T) {
	fl := oneFlock(t, 12)
	little := func(i int) func(*store.Tx, int64) error {
		return func(tx *store.Tx, no int64) error {
			id := fmt.Sprintf("tx-little-%d", no)
			if _, err := tx.AddCharges(t.Context(), []store.ChargeRow{{ID: id, Contribution: fmt.Sprintf("or-%02d", i), Account: acc(i),
				Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 500, Currency: gbp}, Created: fl.now - 3600e6, Snapshot: no}}); err != nil {
				return err
			}
			if _, err := tx.AddCoverages(t.Context(), []store.CoverageRow{{Charge: id, Interval: eligibility.Monthly,
				Due: (fl.now - 3600e6).MonthStart(1), OrderMinor: 500, Snapshot: no}}); err != nil {
				return err
			}
			return fl.pay(others(12, i)...)(tx, no)
		}
	}
	fl.on(time.July, 2, little(0))
	fl.on(time.July, 20, nil)
	fl.on(time.July, 24, nil)
	want := []string{"07-07 payment_late charge:tx-or-00 suppressed too_late", "07-15 before_grace_ends charge:tx-or-00 waiting",
		"07-22 paying_too_little charge:tx-or-00 waiting"}
	fl.wantSaid("short", fl.ids[0], want...)
	fl.on(time.August, 2, little(0))
	fl.on(time.August, 20, nil)
	fl.wantSaid("short for another month", fl.ids[0], want...)
}

// A member that was admitted and pays nothing is reminded once, a week after its
// admission. The link that shows it waits for a yes.
func TestNotYetPaid(t *testing.T) {
	fl := oneFlock(t, 4)
	admitted := fl.now.Add(24 * time.Hour)
	fl.now = admitted.Add(time.Hour)
	id := fl.add(NewMember{Name: "Elm", Kind: member.Organisation, Since: admitted})
	fl.someone("Ella", []member.ID{id})
	fl.ok(fl.sent())
	_, err := fl.r.NoAccount(t.Context(), fl.operator("they have none"), id, true)
	fl.ok(err)
	event, welcome := "", fl.said(id)[0]
	fl.in(func(tx *store.Tx) error {
		all, err := tx.Membership(t.Context())
		for _, e := range all[id] {
			if e.Kind == eligibility.Admitted {
				event = e.ID
			}
		}
		return err
	})
	fl.wantSaid("known to have no account", id, welcome, "06-23 not_yet_paid membership:"+event+" held release:link")
	fl.now = fl.now.Add(time.Hour)
	fl.assess()
	fl.wantSaid("assessed again", id, welcome, "06-23 not_yet_paid membership:"+event+" held release:link")
}

// Everybody who can be told about a member is told once: its delegates, and the
// contacts who are none of them; else its accounts; else nobody, and the row says
// so.
func TestWhoIsTold(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.ok(s.db.InTx(t.Context(), store.Entries, s.now, func(tx *store.Tx) error {
			for _, c := range []store.Contact{
				{ID: "c_same", Member: s.ash, Email: "DORA@people.example"}, {ID: "c_other", Member: s.ash, Email: "office@ash.example"},
				{ID: "c_twice", Member: s.ash, Email: "Office@ash.example"}, {ID: "c_chat", Member: s.ash, Matrix: "@ash:chat.example"},
			} {
				if err := tx.SetContact(t.Context(), c); err != nil {
					return err
				}
			}
			return nil
		}))
		linked := s.add(NewMember{Name: "Linden", Kind: member.Organisation})
		_, err := s.r.Link(t.Context(), s.operator("theirs"), linked, payers[0].id(), 0, 0)
		s.ok(err)
		alone := s.add(NewMember{Name: "Larch", Kind: member.Organisation})
		s.starts()
		for _, id := range []member.ID{s.ash, linked, alone} {
			s.now = s.now.Add(time.Minute)
			_, err := s.r.Suspend(t.Context(), as(s.cora, s.carl), id, 0, 0)
			s.ok(err)
		}
		for id, want := range map[member.ID][]string{
			s.ash: {s.dora.ID + " waiting", s.elsa.ID + " waiting", "c_other waiting"}, linked: {"account:" + string(payers[0].id()) + " waiting"}, alone: {" no_address"},
		} {
			var got []string
			for _, r := range s.outbox(store.OutboxQuery{Member: id, Kind: notify.Suspended}) {
				got = append(got, fmt.Sprintf("%s %s", r.Recipient, r.State))
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: told %q, want %q", id, got, want)
			}
		}
	})
}
