package eligibility

import (
	"coopcloud.tech/goodstanding/internal/instant"
)

// explain adds the reasons that the dues give. With cite they name the facts
// the verdict rests on; without, only their codes count.
func (q *question) explain(s *Standing, d *dues, l look, p *Policy, ph phase, cite bool) {
	touched := RightSet(0)
	for _, r := range Rights {
		if p.decides(r, q.f) {
			touched |= Of(r)
		}
	}
	q.mainReason(s, d, l, ph, touched)
	q.sideReasons(s, d, l, p)
	if len(d.held) > 0 {
		q.heldReasons(s, d, touched)
	}
	if cite {
		q.cite(s, d, l, p, ph, touched)
	}
}

// mainReason is the reason that names the computed state.
func (q *question) mainReason(s *Standing, d *dues, l look, ph phase, touched RightSet) {
	main := Reason{Rights: touched}
	switch d.computed {
	case StateWaived:
		main.Code, main.Since, main.Until = CodeWaived, d.waiver.From, d.waiver.Until
	case StateCurrent:
		main.Code, main.Until = CodeRenewalDue, q.runEnd(l.dues, true)
		if d.strict {
			main.Code, main.Until = CodeCovered, d.paidThrough
		}
	case StateGrace, StateLapsed:
		main.Code, main.Since = CodeGrace, d.ended
		if d.graceEnd != instant.Max {
			main.Until = d.graceEnd
		}
		if d.ended == 0 { // only a rejected contribution ever covered: no grace
			main.Code, main.Since = CodeRejected, d.paidThrough
		}
	case StateUnknown:
		q.unknownReasons(s, d, touched)
		return
	case StateShort:
		main.Code = CodeShort
		if q.sum(l.dues, true, true).Zero() {
			main.Code = CodeWrongCurrency
		}
	case StatePending:
		main.Code = CodePending
	case StateUnpaid:
		main.Code = CodeNeverPaid
	}
	s.add(main)
}

func (q *question) unknownReasons(s *Standing, d *dues, touched RightSet) {
	if len(q.snaps) == 0 {
		s.add(Reason{Code: CodeNoSnapshot, Rights: touched})
	}
	if d.unlinked {
		s.add(Reason{Code: CodeNotLinked, Rights: touched})
	}
}

// sideReasons are true beside the main one: what else runs, how the coverage
// ended, what upstream is doing about it. They touch no right and cite no fact
// unless the verdict turns out to rest on them (see cite).
func (q *question) sideReasons(s *Standing, d *dues, l look, p *Policy) {
	if d.computed == StateWaived || d.computed == StateUnknown {
		return
	}
	if d.computed == StateGrace && !q.sum(l.dues, true, true).Zero() {
		s.add(Reason{Code: CodeShort})
	}
	if (d.computed == StateGrace || d.computed == StateShort) && q.runsWrong(l.dues) {
		s.add(Reason{Code: CodeWrongCurrency})
	}
	if d.gap {
		s.add(Reason{Code: CodeGap})
	}
	behind := d.computed == StateGrace || d.computed == StateLapsed
	for i := range q.givers {
		g := &q.givers[i]
		due := q.lastDue(int32(i))
		if g.version == nil || due == 0 {
			continue
		}
		if g.rejected && d.computed != StateCurrent {
			s.add(Reason{Code: CodeRejected})
		}
		if !q.mine(g, l.dues) {
			continue
		}
		if g.retrying(due, p) != 0 {
			s.add(Reason{Code: CodeRetrying})
		}
		if g.interrupted(due, p) != 0 {
			s.add(Reason{Code: CodeInterrupted})
		}
		if g.pausedByPayer() {
			s.add(Reason{Code: CodeInterruptedByPayer})
		}
	}
	if behind && q.endedByRefund(d) {
		s.add(Reason{Code: CodeRefunded, Since: d.ended})
	}
}

// endedByRefund says whether the last full coverage ended because a charge was
// given back.
func (q *question) endedByRefund(d *dues) bool {
	for i := range q.covs {
		v := &q.covs[i]
		if v.refundID != "" && v.refund < v.due && v.end == d.ended && v.end > v.from {
			return true
		}
	}
	return false
}

// heldReasons names the holds. What the facts say otherwise stays listed, for
// information.
func (q *question) heldReasons(s *Standing, d *dues, touched RightSet) {
	for i := range s.Reasons {
		switch s.Reasons[i].Code {
		case CodeAdvisory, CodeKindNotNamed, CodeNoProfile, CodeNoConsent, CodeNotApproved:
		default:
			s.Reasons[i].Rights, s.Reasons[i].Facts = 0, nil
		}
	}
	s.add(Reason{Code: CodeHeld, Rights: touched, Since: d.holder.SetAt})
	for i := range q.f.Holds {
		h := &q.f.Holds[i]
		for _, ref := range d.held {
			if ref.ID == h.ID && h.Cause == CausePolicyFault {
				s.add(Reason{Code: CodePolicyFault})
			}
		}
	}
}

// CausePolicyFault is the cause of a hold that was set because the policy in
// force cannot count any money of the collective (domain.md, section 4).
const CausePolicyFault = "policy_fault"
