package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/store"
)

// Where answers may be missing the pages say why nothing closes a decision, offer a
// facilitator to let it rest and nobody to end it, and tell the treasurers before they start
// the notices; in Spanish, too.
func TestPagesOfWhatLacksAnswers(t *testing.T) {
	f := newFederation(t)
	f.ok(f.db.InTx(t.Context(), store.NoStream, f.clock(), func(tx *store.Tx) error {
		if err := tx.SetSetting(t.Context(), store.SettingHome, "restored"); err != nil {
			return err
		}
		return tx.SetSetting(t.Context(), "answers_lost", fmt.Sprintf("%d %d", f.clock(), f.clock()))
	}))
	backed := f.dayOf(f.clock())
	v := f.view(f.open)
	f.now.Store(int64(v.Decision.Ends().Add(time.Minute)))
	_, err := f.chair.CloseDue(t.Context())
	f.ok(err)
	f.as(f.zoe)
	why := "database was put back from a backup of " + backed + ", and answers that were given since may be missing: nothing closes this decision by itself. A facilitator can let it rest, reopen it with a new deadline and record that its members were told of that, as long before it as the size asks for; or it is closed by the answers that are here, once a treasurer has started the notices."
	p := f.get("/decisions/1").want(t, 200, `<p class="note">This `+why+"</p>", "Zed Canary may not act in it now: this database was put back")
	f.post("/decisions/1/answer", "member", string(f.zed), "seen", v.Head.Hash, "answer", "favour").want(t, http.StatusConflict, "Not answered", "<li>This "+why+"</li>")
	f.as(f.fay)
	p = f.get("/decisions/1").want(t, 200, `action="/decisions/1/stall"`)
	for _, no := range []string{"/end", "/nudge", "/withdraw", "/announce"} {
		if strings.Contains(p.body, `action="/decisions/1`+no+`"`) {
			t.Errorf("the page offers %s in vain", no)
		}
	}
	f.get("/language/es")
	f.get("/decisions/1").want(t, 200, `<p class="note">Esta base de datos se recuperó de una copia de seguridad del `, "nada cierra esta decisión por sí solo.")
	f.as(f.ada)
	f.get("/board/notices").want(t, 200, "<strong>Answers may be missing.</strong>", `<a href="/decisions/1">Decision 1</a>, until the end of `, "those that are past at once, but an overdue one by the next answer, or by whoever ends it.")
	f.get("/language/es")
	f.get("/board/notices").want(t, 200, "<strong>Pueden faltar respuestas.</strong>", "pero una fuera de plazo con la siguiente respuesta, o por quien la termine.")

	f.as(f.fay)
	f.get("/language/en")
	f.later(time.Second)
	f.post("/decisions/1/stall", "seen", f.view(f.open).Head.Hash, "words", "Answers were lost").want(t, 200, "Stalling it is recorded")
	f.later(time.Second)
	f.post("/decisions/1/reopen", "seen", f.view(f.open).Head.Hash, "until", f.day(9).String()).want(t, 200, "Reopening it is recorded")
	f.later(time.Second)
	f.post("/decisions/1/announce", "seen", f.view(f.open).Head.Hash, "words", "The room").want(t, 200, "The announcement is recorded")
	f.later(time.Second)
	if p := f.get("/decisions/1"); strings.Contains(p.body, "put back from a backup") {
		t.Error("it still lacks answers")
	}
}
