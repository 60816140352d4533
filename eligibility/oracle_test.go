package eligibility_test

import (
	"math/big"
	"sort"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// oracle answers what the engine answers, from domain.md, sections 2 to 4,
// alone: slowly, without cleverness, and sharing no rule with the engine. It
// knows no intervals or caches; it asks the same questions again at every
// instant it needs.
type oracle struct {
	ps    eligibility.Policies
	f     *eligibility.Facts // only what is visible at the time of knowledge
	known instant.Instant
	at    instant.Instant // the instant asked about
	// steady is the end of a forecast: as if complete snapshots had been taken
	// without a pause from the last one until then. 0 for a plain assessment.
	steady instant.Instant
}

// answer is what the oracle says, and what of an engine's standing is compared
// with it.
type answer struct {
	state   eligibility.State
	ok      [3]bool // by Right
	covered *big.Rat
	paid    instant.Instant
	strict  instant.Instant // paid without the late days, where only they make it full
}

// better says that a gives some right that b does not.
func (a answer) better(b answer) bool {
	for r := range a.ok {
		if a.ok[r] && !b.ok[r] {
			return true
		}
	}
	return false
}

func newOracle(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant) *oracle {
	return &oracle{ps: ps, f: visible(f, known), known: known, at: at}
}

// assess is the assessment including confirmed worsening (domain.md, section
// 3, "Holds").
func (o *oracle) assess() answer {
	here := o.whole(o.at)
	last := o.lastSnapshot()
	if last == 0 || o.at <= last {
		return here
	}
	there := o.whole(last)
	switch here.state {
	case eligibility.StateLeft, eligibility.StateSuspended, eligibility.StateApplied, eligibility.StatePaused:
		return here
	}
	if !here.better(there) {
		return there
	}
	for r := range here.ok {
		here.ok[r] = here.ok[r] || there.ok[r]
	}
	return here
}

// forecast is the assessment as if snapshots without news had gone on until
// the instant asked about.
func (o *oracle) forecast() answer {
	if last := o.lastSnapshot(); last != 0 && o.at > last {
		o.steady = o.at
	}
	return o.whole(o.at)
}

func (o *oracle) lastSnapshot() instant.Instant {
	var last instant.Instant
	for _, s := range o.f.Snapshots {
		last = max(last, s.Start)
	}
	return last
}

// whole is the answer with dues and policy at t, membership and profile at the
// instant asked about.
func (o *oracle) whole(t instant.Instant) answer {
	a := o.held(t)
	p := o.policy(t)
	state, listed := o.membership()
	for i, r := range eligibility.Rights {
		a.ok[i] = o.right(p, r, state, a.ok[i], listed)
	}
	if state != eligibility.StateNone {
		a.state = state
	}
	return a
}

// right is the last word on one right: membership first, then the dues, the
// kind, and what a listing needs beside.
func (o *oracle) right(p eligibility.Policy, r eligibility.Right, state eligibility.State, dues, listed bool) bool {
	switch {
	case state == eligibility.StateLeft, state == eligibility.StateSuspended, state == eligibility.StateApplied:
		return false
	case !p.Rules[r].Named(o.f.Kind):
		return false
	case r == eligibility.Listing && !o.listable():
		return false
	case state == eligibility.StatePaused && r == eligibility.Vote:
		return false
	case state == eligibility.StatePaused && r == eligibility.Listing:
		return listed
	case state == eligibility.StatePaused:
		return true
	}
	return dues
}

// policy is the version in force at t.
func (o *oracle) policy(t instant.Instant) eligibility.Policy {
	var known eligibility.Policies
	for _, p := range o.ps {
		if p.Known <= o.known {
			known = append(known, p)
		}
	}
	if len(known) == 0 {
		first := o.ps[0]
		for _, p := range o.ps {
			if p.Known < first.Known {
				first = p
			}
		}
		return first
	}
	chosen := known[0]
	for _, p := range known {
		if chosen.From > t && p.From < chosen.From || p.From <= t && p.From > chosen.From {
			chosen = p
		}
	}
	return chosen
}

// membership is the state that the membership alone decides, StateNone when
// the dues do, and the choice to stay listed during a pause.
func (o *oracle) membership() (eligibility.State, bool) {
	var whole, pause, suspension eligibility.MembershipFact
	events := keep(o.f.Membership, func(m eligibility.MembershipFact) bool { return m.At <= o.at })
	sort.SliceStable(events, func(i, j int) bool { return events[i].At < events[j].At })
	for _, m := range events {
		switch m.Kind {
		case eligibility.Applied, eligibility.Admitted, eligibility.Left:
			whole = m
			pause = eligibility.MembershipFact{}
		case eligibility.Paused, eligibility.Resumed:
			pause = m
		case eligibility.Suspended, eligibility.Restored:
			suspension = m
		}
	}
	switch {
	case whole.Kind == eligibility.Left:
		return eligibility.StateLeft, false
	case suspension.Kind == eligibility.Suspended && o.at.In(suspension.At, suspension.Until):
		return eligibility.StateSuspended, false
	case whole.Kind != eligibility.Admitted:
		return eligibility.StateApplied, false
	case pause.Kind == eligibility.Paused:
		return eligibility.StatePaused, pause.Listing
	}
	return eligibility.StateNone, false
}

// listable says that everything a listing needs beside the dues is there.
func (o *oracle) listable() bool {
	for _, kind := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
		var last eligibility.ProfileFact
		for _, p := range o.f.Profile {
			if p.Kind == kind && p.At <= o.at && p.At >= last.At {
				last = p
			}
		}
		if !last.On {
			return false
		}
	}
	return true
}
