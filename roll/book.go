package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// Book is the whole roll as one transaction saw it. It never changes and asks
// no database, but for what is on the desk, so any number of readers may share it,
// and go on with it while the database cannot be reached.
type Book struct {
	// Counters are those of the transaction: the book is out of date when the
	// store's differ.
	Counters store.Counters

	zone      *time.Location
	in        *tongue.Tongue // in which it tells of standings; nil is English
	rules     *rules
	known     instant.Instant
	facts     []eligibility.Facts
	place     map[member.ID]int // in facts
	info      map[member.ID]store.MemberInfo
	delegates map[member.ID][]store.Person
	everybody []store.PersonInfo // by id
	persons   map[member.PersonID]store.PersonInfo
	profiles  map[member.ID]store.Profile
	logos     map[member.ID]string // the names of uploaded logos
	published bool
	notices   bool           // they were started
	desk      *lateDesk      // nil where a transaction read the book
	snapshot  store.Snapshot // the last complete one
	holds     []store.Hold
	received  map[string]instant.Instant // when each entered payment came

	opportunities []store.Opportunity
}

// In is the same book, which tells of standings in a language: what people read of
// a state, reasons, facts, and what to do.
func (b *Book) In(t *tongue.Tongue) *Book {
	copied := *b
	copied.in = t
	return &copied
}

func (b *Book) tongue() *tongue.Tongue {
	if b.in == nil {
		return tongue.English()
	}
	return b.in
}

