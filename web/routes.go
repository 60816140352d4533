package web

import (
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
)

// route is one thing that can be asked for.
type route struct {
	method string // GET answers HEAD, too
	// path is the whole path; one that ends in a name in braces takes one segment
	// there. It is what logs and metrics call the route.
	path   string
	answer func(*Pages, *visit) error
}

// linkRoute is where a mailed link leads.
const linkRoute = signin.LinkPath + "{token}"

// routes are all routes.
func routes() []route {
	return []route{
		{http.MethodGet, "/sign-in", (*Pages).signInForm},
		{http.MethodPost, "/sign-in", (*Pages).askForLink},
		{http.MethodGet, "/sign-in/mail", (*Pages).lookIntoMail},
		{http.MethodGet, linkRoute, (*Pages).linkPage},
		{http.MethodPost, "/sign-in/link", (*Pages).openLink},
		{http.MethodPost, "/sign-in/again", (*Pages).askAgain},
		{http.MethodGet, "/sign-in/openid", (*Pages).leaveForOpenID},
		{http.MethodGet, signin.BackPath, (*Pages).backFromOpenID},
		{http.MethodGet, "/sign-out", (*Pages).signOutForm},
		{http.MethodPost, "/sign-out", (*Pages).signOut},
		{http.MethodPost, "/sign-out/everywhere", (*Pages).signOutEverywhere},
		{http.MethodGet, "/signed-out", (*Pages).signedOut},
		{http.MethodGet, signin.HomePath, (*Pages).me},
		{http.MethodPost, confirmPath, (*Pages).confirm},
		{http.MethodGet, roll.ContactPath + "{token}", (*Pages).contactForm},
		{http.MethodPost, contactPost, (*Pages).contactConfirms},
		{http.MethodGet, stylePath, (*Pages).style},
	}
}

// find gives the routes of a path.
func (p *Pages) find(path string) (there []route) {
	for _, r := range p.routes {
		if _, ok := r.match(path); ok {
			there = append(there, r)
		}
	}
	return there
}

// match says whether the path is the route's, and what stands for the name in
// braces.
func (r route) match(path string) (segment string, ok bool) {
	before, _, open := strings.Cut(r.path, "{")
	if !open {
		return "", path == r.path
	}
	segment, ok = strings.CutPrefix(path, before)
	return segment, ok && segment != "" && !strings.Contains(segment, "/")
}
