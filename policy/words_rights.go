package policy

import (
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
)

// rightPhrases say what having a right, and not having it, means.
var rightPhrases = [...]struct{ yes, no string }{
	{"have a vote", "have no vote"},
	{"may be listed as providers", "are not listed"},
	{"may use the shared services", "do not use the shared services"},
}

func (s *speech) rights(p *eligibility.Policy) {
	for i, phrase := range rightPhrases {
		rule := p.Rules[i]
		who, others := s.kindsOf(rule)
		s.say(AboutRights, "%s.", s.right(rule, s.membersOf(who, others), phrase.yes)+s.without(others, phrase.no))
		switch eligibility.Right(i) {
		case eligibility.Vote:
			s.say(AboutRights, "One member has one vote, whatever it pays.")
		case eligibility.Listing:
			s.say(AboutRights, "A listing also needs a profile, the member's consent and, the first time, the yes of a treasurer or facilitator.")
		}
	}
}

// right says who has a right, and by which dues.
func (s *speech) right(r eligibility.RightRule, who, yes string) string {
	yes = s.in.Say(yes)
	switch r.Dues {
	case eligibility.Enforced:
		return s.in.Sayf("%s %s while their dues are paid, and for %s after a payment was due", who, yes, s.days(r.Grace))
	case eligibility.Advisory:
		return s.in.Sayf("%s %s, also when their dues are not paid, which is then pointed out", who, yes)
	}
	return s.in.Sayf("%s %s, whatever they pay", who, yes)
}

// without says who does not have it.
func (s *speech) without(others []string, no string) string {
	if len(others) == 0 {
		return ""
	}
	return "; " + s.in.And(others) + " " + s.in.Say(no)
}

// membersOf names those who have a right at the beginning of a sentence.
func (s *speech) membersOf(who, others []string) string {
	if len(others) == 0 {
		return s.in.Say("sentence|Members")
	}
	return tongue.Capital(s.in.And(who))
}

// kindsOf are the kinds of members that a rule names, and those it does not.
func (s *speech) kindsOf(r eligibility.RightRule) (who, others []string) {
	for _, k := range []member.Kind{member.Organisation, member.Individual} {
		kind := s.in.Say("sentence|" + string(k) + "s")
		if r.Named(k) {
			who = append(who, kind)
		} else {
			others = append(others, kind)
		}
	}
	return who, others
}

func (s *speech) joining(a Admission) {
	s.say(AboutJoining, map[Admission]string{
		AdmissionOpen:      "Whoever applies becomes a member.",
		AdmissionTreasurer: "A treasurer admits new members.",
		AdmissionDecision:  "New members are admitted by a large decision.",
	}[a])
}

func (s *speech) decisions(v Version) {
	d := v.Decisions
	s.say(AboutDecisions, "Small decisions are simply made.")
	s.size("medium", d.Medium)
	s.size("large", d.Large)
	if d.NoticeTooShort == decisions.Refuse {
		s.say(AboutDecisions, "A deadline that leaves less notice is refused, unless a facilitator opens the decision.")
	} else {
		s.say(AboutDecisions, "A deadline that leaves less notice is pointed out to the proposer.")
	}
	if d.Ballots == decisions.BallotsPublic {
		s.say(AboutDecisions, "How each member answered is public.")
	} else {
		s.say(AboutDecisions, "How each member answered is shown to members alone.")
	}
	if d.PolicyChanges == decisions.ByDecision {
		s.say(AboutDecisions, "These rules change only by a large decision.")
	} else {
		s.say(AboutDecisions, "A treasurer may change these rules, and the other treasurers are told.")
	}
}

// answerPhrases say an answer after "members answer".
var answerPhrases = map[decisions.Answer]string{
	decisions.Favour: "in favour", decisions.Against: "against",
	decisions.Abstain: "abstain", decisions.Block: "block",
}

func (s *speech) size(name string, r decisions.SizeRules) {
	var answers, clauses []string
	for _, a := range r.Answers {
		answers = append(answers, s.in.Say(answerPhrases[a]))
	}
	for _, c := range r.PassesIf {
		clauses = append(clauses, c.ClauseIn(s.in))
	}
	name = s.in.Say(name)
	s.say(AboutDecisions, "A %s decision is announced at least %s before its deadline, and members answer: %s.",
		name, s.in.Count(r.Notice, "day", "days"), s.in.Or(answers))
	s.say(AboutDecisions, "A %s decision passes if %s.", name, s.together(clauses))
	if stops(r) {
		s.say(AboutDecisions, "In a %s decision an answer against is an objection, and says why.", name)
	}
	if r.MoreTime > 0 {
		s.say(AboutDecisions, "Any member may once ask for more time for a %s decision, which moves its deadline by %s.", name, s.in.Count(r.MoreTime, "day", "days"))
	}
}

// stops says whether being against stops a decision as an objection.
func stops(r decisions.SizeRules) bool {
	return r.Offers(decisions.Against) && slices.Contains(r.PassesIf, decisions.Condition{Kind: decisions.NoObjection})
}

// together lists conditions that must all hold; some hold a comma of their
// own, so more than one are told apart by semicolons then.
func (s *speech) together(clauses []string) string {
	if len(clauses) < 2 || !strings.Contains(strings.Join(clauses, ""), ",") {
		return s.in.And(clauses)
	}
	n := len(clauses)
	return strings.Join(clauses[:n-1], "; ") + "; " + s.in.Say("and") + " " + clauses[n-1]
}

func (s *speech) notices(n Notices) {
	s.say(AboutNotices, "A member gets a mail %s after its payments ran out, %s before its rights end and %s before a waiver ends.",
		s.days(n.PaymentLate), s.days(n.BeforeGraceEnds), s.days(n.WaiverEnds))
	every := s.in.Say("every day")
	if n.NotVoted.OverdueEvery > day {
		every = s.in.Sayf("every %s", s.days(n.NotVoted.OverdueEvery))
	}
	s.say(AboutNotices, "Who has not answered a large decision yet is reminded after %s of the time, %s before the deadline and, once it is overdue, %s.",
		s.in.Say("time|"+n.NotVoted.After.Words()), s.days(n.NotVoted.BeforeDeadline), every)
}
