package eligibility_test

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// graceEnds is when the grace of each right ends, instant.Max for "not yet
// known", 0 where there is nothing to keep.
func (o *oracle) graceEnds(t instant.Instant, p eligibility.Policy, covers []cover) (ends [3]instant.Instant) {
	for i, r := range eligibility.Rights {
		ends[i] = o.graceEnd(t, p, covers, p.Rules[r].Grace)
	}
	return ends
}

// graceEnd is the end of a grace of that length: counted from the end of the
// last full coverage (or waiver), kept by the floors, moved by a gap.
func (o *oracle) graceEnd(t instant.Instant, p eligibility.Policy, covers []cover, grace time.Duration) instant.Instant {
	unrejected := keep(covers, func(c cover) bool { return !c.rejected })
	ended := max(lastCovered(unrejected), o.waiverEnd(t))
	if ended == 0 {
		return 0
	}
	end := ended.Add(grace)
	over := ended.Add(21 * dayLong) // when no right's grace is left that could be kept
	for _, r := range p.Rules {
		over = max(over, ended.Add(r.Grace))
	}
	for _, c := range covers {
		if c.entered || c.rejected || c.from >= over || c.end <= c.from { // given back at once, it covered nothing
			continue
		}
		end = max(end, o.floor(c.contribution, t, p, covers))
	}
	if end > t {
		return end
	}
	return o.afterGap(end)
}

// floor is the instant before which a contribution that is retrying or
// interrupted lets no grace end; 0 for none.
func (o *oracle) floor(contribution string, t instant.Instant, p eligibility.Policy, covers []cover) instant.Instant {
	v, ok := o.version(contribution, t)
	if !ok || o.everLinked(v.Account) && !o.linked(v.Account, t) {
		return 0 // not shown yet, or no longer this member's
	}
	var due, floor instant.Instant
	for _, c := range covers {
		if c.contribution == contribution && c.end > c.from {
			due = max(due, c.end)
		}
	}
	if v.Status == eligibility.StatusError && v.ProcessedAt != 0 {
		floor = due.Add(30 * dayLong)
		if v.NextCharge != 0 {
			floor = min(floor, v.NextCharge.Add(p.Late))
		}
	}
	if o.interrupted(v, t) {
		floor = max(floor, due.Add(p.Interrupted))
		if v.Status != eligibility.StatusPaused && v.NextCharge != 0 {
			floor = max(floor, v.NextCharge.Add(p.Late))
		}
	}
	return floor
}

// everLinked says that some link of the member names the account.
func (o *oracle) everLinked(a member.AccountID) bool {
	for _, l := range o.f.Links {
		if l.Account == a {
			return true
		}
	}
	return false
}

// interrupted says that the contribution was paused by somebody else than its
// payer and has not been charged since.
func (o *oracle) interrupted(now eligibility.Contribution, t instant.Instant) bool {
	charged := o.lastCharge(now.ID, t)
	var paused instant.Instant
	for _, v := range o.versions(now.ID, t) {
		if v.Status == eligibility.StatusPaused {
			paused = v.Effective
		}
		if v.PausedByPayer && (v.Effective > charged || v == now) {
			return false
		}
	}
	switch now.Status {
	case eligibility.StatusPaused:
		return true
	case eligibility.StatusActive, eligibility.StatusError, eligibility.StatusProcessing, eligibility.StatusInReview:
		return paused != 0 && charged < paused
	}
	return false
}

// afterGap moves the end of a grace that nobody could have been warned of:
// without a snapshot in the seven days before it, it lasts until seven days
// after the first one that follows.
func (o *oracle) afterGap(end instant.Instant) instant.Instant {
	var first, following instant.Instant
	for _, s := range o.f.Snapshots {
		if first == 0 || s.Start < first {
			first = s.Start
		}
		if s.Start > end && (following == 0 || s.Start < following) {
			following = s.Start
		}
		if s.Start <= end && s.Start >= end.Add(-7*dayLong) {
			return end
		}
	}
	switch {
	case first == 0, end <= first:
		return end
	case o.steady != 0 && end >= o.lastSnapshot(): // the snapshots of a forecast never pause
		return end
	case following == 0:
		return instant.Max
	}
	return following.Add(7 * dayLong)
}
