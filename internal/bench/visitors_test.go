package bench

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/api"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/web"
)

// site is an assembly's API and pages, with people who sign in.
type site struct {
	*serving
	signin *signin.Service
}

// open serves the pages before the API, as the daemon does.
func (a *assembly) open() *site {
	a.tb.Helper()
	s := &site{}
	base := "http://127.0.0.1"
	var err error
	s.signin, err = signin.New(signin.Options{Roll: a.roll, DB: a.db, Now: a.clock, Log: zerolog.Nop(), BaseURL: base, Federation: "Loose Knot", PlainCookies: true})
	a.ok(err)
	s.serving = a.serve(func(o *api.Options) { o.SignedIn = s.signin.SignedIn })
	read := func(now instant.Instant) (web.Memory, bool) {
		m, ok := s.api.Memory(now)
		return web.Memory(m), ok
	}
	pages, err := web.New(web.Options{SignIn: s.signin, Roll: a.roll, Chair: a.chair, Memory: read, CatchUp: s.api.CatchUp, Now: a.clock, BaseURL: base, Log: zerolog.Nop(),
		Federation: web.Federation{Name: "Loose Knot", URL: "https://knot.example.org"}})
	a.ok(err)
	s.url = plainly(a.tb, pages.Before(s.api.Handler()))
	return s
}

// signsIn gives the cookie of a person's session.
func (s *site) signsIn(id member.PersonID) string {
	s.tb.Helper()
	link, _, err := s.signin.PrintLink(s.tb.Context(), s.operator(), id)
	s.ok(err)
	form := url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}}
	r, err := http.NewRequestWithContext(s.tb.Context(), http.MethodPost, s.url+"/sign-in/link", strings.NewReader(form.Encode()))
	s.ok(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(r)
	s.ok(err)
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || len(res.Cookies()) == 0 {
		s.tb.Fatalf("signing in: %s: %v", res.Status, err)
	}
	return res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
}

// treasurer makes a member's delegate treasurer.
func (a *assembly) treasurer(i int) {
	a.tb.Helper()
	a.ok(a.db.InTx(a.tb.Context(), store.Entries, a.clock(), func(tx *store.Tx) error {
		return tx.AddRoles(a.tb.Context(), store.RoleRow{ID: "r_1", Person: a.who[i], Role: member.Treasurer, On: true, By: store.By{Actor: "op_bench"}})
	}))
}