// Book reads the whole roll.
func (r *Roll) Book(ctx context.Context) (*Book, error) {
	var b *Book
	err := r.db.View(ctx, func(tx *store.Tx) error {
		var err error
		b, err = r.book(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the roll: %w", err)
	}
	b.desk = &lateDesk{r: r, turn: make(chan struct{}, 1)}
	return b, nil
}

// book reads what is needed about the members (none named: all).
func (r *Roll) book(ctx context.Context, tx *store.Tx, ids ...member.ID) (*Book, error) {
	b := &Book{zone: r.zone, known: tx.Known(), info: map[member.ID]store.MemberInfo{}, delegates: map[member.ID][]store.Person{}}
	var err error
	if b.Counters, err = tx.Counters(ctx); err != nil {
		return nil, err
	}
	if b.rules, err = r.rulesOf(ctx, tx); err != nil {
		return nil, err
	}
	if b.facts, err = tx.Facts(ctx, ids...); err != nil {
		return nil, err
	}
	b.place = make(map[member.ID]int, len(b.facts))
	for i := range b.facts {
		b.place[b.facts[i].Member] = i
	}
	if b.profiles, err = tx.Profiles(ctx); err != nil {
		return nil, err
	}
	if b.logos, err = tx.LogoHashes(ctx); err != nil {
		return nil, err
	}
	if b.snapshot, _, err = tx.LastSnapshot(ctx); err != nil {
		return nil, err
	}
	if b.holds, err = tx.Holds(ctx); err != nil {
		return nil, err
	}
	payments, err := tx.Payments(ctx, "")
	if err != nil {
		return nil, err
	}
	b.received = make(map[string]instant.Instant, len(payments))
	for _, p := range payments {
		b.received[p.ID] = p.Received
	}
	if b.opportunities, err = tx.Opportunities(ctx); err != nil {
		return nil, err
	}
	published, _, err := tx.Setting(ctx, settingPublished)
	if err != nil {
		return nil, err
	}
	b.published = published != ""
	if _, b.notices, err = tx.Setting(ctx, store.SettingNotices); err != nil {
		return nil, err
	}
	return b, b.names(ctx, tx)
}

func (b *Book) names(ctx context.Context, tx *store.Tx) error {
	infos, err := tx.Members(ctx)
	if err != nil {
		return err
	}
	for _, i := range infos {
		b.info[i.ID] = i
	}
	if b.everybody, err = tx.People(ctx); err != nil {
		return err
	}
	b.persons = make(map[member.PersonID]store.PersonInfo, len(b.everybody))
	for _, p := range b.everybody {
		b.persons[p.ID] = p
		for _, d := range p.Delegates {
			b.delegates[d.Member] = append(b.delegates[d.Member], p.Person)
		}
	}
	return nil
}

// factsAbout are the facts about a member; ok is false for one that is not known.
func (b *Book) factsAbout(id member.ID) (f *eligibility.Facts, ok bool) {
	i, ok := b.place[id]
	if !ok {
		return nil, false
	}
	return &b.facts[i], true
}

// Published says that a treasurer made the provider list public.
func (b *Book) Published() bool { return b.published }

// Policy is the version in force at t; ok is false for an empty store.
func (b *Book) Policy(t instant.Instant) (policy.Version, bool) { return b.rules.inForce(t, b.known) }

// Policies are all versions, by From.
func (b *Book) Policies() []policy.Version { return b.rules.versions }

// Delegates are the persons who may act for the member, by id.
func (b *Book) Delegates(id member.ID) []store.Person { return b.delegates[id] }

// Person is somebody with the roles and delegations that stand; ok is false for
// one that is not known.
func (b *Book) Person(id member.PersonID) (p store.PersonInfo, ok bool) {
	p, ok = b.persons[id]
	return p, ok
}

// Name is the member's name, for whoever may see more than the public.
func (b *Book) Name(id member.ID) string { return nameOf(b.info[id]) }

// nameOf is a member's name, and what stands for that of one who was erased.
func nameOf(m store.MemberInfo) string {
	if erased(m) {
		return erasedMember
	}
	return m.Detail.Name
}

// PublicName is the name under which everybody may read of a member; "" for a
// member that is not known.
func (b *Book) PublicName(id member.ID) string {
	if info, ok := b.info[id]; ok {
		return publicName(info)
	}
	return ""
}

// View is the part of the roll that is asked for. A time of knowledge that is
// left open is everything the book holds. What lies after now is a forecast.
func (b *Book) View(q Query, now instant.Instant) View {
	look := b.look(q.At, q.Known, now)
	v := View{At: look.at, Known: look.known, Forecast: look.forecast}
	if p, ok := b.rules.inForce(look.at, look.known); ok {
		v.Policy = p.ID()
	}
	if s := b.snapshot; s.Start <= look.at && s.Known <= look.known { // so that a roll without members says it, too
		v.AsOf = s.Start
	}
	for i := range b.facts {
		f := &b.facts[i]
		if q.Members != nil && !slices.Contains(q.Members, f.Member) {
			continue
		}
		row := b.row(f, look)
		v.AsOf = row.Standing.AsOf
		if _, stale := row.Standing.Reason(eligibility.CodeStale); stale {
			v.Stale = true
		}
		if q.wants(&row) {
			v.Rows = append(v.Rows, row)
		}
	}
	sortByName(v.Rows, func(row Row) string { return row.Name + "\x00" + string(row.ID) })
	return v
}

// bookLook is an instant and a time of knowledge, settled.
type bookLook struct {
	at, known instant.Instant
	forecast  bool
}

func (b *Book) look(at, known, now instant.Instant) bookLook {
	l := bookLook{at: at, known: known}
	if l.at == 0 {
		l.at = now
	}
	if l.known == 0 {
		l.known = b.known
	}
	l.forecast = l.at > now
	return l
}

// row assesses one member and names it.
func (b *Book) row(f *eligibility.Facts, l bookLook) Row {
	info := b.info[f.Member]
	row := Row{ID: f.Member, Handle: cmp.Or(info.Detail.Handle, string(f.Member)), Name: nameOf(info), Kind: f.Kind,
		Delegates: len(b.delegates[f.Member]), MemberSince: memberSince(f, l.at, l.known)}
	for _, link := range info.Links {
		if l.at.In(link.From, link.Until) {
			row.Accounts = append(row.Accounts, AccountRef{ID: link.Account, Slug: link.Slug})
		}
	}
	if l.forecast {
		row.Standing = b.rules.policies.Forecast(f, l.at, l.known)
	} else {
		row.Standing = b.rules.policies.Assess(f, l.at, l.known)
	}
	row.People = b.people(&row.Standing, l)
	return row
}

// people is the state as people read it; what is short of the minimum names it.
func (b *Book) people(s *eligibility.Standing, l bookLook) string {
	if s.State == eligibility.StateShort {
		if v, ok := b.rules.inForce(l.at, l.known); ok {
			return b.tongue().Sayf("Pays less than %s", policy.MinimumIn(b.tongue(), v.Eligibility.Minimums))
		}
	}
	return s.PeopleIn(b.tongue(), b.zone)
}

// Explain says why a member's standing is what it is at an instant (0: now) by
// what was known (0: everything the book holds).
func (b *Book) Explain(id member.ID, at, known, now instant.Instant) (Explanation, error) {
	f, ok := b.factsAbout(id)
	if !ok {
		return Explanation{}, &NotFound{What: "member", Word: string(id)}
	}
	l := b.look(at, known, now)
	x := Explanation{Row: b.row(f, l)}
	for _, v := range b.rules.versions {
		if v.ID() == x.Standing.Policy {
			x.Minimum, x.PolicyFrom, x.DecidedBy = policy.MinimumIn(b.tongue(), v.Eligibility.Minimums), v.From(), v.DecidedBy
		}
	}
	x.Facts = factLines(b.tongue(), f, l.known, cited(&x.Standing))
	x.WhatToDo = whatToDo(b.tongue(), &x.Standing, x.Minimum)
	return x, nil
}

// Providers are the members that have the right to be listed at an instant, by
// public name, whether or not the list is public yet.
func (b *Book) Providers(at instant.Instant) []Provider {
	out := []Provider{}
	listing := eligibility.Listing
	for _, row := range b.View(Query{At: at, Right: &listing}, at).Rows {
		out = append(out, b.provider(&row))
	}
	sortByName(out, func(p Provider) string { return p.Name + "\x00" + string(p.ID) })
	return out
}

// provider is a member's entry as everybody would see it.
func (b *Book) provider(row *Row) Provider {
	p := profileOf(b.profiles[row.ID])
	p.Services, p.Languages = append([]string{}, p.Services...), append([]string{}, p.Languages...)
	return Provider{ID: row.ID, Name: publicName(b.info[row.ID]), Kind: row.Kind, Profile: p, Uploaded: b.logos[row.ID], MemberSince: row.MemberSince}
}

// minimumWords are the dues in words, "£10.00 a month or £60.00 a year".
func minimumWords(p *eligibility.Policy) string {
	return policy.MinimumIn(tongue.English(), p.Minimums)
}

// memberSince is the instant of the admission that holds at t; 0 for none.
func memberSince(f *eligibility.Facts, t, known instant.Instant) (since instant.Instant) {
	for _, m := range f.Membership {
		if m.Kind == eligibility.Admitted && m.Known <= known && (m.Gone == 0 || known < m.Gone) && m.At <= t {
			since = max(since, m.At)
		}
	}
	return since
}
