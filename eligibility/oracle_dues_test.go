package eligibility_test

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

const dayLong = 24 * time.Hour

// dues is what the dues alone say at t (domain.md, section 3, the table from
// `waived` on); ok holds only what they decide, membership and profile aside.
func (o *oracle) dues(t instant.Instant) answer {
	p, covers := o.policy(t), o.covers(t)
	a := answer{covered: sum(covers, t, true), paid: o.paidThrough(t, covers), strict: lastFull(covers, false)}
	ends := o.graceEnds(t, p, covers)
	a.state = o.duesState(t, p, covers, ends)
	before := o.recorded(t)
	for i, r := range eligibility.Rights {
		switch {
		case p.Rules[r].Dues != eligibility.Enforced:
			a.ok[i] = true
		case a.state == eligibility.StateWaived, a.state == eligibility.StateCurrent:
			a.ok[i] = true
		case a.state == eligibility.StateUnknown:
			a.ok[i] = before[i]
		default:
			a.ok[i] = t < ends[i]
		}
	}
	return a
}

// paidThrough is the end of the last full coverage by money. A payment that
// the treasurer entered for a span to come prolongs a coverage that runs.
func (o *oracle) paidThrough(t instant.Instant, covers []cover) instant.Instant {
	if !full(sum(covers, t, false)) {
		return lastCovered(covers)
	}
	all := append(covers, o.entered(t, instant.Max, t, 0)...)
	for _, x := range edges(all) {
		if x > t && !full(sum(all, x, false)) {
			return x
		}
	}
	return 0
}

// lastCovered is the end of the last span in which the money counted in full. Where
// it did so in late days, that is until when the part that ended it had been paid
// for: until its due, or until it was given back.
func lastCovered(covers []cover) instant.Instant {
	end, late := lastFull(covers, false), lastFull(covers, true)
	for _, c := range covers {
		if c.from < late && c.lateEnd == late {
			end = max(end, c.end)
		}
	}
	return end
}

// duesState is the first state of the table that matches.
func (o *oracle) duesState(t instant.Instant, p eligibility.Policy, covers []cover, ends [3]instant.Instant) eligibility.State {
	switch {
	case o.waived(t):
		return eligibility.StateWaived
	case full(sum(covers, t, true)):
		return eligibility.StateCurrent
	case o.inGrace(t, p, covers, ends):
		return eligibility.StateGrace
	case len(o.f.Snapshots) == 0, !o.payerKnown(t):
		return eligibility.StateUnknown
	case runs(covers, t):
		return eligibility.StateShort
	case o.underWay(t):
		return eligibility.StatePending
	case lastFull(covers, true) != 0:
		return eligibility.StateLapsed
	}
	return eligibility.StateUnpaid
}

func (o *oracle) inGrace(t instant.Instant, p eligibility.Policy, covers []cover, ends [3]instant.Instant) bool {
	enforced := false
	for i, r := range eligibility.Rights {
		if p.Rules[r].Dues == eligibility.Enforced {
			enforced = true
			if t < ends[i] {
				return true
			}
		}
	}
	return !enforced && t < o.graceEnd(t, p, covers, 21*dayLong)
}

func (o *oracle) waived(t instant.Instant) bool {
	for _, w := range o.f.Waivers {
		if t.In(w.From, w.Until) {
			return true
		}
	}
	return false
}

// waiverEnd is the end of the waiver that ended last before t, 0 for none.
func (o *oracle) waiverEnd(t instant.Instant) instant.Instant {
	var end instant.Instant
	for _, w := range o.f.Waivers {
		if w.From <= t && w.Until != 0 && w.Until <= t && w.From < w.Until {
			end = max(end, w.Until)
		}
	}
	return end
}

// payerKnown says that the member's money could be seen: an account is linked,
// a payment was entered, or the treasurer said that there is no account.
func (o *oracle) payerKnown(t instant.Instant) bool {
	for _, l := range o.f.Links {
		if t.In(l.From, l.Until) {
			return true
		}
	}
	if len(o.f.Payments) > 0 {
		return true
	}
	var word eligibility.MembershipFact
	for _, m := range o.f.Membership {
		if m.At <= o.at && m.At >= word.At && (m.Kind == eligibility.NoAccount || m.Kind == eligibility.Linkable) {
			word = m
		}
	}
	return word.Kind == eligibility.NoAccount
}

// runs says that something is being paid at t, whatever it counts.
func runs(covers []cover, t instant.Instant) bool {
	for _, c := range covers {
		if t >= c.from && t < c.lateEnd {
			return true
		}
	}
	return false
}

// underWay says that a first payment is promised: PENDING, PROCESSING or
// IN_REVIEW on a contribution that was never charged.
func (o *oracle) underWay(t instant.Instant) bool {
	for _, c := range o.f.Contributions {
		v, ok := o.version(c.ID, t)
		if !ok || v.ProcessedAt != 0 || !o.linked(v.Account, t) || o.lastCharge(c.ID, t) != 0 {
			continue
		}
		switch v.Status {
		case eligibility.StatusPending, eligibility.StatusProcessing, eligibility.StatusInReview:
			return true
		}
	}
	return false
}

// lastCharge is when the contribution was last charged, 0 for never.
func (o *oracle) lastCharge(contribution string, t instant.Instant) instant.Instant {
	var last instant.Instant
	for _, c := range o.f.Charges {
		if c.Contribution == contribution && c.From <= t {
			last = max(last, c.From)
		}
	}
	return last
}

// recorded is the last recorded verdict that said anything that lasts: what money,
// waivers or their lack gave, or that the member was not one (any more, or yet).
func (o *oracle) recorded(t instant.Instant) [3]bool {
	var last eligibility.Recorded
	for _, r := range o.f.Recorded {
		switch r.State {
		case eligibility.StateCurrent, eligibility.StateWaived, eligibility.StateGrace, eligibility.StateShort, eligibility.StatePending,
			eligibility.StateLapsed, eligibility.StateUnpaid, eligibility.StateLeft, eligibility.StateApplied:
			if r.At <= t && r.At >= last.At {
				last = r
			}
		}
	}
	return [3]bool{last.Vote, last.Listing, last.Services}
}
