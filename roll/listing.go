package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Listing is a member's entry in the provider list with all that it takes to be
// seen there, for who edits or approves it.
type Listing struct {
	ID           member.ID
	Handle, Name string
	Kind         member.Kind
	Face         Face
	// Entry is what everybody would see, whether or not it is seen yet.
	Entry      Provider
	HasProfile bool
	// Agrees: the member does now; Consent are its words, and empty where it does not.
	Agrees  bool
	Consent store.Consent
	// Approved is since when a treasurer's or facilitator's yes holds; 0 for none.
	Approved instant.Instant
	// Conditions are all that a listing needs, in a fixed order.
	Conditions []ListingCondition
	// Ready: the entry is seen as soon as the list is public; Listed: it is now.
	Ready, Listed bool
}

// ListingCondition is one thing that a listing needs (domain.md, section 3). The
// code is one of the words below.
type ListingCondition struct {
	Code string
	OK   bool
	// Words say how it stands, and, where it is not met, what helps.
	Words string
}

// What a listing needs.
const (
	NeedsKind     = "kind"
	NeedsProfile  = "profile"
	NeedsConsent  = "consent"
	NeedsApproval = "approval"
	NeedsDues     = "dues"
	NeedsList     = "list"
)

// seesListing says who reads entries that are not seen yet: who may edit one, and
// who may approve it.
func seesListing(who member.Actor, id member.ID) bool {
	return who.Operator || who.Has(member.Treasurer) || who.Has(member.Facilitator) || who.DelegateOf(id)
}

// Listing reads a member's entry. A delegate of the member, a treasurer, a
// facilitator or the operator may.
func (r *Roll) Listing(ctx context.Context, who member.Actor, id member.ID) (Listing, error) {
	if !seesListing(who, id) {
		return Listing{}, &Refused{What: "read the entry", Reasons: []string{"only a delegate of the member, a treasurer, a facilitator or the operator may"}}
	}
	if found, err := r.Find(ctx, string(id)); err != nil || found != id {
		return Listing{}, cmp.Or[error](err, &NotFound{What: "member", Word: string(id)})
	}
	all, err := r.listings(ctx, id)
	if err != nil || len(all) == 0 {
		return Listing{}, cmp.Or[error](err, &NotFound{What: "member", Word: string(id)})
	}
	return all[0], nil
}

// Listings are the entries of all members that wrote one, agreed to one, or had one
// approved, by public name. A treasurer, a facilitator or the operator may.
func (r *Roll) Listings(ctx context.Context, who member.Actor) ([]Listing, error) {
	if !seesListing(who, "") {
		return nil, &Refused{What: "read the entries", Reasons: []string{"only a treasurer, a facilitator or the operator may"}}
	}
	all, err := r.listings(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(l Listing) bool { return !l.HasProfile && !l.Agrees && l.Approved == 0 })
	sortByName(all, func(l Listing) string { return l.Entry.Name + "\x00" + string(l.ID) })
	return all, nil
}

// listings are the entries of members that did not leave; of none named: all.
func (r *Roll) listings(ctx context.Context, ids ...member.ID) (out []Listing, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		b, err := r.book(ctx, tx, ids...)
		if err != nil {
			return err
		}
		consents, err := tx.Consents(ctx)
		if err != nil {
			return err
		}
		now := r.now()
		for i := range b.facts {
			f := &b.facts[i]
			if info := b.info[f.Member]; info.MergedInto == "" && (len(ids) > 0 || inside(f, b.look(now, 0, now))) {
				out = append(out, b.listing(f, consents[f.Member], now))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the entries of the provider list: %w", err)
	}
	return out, nil
}

func (b *Book) listing(f *eligibility.Facts, consent store.Consent, now instant.Instant) Listing {
	info, look := b.info[f.Member], b.look(now, 0, now)
	row := b.row(f, look)
	l := Listing{ID: f.Member, Handle: info.Detail.Handle, Name: info.Detail.Name, Kind: f.Kind, Face: Face{info.Detail.PublicName, info.Detail.Website, info.Detail.Summary},
		Entry: b.provider(&row)}
	at := newestConditions(f.Profile)
	l.HasProfile = at[eligibility.HasProfile].On
	if l.Agrees = at[eligibility.Consents].On; l.Agrees {
		l.Consent = consent
	}
	if yes := at[eligibility.Approved]; yes.On {
		l.Approved = yes.At
	}
	l.Ready = row.Standing.Has(eligibility.Listing)
	l.Listed = b.published && l.Ready
	l.conditions(b, f, &row, look)
	return l
}

// conditions says of each thing that a listing needs how it stands.
func (l *Listing) conditions(b *Book, f *eligibility.Facts, row *Row, look bookLook) {
	add := func(code string, ok bool, met, unmet string) {
		words := met
		if !ok {
			words = unmet
		}
		l.Conditions = append(l.Conditions, ListingCondition{code, ok, words})
	}
	version, _ := b.rules.inForce(look.at, look.known)
	add(NeedsKind, version.Eligibility.Rules[eligibility.Listing].Named(f.Kind), "The rules list members of this kind", "The rules in force do not list members of this kind, so there is nothing to do")
	add(NeedsProfile, l.HasProfile, "The entry is written", "Nothing is written into the entry yet")
	add(NeedsConsent, l.Agrees, "The member agrees to be listed", "The member has not agreed to be listed")
	add(NeedsApproval, l.Approved != 0, "A treasurer or facilitator looked at it and said yes, which is needed once",
		"A treasurer or facilitator looks at it once and says yes; they see that it waits, once the entry is written and agreed to")
	add(NeedsDues, b.duesList(f, look), "The dues allow it: "+row.People, "As the dues stand it is not shown: "+row.People)
	add(NeedsList, b.published, "The list of providers is public", "The list as a whole is not public yet: a treasurer publishes it")
}

// duesList says whether the dues and the membership by themselves would let a member
// be listed: as if it had met the entry's own conditions.
func (b *Book) duesList(f *eligibility.Facts, look bookLook) bool {
	as := *f
	as.Profile = nil
	for _, kind := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
		as.Profile = append(as.Profile, eligibility.ProfileFact{ID: "as_if", Kind: kind, On: true})
	}
	standing := b.rules.policies.Assess(&as, look.at, look.known)
	return standing.Has(eligibility.Listing)
}
