package roll

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// inventory is what stands about all members, as a list of members shows it.
type inventory struct {
	now     instant.Instant
	members map[member.ID]*standingEntry
	// all are the same by id, so that what is told of them is the same each time.
	all []*standingEntry
	// persons are all with an e-mail address, by address in small letters.
	persons map[string]store.Person
	// delegates are the persons who may act for a member.
	delegates  map[member.ID][]store.Person
	accounts   map[member.AccountID]store.AccountRow
	details    map[member.AccountID]store.AccountDetail
	supporters map[member.AccountID]store.SupporterRow
	// byPublic and bySlug are the accounts by public id and by slug, folded; see accountsNamed.
	byPublic, bySlug map[string][]member.AccountID
	// links are all that were not revoked, by account.
	links map[member.AccountID][]store.LinkState
	// read says that Open Collective was read at least once.
	read bool
	// facts are those of all members, by id.
	facts []eligibility.Facts
}

// standingEntry is what stands about one member.
type standingEntry struct {
	store.MemberInfo
	history history
	// stays says that the member has neither left by now nor was merged into another.
	stays      bool
	door       door
	noAccount  bool
	contacts   []store.Contact
	profile    Profile
	consent    store.Consent
	conditions conditions
}

// door is how a member came and went: the rows that hold, nil for none.
type door struct{ applied, admitted, left *store.MembershipRow }

// conditions are the newest events of the three conditions of a listing.
type conditions map[eligibility.ProfileKind]eligibility.ProfileFact

// takeInventory reads everything that a list of members shows.
func takeInventory(ctx context.Context, tx *store.Tx, now instant.Instant) (*inventory, error) {
	inv := &inventory{now: now, members: map[member.ID]*standingEntry{}, persons: map[string]store.Person{},
		delegates: map[member.ID][]store.Person{}, links: map[member.AccountID][]store.LinkState{}}
	for _, step := range []func(context.Context, *store.Tx) error{inv.readMembers, inv.readDetails, inv.readPeople, inv.readAccounts} {
		if err := step(ctx, tx); err != nil {
			return nil, err
		}
	}
	return inv, nil
}

func (inv *inventory) readMembers(ctx context.Context, tx *store.Tx) error {
	infos, err := tx.Members(ctx)
	if err != nil {
		return err
	}
	events, err := tx.Membership(ctx)
	if err != nil {
		return err
	}
	for _, info := range infos {
		h := history(events[info.ID])
		e := &standingEntry{MemberInfo: info, history: h, door: h.wayIn(), noAccount: h.noAccount(instant.Max)}
		_, left := h.left(inv.now)
		e.stays = !left && info.MergedInto == ""
		inv.members[info.ID] = e
		inv.all = append(inv.all, e)
		for _, l := range info.Links {
			inv.links[l.Account] = append(inv.links[l.Account], l)
		}
	}
	return nil
}

// wayIn finds the rows that hold; a new application after the end begins anew.
func (h history) wayIn() (d door) {
	h = slices.Clone(h)
	arrange.By(h, inOrder)
	for i := range h {
		switch e := &h[i]; e.Kind {
		case eligibility.Applied:
			d = door{applied: e}
		case eligibility.Admitted:
			d.admitted, d.left = e, nil
		case eligibility.Left:
			d.left = e
		}
	}
	return d
}

func (inv *inventory) readDetails(ctx context.Context, tx *store.Tx) error {
	contacts, err := tx.Contacts(ctx)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if e := inv.members[c.Member]; e != nil {
			e.contacts = append(e.contacts, c)
		}
	}
	profiles, err := tx.Profiles(ctx)
	if err != nil {
		return err
	}
	consents, err := tx.Consents(ctx)
	if err != nil {
		return err
	}
	if inv.facts, err = tx.Facts(ctx); err != nil {
		return err
	}
	for _, f := range inv.facts {
		e := inv.members[f.Member]
		e.profile = profileOf(profiles[e.ID])
		e.consent = consents[e.ID]
		e.conditions = newestConditions(f.Profile)
	}
	return nil
}

