package policy

import (
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

// allRules are all rules of a version but its id, in the file's order.
func (s *speech) allRules() []rule {
	out := []rule{
		{s.in.Say("In force from"), func(v Version) string { return inDate(v.From()) }},
		{s.in.Say("Made by"), func(v Version) string {
			if v.DecidedBy == "" {
				return s.in.Say("no decision")
			}
			return s.in.Sayf("decision %s", v.DecidedBy)
		}},
		{s.in.Say("Who admits members"), func(v Version) string {
			return s.in.Say(map[Admission]string{AdmissionOpen: "nobody, who applies is in", AdmissionTreasurer: "a treasurer", AdmissionDecision: "a large decision"}[v.Admission])
		}},
	}
	out = append(out, s.dueRules()...)
	for _, r := range eligibility.Rights {
		out = append(out, s.rightRules(r)...)
	}
	out = append(out, s.decisionRules()...)
	return append(out, s.noticeRules()...)
}

// Compare says in words what differs between two versions, one line for each
// rule, in the file's order. It is empty exactly when both are the same rules
// but for their ids.
func Compare(a, b Version) []string { return CompareIn(tongue.English(), a, b) }

// CompareIn is Compare in a language.
func CompareIn(t *tongue.Tongue, a, b Version) []string {
	s := &speech{in: t}
	var out []string
	for _, r := range s.allRules() {
		if was, is := r.say(a), r.say(b); was != is {
			out = append(out, t.Sayf("%s: was %s; becomes %s", r.name, was, is))
		}
	}
	return out
}

func (s *speech) dueRules() []rule {
	return []rule{
		{s.in.Say("Minimum dues"), func(v Version) string { return MinimumIn(s.in, v.Eligibility.Minimums) }},
		{s.in.Say("Tax in a payment"), func(v Version) string { return s.either(v.Eligibility.CountTax, "counted", "not counted") }},
		{s.in.Say("Single payments"), func(v Version) string {
			return s.in.Say(map[eligibility.OneOffRule]string{eligibility.IgnoreOneOff: "not counted",
				eligibility.AddedFundsCount: "counted when they are added funds", eligibility.OneOffBuysMonths: "counted"}[v.Eligibility.OneOff])
		}},
		{s.in.Say("A renewal is in time for"), s.span(func(v Version) time.Duration { return v.Eligibility.Late })},
		{s.in.Say("Answers are marked as old after"), func(v Version) string { return s.hours(v.Eligibility.StaleAfter) }},
		{s.in.Say("Rights stay in a pause not made by the payer for"), s.span(func(v Version) time.Duration { return v.Eligibility.Interrupted })},
		{s.in.Say("Brake"), func(v Version) string {
			b := v.Eligibility.Brake
			return s.in.Sayf("more than %s and %s within %s", s.in.Count(b.AtLeast, "member", "members"), percent(b.ShareNum, b.ShareDen), s.days(b.Within))
		}},
		{s.in.Say("Dues looked at again by"), func(v Version) string {
			if v.ReviewBy.IsZero() {
				return s.in.Say("no date")
			}
			return v.ReviewBy.Day()
		}},
	}
}

// BrakeIn says in a language which losses at once the brake stops: "more than 2 members
// and more than 10% of those in good standing, counted over 7 days".
func BrakeIn(t *tongue.Tongue, b eligibility.Brake) string {
	return t.Sayf("more than %s and more than %s of those in good standing, counted over %s",
		t.Count(b.AtLeast, "member", "members"), percent(b.ShareNum, b.ShareDen), (&speech{in: t}).days(b.Within))
}

// comparedRights name the rights in a comparison.
var comparedRights = [len(eligibility.Rights)]string{"right|Vote", "right|Listing", "right|Services"}

// comparedDues name the ways in which a right goes by dues, with the words of the file.
var comparedDues = map[eligibility.DuesMode]string{eligibility.Enforced: "dues|enforced", eligibility.Advisory: "dues|advisory", eligibility.Off: "dues|off"}

func (s *speech) rightRules(r eligibility.Right) []rule {
	name := s.in.Say(comparedRights[r])
	return []rule{
		{s.in.Sayf("%s, dues", name), func(v Version) string { return s.in.Say(comparedDues[v.Eligibility.Rules[r].Dues]) }},
		{s.in.Sayf("%s, open to", name), func(v Version) string {
			who, _ := s.kindsOf(v.Eligibility.Rules[r])
			return s.in.And(who)
		}},
		{s.in.Sayf("%s, grace", name), s.span(func(v Version) time.Duration { return v.Eligibility.Rules[r].Grace })},
	}
}

func (s *speech) decisionRules() []rule {
	out := []rule{
		{s.in.Say("Ballots are read by"), func(v Version) string {
			return s.either(v.Decisions.Ballots == decisions.BallotsPublic, "everybody", "members")
		}},
		{s.in.Say("These rules are changed by"), func(v Version) string {
			return s.either(v.Decisions.PolicyChanges == decisions.ByDecision, "a large decision", "a treasurer")
		}},
	}
	out = append(out, s.sizeRules(s.in.Say("Medium decision"), func(v Version) decisions.SizeRules { return v.Decisions.Medium })...)
	out = append(out, s.sizeRules(s.in.Say("Large decision"), func(v Version) decisions.SizeRules { return v.Decisions.Large })...)
	return append(out, rule{s.in.Say("Too short a notice is"), func(v Version) string {
		return s.either(v.Decisions.NoticeTooShort == decisions.Refuse, "refused", "pointed out")
	}})
}

func (s *speech) sizeRules(name string, of func(Version) decisions.SizeRules) []rule {
	return []rule{
		{s.in.Sayf("%s, notice", name), func(v Version) string { return s.in.Count(of(v).Notice, "day", "days") }},
		{s.in.Sayf("%s, answers", name), func(v Version) string {
			var out []string
			for _, a := range of(v).Answers {
				out = append(out, s.in.Say(answerPhrases[a]))
			}
			return strings.Join(out, ", ")
		}},
		{s.in.Sayf("%s, passes if", name), func(v Version) string {
			var out []string
			for _, c := range of(v).PassesIf {
				out = append(out, c.ClauseIn(s.in))
			}
			return s.together(out)
		}},
		{s.in.Sayf("%s, more time", name), func(v Version) string {
			if of(v).MoreTime == 0 {
				return s.in.Say("none")
			}
			return s.in.Count(of(v).MoreTime, "day", "days")
		}},
	}
}

func (s *speech) noticeRules() []rule {
	return []rule{
		{s.in.Say("Mail after a payment ran out"), s.span(func(v Version) time.Duration { return v.Notices.PaymentLate })},
		{s.in.Say("Mail before rights end"), s.span(func(v Version) time.Duration { return v.Notices.BeforeGraceEnds })},
		{s.in.Say("Mail before a waiver ends"), s.span(func(v Version) time.Duration { return v.Notices.WaiverEnds })},
		{s.in.Say("First reminder of a large decision after"), func(v Version) string {
			return s.in.Sayf("%s of the time", s.in.Say("time|"+v.Notices.NotVoted.After.Words()))
		}},
		{s.in.Say("Reminder before its deadline"), s.span(func(v Version) time.Duration { return v.Notices.NotVoted.BeforeDeadline })},
		{s.in.Say("Reminders once it is overdue every"), s.span(func(v Version) time.Duration { return v.Notices.NotVoted.OverdueEvery })},
	}
}

func (s *speech) span(of func(Version) time.Duration) func(Version) string {
	return func(v Version) string { return s.days(of(v)) }
}

// either says one of two phrases.
func (s *speech) either(yes bool, a, b string) string {
	if yes {
		return s.in.Say(a)
	}
	return s.in.Say(b)
}
