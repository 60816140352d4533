package api

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// decisionOfTest is a decision as a client reads it.
type decisionOfTest struct {
	State, Stands, Head, Deadline string
	Closed                        instant.Instant
	Entries                       int64
	Revision                      int
	Tally                         tallyAnswer
	Ballots                       []ballotAnswer
	Members                       *membersDecision
}

func (v *voice) read(word string) (d decisionOfTest) {
	v.w.t.Helper()
	got := v.send("GET", decisionsPath+"/"+word, "")
	if got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &d) != nil || got.Header.Get("ETag") != `"`+d.Head+`"` {
		v.w.t.Fatalf("%d %s %v", got.StatusCode, got.body, got.Header)
	}
	return d
}

func (v *voice) me() (m meAnswer) {
	v.w.t.Helper()
	got := v.send("GET", "/api/v1/me", "")
	var out struct {
		Person, Name, By string
		Scopes           []roll.Scope
		Members          []struct {
			Handle, State, Vote string
			WhatToDo            []string `json:"what_to_do"`
			Waiting             []waitingAnswer
		}
	}
	if got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &out) != nil {
		v.w.t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	m = meAnswer{Person: member.PersonID(out.Person), Name: out.Name, By: out.By, Scopes: out.Scopes}
	for _, x := range out.Members {
		m.Members = append(m.Members, mineAnswer{Handle: x.Handle, Vote: x.Vote, WhatToDo: x.WhatToDo, Waiting: x.Waiting})
	}
	return m
}

// recorded is the record of a decision, as everybody reads it.
func (w *world) recorded(word string) (r struct {
	Entries []struct {
		Seq        int64
		Kind, Hash string
	}
	Head string
}) {
	w.t.Helper()
	got := w.get(decisionsPath + "/" + word + "/record")
	if got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &r) != nil {
		w.t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	return r
}

