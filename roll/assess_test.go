package roll

import (
	"context"
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
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// flock is a federation of many members, each paying GBP 10.00 a month from an
// account of its own, read by snapshots whose instants the test chooses.
type flock struct {
	*stage
	ids  []member.ID
	last instant.Instant // start of the last snapshot
	no   int64
	// moved and frozen say how the next snapshots show the collective; untiered are the
	// payers whose contribution the next one shows cancelled and without its tier.
	moved, frozen bool
	untiered      []int
}

func (fl *flock) snapshot(pull string) store.Snapshot {
	s := store.Snapshot{Number: fl.no, Start: fl.now, Pull: pull, Collective: "acc-collective", Host: "acc-host", Currency: gbp, Frozen: fl.frozen}
	if fl.moved {
		s.Host = "acc-other-host"
	}
	return s
}

// loseTiers stores that those contributions are cancelled and of no tier any more.
func (fl *flock) loseTiers(tx *store.Tx, no int64) error {
	for _, i := range fl.untiered {
		c := contribution(i, "CANCELLED", fl.now, no)
		c.Tier = ""
		if _, err := tx.AddContributions(fl.t.Context(), []store.ContributionRow{c}); err != nil {
			return err
		}
	}
	fl.untiered = nil
	return nil
}

// eachFlock starts with n members paid up until 1 July 2026, read on 15 June.
func eachFlock(t *testing.T, n int, f func(*testing.T, *flock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) { f(t, newFlock(t, open(), n)) })
}

func newFlock(t *testing.T, db *store.DB, n int) *flock {
	t.Helper()
	fl := &flock{stage: openStage(t, db)}
	file, err := policy.Preset(policy.DefaultPreset)
	fl.ok(err)
	_, _, err = fl.r.EnsurePolicy(t.Context(), fl.operator("starts"), file, false)
	fl.ok(err)
	fl.now = instant.Date(2026, 6, 15)
	fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error { return fl.payers(tx, no, n) })
	for i := range n {
		id := fl.add(NewMember{Name: fmt.Sprintf("Member %02d", i), Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
		_, err := fl.r.Link(t.Context(), fl.operator("theirs"), id, acc(i), 0, 0)
		fl.ok(err)
		fl.ids = append(fl.ids, id)
	}
	return fl
}

func acc(i int) member.AccountID { return member.AccountID(fmt.Sprintf("acc-%02d", i)) }

// payers stores n accounts that have paid for June.
func (fl *flock) payers(tx *store.Tx, no int64, n int) error {
	ctx := fl.t.Context()
	june := instant.Date(2026, 6, 1).Add(6 * 3600e9)
	for i := range n {
		id := fmt.Sprintf("or-%02d", i)
		if _, err := tx.AddAccounts(ctx, []store.AccountRow{{ID: acc(i), Type: "ORGANIZATION", Effective: june, Snapshot: no}}); err != nil {
			return err
		}
		if _, err := tx.AddContributions(ctx, []store.ContributionRow{contribution(i, "ACTIVE", june, no)}); err != nil {
			return err
		}
		if _, err := tx.AddCharges(ctx, []store.ChargeRow{{ID: "tx-" + id, Contribution: id, Account: acc(i), Kind: eligibility.ContributionCharge,
			Amount: money.Money{Minor: 1000, Currency: gbp}, Created: june, Snapshot: no}}); err != nil {
			return err
		}
		if _, err := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: "tx-" + id, Interval: eligibility.Monthly,
			Due: instant.Date(2026, 7, 1), OrderMinor: 1000, Snapshot: no}}); err != nil {
			return err
		}
	}
	return nil
}

func contribution(i int, status string, effective instant.Instant, no int64) store.ContributionRow {
	return store.ContributionRow{ID: fmt.Sprintf("or-%02d", i), Account: acc(i), Status: status, Frequency: "MONTHLY",
		Interval: eligibility.Monthly, Amount: money.Money{Minor: 1000, Currency: gbp}, Total: 1000, Created: instant.Date(2026, 6, 1),
		Processed: instant.Date(2026, 6, 1), NextCharge: instant.Date(2026, 7, 1), ToAccount: "acc-collective",
		Tier: "tier-members", Effective: effective, Snapshot: no}
}

