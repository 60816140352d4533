package roll

import (
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// mild are the rules by which unpaid dues take neither vote nor listing.
func (fl *flock) mild(id string, from instant.Instant) *policy.File {
	fl.t.Helper()
	text := fl.rules(id, from, "21d").Versions[0].Text
	file, err := policy.Parse("mild rules", []byte(strings.ReplaceAll(text, "{dues: enforced,", "{dues: advisory,")))
	fl.ok(err)
	return file
}

// may says whether a member has the vote at an instant, by what is known now.
func (fl *flock) may(i int, at instant.Instant) bool {
	fl.t.Helper()
	v, err := fl.r.View(fl.t.Context(), Query{At: at, Members: fl.ids[i : i+1]})
	fl.ok(err)
	return v.Rows[0].Standing.Has(eligibility.Vote)
}

// Rules that a decision enacts take rights from many at once no sooner than others do,
// whether the decision is closed before the first reading after its deadline or after it.
func TestTheBrakeHoldsWhomEnactedRulesMakeWorse(t *testing.T) {
	ends := instant.Date(2026, 7, 25)
	const read, closes = "read", "close"
	for _, tt := range []struct {
		name    string
		lapsing int
		order   []string
		held    bool
	}{
		{"closed first", 3, []string{closes, read}, true},
		{"read first", 3, []string{read, closes}, true},
		{"read twice first", 3, []string{read, read, closes}, true},
		{"closed first, no more than two", 2, []string{closes, read}, false},
		{"read first, no more than two", 2, []string{read, closes}, false},
		{"closed first, and not read yet", 3, []string{closes}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachFlock(t, 20, func(t *testing.T, fl *flock) {
				_, _, err := fl.r.EnsurePolicy(t.Context(), fl.operator("as was agreed"), fl.mild("mild", instant.Date(2026, 6, 16)), true)
				fl.ok(err)
				lapsing := others(tt.lapsing)
				fl.lapse(others(20, lapsing...), SnapshotInfo{})
				fl.now = ends
				for _, step := range tt.order {
					fl.now = fl.now.Add(30 * time.Minute)
					if step == read {
						fl.read(SnapshotInfo{}, nil)
						continue
					}
					text := fl.rules("strict", instant.Date(2026, 7, 1), "21d").Versions[0].Text
					fl.ok(fl.db.InTx(t.Context(), store.Entries, fl.now, func(tx *store.Tx) error {
						_, err := fl.r.EnactDecided(t.Context(), tx, "strict", text, 7, ends)
						return err
					}))
				}
				for _, i := range lapsing {
					for at := ends - 1; at < fl.now; at = at.Add(10 * time.Minute) {
						if want := tt.held || at < ends; fl.may(i, at) != want {
							t.Errorf("member %d at %s: vote %t, want %t", i, at, !want, want)
						}
					}
					if fl.may(i, fl.now) != tt.held {
						t.Errorf("member %d: vote %t", i, !tt.held)
					}
				}
				if !fl.may(19, fl.now) {
					t.Error("who pays has no vote")
				}
				holds, err := fl.r.Holds(t.Context(), false)
				fl.ok(err)
				switch set := tt.held && len(tt.order) > 1; {
				case set && (len(holds) != 1 || holds[0].Cause != causeMany || len(holds[0].Members) != tt.lapsing):
					t.Errorf("holds %+v, want one of %d", holds, tt.lapsing)
				case !set && len(holds) > 0:
					t.Errorf("held: %+v", holds)
				}
				worse := 0
				fl.in(func(tx *store.Tx) error {
					rows, err := tx.StandingsSince(t.Context(), ends)
					for _, row := range rows {
						if row.Worse {
							worse++
						}
					}
					return err
				})
				if want := map[bool]int{false: tt.lapsing}[tt.held]; worse != want {
					t.Errorf("%d standings count for the brake, want %d", worse, want)
				}
				if got, err := fl.r.Replay(t.Context(), 0); err != nil || len(got.Wrong) > 0 {
					t.Errorf("assessed again: %v, %v", got.Wrong, err)
				}
				if len(holds) == 0 {
					return
				}
				fl.now = fl.now.Add(time.Hour)
				_, err = fl.r.Acknowledge(t.Context(), fl.operator("they were told"), holds[0].ID)
				fl.ok(err)
				for _, i := range lapsing {
					if fl.may(i, fl.now) {
						t.Errorf("member %d keeps its vote after the acknowledgement", i)
					}
				}
			})
		})
	}
}
