package eligibility_test

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
)

// presets are the policies that the stories name: what the shipped presets say
// of standings, as plain values.
var presets = map[string]func() eligibility.Policy{
	"seed-2022": func() eligibility.Policy {
		p := preset("seed-2022", eligibility.Minimum{Amount: money.Money{Minor: 1000, Currency: gbp},
			Interval: eligibility.Monthly})
		p.Rules[eligibility.Services].Dues = eligibility.Off
		return p
	},
	"coopcloud-2023": func() eligibility.Policy {
		p := preset("coopcloud-2023", eligibility.Minimum{Amount: money.Money{Minor: 1000, Currency: eur},
			Interval: eligibility.Monthly},
			eligibility.Minimum{Amount: money.Money{Minor: 6000, Currency: eur}, Interval: eligibility.Yearly})
		p.Rules[eligibility.Vote].Dues = eligibility.Advisory
		p.Rules[eligibility.Listing].Dues = eligibility.Advisory
		p.Rules[eligibility.Services].Dues = eligibility.Off
		return p
	},
}

func preset(id string, minimums ...eligibility.Minimum) eligibility.Policy {
	p := eligibility.Policy{ID: id, Minimums: minimums, Late: 5 * dayLong, StaleAfter: 24 * time.Hour, Interrupted: 90 * dayLong,
		Brake: eligibility.Brake{ShareNum: 1, ShareDen: 10, AtLeast: 2, Within: 7 * dayLong}}
	for _, r := range eligibility.Rights {
		p.Rules[r] = eligibility.RightRule{Organisations: true, Individuals: true, Grace: 21 * dayLong}
	}
	p.Rules[eligibility.Services].Grace = 60 * dayLong
	return p
}

var rightWords = map[string]eligibility.Right{
	"vote": eligibility.Vote, "listing": eligibility.Listing, "services": eligibility.Services}

var intervalWords = map[string]eligibility.Interval{
	"monthly": eligibility.Monthly, "yearly": eligibility.Yearly, "once": eligibility.OneOff}

// amend reads one clause by which a story's policy differs from its preset.
func amend(p *eligibility.Policy, w *words) error {
	switch {
	case w.has("late"):
		p.Late = w.days()
	case w.has("stale after"):
		p.StaleAfter = w.days()
	case w.has("interrupted"):
		p.Interrupted = w.days()
	case w.has("count tax"):
		p.CountTax = true
	case w.has("added funds count"):
		p.OneOff = eligibility.AddedFundsCount
	case w.has("one-offs buy months"):
		p.OneOff = eligibility.OneOffBuysMonths
	case w.has("minimum"):
		p.Minimums = nil
		for len(w.left) > 0 {
			m := eligibility.Minimum{Amount: w.amount()}
			m.Interval = oneOf(w, "interval", intervalWords)
			p.Minimums = append(p.Minimums, m)
		}
	default:
		amendRight(&p.Rules[oneOf(w, "clause of a policy", rightWords)], w)
	}
	return w.done()
}

func amendRight(r *eligibility.RightRule, w *words) {
	switch {
	case w.has("enforced"):
		r.Dues = eligibility.Enforced
	case w.has("advisory"):
		r.Dues = eligibility.Advisory
	case w.has("off"):
		r.Dues = eligibility.Off
	case w.has("grace"):
		r.Grace = w.days()
	case w.has("for organisations only"):
		r.Individuals = false
	case w.has("for individuals only"):
		r.Organisations = false
	default:
		w.fail("%q says nothing about a right", w.word("what the policy says of the right"))
	}
}
