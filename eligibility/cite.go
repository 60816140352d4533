package eligibility

import (
	"cmp"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

// mask is the set of facts that take part while citations are sought.
type mask struct{ in []candidate }

// candidate is a fact that a verdict may rest on, and how new it is.
type candidate struct {
	ref Ref
	age instant.Instant
	out bool
}

// takesPart says whether the fact counts at present. Membership is not asked: it is
// part of the frame that every verdict stands in, like links, policy and snapshots.
func (q *question) takesPart(r Ref) bool {
	if q.mask == nil {
		return true
	}
	for i := range q.mask.in {
		if c := &q.mask.in[i]; c.ref == r {
			return !c.out
		}
	}
	return false
}

// cite finds the facts that the verdict rests on and hands them to the reasons
// they belong to. The set is sufficient and minimal; the oldest facts are left
// out first, so that among several such sets the newest is cited (domain.md,
// section 3).
func (q *question) cite(s *Standing, d *dues, l look, p *Policy, ph phase, touched RightSet) {
	refs, ok := q.obvious(d, l)
	if !ok {
		refs = q.minimal(d, l, p, ph)
	}
	q.mask = nil
	q.lookFrom(l.dues, p)
	for _, c := range refs {
		q.assign(s, d, l, c.ref, touched)
	}
	q.since(s)
}

// obvious is the set for the commonest case, one coverage that runs: nothing
// else can be needed, nor it left out. Whoever is current has one that runs.
func (q *question) obvious(d *dues, l look) ([]candidate, bool) {
	if d.computed != StateCurrent {
		return nil, false
	}
	only := -1
	for i := range q.covs {
		v := &q.covs[i]
		if v.lateEnd <= l.dues || v.lateEnd <= v.from {
			continue
		}
		if only >= 0 {
			return nil, false
		}
		only = i
	}
	return []candidate{{ref: q.covs[only].ref}}, true
}

// minimal leaves facts out, the oldest first, as long as the verdict stays the
// same, until none can be left out any more.
func (q *question) minimal(d *dues, l look, p *Policy, ph phase) []candidate {
	all := q.candidates(l)
	slices.SortFunc(all, func(a, b candidate) int {
		if a.age != b.age {
			return cmp.Compare(a.age, b.age)
		}
		return cmp.Compare(a.ref.String(), b.ref.String())
	})
	q.mask = &mask{in: all}
	q.dropEnded(d, l, p, ph)
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.out }) // what is not in the mask takes no part
	q.mask.in = all
	for again := true; again; {
		again = false
		for i := range all {
			if all[i].out {
				continue
			}
			all[i].out = true
			if q.unchanged(*d, l, p, ph) {
				again = true
			} else {
				all[i].out = false
			}
		}
	}
	kept := all[:0:0]
	for _, c := range all {
		if !c.out {
			kept = append(kept, c)
		}
	}
	return kept
}

// unchanged says whether the facts that take part give the verdict d. What the
// dues say of a listing that its own conditions refuse is part of no verdict.
func (q *question) unchanged(d dues, l look, p *Policy, ph phase) bool {
	without := q.judge(l, p, ph)
	if profile, consent, approved := q.conditions(l.house); !profile || !consent || !approved {
		d.ok[Listing], d.until[Listing] = false, 0
		without.ok[Listing], without.until[Listing] = false, 0
	}
	return without.same(&d)
}

// dropEnded leaves out, in one step, the coverages that had ended before the
// instant the verdict is about, where that changes nothing: a member of many
// years has hundreds of them. It ends at the oldest one that had not: leaving
// that out comes before leaving out what is newer. Those that cover nothing go
// with them, wherever they stand: a verdict rests on a charge that was taken back
// at once only where it must.
func (q *question) dropEnded(d *dues, l look, p *Policy, ph phase) {
	alive := l.dues
	switch d.computed {
	case StateGrace:
		alive = d.ended
	case StateLapsed:
		alive = d.paidThrough
	}
	older := true
	for i := range q.mask.in {
		c := &q.mask.in[i]
		v := q.coverage(c.ref)
		if v == nil {
			continue
		}
		older = older && v.lateEnd < alive
		c.out = older || v.lateEnd <= v.from
	}
	if q.unchanged(*d, l, p, ph) {
		return
	}
	for i := range q.mask.in {
		q.mask.in[i].out = false
	}
}