// read stores a complete snapshot that starts now and lets the roll assess it.
func (fl *flock) read(info SnapshotInfo, rows func(tx *store.Tx, no int64) error) Report {
	fl.t.Helper()
	var report Report
	fl.no++
	err := fl.db.InTx(fl.t.Context(), store.Pulls, fl.now, func(tx *store.Tx) error {
		ctx := fl.t.Context()
		pull := fmt.Sprintf("pl_%d", fl.no)
		if err := tx.AddPull(ctx, store.Pull{ID: pull, Started: fl.now, Finished: fl.now, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(ctx, fl.snapshot(pull)); err != nil {
			return err
		}
		if rows != nil {
			if err := rows(tx, fl.no); err != nil {
				return err
			}
		}
		if err := fl.loseTiers(tx, fl.no); err != nil {
			return err
		}
		i := info
		i.Number, i.Start, i.Previous = fl.no, fl.now, fl.last
		if i.Currency == "" {
			i.Currency = "GBP"
		}
		var err error
		report, err = fl.r.AfterSnapshot(ctx, tx, i)
		return err
	})
	fl.ok(err)
	fl.last = fl.now
	return report
}

// pay stores a July charge of the given members.
func (fl *flock) pay(who ...int) func(*store.Tx, int64) error {
	return func(tx *store.Tx, no int64) error {
		for _, i := range who {
			id := fmt.Sprintf("tx2-%02d-%d", i, no)
			if _, err := tx.AddCharges(fl.t.Context(), []store.ChargeRow{{ID: id, Contribution: fmt.Sprintf("or-%02d", i), Account: acc(i),
				Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 1000, Currency: gbp}, Created: fl.now - 3600e6, Snapshot: no}}); err != nil {
				return err
			}
			if _, err := tx.AddCoverages(fl.t.Context(), []store.CoverageRow{{Charge: id, Interval: eligibility.Monthly,
				Due: (fl.now - 3600e6).MonthStart(1), OrderMinor: 1000, Snapshot: no}}); err != nil {
				return err
			}
		}
		return nil
	}
}

func (fl *flock) notices(of member.ID) []string {
	fl.t.Helper()
	var out []string
	fl.in(func(tx *store.Tx) error {
		rows, err := tx.Notices(fl.t.Context(), store.OutboxQuery{Member: of})
		for _, row := range rows {
			out = append(out, fmt.Sprintf("%s %s", row.Kind, row.State))
		}
		return err
	})
	return out
}

func states(ts []Transition) (out []string) {
	for _, tr := range ts {
		out = append(out, fmt.Sprintf("%s %s: %s to %s", tr.At.Day(), tr.Name, tr.From, tr.To))
	}
	return out
}

func others(n int, but ...int) (out []int) {
	for i := range n {
		if !slices.Contains(but, i) {
			out = append(out, i)
		}
	}
	return out
}

// A member who really stopped paying does lapse, each step at its own instant,
// also when several fell due between two snapshots.
func TestWhoStopsPayingLapses(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		fl.now = instant.Date(2026, 7, 2)
		if got := fl.read(SnapshotInfo{}, fl.pay(others(20, 7)...)); len(got.Transitions) != 0 {
			t.Fatalf("within the late days: %v", states(got.Transitions))
		}
		fl.now = instant.Date(2026, 7, 20)
		got := fl.read(SnapshotInfo{}, nil)
		if want := []string{"2026-07-06 Member 07: current to grace"}; !slices.Equal(states(got.Transitions), want) {
			t.Fatalf("got %v, want %v", states(got.Transitions), want)
		}
		fl.now = instant.Date(2026, 7, 25)
		got = fl.read(SnapshotInfo{}, nil)
		if want := []string{"2026-07-22 Member 07: grace to lapsed"}; !slices.Equal(states(got.Transitions), want) || got.Hold != "" {
			t.Fatalf("got %v, hold %q, want %v and no hold", states(got.Transitions), got.Hold, want)
		}
		want := []string{"payment_late before_start", "before_grace_ends before_start", "lapsed before_start"}
		if got := fl.notices(fl.ids[7]); !slices.Equal(got, want) {
			t.Errorf("notices %v, want %v", got, want)
		}
		fl.now = instant.Date(2026, 7, 26)
		got = fl.read(SnapshotInfo{}, fl.pay(7))
		if want := []string{"2026-07-26 Member 07: lapsed to current"}; !slices.Equal(dayless(states(got.Transitions)), dayless(want)) {
			t.Errorf("got %v, want %v", states(got.Transitions), want)
		}
		if got := fl.notices(fl.ids[7]); !slices.Contains(got, "back_in_standing before_start") {
			t.Errorf("notices %v, want one that it is back in good standing", got)
		}
	})
}

