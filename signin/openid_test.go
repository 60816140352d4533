package signin

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// provided is a world with a provider beside it.
func provided(t *testing.T) (*world, *mockoidc.MockOIDC) {
	t.Helper()
	m, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shutdown() })
	w := newWorld(t, dbtest.SQLite(t)(), func(o *Options) {
		o.OpenID = &OpenID{Issuer: m.Issuer(), ClientID: m.ClientID, ClientSecret: m.ClientSecret}
	})
	w.now.Store(int64(clockNow()))
	return w, m
}

// leave begins a trip and gives the address of the provider and the cookie.
func (w *world) leave(next string) (*url.URL, *http.Cookie) {
	w.t.Helper()
	to, keep, err := w.s.Leave(w.t.Context(), next, home)
	w.ok(err)
	u, err := url.Parse(to)
	w.ok(err)
	return u, keep
}

// visit goes to the provider, which sends back at once, and gives the address it
// sends to.
func visit(t *testing.T, to *url.URL) *url.URL {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(to.String())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("%s: %v", res.Status, err)
	}
	return back
}

// back is the browser's request when it comes back.
func back(t *testing.T, to *url.URL, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, to.String(), nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestSigningInByAProvider(t *testing.T) {
	w, m := provided(t)
	m.QueueUser(&mockoidc.MockUser{Subject: "7", Email: "ADA@people.example", EmailVerified: true})
	to, keep := w.leave("/decisions/7")
	q := to.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != "https://roll.example.org/sign-in/openid/back" || q.Get("scope") != "openid email" {
		t.Errorf("asked for %s", to)
	}
	t1 := q.Get("state") + q.Get("nonce") + q.Get("code_challenge")
	if len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 || strings.Contains(t1, keep.Value[:43]) {
		t.Errorf("state %q, nonce %q", q.Get("state"), q.Get("nonce"))
	}
	if keep.Name != "__Host-goodstanding-openid" || keep.MaxAge != 600 || !keep.Secure || !keep.HttpOnly || keep.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", keep)
	}
	other, _ := w.leave("")
	if other.Query().Get("state") == q.Get("state") || other.Query().Get("nonce") == q.Get("nonce") {
		t.Error("two trips with one state")
	}
	at := visit(t, to)
	session, gone, next, err := w.s.Back(back(t, at, keep), home)
	w.ok(err)
	if next != "/decisions/7" || gone.MaxAge != -1 || gone.Name != keep.Name || w.signedIn(session) != string(w.ada) {
		t.Errorf("%q, %+v, %q", next, gone, w.signedIn(session))
	}
	if rows := w.audit("sign_in"); len(rows) != 1 || rows[0].Payload != `{"way":"openid"}` {
		t.Errorf("audit: %+v", rows)
	}
	// The code is used up: the provider does not take it twice.
	if _, _, _, err := w.s.Back(back(t, at, keep), home); !errors.Is(err, ErrProvider) {
		t.Errorf("the same answer again: %v", err)
	}
	if sessions, _ := w.rows(); sessions != 1 {
		t.Errorf("%d sessions", sessions)
	}
}