// TestAProposerAndTwoDelegates is one decision from its draft to its result, over
// HTTP: with a concern, an amendment, a delegate who changes what another cast,
// and a closing that nobody has written down when it is first read.
func TestAProposerAndTwoDelegates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		lei, zoe, zach := w.voice("Lei Canaryperson", []member.ID{w.ash}), w.voice("Zoe Canaryperson", []member.ID{w.zed}), w.voice("Zach Canaryperson", []member.ID{w.zed})
		nell := w.voice("Nell Canaryperson", []member.ID{w.nora})
		w.later(time.Second)
		w.refresh()
		if m := lei.me(); m.Name != "Lei Canaryperson" || m.By != "token" || len(m.Scopes) != 5 || len(m.Members) != 1 || m.Members[0].Handle != "canary-ash" || m.Members[0].Vote != "" || len(m.Members[0].Waiting) != 0 {
			t.Errorf("me: %+v", m)
		}

		got := lei.send("POST", decisionsPath, calendar)
		var made resultOfTest
		if got.StatusCode != 201 || json.Unmarshal([]byte(got.body), &made) != nil || made.State != "draft" || made.Number != nil || got.Header.Get("Location") != decisionsPath+"/"+made.Decision {
			t.Fatalf("%d %s %v", got.StatusCode, got.body, got.Header)
		}
		draft := decisionsPath + "/" + made.Decision
		if mine, theirs := lei.send("GET", draft, ""), zoe.send("GET", draft, ""); mine.StatusCode != 200 || theirs.StatusCode != 404 {
			t.Errorf("the draft: %d %d", mine.StatusCode, theirs.StatusCode)
		}
		lei.do("POST", draft+"/edit", `{"title": "One calendar"}`)
		if o := lei.do("POST", draft+"/open", `{}`); *o.Number != 1 || o.State != "open" || o.Stands != "waiting for 3" || o.Deadline != "2026-06-22" {
			t.Errorf("opened: %+v", o)
		}
		if m := zoe.me(); len(m.Members[0].Waiting) != 1 || m.Members[0].Waiting[0].Number != 1 || m.Members[0].Waiting[0].Title != "One calendar" {
			t.Errorf("zoe is not told what waits: %+v", m)
		}

		const one, ballot = decisionsPath + "/1", decisionsPath + "/1/ballots/zed-canary"
		first := zoe.do("PUT", ballot, `{"answer": "favour"}`)
		r := w.recorded("1")
		if e := r.Entries[first.Receipt.Entry-1]; e.Hash != first.Receipt.Hash || e.Kind != "cast" || r.Head != first.Head {
			t.Errorf("the receipt %+v is not in the record: %+v", first.Receipt, r)
		}
		again := zoe.do("PUT", ballot, `{"answer": "favour"}`)
		if again.Receipt != first.Receipt || len(w.recorded("1").Entries) != len(r.Entries) {
			t.Errorf("the same ballot again: %+v, want %+v", again.Receipt, first.Receipt)
		}
		if same := zach.do("PUT", ballot, `{"answer": "favour"}`); same.Receipt != first.Receipt {
			t.Errorf("the same ballot by another delegate: %+v", same.Receipt)
		}
		if d := zach.read("1"); len(d.Members.Ballots) != 1 || d.Members.Ballots[0].By != "Zoe Canaryperson" {
			t.Errorf("the other delegate does not see who cast: %+v", d.Members.Ballots)
		}
		seen := lei.send("GET", one, "").Header.Get("ETag")
		second := zach.do("PUT", ballot, `{"answer": "against", "concern": "It costs too much."}`)
		if second.Receipt.Entry != first.Receipt.Entry+1 || second.Tally.Favour != 0 || second.Tally.Against != 1 {
			t.Errorf("changed: %+v", second)
		}

		const amend = `{"changes": "We use the free one."}`
		p := problemOf(t, lei.send("POST", one+"/amend", amend, "If-Match: "+seen), 412, "changed-since", "2026-06-15T12:00:01Z: a ballot was cast")
		if p.Detail != "the decision has moved on since you read it: 2026-06-15T12:00:01Z: a ballot was cast" {
			t.Errorf("412: %s", p.Detail)
		}
		lei.do("POST", one+"/concerns/1/answer", `{"answer": "There is a free one."}`)
		if a := lei.do("POST", one+"/amend", amend, `If-Match: "`+lei.read("1").Head+`"`); a.Revision != 2 || a.Stands != "waiting for 3" {
			t.Errorf("amended: %+v", a)
		}
		if d := zoe.read("1"); len(d.Members.Unconfirmed) != 1 || len(d.Members.Waiting) != 3 || d.Tally.Against != 0 {
			t.Errorf("a ballot to the former text counts: %+v", d)
		}
		for _, v := range []struct {
			*voice
			of string
		}{{zoe, "zed-canary"}, {lei, "canary-ash"}, {nell, "nora-canary"}} {
			v.do("PUT", decisionsPath+"/1/ballots/"+v.of, `{"answer": "favour"}`)
		}
		if d := lei.read("1"); d.Stands != "would pass" || d.Tally.Favour != 3 || d.Tally.Waiting != 0 {
			t.Errorf("before the deadline: %+v", d)
		}

		entries := lei.read("1").Entries
		w.later(9 * 24 * time.Hour)
		if d := lei.read("1"); d.State != "passed" || d.Closed != instant.Date(2026, 6, 23) || d.Entries != entries {
			t.Errorf("after the deadline, before it is written down: %+v", d)
		}
		lei.refused("PUT", one+"/ballots/canary-ash", `{"answer": "against", "concern": "late"}`, 409, "decision-refused", "the decision is passed, which is final")
		if d := lei.read("1"); d.State != "passed" || d.Entries != entries+1 || d.Tally.Favour != 3 {
			t.Errorf("written down: %+v", d)
		}
		if again := lei.do("PUT", one+"/ballots/canary-ash", `{"answer": "favour"}`); again.Receipt.Entry != entries-1 {
			t.Errorf("the receipt of who asks again after the end: %+v", again.Receipt)
		}
		all, err := w.api.o.Chair.Verify(t.Context())
		w.ok(err)
		if len(all) != 1 || !all[0].OK() {
			t.Errorf("the chain: %+v", all)
		}
		record, err := w.api.o.Chair.Record(t.Context(), all0(all))
		w.ok(err)
		text, err := record.JSON()
		w.ok(err)
		if w.get(one+"/record").body != string(text) {
			t.Error("the record over HTTP is another one than on the command line")
		}
		w.feedSays("One calendar – passed", "One calendar – amended", "One calendar – opened")
	})
}