// dayless cuts the day off: a charge counts from its own instant.
func dayless(in []string) (out []string) {
	for _, s := range in {
		out = append(out, s[len("2026-07-26 "):])
	}
	return out
}

// Steps that fell due while nobody looked are written in order, each with its
// own instant.
func TestStepsAreCaughtUpInOrder(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		fl.now = instant.Date(2026, 7, 21)
		fl.read(SnapshotInfo{}, fl.pay(others(20, 3)...)) // in the week before the grace ends, so nothing moves it
		fl.now = instant.Date(2026, 8, 1)
		got := fl.read(SnapshotInfo{}, nil)
		var of3 []string
		for _, tr := range got.Transitions {
			if tr.Member == fl.ids[3] {
				of3 = append(of3, fmt.Sprintf("%s %s", tr.At, tr.To))
			}
		}
		if want := []string{"2026-07-22T00:00:00Z lapsed"}; !slices.Equal(of3, want) {
			t.Errorf("got %v, want %v", of3, want)
		}
		if !slices.IsSortedFunc(got.Transitions, func(a, b Transition) int { return int(a.At - b.At) }) {
			t.Errorf("not in order of instant: %v", states(got.Transitions))
		}
	})
}

// Time alone takes no right: without a snapshot nothing is recorded.
func TestTimeAloneTakesNoRight(t *testing.T) {
	eachFlock(t, 5, func(t *testing.T, fl *flock) {
		fl.now = instant.Date(2027, 1, 1)
		got, err := fl.r.Assess(t.Context())
		fl.ok(err)
		if len(got.Transitions) != 0 {
			t.Errorf("half a year without a snapshot: %v", states(got.Transitions))
		}
		if s := fl.state(fl.ids[0]); s != eligibility.StateCurrent {
			t.Errorf("state %s, want current", s)
		}
	})
}

// lapse leaves the members without July's payment until their grace is over, in readings
// of 2, 20 and 23 July; what happens before each can be said.
func (fl *flock) lapse(keep []int, info SnapshotInfo, before ...func(*flock)) Report {
	fl.t.Helper()
	reading := func(n int, at instant.Instant, info SnapshotInfo, rows func(*store.Tx, int64) error) Report {
		fl.now = at
		if n < len(before) && before[n] != nil {
			before[n](fl)
		}
		return fl.read(info, rows)
	}
	reading(0, instant.Date(2026, 7, 2), SnapshotInfo{}, fl.pay(keep...))
	reading(1, instant.Date(2026, 7, 20), SnapshotInfo{}, nil)
	return reading(2, instant.Date(2026, 7, 23), info, nil)
}

// What can happen on the collective's side.
func moves(fl *flock)                    { fl.moved = true }
func freezes(fl *flock)                  { fl.frozen = true }
func thaws(fl *flock)                    { fl.frozen = false }
func quiet(*flock)                       {}
func losesTiers(who ...int) func(*flock) { return func(fl *flock) { fl.untiered = who } }

