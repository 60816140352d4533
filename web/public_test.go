package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

var profiles = func(f *federation) map[member.ID]roll.Profile {
	return map[member.ID]roll.Profile{
		f.birch: {URL: "https://birch.example.org/", Summary: "Hosting <b>&</b> more.", ContactLabel: "Write <us>", ContactHref: "mailto:hello@birch.example.org", Place: "Leeds",
			Services: []string{"Hosting", "e-mail"}, Languages: []string{"en", "cy"}},
		f.zed: {Summary: "Gardens.", ContactHref: "matrix:r/zed:example.org", Services: []string{"design"}, Languages: []string{"en"}},
	}
}

// TestThePublicPages goes over one federation, whose list of providers becomes
// public on the way, and whose database goes away in the end.
func TestThePublicPages(t *testing.T) {
	f := newFederation(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *federation)
	}{
		{"routes by role", routeByRole}, {"asked for again", askedForAgain}, {"other forms", otherFormsOfEach}, {"small and large", smallAndLarge}, {"members", membersReadMore},
		{"providers", providersBeforeAndAfter}, {"other websites", listOnOtherWebsites}, {"nothing else", readsNothingElse}, {"without a database", goOnWithoutADatabase},
	} {
		f.as("")
		t.Run(step.name, func(t *testing.T) { step.test(t, f) })
	}
}

// readsNothingElse walks every public route in every form: to nobody,
// and to a person who is inside nothing, it shows no private value, runs nothing
// that somebody wrote, and stays small.
func readsNothingElse(t *testing.T, f *federation) {
	_, err := f.roll.PostOpportunity(t.Context(), f.op, roll.NewOpportunity{Title: "Canary work", Summary: "Canary.", Contact: "canary@example.org"})
	f.ok(err)
	_, err = f.roll.PostOpportunity(t.Context(), f.op, roll.NewOpportunity{Title: "Public <i>work</i>", Summary: "One.\n\nTwo <u>.", Contact: "javascript:alert(3)", PublicFrom: f.clock().Add(time.Second)})
	f.ok(err)
	f.later(2 * time.Second)
	states := []string{"lapsed", "waived", "in grace", "suspended", "taking a break", "cannot say", "not paid"}
	for _, who := range []member.PersonID{"", f.noor} {
		f.as(who)
		for _, address := range f.publicAddresses() {
			p := f.get(address)
			text := strings.ReplaceAll(p.body, "Noor Canary", "") // who looks reads her own name
			if low := strings.ToLower(text); strings.Contains(low, "canary") || strings.Contains(low, "people.example") {
				t.Errorf("%q reads a private value on %s:\n%s", who, address, p.body)
			}
			if !strings.Contains(address, "privacy") && !strings.Contains(address, "rules") && !strings.Contains(address, "style") && !strings.HasPrefix(address, "/code") {
				for _, s := range states {
					if strings.Contains(strings.ToLower(text), s) {
						t.Errorf("%s says %q", address, s)
					}
				}
			}
			for _, bad := range []string{"<script", "<b>x", "<b>&", "<em>costs", "<b>then", `href="javascript`, `src="`, "<img", "<i>work", "style=", "ZgotmplZ"} {
				if strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && strings.Contains(p.body, bad) {
					t.Errorf("%s holds %q:\n%s", address, bad, p.body)
				}
			}
			if csp := p.header.Get("Content-Security-Policy"); csp != contentPolicy && csp != framePolicy || strings.Contains(csp, "unsafe") || p.header.Get("Location") != "" {
				t.Errorf("%s: %v", address, p.header)
			}
			if size := len(p.body) + len(styleText); size > 60_000 {
				t.Errorf("%s takes %d bytes", address, size)
			}
			if keeps := p.header.Get("Cache-Control"); who != "" && !strings.Contains(address, ".css") && !strings.Contains(address, ".svg") && keeps != "no-store" {
				t.Errorf("%s may be kept: %q", address, keeps)
			}
		}
	}
	f.as("")
	f.get("/decisions/2").want(t, 200, "Decision 2", "for members to read")
	f.get("/decisions/1").want(t, 200, "A host &lt;/title&gt;&lt;script&gt;", "<strong>rent</strong>", "<h3>Why</h3>", `<a href="https://elsewhere.example/p.png"`, "It &lt;em&gt;costs", "Half of it &lt;b&gt;then",
		"<strong>Would not pass</strong>. 2 members are waited for.", "<del>", "<ins>", "verify-record record.json --head ", "Zoë O&#39;Brien-Łukasz 🐝 &lt;b&gt;x&lt;/b&gt;", `aria-label="1 in favour, 0 abstain, 1 against, 0 block, 2 waited for"`)
	f.get("/decisions/"+string(f.draft)).want(t, http.StatusNotFound, "There is no such decision")
	f.get("/opportunities").want(t, 200, "Public &lt;i&gt;work", "<dd>javascript:alert(3)</dd>")
	f.get("/members").want(t, 200, "6 members: 4 organisations, 2 individuals", "an individual member", `<a href="https://birch.example.org/?a=1&amp;b=%272"`)
	if p := f.get("/members?kind=individual").want(t, 200, "6 members: 4 organisations, 2 individuals", "an individual member"); strings.Contains(p.body, "https://birch.example.org/") || strings.Count(p.body, `<th scope="row">`) != 2 {
		t.Error("those of one kind are not the individuals alone")
	}
}

