package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// One reads what one was told, what not and why, and chooses the rest.
func onesNotices(t *testing.T, f *federation) {
	_, _, err := f.roll.StartNotices(t.Context(), f.op)
	f.ok(err)
	f.later(time.Second)
	by := f.by(f.lei)
	by.Member = f.birch
	_, err = f.chair.Cast(t.Context(), f.open, by, decisions.Abstain, "")
	f.ok(err)
	f.later(time.Second)
	f.ok(f.db.InTx(t.Context(), store.Entries, f.clock(), func(tx *store.Tx) error {
		return tx.Enqueue(t.Context(), notify.Message{Occasion: notify.Occasion{Kind: notify.Lapsed, Member: f.birch, Cause: "coverage:1"}, Recipient: string(f.lei), Channel: notify.Email, DueAt: f.clock(), State: notify.Recovered})
	}))
	f.later(time.Second)
	f.as(f.lei)
	f.get("/me/notices").want(t, 200, "<span>No longer needed</span>", ">Decision opened<", ">decision 1<", "did not get “decision opened” about decision 1: notices were off when its moment came", ">A vote was cast or changed<", hostileEscaped, "(UTC)", "What always comes",
		`<input type="checkbox" name="kind" id="k-not_voted" value="not_voted" checked>`, `<option value="en" selected>English</option>`, "silence counts only when the proposal was heard")
	p := f.get("/me/notices")
	if strings.Contains(p.body, "value=\"decision_opened\"") || strings.Contains(p.body, "value=\"digest\"") {
		t.Error("what is required, or is for treasurers, is offered to be declined")
	}
	form := url.Values{"language": {"es"}, "kind": {string(notify.NotVoted), string(notify.Opportunity), "nonsense"}}
	f.do(http.MethodPost, "/me/notices", form, "Sec-Fetch-Site", "same-origin").leads(t, "/me/notices?saved=yes")
	w, err := f.roll.Wish(t.Context(), f.lei)
	f.ok(err)
	if w.Language != "es" || slices.Contains(w.Declined, notify.NotVoted) || !slices.Contains(w.Declined, notify.BallotCast) || !slices.Contains(w.Declined, notify.DecisionResult) || slices.Contains(w.Declined, notify.Digest) {
		t.Errorf("%+v", w)
	}
	f.get("/me/notices?saved=yes").want(t, 200, `<html lang="es">`, "Guardado.", `<option value="es" selected>español</option>`, `value="ballot_cast">`, `value="opportunity" checked>`)
	form.Set("language", "<tlh>")
	f.do(http.MethodPost, "/me/notices", form, "Sec-Fetch-Site", "same-origin").want(t, http.StatusConflict, "No se ha guardado", "No hay correos en &#34;&lt;tlh&gt;&#34;: elige entre en, es.")
	f.get("/me/notices?after=nonsense").want(t, http.StatusNotFound, "No hay tales avisos")
}
