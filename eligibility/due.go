package eligibility

import (
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

const day = 24 * time.Hour

// ComputedDue is when the coverage of a charge ends by the calendar alone
// (domain.md, section 2, "Coverage of a charge", rule b): monthly, the first
// of the next month 00:00 UTC, and one month later for the contribution's
// first charge made after the 15th; yearly, the first of the same month a year
// on; PayPal, one calendar interval later, clamped to the month's end. A
// one-off has none (0).
func ComputedDue(from instant.Instant, i Interval, first, paypal bool) instant.Instant {
	switch {
	case i == Monthly && paypal:
		return from.AddMonths(1)
	case i == Yearly && paypal:
		return from.AddMonths(12)
	case i == Monthly && first && from.Time().Day() > 15:
		return from.MonthStart(2)
	case i == Monthly:
		return from.MonthStart(1)
	case i == Yearly:
		return from.MonthStart(12)
	}
	return 0
}

// sooner is how long after a charge no next one is due: the shortest first period that
// upstream grants is 14 days (open-collective.md, section 3.1), a day less by zones.
const sooner = 7 * day

// DueFacts is what one snapshot shows about a charge when its coverage is fixed.
type DueFacts struct {
	From       instant.Instant
	Interval   Interval
	NextCharge instant.Instant // upstream's nextChargeDate; 0 for none
	Active     bool            // the contribution's status is ACTIVE
	Newest     bool            // no later charge of the contribution is known
	First      bool            // within a day of the contribution's processedAt
	PayPal     bool            // the payment method's service is PAYPAL
}

// Due fixes the end of a charge's coverage: (a) the snapshot's nextChargeDate
// where it can be trusted, (b) ComputedDue otherwise (domain.md, section 2).
// The bounds of (a), 48 days for a month and 370 for a year, are the longest
// first periods that upstream grants (open-collective.md, section 3.1). A date within
// sooner of the charge is the one that fell due with it, read right before it moved.
func (d DueFacts) Due() instant.Instant {
	longest := 48 * day
	if d.Interval == Yearly {
		longest = 370 * day
	}
	if d.Interval != OneOff && d.Active && d.Newest && d.From.Add(sooner) <= d.NextCharge && d.NextCharge <= d.From.Add(longest) {
		return d.NextCharge
	}
	return ComputedDue(d.From, d.Interval, d.First, d.PayPal)
}
