package syncer

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

const (
	// firstWithin is how near to processedAt a contribution's first charge lies
	// (domain.md, section 2, "Coverage of a charge").
	firstWithin = 24 * time.Hour
	// settling is how long after its first success a contribution may still show
	// ONETIME although it is going to recur: upstream marks it as paid first and
	// makes the subscription afterwards (open-collective.md, section 3.1). That
	// takes it seconds; this leaves room for its queue.
	settling = 10 * time.Minute
)

// fixCoverages fixes what charges pay for, each once and for good: those that
// this snapshot brings, and those that waited for their contribution.
func (r *reconciled) fixCoverages() {
	waiting := map[string]bool{} // contributions with a charge whose coverage is not fixed
	for id := range r.st.open {
		waiting[r.st.charges.at(id).Contribution] = true
	}
	for _, c := range r.charges {
		waiting[c.Contribution] = true
	}
	for id, charges := range r.chargesOf(waiting) {
		for _, c := range charges {
			if r.st.coverages.has(c.ID) {
				continue
			}
			if row, ok := r.coverage(id, c, charges); ok {
				row.Snapshot = r.number
				r.coverages = append(r.coverages, row)
			}
		}
	}
	arrange.By(r.coverages, func(a, b store.CoverageRow) int { return compare(a.Charge, b.Charge) })
}

// chargesOf are all charges of some contributions, stored and new, oldest first.
func (r *reconciled) chargesOf(contributions map[string]bool) map[string][]store.ChargeRow {
	by := map[string][]store.ChargeRow{}
	if len(contributions) == 0 {
		return by
	}
	for _, c := range r.st.charges.all() {
		if contributions[c.Contribution] {
			by[c.Contribution] = append(by[c.Contribution], c)
		}
	}
	for _, c := range r.charges {
		if contributions[c.Contribution] {
			by[c.Contribution] = append(by[c.Contribution], c)
		}
	}
	for _, charges := range by {
		arrange.By(charges, oldestFirst)
	}
	return by
}

// coverage is what one charge pays for; ok is false while that cannot be told.
// all are the charges of the same contribution, oldest first.
func (r *reconciled) coverage(contribution string, c store.ChargeRow, all []store.ChargeRow) (row store.CoverageRow, ok bool) {
	if contribution == "" {
		return store.CoverageRow{Charge: c.ID, OrderMinor: c.Amount.Minor}, c.Kind == eligibility.AddedFunds
	}
	version, here := r.now(contribution)
	if !here {
		if version, ok = r.st.contributions.get(contribution); !ok {
			return store.CoverageRow{}, false
		}
	}
	if !settled(version, r.rd.start) {
		return store.CoverageRow{}, false
	}
	due := eligibility.DueFacts{
		From:       c.Created,
		Interval:   version.Interval,
		NextCharge: version.NextCharge,
		Active:     here && version.Status == active,
		Newest:     c.Created >= all[len(all)-1].Created,
		First:      isFirst(version, c, all),
		PayPal:     version.Service == servicePayPal,
	}
	return store.CoverageRow{
		Charge: c.ID, Interval: version.Interval, Due: due.Due(),
		OrderMinor: version.Amount.Minor, TaxMinor: version.Tax,
	}, true
}

// isFirst says whether a charge is its contribution's first: within a day of
// processedAt. A contribution without processedAt (read just before its first
// charge, or a very old one) has its first charge in the oldest one known.
func isFirst(version store.ContributionRow, c store.ChargeRow, all []store.ChargeRow) bool {
	if version.Processed == 0 {
		return c.Created <= all[0].Created
	}
	return c.Created.Sub(version.Processed).Abs() <= firstWithin
}

// settled says whether the interval of a contribution can be believed for
// good. A one-off can only once it is done: until its first payment has gone
// through, and for a moment after, a recurring one looks the same.
func settled(version store.ContributionRow, at instant.Instant) bool {
	if version.Interval != eligibility.OneOff {
		return true
	}
	_, known := eligibility.ParseInterval(version.Frequency)
	return known && version.Processed != 0 && !underWay[version.Status] && version.Processed.Add(settling) <= at
}
