// Package caller says from which address a request comes, how often whoever is known
// may change something, and that whoever asked has gone.
package caller

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Address is the address of whoever asks; the zero value where that cannot be
// told. Behind proxies that are trusted it is the last address in
// X-Forwarded-For that is none of theirs: everything before that is what a
// client may have made up.
func Address(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	at := peer.Addr().Unmap()
	if !ours(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return at
		}
		if at = next.Unmap(); !ours(at) {
			return at
		}
	}
	return at
}

// Word is the address as logs have it; "" where it cannot be told.
func Word(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
