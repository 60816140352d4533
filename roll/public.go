package roll

import (
	"cmp"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// PublicMember is what everybody may see of a member (domain.md, section 8),
// and nothing else. Absent texts are empty.
type PublicMember struct {
	ID      member.ID
	Name    string // the public name; NamelessIndividual until one was chosen
	Kind    member.Kind
	Website string
	Summary string
	// MemberSince is the admission that holds; Decision is the number of the
	// decision that made it.
	MemberSince instant.Instant
	Decision    string
	// Provider says that the member is on the provider list, once that is public.
	Provider bool
	// Contact is the address that the member typed into its public profile for
	// everyone; "" for none, and for who is not on the provider list.
	Contact string
	// GoodStanding is for the tick of a list whose federation chose that the
	// tick means it (public.tick); it is shown in no other way.
	GoodStanding bool
}

// PublicMembers are the members that everybody may see at an instant, by name.
// Who has applied or has left is absent; all others look alike, whatever their
// standing. Of an individual that chose no public name nothing is shown that
// could name it: no website, no summary, no decision.
func (b *Book) PublicMembers(at instant.Instant, published bool) []PublicMember {
	listed := map[member.ID]Provider{}
	if published {
		for _, p := range b.Providers(at) {
			listed[p.ID] = p
		}
	}
	look := b.look(at, 0, at)
	out := []PublicMember{}
	for i := range b.facts {
		f := &b.facts[i]
		info := b.info[f.Member]
		if info.MergedInto != "" || !inside(f, look) {
			continue
		}
		m := PublicMember{ID: f.Member, Name: publicName(info), Kind: f.Kind, MemberSince: memberSince(f, look.at, look.known)}
		if m.Name != NamelessIndividual {
			m.Website, m.Summary, m.Decision = info.Detail.Website, info.Detail.Summary, info.Decision
		}
		p, ok := listed[f.Member]
		m.Provider, m.Contact = ok, p.ContactHref
		standing := b.rules.policies.Assess(f, look.at, look.known)
		m.GoodStanding = standing.State.GoodStanding()
		out = append(out, m)
	}
	sortByName(out, func(m PublicMember) string { return m.Name + "\x00" + string(m.ID) })
	return out
}

// inside says whether a membership holds: the last time the door opened, it
// was to admit.
func inside(f *eligibility.Facts, l bookLook) bool {
	var last eligibility.MembershipFact
	for _, m := range f.Membership {
		door := m.Kind == eligibility.Applied || m.Kind == eligibility.Admitted || m.Kind == eligibility.Left
		seen := m.Known <= l.known && (m.Gone == 0 || l.known < m.Gone) && m.At <= l.at
		if door && seen && (last.ID == "" || laterEvent(last, m)) {
			last = m
		}
	}
	return last.Kind == eligibility.Admitted
}

// laterEvent says whether b comes after a, in the order of history.
func laterEvent(a, b eligibility.MembershipFact) bool {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Known, b.Known), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) < 0
}

// Readiness is how far the provider list is before a treasurer publishes it.
type Readiness struct{ Ready, Members int }

// Readiness counts the members at an instant, and those that would be listed.
func (b *Book) Readiness(at instant.Instant) Readiness {
	return Readiness{Ready: len(b.Providers(at)), Members: len(b.PublicMembers(at, false))}
}

// Words are the words by which a program names a member: its id and its
// handle. Those of a merged member lead to the one it was merged into.
func (b *Book) Words() map[string]member.ID {
	words := map[string]member.ID{}
	for _, info := range b.info {
		id := b.heir(info)
		words[string(info.ID)] = id
		if h := info.Detail.Handle; h != "" {
			words[h] = id
		}
	}
	return words
}

// heir is who has a merged member's money now. Members are merged at most
// once, and never in a circle.
func (b *Book) heir(info store.MemberInfo) member.ID {
	for info.MergedInto != "" {
		next, ok := b.info[info.MergedInto]
		if !ok {
			return info.MergedInto
		}
		info = next
	}
	return info.ID
}
