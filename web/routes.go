package web

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
)

// route is one thing that can be asked for; routes has them all.
type route struct {
	method string // GET answers HEAD, too
	// path is the whole path; a name in braces stands for one segment, or for what
	// is before an ending. It is what logs and metrics call the route.
	path   string
	answer func(*Pages, *visit) error
	// who may ask.
	who audience
	// most is how many bytes a form may have that brings a file; 0 where none does.
	most int64
	// as is the path under which the API answers the same in another form; such a
	// route has no method and no answer of its own.
	as string
}

// audience is who may ask for a route.
type audience int

const (
	// everybody: the page is public, and shows what domain.md, section 8, lets
	// everybody see, as public_test.go proves for every such route; who is signed
	// in may read more.
	everybody audience = iota
	// entrance: for everybody, and no page of the federation: the way in and out, and
	// what somebody sends and confirms who is not signed in.
	entrance
	// persons: who is signed in; others are sent to the entrance.
	persons
	// treasurers: who is signed in and has that role; others read why they may not.
	treasurers
	// facilitators: who is signed in and has that role; others read why they may not.
	facilitators
	// offices: who is signed in and is a treasurer or a facilitator; others read why they
	// may not.
	offices
)

// linkRoute is where a mailed link leads.
const linkRoute = signin.LinkPath + "{token}"

// routes are all routes. What belongs to one matter stands beside its pages, and is
// joined to the others here.
func routes() []route {
	return slices.Concat(publicRoutes(), otherForms(), entranceRoutes(), deedRoutes(), proposeRoutes(), amendRoutes(), motionRoutes(), facilitateRoutes(), participationRoutes(), breakRoutes(), boardRoutes(), joinRoutes(), listingRoutes(), approvalRoutes(), erasureRoutes(), []route{
		{method: http.MethodGet, path: homePath, answer: signedIn("", (*mine).me), who: persons},
		{method: http.MethodPost, path: confirmPath, answer: signedIn(homePath, (*mine).confirm), who: persons},
		{method: http.MethodGet, path: NoticesPath, answer: signedIn("", (*mine).notices), who: persons},
		{method: http.MethodPost, path: NoticesPath, answer: signedIn(NoticesPath, (*mine).wish), who: persons},
		{method: http.MethodGet, path: delegatesPath, answer: signedIn("", (*mine).delegates), who: persons},
		{method: http.MethodGet, path: dataPath, answer: signedIn("", (*mine).data), who: persons},
		{method: http.MethodGet, path: dataPath + ".json", answer: signedIn("", (*mine).dataJSON), who: persons},
		{method: http.MethodPost, path: delegatesPath + "/add", answer: signedIn(delegatesPath, (*mine).addDelegate), who: persons},
		{method: http.MethodPost, path: delegatesPath + "/remove", answer: signedIn(delegatesPath, (*mine).removeDelegate), who: persons},
		{method: http.MethodGet, path: postPath, answer: signedIn("", (*mine).opportunityForm), who: persons},
		{method: http.MethodPost, path: postPath, answer: signedIn(postPath, (*mine).postOpportunity), who: persons},
		{method: http.MethodPost, path: "/opportunities/{opportunity}/close", answer: signedIn("/opportunities", (*mine).closeOpportunity), who: persons},
	})
}

func publicRoutes() []route {
	get := func(path string, answer func(*reading) error) route {
		return route{method: http.MethodGet, path: path, answer: public(answer), who: everybody}
	}
	return []route{
		get("/", (*reading).home),
		get("/index.json", (*reading).homeJSON),
		get("/index.md", (*reading).homeMarkdown),
		get("/providers", (*reading).providers),
		get(embedPath, (*reading).embed),
		get(framePath, (*reading).frame),
		{method: http.MethodGet, path: roll.LogoPath + "{logo}.png", answer: (*Pages).logo, who: everybody},
		get("/members", (*reading).members),
		get("/decisions", (*reading).decisions),
		get("/decisions/{decision}", (*reading).decision),
		get("/rules", (*reading).rules),
		get("/code", (*reading).code),
		get("/code.json", (*reading).codeJSON),
		get("/code.md", (*reading).codeMarkdown),
		get("/opportunities", (*reading).opportunities),
		get("/opportunities.md", (*reading).opportunitiesMarkdown),
		get("/privacy", (*reading).privacy),
		get("/privacy.json", (*reading).privacyJSON),
		get("/privacy.md", (*reading).privacyMarkdown),
		{method: http.MethodGet, path: stylePath, answer: (*Pages).style, who: everybody},
		{method: http.MethodGet, path: ownPath, answer: (*Pages).own, who: everybody},
		{method: http.MethodGet, path: boardStylePath, answer: (*Pages).boardStyle, who: everybody},
		{method: http.MethodGet, path: iconPath, answer: (*Pages).icon, who: everybody},
	}
}

