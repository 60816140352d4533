package eligibility

import (
	"cmp"

	"coopcloud.tech/goodstanding/internal/instant"
)

// judge is what the dues say, with the holds that stand (domain.md, section 3,
// "Brake"). Rights that the dues do not decide are left at no.
func (q *question) judge(l look, p *Policy, ph phase) dues {
	d := q.dues(l, p, ph)
	d.only(p, q.f)
	d.computed = d.state
	raw := d
	for i := range q.f.Holds {
		h := &q.f.Holds[i]
		if !q.stands(h, l) || !raw.lacks(h.Kept, p, q.f) || q.over(h, l, ph) {
			continue
		}
		d.keep(h, p, q.f)
	}
	if len(d.held) > 0 {
		d.until, d.share, d.gap = [rights]instant.Instant{}, Share{}, false
	}
	return d
}

// decides says whether the dues have a say in the right at all.
func (p *Policy) decides(r Right, f *Facts) bool {
	return p.Rules[r].Dues != Off && p.Rules[r].Named(f.Kind)
}

// enforces says whether unpaid dues take the right.
func (p *Policy) enforces(r Right, f *Facts) bool {
	return p.Rules[r].Dues == Enforced && p.Rules[r].Named(f.Kind)
}

func (d *dues) only(p *Policy, f *Facts) {
	for r := range d.ok {
		if !p.decides(Right(r), f) {
			d.ok[r], d.until[r] = false, 0
		}
	}
}

// stands says whether the hold is set and not acknowledged. An acknowledgement
// works at its own instant, without waiting for a snapshot.
func (q *question) stands(h *Hold, l look) bool {
	since := h.Since
	if since == 0 {
		since = h.SetAt
	}
	if h.Known > q.known || l.dues < since || !q.takesPart(Ref{RefHold, h.ID}) {
		return false
	}
	return h.AckAt == 0 || h.AckKnown > q.known || l.house < h.AckAt
}

func (k Kept) has(r Right) bool {
	switch r {
	case Vote:
		return k.Vote
	case Listing:
		return k.Listing
	}
	return k.Services
}

// lacks says whether the dues take a right that was kept.
func (d *dues) lacks(k Kept, p *Policy, f *Facts) bool {
	for _, r := range Rights {
		if p.enforces(r, f) && k.has(r) && !d.ok[r] {
			return true
		}
	}
	return false
}

// over says whether the hold has ended for this member: there was an instant
// since it was set at which nothing was worse than what it keeps.
func (q *question) over(h *Hold, l look, ph phase) bool {
	defer q.lookFrom(l.dues, q.policyAt(l.dues))
	for t := h.SetAt; t < l.dues; t = q.boundary(t) {
		p := q.policyAt(t)
		if d := q.dues(plain(t), p, ph); !d.lacks(h.Kept, p, q.f) {
			return true
		}
	}
	return false
}

// keep gives back what the hold keeps; of several the newest names the state.
func (d *dues) keep(h *Hold, p *Policy, f *Facts) {
	for _, r := range Rights {
		if p.enforces(r, f) && h.Kept.has(r) {
			d.ok[r] = true
		}
	}
	if len(d.held) == 0 || newerHold(h, d.holder) {
		d.state, d.holder = h.Kept.State, h
	}
	d.held = append(d.held, Ref{RefHold, h.ID})
}

func newerHold(a, b *Hold) bool {
	return cmp.Or(cmp.Compare(a.SetAt, b.SetAt), cmp.Compare(a.ID, b.ID)) > 0
}
