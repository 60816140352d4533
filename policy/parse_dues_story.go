package policy

import (
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// statuses are upstream's words in small letters.
var statuses = func() (out []option[eligibility.Status]) {
	for i, w := range strings.Fields("new require_client_confirmation paid error processing rejected active " +
		"cancelled pending expired disputed refunded paused in_review") {
		out = append(out, option[eligibility.Status]{w, eligibility.StatusNew + eligibility.Status(i)})
	}
	return out
}()

// contributions reads what became of a contribution, or one that was never
// charged.
func (s *story) contributions(f field) {
	items, _ := f.items("[{interval: monthly, status: paused, since: 2022-07-03}]")
	for _, item := range items {
		o, ok := item.object("interval", "status", "since", "contribution", "next_charge")
		if !ok {
			continue
		}
		c := eligibility.Contribution{Account: exampleAccount, Known: s.at}
		c.Interval, _ = choose(o.need("interval", "interval: monthly (or yearly, or once)"), eligibility.OneOff, chargeIntervals)
		c.ID = s.contributionName(o.may("contribution"), c.Interval)
		c.Status, _ = choose(o.need("status", "status: paused (or another status of Open Collective)"), eligibility.StatusUnknown, statuses)
		c.Effective, _ = s.past(o.need("since", "since: followed by a date such as 2022-07-03"))
		c.NextCharge, _ = o.may("next_charge").date()
		c.ProcessedAt = s.firstSuccess(c.ID, c.Effective)
		s.Contributions = append(s.Contributions, c)
	}
}

// firstSuccess is when the contribution was first charged; 0 when that was
// not before t.
func (s *story) firstSuccess(contribution string, t instant.Instant) (first instant.Instant) {
	for _, c := range s.Charges {
		if c.Contribution == contribution && c.From <= t && (first == 0 || c.From < first) {
			first = c.From
		}
	}
	return first
}

// waivers reads dues forgiven; one without until has no end.
func (s *story) waivers(f field) {
	items, _ := f.items("[{from: 2022-06-01, until: 2023-06-01}]")
	for i, item := range items {
		o, ok := item.object("from", "until")
		if !ok {
			continue
		}
		w := eligibility.Waiver{ID: fmt.Sprintf("waiver-%d", i+1), Known: s.at}
		w.From, _ = o.need("from", "from: followed by a date such as 2022-06-01").date()
		until := o.may("until")
		if w.Until, ok = until.date(); ok && w.Until <= w.From {
			until.fault("%s is not after from (%s)", inDate(w.Until), inDate(w.From))
		}
		s.Waivers = append(s.Waivers, w)
	}
}

// payments reads money that the treasurer entered for whole months.
func (s *story) payments(f field) {
	items, _ := f.items("[{amount: GBP 120.00, from: 2022-06-01, months: 12}]")
	for i, item := range items {
		o, ok := item.object("amount", "from", "months")
		if !ok {
			continue
		}
		p := eligibility.Payment{ID: fmt.Sprintf("payment-%d", i+1), Known: s.at}
		p.Amount, _ = o.need("amount", "amount: GBP 120.00").amount()
		p.From, _ = o.need("from", "from: followed by a date such as 2022-06-01").date()
		p.Months, _ = o.need("months", "months: 12").count(bounds{usual: 12, least: 1, most: 120})
		p.Until = p.From.AddMonths(p.Months)
		s.Payments = append(s.Payments, p)
	}
}