func all0(all []chair.Verified) chair.ID { return chair.ID(all[0].Decision) }

// feedSays reads the feed strictly: titles are those, the newest first.
func (w *world) feedSays(titles ...string) {
	w.t.Helper()
	got := w.get(feedPath)
	var f struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Link    []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
			Summary string `xml:"summary"`
			Link    struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != "application/atom+xml" || xml.Unmarshal([]byte(got.body), &f) != nil {
		w.t.Fatalf("%d %s %v", got.StatusCode, got.body, got.Header)
	}
	if f.ID == "" || f.Title != "Decisions of Loose Knot" || f.Author != "Loose Knot" || len(f.Link) != 1 || f.Link[0].Rel != "self" || f.Link[0].Href != feedPath {
		w.t.Errorf("the feed: %+v", f)
	}
	ids, last := map[string]bool{}, f.Updated
	var have []string
	for _, e := range f.Entries {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Updated > last || ids[e.ID] || !strings.HasPrefix(e.ID, "urn:") || e.Summary == "" || e.Link.Href == "" {
			w.t.Errorf("an entry: %+v", e)
		}
		ids[e.ID], last = true, e.Updated
		_, title, _ := strings.Cut(e.Title, ": ")
		if title == "" {
			title = e.Title
		}
		have = append(have, title)
	}
	if !slices.Equal(have, titles) {
		w.t.Errorf("the feed says %q, want %q", have, titles)
	}
}

// TestTheFeedOfAFederation: of decisions for members their results alone, by
// number; of drafts and small ones nothing.
func TestTheFeedOfAFederation(t *testing.T) {
	w := newWorld(t)
	w.refresh()
	w.feedSays()
	c := w.decide()
	w.feedSays("Another calendar – withdrawn", "Another calendar – opened", "A shared calendar – opened")
	w.later(time.Second)
	c.lei.do("POST", decisionsPath+"/2/withdraw", `{"reason": "Canary."}`)
	w.feedSays("Decision 2 – withdrawn", "Another calendar – withdrawn", "Another calendar – opened", "A shared calendar – opened")
}

// TestRefusalsSayWhy: every reason, in the words of the command line, what to do,
// and a kind of problem for each; then nothing was changed.
func TestRefusalsSayWhy(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	w.later(time.Second)
	both := w.voice("Bea Canaryperson", []member.ID{w.ash, w.zed})
	w.refresh()
	before := w.chains(t)
	const one = decisionsPath + "/1"
	p := c.flo.refused("PUT", one+"/ballots/canary-fir", `{"answer": "maybe"}`, 409, "decision-refused",
		"no right to vote: The last full payment has run out; days of grace until 22 March 2026. Pay £10.00 a month or more through Open Collective. Ask the treasurer for a waiver, or tell them of a payment made elsewhere",
		`"maybe" is no answer to this decision: answer favour, against, abstain or block`)
	if fmt.Sprint(p.Codes) != "[no_vote not_offered]" {
		t.Errorf("codes: %v", p.Codes)
	}
	id, err := w.api.o.Chair.Find(t.Context(), "1")
	w.ok(err)
	_, err = w.api.o.Chair.Cast(t.Context(), id, chair.By{Actor: c.flo.by.Actor}, "maybe", "")
	if err == nil || p.Detail != err.Error() {
		t.Errorf("on the command line it is refused in other words: %v, here %s", err, p.Detail)
	}
	if m := c.flo.me(); !strings.Contains(p.Errors[0], m.Members[0].Vote) || m.Members[0].Vote == "" || len(m.Members[0].WhatToDo) < 2 {
		t.Errorf("me says otherwise: %+v", m)
	}
	c.zoe.refused("PUT", one+"/ballots/canary-ash", `{"answer": "favour"}`, 403, "not-yours",
		"Zoe Canaryperson is no delegate of that member: its delegates, or a treasurer, can add one (goodstanding people delegate)")
	both.refused("POST", one+"/nudge", `{}`, 403, "not-yours", "Bea Canaryperson is delegate of 2 members: say for which one (on the command line with --member MEMBER)")
	both.refused("POST", one+"/more-time", `{"reason": "x", "member": "canary-ash"}`, 403, "not-yours",
		"Bea Canaryperson became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)")
	c.una.refused("PUT", one+"/ballots/zed-canary", `{"answer": "favour"}`, 403, "not-yours",
		"Una Canaryperson is no delegate of that member: its delegates, or a treasurer, can add one (goodstanding people delegate)")
	c.zoe.refused("POST", one+"/stall", `{}`, 409, "decision-refused", "only a facilitator may do that", "the reason is missing")
	c.lei.refused("POST", decisionsPath, `{"size": "huge", "visibility": "secret", "until": "soon", "admit": "nobody", "who": 1}`, 400, "bad-request",
		"a key is not known: this takes admit, affects, changes, channel, enact, link, member, size, title, until, visibility", `until is not a date: write "2026-02-26"`, "admit names no member: give its id or handle")
	c.lei.refused("POST", decisionsPath, `{"size": "huge", "visibility": "secret"}`, 409, "decision-refused", `"huge" is no size: write small, medium or large`, `"secret" is no visibility: write public or members`)
	c.lei.refused("POST", decisionsPath, `{"size": "large", "enact": "versions: 7"}`, 400, "bad-request",
		`enact, line 1, column 1: unknown key "versions"; the nearest known key is "tests" (known are policies, tests)`,
		`enact, line 1, column 1: policies: this key is missing; write policies: and under it at least one version`)
	c.lei.refused("POST", one+"/amend", `{"editorial": "yes", "title": 7}`, 400, "bad-request", "title is not a text: write it in quotation marks", "editorial is neither true nor false, which are written without quotation marks")
	problemOf(t, c.lei.send("POST", one+"/nudge", `{}`, "If-Match: abc"), 400, "bad-request", `If-Match is not one entity tag: send the ETag of the decision as it was read, such as "4f…"`)
	problemOf(t, c.lei.send("POST", one+"/nudge", `{}`, `If-Match: "`+strings.Repeat("0", 64)+`"`), 412, "changed-since")
	for path, method := range map[string]string{"/99/open": "POST", "/none/ballots/zed-canary": "DELETE"} {
		body := map[string]string{"POST": "{}"}[method]
		if p := c.zoe.refused(method, decisionsPath+path, body, 404, "not-found"); p.Detail != "no decision has this number or id, or it is a draft of others: /api/v1/decisions lists them" {
			t.Errorf("%s: %s", path, p.Detail)
		}
	}
	program := "Authorization: Bearer " + w.token
	for _, path := range []string{one + "/ballots/zed-canary", one + "/objections/zed-canary"} {
		if got := w.send("PUT", path, `{}`, program, "Content-Type: application/json"); got.StatusCode != 403 {
			t.Errorf("a program casts: %d %s", got.StatusCode, got.body)
		}
	}
	p = problemOf(t, w.get("/api/v1/me", program), 403, "person-missing")
	if p.Detail != "this token stands for no person, and may not act as one: make one with goodstanding token create NAME --scope decisions:read --for PERSON" {
		t.Errorf("a program asks who it is: %s", p.Detail)
	}
	if after := w.chains(t); after != before {
		t.Errorf("refused, and something was stored: %+v, before %+v", after, before)
	}
}

