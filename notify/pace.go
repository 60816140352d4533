package notify

import (
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

const (
	// defaultGap is the least time between two mails to one domain.
	defaultGap = 500 * time.Millisecond
	// The first wait after a deferral, which doubles with each up to the longest. A
	// domain that deferred nothing for the longest wait begins anew.
	firstWait, longestWait = time.Minute, time.Hour
	// mostDomains bounds what is remembered.
	mostDomains = 1024
)

// Pace spreads mails over the domains that they go to: two to the same domain
// are apart by a gap, and a domain that refuses for now is left alone for a
// minute, then two, up to an hour (domain.md, section 6). It neither sleeps nor
// looks at a clock, so that whoever sends can put a mail off and go on with
// another. It is safe for concurrent use.
type Pace struct {
	gap time.Duration
	mu  sync.Mutex
	// at is what is remembered of each domain.
	at map[string]pace
}

// pace is what is remembered of a domain: its last mail, and its last deferral
// with the wait after it. Both are forgotten when they say nothing any more.
type pace struct {
	sent, deferred instant.Instant
	wait           time.Duration
}

// NewPace makes one that remembers nothing; gap is the least time between two
// mails to a domain, 0 for half a second.
func NewPace(gap time.Duration) *Pace {
	if gap <= 0 {
		gap = defaultGap
	}
	return &Pace{gap: gap, at: map[string]pace{}}
}

// Wait says when the next mail to the domain may go: now, or a later instant.
// It changes nothing; whoever sends then says Sent or Deferred.
func (p *Pace) Wait(domain string, now instant.Instant) (until instant.Instant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.at[domain]
	until = now
	// What lies ahead of the clock, because that was set back, says nothing.
	if !d.sent.IsZero() && d.sent <= now {
		until = max(until, d.sent.Add(p.gap))
	}
	if d.wait > 0 && d.deferred <= now {
		until = max(until, d.deferred.Add(d.wait))
	}
	return until
}

// Sent notes a mail that was answered, with yes or no: what the domain deferred
// before is forgotten.
func (p *Pace) Sent(domain string, now instant.Instant) {
	p.note(domain, now, func(pace) pace { return pace{sent: now} })
}

// Deferred notes a mail that was refused for now in the domain's name
// (Deferral.Domain). Several within one wait double it once.
func (p *Pace) Deferred(domain string, now instant.Instant) {
	p.note(domain, now, func(d pace) pace {
		switch waited := now.Sub(d.deferred); {
		case d.wait == 0 || waited < 0 || waited >= d.wait+longestWait:
			d.wait = firstWait
		case waited < d.wait:
			return d
		default:
			d.wait = min(2*d.wait, longestWait)
		}
		d.deferred = now
		return d
	})
}

func (p *Pace) note(domain string, now instant.Instant, change func(pace) pace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.at[domain]; !known && len(p.at) >= mostDomains {
		p.forget(now)
	}
	p.at[domain] = change(p.at[domain])
}

// forget drops every domain that says nothing any more, and where all still do,
// the one that does for the shortest time.
func (p *Pace) forget(now instant.Instant) {
	soonest, least := "", instant.Max
	for domain, d := range p.at {
		over := d.sent.Add(p.gap)
		if d.wait > 0 {
			over = max(over, d.deferred.Add(d.wait+longestWait))
		}
		if over <= now {
			delete(p.at, domain)
		} else if over < least {
			soonest, least = domain, over
		}
	}
	if len(p.at) >= mostDomains {
		delete(p.at, soonest)
	}
}
