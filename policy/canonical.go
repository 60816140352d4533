package policy

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// canonical writes a version as a policy file with nothing left out, always
// in the same way. It is what is hashed, so a change here is a change of every
// hash: new keys are added only where they differ from what their absence
// means.
func canonical(v Version) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p := v.Eligibility
	line("policies:")
	line("  - id: %s", p.ID)
	line("    from: %s", inDate(p.From))
	line("    decided_by: %q", v.DecidedBy)
	line("    admission: %s", v.Admission)
	line("    dues:")
	line("      minimums: [%s]", strings.Join(minimumTexts(p.Minimums), ", "))
	line("      count_tax: %t", p.CountTax)
	line("      one_off: %s", wordFor(oneOffs, p.OneOff))
	line("      late: %s", inDays(p.Late))
	line("      stale_after: %s", inHours(p.StaleAfter))
	line("      interrupted: %s", inDays(p.Interrupted))
	line("      brake: {share: %d/%d, at_least: %d, within: %s}", p.Brake.ShareNum, p.Brake.ShareDen, p.Brake.AtLeast, inDays(p.Brake.Within))
	line("      review_by: %s", inReview(v.ReviewBy))
	line("    rights:")
	for i, name := range rightWords {
		line("      %s: %s", name, inRight(p.Rules[i]))
	}
	d, n := v.Decisions, v.Notices
	line("    decisions:")
	line("      ballots: %s", d.Ballots)
	line("      policy_changes: %s", d.PolicyChanges)
	line("      medium: %s", inSize(d.Medium))
	line("      large: %s", inSize(d.Large))
	line("      notice_too_short: %s", d.NoticeTooShort)
	line("    notices:")
	line("      payment_late: %s", inDays(n.PaymentLate))
	line("      before_grace_ends: %s", inDays(n.BeforeGraceEnds))
	line("      waiver_ends: %s", inDays(n.WaiverEnds))
	line("      not_voted: {after: %s, before_deadline: %s, overdue_every: %s}",
		n.NotVoted.After, inDays(n.NotVoted.BeforeDeadline), inDays(n.NotVoted.OverdueEvery))
	return b.String()
}

func minimumTexts(ms []eligibility.Minimum) []string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = m.Amount.String() + " " + wordFor(intervals, m.Interval)
	}
	return out
}

func inDays(d time.Duration) string  { return fmt.Sprintf("%dd", d/day) }
func inHours(d time.Duration) string { return fmt.Sprintf("%dh", d/time.Hour) }

// inDate is a plain date where the instant begins one.
func inDate(t instant.Instant) string {
	if t == instant.Date(t.Time().Date()) {
		return t.Day()
	}
	return t.String()
}

func inReview(t instant.Instant) string {
	if t.IsZero() {
		return `""`
	}
	return t.Day()
}

func inRight(r eligibility.RightRule) string {
	mode := wordFor(duesModes, r.Dues)
	if r.Dues == eligibility.Off {
		mode = `"off"` // other YAML readers take a bare off for false
	}
	var kinds []string
	for _, k := range []member.Kind{member.Organisation, member.Individual} {
		if r.Named(k) {
			kinds = append(kinds, string(k))
		}
	}
	return fmt.Sprintf("{dues: %s, members: [%s], grace: %s}", mode, strings.Join(kinds, ", "), inDays(r.Grace))
}

func inSize(s decisions.SizeRules) string {
	answers, lines := make([]string, len(s.Answers)), make([]string, len(s.PassesIf))
	for i, a := range s.Answers {
		answers[i] = string(a)
	}
	for i, c := range s.PassesIf {
		lines[i] = c.String()
	}
	return fmt.Sprintf("{notice: %dd, answers: [%s], passes_if: [%s], more_time: %dd}",
		s.Notice, strings.Join(answers, ", "), strings.Join(lines, ", "), s.MoreTime)
}
