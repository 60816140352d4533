package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
)

// Federation is what every page says of the federation.
type Federation struct {
	Name, URL string
	// About says what the federation is, in its own words; "" for none.
	About string
	// PayURL is the page on which members pay; "" for none.
	PayURL string
	// Treasurers is the address at which treasurers are reached; "" for none.
	// Delegates read it, as they do in mails; nobody's own address is shown.
	Treasurers string
	// Rooms are where it talks, by name; who proposes something is offered them as the
	// place where it is discussed.
	Rooms []string
	// Code is the code of co-operation, with whom to turn to (domain.md, section 8).
	Code CodeOfCooperation
}

// CodeOfCooperation is shown on every page's foot.
type CodeOfCooperation struct {
	Name, URL     string
	ContactPeople []string
}

// Options are what the pages need.
type Options struct {
	SignIn *signin.Service
	Roll   *roll.Roll
	// Chair takes what delegates answer.
	Chair *chair.Chair
	// Announced is how the opening of a decision would be told to a member of that name
	// by mail, and in the room; minimum are the dues that the rules ask for. nil shows
	// no announcement.
	Announced func(p *chair.Preview, to, minimum string) (Announced, error)
	Now       func() instant.Instant
	// NextReading is when Open Collective is to be read next, 0 while that is not known;
	// nil where nobody reads it.
	NextReading func() instant.Instant
	// Letters writes letters for previews; nil for none.
	Letters *Letters
	// Memory is what the public pages are made of at an instant, read before; false
	// while nothing was read.
	Memory func(now instant.Instant) (Memory, bool)
	// CatchUp has Memory know what was written before, also by another daemon: it is
	// asked for who is signed in. nil leaves that to whoever reads Memory.
	CatchUp    func(ctx context.Context)
	Federation Federation
	// Zone is the federation's time zone; nil is UTC.
	Zone *time.Location
	// BaseURL is where people reach the pages.
	BaseURL string
	// TrustedProxies may tell the client's address in X-Forwarded-For.
	TrustedProxies []netip.Prefix
	Log            zerolog.Logger
	// Pace is how long somebody has to wait before changing something again; 0 for not
	// at all. It is asked once for each form of somebody who is signed in; nil for no
	// bound.
	Pace func(who string, at instant.Instant) time.Duration
	// Observe is told of every answer, by the pattern of a route; nil for nobody.
	Observe func(route, method string, status int, took time.Duration)
}

// Announced is how the opening of a decision is told.
type Announced struct {
	Subject, Mail string // of the mail, as plain text
	Room          string // in the room, as plain text
}

// Pages are the pages. They are safe for concurrent use.
type Pages struct {
	o      Options
	routes []route
	cross  *http.CrossOriginProtection
}

// New makes the pages. The error names every option that is wrong.
func New(o Options) (*Pages, error) {
	var faults []error
	for text, missing := range map[string]bool{"SignIn is missing": o.SignIn == nil, "Roll is missing": o.Roll == nil, "Chair is missing": o.Chair == nil, "Now is missing": o.Now == nil, "Memory is missing": o.Memory == nil} {
		if missing {
			faults = append(faults, errors.New(text))
		}
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		faults = append(faults, errors.New("BaseURL is no address: write it as https://roll.example.org"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("make the pages: %w", err)
	}
	if o.Federation.Name == "" {
		o.Federation.Name = base.Host
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	p := &Pages{o: o, routes: routes(), cross: http.NewCrossOriginProtection()}
	// Behind a proxy that asks under another name the address that people see is
	// the one that counts.
	if err := p.cross.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, fmt.Errorf("make the pages: %w", err)
	}
	return p, nil
}

// Before answers what is a page, and leaves everything else to next: also pages in
// another form, which next knows under another path.
func (p *Pages) Before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there := p.find(r.URL.Path)
		switch {
		case len(there) == 0:
			next.ServeHTTP(w, r)
		case there[0].as != "":
			next.ServeHTTP(w, there[0].elsewhere(r))
		default:
			p.serve(w, r, there)
		}
	})
}
