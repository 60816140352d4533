package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// booked writes notices about a member to a person, and gives their ids by cause.
func (w *world) booked(about member.ID, to string, rows map[string]notify.Message) map[string]string {
	w.t.Helper()
	ctx, ids := w.t.Context(), map[string]string{}
	w.ok(w.db.InTx(ctx, store.NoStream, w.clock(), func(tx *store.Tx) error {
		for cause, m := range rows {
			m.Occasion = notify.Occasion{Kind: notify.Lapsed, Member: about, Cause: cause}
			m.Recipient, m.Channel, m.About = to, notify.Email, w.clock()
			if err := tx.Enqueue(ctx, m); err != nil {
				return err
			}
		}
		all, err := tx.NoticePage(ctx, store.NoticeQuery{Kind: notify.Lapsed})
		for _, n := range all {
			ids[n.Cause] = n.ID
		}
		return err
	}))
	return ids
}

// booking are the visits to notices, in this order.
func booking(w *world) (out []visit) {
	asJSON, auth := "Content-Type: application/json", "Authorization: Bearer "+w.token
	weak := "Authorization: Bearer " + w.newToken("books "+w.clock().String(), "notices:read")
	ids := w.booked(w.ash, "p_gone", map[string]notify.Message{
		"one": {State: notify.BeforeStart, DueAt: w.clock().Add(time.Hour)}, "two": {State: notify.HeldState, Detail: notify.ByImport.Detail(), DueAt: w.clock()},
		"three": {State: notify.HeldState, Detail: notify.ByLink.Detail(), DueAt: w.clock()}})
	w.refresh()
	ask := func(path string, status int) {
		out = append(out, visit{"listNotices", "GET", noticesPath + path, []string{auth}, "", status})
	}
	out = append(out, visit{"getNotice", "GET", noticesPath + "/" + ids["one"], []string{auth}, "", 200})
	ask("?kind=lapsed&state=held&since=2026-06-01&limit=1", 200)
	ask("?limit=1&after="+ids["two"], 200)
	ask("?member=nobody&kind=x&state=y&since=soon&limit=0", 400)
	ask("?after=nt_none", 400)
	const why = `{"reason": "the meeting said so"}`
	person, err := json.Marshal(map[string]string{"recipient": w.speaker.by.Actor.ID, "reason": "550"})
	w.ok(err)
	good := map[string]string{"startNotices": `{"confirm": true, "reason": "the meeting said so"}`, "releaseNotices": why, "dropNotices": why, "noteBounce": string(person)}
	for _, r := range noticeRoutes() {
		visit := func(body string, status int, headers ...string) {
			out = append(out, visit{r.operation, r.method, r.path, headers, body, status})
		}
		if r.method == http.MethodGet {
			continue
		}
		body := good[r.operation]
		visit(body, 401, asJSON)
		visit(body, 403, asJSON, weak)
		visit(body, 403, asJSON, w.speaker.auth())
		visit("[]", 400, asJSON, auth)
		visit(body, 415, auth)
		visit(strings.Repeat(" ", mostBody+1), 413, asJSON, auth)
		switch r.operation {
		case "startNotices":
			visit(`{}`, 200, asJSON, auth)
		case "releaseNotices":
			body = `{"batch": "import", "reason": "they are right"}`
		case "noteBounce":
			visit(`{"address": "canary@nowhere.example", "reason": "550"}`, 404, asJSON, auth)
		}
		visit(body, 200, asJSON, auth)
		visit(body, 409, asJSON, auth)
	}
	return out
}

