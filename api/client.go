package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client is the address of whoever asks, for logs. Behind proxies that are
// trusted it is the last address in X-Forwarded-For that is none of theirs:
// everything before that is what a client may have made up.
func (a *API) client(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	at := peer.Addr().Unmap()
	if !a.trusted(at) {
		return at.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return at.String()
		}
		if at = next.Unmap(); !a.trusted(at) {
			return at.String()
		}
	}
	return at.String()
}

func (a *API) trusted(addr netip.Addr) bool {
	return slices.ContainsFunc(a.o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