// Who is inside reads more, and says so to no cache.
func membersReadMore(t *testing.T, f *federation) {
	_, err := f.roll.PostOpportunity(t.Context(), f.op, roll.NewOpportunity{Title: "Early canary work", Summary: "Soon.", Contact: "us"})
	f.ok(err)
	f.later(time.Second)
	f.as(f.zoe)
	f.get("/decisions/1").want(t, 200, "Who is waited for", "<li>Ash &lt;Workers&#39;&gt; Co-op</li>", "<li>Dogwood Care</li>", "<dt>Proposed by</dt>", ">Zoe Canary</a>")
	p := f.get("/decisions/2").want(t, 200, "Canary tea", "Canary water")
	if p.header.Get("Cache-Control") != "no-store" || p.header.Get("ETag") != "" {
		t.Errorf("it may be kept: %v", p.header)
	}
	f.get("/decisions/"+string(f.draft)).want(t, 404)
	f.get("/opportunities").want(t, 200, "Early canary work", "for members alone until")
	f.get("/opportunities.md").want(t, 200, "Early canary work", "For members alone until")
	f.as(f.lei)
	f.get("/decisions/"+string(f.draft)).want(t, 200, "Canary draft")
	f.get("/decisions").want(t, 200, "Canary draft", "Canary tea", "New chairs", "Drafts")
	f.as(f.fay)
	f.get("/decisions/"+string(f.draft)).want(t, 200, "Canary draft")
}

// routeByRole is the table of who gets which answer. A route without a line
// here fails: whoever adds one decides here who may.
func routeByRole(t *testing.T, f *federation) {
	roles := []struct {
		name string
		id   member.PersonID
	}{{"nobody", ""}, {"somebody", f.noor}, {"delegate", f.zoe}, {"treasurer", f.ada}, {"facilitator", f.fay}, {"contact person", f.cora}}
	want, seen := whoMayAsk(), map[string]bool{}
	table := routes()
	slices.SortStableFunc(table, func(a, b route) int { // those that end the session come last
		return strings.Compare(fmt.Sprint(strings.HasPrefix(a.path, "/sign-out")), fmt.Sprint(strings.HasPrefix(b.path, "/sign-out")))
	})
	for i, role := range roles {
		f.as(role.id)
		for _, r := range table {
			if r.as != "" { // the API's own tests say who reads it
				if p := f.get(f.addressOf(r) + "?a=b"); p.status != 404 || !strings.Contains(p.body, "no page "+strings.ReplaceAll(r.as, "{decision}", "1")+"?a=b") {
					t.Errorf("%s does not lead to %s: %s", r.path, r.as, p.body)
				}
				continue
			}
			key := r.method + " " + r.path
			seen[key] = true
			line, ok := want[key]
			if !ok {
				t.Fatalf("%s: nobody has said who may: add it to the table", key)
			}
			if !r.who.agrees(line) {
				t.Errorf("%s: the routes file says another audience than the table", key)
			}
			if r.method == http.MethodPost {
				if strings.HasPrefix(r.path, "/sign-out") {
					f.as(role.id)
				}
				if p := f.do(r.method, f.addressOf(r), nil, "Sec-Fetch-Site", "cross-site"); p.status != http.StatusForbidden {
					t.Errorf("%s from elsewhere: %d", key, p.status)
				}
			}
			p := f.do(r.method, f.addressOf(r), nil, "Sec-Fetch-Site", "same-origin")
			if p.status != line[i] {
				t.Errorf("%s as %s: %d, want %d", key, role.name, p.status, line[i])
			}
			if to := p.header.Get("Location"); to != "" && !strings.HasPrefix(to, "/") {
				t.Errorf("%s leads to %s", key, to)
			}
		}
	}
	for key := range want {
		if !seen[key] {
			t.Errorf("%s is in the table, and no route", key)
		}
	}
}

