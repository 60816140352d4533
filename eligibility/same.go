package eligibility

import "coopcloud.tech/goodstanding/internal/instant"

// SameUntil is the first instant after at from which Assess may say something else of
// the member than at at, by what was known at known and if nothing new is learned; At
// and ChangesAt apart. It may be too early, never too late; instant.Max is never.
func (p Policies) SameUntil(f *Facts, at, known instant.Instant) instant.Instant {
	if f.heldAt(at, known) {
		return at + 1
	}
	q := newQuestion(p, f, known)
	defer q.done()
	until := q.boundary(at)
	last := q.last()
	if last == 0 {
		return until
	}
	if at <= last { // after it, what was seen last counts, too
		until = min(until, last+1)
	}
	for i := range p { // the instant from which the data is stale, where it ever is
		if stale := last.Add(p[i].StaleAfter) + 1; stale > at {
			until = min(until, stale)
		}
	}
	return until
}
