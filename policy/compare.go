package policy

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// rule is one rule of a version, with its name and its value in words.
type rule struct {
	name string
	say  func(v Version) string
}

// rules are all rules of a version but its id, in the file's order.
var rules = func() []rule {
	out := []rule{
		{"In force from", func(v Version) string { return inDate(v.From()) }},
		{"Made by", func(v Version) string {
			if v.DecidedBy == "" {
				return "no decision"
			}
			return "decision " + v.DecidedBy
		}},
		{"Who admits members", func(v Version) string {
			return map[Admission]string{AdmissionOpen: "nobody, who applies is in", AdmissionTreasurer: "a treasurer", AdmissionDecision: "a large decision"}[v.Admission]
		}},
	}
	out = append(out, dueRules()...)
	for _, r := range eligibility.Rights {
		out = append(out, rightRules(r)...)
	}
	out = append(out, decisionRules()...)
	return append(out, noticeRules()...)
}()

// Compare says in words what differs between two versions, one line for each
// rule, in the file's order. It is empty exactly when both are the same rules
// but for their ids.
func Compare(a, b Version) []string {
	var out []string
	for _, r := range rules {
		if was, is := r.say(a), r.say(b); was != is {
			out = append(out, fmt.Sprintf("%s: was %s; becomes %s", r.name, was, is))
		}
	}
	return out
}

func dueRules() []rule {
	return []rule{
		{"Minimum dues", func(v Version) string { return minimumWords(v.Eligibility.Minimums) }},
		{"Tax in a payment", func(v Version) string { return either(v.Eligibility.CountTax, "counted", "not counted") }},
		{"Single payments", func(v Version) string {
			return map[eligibility.OneOffRule]string{eligibility.IgnoreOneOff: "not counted",
				eligibility.AddedFundsCount: "counted when they are added funds", eligibility.OneOffBuysMonths: "counted"}[v.Eligibility.OneOff]
		}},
		{"A renewal is in time for", span(func(v Version) time.Duration { return v.Eligibility.Late })},
		{"Answers are marked as old after", func(v Version) string { return hoursOf(v.Eligibility.StaleAfter) }},
		{"Rights stay in a pause not made by the payer for", span(func(v Version) time.Duration { return v.Eligibility.Interrupted })},
		{"Brake", func(v Version) string {
			b := v.Eligibility.Brake
			return fmt.Sprintf("more than %s and %s within %s", count(b.AtLeast, "member", "members"), percent(b.ShareNum, b.ShareDen), daysOf(b.Within))
		}},
		{"Dues looked at again by", func(v Version) string {
			if v.ReviewBy.IsZero() {
				return "no date"
			}
			return v.ReviewBy.Day()
		}},
	}
}

// BrakeWords says which losses at once the brake stops: "more than 2 members and more
// than 10% of those in good standing, counted over 7 days".
func BrakeWords(b eligibility.Brake) string {
	return fmt.Sprintf("more than %s and more than %s of those in good standing, counted over %s", count(b.AtLeast, "member", "members"), percent(b.ShareNum, b.ShareDen), daysOf(b.Within))
}

func rightRules(r eligibility.Right) []rule {
	name := tongue.Capital(rightWords[r])
	return []rule{
		{name + ", dues", func(v Version) string { return wordFor(duesModes, v.Eligibility.Rules[r].Dues) }},
		{name + ", open to", func(v Version) string {
			who, _ := (&speech{in: tongue.English()}).kindsOf(v.Eligibility.Rules[r])
			return join(who, "and")
		}},
		{name + ", grace", span(func(v Version) time.Duration { return v.Eligibility.Rules[r].Grace })},
	}
}

func decisionRules() []rule {
	out := []rule{
		{"Ballots are read by", func(v Version) string {
			return either(v.Decisions.Ballots == decisions.BallotsPublic, "everybody", "members")
		}},
		{"These rules are changed by", func(v Version) string {
			return either(v.Decisions.PolicyChanges == decisions.ByDecision, "a large decision", "a treasurer")
		}},
	}
	out = append(out, sizeRules("Medium decision", func(v Version) decisions.SizeRules { return v.Decisions.Medium })...)
	out = append(out, sizeRules("Large decision", func(v Version) decisions.SizeRules { return v.Decisions.Large })...)
	return append(out, rule{"Too short a notice is", func(v Version) string {
		return either(v.Decisions.NoticeTooShort == decisions.Refuse, "refused", "pointed out")
	}})
}

func sizeRules(name string, of func(Version) decisions.SizeRules) []rule {
	return []rule{
		{name + ", notice", func(v Version) string { return count(of(v).Notice, "day", "days") }},
		{name + ", answers", func(v Version) string {
			var out []string
			for _, a := range of(v).Answers {
				out = append(out, answerPhrases[a])
			}
			return strings.Join(out, ", ")
		}},
		{name + ", passes if", func(v Version) string {
			var out []string
			for _, c := range of(v).PassesIf {
				out = append(out, c.Clause())
			}
			return (&speech{in: tongue.English()}).together(out)
		}},
		{name + ", more time", func(v Version) string {
			return either(of(v).MoreTime == 0, "none", count(of(v).MoreTime, "day", "days"))
		}},
	}
}

func noticeRules() []rule {
	return []rule{
		{"Mail after a payment ran out", span(func(v Version) time.Duration { return v.Notices.PaymentLate })},
		{"Mail before rights end", span(func(v Version) time.Duration { return v.Notices.BeforeGraceEnds })},
		{"Mail before a waiver ends", span(func(v Version) time.Duration { return v.Notices.WaiverEnds })},
		{"First reminder of a large decision after", func(v Version) string { return v.Notices.NotVoted.After.Words() + " of the time" }},
		{"Reminder before its deadline", span(func(v Version) time.Duration { return v.Notices.NotVoted.BeforeDeadline })},
		{"Reminders once it is overdue every", span(func(v Version) time.Duration { return v.Notices.NotVoted.OverdueEvery })},
	}
}

func span(of func(Version) time.Duration) func(Version) string {
	return func(v Version) string { return daysOf(of(v)) }
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
