package email

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// TLS says how a connection is protected.
type TLS uint8

// The protections. StartTLS is that of submission on port 587, Implicit that of
// port 465; both verify the server's certificate.
const (
	StartTLS TLS = iota
	Implicit
	// Off is for a relay on this very host.
	Off
)

// Server is where mails are handed in.
type Server struct {
	Host           string
	Port           int
	User, Password string // "" for a server that asks for none
	TLS            TLS
	// Unverified takes any certificate: the connection is hidden from those who
	// listen, not from those who stand in between.
	Unverified bool
}

// Options are what a Sender needs.
type Options struct {
	Server Server
	// From is who the mails are from.
	From mail.Address
	// ReplyTo is where answers go, the treasurers' address; none for From.
	ReplyTo mail.Address
	// Federation is its name, for the List-Id; "" for none.
	Federation string
	// Hello is what this host calls itself in EHLO; "" for its own name.
	Hello string
	// Now reads the clock, for the Date header.
	Now func() time.Time
	// Roots are the authorities to trust; nil for the system's.
	Roots *x509.CertPool
	// Timeout bounds the opening of a connection and each mail; 0 is 2 minutes. A
	// server may look at a mail for long before it says that it takes it, and who
	// does not wait for that does not know (RFC 5321, 4.5.3.2.6).
	Timeout time.Duration
}

const (
	defaultTimeout = 2 * time.Minute
	dialWithin     = 30 * time.Second // a host that is there answers sooner
	idleWithin     = 30 * time.Second // a connection is used again within it
	quitWithin     = 3 * time.Second
)

// ParseURL reads where mails are handed in: smtp://USER:PASSWORD@HOST:PORT for
// STARTTLS (port 587 unless given), smtps:// for TLS from the first byte (465).
// ?tls=off is for a relay on this host, ?tls=unverified takes any certificate.
// The error has every fault and repeats nothing of what is given.
func ParseURL(text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Opaque != "" {
		return Server{}, errors.New("is no address of a mail server: write smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org:465, " +
			"with a special character of user or password as %XX")
	}
	s := Server{Host: u.Hostname(), Port: 587, User: u.User.Username()}
	if u.Scheme == "smtps" {
		s.Port, s.TLS = 465, Implicit
	}
	s.Password, _ = u.User.Password()
	var faults []error
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			faults = append(faults, errors.New("has a port that is none: write a number from 1 to 65535"))
		}
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		faults = append(faults, errors.New("has something after the host: write only user, password, host, port and ?tls="))
	}
	if (s.User == "") != (s.Password == "") {
		faults = append(faults, errors.New("has only one of user and password: write both, or neither"))
	}
	return s, errors.Join(append(faults, s.options(u)...)...)
}

// options reads what stands after the question mark.
func (s *Server) options(u *url.URL) (faults []error) {
	query, err := url.ParseQuery(u.RawQuery)
	for key := range query {
		if key != "tls" || len(query[key]) > 1 {
			err = errors.New("another option")
		}
	}
	if err != nil {
		faults = append(faults, errors.New("has an option that is none: there are ?tls=off and ?tls=unverified"))
	}
	switch word := query.Get("tls"); {
	case word == "":
	case word == "unverified":
		s.Unverified = true
	case word == "off" && s.TLS == Implicit:
		faults = append(faults, errors.New("says smtps and tls=off: write smtp:// for a connection without TLS"))
	case word == "off" && !loopback(s.Host):
		faults = append(faults, errors.New("turns TLS off for a server that is not on this host: mails and password would travel in the clear"))
	case word == "off":
		s.TLS = Off
	default:
		faults = append(faults, fmt.Errorf("has tls=%q: there are off and unverified", clip(word)))
	}
	return faults
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func clip(s string) string {
	if len(s) > 20 {
		return s[:20] + "…"
	}
	return s
}

// Where names the server, without user and password; for people to read.
func (s Server) Where() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// ParseFrom reads who mails are from: an address, with a name or without.
func ParseFrom(text string) (mail.Address, error) {
	return parseAddress(text, `roll@example.org, or "Example Federation" <roll@example.org>`)
}

// ParseReplyTo reads where answers go: an address, with a name or without.
func ParseReplyTo(text string) (mail.Address, error) {
	return parseAddress(text, `treasurers@example.org, or "Treasurers" <treasurers@example.org>`)
}

func parseAddress(text, right string) (mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || !strings.Contains(a.Address, "@") || control(text) {
		return mail.Address{}, errors.New("is no e-mail address: write " + right)
	}
	return *a, nil
}

// hostName is one or more labels of letters, digits and hyphens.
var hostName = regexp.MustCompile(`^(?i)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// ParseHello reads what a host calls itself in EHLO: its name, or its address,
// which becomes [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321, 4.1.3).
func ParseHello(text string) (string, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		if ip.Is4() {
			return "[" + text + "]", nil
		}
		return "[IPv6:" + text + "]", nil
	}
	if len(text) > 253 || !hostName.MatchString(text) {
		return "", errors.New("is no name of a host: write the one that this host has in the DNS, such as roll.example.org")
	}
	return text, nil
}

func control(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