// TestATokenActsAsItsPerson: only that person or the operator makes one, it has no
// scope of programs, and it ends with what it stands on.
func TestATokenActsAsItsPerson(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	ctx := t.Context()
	tess := w.person("Tess Canaryperson", nil, member.Treasurer)
	zoe := member.PersonID(c.zoe.by.Actor.ID)
	make := func(by roll.By, person member.PersonID, scopes ...string) string {
		_, _, err := w.r.CreateTokenFor(ctx, by, person, fmt.Sprint("bot ", w.ids.Add(1)), scopes, 0)
		if err != nil {
			return err.Error()
		}
		return ""
	}
	for _, x := range []struct{ got, want string }{
		{make(tess, zoe, "ballots:write"), "cannot make the token: only the person it stands for, or the operator, may make it"},
		{make(c.zoe.by, zoe, "ballots:write"), ""},
		{make(c.zoe.by, "", "decisions:read"), "cannot make the token: only a treasurer or the operator may"},
		{make(tess, "", "decisions:read"), ""},
		{make(w.by("x"), zoe, "roll:read"), "cannot make the token: roll:read is for programs: a token that stands for a person may have decisions:read, electorate:read, decisions:write, ballots:write, opportunities:write"},
		{make(w.by("x"), "", "ballots:write", "decisions:write"), "cannot make the token: decisions:write is used in a person's name: say whose with --for; ballots:write is used in a person's name: say whose with --for"},
		{make(w.by("x"), "p_none", "ballots:write"), "cannot make the token: there is no person p_none"},
	} {
		if x.got != x.want {
			t.Errorf("%q, want %q", x.got, x.want)
		}
	}
	const ballot = decisionsPath + "/1/ballots/zed-canary"
	tokens, err := w.r.ListTokens(ctx)
	w.ok(err)
	i := slices.IndexFunc(tokens, func(x roll.Token) bool { return x.Person == zoe })
	w.ok(w.r.RevokeToken(ctx, w.by("lost"), tokens[i].ID)) // the answers do not know it yet
	c.zoe.refused("PUT", ballot, `{"answer": "favour"}`, 409, "refused", "the token is revoked, has expired or lacks the scope ballots:write")
	w.refresh()
	c.zoe.refused("PUT", ballot, `{"answer": "favour"}`, 401, "token-invalid")
	fresh := &voice{w: w, by: c.zoe.by, token: w.newPersonal(c.zoe.by, "fresh", personal...)}
	w.refresh()
	fresh.do("PUT", ballot, `{"answer": "favour"}`)
	w.ok(w.r.RemovePerson(ctx, w.by("wished so"), zoe))
	fresh.refused("PUT", ballot, `{"answer": "abstain"}`, 403, "not-yours", "decisions are people's: say who acts (on the command line with --as NAME); the operator has no voice in them")
	w.refresh()
	if got := fresh.send("GET", decisionsPath+"/1", ""); !strings.Contains(got.body, `"members":null`) && got.StatusCode != 401 {
		t.Errorf("who was removed reads as a member: %d %s", got.StatusCode, got.body)
	}
}

// TestWithOneTagOneWins: of several who act on the state they have read exactly
// one does, on both engines; each of the others is told what happened.
func TestWithOneTagOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		c := w.decide()
		for round := range 5 {
			tag := `If-Match: "` + c.lei.read("1").Head + `"`
			bodies := []string{fmt.Sprintf(`{"answer": "against", "concern": "a %d"}`, round), fmt.Sprintf(`{"answer": "block", "concern": "b %d"}`, round), fmt.Sprintf(`{"answer": "against", "concern": "c %d"}`, round)}
			got := make([]reply, len(bodies))
			var all sync.WaitGroup
			for i, body := range bodies {
				all.Go(func() { got[i] = c.zoe.send("PUT", decisionsPath+"/1/ballots/zed-canary", body, tag) })
			}
			all.Wait()
			won := 0
			for _, g := range got {
				switch g.StatusCode {
				case 200:
					won++
				case 412:
					problemOf(t, g, 412, "changed-since", w.clock().String()+": a ballot was cast")
				default:
					t.Errorf("%d %s", g.StatusCode, g.body)
				}
			}
			if won != 1 {
				t.Errorf("round %d: %d acted on one state", round, won)
			}
			w.later(time.Second)
		}
	})
}

