package roll

import (
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// compareDoor finds how the row changes when the member applied, was admitted
// and left. A date that differs from the one that stands corrects it; an
// admission after the end is a new one.
func (p *importPlan) compareDoor(row *plannedRow) {
	p.checkDates(row)
	if row.noAccount && !row.was.noAccount {
		p.addEvent(row, eligibility.NoAccount, p.now)
	}
	was := row.was.door
	if row.member != nil && row.applied == 0 && row.since == 0 && row.left == 0 && !row.faulty("since") && !row.faulty("applied") {
		p.addEvent(row, eligibility.Admitted, p.now)
		return
	}
	again := was.left != nil && row.since > was.left.At
	applied := p.correct(row, eligibility.Applied, row.applied, was.applied, false)
	since := p.correct(row, eligibility.Admitted, row.since, was.admitted, again)
	old := was.left
	if again {
		old = nil // the end of an earlier membership stays
	}
	left := p.correct(row, eligibility.Left, row.left, old, false)
	p.checkOrder(row, applied, since, left)
}

// correct adds the event at the date of the row where it differs from the one
// that stands, which is taken back unless both hold. It returns the date that
// then stands, 0 for none.
func (p *importPlan) correct(row *plannedRow, kind eligibility.MembershipKind, date instant.Instant, was *store.MembershipRow, both bool) instant.Instant {
	switch {
	case date == 0 && was == nil:
		return 0
	case date == 0 || was != nil && was.At == date:
		return was.At
	case was != nil && !both:
		row.voids = append(row.voids, was.ID)
	}
	p.addEvent(row, kind, date)
	return date
}

func (p *importPlan) addEvent(row *plannedRow, kind eligibility.MembershipKind, at instant.Instant) {
	row.membership = append(row.membership, store.MembershipRow{ID: p.r.newID("e"), Member: row.id, Kind: kind, At: at})
}

// admits says that the row admits its member.
func (w *rowWrites) admits() bool {
	return slices.ContainsFunc(w.membership, func(e store.MembershipRow) bool { return e.Kind == eligibility.Admitted })
}

// checkAdmission asks for the decision's number where the policy of the day
// admits by decision. Whoever was admitted before the policy began came in by
// other rules.
func (p *importPlan) checkAdmission(row *plannedRow) {
	if row.decision != "" || row.was.Decision != "" {
		return
	}
	for _, e := range row.membership {
		v, ok := p.rules.inForce(e.At, instant.Max)
		if ok && e.Kind == eligibility.Admitted && e.At >= v.From() && v.Admission == policy.AdmissionDecision {
			row.fault("decision", "by policy %s members are admitted by decision: write its number", v.ID())
		}
	}
}

// checkDates refuses days that cannot be meant.
func (p *importPlan) checkDates(row *plannedRow) {
	for _, d := range []struct {
		column string
		at     instant.Instant
		most   instant.Instant
	}{
		{"applied", row.applied, p.now}, {"consent_date", row.consentDate, p.now}, {"approved", row.approved, p.now},
		{"since", row.since, p.now.AddMonths(12)}, {"left", row.left, p.now.AddMonths(12)},
	} {
		switch {
		case d.at <= d.most:
		case d.most == p.now:
			row.fault(d.column, "%s is in the future", d.at.Day())
		default:
			row.fault(d.column, "%s is more than a year ahead", d.at.Day())
		}
	}
}

// checkOrder refuses an admission before the application and an end before
// the admission, as they would stand after the import.
func (p *importPlan) checkOrder(row *plannedRow, applied, since, left instant.Instant) {
	if slices.ContainsFunc([]string{"applied", "since", "left"}, row.faulty) {
		return
	}
	// Of two events at one instant the one learned last holds: an application
	// entered now would undo the admission.
	undone := slices.ContainsFunc(row.membership, func(e store.MembershipRow) bool { return e.Kind == eligibility.Applied }) && !row.admits()
	switch {
	case applied != 0 && since != 0 && since < applied:
		row.fault("applied", "the application (%s) would be after the admission (%s)", applied.Day(), since.Day())
	case undone && applied == since:
		row.fault("applied", "the admission stands on the same day: leave the cell empty")
	case left != 0 && since == 0:
		row.fault("left", "nobody can leave who was not admitted: fill in since")
	case left != 0 && left <= since:
		row.fault("left", "the membership would end (%s) before it begins (%s)", left.Day(), since.Day())
	}
}
