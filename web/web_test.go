package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oauth2-proxy/mockoidc"
	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/store"
)

// site is the pages as a browser meets them, over TLS.
type site struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
	db     *store.DB
	roll   *roll.Roll
	signin *signin.Service
	chair  *chair.Chair
	ada    member.PersonID
	ash    member.ID
	now    atomic.Int64
	last   atomic.Pointer[Memory] // what was read last, for when the database is away
	unread atomic.Bool            // nothing was read yet
	// change, if set, alters what the public pages are made of.
	change func(*Memory)
	// heard, if set, is told of each answer.
	heard func(method, path string, form url.Values, p page)

	mu     sync.Mutex
	log    bytes.Buffer
	mails  []notify.Envelope
	routes []string
}

func (s *site) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *site) Send(_ context.Context, e notify.Envelope) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, e)
	return nil
}

func (s *site) clock() instant.Instant { return instant.Instant(s.now.Load()) }

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// newSite serves a small federation. Without mails it cannot send any.
func newSite(t *testing.T, change func(*signin.Options)) *site {
	t.Helper()
	s := &site{t: t, db: dbtest.SQLite(t)()}
	s.now.Store(int64(instant.Of(time.Now())))
	s.roll = roll.New(s.db, roll.Options{Now: s.clock, Languages: func() []string { return []string{"en", "es"} }})
	op := roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "starts"}
	file, err := policy.Preset(policy.DefaultPreset)
	s.ok(err)
	_, _, err = s.roll.EnsurePolicy(t.Context(), op, file, false)
	s.ok(err)
	s.chair = chair.New(s.db, s.roll, chair.Options{Now: s.clock})
	ash, _, err := s.roll.Add(t.Context(), op, roll.NewMember{Name: "Ash <Workers'> Co-op", Kind: member.Organisation, Since: instant.Date(2025, 1, 10)})
	s.ok(err)
	s.ada, err = s.roll.AddPerson(t.Context(), op, roll.NewPerson{Email: "ada@people.example", Name: "Ada & Ödön", DelegateOf: []member.ID{ash}, Roles: []member.Role{member.Treasurer}})
	s.ok(err)
	s.ash = ash
	var pages atomic.Pointer[http.Handler]
	s.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*pages.Load()).ServeHTTP(w, r) }))
	t.Cleanup(s.server.Close)
	o := signin.Options{Roll: s.roll, DB: s.db, Now: s.clock, Log: zerolog.New(s), BaseURL: s.server.URL, Federation: "Example Federation", Mail: s, Confirm: func(c signin.ConfirmLetter) (subject, text, html string, err error) {
		return "confirm", "in " + c.Language + ": " + c.Link, "", nil
	}}
	if change != nil {
		change(&o)
	}
	s.signin, err = signin.New(o)
	s.ok(err)
	p, err := New(Options{SignIn: s.signin, Roll: s.roll, Chair: s.chair, Announced: announced, Letters: sampleLetters(), NextReading: func() instant.Instant { return s.clock().Add(25*time.Minute + time.Second) }, Memory: s.memory, Now: s.clock, BaseURL: s.server.URL, Log: zerolog.New(s),
		Federation: Federation{Name: "Example Federation", URL: "https://www.example.org", PayURL: "https://pay.example.org/us", Treasurers: "treasurers@example.org", Rooms: []string{"#talk:example.org", `"><i>a`}, Code: CodeOfCooperation{Name: "Our code", URL: "https://www.example.org/code", ContactPeople: []string{"Cora", "Carl"}}},
		Observe: func(route, method string, status int, _ time.Duration) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.routes = append(s.routes, fmt.Sprint(method, " ", route, " ", status))
		}})
	s.ok(err)
	h := p.Before(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no page "+r.URL.RequestURI(), http.StatusNotFound)
	}))
	pages.Store(&h)
	s.client = s.browser()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.signin.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, m := range s.mails {
			if token := tokenIn.FindStringSubmatch(m.Text); token == nil || strings.Contains(s.log.String(), token[1]) || strings.Contains(strings.Join(s.routes, "\n"), token[1]) {
				t.Errorf("a token is in the log, or none in the mail:\n%s", s.log.String())
			}
		}
		if strings.Contains(s.log.String(), "@people.example") {
			t.Errorf("an address is in the log:\n%s", s.log.String())
		}
	})
	return s
}

