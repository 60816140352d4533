package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// chains are all rows of the audit chain and all entries of decisions, as they stand.
func (f *federation) chains() (audit []store.AuditRow, decided string) {
	f.t.Helper()
	ctx := f.t.Context()
	f.ok(f.db.View(ctx, func(tx *store.Tx) error {
		var err error
		if audit, err = tx.AuditRows(ctx, store.AuditQuery{}); err != nil {
			return err
		}
		report, err := tx.VerifyAudit(ctx)
		if err != nil || !report.OK() {
			f.t.Errorf("the audit chain: %+v, %v", report, err)
		}
		heads, err := tx.DecisionHeads(ctx)
		for _, h := range heads {
			entries, err := tx.DecisionEntries(ctx, h.Decision)
			if err != nil {
				return err
			}
			decided += fmt.Sprintf("%+v\n", entries)
		}
		return err
	}))
	verified, err := f.chair.Verify(ctx)
	f.ok(err)
	for _, v := range verified {
		if !v.OK() {
			f.t.Errorf("a decision: %+v", v)
		}
	}
	return audit, decided
}

// TestHavingOneselfErased: it asks once more and says what stays; then the name is
// gone, every session ends, and the chains keep every byte.
func TestHavingOneselfErased(t *testing.T) {
	f := newFederation(t)
	_, err := f.roll.PostOpportunity(t.Context(), roll.By{Actor: f.by(f.zoe).Actor, Reason: "wanted"}, roll.NewOpportunity{Title: "Hedges", Summary: "One.", Contact: "us"})
	f.ok(err)
	f.later(time.Second)
	f.as(f.zoe)
	elsewhere := f.client
	f.as(f.zoe)
	f.get("/me/data").want(t, 200, `<a class="button second" href="/me/data/erase">Have yourself erased</a>`)
	f.get("/me/data/erase").want(t, 200, "What goes, at once", "That you act for Zed Canary.", "Nobody else acts for Zed Canary: nobody can vote for it then.", "The opportunity that you posted and that is open, with your words. A contact that names you is replaced, and nobody knows whom to write to then: <a href=\"/opportunities\">close it first</a>.", "The contact of opportunities where it holds your address, whoever posted them.", "Yes, erase Zoe Canary here.", "I know that this cannot be undone.")
	press := func(sure string) page { return f.post("/me/data/erase", "person", string(f.zoe), "sure", sure) }
	press("").want(t, http.StatusUnprocessableEntity, "Nothing was erased: tick the box, if you are sure.", `aria-describedby="fault"`)
	f.post("/me/data/erase", "person", string(f.fay), "sure", "yes").want(t, http.StatusConflict, "this form was for somebody else")
	audit, decided := f.chains()
	p := press("yes")
	p.leads(t, "/erased")
	if c := p.header.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
		t.Errorf("the cookie stays: %s", c)
	}
	f.later(time.Second)
	press("yes").leads(t, "/erased") // pressed twice
	f.get("/erased").want(t, 200, "Your name and address are erased", "signed out everywhere")
	f.get("/me").leads(t, "/sign-in?next=%2Fme")
	f.client = elsewhere
	f.get("/me").leads(t, "/sign-in?next=%2Fme")
	after, same := f.chains()
	if n := len(audit); len(after) != n+1 || fmt.Sprint(after[:n]) != fmt.Sprint(audit) || same != decided || after[n].Action != "remove_person" {
		t.Errorf("the chains changed: %d rows, then %d", len(audit), len(after))
	}
	people, err := f.roll.People(t.Context())
	f.ok(err)
	if strings.Contains(fmt.Sprint(people), "Zoe") {
		t.Error("the name is still there")
	}
	f.as(f.ada)
	f.get("/board/set-up").want(t, 200, "Remove person", "asked for on the page")
	f.get("/board/desk?kind=no_delegate").want(t, 200, "Zed Canary")
	for _, address := range []string{"/board/set-up", "/board/members/" + string(f.zed), "/decisions/1"} {
		if body := f.get(address).body; strings.Contains(body, "Zoe Canary") {
			t.Errorf("%s names who was erased", address)
		}
	}
	f.get("/me/data/erase").want(t, 200, "You are the last treasurer. Another one comes first", "Your office: treasurer.")
	f.post("/me/data/erase", "person", string(f.ada), "sure", "yes").want(t, http.StatusConflict, "Nothing was erased", "This is the last treasurer: only the operator may.")
	f.get("/me").want(t, 200, "You are treasurer.")
}
