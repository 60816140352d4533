package roll

import (
	"cmp"
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// dues collects what the member is told about its dues because its standing went
// from was to is. Nobody is told that the program can say now what it could not
// say before: imported and newly linked members start without a notice
// (domain.md, section 3).
func (p *post) dues(m *assessed, was, is *eligibility.Standing) {
	if was.State == eligibility.StateUnknown {
		p.newlyAdmitted(m, was, is)
		return
	}
	ended := lastEnded(m, is)
	switch is.State {
	case eligibility.StateGrace, eligibility.StateWaived:
		as := is
		if m.now.State == is.State && reminded(m, &m.now) == reminded(m, is) {
			as = &m.now // upstream may have moved the end since
		}
		for _, msg := range p.reminders(m, as) {
			p.add(m, msg, was, is)
		}
	case eligibility.StateLapsed:
		p.add(m, dueNow(notify.Lapsed, ended.orElse(m, is), is.At), was, is)
	case eligibility.StateShort:
		p.add(m, dueNow(notify.PayingTooLittle, ended.orElse(m, is), is.At), was, is)
	case eligibility.StatePending:
		if was.State == eligibility.StateGrace { // the rights have ended, though a payment is under way
			p.add(m, dueNow(notify.Lapsed, ended.orElse(m, is), is.At), was, is)
		}
	case eligibility.StateUnpaid:
		if was.State == eligibility.StateGrace { // of a waiver: the rights have ended
			p.add(m, dueNow(notify.Lapsed, ended.orElse(m, is), is.At), was, is)
			break
		}
		p.notYetPaid(m, was, is)
	}
	good := is.State == eligibility.StateCurrent || is.State == eligibility.StateWaived
	if good && (behind(was.State) || was.State == eligibility.StateUnpaid && ended.cause != "" || was.State == eligibility.StatePending && hadPaid(m, was.At)) {
		p.add(m, dueNow(notify.BackInStanding, newest(is), is.At), was, is)
	}
}

// hadPaid says whether the member had paid dues that had run out by an instant.
func hadPaid(m *assessed, at instant.Instant) bool {
	return slices.ContainsFunc(m.facts.Charges, func(c eligibility.Charge) bool { return c.Due != 0 && c.Due <= at })
}

// behind are the states in which a member may have been told that it should pay.
// Whether it was, is looked up before the good news goes.
func behind(s eligibility.State) bool {
	return s == eligibility.StateGrace || s == eligibility.StateLapsed || s == eligibility.StateShort
}

func dueNow(k notify.Kind, cause string, at instant.Instant) notify.Message {
	return notify.Message{Occasion: notify.Occasion{Kind: k, Cause: cause}, About: at, DueAt: at, State: notify.Waiting}
}

// reminders are the notices that go out while a member is in grace, or its dues
// are waived: each once for the coverage or the waiver that ended, or ends. One
// whose moment has passed already is too late; that of the mail about a late
// payment is over when the next one is due.
func (p *post) reminders(m *assessed, s *eligibility.Standing) []notify.Message {
	rules, ok := p.a.rules.inForce(s.At, p.a.known)
	if !ok {
		return nil
	}
	at := func(k notify.Kind, cause string, due, over instant.Instant) notify.Message {
		msg := dueNow(k, cause, due)
		if over != 0 && over <= p.a.now {
			msg.State, msg.Detail = notify.Suppressed, notify.TooLate
		}
		return msg
	}
	if s.State == eligibility.StateWaived {
		if w := waivedUntil(m, s); w.at != 0 {
			return []notify.Message{at(notify.WaiverEnding, w.cause, w.at.Add(-rules.Notices.WaiverEnds), w.at)}
		}
		return nil
	}
	ended := lastEnded(m, s)
	late := cmp.Or(ended.at, s.At).Add(rules.Notices.PaymentLate)
	end := rightsEnd(m.facts.Kind, s, &rules)
	if end == 0 {
		return []notify.Message{at(notify.PaymentLate, ended.orElse(m, s), late, 0)}
	}
	before := end.Add(-rules.Notices.BeforeGraceEnds)
	return []notify.Message{
		at(notify.PaymentLate, ended.orElse(m, s), late, before),
		at(notify.BeforeGraceEnds, ended.orElse(m, s), before, end),
	}
}

// rightsEnd is when the first right ends that unpaid dues take; 0 for never.
func rightsEnd(kind member.Kind, s *eligibility.Standing, rules *policy.Version) (end instant.Instant) {
	for _, r := range eligibility.Rights {
		rule := &rules.Eligibility.Rules[r]
		if until := s.Verdict(r).Until; rule.Dues == eligibility.Enforced && rule.Named(kind) && until != 0 && (end == 0 || until < end) {
			end = until
		}
	}
	return end
}

// notYetPaid reminds once, a week after the admission, and never before the
// member is found not to have paid.
func (p *post) notYetPaid(m *assessed, was, is *eligibility.Standing) {
	admission := lastAdmission(m, is.At)
	due := max(is.At, admission.At+notYetPaidAfter)
	msg := dueNow(notify.NotYetPaid, eligibility.Ref{Kind: eligibility.RefMembership, ID: admission.ID}.String(), due)
	p.add(m, msg, was, is)
}

// notYetPaidAfter is how long after an admission without a payment its one
// reminder goes out (domain.md, section 6).
const notYetPaidAfter = 7 * instant.Day

// newlyAdmitted is told of one that was admitted within the week and is linked
// now: the reminder of it is still to come, and waits with the link.
func (p *post) newlyAdmitted(m *assessed, was, is *eligibility.Standing) {
	fresh := lastAdmission(m, is.At).At+notYetPaidAfter > p.a.now
	if is.State == eligibility.StateUnpaid && p.because.batch == notify.ByLink && fresh {
		p.notYetPaid(m, was, is)
	}
}

// lastAdmission is the admission that holds at an instant.
func lastAdmission(m *assessed, at instant.Instant) (last eligibility.MembershipFact) {
	for _, e := range m.facts.Membership {
		if e.Kind == eligibility.Admitted && e.Gone == 0 && e.At <= at && (last.ID == "" || e.At > last.At) {
			last = e
		}
	}
	return last
}

// keepUp looks at a member whose state is what it was: a grace that is counted
// from another coverage by now, or a waiver that another one follows, is told of
// like a new one; and a reminder that is still to come moves with the end that it
// is about.
func (p *post) keepUp(ctx context.Context, m *assessed) error {
	if s := m.now.State; m.before.State != s || s != eligibility.StateGrace && s != eligibility.StateWaived {
		return nil
	}
	if p.coming == nil {
		err := p.a.tx.Beside(ctx, func(tx *store.Tx) (err error) {
			p.coming, err = tx.ComingNotices(ctx, p.a.now)
			return err
		})
		if err != nil {
			return err
		}
	}
	then := p.a.rules.policies.Assess(&m.facts, m.before.At, m.before.Known)
	was := recordedStanding(m.before)
	for _, msg := range p.reminders(m, &m.now) {
		msg.Occasion.Member = m.info.ID
		due, waits := p.coming[msg.Occasion.Key()]
		switch {
		case waits && due != msg.DueAt:
			p.moved = append(p.moved, msg)
		case !waits && reminded(m, &then) != reminded(m, &m.now):
			p.add(m, msg, &was, &m.now)
		}
	}
	return nil
}

// reminded is what the reminders of a standing are about.
func reminded(m *assessed, s *eligibility.Standing) string {
	if s.State == eligibility.StateWaived {
		return waivedUntil(m, s).cause
	}
	return lastEnded(m, s).orElse(m, s)
}

// ending is a coverage or a waiver with the instant at which it ends or ended.
type ending struct {
	cause string // of an occasion; "" for none
	at    instant.Instant
}

// waivedUntil is the waiver that ends last of those that follow each other
// without a break from a standing on; at is 0 where one has no end.
func waivedUntil(m *assessed, s *eligibility.Standing) (last ending) {
	for end, again := s.At, true; again; {
		again = false
		for _, w := range m.facts.Waivers {
			if !standsAt(w.Known, w.Gone, s.Known) || !end.In(w.From, w.Until) {
				continue
			}
			last = ending{eligibility.Ref{Kind: eligibility.RefWaiver, ID: w.ID}.String(), w.Until}
			if end, again = w.Until, w.Until != 0; !again {
				return last
			}
		}
	}
	return last
}

// lastEnded is what ended last before a standing: the coverage up to which the
// dues were paid, or a waiver. Lapse, return, lapse are different ones, and the
// same standing assessed again has the same.
func lastEnded(m *assessed, s *eligibility.Standing) (last ending) {
	for _, w := range m.facts.Waivers {
		if standsAt(w.Known, w.Gone, s.Known) && w.From < w.Until && w.Until <= s.At && w.Until > last.at {
			last = ending{eligibility.Ref{Kind: eligibility.RefWaiver, ID: w.ID}.String(), w.Until}
		}
	}
	if s.PaidThrough == 0 || s.PaidThrough < last.at {
		return last
	}
	return ending{paidUntil(m, s), s.PaidThrough}
}

// paidUntil is the charge or payment that covered the member until PaidThrough:
// of several one that the verdict cites, then the newest. Where none ends just
// there (a one-off that bought months), it is what the verdict cites.
func paidUntil(m *assessed, s *eligibility.Standing) string {
	type coverage struct {
		ref   eligibility.Ref
		from  instant.Instant
		cited bool
	}
	cites := citedBy(s)
	var all []coverage
	ends := func(kind eligibility.RefKind, id, charge string, from, due instant.Instant) {
		end := due
		for _, r := range m.facts.Refunds {
			if r.Charge == charge && r.Known <= s.Known {
				end = min(end, r.At)
			}
		}
		ref := eligibility.Ref{Kind: kind, ID: id}
		if end == s.PaidThrough {
			all = append(all, coverage{ref, from, slices.Contains(cites, ref)})
		}
	}
	for _, c := range m.facts.Charges {
		if c.FixedKnown != 0 && c.FixedKnown <= s.Known {
			ends(eligibility.RefCharge, c.ID, c.ID, c.From, c.Due)
		}
	}
	for _, pay := range m.facts.Payments {
		if standsAt(pay.Known, pay.Gone, s.Known) {
			ends(eligibility.RefPayment, pay.ID, pay.Charge, pay.From, pay.Until)
		}
	}
	if len(all) == 0 {
		return newest(s)
	}
	best := slices.MaxFunc(all, func(a, b coverage) int {
		switch {
		case a.cited != b.cited && a.cited:
			return 1
		case a.cited != b.cited:
			return -1
		}
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.ref.String(), b.ref.String()))
	})
	return best.ref.String()
}

func standsAt(known, gone, at instant.Instant) bool { return known <= at && (gone == 0 || at < gone) }

// citedBy are the facts of all reasons, each reason's oldest first.
func citedBy(s *eligibility.Standing) (refs []eligibility.Ref) {
	for _, re := range s.Reasons {
		refs = append(refs, re.Facts...)
	}
	return refs
}

// orElse is the cause of an occasion about what ended; where nothing ever did, the
// contribution that pays too little, else what the verdict cites.
func (e ending) orElse(m *assessed, s *eligibility.Standing) string {
	if e.cause != "" {
		return e.cause
	}
	for _, c := range m.facts.Charges {
		if (eligibility.Ref{Kind: eligibility.RefCharge, ID: c.ID}).String() == newest(s) && c.Contribution != "" {
			return eligibility.Ref{Kind: eligibility.RefContribution, ID: c.Contribution}.String()
		}
	}
	return newest(s)
}

// newest is the newest fact of the last reason that cites any; the member where
// none does.
func newest(s *eligibility.Standing) string {
	refs := citedBy(s)
	if len(refs) == 0 {
		return string(s.Member)
	}
	return refs[len(refs)-1].String()
}