// TestNoticesOverTheAPI: the plan, the start, a yes and a no; each answer says why,
// and none names an address.
func TestNoticesOverTheAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		zoe := w.person("Zoe Canaryperson", []member.ID{w.zed})
		before, err := w.r.NoticesPlan(t.Context()) // the world was made with notices off
		w.ok(err)
		ids := w.booked(w.zed, zoe.Actor.ID, map[string]notify.Message{
			"later": {State: notify.BeforeStart, DueAt: w.clock().Add(time.Hour)}, "past": {State: notify.BeforeStart, DueAt: w.clock().Add(-time.Hour)},
			"import": {State: notify.HeldState, Detail: notify.ByImport.Detail(), DueAt: w.clock()}, "gap": {State: notify.HeldState, Detail: notify.ByGap.Detail(), DueAt: w.clock()}})
		w.refresh()
		auth := "Authorization: Bearer " + w.newToken("keeper", "notices:write", "notices:read")
		w.refresh()
		post := func(path, body string, status int, into any) string {
			t.Helper()
			got := w.send("POST", path, body, "Content-Type: application/json", auth)
			if got.StatusCode != status || got.Header.Get("Cache-Control") != "no-store" || strings.Contains(got.body, "@") {
				t.Fatalf("%s: %d %s", path, got.StatusCode, got.body)
			}
			if into != nil {
				w.ok(json.Unmarshal([]byte(got.body), into))
			}
			return got.body
		}
		var plan noticePlan
		post(noticesPath+"/start", `{}`, 200, &plan)
		if plan.Confirmed || plan.Notices != 1 || plan.Missed != before.Missed+1 || len(plan.Go) != 1 || plan.Go[0].To != "Zoe Canaryperson" || plan.Go[0].Member.Name != "Zed Canary" || len(plan.Batches) != 2 {
			t.Errorf("the plan: %+v", plan)
		}
		post(noticesPath+"/start", `{"confirm": true}`, 400, nil)
		if body := post(noticesPath+"/release", `{"reason": "now"}`, 409, nil); !strings.Contains(body, "notices are off: start them first (goodstanding notices start)") {
			t.Error(body)
		}
		post(noticesPath+"/start", `{"confirm": true, "reason": "the meeting said so"}`, 200, &plan)
		if !plan.Confirmed || plan.Notices != 1 {
			t.Errorf("started: %+v", plan)
		}
		if body := post(noticesPath+"/start", `{"confirm": true, "reason": "again"}`, 409, nil); !strings.Contains(body, `"errors":["they are on since 15 June 2026"]`) {
			t.Error(body)
		}
		var n answered
		if post(noticesPath+"/release", `{"batch": "import", "reason": "they are right"}`, 200, &n); n.Notices != 1 {
			t.Errorf("released %d", n.Notices)
		}
		if post(noticesPath+"/drop", `{"reason": "too late"}`, 200, &n); n.Notices != 1 {
			t.Errorf("dropped %d", n.Notices)
		}
		one := func(cause string) (out noticeAnswer) {
			w.decode(noticesPath+"/"+ids[cause], &out)
			return out
		}
		const what = "“lapsed” about Zed Canary"
		for cause, want := range map[string]string{
			"later":  "Zoe Canaryperson did not get " + what + " yet: its moment comes on 15 June 2026, 13:00 (UTC).",
			"past":   "Zoe Canaryperson did not get " + what + ": notices were off when its moment came, on 15 June 2026, 11:00 (UTC), so it is never sent.",
			"import": "Zoe Canaryperson did not get " + what + " yet: it is due since 15 June 2026, 12:00 (UTC) and goes with the next mails (goodstanding serve sends them).",
			"gap":    "Zoe Canaryperson did not get " + what + ": a treasurer said no to it.",
		} {
			if got := one(cause); got.Why != want || got.Steps[len(got.Steps)-1].State != got.State {
				t.Errorf("%s\n got  %s\n want %s", cause, got.Why, want)
			}
		}
		var listed list[noticeAnswer]
		w.decode(noticesPath+"?member=zed-canary&state=suppressed", &listed)
		if len(listed.Items) != 1 || listed.Items[0].ID != ids["gap"] || listed.Next != nil {
			t.Errorf("the list: %+v", listed)
		}
		seen := map[string]bool{}
		for after := ""; ; after = *listed.Next {
			if w.decode(noticesPath+"?kind=lapsed&limit=3&after="+after, &listed); listed.Next == nil {
				break
			}
			for _, item := range listed.Items {
				seen[item.ID] = true
			}
		}
		if len(seen)+len(listed.Items) != 4 {
			t.Errorf("the pages have %d and %d", len(seen), len(listed.Items))
		}
		if got := w.read(noticesPath + "?member=nobody&kind=x&state=y&since=soon"); got.StatusCode != 400 || !strings.Contains(got.body, `"member names no member: give its id or handle"`) ||
			!strings.Contains(got.body, `"state is none of waiting, held, sent`) {
			t.Errorf("faults: %s", got.body)
		}
	})
}

