package syncer

import (
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// What real pulls leave, the desk of the roll finds (domain.md, section 7).

// office is a planted world with a policy, whose payers are members.
func office(w *world) (*upstream, *Syncer) {
	w.t.Helper()
	u, s := planted(w)
	by := roll.By{Actor: member.Actor{ID: "op", Label: "operator:test", Operator: true}, Reason: "a test"}
	preset, err := policy.Preset(policy.DefaultPreset)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.roll.EnsurePolicy(w.t.Context(), by, preset, false); err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.roll.Adopt(w.t.Context(), by, roll.Adopt{All: true}); err != nil {
		w.t.Fatal(err)
	}
	w.later(time.Hour)
	return u, s
}

// found are the kinds on the desk, without the members nobody can vote for.
func (w *world) found() (kinds []string) {
	w.t.Helper()
	entries, err := w.roll.Desk(w.t.Context(), false)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind != roll.DeskNoDelegate {
			kinds = append(kinds, string(e.Kind)+" "+e.Name)
		}
	}
	return kinds
}

// TestPullsPutThingsOnTheDesk: after each pull exactly what it says.
func TestPullsPutThingsOnTheDesk(t *testing.T) {
	cases := map[string][]struct {
		change func(u *upstream)
		want   []string
	}{
		"a contribution vanishes, for good only with the second reading": {
			{func(u *upstream) { u.drop("or-cedar") }, nil},
			{func(u *upstream) {}, []string{"contribution_vanished cedar Ltd"}},
		},
		"a contribution vanishes and is back": {
			{func(u *upstream) { u.drop("or-cedar") }, nil},
			{func(u *upstream) { u.orders = append(u.orders, knot().drop("or-cedar")) }, nil},
			{func(u *upstream) {}, nil},
		},
		"a contribution gets another payer": {
			{func(u *upstream) { u.order("or-alder").Payer = payer("sorrel") }, []string{"payer_changed alder Ltd"}},
		},
		"upstream forgets how often one is paid, and remembers": {
			{func(u *upstream) { u.order("or-alder").Frequency = "" }, []string{"unknown_word alder Ltd"}},
			{func(u *upstream) { u.order("or-alder").Frequency = frequencyMonth }, nil},
		},
		"a status of tomorrow": {
			{func(u *upstream) { u.order("or-alder").Status = "SNOOZED" }, []string{"unknown_word alder Ltd"}},
		},
		"a dispute that ends in a refund": {
			{func(u *upstream) { u.charges[1].Disputed = true }, []string{"charge_disputed alder Ltd"}},
			{func(u *upstream) { u.refunds = append(u.refunds, backOf(u.charges[1], u.now()-1000)) }, []string{"charge_refunded alder Ltd"}},
		},
		"cancelled, and paid a month later": {
			{func(u *upstream) { u.order("or-alder").Status = cancelled }, nil},
			{func(u *upstream) { u.charges = append(u.charges, paidBy(*u.order("or-alder"), u.now()-1000)) }, []string{"paid_but_cancelled alder Ltd"}},
		},
		"a rename, and another takes the slug": {
			{func(u *upstream) { u.order("or-alder").Payer.Slug = "alders" }, []string{"account_renamed alder Ltd"}},
			{func(u *upstream) {
				o := monthly("alder-fan", at("2026-06-09"))
				o.Payer.Slug = "alder"
				u.orders, u.charges = append(u.orders, o), append(u.charges, paidBy(o, at("2026-06-09")))
			}, []string{"slug_taken alder Ltd", "account_renamed alder Ltd"}},
		},
		"orders to a project": {
			{func(u *upstream) {
				o := monthly("hazel", at("2026-06-01"))
				o.ToAccount, o.ToSlug = "acc-club", "book-club"
				u.elsewhere = []opencollective.Order{o}
			}, []string{"wrong_account "}},
			{func(u *upstream) {}, []string{"wrong_account "}},
			{func(u *upstream) { u.elsewhere[0].Status = cancelled }, nil},
			{func(u *upstream) { u.elsewhere[0].Status = active }, []string{"wrong_account "}},
			{func(u *upstream) { u.elsewhere = nil }, nil},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			w := onOne(t)
			u, s := office(w)
			if got := w.found(); len(got) != 0 {
				t.Fatalf("before anything happened: %q", got)
			}
			for i, step := range steps {
				step.change(u)
				w.pull(s)
				w.later(time.Hour)
				if got := w.found(); !slices.Equal(got, step.want) {
					t.Errorf("step %d: %q, want %q", i+1, got, step.want)
				}
			}
		})
	}
}