// whoMayAsk is the table of routes and roles: how nobody, somebody, a delegate, a
// treasurer, a facilitator and a contact person are answered on each route.
func whoMayAsk() map[string][6]int {
	all := func(status int) [6]int { return [6]int{status, status, status, status, status, status} }
	board := func(treasurer int) [6]int { return [6]int{303, 403, 403, treasurer, 403, 403} }
	in := func(nobody, others int) [6]int { return [6]int{nobody, others, others, others, others, others} }
	looks := func(approver int) [6]int { return [6]int{303, 403, 403, approver, approver, 403} }
	may := [6]int{303, 409, 409, 409, 409, 409}
	return map[string][6]int{
		"GET /": all(200), "GET /index.json": all(200), "GET /index.md": all(200), "GET /providers": all(200), "GET /providers/embed": all(404), "GET /providers/frame": all(200), "GET /members": all(200), "GET /logos/{logo}.png": all(404),
		"GET /decisions": all(200), "GET /decisions/{decision}": all(200), "GET /rules": all(200), "GET /code": all(200), "GET /code.json": all(200), "GET /code.md": all(200),
		"GET /opportunities": all(200), "GET /opportunities.md": all(200), "GET /privacy": all(200), "GET /privacy.json": all(200), "GET /privacy.md": all(200), "GET /style.css": all(200), "GET /own.css": all(200), "GET /style-board.css": all(200), "GET /icon.svg": all(200),
		"GET /sign-in": in(200, 303), "POST /sign-in": all(422), "GET /sign-in/mail": all(200), "GET /sign-in/link/{token}": all(404), "POST /sign-in/link": all(404), "POST /sign-in/again": all(303),
		"GET /sign-in/openid": all(502), "GET /sign-in/openid/back": all(502), "GET /sign-out": in(303, 200), "GET /signed-out": all(200), "GET /language/{language}": all(404),
		"GET /confirm-delegate/{token}": all(404), "POST /confirm-delegate": all(404), "GET /me": in(303, 200), "POST /me/confirm": in(303, 409), "GET /me/notices": in(303, 200), "POST /me/notices": in(303, 303),
		"GET /me/delegates": in(303, 200), "GET /me/data": in(303, 200), "GET /me/data.json": in(303, 200), "POST /me/delegates/add": in(303, 409), "POST /me/delegates/remove": in(303, 409),
		"GET /opportunities/new": {303, 403, 200, 200, 200, 200}, "POST /opportunities/new": {303, 403, 422, 422, 422, 422}, "POST /opportunities/{opportunity}/close": in(303, 409),
		"POST /decisions/{decision}/answer": may, "POST /decisions/{decision}/take-back": may, "POST /decisions/{decision}/object": may, "POST /decisions/{decision}/withdraw-objection": may,
		"POST /decisions/{decision}/more-time": may, "POST /decisions/{decision}/escalate": may,
		"POST /decisions/{decision}/open": may, "POST /decisions/{decision}/log": may, "POST /decisions/{decision}/announce": may, "POST /decisions/{decision}/nudge": may, "POST /decisions/{decision}/reply": may,
		"POST /decisions/{decision}/call-material": may, "POST /decisions/{decision}/withdraw": may, "POST /decisions/{decision}/end": may, "POST /decisions/{decision}/stall": may, "POST /decisions/{decision}/reopen": may,
		"GET /decisions/new": {303, 403, 200, 200, 200, 403}, "POST /decisions/new": {303, 403, 422, 422, 422, 403}, "GET /decisions/{decision}/edit": in(303, 303),
		"GET /decisions/{decision}/amend": in(303, 403), "POST /decisions/{decision}/amend": {303, 403, 422, 422, 422, 422}, "GET /decisions/{decision}/electorate": {303, 403, 403, 403, 200, 403}, "POST /decisions/{decision}/electorate": {303, 403, 409, 409, 409, 409},
		"POST /motions/{motion}/agree": in(303, 404), "POST /motions/{motion}/take-back": in(303, 404), "POST /me/break": in(303, 409), "POST /me/back": in(303, 409),
		"GET /facilitate": {303, 403, 403, 403, 200, 403}, "POST /facilitate/pause": {303, 403, 403, 403, 409, 403}, "GET /members/participation": {303, 403, 200, 200, 200, 200},
		"POST /sign-out": all(303), "POST /sign-out/everywhere": all(303),
		"GET /board": board(200), "GET /board.csv": board(200), "GET /board/members/{member}": board(404), "POST /board/members/{member}/link": board(404), "POST /board/members/{member}/waive": board(404), "POST /board/members/{member}/delegate": board(404), "POST /board/members/{member}/unlink": board(404), "POST /board/members/{member}/no-account": board(404), "POST /board/payers/take-back": board(409), "POST /board/members/{member}/pay": board(404), "POST /board/members/{member}/reverse": board(404), "POST /board/members/{member}/end-waiver": board(404),
		"GET /board/desk": board(200), "POST /board/desk/dismiss": board(409), "POST /board/desk/sort-out": board(409), "GET /board/payers": board(200), "POST /board/payers/sort-out": board(409), "GET /board/holds": board(200), "POST /board/holds/acknowledge": board(409),
		"GET /board/notices": board(200), "POST /board/notices/start": board(409), "POST /board/notices/stop": board(409), "POST /board/notices/release": board(409), "POST /board/notices/drop": board(409),
		"GET /me/listing": in(303, 200), "POST /me/listing": in(303, 403), "POST /me/listing/logo": in(303, 403), "POST /me/listing/logo/remove": in(303, 403), "POST /me/listing/consent": in(303, 403), "POST /me/listing/consent/withdraw": in(303, 403), "POST /me/listing/face": in(303, 403),
		"GET /board/listings": looks(200), "POST /board/listings/approve": looks(409), "POST /board/listings/withdraw": looks(409), "POST /board/listings/publish": looks(409), "POST /board/listings/unpublish": looks(409),
		"GET /me/data/erase": in(303, 200), "POST /me/data/erase": in(303, 422), "GET /erased": all(200),
		"GET /join": all(200), "GET /join.json": all(200), "GET /join.md": all(200), "POST /join": all(422), "GET /join/sent": all(200), "GET /join/confirm/{token}": all(404), "POST /join/confirm": all(404), "GET /join/confirmed": all(200),
		"GET /admissions": {303, 403, 403, 200, 200, 403}, "POST /admissions/{application}/accept": {303, 403, 403, 409, 409, 403}, "POST /admissions/{application}/decline": {303, 403, 403, 409, 409, 403},
		"POST /admissions/{applicant}/admit": {303, 403, 403, 409, 409, 403},
		"GET /board/set-up":                  board(200), "GET /board/pictures": board(200), "GET /board/letters": board(200), "GET /board/letters/{kind}": board(404), "GET /board/letters/{kind}.html": board(404), "GET /board/rules": board(200), "POST /board/rules/compare": board(422), "POST /board/rules/add": board(422),
	}
}

