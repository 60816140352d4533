package api

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

func noonClock() instant.Instant { return noon }

// heldFir puts fir, which has lapsed, under a hold that keeps its grace, and
// gives the hold's id.
func heldFir(w *world) string {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok(w.db.InTx(ctx, store.Pulls, w.clock(), func(tx *store.Tx) error {
		return tx.AddHold(ctx, store.HoldRow{ID: "h_fir", Cause: "many", SetAt: w.clock() - 2000, Since: instant.Date(2026, 6, 1), Snapshot: 1},
			[]store.HoldMember{{Member: w.fir, State: eligibility.StateGrace, Vote: true, Services: true}})
	}))
	_, err := w.r.Assess(ctx)
	w.ok(err)
	w.refresh()
	return "h_fir"
}

func (w *world) acknowledge(hold, body string, headers ...string) reply {
	w.t.Helper()
	return w.send("POST", "/api/v1/holds/"+hold+"/acknowledge", body, append([]string{"Content-Type: application/json"}, headers...)...)
}

// TestAHoldIsAcknowledgedOverTheAPI, once, with a reason: the members that it
// kept worsen then, the next answers show it, and the audit chain names the token.
func TestAHoldIsAcknowledgedOverTheAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		hold := heldFir(w)
		if got := w.state("canary-fir"); got != "grace" {
			t.Fatalf("under the hold fir is %s", got)
		}
		auth := "Authorization: Bearer " + w.newToken("hold keeper", "holds:write")
		w.refresh()
		got := w.acknowledge(hold, `{"reason": "the treasurers looked at each"}`, auth)
		var a struct {
			Hold struct {
				ID             string
				AcknowledgedAt instant.Instant `json:"acknowledged_at"`
				Members        []struct {
					Name           string
					Kept, Computed string
					Over           bool
				}
			}
			Worsened []struct {
				Name, From, To string
				Lost           []string
			}
		}
		if got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &a) != nil || got.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %s %v", got.StatusCode, got.body, got.Header)
		}
		if a.Hold.ID != hold || a.Hold.AcknowledgedAt != w.clock() || len(a.Hold.Members) != 1 || !a.Hold.Members[0].Over || a.Hold.Members[0].Computed != "lapsed" {
			t.Errorf("the hold: %+v", a.Hold)
		}
		if len(a.Worsened) != 1 || a.Worsened[0].Name != "Fir" || a.Worsened[0].From != "grace" || a.Worsened[0].To != "lapsed" ||
			!slices.Equal(a.Worsened[0].Lost, []string{"vote"}) {
			t.Errorf("worsened: %+v", a.Worsened)
		}
		if strings.Contains(got.body, "looked at each") {
			t.Errorf("the answer repeats the reason: %s", got.body)
		}
		if state := w.state("canary-fir"); state != "lapsed" {
			t.Errorf("right after it fir is %s", state)
		}
		w.audited(hold, "hold keeper", "the treasurers looked at each")

		again := w.acknowledge(hold, `{"reason": "once more"}`, auth)
		if again.StatusCode != 409 || !strings.Contains(again.body, `"detail":"cannot acknowledge the hold: it was acknowledged on 2026-06-15","errors":["it was acknowledged on 2026-06-15"]`) {
			t.Errorf("a second time: %d %s", again.StatusCode, again.body)
		}
		_, err := w.r.Acknowledge(t.Context(), w.by("again"), hold)
		if err == nil || !strings.Contains(again.body, err.Error()) {
			t.Errorf("the operator is refused in other words: %v", err)
		}
	})
}

// audited checks the one row of the audit chain about a hold.
func (w *world) audited(hold, token, reason string) {
	w.t.Helper()
	ctx := w.t.Context()
	tokens, err := w.r.ListTokens(ctx)
	w.ok(err)
	i := slices.IndexFunc(tokens, func(t roll.Token) bool { return t.Name == token })
	w.ok(w.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.AuditRows(ctx, store.AuditQuery{Subject: hold})
		if err != nil || len(rows) != 1 || rows[0].Actor != tokens[i].ID || rows[0].Action != "acknowledge_hold" {
			w.t.Fatalf("the audit rows: %+v, %v", rows, err)
		}
		texts, err := tx.Texts(ctx, rows[0].Reason)
		if err != nil || texts[rows[0].Reason] != reason {
			w.t.Errorf("the reason is %q, %v", texts, err)
		}
		labels, err := tx.ActorLabels(ctx)
		if err != nil || labels[tokens[i].ID] != "token:"+token {
			w.t.Errorf("people read %q, %v", labels[tokens[i].ID], err)
		}
		report, err := tx.VerifyAudit(ctx)
		if err != nil || !report.OK() {
			w.t.Errorf("the chain: %+v, %v", report, err)
		}
		return nil
	}))
}