func TestTheBrake(t *testing.T) {
	type days = []func(*flock)
	for _, tt := range []struct {
		name    string
		members int
		lapsing int
		before  days   // 2, 20 and 23 July; who lapses does so on the last of them
		cause   string // "" for no hold
	}{
		{"one of twenty lapses", 20, 1, nil, ""},
		{"two of twenty lapse: no more than at_least", 20, 2, nil, ""},
		{"three of twenty are more than two and than a tenth", 20, 3, nil, causeMany},
		{"three of thirty are no more than a tenth", 30, 3, nil, ""},
		{"two of four are half of them", 4, 2, nil, causeMany},
		{"one of one lapses: a federation of one is no mass", 1, 1, nil, ""},
		{"two after a change of host", 20, 2, days{quiet, quiet, moves}, causeHost},
		{"two, three weeks after a change of host", 20, 2, days{moves}, causeHost},
		{"one after a change of host", 20, 1, days{moves}, ""},
		{"two while the collective is frozen, for three weeks", 20, 2, days{freezes}, causeFrozen},
		{"two while the collective is frozen, since today", 20, 2, days{quiet, quiet, freezes}, causeFrozen},
		{"two after the collective was frozen", 20, 2, days{freezes, thaws}, causeFrozen},
		{"one while the collective is frozen", 20, 1, days{freezes}, ""},
		{"two that have lost their tier weeks ago", 20, 2, days{losesTiers(0, 1)}, causeTier},
		{"two that have lost their tier today", 20, 2, days{quiet, quiet, losesTiers(0, 1)}, causeTier},
		{"two, of which one has lost its tier", 20, 2, days{losesTiers(0)}, ""},
		{"two, and another that has lost its tier", 20, 2, days{losesTiers(9)}, ""},
		{"two, and one of them has lost its tier, and another", 20, 2, days{losesTiers(1, 9)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play := func(t *testing.T, fl *flock) {
				lapsing := others(tt.lapsing)
				got := fl.lapse(others(tt.members, lapsing...), SnapshotInfo{}, tt.before...)
				fl.wantHold(got, lapsing, tt.cause)
			}
			if len(tt.before) == 1 { // what was stored weeks ago is read from either engine
				eachFlock(t, tt.members, play)
			} else {
				play(t, newFlock(t, dbtest.SQLite(t)(), tt.members))
			}
		})
	}
	t.Run("one under a policy that counts no money of the collective", func(t *testing.T) {
		eachFlock(t, 20, func(t *testing.T, fl *flock) {
			fl.wantHold(fl.lapse(others(20, 0), SnapshotInfo{Currency: "EUR"}), []int{0}, eligibility.CausePolicyFault)
		})
	})
}

// wantHold wants those members lapsed and told; or, with a cause, in one hold, of which
// the treasurers are told.
func (fl *flock) wantHold(got Report, lapsing []int, cause string) {
	fl.t.Helper()
	want := eligibility.StateLapsed
	if cause != "" {
		want = eligibility.StateGrace
	}
	for _, i := range lapsing {
		if s := fl.state(fl.ids[i]); s != want {
			fl.t.Errorf("member %d is %s, want %s", i, s, want)
		}
		if got := fl.notices(fl.ids[i]); slices.Contains(got, "lapsed before_start") != (cause == "") {
			fl.t.Errorf("member %d is told %v", i, got)
		}
	}
	if n := len(fl.outbox(store.OutboxQuery{Kind: notify.Brake})); n != 0 && cause == "" || n != 1 && cause != "" {
		fl.t.Errorf("the treasurers are told %d times of a brake", n)
	}
	holds, err := fl.r.Holds(fl.t.Context(), false)
	fl.ok(err)
	switch {
	case cause == "" && len(holds) > 0:
		fl.t.Errorf("held for %s, want no hold", holds[0].Cause)
	case cause != "" && (len(holds) != 1 || holds[0].Cause != cause || got.Held != len(lapsing)):
		fl.t.Errorf("holds %+v, held %d; want one for %s that keeps %d", holds, got.Held, cause, len(lapsing))
	}
}

// Where members are held for their number alone, what became of most of their
// contributions is the likely cause.
func TestTheLikelyCauseOfMany(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		fl.wantHold(fl.lapse(others(20, 0, 1, 2), SnapshotInfo{}), []int{0, 1, 2}, causeMany)
		for _, step := range []struct {
			status string
			who    []int
			want   string
		}{
			{"ACTIVE", nil, "more members lost a right at once than the policy lets one snapshot take"},
			{"ERROR", []int{0}, "more members lost a right at once than the policy lets one snapshot take"},
			{"ERROR", []int{1}, "the payments of 2 of these 3 members were refused"},
			{"CANCELLED", []int{0, 1, 2}, "the contributions of 3 of these 3 members were cancelled"},
			{"PAUSED", []int{0, 2}, "the contributions of 2 of these 3 members were paused"},
		} {
			fl.now = fl.now.Add(time.Hour)
			fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error {
				for _, i := range step.who {
					if _, err := tx.AddContributions(t.Context(), []store.ContributionRow{contribution(i, step.status, fl.now, no)}); err != nil {
						return err
					}
				}
				return nil
			})
			holds, err := fl.r.Holds(t.Context(), false)
			fl.ok(err)
			if len(holds) != 1 || holds[0].Likely != step.want {
				t.Errorf("%s %v: %+v, want %q", step.status, step.who, holds, step.want)
			}
		}
	})
}