// agrees says whether the answers to nobody, somebody, a delegate, a treasurer, a
// facilitator and a contact person are those of a route for the audience.
func (a audience) agrees(got [6]int) bool {
	const away, no = http.StatusSeeOther, http.StatusForbidden
	switch a {
	case everybody:
		return !slices.Contains(got[:], away) && !slices.Contains(got[:], no) && got[0] == got[5]
	case persons:
		return got[0] == away
	case treasurers:
		return got[0] == away && got[1] == no && got[2] == no && got[3] != no && got[4] == no && got[5] == no
	case facilitators:
		return got[0] == away && got[1] == no && got[2] == no && got[3] == no && got[4] != no && got[5] == no
	case offices:
		return got[0] == away && got[1] == no && got[2] == no && got[3] != no && got[4] != no && got[5] == no
	}
	return true // the way in and out
}

// Pages go on while the database is away, and take nobody for a stranger.
func goOnWithoutADatabase(t *testing.T, f *federation) {
	f.as(f.zoe)
	f.get("/").want(t, 200)
	f.ok(f.db.Close())
	for _, address := range []string{"/", "/members", "/decisions/1", "/rules"} {
		p := f.get(address).want(t, 200, `<a href="/me">Your page</a>`)
		if p.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", address)
		}
	}
	f.get("/decisions/2").want(t, 200, "for members to read")
	f.as("")
	f.get("/members").want(t, 200, `<a href="/sign-in">Sign in</a>`)
}