// unchanged fails when the hold was touched since.
func (w *world) unchanged(where string, since store.Counters) {
	w.t.Helper()
	if now, err := w.db.Counters(w.t.Context()); err != nil || now != since {
		w.t.Errorf("%s: something was stored (%v)", where, err)
	}
	if w.refresh(); w.state("canary-fir") != "grace" {
		w.t.Errorf("%s: fir lost its rights", where)
	}
}

// TestTheTokenIsLookedUpAgain when the change is made: one that was revoked after
// the answers were last read, has expired, or lacks the scope ends no hold.
func TestTheTokenIsLookedUpAgain(t *testing.T) {
	w := newWorld(t)
	hold := heldFir(w)
	text := w.newToken("lost", "holds:write", "holds:read")
	w.refresh()
	w.ok(w.r.RevokeToken(t.Context(), w.by("lost"), "lost")) // not seen by the snapshot
	before, err := w.db.Counters(t.Context())
	w.ok(err)
	got := w.acknowledge(hold, `{"reason": "x"}`, "Authorization: Bearer "+text)
	if got.StatusCode != 409 || !strings.Contains(got.body, `"errors":["the token is revoked, has expired or lacks the scope holds:write"]`) {
		t.Errorf("revoked a moment ago: %d %s", got.StatusCode, got.body)
	}
	w.unchanged("revoked a moment ago", before)
	reader := w.newToken("reader", "holds:read")
	w.refresh()
	before, err = w.db.Counters(t.Context())
	w.ok(err)
	for token, status := range map[string]int{text: 401, reader: 403, "gs_none": 401} {
		if got := w.acknowledge(hold, `{"reason": "x"}`, "Authorization: Bearer "+token); got.StatusCode != status {
			t.Errorf("%d %s, want %d", got.StatusCode, got.body, status)
		}
	}
	if got := w.send("POST", "/api/v1/holds/"+hold+"/acknowledge?access_token="+w.token, `{"reason": "x"}`, "Content-Type: application/json"); got.StatusCode != 401 {
		t.Errorf("in the address: %d", got.StatusCode)
	}
	w.unchanged("without a token that counts", before)
}

// A scope for one change opens no other.
func TestTheScopeGrantsOneChange(t *testing.T) {
	w := newWorld(t)
	text := w.newToken("keeper", "holds:write")
	tokens, err := w.r.ListTokens(t.Context())
	w.ok(err)
	by := roll.ByToken(tokens[len(tokens)-1], "because")
	ctx := t.Context()
	for name, change := range map[string]func() error{
		"waive": func() error { _, _, err := w.r.Waive(ctx, by, w.fir, 0, instant.Date(2027, 1, 1), ""); return err },
		"leave": func() error { _, err := w.r.Leave(ctx, by, w.fir, 0); return err },
		"token": func() error { _, _, err := w.r.CreateToken(ctx, by, "more", []string{"roll:read"}, 0); return err },
		"person": func() error {
			_, err := w.r.AddPerson(ctx, by, roll.NewPerson{Email: "a@b.example", Roles: []member.Role{member.Treasurer}})
			return err
		},
	} {
		if err := change(); err == nil || !strings.Contains(err.Error(), "may") {
			t.Errorf("%s by a token: %v", name, err)
		}
	}
	w.refresh()
	if got := w.get("/api/v1/holds", "Authorization: Bearer "+text); got.StatusCode != 403 {
		t.Errorf("holds:write reads the holds: %d", got.StatusCode)
	}
}

// With the database away nothing is changed, and that is said.
func TestNoChangeWithoutTheDatabase(t *testing.T) {
	w := newWorld(t)
	hold := heldFir(w)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := httptest.NewRequest("POST", "/api/v1/holds/"+hold+"/acknowledge", strings.NewReader(`{"reason": "x"}`)).WithContext(ctx)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.token)
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, req)
	if rec.Code != caller.HungUp {
		t.Errorf("a client that went away: %d %s", rec.Code, rec.Body)
	}
	if w.refresh(); w.state("canary-fir") != "grace" {
		t.Error("a change whose client went away was made")
	}
	w.ok(w.db.Close())
	if got := w.acknowledge(hold, `{"reason": "x"}`, "Authorization: Bearer "+w.token); got.StatusCode < 500 || strings.Contains(got.body, "sql") {
		t.Errorf("with the database closed: %d %s", got.StatusCode, got.body)
	}
}
