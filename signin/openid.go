package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// OpenID is an OpenID Connect provider that knows people by a verified e-mail
// address.
type OpenID struct {
	// Issuer is the provider's address; what it is able to do is read below it.
	Issuer                 string
	ClientID, ClientSecret string
	// Name is what people call it; "" for the issuer's host.
	Name string
	// HTTP talks to it; nil for a client with bounds of its own.
	HTTP *http.Client
}

// What signing in by a provider can fail for, apart from the database.
var (
	// ErrNotKnown says that nobody is signed in by what the provider said. It does
	// not tell why: whether somebody is known here is nobody's business.
	ErrNotKnown = errors.New("nobody is signed in by this account of the sign-in service")
	// ErrBroken says that the answer does not belong to a request of this browser,
	// or that its time is over: start again.
	ErrBroken = errors.New("the answer of the sign-in service does not belong to a request of this browser")
	// ErrProvider says that the provider cannot be talked to, or said no.
	ErrProvider = errors.New("the sign-in service did not answer as it should")
	// ErrOften says that the client went to the provider, or came back, too often:
	// it may again in a minute.
	ErrOften = errors.New("too many ways to the sign-in service from one client: wait a minute")
)

// Bounds of talking to a provider.
const (
	// openIDFor is how long one may take at the provider.
	openIDFor      = 10 * minute
	providerWithin = 10 * time.Second
	mostProvider   = 1 << 20 // bytes of one answer
	// failureFor is how long a provider that did not say what it is able to do is
	// not asked again.
	failureFor = 5 * instant.Instant(time.Second/time.Microsecond)
)

// provider is an OpenID provider. What it is able to do is read when somebody
// first signs in, so that the program starts without it.
type provider struct {
	o    OpenID
	name string
	back string
	now  func() instant.Instant

	mu     sync.Mutex
	known  *oidc.Provider
	trying *attempt // the one that goes on; nil for none
	failed *attempt // the last one, where it failed
}

// attempt is one try to read what the provider is able to do. All who want to know
// meanwhile wait for it.
type attempt struct {
	over  chan struct{} // closed once known and err are set
	known *oidc.Provider
	err   error
	ended instant.Instant
}

func newProvider(o OpenID, back string, now func() instant.Instant) *provider {
	p := &provider{o: o, name: o.Name, back: back, now: now}
	if p.o.HTTP == nil {
		p.o.HTTP = &http.Client{Timeout: providerWithin, Transport: bounded{http.DefaultTransport}}
	}
	if p.name == "" {
		_, rest, _ := strings.Cut(o.Issuer, "://")
		p.name, _, _ = strings.Cut(rest, "/")
	}
	return p
}

// bounded cuts off answers that are too long.
type bounded struct{ next http.RoundTripper }

// RoundTrip asks.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, mostProvider), res.Body}
	}
	return res, err
}

// discover is what the provider is able to do. Where it has not told yet it is asked,
// once for all who wait, for as long as ctx lasts; right after it failed it is not.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	known, err := p.told(ctx)
	if err != nil {
		return nil, oauth2.Config{}, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	return known, oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: known.Endpoint(), RedirectURL: p.back,
		Scopes: []string{oidc.ScopeOpenID, "email"}}, nil
}

