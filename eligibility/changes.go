package eligibility

import (
	"sort"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// changesAt is the first instant from the boundary t on at which a forecast differs from
// s in state, verdicts or reason codes; 0 when none does. Between two boundaries
// nothing can change.
func (q *question) changesAt(s *Standing, t instant.Instant) instant.Instant {
	for ; t != instant.Max; t = q.boundary(t) {
		if next := q.glance(plain(t)); differ(s, &next) {
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
type after struct {
	t, first instant.Instant
	// settled is the start of the last snapshot that began warned or more before t: the
	// end of a grace that it came near is moved to no instant after t (see afterGap).
	settled instant.Instant
	// longest is the most that is counted from an end under any policy.
	longest time.Duration
}

func (a *after) see(i instant.Instant) {
	if i > a.t && i < a.first {
		a.first = i
	}
}

// boundary is the first instant after t at which any fact begins, ends or
// starts to matter; instant.Max for none. Instants at which nothing changes may
// be among them (facts that are not known yet, policies that were replaced, a
// date that is not there): they are looked at and passed over.
func (q *question) boundary(t instant.Instant) instant.Instant {
	a := &after{t: t, first: instant.Max, settled: q.settled(t), longest: max(retryDays*day, noneEnforced)}
	for i := range q.ps {
		p := &q.ps[i]
		a.longest = max(a.longest, p.Late, p.Interrupted, p.longest())
		a.see(p.From)
	}
	for i := range q.f.Charges {
		a.see(q.f.Charges[i].From) // also where it covers nothing: it ends a first payment's being under way
	}
	for i := range q.covs {
		v := &q.covs[i]
		a.see(v.from)
		q.seeEnd(a, v.due)
		q.seeEnd(a, v.refund)
	}
	for i := range q.f.Contributions {
		c := &q.f.Contributions[i]
		a.see(c.Effective)
		if c.Status == StatusRejected { // it ends its coverages there
			q.seeEnd(a, c.Effective)
		}
		for j := range q.ps {
			q.seeGrace(a, c.NextCharge.Add(q.ps[j].Late))
		}
	}
	for i := range q.f.Waivers {
		a.see(q.f.Waivers[i].From)
		q.seeEnd(a, q.f.Waivers[i].Until)
	}
	q.seeHouse(a)
	return a.first
}

// seeHouse adds the boundaries of membership, profile, links, holds and
// recorded standings.
func (q *question) seeHouse(a *after) {
	for i := range q.f.Membership {
		a.see(q.f.Membership[i].At)
		a.see(q.f.Membership[i].Until)
	}
	for i := range q.f.Profile {
		a.see(q.f.Profile[i].At)
	}
	for i := range q.f.Links {
		a.see(q.f.Links[i].From)
		a.see(q.f.Links[i].Until)
	}
	for i := range q.f.Holds {
		a.see(q.f.Holds[i].Since)
		a.see(q.f.Holds[i].SetAt)
		a.see(q.f.Holds[i].AckAt)
	}
	for i := range q.f.Recorded {
		a.see(q.f.Recorded[i].At)
	}
}

// seeEnd adds an instant at which a coverage or waiver ends, and every instant
// that is counted from it under any policy.
func (q *question) seeEnd(a *after, end instant.Instant) {
	if far := end.Add(a.longest); far <= a.t && far-warned <= a.settled {
		return // all of it is past
	}
	a.see(end)
	q.seeGrace(a, end.Add(retryDays*day))
	q.seeGrace(a, end.Add(noneEnforced))
	for i := range q.ps {
		p := &q.ps[i]
		a.see(end.Add(p.Late))
		q.seeGrace(a, end.Add(p.Interrupted))
		for r := range p.Rules {
			q.seeGrace(a, end.Add(p.Rules[r].Grace))
		}
	}
}

// settled is the start of the last snapshot that began warned or more before t; 0 for none.
func (q *question) settled(t instant.Instant) instant.Instant {
	n := sort.Search(len(q.snaps), func(i int) bool { return q.snaps[i].Start > t-warned })
	if n == 0 {
		return 0
	}
	return q.snaps[n-1].Start
}

// seeGrace adds a possible end of a grace, and where a gap would move it.
func (q *question) seeGrace(a *after, end instant.Instant) {
	a.see(end)
	if end <= q.last() && end-warned > a.settled { // only to save the search
		moved, _ := q.afterGap(end, plain(end))
		a.see(moved)
	}
}
