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
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// alarmed are the alarms, by occasion, in a federation that has no treasurer yet,
// and a fault for each to anybody: no member is ever told what the program cannot
// do.
func (fl *flock) alarmed() (out []string) {
	fl.t.Helper()
	fl.in(func(tx *store.Tx) error {
		rows, err := tx.Notices(fl.t.Context(), store.OutboxQuery{})
		out = nil
		for _, row := range rows {
			if row.Kind == notify.PolicyAdded {
				continue // is no alarm
			}
			out = append(out, row.Occasion)
			if row.Recipient != "treasurers" || row.Member != "" || row.Channel != notify.Email || row.State != notify.NoAddress {
				fl.t.Errorf("%s goes to %q about %q, %s", row.Occasion, row.Recipient, row.Member, row.State)
			}
			last, ok, err := tx.LastSnapshot(fl.t.Context())
			if err != nil || ok && row.About > last.Start {
				fl.t.Errorf("%s waits for a reading after %s (%v)", row.Occasion, row.About, err)
			}
		}
		return err
	})
	return out
}

func (fl *flock) wantAlarms(when string, want ...string) {
	fl.t.Helper()
	if got := fl.alarmed(); !slices.Equal(got, want) {
		fl.t.Errorf("%s: told %q, want %q", when, got, want)
	}
}

func (fl *flock) assess() Report {
	fl.t.Helper()
	report, err := fl.r.Assess(fl.t.Context())
	fl.ok(err)
	return report
}

// fail notes a pull that failed.
func (fl *flock) fail(trouble Trouble, class string) {
	fl.t.Helper()
	fl.ok(fl.db.InTx(fl.t.Context(), store.Pulls, fl.now, func(tx *store.Tx) error {
		err := tx.AddPull(fl.t.Context(), store.Pull{ID: store.NewID("pl"), Started: fl.now, Finished: fl.now, Outcome: class})
		if err != nil {
			return err
		}
		return fl.r.AfterFailure(fl.t.Context(), tx, Failure{trouble, class})
	}))
}

// TestStaleIsToldOnce, for each snapshot that went stale, at the instant at which
// it does and not before; by the assess step or by a pull that fails.
func TestStaleIsToldOnce(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		fl.now = fl.last.Add(24 * time.Hour) // the policy's stale_after, to the microsecond
		fl.assess()
		fl.wantAlarms("a day after the reading")
		fl.now++
		if got := fl.assess(); got.Notices["stale"] != 1 || len(got.Transitions) != 0 {
			t.Errorf("the step reports %+v", got)
		}
		fl.wantAlarms("a day and a microsecond after it", "stale//snapshot:1")
		for range 3 {
			fl.now = fl.now.Add(time.Hour)
			if got := fl.assess(); got.Notices["stale"] != 0 {
				t.Errorf("a further step reports %+v", got.Notices)
			}
			fl.fail(NoTrouble, "upstream_down")
		}
		fl.wantAlarms("hours later", "stale//snapshot:1")

		fl.read(SnapshotInfo{}, nil)
		fl.now = fl.last.Add(20 * time.Hour)
		fl.fail(NoTrouble, "upstream_down")
		fl.wantAlarms("read again, and a failure", "stale//snapshot:1")
		fl.now = fl.last.Add(30 * time.Hour)
		fl.fail(NoTrouble, "upstream_down") // without any step
		fl.wantAlarms("stale again", "stale//snapshot:1", "stale//snapshot:2")
	})
}

// What only somebody can mend is told once until it was read again, each class
// by itself; all other failures are told by nobody.
func TestTroubleIsToldOncePerOutage(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		for range 3 {
			fl.now = fl.now.Add(time.Hour)
			fl.fail(NoTrouble, "upstream_down")
			fl.fail(NoTrouble, "rate_limited")
		}
		fl.wantAlarms("upstream is down")
		for range 3 {
			fl.now = fl.now.Add(time.Hour)
			fl.fail(AuthenticationFailure, "unauthorised")
			fl.fail(SchemaDrift, "schema_drift")
		}
		fl.fail(AuthenticationFailure, "forbidden")
		first := []string{"authentication_failure//snapshot:1/unauthorised", "schema_drift//snapshot:1/schema_drift", "authentication_failure//snapshot:1/forbidden"}
		fl.wantAlarms("one outage", first...)
		fl.read(SnapshotInfo{}, nil)
		fl.wantAlarms("read again", first...)
		fl.fail(AuthenticationFailure, "unauthorised")
		fl.wantAlarms("the next outage", append(first, "authentication_failure//snapshot:2/unauthorised")...)
	})
}