func (p *provider) told(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	known, a := p.known, p.current()
	if known == nil && a == nil {
		a = &attempt{over: make(chan struct{})}
		p.trying = a
		// It is everybody's who waits, so it outlasts the request that began it; the
		// client bounds it.
		go p.ask(oidc.ClientContext(context.WithoutCancel(ctx), p.o.HTTP), a)
	}
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	select {
	case <-a.over:
		return a.known, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// current is the attempt to wait for, or whose failure still counts; nil for none.
func (p *provider) current() *attempt {
	if p.trying != nil || p.failed == nil {
		return p.trying
	}
	if since := p.now() - p.failed.ended; since < 0 || since >= failureFor { // a clock may go back
		return nil
	}
	return p.failed
}

// ask makes an attempt.
func (p *provider) ask(ctx context.Context, a *attempt) {
	status, client := &answered{next: p.o.HTTP.Transport}, *p.o.HTTP
	if client.Transport = status; status.next == nil {
		status.next = http.DefaultTransport
	}
	known, err := oidc.NewProvider(oidc.ClientContext(ctx, &client), p.o.Issuer)
	if err != nil {
		err = inOurWords(err, int(status.last.Load()), p.o.Issuer)
	}
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	a.known, a.err, a.ended = known, err, now
	p.known, p.trying, p.failed = known, nil, nil
	if err != nil {
		p.failed = a
	}
	close(a.over)
}

// answered notes with which status an answer came.
type answered struct {
	next http.RoundTripper
	last atomic.Int64
}

// RoundTrip asks.
func (a *answered) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := a.next.RoundTrip(r)
	if err == nil {
		a.last.Store(int64(res.StatusCode))
	}
	return res, err
}

// inOurWords says why what a provider is able to do could not be read, for the log and
// whoever checks the settings. What it wrote may be anything, and is left out but for
// another spelling of the issuer.
func inOurWords(err error, status int, issuer string) error {
	if way, is := errors.AsType[*url.Error](err); is {
		if strings.HasPrefix(way.URL, issuer) {
			return way
		}
		return way.Err // without the address that it sent us on to
	}
	if status == 0 { // nothing was asked
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("it answered %d %s where it is to say what it is able to do (below the issuer, /.well-known/openid-configuration): is that the issuer?", status, http.StatusText(status))
	}
	if m, is := errors.AsType[*oidc.IssuerMismatchError](err); is {
		if strings.TrimSuffix(m.Discovered, "/") == strings.TrimSuffix(issuer, "/") {
			return fmt.Errorf("it calls its issuer %s: write it the same way, with or without the slash at its end", m.Discovered)
		}
		return errors.New("it gives another issuer for itself than the one that is set: write the issuer as the service does")
	}
	return errors.New("what it answered is no JSON that says what it is able to do (below the issuer, /.well-known/openid-configuration): is that the issuer?")
}

// trip is one way to the provider and back. The browser keeps its secret in a
// cookie, and everything else is made of it: the state that binds the answer to
// the browser, the nonce that binds the provider's word to the request, and the
// verifier that binds the code to who asked for it (RFC 7636).
type trip struct{ secret, next string }

func (t trip) derive(what string) string {
	mac := hmac.New(sha256.New, []byte(t.secret))
	mac.Write([]byte(what))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (t trip) state() string    { return t.derive("state") }
func (t trip) nonce() string    { return t.derive("nonce") }
func (t trip) verifier() string { return t.derive("verifier") }

// cookie is what the browser keeps.
func (t trip) cookie() string {
	return t.secret + "." + base64.RawURLEncoding.EncodeToString([]byte(t.next))
}

func readTrip(cookie string) (t trip, ok bool) {
	secret, rest, found := strings.Cut(cookie, ".")
	next, err := base64.RawURLEncoding.DecodeString(rest)
	return trip{secret, Next(string(next))}, found && err == nil && len(secret) == base64.RawURLEncoding.EncodedLen(tokenBytes)
}

// Check asks the provider what it is able to do: what check-config shows.
func (o OpenID) Check(ctx context.Context) error {
	_, _, err := newProvider(o, "", func() instant.Instant { return 0 }).discover(ctx)
	return err
}

// Leave says where to send a browser so that its person signs in at the provider,
// and which cookie it has to keep meanwhile. A client that goes too often is refused
// with ErrOften.
func (s *Service) Leave(ctx context.Context, next string, client netip.Addr) (to string, keep *http.Cookie, err error) {
	if s.openID == nil {
		return "", nil, ErrProvider
	}
	if !s.leaving.allow(client, s.o.Now().Time()) {
		return "", nil, ErrOften
	}
	_, config, err := s.openID.discover(ctx)
	if err != nil {
		return "", nil, err
	}
	secret, _ := newToken()
	t := trip{secret, Next(next)}
	return config.AuthCodeURL(t.state(), oidc.Nonce(t.nonce()), oauth2.S256ChallengeOption(t.verifier())), s.cookie(openIDName, t.cookie(), openIDFor), nil
}

// Back signs in whom the provider sent back. gone takes the trip's cookie away,
// whatever came of it: a trip is made once. Anybody can make up an answer that fits a
// cookie of their own, and the provider is asked about it: a client whose answers do
// that too often is refused with ErrOften.
func (s *Service) Back(r *http.Request, client netip.Addr) (session, gone *http.Cookie, next string, err error) {
	gone = s.cookie(openIDName, "", 0)
	if s.openID == nil {
		return nil, gone, "", ErrProvider
	}
	t, ok := readTrip(s.token(r, openIDName))
	q := r.URL.Query()
	if !ok || !hmac.Equal([]byte(q.Get("state")), []byte(t.state())) {
		return nil, gone, "", ErrBroken
	}
	if q.Get("code") == "" { // it says why in "error", in words of a stranger
		return nil, gone, t.next, ErrProvider
	}
	if !s.returning.allow(client, s.o.Now().Time()) {
		return nil, gone, t.next, ErrOften
	}
	email, err := s.openID.email(r.Context(), q.Get("code"), t)
	if err != nil {
		return nil, gone, t.next, err
	}
	session, err = s.begin(r, store.ByOpenID, func(tx *store.Tx) (member.PersonID, store.Way, error) {
		p, ok, err := tx.PersonByEmail(r.Context(), email)
		return p.ID, store.ByOpenID, errors.Join(err, unless(ok, ErrUnknown))
	})
	if errors.Is(err, ErrUnknown) {
		err = ErrNotKnown
	}
	return session, gone, t.next, err
}

// email is the address that the provider vouches for.
func (p *provider) email(ctx context.Context, code string, t trip) (string, error) {
	known, config, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.o.HTTP)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(t.verifier()))
	if err != nil {
		return "", fmt.Errorf("%w: it does not take the code it gave", ErrProvider)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", fmt.Errorf("%w: it gave no ID token", ErrProvider)
	}
	id, err := known.Verifier(&oidc.Config{ClientID: p.o.ClientID, Now: func() time.Time { return p.now().Time() }}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: its ID token does not hold", ErrProvider)
	}
	if !hmac.Equal([]byte(id.Nonce), []byte(t.nonce())) {
		return "", ErrBroken
	}
	claims, err := claimsOf(ctx, known, id, token)
	if err != nil {
		return "", err
	}
	if claims.Email == "" || !claims.Verified {
		return "", ErrNotKnown
	}
	return claims.Email, nil
}

// claims are what a provider says of an address.
type claims struct {
	Email    string `json:"email"`
	Verified truth  `json:"email_verified"`
}

// truth is true, also as the word that some providers write.
type truth bool

// UnmarshalJSON reads true and "true"; everything else is false.
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "true" || string(b) == `"true"`
	return nil
}

// claimsOf reads the address in the ID token, else at the provider's userinfo
// endpoint, where it has to speak of the same account.
func claimsOf(ctx context.Context, known *oidc.Provider, id *oidc.IDToken, token *oauth2.Token) (c claims, err error) {
	if err := id.Claims(&c); err != nil {
		return c, fmt.Errorf("%w: its ID token cannot be read", ErrProvider)
	}
	if c.Email != "" || known.UserInfoEndpoint() == "" {
		return c, nil
	}
	info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil && info.Subject != id.Subject {
		err = errors.New("another account")
	}
	if err == nil {
		err = info.Claims(&c)
	}
	if err != nil {
		return claims{}, fmt.Errorf("%w: it does not say whose account that is", ErrProvider)
	}
	return c, nil
}
