package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// chairs is an opportunity that is whole.
const chairs = `{"title": "Two chairs to mend", "summary": "Legs and backs.", "contact": "hello@ash.example", "url": "https://ash.example/chairs",
	"budget": "As agreed", "public_from": "2026-07-01", "until": "2026-08-31"}`

// tell posts one that is public and one that is for members still.
func (w *world) tell(c *council) {
	w.t.Helper()
	post := func(n roll.NewOpportunity) string {
		id, err := w.r.PostOpportunity(w.t.Context(), roll.By{Actor: c.lei.by.Actor, Reason: "asked"}, n)
		w.ok(err)
		return id
	}
	now := instant.Instant(w.now.Load())
	c.work = post(roll.NewOpportunity{Title: "A fence to paint", Summary: "Green.", Contact: "the gate", URL: "https://fence.example", Budget: "Paint", PublicFrom: now, Closes: now.Add(9000 * time.Hour)})
	c.secretWork = post(roll.NewOpportunity{Title: "Canary cages", Summary: "Of brass.", Contact: "the canary"})
}

// telling are the visits to what is done to opportunities, in this order.
func telling(w *world) (out []visit) {
	asJSON, weak := "Content-Type: application/json", "Authorization: Bearer "+w.newPersonal(w.speaker.by, "weaker", "decisions:read")
	why := `{"reason": "It is done."}`
	for _, r := range opportunityRoutes() {
		if r.method == http.MethodGet {
			continue
		}
		path, auth, body := asked(r), w.speaker.auth(), map[string]string{"postOpportunity": chairs, "closeOpportunity": why}[r.operation]
		visit := func(path, body string, status int, headers ...string) {
			out = append(out, visit{r.operation, r.method, path, headers, body, status})
		}
		visit(path, body, 401, asJSON)
		visit(path, body, 401, asJSON, "Authorization: Bearer gs_wrong")
		visit(path, body, 403, asJSON, weak)
		visit(path, body, 403, asJSON, "Authorization: Bearer "+w.newToken(fmt.Sprint("teller ", w.ids.Add(1)), "decisions:read"))
		visit(path+"?x=1", body, 400, asJSON, auth)
		visit(path, "[]", 400, asJSON, auth)
		visit(path, body, 415, auth)
		visit(path, strings.Repeat(" ", mostBody+1), 413, asJSON, auth)
		visit(path, "{}", 409, asJSON, auth)
	}
	w.refresh()
	if c := w.council; c != nil {
		closing := opportunitiesPath + "/" + c.work + "/close"
		out = append(out, visit{"postOpportunity", "POST", opportunitiesPath, []string{asJSON, c.lei.auth()}, chairs, 200},
			visit{"postOpportunity", "POST", opportunitiesPath, []string{asJSON, c.una.auth()}, chairs, 409},
			visit{"closeOpportunity", "POST", closing, []string{asJSON, c.zoe.auth()}, why, 409}, // another member's
			visit{"closeOpportunity", "POST", closing, []string{asJSON, c.lei.auth()}, why, 200},
			visit{"closeOpportunity", "POST", closing, []string{asJSON, c.lei.auth()}, why, 409})
	}
	return out
}

// Members read an opportunity first; everybody from its day on, in the list and
// in the feed, until it is over.
func TestOpportunitiesAreForMembersFirst(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	titles := func(v *voice) string {
		path, headers := opportunitiesPath, []string{}
		if v != nil {
			headers = append(headers, v.auth())
		}
		got := w.ask("GET", path, headers...)
		var out []string
		for _, title := range []string{"A fence to paint", "Canary cages", "Two chairs to mend"} {
			if strings.Contains(got.body, title) {
				out = append(out, title)
			}
		}
		return strings.Join(out, ", ")
	}
	want := func(v *voice, want string) {
		t.Helper()
		if got := titles(v); got != want {
			t.Errorf("%s is shown, want %s", got, want)
		}
	}
	want(nil, "A fence to paint")
	want(c.una, "A fence to paint") // a person who acts for nobody
	want(c.zoe, "A fence to paint, Canary cages")
	got := c.lei.send("POST", opportunitiesPath, chairs)
	if got.StatusCode != 200 {
		t.Fatalf("%d: %s", got.StatusCode, got.body)
	}
	w.refresh()
	want(nil, "A fence to paint")
	want(c.zoe, "A fence to paint, Canary cages, Two chairs to mend")
	if feed := w.get(opportunityFeed); !strings.Contains(feed.body, "A fence to paint") || strings.Contains(feed.body, "Two chairs") {
		t.Errorf("the feed: %s", feed.body)
	}
	w.later(8 * 24 * time.Hour)
	w.refresh()
	want(nil, "A fence to paint, Canary cages")
	w.later(20 * 24 * time.Hour)
	w.refresh()
	want(nil, "A fence to paint, Canary cages, Two chairs to mend")
	if feed := w.get(opportunityFeed); !strings.Contains(feed.body, "Two chairs to mend") || !strings.Contains(feed.body, `href="https://ash.example/chairs"`) {
		t.Errorf("the feed: %s", feed.body)
	}
	w.later(70 * 24 * time.Hour)
	w.refresh()
	want(nil, "A fence to paint, Canary cages") // the chairs' last day is past
	bad := c.lei.send("POST", opportunitiesPath, `{"title": "", "summary": "x", "contact": "y", "until": "soon", "member": "nobody"}`)
	for _, part := range []string{"until", "member names no member"} {
		if bad.StatusCode != 400 || !strings.Contains(bad.body, part) {
			t.Errorf("%d: %s, want %q", bad.StatusCode, bad.body, part)
		}
	}
}
