package policy

// What a version says of notices when its file does not (domain.md, section 4).
const (
	defaultPaymentLate     = 6
	defaultBeforeGraceEnds = 7
	defaultWaiverEnds      = 30
	defaultBeforeDeadline  = 3
	defaultOverdueEvery    = 7
)

// notices reads the group, or takes every default when it is absent.
func (f field) notices(v *Version, c *checks) {
	o := object{field: f}
	if !f.absent() {
		o, _ = f.object("payment_late", "before_grace_ends", "waiver_ends", "not_voted")
	}
	n := &v.Notices
	late, before := o.may("payment_late"), o.may("before_grace_ends")
	var lateOK, beforeOK bool
	n.PaymentLate, lateOK = late.days(defaultPaymentLate, 1)
	n.BeforeGraceEnds, beforeOK = before.days(defaultBeforeGraceEnds, 1)
	n.WaiverEnds, _ = o.may("waiver_ends").days(defaultWaiverEnds, 1)
	n.NotVoted = o.may("not_voted").notVoted()
	c.notices = []noticeSpan{
		{field: late, span: n.PaymentLate, ok: lateOK, afterLate: true},
		{field: before, span: n.BeforeGraceEnds, ok: beforeOK},
	}
}

func (f field) notVoted() (n NotVoted) {
	o := object{field: f}
	if !f.absent() {
		o, _ = f.object("after", "before_deadline", "overdue_every")
	}
	n.After = o.may("after").fraction(fraction(1, 3))
	n.BeforeDeadline, _ = o.may("before_deadline").days(defaultBeforeDeadline, 1)
	n.OverdueEvery, _ = o.may("overdue_every").days(defaultOverdueEvery, 1)
	return n
}
