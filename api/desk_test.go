package api

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// gift stores a second reading, which shows a one-off payment by fir.
func gift(w *world) {
	w.t.Helper()
	ctx, start := w.t.Context(), w.clock()
	amount := money.Money{Minor: 98765, Currency: gbp}
	w.ok(w.db.InTx(ctx, store.Pulls, start, func(tx *store.Tx) error {
		if err := tx.AddPull(ctx, store.Pull{ID: "pull-3", Started: start, Finished: start, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(ctx, store.Snapshot{Number: 2, Start: start, Pull: "pull-3", Collective: "acc-us", Currency: gbp}); err != nil {
			return err
		}
		if _, err := tx.AddContributions(ctx, []store.ContributionRow{{ID: "order-gift", Account: "acc-canary-fir", Status: "PAID", Frequency: "ONETIME",
			Amount: amount, Total: amount.Minor, Created: start - instant.Day, Processed: start - instant.Day, Effective: start, Snapshot: 2}}); err != nil {
			return err
		}
		if _, err := tx.AddCharges(ctx, []store.ChargeRow{{ID: "charge-gift", Contribution: "order-gift", Account: "acc-canary-fir",
			Kind: eligibility.ContributionCharge, Amount: amount, Created: start - instant.Day, Snapshot: 2}}); err != nil {
			return err
		}
		_, err := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: "charge-gift", OrderMinor: amount.Minor, Snapshot: 2}})
		return err
	}))
}

// TestDesk: the entries of the roll, amounts only for who may read them, and
// never an address.
func TestDesk(t *testing.T) {
	w := newWorld(t)
	gift(w)
	bare := "Authorization: Bearer " + w.newToken("the desk alone", string(roll.ScopeDesk))
	w.refresh()
	const path = "/api/v1/desk?kind=ignored_money"
	for name, c := range map[string]struct{ body, amount, months string }{
		"with amounts":    {w.read(path).body, `"amount":{"minor":98765,"currency":"GBP"}`, "--months 98"},
		"without amounts": {w.get(path, bare).body, `"amount":null`, "--months N"},
	} {
		for _, part := range []string{c.amount, `"member":{"id":"`, `"handle":"canary-fir","name":"Fir"}`, `"account":{"id":"acc-canary-fir","slug":"canary-fir"}`,
			`"contributions":["order-gift"],"charges":["charge-gift"],"since":"2026-06-14T12:00:00Z"`,
			`"sentence":"Fir paid once, on 14 June 2026, and the rules do not count one-off payments as dues."`,
			`"remedy":"goodstanding pay canary-fir --charge charge-gift ` + c.months + ` --reason \"a one-off payment meant as dues\""`, `"dismissed_at":null`} {
			if !strings.Contains(c.body, part) {
				t.Errorf("%s: %s is missing in %s", name, part, c.body)
			}
		}
		if strings.Count(c.body, `"id":"d_`) != 1 {
			t.Errorf("%s: more than one kind: %s", name, c.body)
		}
	}
	all := w.get("/api/v1/desk?all=true", bare).body
	for _, secret := range []string{"987", "@canary", "canary-mail", "canary-people", "£"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is told without the right to amounts: %s", secret, all)
		}
	}
	if got := w.read("/api/v1/desk?kind=gossip"); got.StatusCode != 400 || !strings.Contains(got.body, "kind is none of slug_taken, payer_changed,") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

// TestTheDeskAnswersWhatWasDismissed only when asked, and never who did it or why.
func TestTheDeskAnswersWhatWasDismissed(t *testing.T) {
	w := newWorld(t)
	entries, err := w.r.Desk(t.Context(), false)
	w.ok(err)
	id := entries[0].ID
	if len(entries) < 3 || !strings.Contains(w.read("/api/v1/desk").body, id) {
		t.Fatalf("%d entries, and %s is not answered", len(entries), id)
	}
	w.ok(w.r.Dismiss(t.Context(), w.by("looked at it"), id))
	w.refresh()
	one, all := w.read("/api/v1/desk").body, w.read("/api/v1/desk?all=true").body
	if strings.Contains(one, id) || !strings.Contains(all, id) || !strings.Contains(all, `"dismissed_at":"2026-06-15T12:00:00`) {
		t.Errorf("open: %s\nall: %s", one, all)
	}
	if strings.Contains(all, "canaryreason") || strings.Contains(all, "canaryperson") {
		t.Errorf("who dismissed it and why are told: %s", all)
	}
}
