package eligibility

import (
	"cmp"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

// phase is what the membership facts alone say at one instant.
type phase struct {
	state     State // left, suspended, applied, paused, or StateNone when the dues decide
	since     instant.Instant
	until     instant.Instant
	fact      string // id of the event that decided; "" for none
	listing   bool   // paused: the member's own choice to stay listed
	noAccount bool   // the treasurer's word that there is no account to link
}

// later orders events of one membership: by effective time, then by when they
// were learned, then by kind, so that their order in Facts carries no meaning.
func later(a, b *MembershipFact) bool {
	return b == nil ||
		cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Known, b.Known), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) > 0
}

// phase folds the membership events up to t.
func (q *question) phase(t instant.Instant) phase {
	var door, pause, suspension, account *MembershipFact
	keep := func(slot **MembershipFact, m *MembershipFact) {
		if later(m, *slot) {
			*slot = m
		}
	}
	for i := range q.f.Membership {
		m := &q.f.Membership[i]
		if !visible(m.Known, m.Gone, q.known) || m.At > t {
			continue
		}
		switch m.Kind {
		case Applied, Admitted, Left:
			keep(&door, m)
		case Paused, Resumed:
			keep(&pause, m)
		case Suspended, Restored:
			keep(&suspension, m)
		case NoAccount, Linkable:
			keep(&account, m)
		}
	}
	ph := phase{noAccount: account != nil && account.Kind == NoAccount}
	set := func(s State, m *MembershipFact) phase {
		ph.state = s
		if m != nil {
			ph.since, ph.until, ph.fact, ph.listing = m.At, m.Until, m.ID, m.Listing
		}
		return ph
	}
	switch {
	case door != nil && door.Kind == Left:
		return set(StateLeft, door)
	case suspension != nil && suspension.Kind == Suspended && (suspension.Until == 0 || t < suspension.Until):
		return set(StateSuspended, suspension)
	case door == nil || door.Kind == Applied:
		return set(StateApplied, door)
	case pause != nil && pause.Kind == Paused && later(pause, door):
		return set(StatePaused, pause)
	}
	return ph
}

// Unbroken are the facts without the member's breaks and suspensions: by them a standing is
// what the dues say of it meanwhile, and what it comes back to. They share all else.
func (f *Facts) Unbroken() *Facts {
	whole := *f
	whole.Membership = slices.DeleteFunc(slices.Clone(f.Membership), func(m MembershipFact) bool { return m.Kind == Paused || m.Kind == Suspended })
	return &whole
}

// conditions are the listing's conditions beside the dues, at t.
func (q *question) conditions(t instant.Instant) (profile, consent, approved bool) {
	var last [Approved + 1]*ProfileFact
	for i := range q.f.Profile {
		e := &q.f.Profile[i]
		if e.Known > q.known || e.At > t || e.Kind > Approved {
			continue
		}
		if was := last[e.Kind]; was == nil || newerProfile(e, was) {
			last[e.Kind] = e
		}
	}
	on := func(k ProfileKind) bool { return last[k] != nil && last[k].On }
	return on(HasProfile), on(Consents), on(Approved)
}

func newerProfile(a, b *ProfileFact) bool {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Known, b.Known), cmp.Compare(a.ID, b.ID)) > 0
}

// linked says whether there is an account whose payments could be seen, or an
// entered payment, or the treasurer's word that neither is to be expected.
func (q *question) linked(t instant.Instant, ph phase) bool {
	if ph.noAccount {
		return true
	}
	for i := range q.f.Links {
		l := &q.f.Links[i]
		if visible(l.Known, l.Gone, q.known) && t.In(l.From, l.Until) {
			return true
		}
	}
	for i := range q.f.Payments {
		p := &q.f.Payments[i]
		if visible(p.Known, p.Gone, q.known) && q.takesPart(Ref{RefPayment, p.ID}) {
			return true
		}
	}
	return false
}
