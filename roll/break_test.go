package roll

import (
	"fmt"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// A member about whom nothing can be said has the vote that it last had. A break takes it
// for as long as it lasts, and so does a suspension, and then it has it again: it is recorded
// so, by itself and by whoever assesses it again. What an earlier version recorded, which left
// it without, is no fault of the database, and is over with the next assess step.
func TestABreakTakesNoVoteForGood(t *testing.T) {
	eachFlock(t, 3, func(t *testing.T, fl *flock) {
		bert := fl.someone("Bert", []member.ID{fl.ids[1]})
		carl := fl.someone("Carl", nil, member.ContactPerson)
		fl.now += instant.Day
		_, err := fl.r.Unlink(t.Context(), fl.operator("not theirs"), fl.ids[1], acc(1), instant.Date(2026, 1, 2))
		fl.ok(err)
		has := func(when, want string) {
			t.Helper()
			fl.now += instant.Day
			fl.read(SnapshotInfo{}, nil) // for dues, what was recorded up to a snapshot counts
			var row store.StandingRow
			fl.in(func(tx *store.Tx) error {
				last, err := tx.LastStandings(t.Context())
				row = last[fl.ids[1]]
				return err
			})
			if got := fmt.Sprintf("%s %t", row.State, row.Vote); got != want {
				t.Fatalf("%s recorded is %s, want %s", when, got, want)
			}
			if again, err := fl.r.Replay(t.Context(), 0); err != nil || len(again.Wrong) > 0 {
				t.Fatalf("%s wrong are %+v, %v", when, again.Wrong, err)
			}
		}
		has("without an account", "unknown true")

		fl.now += instant.Day
		_, err = fl.r.Pause(t.Context(), as(bert), fl.ids[1], 0, false)
		fl.ok(err)
		has("in a break", "paused false")
		fl.now += instant.Day
		_, err = fl.r.Resume(t.Context(), as(bert), fl.ids[1], 0)
		fl.ok(err)
		has("after the break", "unknown true")

		fl.now += instant.Day
		_, err = fl.r.Suspend(t.Context(), as(carl), fl.ids[1], 0, fl.now+2*instant.Day)
		fl.ok(err)
		has("suspended", "suspended false")
		fl.now += 3 * instant.Day
		has("after the suspension", "unknown true")
		fl.in(func(tx *store.Tx) error {
			voters, err := fl.r.Voters(t.Context(), tx, fl.now, fl.now, fl.ids[1])
			if v := voters[fl.ids[1]]; !v.Vote {
				t.Errorf("after both: %+v", v)
			}
			return err
		})

		dbtest.Tamper(t, fl.db, fmt.Sprintf(`UPDATE standing SET vote = 0, listing = 0 WHERE member = '%s' AND state = '%s' AND at > %d`,
			fl.ids[1], eligibility.StateUnknown, instant.Date(2026, 6, 18)))
		if again, err := fl.r.Replay(t.Context(), 0); err != nil || len(again.Wrong) > 0 {
			t.Fatalf("by an earlier version wrong are %+v, %v", again.Wrong, err)
		}
		if n, err := fl.r.RepairStandings(t.Context(), fl.operator("to see")); err != nil || n != 0 {
			t.Errorf("mended %d of what an earlier version recorded, %v", n, err)
		}
		notices := len(fl.notices(fl.ids[1]))
		has("after the next step", "unknown true")
		if n := len(fl.notices(fl.ids[1])); n != notices {
			t.Errorf("the member is told of it: %d notices more", n-notices)
		}
		dbtest.Tamper(t, fl.db, fmt.Sprintf(`UPDATE standing SET services = 0 WHERE member = '%s' AND state = '%s'`, fl.ids[1], eligibility.StateUnknown))
		if again, err := fl.r.Replay(t.Context(), 0); err != nil || len(again.Wrong) == 0 {
			t.Errorf("what no version recorded is passed over, %v", err)
		}
	})
}

// Who is in a break or suspended when a hold is set comes back with the rights that it keeps
// for all others whose dues say the same; not with more than its dues gave when it was set.
// Nothing is taken from them, so they are no reason for one.
func TestAHoldKeepsWhoIsAway(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		ctx := t.Context()
		const rests, expelled, lapsed, pays = 3, 4, 5, 6
		carl := fl.someone("Carl", nil, member.ContactPerson)
		cora := fl.someone("Cora", nil, member.ContactPerson)
		rest := map[int]member.Actor{}
		fl.now = instant.Date(2026, 6, 16)
		for _, i := range []int{rests, lapsed, pays} {
			rest[i] = fl.someone(fmt.Sprintf("Bert%d", i), []member.ID{fl.ids[i]})
			_, err := fl.r.Pause(ctx, as(rest[i]), fl.ids[i], 0, false)
			fl.ok(err)
		}
		_, err := fl.r.Suspend(ctx, as(carl, cora), fl.ids[expelled], 0, 0)
		fl.ok(err)
		fl.now = instant.Date(2026, 6, 17)
		fl.read(SnapshotInfo{}, func(tx *store.Tx, no int64) error { // one has lapsed weeks before the others
			_, err := tx.AddRefunds(ctx, []store.RefundRow{{ID: "rf-05", Charge: "tx-or-05", At: fl.now - 60e6, Kind: "REFUND", Minor: -1000, Snapshot: no}})
			return err
		})
		got := fl.lapse(others(20, 0, 1, 2, rests, expelled, lapsed), SnapshotInfo{})
		if got.Held != 5 {
			t.Errorf("%d are held, want the three, and the two that are away and would be", got.Held)
		}
		holds, err := fl.r.Holds(ctx, false)
		fl.ok(err)
		for _, m := range holds[0].Members {
			if away := m.ID == fl.ids[rests] || m.ID == fl.ids[expelled]; m.Over || m.Kept != eligibility.StateGrace || away == (m.Computed == eligibility.StateLapsed) {
				t.Errorf("%+v", m)
			}
		}
		has := func(when string, i int, want string) {
			t.Helper()
			v, err := fl.r.View(ctx, Query{Members: fl.ids[i : i+1]})
			fl.ok(err)
			if s := v.Rows[0].Standing; fmt.Sprintf("%s %t", s.State, s.Has(eligibility.Vote)) != want {
				t.Errorf("%s member %d is %s, vote %t, want %s", when, i, s.State, s.Has(eligibility.Vote), want)
			}
		}
		has("away", rests, "paused false")
		has("away", expelled, "suspended false")
		fl.now = instant.Date(2026, 7, 24)
		fl.read(SnapshotInfo{}, nil)
		for i, who := range rest {
			_, err := fl.r.Resume(ctx, as(who), fl.ids[i], 0)
			fl.ok(err)
		}
		_, err = fl.r.Restore(ctx, as(carl, cora), fl.ids[expelled], 0)
		fl.ok(err)
		for _, when := range []string{"back", "and after the next reading"} {
			has(when, 0, "grace true")
			has(when, rests, "grace true")
			has(when, expelled, "grace true")
			has(when, lapsed, "lapsed false")
			has(when, pays, "current true")
			fl.now += instant.Day
			fl.read(SnapshotInfo{}, nil)
		}
		_, err = fl.r.Acknowledge(ctx, fl.operator("looked at each"), got.Hold)
		fl.ok(err)
		for _, i := range []int{0, rests, expelled} {
			has("acknowledged", i, "lapsed false")
		}
		if again, err := fl.r.Replay(ctx, 0); err != nil || len(again.Wrong) > 0 {
			t.Errorf("wrong are %+v, %v", again.Wrong, err)
		}
	})
	t.Run("two and one that is away are no more than two", func(t *testing.T) {
		eachFlock(t, 20, func(t *testing.T, fl *flock) {
			bert := fl.someone("Bert", []member.ID{fl.ids[2]})
			fl.now = instant.Date(2026, 6, 16)
			_, err := fl.r.Pause(t.Context(), as(bert), fl.ids[2], 0, false)
			fl.ok(err)
			fl.wantHold(fl.lapse(others(20, 0, 1, 2), SnapshotInfo{}), []int{0, 1}, "")
			_, err = fl.r.Resume(t.Context(), as(bert), fl.ids[2], 0)
			fl.ok(err)
			if s := fl.state(fl.ids[2]); s != eligibility.StateLapsed {
				t.Errorf("back, it is %s", s)
			}
		})
	})
}