// Whoever is not known, and whoever's address is not confirmed there, is refused
// alike.
func TestAProviderSignsInWhomItVouchesForAlone(t *testing.T) {
	w, m := provided(t)
	for name, user := range map[string]*mockoidc.MockUser{
		"unknown":       {Subject: "1", Email: "eve@people.example", EmailVerified: true},
		"not confirmed": {Subject: "2", Email: "ada@people.example"},
		"no address":    {Subject: "3", EmailVerified: true},
	} {
		m.QueueUser(user)
		to, keep := w.leave("")
		session, _, _, err := w.s.Back(back(t, visit(t, to), keep), home)
		if session != nil || !errors.Is(err, ErrNotKnown) || err.Error() != "nobody is signed in by this account of the sign-in service" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if sessions, _ := w.rows(); sessions != 0 {
		t.Errorf("%d sessions", sessions)
	}
}

// An answer that belongs to no request of this browser signs nobody in.
func TestAnAnswerForAnotherBrowser(t *testing.T) {
	w, m := provided(t)
	m.QueueUser(&mockoidc.MockUser{Subject: "7", Email: "ada@people.example", EmailVerified: true})
	to, keep := w.leave("")
	at := visit(t, to)
	_, foreign := w.leave("")
	broken := *keep
	broken.Value = "short.L21l"
	for name, cookies := range map[string][]*http.Cookie{"no cookie": nil, "another's": {foreign}, "a broken one": {&broken}} {
		if session, gone, _, err := w.s.Back(back(t, at, cookies...), home); session != nil || !errors.Is(err, ErrBroken) || gone == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	q := at.Query()
	q.Set("state", "x")
	other := *at
	other.RawQuery = q.Encode()
	if _, _, _, err := w.s.Back(back(t, &other, keep), home); !errors.Is(err, ErrBroken) {
		t.Errorf("another state: %v", err)
	}
	// An ID token of another request: its nonce is not this one's, although code
	// and state are.
	m.QueueUser(&mockoidc.MockUser{Subject: "7", Email: "ada@people.example", EmailVerified: true})
	to, keep = w.leave("")
	q = to.Query()
	q.Set("nonce", "another")
	to.RawQuery = q.Encode()
	if _, _, _, err := w.s.Back(back(t, visit(t, to), keep), home); !errors.Is(err, ErrBroken) {
		t.Errorf("another nonce: %v", err)
	}
	// And a code that somebody else asked for: the verifier does not fit.
	m.QueueUser(&mockoidc.MockUser{Subject: "7", Email: "ada@people.example", EmailVerified: true})
	to, keep = w.leave("")
	q = to.Query()
	q.Set("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
	to.RawQuery = q.Encode()
	if _, _, _, err := w.s.Back(back(t, visit(t, to), keep), home); !errors.Is(err, ErrProvider) {
		t.Errorf("another verifier: %v", err)
	}
	if sessions, _ := w.rows(); sessions != 0 {
		t.Errorf("%d sessions", sessions)
	}
}

// A provider that is away, says no or has another name is named, and nothing of
// what it says is shown.
func TestAProviderThatDoesNotHelp(t *testing.T) {
	w, m := provided(t)
	to, keep := w.leave("/me")
	no := *to
	no.Path, no.Host = BackPath, "roll.example.org"
	no.RawQuery = url.Values{"state": {to.Query().Get("state")}, "error": {"access_denied"}, "error_description": {"<b>no</b>"}}.Encode()
	if _, _, _, err := w.s.Back(back(t, &no, keep), home); !errors.Is(err, ErrProvider) || strings.Contains(err.Error(), "<b>") {
		t.Errorf("it says no: %v", err)
	}
	if err := w.s.o.OpenID.Check(t.Context()); err != nil {
		t.Errorf("the right one: %v", err)
	}
	m.QueueError(&mockoidc.ServerError{Code: 500, Error: "broken"})
	away := newProvider(OpenID{Issuer: m.Issuer() + "/nowhere", ClientID: "x"}, "https://roll.example.org/back", w.clock)
	if _, _, err := away.discover(t.Context()); !errors.Is(err, ErrProvider) {
		t.Errorf("no provider there: %v", err)
	}
	none := newWorld(t, dbtest.SQLite(t)(), nil)
	if _, _, err := none.s.Leave(t.Context(), "", home); !errors.Is(err, ErrProvider) || none.s.ByOpenID() != "" {
		t.Errorf("without one: %v", err)
	}
	if host := strings.TrimPrefix(m.Addr(), "http://"); w.s.ByOpenID() != host {
		t.Errorf("it is called %q, want %q", w.s.ByOpenID(), host)
	}
}

func TestTheWordVerified(t *testing.T) {
	for text, want := range map[string]truth{`true`: true, `"true"`: true, `false`: false, `"false"`: false, `1`: false, `null`: false, `"yes"`: false} {
		var got truth
		if err := got.UnmarshalJSON([]byte(text)); err != nil || got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}
