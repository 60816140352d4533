package eligibility

import (
	"coopcloud.tech/goodstanding/internal/instant"
)

// changesAt is the first instant after t at which a forecast differs from s in
// state, verdicts or reason codes; 0 when none does. Between two boundaries
// nothing can change.
func (q *question) changesAt(s *Standing, t instant.Instant) instant.Instant {
	for t = q.boundary(t); t != instant.Max; t = q.boundary(t) {
		if next := q.answer(plain(t), false); differ(s, &next) {
			return t
		}
	}
	return 0
}

// differ compares what ChangesAt is about. That the data is stale is no change
// of the standing: the next complete snapshot makes it fresh, and a member
// would otherwise read that everything changes in the next instant.
func differ(a, b *Standing) bool {
	if a.State != b.State || a.codes() != b.codes() {
		return true
	}
	for r := range a.Verdicts {
		if a.Verdicts[r].OK != b.Verdicts[r].OK {
			return true
		}
	}
	return false
}

// codes is the set of reason codes, one bit each, without CodeStale.
func (s *Standing) codes() (set uint64) {
	for i := range s.Reasons {
		if c := s.Reasons[i].Code; c != CodeStale {
			set |= 1 << c
		}
	}
	return set
}

// after finds the earliest of many instants later than t.
type after struct{ t, first instant.Instant }

func (a *after) see(i instant.Instant) {
	if i > a.t && i < a.first {
		a.first = i
	}
}

// boundary is the first instant after t at which any fact begins, ends or
// starts to matter; instant.Max for none.
func (q *question) boundary(t instant.Instant) instant.Instant {
	a := &after{t: t, first: instant.Max}
	for i := range q.ps {
		if q.ps[i].Known <= q.known {
			a.see(q.ps[i].From)
		}
	}
	for i := range q.f.Charges {
		if c := &q.f.Charges[i]; c.Known <= q.known {
			a.see(c.From) // also where it covers nothing: it ends a first payment's being under way
		}
	}
	for i := range q.covs {
		q.seeCoverage(a, &q.covs[i])
	}
	for i := range q.f.Contributions {
		if c := &q.f.Contributions[i]; c.Known <= q.known {
			q.seeContribution(a, c)
		}
	}
	for i := range q.f.Waivers {
		if w := &q.f.Waivers[i]; visible(w.Known, w.Gone, q.known) {
			a.see(w.From)
			q.seeEnd(a, w.Until)
		}
	}
	q.seeHouse(a)
	return a.first
}

// seeHouse adds the boundaries of membership, profile, links, holds and
// recorded standings.
func (q *question) seeHouse(a *after) {
	for i := range q.f.Membership {
		if m := &q.f.Membership[i]; visible(m.Known, m.Gone, q.known) {
			a.see(m.At)
			a.see(m.Until)
		}
	}
	for i := range q.f.Profile {
		if e := &q.f.Profile[i]; e.Known <= q.known {
			a.see(e.At)
		}
	}
	for i := range q.f.Links {
		if l := &q.f.Links[i]; visible(l.Known, l.Gone, q.known) {
			a.see(l.From)
			a.see(l.Until)
		}
	}
	for i := range q.f.Holds {
		if h := &q.f.Holds[i]; h.Known <= q.known {
			a.see(h.Since)
			a.see(h.SetAt)
			a.see(h.AckAt)
		}
	}
	for i := range q.f.Recorded {
		if r := &q.f.Recorded[i]; r.Known <= q.known {
			a.see(r.At)
		}
	}
}

func (q *question) seeCoverage(a *after, v *coverage) {
	a.see(v.from)
	q.seeEnd(a, v.due)
	if v.refundID != "" {
		q.seeEnd(a, v.refund)
	}
}

// seeEnd adds an instant at which a coverage or waiver ends, and every instant
// that is counted from it under any policy known.
func (q *question) seeEnd(a *after, end instant.Instant) {
	if end == 0 {
		return
	}
	a.see(end)
	q.seeGrace(a, end.Add(retryDays*day))
	q.seeGrace(a, end.Add(noneEnforced))
	for i := range q.ps {
		p := &q.ps[i]
		if p.Known > q.known {
			continue
		}
		a.see(end.Add(p.Late))
		q.seeGrace(a, end.Add(p.Interrupted))
		for r := range p.Rules {
			q.seeGrace(a, end.Add(p.Rules[r].Grace))
			// a refund within the late days may end a sum of late coverages
			q.seeGrace(a, end.Add(p.Rules[r].Grace-p.Late))
		}
	}
}

func (q *question) seeContribution(a *after, c *Contribution) {
	q.seeEnd(a, c.Effective) // a rejection ends its coverages there
	if c.NextCharge == 0 {
		return
	}
	for i := range q.ps {
		if p := &q.ps[i]; p.Known <= q.known {
			q.seeGrace(a, c.NextCharge.Add(p.Late))
		}
	}
}

// seeGrace adds a possible end of a grace, and where a gap would move it.
func (q *question) seeGrace(a *after, end instant.Instant) {
	a.see(end)
	if end <= q.last() {
		moved, _ := q.afterGap(end, plain(end))
		a.see(moved)
	}
}
