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
	"strings"
	"sync"
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
)

// Bounds of talking to a provider.
const (
	// openIDFor is how long one may take at the provider.
	openIDFor      = 10 * minute
	providerWithin = 10 * time.Second
	mostProvider   = 1 << 20 // bytes of one answer
)

// provider is an OpenID provider. What it is able to do is read when somebody
// first signs in, so that the program starts without it.
type provider struct {
	o    OpenID
	name string
	back string
	now  func() instant.Instant

	mu    sync.Mutex
	known *oidc.Provider
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

// discover reads what the provider is able to do, once it has told.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		// Its keys are read again for as long as it is used, so not with ctx.
		lasting := oidc.ClientContext(context.WithoutCancel(ctx), p.o.HTTP)
		known, err := oidc.NewProvider(lasting, p.o.Issuer)
		if err != nil {
			return nil, oauth2.Config{}, fmt.Errorf("%w: %w", ErrProvider, err)
		}
		p.known = known
	}
	return p.known, oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: p.known.Endpoint(), RedirectURL: p.back,
		Scopes: []string{oidc.ScopeOpenID, "email"}}, nil
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
	_, _, err := newProvider(o, "", nil).discover(ctx)
	return err
}

// Leave says where to send a browser so that its person signs in at the provider,
// and which cookie it has to keep meanwhile.
func (s *Service) Leave(ctx context.Context, next string) (to string, keep *http.Cookie, err error) {
	if s.openID == nil {
		return "", nil, ErrProvider
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
// whatever came of it: a trip is made once.
func (s *Service) Back(r *http.Request) (session, gone *http.Cookie, next string, err error) {
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