// Who has been charged since, or has paid in another way, does not lapse for what happened
// to the collective before.
func TestACauseIsOverOnceTheyPay(t *testing.T) {
	august := func(fl *flock) Report {
		fl.now = instant.Date(2026, 8, 2)
		fl.read(SnapshotInfo{}, fl.pay(others(20, 0, 1)...))
		fl.now = instant.Date(2026, 8, 20)
		fl.read(SnapshotInfo{}, nil)
		fl.now = instant.Date(2026, 8, 23)
		return fl.read(SnapshotInfo{}, nil)
	}
	t.Run("charged since", func(t *testing.T) {
		eachFlock(t, 20, func(t *testing.T, fl *flock) {
			fl.now = instant.Date(2026, 6, 20)
			moves(fl)
			fl.read(SnapshotInfo{}, nil)
			fl.now = instant.Date(2026, 7, 2)
			fl.read(SnapshotInfo{}, fl.pay(others(20)...))
			fl.wantHold(august(fl), []int{0, 1}, "")
		})
	})
	t.Run("an entered payment since", func(t *testing.T) {
		eachFlock(t, 20, func(t *testing.T, fl *flock) {
			fl.now = instant.Date(2026, 7, 2)
			moves(fl)
			fl.read(SnapshotInfo{}, fl.pay(others(20, 0, 1)...))
			for _, i := range []int{0, 1} {
				_, _, err := fl.r.Pay(fl.t.Context(), fl.operator("by transfer"), PaymentEntry{Member: fl.ids[i], Amount: money.Money{Minor: 1000, Currency: gbp},
					Received: instant.Date(2026, 7, 1), Months: 1})
				fl.ok(err)
			}
			fl.wantHold(august(fl), []int{0, 1}, "")
		})
	})
}

// Whose days of grace end while a first payment of another contribution is under way has
// lost its rights all the same, and is told; and told when they are back.
func TestGraceThatEndsWhileAPaymentIsUnderWay(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		promises := func(fl *flock) {
			fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error {
				c := contribution(0, "PENDING", fl.now, no)
				c.ID, c.Created, c.Processed, c.NextCharge = "or-transfer", fl.now, 0, 0
				_, err := tx.AddContributions(fl.t.Context(), []store.ContributionRow{c})
				return err
			})
			fl.now = fl.now.Add(time.Hour)
		}
		fl.lapse(others(20, 0), SnapshotInfo{}, quiet, promises)
		if s := fl.state(fl.ids[0]); s != eligibility.StatePending {
			t.Fatalf("the state is %s", s)
		}
		if got := fl.notices(fl.ids[0]); !slices.Contains(got, "lapsed before_start") {
			t.Errorf("told of %v", got)
		}
		fl.now = instant.Date(2026, 7, 25)
		fl.read(SnapshotInfo{}, fl.pay(0))
		if got := fl.notices(fl.ids[0]); !slices.ContainsFunc(got, func(n string) bool { return strings.HasPrefix(n, "back_in_standing ") }) {
			t.Errorf("told of %v", got)
		}
	})
}

// What is given once beside the dues, or entered without covering, pays no dues: the cause
// stays what it is.
func TestWhatIsNoDuesEndsNoCause(t *testing.T) {
	for name, gives := range map[string]func(*flock){
		"given once": func(fl *flock) {
			fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error {
				for i := range 2 {
					id := fmt.Sprintf("tx2-once-%d", i)
					if _, err := tx.AddCharges(fl.t.Context(), []store.ChargeRow{{ID: id, Contribution: fmt.Sprintf("or-once-%d", i), Account: acc(i),
						Kind: eligibility.ContributionCharge, Amount: money.Money{Minor: 500, Currency: gbp}, Created: fl.now - 3600e6, Snapshot: no}}); err != nil {
						return err
					}
					if _, err := tx.AddCoverages(fl.t.Context(), []store.CoverageRow{{Charge: id, OrderMinor: 500, Snapshot: no}}); err != nil {
						return err
					}
				}
				return nil
			})
		},
		"entered, and too little": func(fl *flock) {
			for i := range 2 {
				_, _, err := fl.r.Pay(fl.t.Context(), fl.operator("by transfer"), PaymentEntry{Member: fl.ids[i], Amount: money.Money{Minor: 500, Currency: gbp},
					Received: fl.now, Months: 1})
				fl.ok(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlock(t, 20, func(t *testing.T, fl *flock) {
				fl.now = instant.Date(2026, 6, 20)
				moves(fl)
				fl.read(SnapshotInfo{}, nil)
				fl.now = instant.Date(2026, 6, 25)
				gives(fl)
				if got := fl.lapse(others(20, 0, 1), SnapshotInfo{}); got.Held != 2 {
					t.Errorf("held %d, want both", got.Held)
				}
			})
		})
	}
}

