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
