package eligibility

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

// GoneSince is since when, without a break, a member has left or was suspended, at an
// instant; 0 where it neither has nor is. It goes by what was known at each instant: a
// suspension that is made longer, or followed by leaving, begins when the first one did,
// and what was entered later than it takes effect begins when it was entered, so that
// nobody's ballot falls by a date that is written into the past (domain.md, section 5).
func GoneSince(f *Facts, at, known instant.Instant) (since instant.Instant) {
	var turns []instant.Instant
	for i := range f.Membership {
		m := &f.Membership[i]
		turns = append(turns, m.At, m.Known, m.Gone, m.Until)
	}
	slices.Sort(turns)
	for _, t := range slices.Compact(turns) {
		if t >= at {
			break
		}
		q := question{f: f, known: min(t, known)}
		switch s := q.phase(t).state; {
		case s != StateLeft && s != StateSuspended:
			since = 0
		case since == 0:
			since = t
		}
	}
	q := question{f: f, known: known}
	switch s := q.phase(at).state; {
	case s != StateLeft && s != StateSuspended:
		return 0
	case since == 0: // at that very instant, or it is known by a clock that is ahead
		return at
	}
	return since
}
