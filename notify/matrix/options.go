package matrix

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Options are what a Client needs.
type Options struct {
	// URL is the homeserver, such as https://matrix.example.org; see ParseURL.
	URL *url.URL
	// Token is an access token of the account that speaks.
	Token string
	// Room is the id or an alias of the one room; see RoomFault.
	Room string
	// Timeout bounds each question, beside the waiting that Sync asks for; 0 is 30
	// seconds.
	Timeout time.Duration
	// Transport carries the questions; nil for the usual one.
	Transport http.RoundTripper
}

const defaultTimeout = 30 * time.Second

// ParseURL reads where a homeserver is: https, or http for one on this very host.
// The error repeats nothing of what is given.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("is no address of a homeserver: write where its clients reach it, such as https://matrix.example.org")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("carries a user, a query or a fragment: write only where the homeserver is, such as https://matrix.example.org")
	case u.Path != "":
		return nil, errors.New("has a path: write only where the homeserver is, such as https://matrix.example.org, without /_matrix")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("is not https, and the homeserver is not on this host: the token would travel in the clear")
	}
	return u, nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Ids of newer rooms name no server. What counts to 200 takes a millisecond to
// compile, so that waits until it is needed.
var (
	roomID    = compiled(`^![^\s:/?#\x00-\x1f\x7f]{1,200}(:[A-Za-z0-9.:\[\]-]{1,100})?$`)
	roomAlias = compiled(`^#[^\s:\x00-\x1f\x7f]{1,200}:[A-Za-z0-9.:\[\]-]{1,100}$`)
	userID    = compiled(`^@[!-9;-~]{1,200}:[A-Za-z0-9.:\[\]-]{1,100}$`)
)

func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// RoomFault says what is wrong with a room's id or alias; "" for nothing.
func RoomFault(text string) string {
	if (roomID().MatchString(text) || roomAlias().MatchString(text)) && len(text) <= 255 {
		return ""
	}
	return "is no room: write its alias, such as #decisions:example.org, or its id, such as !abcdef:example.org (in most clients under the room's settings, advanced)"
}

// UserFault says what is wrong with a person's Matrix id; "" for nothing.
func UserFault(text string) string {
	if userID().MatchString(text) && len(text) <= 255 {
		return ""
	}
	return "is no Matrix id: write @name:server, such as @ada:example.org"
}