func TestBeforeAnythingWasRead(t *testing.T) {
	s := newSite(t, nil)
	s.unread.Store(true)
	if p := s.get("/members").want(t, http.StatusServiceUnavailable, "In a moment"); p.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// A page that was seen and has not changed is one small answer.
func askedForAgain(t *testing.T, f *federation) {
	p := f.get("/members")
	if again := f.do(http.MethodGet, "/members", nil, "If-None-Match", p.header.Get("ETag")); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("%d, %d bytes", again.status, len(again.body))
	}
	if p.header.Get("Cache-Control") != "no-cache" || !strings.Contains(p.header.Get("Vary"), "Cookie") {
		t.Errorf("%v", p.header)
	}
}

// Each page has its other forms: as JSON and as Markdown, at the same address.
func otherFormsOfEach(t *testing.T, f *federation) {
	for page, json := range map[string]string{"/": "/index", "/providers": "", "/members": "", "/decisions": "", "/decisions/1": "", "/rules": "", "/code": "", "/opportunities": "", "/privacy": "", "/join": ""} {
		if json == "" {
			json = page
		}
		f.get(page).want(t, 200, `type="application/json" href="`+json+`.json"`, `type="text/markdown" href="`+json+`.md"`, `title="Decisions" href="/api/v1/decisions.atom"`, `<link rel="canonical" href="`+f.server.URL+page+`">`)
	}
	var home struct {
		Members, Organisations, Individuals int
		Providers                           *int
		OpenDecisions                       []int `json:"open_decisions"`
	}
	f.ok(json.Unmarshal([]byte(f.get("/index.json").body), &home))
	if home.Members != 6 || home.Organisations != 4 || home.Individuals != 2 || home.Providers != nil || fmt.Sprint(home.OpenDecisions) != "[1 2]" {
		t.Errorf("%+v", home)
	}
	f.get("/index.md").want(t, 200, "# Example Federation\n", "[6 members](/members.md)", "[2 open decisions](/decisions.md)")
	f.get("/code.json").want(t, 200, `"contact_people": [`, `"Cora"`)
	f.get("/code.md").want(t, 200, "# Our code\n", "<https://www.example.org/code>", "- Cora\n")
	f.get("/privacy.json").want(t, 200, `"who": "The member's own delegates and treasurers.`)
	f.get("/join.json").want(t, 200, `"form": "`+f.server.URL+`/join"`, `"open": true`, `"dues": "Members pay £10.00 a month`, `"name": "representative"`, `"longest": 600`)
	f.get("/join.md").want(t, 200, "# Join Example Federation\n", "1. You fill in the form.", "- A treasurer admits new members.", "- Who you are, in two sentences (needed)\n")
	f.get("/privacy.md").want(t, 200, "## Payments\n", "- Seen by: ")
}

// The providers, before the list is public, and after; chosen by plain links.
func providersBeforeAndAfter(t *testing.T, f *federation) {
	f.get("/providers").want(t, 200, "The list is not public yet. 0 of 6 profiles are ready.")
	f.get("/").want(t, 200, "The list of providers is being prepared")
	f.get(embedPath).want(t, http.StatusNotFound, "not public yet")
	f.list(profiles(f))
	page := f.get("/providers").want(t, 200, "Hosting &lt;b&gt;&amp;&lt;/b&gt; more.", `href="mailto:hello@birch.example.org"`, `href="matrix:r/zed:example.org"`, `<a href="/providers?language=cy">Welsh <span class="n">1</span></a>`,
		`<a href="/providers?service=hosting">hosting <span class="n">1</span></a>`, "Open Collective was not read yet.", "Write &lt;us&gt;")
	if strings.Count(page.body, `<article class="provider"`) != 2 {
		t.Errorf("not two cards:\n%s", page.body)
	}
	chosen := f.get("/providers?service=hosting").want(t, 200, "1 of 2 offer hosting.", `<a href="/providers" aria-current="true">hosting`, `<a href="/providers?language=cy&amp;service=hosting">`)
	if strings.Contains(chosen.body, "Gardens.") || !strings.Contains(chosen.body, "birch.example.org") {
		t.Error("the filter does not choose")
	}
	f.get("/providers?language=CY&service=design").want(t, 200, "0 of 2 offer design and work in Welsh.")
	defer func() { f.change = nil }()
	f.change = func(m *Memory) { m.AsOf, m.Stale = instant.Date(2026, 6, 1), true }
	f.get("/providers").want(t, 200, `Open Collective was last read on <time datetime="2026-06-01T00:00:00Z">1 June 2026, 00:00 (UTC)</time>; that is longer ago than it should be.`)
}

