package eligibility

import (
	"cmp"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// dues is what the money, the waivers and the statuses say at one instant,
// before holds, listing conditions and the policy's mode of each right.
type dues struct {
	state       State
	ok          [rights]bool
	until       [rights]instant.Instant
	share       Share
	paidThrough instant.Instant
	ended       instant.Instant // from when grace is or was counted; 0 for never
	graceEnd    instant.Instant // end of the longest grace
	strict      bool            // covered by [from, due) alone
	waiver      *Waiver         // that holds
	floor       instant.Instant // before which no grace ends; 0 for none
	gap         bool            // a grace was moved because no snapshot was taken before its end
	pending     string          // id of the contribution whose first payment is under way
	unlinked    bool
	held        []Ref // the holds that keep a right
	holder      *Hold // the newest of them
	computed    State // what the state would be without them
}

// same says whether two assessments give the same verdict: state, yes or no,
// until, covered share (domain.md, section 3, "Sufficient and minimal").
func (d *dues) same(e *dues) bool {
	return d.state == e.state && d.ok == e.ok && d.until == e.until && d.share.Cmp(e.share) == 0
}

// dues assesses the instant l.dues; the first state that matches holds.
func (q *question) dues(l look, p *Policy, ph phase) dues {
	t := l.dues
	q.lookFrom(t, p)
	if w := q.waiverAt(t); w != nil {
		d := dues{state: StateWaived, waiver: w}
		d.all(w.Until)
		return d
	}
	d := dues{share: q.sum(t, true, true), strict: q.sum(t, false, true).Full()}
	if d.share.Full() {
		q.current(&d, t)
		return d
	}
	if q.grace(&d, l, p) {
		return d
	}
	d.unlinked = !q.linked(t, ph)
	switch {
	case len(q.snaps) == 0 || d.unlinked:
		d.state = StateUnknown
		d.ok = q.lastRecorded(t)
	case !d.share.Zero() || q.runsWrong(t):
		d.state = StateShort
	case q.findPending(&d, t):
		d.state = StatePending
	case d.paidThrough != 0:
		d.state = StateLapsed
	default:
		d.state = StateUnpaid
	}
	return d
}

// all gives every right until the same instant.
func (d *dues) all(until instant.Instant) {
	for r := range d.ok {
		d.ok[r], d.until[r] = true, until
	}
}

// current fills in a full coverage: paid up, or within `late` of a renewal.
func (q *question) current(d *dues, t instant.Instant) {
	d.state = StateCurrent
	if d.strict {
		d.paidThrough = q.runEnd(t, false)
		d.all(d.paidThrough)
		return
	}
	d.paidThrough = q.ended(t, true)
	d.all(q.runEnd(t, true))
}

// grace says whether the last full coverage, or a waiver, ended recently
// enough, and fills in until when which right stays. It leaves in d from when
// grace was counted even where it is over.
func (q *question) grace(d *dues, l look, p *Policy) bool {
	t := l.dues
	d.paidThrough = q.ended(t, true)
	d.ended = max(q.ended(t, false), q.waiverEnd(t))
	if d.ended == 0 {
		return false
	}
	d.floor = q.floors(t, d.ended.Add(p.longest()), p)
	q.graceEnds(d, l, p)
	if t >= d.graceEnd {
		d.ok, d.until, d.gap = [rights]bool{}, [rights]instant.Instant{}, false
		return false
	}
	d.state = StateGrace
	return true
}

// graceEnds fills in until when which right stays. The state lasts as long as
// the longest of those whose dues are enforced; without any, 21 days.
func (q *question) graceEnds(d *dues, l look, p *Policy) {
	any := false
	for r := range d.ok {
		end, moved := q.graceEnd(d, l, p.Rules[r].Grace)
		if p.Rules[r].Dues == Enforced {
			any = true
			d.graceEnd = max(d.graceEnd, end)
		}
		if l.dues >= end {
			continue
		}
		d.ok[r] = true
		d.gap = d.gap || moved
		if end != instant.Max {
			d.until[r] = end
		}
	}
	if !any {
		end, moved := q.graceEnd(d, l, noneEnforced)
		d.graceEnd, d.gap = end, d.gap || moved
	}
}

// longest is the longest grace of any right, enforced or not.
func (p *Policy) longest() time.Duration {
	length := time.Duration(noneEnforced)
	for r := range p.Rules {
		length = max(length, p.Rules[r].Grace)
	}
	return length
}

// noneEnforced is how long the state grace lasts where no right is enforced
// (domain.md, section 3).
const noneEnforced = 21 * day

// waiverAt is the waiver that covers t; of several the one that lasts longest.
func (q *question) waiverAt(t instant.Instant) (best *Waiver) {
	for i := range q.f.Waivers {
		if w := &q.f.Waivers[i]; q.waives(w) && t.In(w.From, w.Until) && (best == nil || longer(w, best)) {
			best = w
		}
	}
	return best
}

// waiverEnd is when the waiver that ended last before or at t ended; 0 for none.
func (q *question) waiverEnd(t instant.Instant) (end instant.Instant) {
	for i := range q.f.Waivers {
		if w := &q.f.Waivers[i]; q.waives(w) && w.From < w.Until && w.Until <= t {
			end = max(end, w.Until)
		}
	}
	return end
}

func (q *question) waives(w *Waiver) bool {
	return visible(w.Known, w.Gone, q.known) && q.takesPart(Ref{RefWaiver, w.ID})
}

// longer orders waivers by their end, which may be never, then the newer first.
func longer(a, b *Waiver) bool {
	return cmp.Or(cmp.Compare(a.end(), b.end()), cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID)) > 0
}

