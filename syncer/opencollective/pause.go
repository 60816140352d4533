package opencollective

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Bounds of a pause: upstream's 0 still means "not now", and an absurd number
// must not silence the client for good.
const (
	shortestPause = time.Second
	longestPause  = time.Hour
)

// waitAsked reads how long upstream wants to be left alone: Retry-After in
// seconds (upstream sends fractions, "37.412") or as a date, else the
// X-RateLimit-Reset in epoch seconds, else a minute. Dates are held against the
// answer's own Date, so that neither clock has to be right.
func waitAsked(h http.Header, now instant.Instant) time.Duration {
	base := now.Time()
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		base = t
	}
	after := strings.TrimSpace(h.Get("Retry-After"))
	if s, ok := seconds(after); ok {
		return bounded(s)
	}
	if t, err := http.ParseTime(after); err == nil {
		return bounded(t.Sub(base).Seconds())
	}
	if s, ok := seconds(strings.TrimSpace(h.Get("X-RateLimit-Reset"))); ok && s > 0 {
		return bounded(s - float64(base.UnixMilli())/1000)
	}
	return defaultPause
}

func seconds(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) && v >= 0
}

func bounded(s float64) time.Duration {
	return time.Duration(min(max(s, shortestPause.Seconds()), longestPause.Seconds()) * float64(time.Second))
}
