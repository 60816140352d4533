package policy

import (
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// Topic groups the sentences about a policy.
type Topic string

// The topics in their fixed order.
const (
	AboutRules     Topic = "rules"
	AboutDues      Topic = "dues"
	AboutRights    Topic = "rights"
	AboutJoining   Topic = "joining"
	AboutDecisions Topic = "decisions"
	AboutNotices   Topic = "notices"
)

// Sentence is one plain sentence about the rules.
type Sentence struct {
	Topic Topic
	Text  string
}

// speech gathers sentences in a language.
type speech struct {
	in   *tongue.Tongue
	said []Sentence
}

func (s *speech) say(t Topic, format string, args ...any) {
	s.said = append(s.said, Sentence{t, s.in.Sayf(format, args...)})
}

// Words are the rules of a version in plain English, for those who live by
// them. Instants are shown in zone, which is named (nil: UTC).
func Words(v Version, zone *time.Location) []Sentence { return WordsIn(tongue.English(), v, zone) }

// WordsIn are Words in a language, sentence by sentence.
func WordsIn(t *tongue.Tongue, v Version, zone *time.Location) []Sentence {
	s := &speech{in: t}
	s.rules(v, zone)
	s.dues(&v.Eligibility)
	s.safety(&v.Eligibility)
	if !v.ReviewBy.IsZero() {
		s.say(AboutDues, "The dues are to be looked at again by %s.", s.in.Date(v.ReviewBy, nil))
	}
	s.rights(&v.Eligibility)
	s.joining(v.Admission)
	s.decisions(v)
	s.notices(v.Notices)
	return s.said
}

func (s *speech) rules(v Version, zone *time.Location) {
	from := s.in.DateIn(v.From(), zone)
	if v.DecidedBy != "" {
		s.say(AboutRules, "These rules are called %s and hold from %s; decision %s made them.", v.ID(), from, v.DecidedBy)
		return
	}
	s.say(AboutRules, "These rules are called %s and hold from %s.", v.ID(), from)
}

var perInterval = map[eligibility.Interval]string{eligibility.Monthly: "%s a month", eligibility.Yearly: "%s a year"}

func (s *speech) dues(p *eligibility.Policy) {
	if len(p.Minimums) > 1 { // more of each of them
		s.say(AboutDues, "Members pay %s, or more, through Open Collective.", MinimumIn(s.in, p.Minimums))
	} else {
		s.say(AboutDues, "Members pay %s or more through Open Collective.", MinimumIn(s.in, p.Minimums))
	}
	for _, m := range p.Minimums {
		if m.Interval == eligibility.Monthly && !has(p, eligibility.Yearly, m.Amount.Currency) {
			year := money.Money{Minor: 12 * m.Amount.Minor, Currency: m.Amount.Currency}
			s.say(AboutDues, "Who pays once a year pays twelve times the monthly amount: %s or more.", year.Symbol())
		}
		if m.Interval == eligibility.Yearly && !has(p, eligibility.Monthly, m.Amount.Currency) {
			s.say(AboutDues, "Who pays monthly in %s pays a twelfth of the yearly amount or more.", m.Amount.Currency)
		}
	}
	s.say(AboutDues, "What a member pays through several contributions is added up, and money in any other currency does not count.")
	if p.CountTax {
		s.say(AboutDues, "A payment counts with the tax that is in it.")
	} else {
		s.say(AboutDues, "Tax that is part of a payment does not count as dues.")
	}
	s.say(AboutDues, map[eligibility.OneOffRule]string{
		eligibility.IgnoreOneOff:     "Single payments and added funds do not count, unless a treasurer accepts one as dues.",
		eligibility.AddedFundsCount:  "Added funds buy whole months; other single payments do not count, unless a treasurer accepts one as dues.",
		eligibility.OneOffBuysMonths: "Single payments and added funds buy whole months.",
	}[p.OneOff])
	s.say(AboutDues, "A member that cannot pay may ask a treasurer to waive the dues; that stays between them.")
}

// MinimumIn are the dues in a language: "€10.00 a month or €60.00 a year".
func MinimumIn(t *tongue.Tongue, ms []eligibility.Minimum) string {
	var out []string
	for _, m := range ms {
		out = append(out, t.Sayf(perInterval[m.Interval], m.Amount.Symbol()))
	}
	return t.Or(out)
}

func has(p *eligibility.Policy, i eligibility.Interval, c money.Currency) bool {
	for _, m := range p.Minimums {
		if m.Interval == i && m.Amount.Currency == c {
			return true
		}
	}
	return false
}

// safety says what keeps members from losing rights by no fault of theirs.
func (s *speech) safety(p *eligibility.Policy) {
	if p.Late > 0 {
		s.say(AboutDues, "A renewal is in time until %s after it was due.", s.days(p.Late))
	} else {
		s.say(AboutDues, "A renewal is late from the moment it is due.")
	}
	if p.Interrupted > 0 {
		s.say(AboutDues, "When a contribution is paused and its payer did not pause it, rights stay for up to %s after the payment was due.", s.days(p.Interrupted))
	}
	b := p.Brake
	s.say(AboutDues, "If unpaid dues would take the vote or the listing from more than %s within %s, and from more than %s of those in good standing, nobody loses them until a treasurer has looked.",
		s.in.Count(b.AtLeast, "member", "members"), s.days(b.Within), percent(b.ShareNum, b.ShareDen))
	s.say(AboutDues, "The same holds when it would take them from two or more members that are at least half of those in good standing, or that have one cause in common, such as a change of fiscal host.")
	s.say(AboutDues, "Nobody loses a right over dues while Open Collective cannot be read; after %s every answer says how old it is.", s.hours(p.StaleAfter))
}

func (s *speech) days(d time.Duration) string { return s.in.Count(int(d/day), "day", "days") }

func (s *speech) hours(d time.Duration) string {
	if d%day == 0 && d > day {
		return s.days(d)
	}
	return s.in.Count(int(d/time.Hour), "hour", "hours")
}

// percent is an exact share: "10%", or "1/3" where no whole percent says it.
func percent(num, den int64) string {
	if den > 0 && num*100%den == 0 {
		return fmt.Sprintf("%d%%", num*100/den)
	}
	return fmt.Sprintf("%d/%d", num, den)
}
