package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// TestAnswersMayBeMissing: over the API, too, nothing closes a decision of a restored
// database; it says why, refuses in the same words, and tells of it before the notices are
// started. After that it is closed at its deadline.
func TestAnswersMayBeMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		w.ok(w.db.InTx(t.Context(), store.NoStream, w.clock(), func(tx *store.Tx) error {
			// As a restore notes it: of a backup that was begun an hour from now.
			if err := tx.SetSetting(t.Context(), store.SettingHome, "restored"); err != nil {
				return err
			}
			at := int64(w.clock().Add(time.Hour))
			return tx.SetSetting(t.Context(), "answers_lost", fmt.Sprintf("%d %d", at, at))
		}))
		c := w.decide()
		w.later(10 * 24 * time.Hour)
		w.refresh()
		var d struct{ State, Lacking, Stands string }
		read := func() {
			t.Helper()
			w.ok(json.Unmarshal([]byte(c.fay.send("GET", decisionsPath+"/1", "").body), &d))
		}
		const why = "this database was put back from a backup of 15 June 2026, and answers that were given since may be missing: nothing closes this decision by itself. " +
			"A facilitator can let it rest, reopen it with a new deadline and record that its members were told of that, as long before it as the size asks for (goodstanding decisions announce); or it is closed by the answers that are here, once a treasurer has started the notices"
		if read(); d.State != "open" || d.Lacking != why {
			t.Errorf("%+v", d)
		}
		p := problemOf(t, c.zoe.send("PUT", decisionsPath+"/1/ballots/zed-canary", `{"answer": "favour"}`), 409, "decision-refused", why)
		if !strings.Contains(fmt.Sprint(p.Codes), "answers_missing") {
			t.Errorf("the codes are %v", p.Codes)
		}
		auth := "Authorization: Bearer " + w.newToken("keeper", "notices:write")
		w.refresh()
		start := func(body string) (plan noticePlan) {
			t.Helper()
			got := w.send("POST", noticesPath+"/start", body, "Content-Type: application/json", auth)
			if got.StatusCode != 200 {
				t.Fatalf("%d %s", got.StatusCode, got.body)
			}
			w.ok(json.Unmarshal([]byte(got.body), &plan))
			return plan
		}
		if plan := start(`{}`); len(plan.Lacking) != 2 || plan.Lacking[0].Number != 1 || !plan.Lacking[0].Past || plan.Lacking[0].Stands != d.Stands {
			t.Errorf("%+v", plan.Lacking)
		}
		start(`{"confirm": true, "reason": "we go on from here"}`)
		w.refresh()
		if read(); d.State != "overdue" || d.Lacking != "" {
			t.Errorf("started: %+v", d)
		}
	})
}