// announced is an opening in the program's own words.
func announced(p *chair.Preview, to, minimum string) (Announced, error) {
	mail, room := *p.Mail, *p.Room
	mail.Federation, mail.To, mail.Minimum, mail.Zone = "Example Federation", to, minimum, time.UTC
	room.Federation, room.Zone = mail.Federation, time.UTC
	l, err := letter.BuiltIn().Render(mail)
	if err != nil {
		return Announced{}, err
	}
	text, _, err := letter.BuiltIn().Announcement(room)
	return Announced{l.Subject, l.Text, text}, err
}

// browser is one that keeps its own cookies.
func (s *site) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	s.ok(err)
	c := *s.server.Client()
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// page is what a request got.
type page struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(method, path string, form url.Values, headers ...string) page {
	s.t.Helper()
	if !strings.HasPrefix(path, "https://") {
		path = s.server.URL + path
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(form.Encode()))
	s.ok(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.client.Do(r)
	s.ok(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	s.ok(err)
	p := page{res.StatusCode, res.Header, string(body)}
	if s.heard != nil {
		s.heard(method, path, form, p)
	}
	return p
}

func (s *site) get(path string) page { s.t.Helper(); return s.do(http.MethodGet, path, nil) }

func (s *site) post(path string, pairs ...string) page {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return s.do(http.MethodPost, path, form, "Sec-Fetch-Site", "same-origin", "Origin", "null")
}

// want fails unless the page has the status and all parts.
func (p page) want(t *testing.T, status int, parts ...string) page {
	t.Helper()
	if p.status != status {
		t.Errorf("status %d, want %d:\n%s", p.status, status, p.body)
	}
	for _, part := range parts {
		if !strings.Contains(p.body, part) {
			t.Errorf("%q is missing in:\n%s", part, p.body)
		}
	}
	return p
}

func (p page) leads(t *testing.T, to string) {
	t.Helper()
	if p.status != http.StatusSeeOther || p.header.Get("Location") != to {
		t.Errorf("%d to %q, want %q\n%s", p.status, p.header.Get("Location"), to, p.body)
	}
}

var tokenIn = regexp.MustCompile(`/(?:sign-in/link|join/confirm)/([A-Za-z0-9_-]+)`)

// settled waits until all that was asked for is seen to.
func (s *site) settled() []notify.Envelope {
	s.t.Helper()
	for range 1000 {
		if s.signin.Idle() {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]notify.Envelope(nil), s.mails...)
}

// link asks for one and gives its token.
func (s *site) link(next string) string {
	s.t.Helper()
	n := len(s.settled())
	s.post("/sign-in", "email", "ada@people.example", "next", next).leads(s.t, "/sign-in/mail")
	mails := s.settled()
	if len(mails) != n+1 {
		s.t.Fatalf("no mail came\n%s", s.log.String())
	}
	return tokenIn.FindStringSubmatch(mails[n].Text)[1]
}

// TestFromTheFormToSigningOut is the whole way, with the scanners that fetch
// every link of a mail.
func TestFromTheFormToSigningOut(t *testing.T) {
	s := newSite(t, nil)
	s.get("/me").leads(t, "/sign-in?next=%2Fme")
	s.get("/sign-in?next=%2Fdecisions%2F7").want(t, 200, `<form method="post" action="/sign-in"`, `name="next" value="/decisions/7"`, "<h1>Sign in</h1>")
	token := s.link("/decisions/7")
	s.get("/sign-in/mail").want(t, 200, "Look into your mail")
	for range 3 {
		s.get("/sign-in/link/"+token).want(t, 200, `<button autofocus>Sign in</button>`, token)
		if p := s.do(http.MethodHead, "/sign-in/link/"+token, nil); p.status != 200 || p.body != "" || len(p.header.Values("Set-Cookie")) != 0 {
			t.Errorf("HEAD: %+v", p)
		}
	}
	if n := strings.Count(s.get("/sign-in/link/"+token).body, "<button"); n != 1 {
		t.Errorf("%d buttons, want one", n)
	}
	in := s.post("/sign-in/link", "token", token)
	in.leads(t, "/decisions/7")
	if c := in.header.Get("Set-Cookie"); !regexp.MustCompile(`^__Host-goodstanding=[A-Za-z0-9_-]{43}; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$`).MatchString(c) {
		t.Errorf("cookie %s", c)
	}
	s.get("/me").want(t, 200, "<h1>Ada &amp; Ödön</h1>", "You are treasurer.", "Ash &lt;Workers&#39;&gt; Co-op", "We cannot say yet", "on this device alone", `<a href="/me">Ada &amp; Ödön</a>`)
	s.get("/sign-in").leads(t, "/me")
	s.get("/sign-in?next=/decisions/7").leads(t, "/decisions/7")
	s.post("/sign-in/link", "token", token).leads(t, "/decisions/7") // pressed twice

	other := s.client
	s.client = s.browser()
	s.post("/sign-in/link", "token", token).want(t, http.StatusGone, "It has been used, or its time is over", "Send a new link to the same address")
	s.get("/sign-in/link/"+token).want(t, http.StatusGone)
	s.get("/me").leads(t, "/sign-in?next=%2Fme")
	s.client = other

	s.get("/sign-out").want(t, 200, "Sign out on this device", "Sign out everywhere")
	s.post("/sign-out").leads(t, "/signed-out")
	s.get("/signed-out").want(t, 200, "Nobody is signed in on this device")
	s.get("/me").leads(t, "/sign-in?next=%2Fme")
	s.get("/sign-out").leads(t, "/signed-out")
}

func TestSigningOutEverywhere(t *testing.T) {
	s := newSite(t, nil)
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	one := s.client
	s.client = s.browser()
	s.now.Add(int64(time.Minute / time.Microsecond))
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	s.get("/me").want(t, 200, "You are signed in 2 times")
	s.post("/sign-out/everywhere").leads(t, "/signed-out")
	s.client = one
	s.get("/me").leads(t, "/sign-in?next=%2Fme")
}

// A link that is over sends a new one to the same address, without showing it.
func TestALinkThatIsOver(t *testing.T) {
	s := newSite(t, nil)
	token := s.link("/decisions/7")
	s.now.Add(int64(31 * time.Minute / time.Microsecond))
	p := s.get("/sign-in/link/"+token).want(t, http.StatusGone, `action="/sign-in/again"`, token)
	if strings.Contains(p.body, "ada") {
		t.Error("the page shows whose link it was")
	}
	s.post("/sign-in/again", "token", token).leads(t, "/sign-in/mail")
	mails := s.settled()
	if len(mails) != 2 {
		t.Fatalf("%d mails", len(mails))
	}
	s.post("/sign-in/link", "token", tokenIn.FindStringSubmatch(mails[1].Text)[1]).leads(t, "/decisions/7")
	s.get("/sign-in/link/nonsense").want(t, http.StatusNotFound, "This link is not known")
	s.post("/sign-in/link", "token", "nonsense").want(t, http.StatusNotFound, "This link is not known")
	s.post("/sign-in/link").want(t, http.StatusNotFound, "This link is not known")
	s.post("/sign-in/again", "token", "nonsense").leads(t, "/sign-in/mail")
}

// TestNothingTellsWhoIsKnown: the answers to a known, an unknown and a throttled
// address are the same byte for byte, and they come before anything is looked up.
func TestNothingTellsWhoIsKnown(t *testing.T) {
	s := newSite(t, nil)
	answer := func(path string, pairs ...string) string {
		p := s.post(path, pairs...)
		p.header.Del("Date")
		p.header.Del("Request-Id")
		return fmt.Sprint(p.status, p.header, p.body)
	}
	known := answer("/sign-in", "email", "ada@people.example")
	for name, got := range map[string]string{
		"unknown": answer("/sign-in", "email", "eve@people.example"), "throttled": answer("/sign-in", "email", "ada@people.example"),
		"again, unknown": answer("/sign-in/again", "token", "nonsense"),
	} {
		if got != known {
			t.Errorf("%s:\n%s\nknown:\n%s", name, got, known)
		}
	}
	s.settled()
	for range 30 { // the client is over its limit
		if got := answer("/sign-in", "email", "ada@people.example"); got != known {
			t.Fatalf("over the limit:\n%s", got)
		}
	}
	if n := len(s.settled()); n != 1 {
		t.Errorf("%d mails, want one", n)
	}
	// With the database stopped the answer is the same: nothing was asked of it.
	s.ok(s.db.Close())
	s.client = s.browser()
	if got := answer("/sign-in", "email", "ada@people.example"); got != known {
		t.Errorf("without a database:\n%s", got)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	s := newSite(t, nil)
	s.post("/sign-in", "email", "").want(t, 422, "Write your e-mail address.", `aria-describedby="fault"`)
	s.post("/sign-in", "email", `"><script>`, "next", "//evil.example").want(t, 422, "That is no e-mail address: write it as name@example.org.", `value="&#34;&gt;&lt;script&gt;"`)
	if p := s.post("/sign-in", "email", "x", "next", "//evil.example"); strings.Contains(p.body, "evil") {
		t.Error("it would lead elsewhere")
	}
	s.post("/sign-in", "email", strings.Repeat("a", mostForm)).want(t, http.StatusRequestEntityTooLarge, "Too much")
	s.do(http.MethodPost, "/sign-in", nil, "Content-Type", "multipart/form-data").want(t, 422, "Write your e-mail address.")
}

// TestOtherSitesCannotSendForms: whatever a browser says about where a form comes
// from, on every route that changes something; the control is the same form sent
// from the page.
func TestOtherSitesCannotSendForms(t *testing.T) {
	s := newSite(t, nil)
	token := s.link("")
	var tried, known []string
	for key := range whoMayAsk() {
		if !strings.HasPrefix(key, http.MethodGet+" ") {
			known = append(known, key)
		}
	}
	for _, r := range routes() {
		if r.method == http.MethodGet || r.as != "" {
			continue
		}
		tried = append(tried, r.method+" "+r.path)
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		} {
			p := s.do(r.method, r.path, url.Values{"token": {token}, "email": {"ada@people.example"}}, headers...)
			p.want(t, http.StatusForbidden, "That came from another site")
			if len(p.header.Values("Set-Cookie")) != 0 {
				t.Errorf("%s %v sets a cookie", r.path, headers)
			}
		}
	}
	slices.Sort(tried)
	slices.Sort(known)
	if len(tried) == 0 || !slices.Equal(tried, known) {
		t.Errorf("tried were\n%s\nand the table of who may ask has\n%s", strings.Join(tried, "\n"), strings.Join(known, "\n"))
	}
	s.do(http.MethodPost, "/sign-in/link", url.Values{"token": {token}}, "Origin", s.server.URL).leads(t, "/me")
}

// TestWhatABrowserMayDo with every page, and what a page holds of others.
func TestWhatABrowserMayDo(t *testing.T) {
	s := newSite(t, nil)
	token := s.link("")
	paths := []string{"/sign-in", "/sign-in/mail", "/sign-in/link/" + token, "/sign-in/link/nonsense", "/signed-out", "/sign-in/openid", stylePath}
	s.post("/sign-in/link", "token", token).leads(t, "/me")
	for _, path := range append(paths, "/me", "/sign-out", "/sign-in/link/"+token) {
		p := s.get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": contentPolicy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if path == stylePath {
			continue
		}
		if p.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, p.header.Get("Cache-Control"))
		}
		if p.status != http.StatusSeeOther && (!strings.Contains(p.body, "Our code") || !strings.Contains(p.body, "Contact people: Cora, Carl.") || !strings.Contains(p.body, `<html lang="en">`)) {
			t.Errorf("%s has no foot or no language:\n%s", path, p.body)
		}
		for _, bad := range []string{"<script", "style=", "onclick", "http://"} {
			if strings.Contains(p.body, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
	}
	for _, bad := range []string{"unsafe", "script-src", "*"} {
		if strings.Contains(contentPolicy, bad) {
			t.Errorf("the policy allows %s", bad)
		}
	}
	sheet := regexp.MustCompile(`href="(/style\.css\?[0-9a-f]{16})"`).FindStringSubmatch(s.get("/sign-in/mail").body)
	if sheet == nil {
		t.Fatal("no style sheet")
	}
	if p := s.get(sheet[1]); p.status != 200 || p.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(p.header.Get("Cache-Control"), "immutable") ||
		!strings.Contains(p.body, "prefers-color-scheme: dark") {
		t.Errorf("style sheet: %d %v", p.status, p.header)
	}
}

// TestEveryPageIsGuarded: every route, for everybody and for a treasurer, says to the
// browser what it must not do; nobody keeps what is for one person.
func TestEveryPageIsGuarded(t *testing.T) {
	s := newSite(t, nil)
	check := func(who string) {
		for _, r := range routes() {
			if r.as != "" {
				continue // the API's, which guards itself
			}
			path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(r.path, "nonsense")
			p := s.do(r.method, path, url.Values{}, "Sec-Fetch-Site", "same-origin")
			if r.path == "/providers/embed" || r.path == "/providers/frame" { // made to be framed by other sites: nothing can be pressed or sent there
				if got := p.header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none';") || !strings.Contains(got, "form-action 'none'") || strings.Contains(got, "script") || p.header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %s: %v", who, path, p.header)
				}
				continue
			}
			for name, want := range map[string]string{"Content-Security-Policy": contentPolicy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got := p.header.Get(name); got != want {
					t.Errorf("%s: %s %s (%d): %s is %q", who, r.method, path, p.status, name, got)
				}
			}
			if r.who != everybody && p.header.Get("Cache-Control") != "no-store" && p.status == http.StatusOK && !strings.Contains(r.path, "style") && !strings.Contains(r.path, "icon") {
				t.Errorf("%s: %s may be kept: %q", who, path, p.header.Get("Cache-Control"))
			}
		}
	}
	check("everybody")
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	check("a treasurer")
}