// Other websites may put the list in, as a fragment and in a frame, and nothing
// else of these pages.
func listOnOtherWebsites(t *testing.T, f *federation) {
	origin := []string{"Origin", "https://www.example.org", "Sec-Fetch-Site", "cross-site"}
	for _, address := range []string{embedPath, framePath} {
		p := f.do(http.MethodGet, address, nil, origin...).want(t, 200, "Hosting &lt;b&gt;&amp;&lt;/b&gt; more.", `href="`+f.server.URL+`/providers"`)
		h := p.header
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("X-Frame-Options") != "" || !strings.HasSuffix(h.Get("Content-Security-Policy"), "frame-ancestors *") {
			t.Errorf("%s cannot be put in: %v", address, h)
		}
		for _, href := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
			if address == embedPath && !regexp.MustCompile(`^(https?|mailto|matrix):`).MatchString(href[1]) {
				t.Errorf("the fragment leads to %q, which is another place elsewhere", href[1])
			}
		}
	}
	if body := f.get(embedPath).body; !strings.HasPrefix(body, "<section class=\"goodstanding-providers\">") || strings.Contains(body, "<script") || strings.Contains(body, "<html") || strings.Contains(body, "<link") {
		t.Errorf("no fragment:\n%s", body)
	}
	for _, address := range []string{"/providers", "/"} {
		if h := f.get(address).header; h.Get("X-Frame-Options") != "DENY" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s can be framed: %v", address, h)
		}
	}
}

// Pages are right and small in federations of 0, 1, 20 and 5,000 members.
func smallAndLarge(t *testing.T, f *federation) {
	defer func() { f.change = nil }()
	for _, x := range []struct {
		n    int
		want string
	}{{0, "The federation has no members yet."}, {1, "1 member."}, {20, "20 members: 10 organisations, 10 individuals."}, {5000, "5000 members: 2500 organisations, 2500 individuals."}} {
		n := x.n
		f.change = func(m *Memory) {
			m.Members, m.Providers, m.Published = nil, nil, true
			for i := range n {
				kind := member.Organisation
				if i%2 == 1 || n == 1 {
					kind = member.Individual
				}
				m.Members = append(m.Members, roll.PublicMember{ID: member.ID(fmt.Sprint("m_", i)), Name: fmt.Sprint("Member ", i), Kind: kind, Website: "https://example.org/member", MemberSince: instant.Date(2025, 1, 1), Decision: "1"})
				if i%4 == 0 {
					m.Providers = append(m.Providers, roll.Provider{ID: member.ID(fmt.Sprint("m_", i)), Name: fmt.Sprint("Member ", i), Profile: roll.Profile{URL: "https://example.org/", Summary: "What we do.", Place: "Leeds",
						ContactHref: "mailto:us@example.org", Services: []string{fmt.Sprint("service ", i), "hosting"}, Languages: []string{"en"}}})
				}
			}
		}
		f.get("/members").want(t, 200, x.want)
		for _, address := range []string{"/", "/members", "/members?page=50", "/providers", "/providers?service=hosting&page=2"} {
			began := time.Now()
			p := f.get(address).want(t, 200)
			if size := len(p.body) + len(styleText); size > 60_000 {
				t.Errorf("%s of %d members takes %d bytes", address, n, size)
			}
			t.Logf("%d members, %s: %d bytes, %s", n, address, len(p.body), time.Since(began).Round(time.Millisecond))
		}
	}
	f.get("/members?page=50").want(t, 200, "4901–5000 of 5000", `<a rel="prev" href="?page=49">`)
}

// The page on privacy tells of every table there is.
func TestPrivacyTellsOfEverything(t *testing.T) {
	told := map[string]int{}
	for _, k := range keptThings {
		for _, table := range k.tables {
			told[table]++
		}
	}
	schemas, err := filepath.Glob("../migrations/sqlite/*.sql")
	if err != nil || len(schemas) < 9 {
		t.Fatalf("%d schemas, %v", len(schemas), err)
	}
	for _, name := range schemas {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range regexp.MustCompile(`CREATE TABLE (\w+)`).FindAllStringSubmatch(string(text), -1) {
			if told[table[1]] != 1 {
				t.Errorf("%s stands %d times in keptThings, want once: say what is kept in it, from where, and who sees it", table[1], told[table[1]])
			}
			delete(told, table[1])
		}
	}
	if len(told) > 0 {
		t.Errorf("there is no table like %v", told)
	}
}