// newestConditions keeps the newest event of each kind: by its instant, then
// by when it was learned.
func newestConditions(events []eligibility.ProfileFact) conditions {
	c := conditions{}
	for _, e := range events {
		was, ok := c[e.Kind]
		if !ok || cmp.Or(cmp.Compare(e.At, was.At), cmp.Compare(e.Known, was.Known), cmp.Compare(e.ID, was.ID)) > 0 {
			c[e.Kind] = e
		}
	}
	return c
}

func profileOf(p store.Profile) Profile {
	return Profile{URL: p.URL, Summary: p.Summary, ContactLabel: p.ContactLabel, ContactHref: p.ContactHref,
		Logo: p.Logo, Place: p.Place, Services: p.Services, Languages: p.Languages}
}

func (inv *inventory) readPeople(ctx context.Context, tx *store.Tx) error {
	people, err := tx.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Email != "" {
			inv.persons[strings.ToLower(p.Email)] = p.Person
		}
		for _, d := range p.Delegates {
			inv.delegates[d.Member] = append(inv.delegates[d.Member], p.Person)
		}
	}
	return nil
}

func (inv *inventory) readAccounts(ctx context.Context, tx *store.Tx) (err error) {
	if inv.accounts, err = tx.Accounts(ctx); err != nil {
		return err
	}
	if inv.details, err = tx.AccountDetails(ctx); err != nil {
		return err
	}
	if inv.supporters, err = tx.Supporters(ctx); err != nil {
		return err
	}
	_, inv.read, err = tx.LastSnapshot(ctx)
	return err
}

// accountsNamed are the accounts that go by a word: an id, a public id, or a
// slug as last seen, the first of these that fits.
func (inv *inventory) accountsNamed(word string) []member.AccountID {
	id := member.AccountID(word)
	if _, ok := inv.accounts[id]; ok {
		return []member.AccountID{id}
	}
	if inv.byPublic == nil {
		inv.nameAccounts()
	}
	if named := inv.byPublic[word]; named != nil {
		return named
	}
	return inv.bySlug[folded(word)]
}

// nameAccounts finds once what each account goes by.
func (inv *inventory) nameAccounts() {
	inv.byPublic, inv.bySlug = map[string][]member.AccountID{}, map[string][]member.AccountID{}
	for _, id := range slices.Sorted(maps.Keys(inv.accounts)) {
		public := inv.accounts[id].PublicID
		inv.byPublic[public] = append(inv.byPublic[public], id)
	}
	for _, id := range slices.Sorted(maps.Keys(inv.details)) {
		if slug := folded(inv.details[id].Slug); slug != "" {
			inv.bySlug[slug] = append(inv.bySlug[slug], id)
		}
	}
}

// accountWord is the word that leads back to an account: its slug where no
// other account goes by it, else its id.
func (inv *inventory) accountWord(id member.AccountID) string {
	slug := inv.details[id].Slug
	if slug == "" || slug == hasNoAccount || strings.ContainsAny(slug, "@ \t\n") {
		return string(id)
	}
	if named := inv.accountsNamed(slug); len(named) != 1 || named[0] != id {
		return string(id)
	}
	return slug
}

// owner is the member to which an account was linked at t; nil for none.
func (inv *inventory) owner(id member.AccountID, t instant.Instant) *standingEntry {
	for _, l := range inv.links[id] {
		if t.In(l.From, l.Until) {
			return inv.members[l.Member]
		}
	}
	return nil
}

// slugsBefore are the accounts that have a slug now which another account, one
// that is linked to a member, had before.
func (inv *inventory) slugsBefore(former []store.FormerAccount) map[member.AccountID]member.ID {
	had := map[string]member.ID{}
	for _, f := range former {
		slug := strings.ToLower(f.Slug)
		if e := inv.owner(f.Account, inv.now); e != nil && slug != "" && !strings.EqualFold(inv.details[f.Account].Slug, slug) {
			had[slug] = e.ID
		}
	}
	taken := map[member.AccountID]member.ID{}
	for id, d := range inv.details {
		if m, ok := had[strings.ToLower(d.Slug)]; ok {
			taken[id] = m
		}
	}
	return taken
}

func laterCharge(a, b store.ChargeRow) bool {
	return a.Created > b.Created || a.Created == b.Created && a.ID > b.ID
}