// Who was told that the token is refused is not told a day later that the roll is
// old, for that is why; where it fails in another way by then, that is told.
func TestAKnownTroubleIsNotToldAgainAsStale(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		fl.now = fl.last.Add(time.Hour)
		fl.fail(AuthenticationFailure, "unauthorised")
		fl.now = fl.last.Add(30 * time.Hour)
		fl.fail(AuthenticationFailure, "unauthorised")
		fl.assess()
		trouble := "authentication_failure//snapshot:1/unauthorised"
		fl.wantAlarms("a refused token", trouble)
		fl.fail(NoTrouble, "upstream_down")
		fl.wantAlarms("and upstream is down", trouble, "stale//snapshot:1")
		fl.fail(AuthenticationFailure, "unauthorised")
		fl.assess()
		fl.wantAlarms("once each", trouble, "stale//snapshot:1")
	})
}

// Before the first reading nothing can be stale; a refused token is told.
func TestTroubleBeforeTheFirstReading(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		fl := &flock{stage: openStage(t, open())}
		fl.fail(AuthenticationFailure, "unauthorised") // not even a policy yet
		file, err := policy.Preset(policy.DefaultPreset)
		fl.ok(err)
		_, _, err = fl.r.EnsurePolicy(t.Context(), fl.operator("starts"), file, false)
		fl.ok(err)
		for i := range 20 {
			fl.add(NewMember{Name: fmt.Sprintf("Member %02d", i), Kind: member.Organisation})
		}
		fl.now = fl.now.Add(100 * 24 * time.Hour)
		fl.assess()
		fl.fail(NoTrouble, "upstream_down")
		fl.fail(AuthenticationFailure, "unauthorised")
		fl.wantAlarms("20 members and no reading", "authentication_failure//snapshot:0/unauthorised")
	})
}

// A hold is reminded of after a week, once, while nobody has acknowledged it and
// it still keeps somebody.
func TestAHoldIsRemindedOf(t *testing.T) {
	eachFlock(t, 4, func(t *testing.T, fl *flock) {
		hold := fl.lapse(others(4, 0, 1), SnapshotInfo{}).Hold
		if hold == "" {
			t.Fatal("no hold")
		}
		set := fl.now
		reminders := func() (n int) {
			fl.in(func(tx *store.Tx) error {
				rows, err := tx.Notices(t.Context(), store.OutboxQuery{Kind: notify.HoldReminder})
				for _, row := range rows {
					if row.Occasion != "hold_reminder//hold:"+hold || row.Recipient != "treasurers" {
						t.Errorf("reminded of %s to %q", row.Occasion, row.Recipient)
					}
				}
				n = len(rows)
				return err
			})
			return n
		}
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{7*24*time.Hour - time.Microsecond, 0}, {7 * 24 * time.Hour, 1}, {8 * 24 * time.Hour, 1}, {40 * 24 * time.Hour, 1}} {
			fl.now = set.Add(c.after)
			fl.assess()
			if got := reminders(); got != c.want {
				t.Errorf("%s after it was set: %d reminders, want %d", c.after, got, c.want)
			}
		}
	})
}

// Nobody is reminded of a hold that was acknowledged, or that has ended for all
// because they paid.
func TestNobodyIsRemindedOfAHoldThatIsOver(t *testing.T) {
	for name, end := range map[string]func(fl *flock, hold string){
		"acknowledged": func(fl *flock, hold string) {
			_, err := fl.r.Acknowledge(fl.t.Context(), fl.operator("looked"), hold)
			fl.ok(err)
		},
		"all paid": func(fl *flock, _ string) { fl.read(SnapshotInfo{}, fl.pay(0, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			eachFlock(t, 4, func(t *testing.T, fl *flock) {
				hold := fl.lapse(others(4, 0, 1), SnapshotInfo{}).Hold
				fl.now = fl.now.Add(time.Hour)
				end(fl, hold)
				fl.now = fl.now.Add(9 * 24 * time.Hour)
				fl.assess()
				fl.in(func(tx *store.Tx) error {
					rows, err := tx.Notices(t.Context(), store.OutboxQuery{Kind: notify.HoldReminder})
					if len(rows) != 0 {
						t.Errorf("reminded: %+v", rows)
					}
					return err
				})
			})
		})
	}
}

// A policy that counts no money of the collective is told once, when it comes
// into force, and the next one that does not, too.
func TestAPolicyFaultIsToldOncePerVersion(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		preset, err := policy.PresetText(policy.DefaultPreset)
		fl.ok(err)
		rules, _, _ := strings.Cut(string(preset), "\ntests:")
		version := func(id string, from instant.Instant, minimum string) {
			text := strings.NewReplacer("id: seed-2022", "id: "+id, "from: 2022-05-15", "from: "+from.Day(), "GBP 10.00 monthly", minimum+" monthly").Replace(rules)
			file, err := policy.Parse("policy.yaml", []byte(text))
			fl.ok(err)
			_, _, err = fl.r.EnsurePolicy(t.Context(), fl.operator("agreed"), file, false)
			fl.ok(err)
		}
		version("euros", instant.Date(2026, 6, 17), "EUR 10.00")
		version("pounds", instant.Date(2026, 6, 19), "GBP 10.00")
		version("dollars", instant.Date(2026, 6, 21), "USD 10.00")
		for _, c := range []struct {
			day  int
			want []string
		}{
			{16, nil},
			{17, []string{"policy_fault//policy:euros"}},
			{18, []string{"policy_fault//policy:euros"}},
			{19, []string{"policy_fault//policy:euros"}},
			{21, []string{"policy_fault//policy:euros", "policy_fault//policy:dollars"}},
			{22, []string{"policy_fault//policy:euros", "policy_fault//policy:dollars"}},
		} {
			fl.now = instant.Date(2026, 6, c.day)
			fl.read(SnapshotInfo{}, nil)
			fl.assess()
			fl.wantAlarms(fmt.Sprintf("on %d June", c.day), c.want...)
		}
	})
}

