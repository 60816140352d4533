package policy

import (
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
)

// What a version says of dues when its file does not (domain.md, sections 2
// to 4).
const (
	defaultLate        = 5
	defaultStaleHours  = 24
	defaultInterrupted = 90
)

func fraction(num, den int64) decisions.Fraction {
	f, _ := decisions.NewFraction(num, den)
	return f
}

func (f field) dues(v *Version, c *checks) {
	o, ok := f.object("minimums", "count_tax", "one_off", "late", "stale_after", "interrupted", "brake", "review_by")
	if !ok {
		return
	}
	p := &v.Eligibility
	p.Minimums = o.need("minimums", "minimums: [GBP 10.00 monthly]").minimums()
	p.CountTax, _ = o.may("count_tax").boolean(false)
	p.OneOff, _ = choose(o.may("one_off"), eligibility.IgnoreOneOff, oneOffs)
	c.lateField = o.may("late")
	c.late, c.lateOK = c.lateField.days(defaultLate, 0)
	p.Late = c.late
	p.StaleAfter = o.may("stale_after").hours(defaultStaleHours)
	p.Interrupted, _ = o.may("interrupted").days(defaultInterrupted, 0)
	p.Brake = o.may("brake").brake()
	v.ReviewBy = o.may("review_by").reviewBy(p.From)
}

func (f field) minimums() (out []eligibility.Minimum) {
	items, ok := f.items("[GBP 10.00 monthly]")
	if ok && len(items) == 0 {
		f.fault("the list is empty, so no payment could count; write a list such as [GBP 10.00 monthly]")
	}
	for _, item := range items {
		m, ok := item.minimum()
		if !ok {
			continue
		}
		for _, had := range out {
			if had.Interval == m.Interval && had.Amount.Currency == m.Amount.Currency {
				item.fault("there is a %s minimum in %s already: write one for each currency and interval",
					wordFor(intervals, m.Interval), m.Amount.Currency)
			}
		}
		out = append(out, m)
	}
	arrange.By(out, func(a, b eligibility.Minimum) int {
		if c := strings.Compare(a.Amount.Currency.String(), b.Amount.Currency.String()); c != 0 {
			return c
		}
		return int(a.Interval) - int(b.Interval)
	})
	return out
}

func (f field) minimum() (m eligibility.Minimum, ok bool) {
	s, ok := f.text("a minimum such as GBP 10.00 monthly")
	if !ok {
		return m, false
	}
	parts := strings.Fields(s)
	if len(parts) != 3 {
		f.fault("%q is not a minimum: write currency, amount and interval, such as GBP 10.00 monthly", clip(s))
		return m, false
	}
	if m.Amount, ok = f.positive(parts[0] + " " + parts[1]); !ok {
		return m, false
	}
	for _, i := range intervals {
		if i.word == parts[2] {
			m.Interval = i.means
			return m, true
		}
	}
	f.fault("%q is not an interval: write monthly or yearly, such as %s monthly", clip(parts[2]), m.Amount)
	return m, false
}

func (f field) brake() eligibility.Brake {
	o := object{field: f}
	if !f.absent() {
		o, _ = f.object("share", "at_least", "within")
	}
	var b eligibility.Brake
	share := o.may("share").share(fraction(1, 10))
	b.ShareNum, b.ShareDen = share.Num(), share.Den()
	b.AtLeast, _ = o.may("at_least").count(bounds{usual: 2, most: 1_000_000})
	b.Within, _ = o.may("within").days(7, 1)
	return b
}

// reviewBy reads the day of the next review; "" means none.
func (f field) reviewBy(from instant.Instant) instant.Instant {
	if f.blank() {
		return 0
	}
	t, ok := f.date()
	switch {
	case ok && t != instant.Date(t.Time().Date()):
		f.fault("%s is not a plain date: write it as %s", t, t.Day())
	case ok && from != 0 && t <= from:
		f.fault("%s is not after the first day in force (%s)", t.Day(), from.Day())
	}
	return t
}
