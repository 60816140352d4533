package eligibility

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Assess says what the roll says of a member at the instant at, by what was
// known at known (both UTC microseconds; instant.Max as known is everything
// stored). It never fails.
//
// For an instant later than S, the start of the last complete snapshot known,
// both instants are assessed and each right is the better of the two, so that
// time alone never takes a right (domain.md, section 3, "Confirmed
// worsening"). Membership, profile and acknowledgements work without a
// snapshot and are always taken at at.
//
// ChangesAt is the first instant after at at which the state, a verdict or the
// set of reason codes (stale apart) would differ if every later snapshot were
// complete and showed nothing new; 0 when never.
func (p Policies) Assess(f *Facts, at, known instant.Instant) Standing {
	q := newQuestion(p, f, known)
	defer q.done()
	last := q.last()
	if last == 0 || at <= last {
		s := q.answer(plain(at), true)
		return q.complete(s, at, q.boundary(at))
	}
	confirmed := q.answer(look{dues: last, house: at}, true)
	if next := q.boundary(last); q.quiet(next, at+1) {
		return q.complete(q.stale(confirmed, at, last), at, next)
	}
	s := confirm(confirmed, q.answer(look{dues: at, house: at}, true))
	q.since(&s) // of reasons that cite facts of both
	s = q.stale(s, at, last)
	next := q.glance(plain(at + 1))
	if differ(&s, &next) {
		s = q.complete(s, at, instant.Max)
		s.ChangesAt = at + 1
		return s
	}
	return q.complete(s, at, q.boundary(at))
}

// quiet says that nothing begins, ends or starts to matter up to an instant, of those
// after the one whose next boundary is given: what was said of that one holds, whatever
// follows. Where a hold stands it is not: whether it is over is asked of the instants
// before (see over).
func (q *question) quiet(next, until instant.Instant) bool {
	return len(q.f.Holds) == 0 && next > until
}

// CalmUntil is the first instant after the last complete snapshot known at which
// anything about the member begins, ends or starts to matter; instant.Max for never. Up
// to it, what Assess says of any instant after that snapshot stays the same in state and
// verdicts (the staleness of the data apart), also by any complete snapshot taken before it
// that shows nothing new of the member. It is 0, for no calm at all, before the first snapshot
// and under a hold that was not acknowledged by then: whether that is over is asked of the
// instants before.
func (p Policies) CalmUntil(f *Facts, known instant.Instant) instant.Instant {
	q := newQuestion(p, f, known)
	defer q.done()
	last := q.last()
	if last == 0 {
		return 0
	}
	if f.heldAt(last, known) {
		return 0
	}
	return q.boundary(last)
}

// heldAt says that a hold was not acknowledged by an instant, as far as was known: whether
// it is over is asked of all instants before.
func (f *Facts) heldAt(at, known instant.Instant) bool {
	return slices.ContainsFunc(f.Holds, func(h Hold) bool { return h.AckAt == 0 || at < h.AckAt || h.AckKnown > known })
}

// stale adds that the last snapshot is older than the policy wants.
func (q *question) stale(s Standing, at, last instant.Instant) Standing {
	if pol := q.policyAt(at); pol.StaleAfter > 0 && at.Sub(last) > pol.StaleAfter {
		s.add(Reason{Code: CodeStale, Since: last.Add(pol.StaleAfter)})
	}
	return s
}

// Forecast is the standing at at as if complete snapshots that show nothing
// new had been taken from the last one known until at (domain.md, section 3).
// For an instant that a snapshot has seen it is what Assess says.
func (p Policies) Forecast(f *Facts, at, known instant.Instant) Standing {
	q := newQuestion(p, f, known)
	defer q.done()
	s := q.answer(plain(at), true)
	s.Forecast = at > q.last()
	return q.complete(s, at, q.boundary(at))
}

// complete fills in what is the same for every answer, and when it changes, of the
// boundaries from next on (instant.Max: never).
func (q *question) complete(s Standing, at, next instant.Instant) Standing {
	s.Member, s.At, s.Known, s.AsOf = q.f.Member, at, q.known, q.last()
	s.ChangesAt = q.changesAt(&s, next)
	return s
}

// confirm merges the assessment at the last snapshot with the one at the
// instant asked about.
func confirm(confirmed, now Standing) Standing {
	switch now.State {
	case StateLeft, StateSuspended, StateApplied, StatePaused:
		return now
	}
	better, worse := false, RightSet(0)
	for r := range now.Verdicts {
		better = better || now.Verdicts[r].OK && !confirmed.Verdicts[r].OK
		if confirmed.Verdicts[r].OK && !now.Verdicts[r].OK {
			worse |= 1 << r
		}
	}
	if !better {
		return confirmed
	}
	for _, r := range Rights {
		if worse.Has(r) {
			now.Verdicts[r] = confirmed.Verdicts[r]
		}
	}
	for _, re := range confirmed.Reasons {
		if re.Rights&worse != 0 {
			re.Rights &= worse
			now.add(re)
		}
	}
	return now
}

