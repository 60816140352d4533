package roll

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// What was recorded follows from the facts, over lapses, holds, payments and their
// end. One that somebody changed is found, and mended without telling anybody but
// the audit chain; nobody's standing moves by it.
func TestRecordedStandingsFollowFromTheFacts(t *testing.T) {
	eachFlock(t, 10, func(t *testing.T, fl *flock) {
		fl.lapse(others(10, 0, 1, 2), SnapshotInfo{}) // a hold
		fl.now = instant.Date(2026, 7, 24)
		fl.read(SnapshotInfo{}, fl.pay(1))
		fl.now = instant.Date(2026, 9, 20)
		fl.read(SnapshotInfo{}, fl.pay(others(10, 0, 2)...))
		_, err := fl.r.Assess(t.Context())
		fl.ok(err)
		fine, err := fl.r.Replay(t.Context(), 0)
		fl.ok(err)
		if len(fine.Wrong)+len(fine.Missing) > 0 || fine.Standings < 15 {
			t.Fatalf("of %d standings are wrong %v, missing %v", fine.Standings, fine.Wrong, fine.Missing)
		}
		before := fl.states()

		victim := fl.ids[4]
		dbtest.Tamper(t, fl.db, fmt.Sprintf(`UPDATE standing SET state = 'lapsed', vote = 0 WHERE member = '%s'`, victim))
		broken, err := fl.r.Replay(t.Context(), 0)
		fl.ok(err)
		if len(broken.Wrong) == 0 || broken.Wrong[0].Row.Member != victim {
			t.Fatalf("a standing was changed, and found are %v", broken.Wrong)
		}
		if text := broken.Wrong[len(broken.Wrong)-1].String(); !strings.Contains(text, "recorded is lapsed, ") || !strings.Contains(text, ", the facts give current, vote, ") {
			t.Errorf("it is told as %q", text)
		}
		late, err := fl.r.Replay(t.Context(), fl.now+1)
		fl.ok(err)
		if late.Standings < 10 || late.Standings >= fine.Standings {
			t.Errorf("of what is new %d are looked at, want the last of each of 10, and not all %d", late.Standings, fine.Standings)
		}

		notices := len(fl.notices(victim))
		_, err = fl.r.RepairStandings(t.Context(), By{Actor: member.Actor{ID: "p_x", Label: "Somebody"}, Reason: "I want to"})
		wantReasons(t, err, "only a treasurer or the operator may")
		n, err := fl.r.RepairStandings(t.Context(), fl.operator("the check found it"))
		fl.ok(err)
		if again, err := fl.r.Replay(t.Context(), 0); err != nil || len(again.Wrong) > 0 || n == 0 {
			t.Errorf("mended %d, and still wrong are %v, %v", n, again.Wrong, err)
		}
		if fl.states() != before || len(fl.notices(victim)) != notices {
			t.Errorf("standings were\n%s\nand are\n%s\nnotices %v", before, fl.states(), fl.notices(victim))
		}
		fl.in(func(tx *store.Tx) error {
			rows, err := tx.AuditRows(t.Context(), store.AuditQuery{Subject: "standings"})
			if len(rows) != 1 || rows[0].Action != actionRepair || rows[0].Payload != fmt.Sprintf(`{"standings":%d}`, n) {
				t.Errorf("the audit chain says %+v", rows)
			}
			return err
		})
	})
}

// states are all standings as they are recorded now.
func (fl *flock) states() string {
	var out []string
	fl.in(func(tx *store.Tx) error {
		last, err := tx.LastStandings(fl.t.Context())
		for _, id := range fl.ids {
			row := last[id]
			out = append(out, fmt.Sprintf("%s %s %t", id, row.State, row.Vote))
		}
		return err
	})
	return strings.Join(out, "\n")
}

// A member of which nothing is recorded is told.
func TestAMemberWithoutAStandingIsFound(t *testing.T) {
	p := &replay{rules: &rules{}, facts: []eligibility.Facts{{Member: "mb_1"}}}
	if out := p.run(0); len(out.Missing) != 1 || out.Missing[0] != "mb_1" {
		t.Errorf("found %+v", out)
	}
}

// Whatever is damaged in whichever standing of one who has lapsed and of
// those about whom nothing can be said any more, whose standing repeats an earlier one:
// a repair brings each back to what it was, known from when it was, also where an assess
// step has meanwhile believed the damage. It takes no right that was there, and gives none.
func TestARepairBringsEveryStandingBack(t *testing.T) {
	eachFlock(t, 8, func(t *testing.T, fl *flock) {
		unlink := func(i int) {
			fl.now += instant.Day
			_, err := fl.r.Unlink(t.Context(), fl.operator("not theirs"), fl.ids[i], acc(i), instant.Date(2026, 1, 2))
			fl.ok(err)
		}
		unlink(1)
		for _, on := range []instant.Instant{instant.Date(2026, 7, 24), instant.Date(2026, 9, 20)} {
			fl.now = on
			fl.read(SnapshotInfo{}, fl.pay(others(8, 2, 3)...))
		}
		unlink(2)
		before := fl.states()
		for i, want := range map[int]string{0: "current true", 1: "unknown true", 2: "unknown false", 3: "lapsed false"} {
			if !strings.Contains(before, fmt.Sprintf("%s %s", fl.ids[i], want)) {
				t.Fatalf("the standings are\n%s\nwant the member %d %s", before, i, want)
			}
		}
		var history []store.StandingRow
		fl.in(func(tx *store.Tx) (err error) {
			history, err = tx.StandingsSince(t.Context(), 0)
			return err
		})
		theirs := slices.DeleteFunc(slices.Clone(history), func(row store.StandingRow) bool { return !slices.Contains(fl.ids[1:4], row.Member) })
		if len(theirs) < 9 {
			t.Fatalf("only %d are to be damaged", len(theirs))
		}
		states := []eligibility.State{eligibility.StateLapsed, eligibility.StateCurrent, eligibility.StateUnknown}
		for i, row := range append(theirs, theirs[:3]...) { // some once more, as they are mended
			damage := fmt.Sprintf("state = '%s', vote = 1 - vote", states[i%len(states)])
			what := fmt.Sprintf("of %s at %s, %s of what was %s %t", row.Member, row.At, damage, row.State, row.Vote)
			of := fmt.Sprintf(" WHERE member = '%s' AND at = %d AND ", row.Member, row.At)
			if i < len(theirs) {
				dbtest.Tamper(t, fl.db, "UPDATE standing SET "+damage+of+fmt.Sprintf("known = %d", row.Known))
			} else {
				dbtest.Tamper(t, fl.db, "UPDATE standing_mended SET "+damage+of+fmt.Sprintf("mends = %d", row.Known))
			}
			if i%2 == 0 {
				fl.now++
				fl.assess()
			}
			n, err := fl.r.RepairStandings(t.Context(), fl.operator("the check found it"))
			fl.ok(err)
			again, err := fl.r.Replay(t.Context(), 0)
			fl.ok(err)
			if n == 0 {
				t.Errorf("%s: nothing was mended", what)
			}
			for i := range again.Wrong {
				t.Errorf("%s: still wrong is %s", what, again.Wrong[i].String())
			}
			if after := fl.states(); after != before {
				t.Errorf("%s: standings were\n%s\nand are\n%s", what, before, after)
			}
			fl.in(func(tx *store.Tx) error {
				now, err := tx.StandingsSince(t.Context(), 0)
				if len(now) < len(history) || !reflect.DeepEqual(now[:len(history)], history) {
					t.Errorf("%s: the history was\n%v\nand is\n%v", what, history, now)
				}
				return err
			})
		}
	})
}