// Words of upstream's that this version does not know are told once each, though
// the snapshot is complete.
func TestUnknownWordsAreToldOnce(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		for range 2 {
			fl.now = fl.now.Add(time.Hour)
			fl.read(SnapshotInfo{Unknown: []string{"status:SNOOZED", "frequency:"}}, nil)
		}
		want := []string{"schema_drift//word:frequency:", "schema_drift//word:status:SNOOZED"}
		fl.wantAlarms("two snapshots with the same words", want...)
		fl.now = fl.now.Add(time.Hour)
		fl.read(SnapshotInfo{}, nil)
		fl.now = fl.now.Add(time.Hour)
		fl.read(SnapshotInfo{Unknown: []string{"kind:BARTER"}}, nil)
		fl.wantAlarms("another word", append(want, "schema_drift//word:kind:BARTER")...)
	})
}

// Once the notices are started, alarms wait to be sent like all others: to each
// treasurer. Who becomes one later is not told of what was told before.
func TestAlarmsWaitOnceNoticesAreStarted(t *testing.T) {
	eachFlock(t, 1, func(t *testing.T, fl *flock) {
		for _, name := range []string{"Tara", "Tim"} {
			fl.someone(name, nil, member.Treasurer)
		}
		fl.starts()
		fl.now = fl.now.Add(30 * time.Hour)
		fl.fail(AuthenticationFailure, "unauthorised")
		fl.fail(NoTrouble, "upstream_down")
		fl.someone("Tilda", nil, member.Treasurer)
		fl.fail(AuthenticationFailure, "unauthorised")
		for _, kind := range []notify.Kind{notify.AuthenticationFailure, notify.Stale} {
			rows := fl.outbox(store.OutboxQuery{Kind: kind, State: notify.Waiting})
			if len(rows) != 2 || rows[0].DueAt != fl.now || rows[0].Recipient == rows[1].Recipient || rows[0].Recipient[0] != 'p' {
				t.Errorf("waiting: %+v, want one for each of the two", rows)
			}
		}
	})
}

// TestTheNextAlarm is foreseen, so that somebody can wake for it.
func TestTheNextAlarm(t *testing.T) {
	eachFlock(t, 4, func(t *testing.T, fl *flock) {
		hold := fl.lapse(others(4, 0, 1), SnapshotInfo{}).Hold
		book := func() *Book {
			b, err := fl.r.Book(t.Context())
			fl.ok(err)
			return b
		}
		stale, week := fl.last.Add(24*time.Hour)+1, fl.last.Add(7*24*time.Hour)
		b := book()
		for _, c := range []struct{ after, want instant.Instant }{
			{fl.now, stale}, {stale - 1, stale}, {stale, week}, {week - 1, week}, {week, 0},
		} {
			if got := b.NextAlarm(c.after); got != c.want {
				t.Errorf("after %s the next one is at %s, want %s", c.after, got, c.want)
			}
		}
		_, err := fl.r.Acknowledge(t.Context(), fl.operator("looked"), hold)
		fl.ok(err)
		if got := book().NextAlarm(stale); got != 0 {
			t.Errorf("with the hold acknowledged: %s", got)
		}
		if s := fl.state(fl.ids[0]); s != eligibility.StateLapsed {
			t.Errorf("state %s", s)
		}
	})
}
