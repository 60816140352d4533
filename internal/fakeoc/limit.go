package fakeoc

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Upstream's allowance per window (open-collective.md, section 1.3).
const (
	window        = time.Minute
	publicMost    = 10
	tokenMost     = 100
	rememberedFor = 4096 // buckets; then those that have passed are dropped
)

// limiter counts requests in fixed windows: one bucket for each path, method and
// token, or address of the public.
type limiter struct {
	mu      sync.Mutex
	buckets map[[3]string]*bucket
}

type bucket struct {
	ends  time.Time
	count int
}

// spent is what a request finds in its bucket.
type spent struct {
	most, left int
	ends       time.Time
	refused    bool
}

func (l *limiter) take(r *http.Request, c caller, now time.Time) spent {
	key, most := [3]string{r.URL.Path, r.Method, c.secret}, tokenMost
	if c.token == nil {
		most = publicMost
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
			key[2] = "ip " + host
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil || !now.Before(b.ends) {
		l.forget(now)
		b = &bucket{ends: now.Add(window)}
		l.buckets[key] = b
	}
	b.count++
	return spent{most: most, left: max(0, most-b.count), ends: b.ends, refused: b.count > most}
}

func (l *limiter) forget(now time.Time) {
	if l.buckets == nil {
		l.buckets = map[[3]string]*bucket{}
	}
	if len(l.buckets) < rememberedFor {
		return
	}
	for key, b := range l.buckets {
		if !now.Before(b.ends) {
			delete(l.buckets, key)
		}
	}
}

// announce writes the three headers; the reset is in whole seconds, rounded up.
func (s spent) announce(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.most))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(s.left))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(math.Ceil(float64(s.ends.UnixMilli())/1000)), 10))
}

// wait is a fraction of seconds, as upstream writes it.
func (s spent) wait(now time.Time) string {
	return strconv.FormatFloat(float64(s.ends.Sub(now).Milliseconds())/1000, 'f', -1, 64)
}