func (w *Waiver) end() instant.Instant {
	if w.Until == 0 {
		return instant.Max
	}
	return w.Until
}

// lastRecorded are the verdicts last written before or at t, other than those
// that themselves only repeated what was recorded, and those of a break or a
// suspension: these said no for a reason of the membership, which is over.
func (q *question) lastRecorded(t instant.Instant) (ok [rights]bool) {
	var last *Recorded
	for i := range q.f.Recorded {
		r := &q.f.Recorded[i]
		if r.Known > q.known || r.At > t || r.State.passing() {
			continue
		}
		if last == nil || newerRecord(r, last) {
			last = r
		}
	}
	if last != nil {
		ok = [rights]bool{Vote: last.Vote, Listing: last.Listing, Services: last.Services}
	}
	return ok
}

// passing says that a recorded verdict is nothing to fall back on: it repeats
// another one, or was no for as long as a break or a suspension lasted. Who has
// left, or applies anew, is given nothing back.
func (s State) passing() bool {
	return s == StateUnknown || s == StatePaused || s == StateSuspended
}

func newerRecord(a, b *Recorded) bool {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Known, b.Known)) > 0
}

// runsWrong says whether money runs that counts nothing, for its currency.
func (q *question) runsWrong(t instant.Instant) bool {
	for i := range q.covs {
		if q.covs[i].wrong && q.covs[i].runs(t, true, true) {
			return true
		}
	}
	return false
}

// findPending looks for a first payment that is promised and under way.
func (q *question) findPending(d *dues, t instant.Instant) bool {
	var best *giver
	for i := range q.givers {
		g := &q.givers[i]
		if g.version == nil || g.charged || g.version.ProcessedAt != 0 || !q.ownedAt(g.version.Account, t) {
			continue
		}
		switch g.status {
		case StatusPending, StatusProcessing, StatusInReview:
			if best == nil || newerPromise(g, best) {
				best = g
			}
		}
	}
	if best != nil {
		d.pending = best.id
	}
	return best != nil
}

func newerPromise(a, b *giver) bool {
	return cmp.Or(cmp.Compare(a.version.Effective, b.version.Effective), cmp.Compare(a.id, b.id)) > 0
}