func TestMethodsAndStrangers(t *testing.T) {
	s := newSite(t, nil)
	p := s.do(http.MethodPut, "/sign-in", nil, "Sec-Fetch-Site", "same-origin")
	p.want(t, http.StatusMethodNotAllowed, "Not like that")
	if p.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow: %s", p.header.Get("Allow"))
	}
	for _, path := range []string{"/x", "/api/v1/members", "/sign-in/", "/sign-in/link/", "/sign-in/link/a/b", "//sign-in", "/me/"} {
		s.get(path).want(t, http.StatusNotFound, "no page") // left to what comes after the pages
	}
}

// A database that is away is said, with a time to try again, and nobody is taken
// for a stranger.
func TestWithoutADatabase(t *testing.T) {
	s := newSite(t, nil)
	token := s.link("")
	s.post("/sign-in/link", "token", token).leads(t, "/me")
	s.ok(s.db.Close())
	for _, path := range []string{"/me", "/sign-in", "/sign-out", "/sign-in/link/" + token} {
		p := s.get(path).want(t, http.StatusServiceUnavailable, "Not just now")
		if p.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	s.post("/sign-out").want(t, http.StatusServiceUnavailable)
	s.post("/sign-in/link", "token", token).want(t, http.StatusServiceUnavailable)
	s.get("/sign-in/mail").want(t, 200)
}

func TestSigningInByMailIsOff(t *testing.T) {
	s := newSite(t, func(o *signin.Options) { o.Mail = nil })
	p := s.get("/sign-in").want(t, 200, "Signing in by mail is off", "make a link for you")
	if strings.Contains(p.body, "<form") {
		t.Error("there is a form")
	}
	s.post("/sign-in", "email", "ada@people.example").want(t, http.StatusServiceUnavailable, "Signing in by mail is off")
	s.post("/sign-in/again", "token", "x").want(t, http.StatusServiceUnavailable)
	// The operator's link works all the same.
	link, _, err := s.signin.PrintLink(t.Context(), roll.By{Actor: member.Actor{ID: "op", Label: "operator:x", Operator: true}, Reason: "first day"}, s.ada)
	s.ok(err)
	s.get(link).want(t, 200, "Sign in")
	s.post("/sign-in/link", "token", tokenIn.FindStringSubmatch(link)[1]).leads(t, "/me")
	s.get("/me").want(t, 200)
}

func TestSigningInByAProviderOnPages(t *testing.T) {
	m, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shutdown() })
	s := newSite(t, func(o *signin.Options) {
		o.OpenID = &signin.OpenID{Issuer: m.Issuer(), ClientID: m.ClientID, ClientSecret: m.ClientSecret, Name: "Example Accounts"}
	})
	s.get("/sign-in?next=/decisions/7").want(t, 200, `<a class="button" href="/sign-in/openid?next=%2Fdecisions%2F7">Sign in with Example Accounts</a>`, "Send me a link")
	trip := func(user *mockoidc.MockUser) page {
		m.QueueUser(user)
		out := s.get("/sign-in/openid?next=/decisions/7")
		if out.status != http.StatusSeeOther || !strings.HasPrefix(out.header.Get("Location"), m.Issuer()) {
			t.Fatalf("%+v", out)
		}
		res, err := (&http.Client{CheckRedirect: s.client.CheckRedirect}).Get(out.header.Get("Location"))
		s.ok(err)
		res.Body.Close()
		return s.get(res.Header.Get("Location"))
	}
	trip(&mockoidc.MockUser{Subject: "1", Email: "eve@people.example", EmailVerified: true}).want(t, http.StatusForbidden, "That account does not sign anybody in here")
	trip(&mockoidc.MockUser{Subject: "2", Email: "ada@people.example"}).want(t, http.StatusForbidden, "That account does not sign anybody in here")
	s.get("/me").leads(t, "/sign-in?next=%2Fme")
	in := trip(&mockoidc.MockUser{Subject: "3", Email: "ada@people.example", EmailVerified: true})
	in.leads(t, "/decisions/7")
	if cookies := strings.Join(in.header.Values("Set-Cookie"), "\n"); !strings.Contains(cookies, "__Host-goodstanding-openid=; Path=/; Max-Age=0") || !strings.Contains(cookies, "__Host-goodstanding=") {
		t.Errorf("cookies: %s", cookies)
	}
	s.get("/me").want(t, 200, "Ada")
	s.get("/sign-in/openid/back?state=x&code=y").want(t, http.StatusBadRequest, "That did not fit together")
	s.client = s.browser()
	s.get("/sign-in/openid/back").want(t, http.StatusBadRequest)
	s.ok(m.Shutdown())
	away := newSite(t, func(o *signin.Options) { o.OpenID = &signin.OpenID{Issuer: m.Issuer(), ClientID: "x"} })
	for range 20 {
		away.get("/sign-in/openid").want(t, http.StatusBadGateway, "The sign-in service did not help")
	}
	often := away.get("/sign-in/openid")
	often.want(t, http.StatusTooManyRequests, "A moment, please", "wait a minute")
	if after := often.header.Get("Retry-After"); after != "60" {
		t.Errorf("it may come again after %q s, want 60", after)
	}
}

