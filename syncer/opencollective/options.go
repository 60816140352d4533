package opencollective

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// What a Client does where Options say nothing.
const (
	// DefaultURL is the public API.
	DefaultURL = "https://api.opencollective.com/graphql/v2"
	// DefaultTimeout ends a request, its body included. Upstream gives up after
	// 25 s too (open-collective.md, section 1.4), so waiting longer brings nothing.
	DefaultTimeout = 25 * time.Second
	// DefaultMaxBytes bounds one answer. The largest good ones are a page of 1,000
	// orders (about 1.6 MB) and one of 10,000 transactions (about 5.5 MB); three
	// times that leaves room for long names and many addresses and still keeps a
	// broken or hostile answer from filling the memory.
	DefaultMaxBytes = 16 << 20
)

// Options say how to reach Open Collective.
type Options struct {
	URL   string // DefaultURL when ""
	Token string // a personal token; "" reads public data
	// Version and Contact (a URL or address of who runs this) make the User-Agent
	// "goodstanding/VERSION (+CONTACT)": upstream's edge challenges nameless clients.
	Version, Contact string

	// Now is the time of the facts: a snapshot's Start. Required.
	Now func() instant.Instant
	// Clock measures waits and is never written anywhere, e.g. time.Now. Required;
	// it differs from Now where the facts have a clock of their own (the demo).
	Clock func() time.Time

	// Wall is what the clock of this machine says. An answer that is dated more than
	// clocksDiffer otherwise is not believed: who pays each month seems to have stopped
	// where the clock is ahead. nil where the facts have a clock of their own.
	Wall func() time.Time

	// PerMinute is how many requests upstream allows in a minute; 0 means 100 with
	// a token and 10 without (open-collective.md, section 1.3).
	PerMinute int
	Timeout   time.Duration     // DefaultTimeout when 0
	MaxBytes  int64             // DefaultMaxBytes when 0
	Transport http.RoundTripper // a transport of its own when nil

	// Observe, when set, is told each request's query, class and duration.
	Observe func(op, class string, took time.Duration)
	// Waiting, when set, is told +1 when a request begins to wait for its turn in
	// the bucket and -1 when it no longer does.
	Waiting func(delta int)
}

func (o Options) faults() error {
	var all []error
	if o.Now == nil || o.Clock == nil {
		all = append(all, errors.New("options need Now and Clock"))
	}
	if o.PerMinute < 2 {
		all = append(all, errors.New("requests a minute (PerMinute) have to be 2 or more"))
	}
	if o.Timeout < 0 || o.MaxBytes < 0 {
		all = append(all, errors.New("neither Timeout nor MaxBytes can be negative"))
	}
	if strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		all = append(all, errors.New("the token contains a space, a line break or another character that no token has: "+
			"copy it again, nothing else in the file"))
	}
	return errors.Join(append(all, urlFault(o.URL, o.Token != ""))...)
}

// urlFault refuses addresses that would carry or expose a secret. It never
// prints the address: somebody may have put a token into it.
func urlFault(raw string, token bool) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("GOODSTANDING_OC_URL is no address: want something like " + DefaultURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("GOODSTANDING_OC_URL carries a user, a query or a fragment: " +
			"leave them out, a token belongs into GOODSTANDING_OC_TOKEN_FILE")
	}
	if token && u.Scheme == "http" && !loopback(u.Hostname()) {
		return errors.New("GOODSTANDING_OC_URL is not https: the token would travel in the clear")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// newTransport is the standard one without sharing its connections, and with
// a bound on headers.
func newTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           2,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

func userAgent(version, contact string) string {
	version, contact = headerWord(version), headerWord(contact)
	if version == "" {
		version = "dev"
	}
	if contact == "" {
		contact = "https://coopcloud.tech/goodstanding"
	}
	return "goodstanding/" + version + " (+" + contact + ")"
}

// headerWord leaves out what would break the header or its comment.
func headerWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, s)
}