// TestSomebodySignedIn acts without a token and needs no scope, but never by what
// another website made the browser send.
func TestSomebodySignedIn(t *testing.T) {
	var w *world
	var away error
	w = bare(t, dbtest.SQLite(t)(), func(o *Options) {
		o.PublicURL = "https://roll.example"
		o.SignedIn = func(r *http.Request, now instant.Instant) (member.Actor, bool, error) {
			cookie, err := r.Cookie("session")
			if err != nil || now != w.clock() {
				return member.Actor{}, false, away
			}
			return member.Actor{ID: cookie.Value}, true, away
		}
	})
	w.settle()
	c := w.decide()
	zoe := "Cookie: session=" + c.zoe.by.Actor.ID
	asJSON := "Content-Type: application/json"
	const one, ballot, favour = decisionsPath + "/1", decisionsPath + "/1/ballots/zed-canary", `{"answer": "favour"}`
	if got := w.get(one, zoe); got.StatusCode != 200 || strings.Contains(got.body, `"members":null`) || got.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("signed in: %d %s %v", got.StatusCode, got.body, got.Header)
	}
	if got := w.get("/api/v1/me", zoe); got.StatusCode != 200 || !strings.Contains(got.body, `"by":"session","scopes":[]`) {
		t.Errorf("me: %d %s", got.StatusCode, got.body)
	}
	for name, headers := range map[string][]string{"another site's form": {"Sec-Fetch-Site: cross-site"}, "a sister site": {"Sec-Fetch-Site: same-site"}, "an old browser": {"Origin: https://other.example"}} {
		p := problemOf(t, w.send("PUT", ballot, favour, append(headers, zoe, asJSON)...), 403, "cross-origin")
		if p.Detail != "a change is taken from this site's own pages, or with a token: open the page here and do it there" {
			t.Errorf("%s: %s", name, p.Detail)
		}
		if got := w.get(one, append(headers, zoe)...); got.StatusCode != 200 {
			t.Errorf("%s reads: %d", name, got.StatusCode)
		}
		if got := w.send("PUT", ballot, favour, append(headers, c.zoe.auth(), asJSON)...); got.StatusCode != 200 {
			t.Errorf("%s with a token: %d %s", name, got.StatusCode, got.body)
		}
		c.zoe.do("PUT", ballot, `{"answer": "abstain"}`)
	}
	for _, headers := range [][]string{{"Sec-Fetch-Site: same-origin"}, {"Origin: https://roll.example"}, nil} { // the last is no browser
		if got := w.send("PUT", ballot, favour, append(headers, zoe, asJSON)...); got.StatusCode != 200 {
			t.Errorf("%v: %d %s", headers, got.StatusCode, got.body)
		}
	}
	p := problemOf(t, w.send("PUT", ballot, favour, asJSON), 401, "sign-in-missing")
	if p.Detail != "sign in, or send a token with the scope ballots:write as Authorization: Bearer gs_…" {
		t.Errorf("nobody: %s", p.Detail)
	}
	problemOf(t, w.send("PUT", ballot, favour, "Cookie: session=p_gone", asJSON), 401, "sign-in-missing")
	away = &store.Fault{Problem: store.Unreachable}
	if got := w.get(one, zoe); got.StatusCode != 200 || !strings.Contains(got.body, `"members":null`) {
		t.Errorf("who is signed in cannot be told, and what everybody reads is gone: %d %s", got.StatusCode, got.body)
	}
	if got := w.send("PUT", ballot, favour, zoe, asJSON); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
		t.Errorf("who is signed in cannot be told: %d %s", got.StatusCode, got.body)
	}
	away = errors.New("canary")
	if got := w.send("PUT", ballot, favour, zoe, asJSON); got.StatusCode != 500 || strings.Contains(got.body, "canary") {
		t.Errorf("an error of signing in: %d %s", got.StatusCode, got.body)
	}
}

// TestTheElectorateIsNotedOrNotRead: each reading is a row of the audit chain, and
// without it there is no answer.
func TestTheElectorateIsNotedOrNotRead(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	noted := func() (rows []store.AuditRow) {
		w.ok(w.db.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.AuditRows(t.Context(), store.AuditQuery{})
			for _, r := range all {
				if r.Action == "read_electorate" {
					rows = append(rows, r)
				}
			}
			return err
		}))
		return rows
	}
	var e struct {
		Decision *int
		Votes    int
		Items    []voterAnswer
	}
	w.decode("/api/v1/electorate", &e)
	names := func() string {
		return strings.Join(mapped(e.Items, func(v voterAnswer) string { return fmt.Sprint(v.Name, " ", v.Vote) }), ", ")
	}
	if names() != "Ash | Co-op true, Fir false, Nora Canary true, Zed Canary true" || e.Votes != 3 || e.Decision != nil {
		t.Errorf("%s, %+v", names(), e)
	}
	w.add(roll.NewMember{Name: "Late Canary", Kind: member.Organisation, Since: instant.Date(2026, 6, 15)})
	w.refresh()
	w.decode("/api/v1/electorate?decision=1", &e)
	if names() != "Ash | Co-op true, Fir false, Nora Canary true, Zed Canary true" || *e.Decision != 1 {
		t.Errorf("of decision 1: %s", names())
	}
	if got := c.fay.send("GET", "/api/v1/electorate", ""); got.StatusCode != 200 || !strings.Contains(got.body, "Late Canary") {
		t.Errorf("a facilitator: %d %s", got.StatusCode, got.body)
	}
	rows := noted()
	if len(rows) != 3 || rows[0].Payload != `{"places":4}` || rows[1].Subject == "" || rows[2].Actor != c.fay.by.Actor.ID {
		t.Errorf("noted: %+v", rows)
	}
	p := c.zoe.refused("GET", "/api/v1/electorate", "", 403, "not-yours")
	if p.Detail != "only a treasurer, a facilitator or the operator may" {
		t.Errorf("a delegate: %s", p.Detail)
	}
	problemOf(t, w.get("/api/v1/electorate"), 401, "token-missing")
	weak := "Authorization: Bearer " + w.newToken("weak", "roll:read")
	w.refresh()
	problemOf(t, w.get("/api/v1/electorate", weak), 403, "scope-missing")
	if len(noted()) != 3 {
		t.Error("a reading that was refused is noted")
	}
	w.ok(w.db.Close())
	if got := w.read("/api/v1/electorate"); got.StatusCode < 500 || strings.Contains(got.body, "Zed") {
		t.Errorf("read without a note: %d %s", got.StatusCode, got.body)
	}
}

// TestADecisionIsEnded by the tally as it stands, once it is overdue.
func TestADecisionIsEnded(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	w.later(10 * 24 * time.Hour)
	if d := c.fay.read("1"); d.State != "overdue" {
		t.Fatalf("after its deadline: %+v", d)
	}
	c.zoe.refused("POST", decisionsPath+"/1/close", `{}`, 409, "decision-refused", "only a facilitator, or delegates of the member that proposed it, may do that")
	if got := c.fay.do("POST", decisionsPath+"/1/close", `{"reason": "Nobody moves."}`); got.State != "stopped" {
		t.Errorf("ended: %+v", got)
	}
	w.feedSays("A shared calendar – stopped", "Another calendar – withdrawn", "Another calendar – opened", "A shared calendar – opened")
}
