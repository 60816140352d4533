package policy

import (
	"coopcloud.tech/goodstanding/decisions"
)

var (
	ballotWords   = words(decisions.BallotsPublic, decisions.BallotsMembers)
	changeWords   = words(decisions.ByTreasurer, decisions.ByDecision)
	tooShortWords = words(decisions.Warn, decisions.Refuse)
	answerWords   = words(decisions.Answers()...)
)

// maxNotice bounds notice and more_time, in days: a decision that takes more
// than a year is none.
const maxNotice = 366

func (f field) decisions() (d decisions.Rules) {
	o, ok := f.object("ballots", "policy_changes", "medium", "large", "notice_too_short")
	if !ok {
		return d
	}
	d.Ballots, _ = choose(o.need("ballots", "ballots: public (or members)"), decisions.BallotsPublic, ballotWords)
	d.PolicyChanges, _ = choose(o.need("policy_changes", "policy_changes: by_treasurer (or by_decision)"), decisions.ByTreasurer, changeWords)
	d.Medium = o.need("medium", "medium: {notice: 7d, answers: [favour, against, abstain], passes_if: [no objection]}").size()
	d.Large = o.need("large", "large: {notice: 7d, answers: [favour, against, abstain, block], passes_if: [turnout all, no block]}").size()
	d.NoticeTooShort, _ = choose(o.may("notice_too_short"), decisions.Warn, tooShortWords)
	return d
}

func (f field) size() (s decisions.SizeRules) {
	o, ok := f.object("notice", "answers", "passes_if", "more_time")
	if !ok {
		return s
	}
	before := len(f.r.faults.All)
	s.Notice = o.need("notice", "notice: 7d").notice(7, 1)
	answers := o.need("answers", "answers: [favour, against, abstain]")
	s.Answers = chooseSeveral(answers, "[favour, against, abstain]", answerWords)
	lines := o.need("passes_if", "passes_if: [no objection]").conditions(&s)
	if more := o.may("more_time"); !more.absent() {
		s.MoreTime = more.notice(7, 0)
	}
	if len(f.r.faults.All) > before {
		return s // what is missing already would show again as a contradiction
	}
	for _, c := range s.Conflicts() {
		if c.Condition < 0 {
			answers.fault("%s", c.Text)
			continue
		}
		lines[c.Condition].fault("%s", c.Text)
	}
	s.Normalise()
	return s
}

func (f field) notice(usual, least int) int {
	d, _ := f.daysWithin(bounds{usual: usual, least: least, most: maxNotice})
	return int(d / day)
}

// conditions reads passes_if; lines are the fields of s.PassesIf.
func (f field) conditions(s *decisions.SizeRules) (lines []field) {
	items, ok := f.items("[favour >= 1, no against]")
	if ok && len(items) == 0 {
		f.fault("the list is empty, so everything would pass; write a list such as [favour >= 1, no against]")
	}
	for _, item := range items {
		text, ok := item.text("a condition such as no objection")
		if !ok {
			continue
		}
		c, err := decisions.ParseCondition(clip(text))
		if err != nil {
			item.fault("%v", err)
			continue
		}
		s.PassesIf = append(s.PassesIf, c)
		lines = append(lines, item)
	}
	return lines
}
