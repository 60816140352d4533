package roll

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// lapsedFrom goes on with 12 members, of whom the first has lapsed, and a payer that is
// linked to nobody and has paid for July; on 25 July 2026.
func lapsedFrom(t *testing.T, fl *flock) *flock {
	t.Helper()
	fl.someone("Mia", fl.ids[:1])
	fl.on(time.July, 2, func(tx *store.Tx, no int64) error {
		if err := fl.pay(others(12, 0)...)(tx, no); err != nil {
			return err
		}
		if _, err := tx.AddAccounts(t.Context(), []store.AccountRow{{ID: acc(12), Type: "ORGANIZATION", Effective: fl.now, Snapshot: no}}); err != nil {
			return err
		}
		if _, err := tx.AddContributions(t.Context(), []store.ContributionRow{contribution(12, "ACTIVE", fl.now, no)}); err != nil {
			return err
		}
		return fl.pay(12)(tx, no)
	})
	fl.on(time.July, 20, nil)
	fl.on(time.July, 25, nil)
	fl.now = fl.now.Add(time.Hour)
	return fl
}

// rules is the default policy with another id, from a day on, and another grace.
func (fl *flock) rules(id string, from instant.Instant, grace string) *policy.File {
	fl.t.Helper()
	file, err := policy.Preset(policy.DefaultPreset)
	fl.ok(err)
	text := strings.NewReplacer("id: "+policy.DefaultPreset, "id: "+id, "from: 2022-05-15", "from: "+from.Day(), "grace: 21d", "grace: "+grace).Replace(file.Versions[0].Text)
	file, err = policy.Parse("other rules", []byte(text))
	fl.ok(err)
	return file
}

// adds adds such rules from a file.
func (fl *flock) adds(id string, from instant.Instant, grace string) error {
	_, _, err := fl.r.EnsurePolicy(fl.t.Context(), fl.operator("as was agreed"), fl.rules(id, from, grace), true)
	return err
}