// What is logged and counted of a link is its route.
func TestALinkIsLoggedAsItsRoute(t *testing.T) {
	s := newSite(t, nil)
	token := s.link("")
	s.get("/sign-in/link/" + token)
	s.get("/sign-in/link/" + token + "?again")
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.routes[len(s.routes)-1]; got != "GET /sign-in/link/{token} 200" {
		t.Errorf("counted as %s", got)
	}
	if !strings.Contains(s.log.String(), `"route":"/sign-in/link/{token}"`) || strings.Contains(s.log.String(), token) {
		t.Errorf("the log:\n%s", s.log.String())
	}
}

func TestPagesNeedTheirOptions(t *testing.T) {
	_, err := New(Options{})
	for _, want := range []string{"make the pages: ", "SignIn is missing", "Roll is missing", "Chair is missing", "Now is missing", "Memory is missing", "BaseURL is no address: write it as https://roll.example.org"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

// TestWhoHasGoneIsNobodysFault: a request that fails because its client hung up is
// counted apart from the server's errors, and logged as no error.
func TestWhoHasGoneIsNobodysFault(t *testing.T) {
	s := newSite(t, nil)
	ctx, gone := context.WithCancel(t.Context())
	gone()
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/sign-in/link", strings.NewReader("token="+strings.Repeat("a", 43)))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	got := httptest.NewRecorder()
	s.server.Config.Handler.ServeHTTP(got, req)
	s.mu.Lock()
	defer s.mu.Unlock()
	if got.Code != caller.HungUp || len(s.routes) != 1 || !strings.HasSuffix(s.routes[0], "499") {
		t.Errorf("%d %.300s\n%q", got.Code, got.Body, s.routes)
	}
	if strings.Contains(s.log.String(), `"level":"error"`) {
		t.Error(s.log.String())
	}
}