func (q *question) policyAt(t instant.Instant) *Policy {
	if p := q.ps.at(t, q.known); p != nil {
		return p
	}
	return &Policy{}
}

// answer assesses one look; with cite, the reasons name their facts.
func (q *question) answer(l look, cite bool) Standing {
	return q.answerIn(make([]Reason, 0, usualReasons), l, cite)
}

// usualReasons is how many reasons most members have at most.
const usualReasons = 4

// glance assesses one look without facts, to be compared: the next glance writes over
// its reasons.
func (q *question) glance(l look) Standing {
	s := q.answerIn(q.reasonsBuf[:0], l, false)
	q.reasonsBuf = s.Reasons
	return s
}

func (q *question) answerIn(reasons []Reason, l look, cite bool) Standing {
	p, ph := q.policyAt(l.dues), q.phase(l.house)
	s := Standing{State: ph.state, Policy: p.ID, Reasons: reasons}
	switch ph.state {
	case StateLeft, StateSuspended, StateApplied:
		s.outside(ph)
		return s
	case StatePaused:
		q.pausedStanding(&s, p, ph, l)
		return s
	}
	d := q.judge(l, p, ph)
	s.State, s.Covered, s.PaidThrough = d.state, d.share, d.paidThrough
	q.verdicts(&s, &d, p, l)
	q.explain(&s, &d, l, p, ph, cite)
	return s
}

// outside fills in the states in which a membership fact alone says no.
func (s *Standing) outside(ph phase) {
	code := map[State]Code{StateLeft: CodeLeft, StateSuspended: CodeSuspended, StateApplied: CodeApplied}[ph.state]
	s.add(Reason{Code: code, Rights: Of(Vote, Listing, Services), Since: ph.since, Until: ph.until, Facts: ph.cite()})
}

func (ph phase) cite() []Ref {
	if ph.fact == "" {
		return nil
	}
	return []Ref{{RefMembership, ph.fact}}
}

// pausedStanding: no vote, services stay, and the listing is the member's own
// choice within its conditions.
func (q *question) pausedStanding(s *Standing, p *Policy, ph phase, l look) {
	touched := Of(Vote)
	s.Verdicts[Services].OK = p.Rules[Services].Named(q.f.Kind)
	s.Verdicts[Listing].OK = p.Rules[Listing].Named(q.f.Kind) && ph.listing
	if !ph.listing {
		touched |= Of(Listing)
	}
	s.add(Reason{Code: CodePaused, Rights: touched, Since: ph.since, Until: ph.until, Facts: ph.cite()})
	q.limits(s, p, l)
}

// verdicts turns what the dues say into verdicts by the policy's mode of each
// right, its kinds of members and the listing's own conditions.
func (q *question) verdicts(s *Standing, d *dues, p *Policy, l look) {
	advisory := RightSet(0)
	for _, r := range Rights {
		rule := &p.Rules[r]
		if !rule.Named(q.f.Kind) {
			continue
		}
		s.Verdicts[r] = Verdict{OK: d.ok[r], Until: d.until[r]}
		switch {
		case rule.Dues == Off:
			s.Verdicts[r] = Verdict{OK: true}
		case rule.Dues == Advisory && !d.ok[r]:
			s.Verdicts[r].OK = true
			advisory |= Of(r)
		}
	}
	if advisory != 0 {
		s.add(Reason{Code: CodeAdvisory, Rights: advisory})
	}
	q.limits(s, p, l)
}

// limits adds what takes a right whatever the dues say: a kind that the policy
// does not name, and a listing's missing profile, consent or approval.
func (q *question) limits(s *Standing, p *Policy, l look) {
	unnamed := RightSet(0)
	for _, r := range Rights {
		if !p.Rules[r].Named(q.f.Kind) {
			unnamed |= Of(r)
		}
	}
	if unnamed != 0 {
		s.add(Reason{Code: CodeKindNotNamed, Rights: unnamed})
	}
	profile, consent, approved := q.conditions(l.house)
	for _, c := range [...]struct {
		met  bool
		code Code
	}{{profile, CodeNoProfile}, {consent, CodeNoConsent}, {approved, CodeNotApproved}} {
		if !c.met {
			s.Verdicts[Listing] = Verdict{}
			s.add(Reason{Code: c.code, Rights: Of(Listing)})
		}
	}
}

// add keeps the reasons in the fixed order of their codes; a second reason of
// one code joins the first.
func (s *Standing) add(r Reason) {
	i := len(s.Reasons)
	for i > 0 && s.Reasons[i-1].Code >= r.Code {
		i--
	}
	if i < len(s.Reasons) && s.Reasons[i].Code == r.Code {
		have := &s.Reasons[i]
		have.Rights |= r.Rights
		have.Facts = append(have.Facts, r.Facts...)
		return
	}
	s.Reasons = append(s.Reasons, Reason{})
	copy(s.Reasons[i+1:], s.Reasons[i:])
	s.Reasons[i] = r
}