// otherForms are public pages in another form, which the API answers.
func otherForms() []route {
	var out []route
	for _, one := range []struct{ path, as string }{
		{"/providers", "/api/v1/providers"}, {"/members", "/api/v1/members"}, {"/decisions", "/api/v1/decisions"},
		{"/decisions/{decision}", "/api/v1/decisions/{decision}"}, {"/rules", "/api/v1/policy"},
	} {
		out = append(out, route{path: one.path + ".json", as: one.as, who: everybody}, route{path: one.path + ".md", as: one.as + ".md", who: everybody})
	}
	return append(out, route{path: "/opportunities.json", as: "/api/v1/opportunities", who: everybody})
}

func entranceRoutes() []route {
	get := func(path string, answer func(*Pages, *visit) error) route {
		return route{method: http.MethodGet, path: path, answer: answer, who: entrance}
	}
	post := func(path string, answer func(*Pages, *visit) error) route {
		return route{method: http.MethodPost, path: path, answer: answer, who: entrance}
	}
	return []route{
		get("/sign-in", (*Pages).signInForm),
		post("/sign-in", (*Pages).askForLink),
		get("/sign-in/mail", (*Pages).lookIntoMail),
		get(linkRoute, (*Pages).linkPage),
		post("/sign-in/link", (*Pages).openLink),
		post("/sign-in/again", (*Pages).askAgain),
		get("/sign-in/openid", (*Pages).leaveForOpenID),
		get(signin.BackPath, (*Pages).backFromOpenID),
		get("/sign-out", (*Pages).signOutForm),
		post("/sign-out", (*Pages).signOut),
		post("/sign-out/everywhere", (*Pages).signOutEverywhere),
		get("/signed-out", (*Pages).signedOut),
		get(languagePath+"{language}", (*Pages).chooseLanguage),
		get(roll.ContactPath+"{token}", (*Pages).contactForm),
		post(contactPost, (*Pages).contactConfirms),
	}
}

// find gives the routes of a path: of the most particular pattern.
func (p *Pages) find(path string) (there []route) {
	for _, r := range p.routes {
		if _, ok := r.match(path); !ok {
			continue
		}
		if len(there) > 0 && r.particular() > there[0].particular() {
			there = nil
		}
		if len(there) == 0 || r.particular() == there[0].particular() {
			there = append(there, r)
		}
	}
	return there
}

// particular is how much of a path a pattern says itself; a path without a name in
// braces says all of it.
func (r route) particular() int {
	before, rest, open := strings.Cut(r.path, "{")
	if !open {
		return math.MaxInt
	}
	_, after, _ := strings.Cut(rest, "}")
	return len(before) + len(after)
}

// match says whether the path is the route's, and what stands for the name in
// braces.
func (r route) match(path string) (segment string, ok bool) {
	before, rest, open := strings.Cut(r.path, "{")
	if !open {
		return "", path == r.path
	}
	_, after, _ := strings.Cut(rest, "}")
	if segment, ok = strings.CutPrefix(path, before); !ok {
		return "", false
	}
	segment, ok = strings.CutSuffix(segment, after)
	return segment, ok && segment != "" && !strings.Contains(segment, "/") && utf8.ValidString(segment) && !strings.ContainsFunc(segment, unicode.IsControl)
}

// elsewhere is a request for what the API answers under its own path.
func (r route) elsewhere(q *http.Request) *http.Request {
	segment, _ := r.match(q.URL.Path)
	before, rest, open := strings.Cut(r.as, "{")
	_, after, _ := strings.Cut(rest, "}")
	to := *q.URL
	if to.Path, to.RawPath = before, ""; open {
		to.Path = before + segment + after
	}
	out := q.Clone(q.Context())
	out.URL = &to
	return out
}