// What changes in bulk bring tells nobody without a release; what a single act
// brings, or a snapshot, is told. With the notices off neither is.
func TestWhatWaitsForARelease(t *testing.T) {
	by := func(fl *flock) By { return fl.operator("as it is") }
	back := "back_in_standing"
	for _, tt := range []struct {
		name string
		act  func(*flock) error
		want string // of the first member: kind, state and detail
	}{
		{"a link", func(fl *flock) error {
			_, err := fl.r.Link(fl.t.Context(), by(fl), fl.ids[0], acc(12), 0, 0)
			return err
		}, back + " held release:link"},
		{"an import of members", func(fl *flock) error {
			list := "handle,name,accounts\nmember-00,Member 00," + string(acc(12)) + "\n"
			_, _, err := fl.r.Import(fl.t.Context(), by(fl), strings.NewReader(list), CSV, false)
			return err
		}, back + " held release:import"},
		{"an adoption and a merge", func(fl *flock) error {
			made, _, err := fl.r.Adopt(fl.t.Context(), by(fl), Adopt{Accounts: []member.AccountID{acc(12)}})
			if err != nil {
				return err
			}
			if rows := fl.said(made.Adopted[0].Member); len(rows) > 0 {
				fl.t.Errorf("an adoption told %v", rows)
			}
			_, err = fl.r.Merge(fl.t.Context(), by(fl), made.Adopted[0].Member, fl.ids[0])
			return err
		}, back + " held release:merge"},
		{"other rules from now on", func(fl *flock) error { return fl.adds("short", instant.Date(2026, 7, 24), "21d") }, "lapsed held release:policy"},
		{"other rules that a decision made", func(fl *flock) error {
			defer fl.on(time.July, 26, nil)
			return fl.db.InTx(fl.t.Context(), store.Entries, fl.now, func(tx *store.Tx) error {
				text := fl.rules("short", instant.Date(2026, 7, 25), "21d").Versions[0].Text
				_, err := fl.r.EnactDecided(fl.t.Context(), tx, "short", text, 7, fl.now)
				return err
			})
		}, "lapsed held release:policy"},
		{"other rules whose day has come", func(fl *flock) error {
			if err := fl.adds("short", instant.Date(2026, 7, 27), "21d"); err != nil {
				return err
			}
			if got := fl.notices(fl.ids[0]); slices.Contains(got, "lapsed held") {
				fl.t.Errorf("before the day: %v", got)
			}
			fl.on(time.July, 27, nil)
			return nil
		}, "lapsed held release:policy"},
		{"a list of payments", func(fl *flock) error {
			list := "member,amount,received,months,from,reason\nmember-00,GBP 10.00,2026-07-24,1,2026-07-24,cash\n"
			_, _, err := fl.r.ImportPayments(fl.t.Context(), by(fl), strings.NewReader(list), false)
			return err
		}, back + " held release:import"},
		{"a payment entered", func(fl *flock) error {
			_, _, err := fl.r.Pay(fl.t.Context(), by(fl), PaymentEntry{Member: fl.ids[0], Amount: money.Money{Minor: 1000, Currency: gbp}, Received: instant.Date(2026, 7, 24), Months: 1})
			return err
		}, back + " waiting"},
		{"a waiver", func(fl *flock) error {
			_, _, err := fl.r.Waive(fl.t.Context(), by(fl), fl.ids[0], 0, 0, "")
			return err
		}, back + " waiting"},
		{"a snapshot", func(fl *flock) error {
			fl.on(time.July, 26, fl.pay(0))
			return nil
		}, back + " waiting"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fl := quietFlock(t, 12)
			if strings.HasPrefix(tt.name, "other rules") { // by which the first is in grace still
				fl.ok(fl.adds("long", instant.Date(2026, 6, 16), "60d"))
			}
			fl.starts()
			lapsedFrom(t, fl)
			fl.ok(fl.sent())
			fl.ok(tt.act(fl))
			fl.assess()
			var got []string
			for _, r := range fl.outbox(store.OutboxQuery{Member: fl.ids[0]}) {
				if r.State != notify.Sent && r.Detail != notify.TooLate && r.DueAt <= fl.now {
					got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Kind, r.State, r.Detail)))
				}
			}
			if !slices.Equal(got, []string{tt.want}) {
				t.Errorf("told %q, want %q", got, tt.want)
			}
			waiting := 0
			for _, r := range fl.outbox(store.OutboxQuery{State: notify.Waiting}) {
				if r.Member != "" && r.DueAt <= fl.now {
					waiting++
				}
			}
			if want := strings.Count(tt.want, "waiting"); waiting != want {
				t.Errorf("%d notices to members go without a release, want %d", waiting, want)
			}
		})
	}
	t.Run("off", func(t *testing.T) {
		fl := lapsedFrom(t, quietFlock(t, 12))
		_, err := fl.r.Link(t.Context(), by(fl), fl.ids[0], acc(12), 0, 0)
		fl.ok(err)
		if got := fl.notices(fl.ids[0]); !slices.Contains(got, back+" before_start") {
			t.Errorf("told %v", got)
		}
	})
}

// What time alone had brought is not the change's in whose transaction it is
// found, nor the new rules' where it would be so by the old ones.
func TestWhatTimeBroughtIsNoBatchs(t *testing.T) {
	late := func(t *testing.T) *flock { // the first has lapsed, and nobody has assessed it
		fl := oneFlock(t, 12)
		fl.on(time.July, 2, fl.pay(others(12, 0)...))
		fl.on(time.July, 20, nil)
		fl.unassessed(instant.Date(2026, 7, 23))
		return fl
	}
	t.Run("a link of another", func(t *testing.T) {
		fl := late(t)
		_, err := fl.r.NoAccount(t.Context(), fl.operator("they have none"), fl.add(NewMember{Name: "Elm", Kind: member.Organisation}), true)
		fl.ok(err)
		if got := fl.notices(fl.ids[0]); !slices.Contains(got, "lapsed waiting") {
			t.Errorf("told %v", got)
		}
	})
	t.Run("other rules, by which it would have lapsed, too", func(t *testing.T) {
		fl := oneFlock(t, 12)
		fl.on(time.July, 2, fl.pay(others(12, 0)...))
		fl.ok(fl.adds("other", instant.Date(2026, 7, 3), "21d"))
		fl.on(time.July, 7, nil)
		if got := fl.notices(fl.ids[0]); !slices.Equal(got, []string{"payment_late waiting", "before_grace_ends waiting"}) {
			t.Errorf("told %v", got)
		}
	})
}
