package signin

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// How long things last.
const (
	// SessionFor is how long a session counts, from signing in.
	SessionFor = 30 * instant.Day
	// MailedFor is how long a mailed link counts, PrintedFor one that the operator
	// printed (domain.md, section 8).
	MailedFor  = 30 * minute
	PrintedFor = 15 * minute
	// linksKept is how long a link that is over is remembered, so that a new one
	// can be sent to the same address.
	linksKept = 30 * instant.Day

	minute = instant.Day / (24 * 60)
)

// Where the pages of this package's doings are. Package web serves them.
const (
	LinkPath = "/sign-in/link/"
	BackPath = "/sign-in/openid/back"
	HomePath = "/me"
)

// Options are what a Service needs.
type Options struct {
	Roll *roll.Roll
	DB   *store.DB
	Now  func() instant.Instant
	// NewID makes identifiers; nil takes store.NewID.
	NewID func(prefix string) string
	Log   zerolog.Logger
	// BaseURL is where people reach the pages. Links are made from it, never from
	// what a request says of itself.
	BaseURL string
	// Federation is its name, for mails; Zone its time zone, nil for UTC.
	Federation string
	Zone       *time.Location
	// Mail carries the links; nil turns signing in by mail off.
	Mail notify.Sender
	// Confirm writes the mail that asks an applicant whether the address is theirs;
	// nil lets nobody apply.
	Confirm func(ConfirmLetter) (subject, text, html string, err error)
	// ShowLinks is told each link instead of a mail being sent. The demo alone
	// sets it, whose people are invented.
	ShowLinks func(link string)
	// OpenID is the provider; nil for none.
	OpenID *OpenID
	// PlainCookies are for pages that are reached over plain http on this very
	// computer; New refuses them for any other address.
	PlainCookies bool
}

// Service knows who is asking. It is safe for concurrent use.
type Service struct {
	o       Options
	base    *url.URL
	asked   chan ask
	clients *clients
	openID  *provider
	// leaving and returning are to the provider and from it.
	leaving, returning *clients

	applicants *clients
	applied    loop.Poker

	taken, answered atomic.Int64
}

// New makes a service. The error names every option that is wrong.
func New(o Options) (*Service, error) {
	var faults []error
	fault := func(bad bool, text string) {
		if bad {
			faults = append(faults, errors.New(text))
		}
	}
	fault(o.Roll == nil, "Roll is missing")
	fault(o.DB == nil, "DB is missing")
	fault(o.Now == nil, "Now is missing: the service reads no clock by itself")
	base, err := url.Parse(o.BaseURL)
	fault(err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http", "BaseURL is no address: write it as https://roll.example.org")
	fault(err == nil && o.PlainCookies && !Loopback(o.BaseURL), "PlainCookies are for an address of this computer alone, such as http://127.0.0.1:8080")
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("make the sign-in service: %w", err)
	}
	if o.NewID == nil {
		o.NewID = store.NewID
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Federation == "" {
		o.Federation = base.Host
	}
	s := &Service{o: o, base: base, asked: make(chan ask, mostWaiting), clients: newClients(clientEvery, clientBurst),
		leaving: newClients(clientEvery, clientBurst), returning: newClients(clientEvery, clientBurst), applicants: newClients(applyEvery, applyBurst), applied: loop.NewPoker()}
	if o.OpenID != nil {
		s.openID = newProvider(*o.OpenID, s.absolute(BackPath), o.Now)
	}
	return s, nil
}

// ByMail says whether one can sign in by a mailed link.
func (s *Service) ByMail() bool { return s.o.Mail != nil || s.o.ShowLinks != nil }

// ByOpenID names the provider; "" for none.
func (s *Service) ByOpenID() string {
	if s.openID == nil {
		return ""
	}
	return s.openID.name
}

// Idle says whether everything that was asked for has been seen to once.
func (s *Service) Idle() bool { return s.taken.Load() == s.answered.Load() }

// absolute is a path as an address that can be mailed.
func (s *Service) absolute(path string) string {
	return strings.TrimRight(s.base.String(), "/") + path
}

// Loopback says whether an address is one of plain http on this very computer.
func Loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// longestNext bounds where a link may lead.
const longestNext = 300

// Next is where to go after signing in, as it was asked for, if that is a path
// of these pages; "" for anything that could lead elsewhere.
func Next(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || len(path) > longestNext ||
		!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, strange) {
		return ""
	}
	return path
}

// strange are characters that browsers read as others than they are.
func strange(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }
