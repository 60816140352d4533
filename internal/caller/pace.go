package caller

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace bounds how many changes somebody makes who is known: a person who is signed
// in, or a token. Whoever has a session or a token that is not theirs can then neither
// fill a chain nor have everybody mailed without end. Its memory is bounded by how
// many people and tokens there are, so it is asked only about those that were found.
type Pace struct {
	every time.Duration
	burst int
	mu    sync.Mutex
	known map[string]*rate.Limiter
}

// NewPace lets each make burst changes at once, and one more after each every.
func NewPace(every time.Duration, burst int) *Pace {
	return &Pace{every: every, burst: burst, known: map[string]*rate.Limiter{}}
}

// Wait counts a change by who at t and is how long who has to wait before it may be
// made: 0 for not at all. One that has to wait is not counted.
func (p *Pace) Wait(who string, t time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, known := p.known[who]
	if !known {
		l = rate.NewLimiter(rate.Every(p.every), p.burst)
		p.known[who] = l
	}
	r := l.ReserveN(t, 1)
	wait := r.DelayFrom(t)
	if wait > 0 {
		r.CancelAt(t)
	}
	return wait
}
