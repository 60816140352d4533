package dispatch

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// member is a member as a letter speaks of it.
func (l *look) member(n store.OutboxRow, row *roll.Row) letter.Member {
	s := &row.Standing
	m := l.book.LetterMember(row, l.now)
	m.Happened, m.ChangesAt = n.About, s.ChangesAt
	switch n.Kind {
	case notify.PaymentLate, notify.BeforeGraceEnds:
		if r, ok := s.Reason(eligibility.CodeGrace); ok && r.Since != 0 { // of the coverage, or of a waiver after it
			m.Happened = r.Since
		}
		v, ok := l.book.Policy(l.now)
		m.Vote = m.Vote && ok && v.Eligibility.Rules[eligibility.Vote].Dues == eligibility.Enforced
		m.Listing = m.Listing && ok && v.Eligibility.Rules[eligibility.Listing].Dues == eligibility.Enforced
	case notify.WaiverEnding:
		m.WaiverUntil = s.Verdict(eligibility.Vote).Until
	case notify.Paused, notify.Suspended:
		code := map[notify.Kind]eligibility.Code{notify.Paused: eligibility.CodePaused, notify.Suspended: eligibility.CodeSuspended}[n.Kind]
		if r, ok := s.Reason(code); ok && r.Since != 0 {
			m.Happened = r.Since
		}
	}
	return m
}