// One cause does not pass in slices either: members lapse at instants of their own.
func TestOneCauseIsNotPassedInSlices(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(*flock)
		held   bool
	}{
		{"the tier of both was deleted", losesTiers(0, 1), true},
		{"nothing happened", quiet, false},
		{"the tier of the one that lapsed before was deleted", losesTiers(0), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachFlock(t, 20, func(t *testing.T, fl *flock) {
				fl.now = instant.Date(2026, 7, 2)
				fl.read(SnapshotInfo{}, fl.pay(others(20, 0, 1)...))
				_, _, err := fl.r.Waive(fl.t.Context(), fl.operator("three days more"), fl.ids[1], instant.Date(2026, 7, 2), instant.Date(2026, 7, 4), "")
				fl.ok(err)
				fl.now = instant.Date(2026, 7, 20)
				tt.before(fl)
				fl.read(SnapshotInfo{}, nil)
				fl.now = instant.Date(2026, 7, 23)
				fl.wantHold(fl.read(SnapshotInfo{}, nil), []int{0}, "")
				fl.now = instant.Date(2026, 7, 26)
				got := fl.read(SnapshotInfo{}, nil)
				if (got.Held == 1) != tt.held {
					t.Errorf("held %d", got.Held)
				}
				want := map[bool]eligibility.State{true: eligibility.StateGrace, false: eligibility.StateLapsed}[tt.held]
				if s := fl.state(fl.ids[1]); s != want {
					t.Errorf("the second one is %s, want %s", s, want)
				}
			})
		})
	}
}

// A mass change does not pass in slices: those made worse within the window
// count together.
func TestTheBrakeIsNotPassedInSlices(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		fl.now = instant.Date(2026, 7, 2)
		fl.read(SnapshotInfo{}, fl.pay(others(20, 0, 1, 2, 3)...))
		fl.now = instant.Date(2026, 7, 20)
		fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error { // 2 and 3 get three more days: retried
			for _, i := range []int{2, 3} {
				c := contribution(i, "ERROR", fl.now, no)
				c.NextCharge = instant.Date(2026, 7, 20)
				if _, err := tx.AddContributions(t.Context(), []store.ContributionRow{c}); err != nil {
					return err
				}
			}
			return nil
		})
		fl.now = instant.Date(2026, 7, 23)
		if got := fl.read(SnapshotInfo{}, nil); got.Hold != "" {
			t.Fatalf("the first slice of two is held: %v", states(got.Transitions))
		}
		fl.now = instant.Date(2026, 7, 26)
		got := fl.read(SnapshotInfo{}, nil)
		if got.Hold == "" || got.Held != 2 {
			t.Errorf("the second slice of two within the week: hold %q keeps %d, want a hold that keeps 2", got.Hold, got.Held)
		}
		for _, i := range []int{0, 1} {
			if s := fl.state(fl.ids[i]); s != eligibility.StateLapsed {
				t.Errorf("member %d is %s: a hold brings nobody back", i, s)
			}
		}
	})
}

