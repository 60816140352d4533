package signin

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one client may ask for a link, go to the sign-in service, and come back from
// it. A whole office may share an address.
const (
	clientBurst = 20
	clientEvery = time.Minute
	// mostClients bounds the memory. Those beyond it share one allowance.
	mostClients = 4096
)

// clients limits how often each client address does something.
type clients struct {
	mu     sync.Mutex
	every  time.Duration
	burst  int
	known  map[netip.Prefix]*rate.Limiter
	others *rate.Limiter
	tidied time.Time // when it last let go of those that are quiet
}

// newClients lets each client do something as often as burst at once, and once more
// after each every.
func newClients(every time.Duration, burst int) *clients {
	c := &clients{every: every, burst: burst, known: map[netip.Prefix]*rate.Limiter{}}
	c.others = c.allowance()
	return c
}

func (c *clients) allowance() *rate.Limiter { return rate.NewLimiter(rate.Every(c.every), c.burst) }

// network is what counts as one client: an address, or the network that a home
// or a server gets with IPv6.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() && !a.Is4In6() {
		bits = 64
	}
	p, err := a.Unmap().Prefix(min(bits, a.Unmap().BitLen()))
	if err != nil { // no address at all: those share one allowance, too
		return netip.Prefix{}
	}
	return p
}

// allow says whether the client may ask at t, and counts it.
func (c *clients) allow(client netip.Addr, t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := network(client)
	l, known := c.known[key]
	if !known {
		if len(c.known) >= mostClients {
			c.forget(t)
		}
		if len(c.known) >= mostClients {
			return c.others.AllowN(t, 1)
		}
		l = c.allowance()
		c.known[key] = l
	}
	return l.AllowN(t, 1)
}

// forget lets go of those that have their whole allowance again. It looks for
// them once in a while only, so that a crowd of strangers costs little.
func (c *clients) forget(t time.Time) {
	if t.Sub(c.tidied) < c.every {
		return
	}
	c.tidied = t
	for key, l := range c.known {
		if l.TokensAt(t) >= float64(c.burst) {
			delete(c.known, key)
		}
	}
}
