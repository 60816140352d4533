package main

import (
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
)

// settle is how long the first hint waits for others: Open Collective calls a
// webhook several times for one payment, and all of that is one reading. Tests make
// it shorter.
var settle = 5 * time.Second

// hints turns what a webhook hints at into early readings: never none, never two
// for one burst, and never one within leastBetween of the reading before,
// whoever took it and however it ended. They belong to the daemon and not to a
// shift: a SIGHUP loses none and grants none.
//
// A hint also cuts the pause after a failed reading short, also a long one after
// a failure that somebody has to mend: then as well there is at most one reading
// in leastBetween. Only a wait that Open Collective itself asked for is waited
// out. A reading that fails is owed, and is tried again after the usual pause. It
// is safe for concurrent use.
type hints struct {
	now  func() instant.Instant
	wake loop.Poker

	mu    sync.Mutex
	since instant.Instant // the oldest hint that no reading began after; 0 for none
	tried instant.Instant // when the newest reading began
	quiet instant.Instant // until when Open Collective wants to be left alone
	pause time.Duration   // for how long it wanted that
	owed  bool            // the newest reading failed
}

func newHints(now func() instant.Instant) *hints {
	return &hints{now: now, wake: loop.NewPoker()}
}

// give takes a hint and wakes the puller.
func (h *hints) give() { h.giveAs(h.now()) }

// giveAs takes a hint that came at an instant, perhaps to another daemon, whose
// clock may be ahead.
func (h *hints) giveAs(at instant.Instant) {
	h.mu.Lock()
	if h.since == 0 {
		h.since = min(at, h.now())
	}
	h.mu.Unlock()
	h.wake.Poke()
}

// pass is the hint that nothing has come of yet, for the daemon that leads, and
// forgets it; 0 for none.
func (h *hints) pass() instant.Instant {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.since
	h.since = 0
	return at
}

// due is when the reading that was hinted at may begin; 0 without a hint.
func (h *hints) due() instant.Instant {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.since == 0 {
		return 0
	}
	h.tidy()
	at := h.since.Add(settle)
	if h.tried != 0 {
		at = max(at, h.tried.Add(leastBetween))
	}
	return max(at, h.quiet)
}

// tidy puts right what was noted while the clock was ahead: it would hold readings up until
// then. It is called with the lock.
func (h *hints) tidy() {
	now := h.now()
	h.since, h.tried = min(h.since, now), min(h.tried, now)
	h.quiet = min(h.quiet, now.Add(h.pause))
}

// begin says that a reading begins: it answers the hints so far. A reading that
// was given up before its end answers none: call undo.
func (h *hints) begin(at instant.Instant) (undo func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.since
	h.since, h.tried = 0, at
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if before != 0 {
			h.since = before
		}
	}
}

// read says that somebody took the complete snapshot that began at an instant.
func (h *hints) read(start instant.Instant) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if start > h.since {
		h.since = 0
	}
	if start >= h.tried {
		h.owed = false
	}
	h.tried = max(h.tried, min(start, h.now())) // another host's clock may be ahead
}

// failed says that the reading that began last failed, and how long Open
// Collective wants to be left alone; 0 where it does not say.
func (h *hints) failed(pause time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owed = true
	h.quiet, h.pause = h.now().Add(pause), pause
}

// owes says that a reading that failed has to be made up for.
func (h *hints) owes() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.owed
}