// Nor where the first slice was so large that it was held: whom an unacknowledged hold keeps
// was made worse by its snapshot. What it does not keep any more, what was acknowledged and
// what lies further back than the window counts no longer, and two lapse as two do.
func TestTheBrakeCountsWhomItHolds(t *testing.T) {
	held := []int{0, 1, 2}
	for _, tt := range []struct {
		name    string
		days    int // from the hold to the next snapshot
		between func(fl *flock, hold string)
		lapsing []int // then
		held    bool
	}{
		{"a day later", 1, nil, []int{3, 4}, true},
		{"one, a day later", 1, nil, []int{3}, true},
		{"on the last day of the window", 7, nil, []int{3, 4}, true},
		{"after the window", 8, func(fl *flock, _ string) {
			fl.now = instant.Date(2026, 7, 27)
			fl.read(SnapshotInfo{}, nil)
		}, []int{3, 4}, false},
		{"acknowledged", 1, func(fl *flock, hold string) {
			_, err := fl.r.Acknowledge(fl.t.Context(), fl.operator("looked at each"), hold)
			fl.ok(err)
		}, []int{3, 4}, false},
		{"they have paid, and are held no longer", 1, func(fl *flock, _ string) { fl.read(SnapshotInfo{}, fl.pay(held...)) }, []int{3, 4}, false},
		{"one of them is held still", 1, func(fl *flock, _ string) { fl.read(SnapshotInfo{}, fl.pay(0, 1)) }, []int{3, 4}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachFlock(t, 20, func(t *testing.T, fl *flock) {
				fl.now = instant.Date(2026, 7, 2)
				fl.read(SnapshotInfo{}, fl.pay(others(20, 0, 1, 2, 3, 4)...))
				for _, i := range tt.lapsing { // their grace ends an hour before they are looked at
					_, _, err := fl.r.Waive(t.Context(), fl.operator("some days more"), fl.ids[i], instant.Date(2026, 7, 2), instant.Date(2026, 7, 2+tt.days).Add(-time.Hour), "")
					fl.ok(err)
				}
				for _, i := range others(5, append(tt.lapsing, held...)...) { // is no part of it
					_, _, err := fl.r.Waive(t.Context(), fl.operator("for now"), fl.ids[i], 0, 0, "")
					fl.ok(err)
				}
				fl.now = instant.Date(2026, 7, 20)
				fl.read(SnapshotInfo{}, nil)
				fl.now = instant.Date(2026, 7, 23)
				first := fl.read(SnapshotInfo{}, nil)
				fl.wantHold(first, held, causeMany)
				fl.now = instant.Date(2026, 7, 23).Add(time.Hour)
				if tt.between != nil {
					tt.between(fl, first.Hold)
				}
				fl.now = instant.Date(2026, 7, 23+tt.days)
				got := fl.read(SnapshotInfo{}, nil)
				if want := map[bool]int{true: len(tt.lapsing)}[tt.held]; got.Held != want {
					t.Errorf("%d are held, want %d", got.Held, want)
				}
				want := map[bool]eligibility.State{true: eligibility.StateGrace, false: eligibility.StateLapsed}[tt.held]
				for _, i := range tt.lapsing {
					if s := fl.state(fl.ids[i]); s != want {
						t.Errorf("member %d is %s, want %s", i, s, want)
					}
				}
			})
		})
	}
}

// A held member worsens at the acknowledgement and not before; one that pays
// leaves the hold for good; it is acknowledged once, by a treasurer or the
// operator.
func TestAHoldFromSettingToAcknowledgement(t *testing.T) {
	eachFlock(t, 10, func(t *testing.T, fl *flock) {
		got := fl.lapse(others(10, 0, 1, 2), SnapshotInfo{})
		if got.Hold == "" {
			t.Fatal("no hold")
		}
		fl.now = instant.Date(2026, 7, 24)
		fl.read(SnapshotInfo{}, fl.pay(1))
		fl.now = instant.Date(2026, 8, 20) // within the week before the grace of the one that paid ends
		fl.read(SnapshotInfo{}, fl.pay(others(10, 0, 1, 2)...))
		fl.now = instant.Date(2026, 10, 1) // it never expires
		fl.read(SnapshotInfo{}, fl.pay(others(10, 0, 1, 2)...))
		if s := fl.state(fl.ids[0]); s != eligibility.StateGrace {
			t.Errorf("held for months: %s, want grace", s)
		}
		if s := fl.state(fl.ids[1]); s != eligibility.StateLapsed {
			t.Errorf("paid in July and never again: %s, want lapsed: the hold is over for it", s)
		}
		holds, err := fl.r.Holds(t.Context(), false)
		fl.ok(err)
		if over := holds[0].Members[1].Over; !over || holds[0].Members[0].Over {
			t.Errorf("over: %+v", holds[0].Members)
		}
		nobody := member.Actor{ID: "p_x", Label: "Somebody"}
		_, err = fl.r.Acknowledge(t.Context(), By{Actor: nobody, Reason: "looked"}, got.Hold)
		wantReasons(t, err, "only a treasurer or the operator may")

		before := fl.now
		fl.now = before + 1000
		report, err := fl.r.Acknowledge(t.Context(), fl.operator("looked at each"), got.Hold)
		fl.ok(err)
		if len(report.Transitions) != 2 {
			t.Errorf("acknowledged: %v, want the two that were still held", states(report.Transitions))
		}
		if s := fl.state(fl.ids[0]); s != eligibility.StateLapsed {
			t.Errorf("acknowledged: %s, want lapsed", s)
		}
		v, err := fl.r.View(t.Context(), Query{At: before, Members: fl.ids[:1]})
		fl.ok(err)
		if s := v.Rows[0].Standing.State; s != eligibility.StateGrace {
			t.Errorf("before the acknowledgement it reads %s, want grace", s)
		}
		_, err = fl.r.Acknowledge(t.Context(), fl.operator("again"), got.Hold)
		wantReasons(t, err, "it was acknowledged on 2026-10-01")
		_, err = fl.r.Acknowledge(t.Context(), fl.operator("again"), "h_none")
		if err == nil || !strings.Contains(err.Error(), `there is no hold "h_none"`) {
			t.Errorf("an unknown hold: %v", err)
		}
	})
}