// The address of a bounce stands in the body, and nowhere else.
func TestABounceIsNotedOverTheAPI(t *testing.T) {
	w := newWorld(t)
	auth := "Authorization: Bearer " + w.newToken("postmaster", "notices:write")
	w.refresh()
	note := func(body string, status int, want string) {
		t.Helper()
		got := w.send("POST", bouncesPath, body, "Content-Type: application/json", auth)
		if got.StatusCode != status || !strings.Contains(got.body, want) || strings.Contains(got.body, "canary-mail") {
			t.Errorf("%s: %d %s, want %d %s", body, got.StatusCode, got.body, status, want)
		}
	}
	const known = `"address": "nora-canary@canary-mail.example"`
	note(`{`+known+`, "reason": "550 5.1.1"}`, 200, `{"to":["contact of Nora Canary"]}`)
	note(`{`+known+`, "reason": "550 5.1.1"}`, 409, `"errors":["that was noted on 15 June 2026 already"]`)
	note(`{`+known+`, "reason": "it works", "undo": true}`, 200, `{"to":["contact of Nora Canary"]}`)
	note(`{`+known+`, "reason": "it works", "undo": true}`, 409, `"errors":["it is not noted that mails to contact of Nora Canary come back"]`)
	note(`{"address": "nobody@canary-mail.example", "reason": "x"}`, 404, `"nobody has this address or id"`)
	note(`{"recipient": "Canary", "reason": "x"}`, 404, `"nobody has this address or id"`)
	note(`{"recipient": "C", "reason": "x"}`, 400, "recipient names several people: give the id of one")
	note(`{"recipient": "p", `+known+`}`, 400, `["reason is missing: say in words what the mail server said","give recipient or address, one of the two"]`)
	note(`{"reason": "x"}`, 400, "give recipient or address, one of the two")
	for _, c := range canaries {
		if strings.Contains(strings.ToLower(w.log.String()), c) {
			t.Errorf("the log says %q:\n%s", c, w.log.String())
		}
	}
}

// A treasurer who is signed in may; whoever holds another office may not.
func TestATreasurerWhoIsSignedInKeepsTheNotices(t *testing.T) {
	var who member.Actor
	w := bare(t, dbtest.SQLite(t)(), func(o *Options) {
		o.SignedIn = func(*http.Request, instant.Instant) (member.Actor, bool, error) { return who, who.ID != "", nil }
	})
	w.settle()
	people := map[member.Role]roll.By{}
	for _, r := range []member.Role{member.Treasurer, member.Facilitator} {
		people[r] = w.person("The "+string(r), nil, r)
	}
	w.refresh()
	who = people[member.Facilitator].Actor
	problemOf(t, w.get(noticesPath), 403, "not-yours")
	who = people[member.Treasurer].Actor
	if got := w.get(noticesPath); got.StatusCode != 200 || got.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("a treasurer: %d %s", got.StatusCode, got.body)
	}
	got := w.send("POST", noticesPath+"/start", `{"confirm": true, "reason": "the meeting said so"}`, "Content-Type: application/json")
	if got.StatusCode != 200 {
		t.Errorf("a treasurer starts: %d %s", got.StatusCode, got.body)
	}
	who = member.Actor{}
	problemOf(t, w.get(noticesPath), 401, "sign-in-missing")
}