func (q *question) coverage(r Ref) *coverage {
	for i := range q.covs {
		if q.covs[i].ref == r {
			return &q.covs[i]
		}
	}
	return nil
}

// candidates are all facts that may matter to a verdict at this look: also charges
// that cover nothing, which may matter to a status, and payments for a span to come,
// which say that money is to be expected.
func (q *question) candidates(l look) []candidate {
	all := q.candidatesBuf[:0]
	ahead := func(k RefKind, id string, age instant.Instant) {
		all = append(all, candidate{ref: Ref{k, id}, age: age})
	}
	add := func(k RefKind, id string, age instant.Instant) {
		if age <= l.dues {
			ahead(k, id, age)
		}
	}
	for i := range q.f.Charges {
		add(RefCharge, q.f.Charges[i].ID, q.f.Charges[i].From)
	}
	for i := range q.f.Payments {
		ahead(RefPayment, q.f.Payments[i].ID, q.f.Payments[i].From)
	}
	for i := range q.covs {
		if v := &q.covs[i]; v.refundID != "" {
			add(RefRefund, v.refundID, v.refund)
		}
	}
	for i := range q.givers {
		if g := &q.givers[i]; g.version != nil {
			add(RefContribution, g.id, g.version.Effective)
		}
	}
	for i := range q.f.Waivers {
		add(RefWaiver, q.f.Waivers[i].ID, q.f.Waivers[i].From)
	}
	for i := range q.f.Holds {
		if h := &q.f.Holds[i]; q.stands(h, l) {
			ahead(RefHold, h.ID, h.SetAt)
		}
	}
	q.candidatesBuf = all
	return all
}

// assign hands a cited fact to the reason it supports.
func (q *question) assign(s *Standing, d *dues, l look, ref Ref, touched RightSet) {
	code := q.codeFor(d, l, ref)
	if _, ok := s.Reason(code); !ok {
		code = s.main()
	}
	s.add(Reason{Code: code, Rights: touched, Facts: []Ref{ref}})
}

// main is the code of the reason that names the computed state.
func (s *Standing) main() Code {
	for _, c := range [...]Code{CodeCovered, CodeRenewalDue, CodeGrace, CodeShort, CodeWrongCurrency,
		CodeWaived, CodeRejected, CodePending, CodeNeverPaid} {
		if _, ok := s.Reason(c); ok {
			return c
		}
	}
	return s.Reasons[0].Code
}

// codeFor is the reason that a fact supports, if that is one of those given: what
// still runs, runs short. All else carries the main reason.
func (q *question) codeFor(d *dues, l look, ref Ref) Code {
	switch ref.Kind {
	case RefHold:
		return CodeHeld
	case RefRefund:
		return CodeRefunded
	case RefContribution:
		return q.codeForContribution(d, l, ref.ID)
	}
	if v := q.coverage(ref); v != nil && v.runs(l.dues, true, true) {
		return CodeShort
	}
	return 0
}

func (q *question) codeForContribution(d *dues, l look, id string) Code {
	if id == d.pending {
		return CodePending
	}
	of := q.giver(id)
	if q.givers[of].rejected {
		return CodeRejected
	}
	_, code := q.floor(int(of), q.policyAt(l.dues))
	return code
}

// since sets, for reasons that cite coverages, the from of the oldest cited.
func (q *question) since(s *Standing) {
	for i := range s.Reasons {
		re := &s.Reasons[i]
		oldest := instant.Max
		for _, ref := range re.Facts {
			for j := range q.covs {
				if q.covs[j].ref == ref {
					oldest = min(oldest, q.covs[j].from)
				}
			}
		}
		if oldest != instant.Max {
			re.Since = oldest
		}
	}
}