// Importing members while upstream has never been read: all unknown, nobody
// told; the first good snapshot makes them what they are, and tells nobody.
func TestBeforeTheFirstSnapshot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		fl := &flock{stage: openStage(t, open())}
		file, err := policy.Preset(policy.DefaultPreset)
		fl.ok(err)
		_, _, err = fl.r.EnsurePolicy(t.Context(), fl.operator("starts"), file, false)
		fl.ok(err)
		fl.now = instant.Date(2026, 9, 1)
		for i := range 20 {
			id := fl.add(NewMember{Name: fmt.Sprintf("Member %02d", i), Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
			fl.ids = append(fl.ids, id)
			if s := fl.state(id); s != eligibility.StateUnknown {
				t.Fatalf("without a snapshot: %s, want unknown", s)
			}
		}
		report := fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error { return fl.payers(tx, no, 20) })
		if report.Hold != "" {
			t.Error("the first snapshot set a hold")
		}
		for i, id := range fl.ids[:10] {
			_, err := fl.r.Link(t.Context(), fl.operator("theirs"), id, acc(i), 0, 0)
			fl.ok(err)
			if s := fl.state(id); s != eligibility.StateLapsed {
				t.Errorf("linked: %s, want lapsed (June was the last month paid)", s)
			}
		}
		for _, id := range fl.ids {
			if got := fl.notices(id); len(got) > 0 {
				t.Errorf("%s is told %v, want nothing", id, got)
			}
		}
		if s := fl.state(fl.ids[15]); s != eligibility.StateUnknown {
			t.Errorf("not linked: %s, want unknown", s)
		}
	})
}

// The same snapshot assessed twice writes nothing the second time.
func TestAssessingTwiceIsOnce(t *testing.T) {
	eachFlock(t, 4, func(t *testing.T, fl *flock) {
		fl.lapse([]int{1, 2, 3}, SnapshotInfo{})
		count := func() (n int) {
			fl.in(func(tx *store.Tx) error {
				rows, err := tx.StandingsSince(t.Context(), 1)
				n = len(rows)
				return err
			})
			return n
		}
		before := count()
		for range 3 {
			got, err := fl.r.Assess(t.Context())
			fl.ok(err)
			if len(got.Transitions) > 0 || count() != before {
				t.Fatalf("assessed again: %v", states(got.Transitions))
			}
		}
	})
}

// A snapshot that fails leaves no standing and no notice behind.
func TestARolledBackSnapshotLeavesNothing(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		fl.now = instant.Date(2026, 9, 1)
		failed := fmt.Errorf("the disk is full")
		err := fl.db.InTx(t.Context(), store.Pulls, fl.now, func(tx *store.Tx) error {
			if _, err := fl.r.AfterSnapshot(t.Context(), tx, SnapshotInfo{Number: 2, Start: fl.now, Previous: fl.last, Currency: "GBP"}); err != nil {
				return err
			}
			return failed
		})
		if err == nil {
			t.Fatal("want the error")
		}
		var kinds []notify.Kind
		fl.in(func(tx *store.Tx) error {
			rows, err := tx.Notices(context.Background(), store.OutboxQuery{})
			for _, r := range rows {
				kinds = append(kinds, r.Kind)
			}
			return err
		})
		if len(kinds) > 0 || fl.state(fl.ids[0]) != eligibility.StateCurrent {
			t.Errorf("left behind: notices %v, state %s", kinds, fl.state(fl.ids[0]))
		}
	})
}
