package eligibility

import (
	"sort"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// retryDays is how long upstream may go on retrying after a coverage ended,
// with room to spare: six tries take 19 days from a start on the 1st to the 5th.
const retryDays = 30

// floors is the latest floor at t: an instant before which no grace of the member
// ends, because of what upstream's status says of one of its contributions
// (domain.md, section 2, "What upstream's statuses do", and section 3, "Interrupted
// contributions"). A floor keeps a grace from ending; a contribution that covered
// nothing before the grace was over brings none back.
func (q *question) floors(t, over instant.Instant, p *Policy) (latest instant.Instant) {
	for i := range q.givers {
		g := &q.givers[i]
		if g.version == nil || !q.mine(g, t) || q.firstFrom(int32(i)) >= over {
			continue
		}
		end, _ := q.floor(i, p)
		latest = max(latest, end)
	}
	return latest
}

// floor is the instant before which one giver lets no grace end, 0 for none, and
// CodeRetrying or CodeInterrupted.
func (q *question) floor(i int, p *Policy) (instant.Instant, Code) {
	g, due := &q.givers[i], q.lastDue(int32(i))
	retrying, interrupted := g.retrying(due, p), g.interrupted(due, p)
	if interrupted > retrying {
		return interrupted, CodeInterrupted
	}
	return retrying, CodeRetrying
}

// mine says whether the giver is a contribution that this member pays: one
// whose payer now is linked to nobody else's roll. Where upstream does not show
// the payer, or shows one that no link of this member names (accounts that were
// merged, before the treasurer has linked the new one), the contribution stays
// whose charges it brought: a merge during a host change must lapse nobody.
func (q *question) mine(g *giver, t instant.Instant) bool {
	a := g.version.Account
	return !q.names(a) || q.ownedAt(a, t)
}

// names says whether any link of this member names the account, whenever it holds.
func (q *question) names(a member.AccountID) bool {
	for i := range q.f.Links {
		if l := &q.f.Links[i]; l.Account == a && visible(l.Known, l.Gone, q.known) {
			return true
		}
	}
	return false
}

// firstFrom is where the giver's earliest coverage begins; instant.Max for none.
func (q *question) firstFrom(of int32) instant.Instant {
	from := instant.Max
	for i := range q.covs {
		if v := &q.covs[i]; v.of == of && v.end > v.from {
			from = min(from, v.from)
		}
	}
	return from
}

// lastDue is the latest end of the giver's coverages as seen now; 0 for none.
func (q *question) lastDue(of int32) (due instant.Instant) {
	for i := range q.covs {
		if v := &q.covs[i]; v.of == of && v.end > v.from {
			due = max(due, v.end)
		}
	}
	return due
}

// retrying is until when upstream still tries to charge a contribution that was
// charged before; 0 where it does not.
func (g *giver) retrying(due instant.Instant, p *Policy) instant.Instant {
	if g.status != StatusError || g.version.ProcessedAt == 0 {
		return 0
	}
	end := due.Add(retryDays * day)
	if next := g.version.NextCharge; next != 0 {
		end = min(end, next.Add(p.Late))
	}
	return end
}

// interrupted is until when a contribution keeps a grace that was paused, not by
// its payer, and has not been charged since; 0 where it does not. One that comes
// back failing gets upstream's next try, like one that comes back ACTIVE.
func (g *giver) interrupted(due instant.Instant, p *Policy) instant.Instant {
	if g.pausedByPayer() {
		return 0
	}
	end := due.Add(p.Interrupted)
	switch g.status {
	case StatusPaused:
		return end
	case StatusActive, StatusError, StatusProcessing, StatusInReview:
		if g.lastCharge < g.paused {
			if next := g.version.NextCharge; next != 0 {
				end = max(end, next.Add(p.Late))
			}
			return end
		}
	}
	return 0
}

// pausedByPayer: once seen as paused by its payer, until it is charged again.
func (g *giver) pausedByPayer() bool {
	return g.version.PausedByPayer || g.lastCharge < g.byPayer
}

// graceEnd is when a grace of that length ends, counted from d.ended, and
// whether the want of snapshots moved it.
func (q *question) graceEnd(d *dues, l look, length time.Duration) (instant.Instant, bool) {
	return q.afterGap(max(d.ended.Add(length), d.floor), l)
}

// warned is how long before the end of a grace a complete snapshot must have
// been taken, so that nobody lapses unwarned.
const warned = 7 * instant.Day

// afterGap moves the end of a grace that came without a complete snapshot in
// the seven days before it to seven days after the first one that follows
// (domain.md, section 3, "After a gap"). Where none follows yet it is
// instant.Max: not ended. An end before the first snapshot is not touched.
func (q *question) afterGap(end instant.Instant, l look) (instant.Instant, bool) {
	n := len(q.snaps)
	i := sort.Search(n, func(i int) bool { return q.snaps[i].Start >= end-warned })
	switch {
	case i == 0, i < n && q.snaps[i].Start <= end:
		return end, false
	case i < n:
		return q.snaps[i].Start + warned, true
	case l.steady || l.dues < end:
		return end, false
	}
	return instant.Max, true
}
