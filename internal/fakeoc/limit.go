package fakeoc

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts requests in windows of a minute that begin with the first one,
// by path, method and who asks (open-collective.md, section 1.3).
type limiter struct {
	clock func() time.Time
	off   bool

	mu      sync.Mutex
	windows map[string]*window
}

type window struct {
	ends time.Time
	left int
}

// take counts a request, sets the three headers, and answers 429 where no more
// are allowed.
func (l *limiter) take(w http.ResponseWriter, path string, r *http.Request, v viewer) bool {
	now := l.clock()
	key := "ratelimit:" + path + ":" + r.Method + ":" + v.bucket
	l.mu.Lock()
	if l.windows == nil {
		l.windows = map[string]*window{}
	}
	at := l.windows[key]
	if at == nil || !now.Before(at.ends) {
		at = &window{ends: now.Add(time.Minute), left: v.limit}
		l.windows[key] = at
	}
	at.left--
	left, ends := at.left, at.ends
	l.mu.Unlock()
	h := w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(v.limit))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(math.Ceil(float64(ends.UnixMilli())/1000)), 10))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	if left >= 0 || l.off {
		return true
	}
	h.Set("Retry-After", fmt.Sprintf("%.3f", ends.Sub(now).Seconds()))
	more := "Create a Personal Token to get higher limits."
	if v.account != nil {
		more = "Contact-us to get higher limits."
	}
	send(w, http.StatusTooManyRequests, `{"error":{"message":"Rate limit exceeded. `+more+`"}}`)
	return false
}
