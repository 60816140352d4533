package eligibility_test

import (
	"fmt"
	"slices"
	"sort"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// promise is a contribution as upstream keeps it, by upstream's own rules
// (open-collective.md, section 3.1).
type promise struct {
	id        string
	interval  eligibility.Interval
	paypal    bool
	minor     int64
	charged   []instant.Instant // when money moved
	next      []instant.Instant // nextChargeDate after each charge
	refunded  map[int]instant.Instant
	cancelled instant.Instant // 0: never
}

// promises draws what upstream went through with one payer.
func (w world) promises() []promise {
	var out []promise
	for i := range w.int(1, 3, "promises") {
		p := promise{id: fmt.Sprintf("c%d", i+1), interval: eligibility.Monthly, refunded: map[int]instant.Instant{},
			minor:  rapid.SampledFrom([]int64{1000, 1000, 500, 600, 12000, 11999}).Draw(w.T, "promised"),
			paypal: w.chance(4, "paypal")}
		if w.chance(4, "yearly") {
			p.interval = eligibility.Yearly
		}
		at := w.day(0, 200, "promised on") + instant.Instant(w.int(0, 86399, "second"))*1_000_000
		if w.chance(2, "cancels") {
			p.cancelled = at + instant.Instant(w.int(1, 200*24, "cancelled after hours"))*instant.Day/24 + 1
		}
		for n := range 14 {
			if p.cancelled != 0 && at >= p.cancelled || at > epoch+400*instant.Day {
				break
			}
			next := p.following(at, n == 0)
			p.charged, p.next = append(p.charged, at), append(p.next, next)
			if w.chance(8, "refunded") {
				p.refunded[n] = at + instant.Instant(w.int(1, 40*24, "refunded after hours"))*instant.Day/24
			}
			if at = next; !p.paypal { // due charges run from the 1st to the 5th
				at += instant.Instant(w.int(0, 5*24-1, "hours late"))*instant.Day/24 + 1
			}
		}
		out = append(out, p)
	}
	return out
}

// following is upstream's next charge date: PayPal's own interval, else the
// first of the month an interval later, one month more for a first charge
// whose day a month later is past the 15th.
func (p promise) following(at instant.Instant, first bool) instant.Instant {
	switch {
	case p.paypal && p.interval == eligibility.Yearly:
		return at.AddMonths(12)
	case p.paypal:
		return at.AddMonths(1)
	case p.interval == eligibility.Yearly:
		return at.AddMonths(12).MonthStart(0)
	}
	month := at.AddMonths(1)
	if first && month.Time().Day() > 15 {
		month = month.AddMonths(1)
	}
	return month.MonthStart(0)
}

// shows is the contribution as a snapshot at t shows it; false before it began.
func (p promise) shows(t instant.Instant) (eligibility.Contribution, bool) {
	v := eligibility.Contribution{ID: p.id, Account: "a", Status: eligibility.StatusActive, Interval: p.interval}
	for i, at := range p.charged {
		if at <= t {
			v.ProcessedAt, v.NextCharge = p.charged[0], p.next[i]
		}
	}
	if p.cancelled != 0 && p.cancelled <= t {
		v.Status = eligibility.StatusCancelled
	}
	return v, v.ProcessedAt != 0
}

// schedule draws the instants of snapshots: never a week apart, and for each
// charge one while its contribution is still ACTIVE.
func (w world) schedule(ps []promise) []instant.Instant {
	var out []instant.Instant
	last := epoch + 420*instant.Day
	longest := w.int(24, 6*24, "longest pause")
	for t := epoch - instant.Day; t < last; t += instant.Instant(w.int(1, longest,
		"hours until the next snapshot"))*instant.Day/24 + 1 {
		out = append(out, t)
	}
	for _, p := range ps {
		for i, at := range p.charged {
			if p.cancelled == 0 || seenBetween(out, at, p.cancelled) || i+1 < len(p.charged) {
				continue
			}
			out = append(out, at+(p.cancelled-at)/2)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return slices.Compact(append(out, last))
}

func seenBetween(polls []instant.Instant, from, until instant.Instant) bool {
	return slices.ContainsFunc(polls, func(t instant.Instant) bool { return t >= from && t < until })
}

// reduce is what a schedule of snapshots leaves in the log: changed rows, each
// stamped with the snapshot that first showed it, and coverages fixed once
// (domain.md, section 2, "Coverage of a charge").
func reduce(ps []promise, polls []instant.Instant) *eligibility.Facts {
	f := &eligibility.Facts{Member: "m-1", Kind: "organisation",
		Membership: []eligibility.MembershipFact{{ID: "e1", Kind: eligibility.Admitted, At: 1, Known: 1}},
		Links:      []eligibility.Link{{ID: "l1", Account: "a"}}}
	for i, t := range polls {
		f.Snapshots = append(f.Snapshots, eligibility.Snapshot{Number: int64(i + 1), Start: t, Known: t + 1})
	}
	for _, p := range ps {
		var before eligibility.Contribution
		stored := 0
		for _, t := range polls {
			v, ok := p.shows(t)
			if !ok {
				continue
			}
			if v != before {
				before = v
				v.Effective, v.Known = t, t+1
				f.Contributions = append(f.Contributions, v)
			}
			for ; stored < len(p.charged) && p.charged[stored] <= t; stored++ {
				f.Charges = append(f.Charges, p.charge(stored, v, t))
			}
		}
		for n, at := range p.refunded {
			known := polls[sort.Search(len(polls)-1, func(i int) bool { return polls[i] >= at })]
			f.Refunds = append(f.Refunds, eligibility.Refund{ID: fmt.Sprintf("r%s-%d", p.id, n),
				Charge: fmt.Sprintf("%s-%d", p.id, n), At: at, Known: known + 1})
		}
	}
	return f
}

// charge is the n-th charge as the snapshot at t first shows it: its coverage
// ends at the date shown beside it, or by the calendar.
func (p promise) charge(n int, v eligibility.Contribution, t instant.Instant) eligibility.Charge {
	from := p.charged[n]
	newest := n+1 == len(p.charged) || p.charged[n+1] > t
	limit := 48 * instant.Day
	if p.interval == eligibility.Yearly {
		limit = 370 * instant.Day
	}
	due := eligibility.ComputedDue(from, p.interval, from < v.ProcessedAt+instant.Day, p.paypal)
	if v.Status == eligibility.StatusActive && newest && v.NextCharge >= from+7*instant.Day && v.NextCharge <= from+limit {
		due = v.NextCharge
	}
	return eligibility.Charge{ID: fmt.Sprintf("%s-%d", p.id, n), Contribution: p.id, Account: "a",
		Kind:     eligibility.ContributionCharge,
		Interval: p.interval, Amount: money.Money{Minor: p.minor, Currency: gbp}, OrderMinor: p.minor, From: from, Due: due,
		Known: t + 1, FixedKnown: t + 1}
}
