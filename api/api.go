package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Tick says what the tick of the members' table means (domain.md, section 8,
// "public.tick").
type Tick string

// The meanings of the tick.
const (
	TickMember       Tick = "member"        // whoever is on the table has it
	TickGoodStanding Tick = "good_standing" // the same for current, waived and grace
)

// Federation is what the answers say of the federation itself.
type Federation struct{ Name, URL string }

// Options are what an API needs.
type Options struct {
	Roll  *roll.Roll
	Chair *chair.Chair
	DB    *store.DB
	Now   func() instant.Instant
	// SignedIn says which person a request comes from by its session; false for
	// none. nil where nobody can sign in.
	SignedIn func(r *http.Request, now instant.Instant) (member.Actor, bool, error)
	// Zone is the federation's time zone, for texts; nil is UTC.
	Zone       *time.Location
	Federation Federation
	// PublicURL is where the world reaches this server, for links in headers;
	// "" for the root of whatever host was asked.
	PublicURL string
	// TrustedProxies may tell the client's address in X-Forwarded-For. It is
	// used in logs and for nothing else.
	TrustedProxies []netip.Prefix
	Tick           Tick // "" is TickMember
	Log            zerolog.Logger
	// Observe is told of every answer; nil for nobody. The route is a pattern
	// of the table of routes, "unknown" for none; the method a known one or
	// "other".
	Observe func(route, method string, status int, took time.Duration)
	// Pace is how long a person or a token has to wait before changing something again; 0
	// for not at all. It is asked once for each change; nil for no bound.
	Pace func(who string, at instant.Instant) time.Duration
	// Used is told of each request with a token that counts, by the token's id. It must
	// not wait. nil for nobody.
	Used func(token string, at instant.Instant)
	// HookSecret is the last part of the address at which Open Collective may say
	// that something happened (POST /hooks/opencollective/{secret}); "" for no
	// such address. Only its hash is kept.
	HookSecret string
	// Hint is told of each such call. It must not wait. Required with HookSecret.
	Hint func()
	// Poll is how often Watch asks the database; 0 is half a second, so that
	// a foreign write is seen within a second, building the answers included.
	Poll time.Duration
}

const defaultPoll = 500 * time.Millisecond

// API answers requests from one snapshot after the other. It is safe for
// concurrent use.
type API struct {
	o       Options
	hook    *secretHash // nil for no webhook
	current atomic.Pointer[snapshot]
	// cutOff says that the last Refresh failed.
	cutOff atomic.Bool
	// refreshing lets one goroutine at a time build a snapshot; begun counts them.
	refreshing sync.Mutex
	begun      atomic.Int64
	// looking lets one goroutine at a time look whether others have written; looked
	// counts the looks.
	looking sync.Mutex
	looked  atomic.Int64
	// rendering lets one goroutine at a time work out what time has changed.
	rendering sync.Mutex
	// fresh are answers that were worked out a moment ago.
	fresh fresh
	// schema is the database's version when it was first read.
	schema atomic.Int64
	// cross tells what another website made the browser of somebody send who is
	// signed in here.
	cross *http.CrossOriginProtection
}

// New makes an API. It answers 503 until the first Refresh. The error names
// every option that is wrong.
func New(o Options) (*API, error) {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(o.Roll == nil, "Roll is missing")
	fault(o.Chair == nil, "Chair is missing")
	fault(o.DB == nil, "DB is missing")
	fault(o.Now == nil, "Now is missing: the API reads no clock by itself")
	fault(!webAddress(o.PublicURL), "PublicURL is not an address: write it as https://roll.example.org")
	fault(!webAddress(o.Federation.URL), "Federation.URL is not an address: write it as https://example.org")
	if o.HookSecret != "" {
		if why := HookSecretFault(o.HookSecret); why != "" {
			fault(true, "HookSecret %s", why)
		}
		fault(o.Hint == nil, "Hint is missing: nobody would be told what the webhook says")
	}
	switch o.Tick {
	case "":
		o.Tick = TickMember
	case TickMember, TickGoodStanding:
	default:
		fault(true, "Tick is %q: want %s or %s", o.Tick, TickMember, TickGoodStanding)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("make the API: %w", err)
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	a := &API{o: o, hook: hashOf(o.HookSecret), cross: http.NewCrossOriginProtection()}
	if u, err := url.Parse(o.PublicURL); err == nil && u.Host != "" { // a proxy may pass another Host on
		if err := a.cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("make the API: PublicURL: %w", err)
		}
	}
	a.o.HookSecret = "" // nothing that is kept can show it
	return a, nil
}

// webAddress says whether a text is an address of the web, or empty. It must be
// fit to stand in a header.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && !strings.ContainsAny(s, "<>\" ,;?#")
}

// Watch refreshes the snapshot until the context ends. It logs when the
// database is lost and when it is found again, once each.
func (a *API) Watch(ctx context.Context) {
	tick := time.NewTicker(a.o.Poll)
	defer tick.Stop()
	lost := false // who reads may have noticed first, and logs nothing
	for {
		err := a.Refresh(ctx)
		switch was := lost; {
		case ctx.Err() != nil:
			return
		case err != nil && !was:
			a.o.Log.Error().Err(err).Msg("the database cannot be read: answers go on with what was read last, marked stale")
		case err == nil && was:
			a.o.Log.Info().Msg("the database can be read again")
		}
		lost = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
