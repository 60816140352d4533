package caller

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.7:4000", "", "192.0.2.7"},
		{"192.0.2.7:4000", "203.0.113.9", "192.0.2.7"}, // nobody asked a stranger
		{"10.0.0.1:4000", "", "10.0.0.1"},
		{"10.0.0.1:4000", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:4000", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"}, // the first may be made up
		{"10.0.0.1:4000", "203.0.113.9, rubbish", "10.0.0.1"},
		{"[::1]:4000", "2001:db8::7", "2001:db8::7"},
		{"[::ffff:192.0.2.7]:4000", "", "192.0.2.7"},
		{"pipe", "203.0.113.9", ""},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := Word(Address(r, trusted)); got != c.want {
			t.Errorf("%s for %q: %q, want %q", c.peer, c.forwarded, got, c.want)
		}
	}
}
