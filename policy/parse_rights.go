package policy

import (
	"slices"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
)

const (
	defaultGrace = 21
	// leastGrace: upstream tries a failing card six times in 19 days and
	// starts from the 1st to the 5th, so a shorter grace would end while it
	// is still trying (domain.md, section 3).
	leastGrace = 21
)

var rightWords = [...]string{"vote", "listing", "services"}

var memberKinds = words(member.Organisation, member.Individual)

func (f field) rights(v *Version, c *checks) {
	o, ok := f.object(rightWords[:]...)
	if !ok {
		return
	}
	for i, name := range rightWords {
		rule := o.need(name, name+": {dues: enforced, members: [organisation, individual], grace: 21d}").right()
		v.Eligibility.Rules[i] = rule
		if rule.Dues == eligibility.Enforced {
			c.graces[i] = rule.Grace
		}
	}
}

func (f field) right() (rule eligibility.RightRule) {
	o, ok := f.object("dues", "members", "grace")
	if !ok {
		return rule
	}
	rule.Dues, ok = choose(o.need("dues", "dues: enforced (or advisory, or off)"), eligibility.Enforced, duesModes)
	kinds := chooseSeveral(o.need("members", "members: [organisation, individual]"), "[organisation, individual]", memberKinds)
	rule.Organisations = slices.Contains(kinds, member.Organisation)
	rule.Individuals = slices.Contains(kinds, member.Individual)
	grace := o.may("grace")
	if ok && rule.Dues == eligibility.Enforced {
		grace = o.need("grace", "grace: 21d")
	}
	rule.Grace = grace.grace()
	return rule
}

func (f field) grace() time.Duration {
	d, _ := f.daysWithin(bounds{usual: defaultGrace, least: leastGrace, most: maxDays,
		because: "Open Collective tries a failing card six times, which takes 19 days from a start on the 1st to the 5th"})
	return d
}
