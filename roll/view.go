package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// AccountRef names an Open Collective account; Slug is "" when it was never
// seen or was erased.
type AccountRef struct {
	ID   member.AccountID
	Slug string
}

// Row is one member on the roll.
type Row struct {
	ID           member.ID
	Handle, Name string
	Kind         member.Kind
	Accounts     []AccountRef
	Standing     eligibility.Standing
	// People is the standing's state as people read it.
	People string
	// Delegates counts those who may act for the member.
	Delegates   int
	MemberSince instant.Instant
}

// Query says what part of the roll is wanted; its zero value is all of it, now.
type Query struct {
	At      instant.Instant // 0: now
	Known   instant.Instant // 0: everything that is stored
	Members []member.ID     // nil: all
	State   eligibility.State
	Right   *eligibility.Right // only those who have it
}

// View is the roll at one instant by what was known at one time.
type View struct {
	At, Known instant.Instant
	AsOf      instant.Instant // start of the last complete snapshot known; 0 for none
	Forecast  bool            // At is later than the clock
	Stale     bool            // AsOf is longer ago than the policy's stale_after
	Policy    string          // id of the version in force at At
	Rows      []Row           // by name
}

// View reads the roll.
func (r *Roll) View(ctx context.Context, q Query) (View, error) {
	var v View
	err := r.db.View(ctx, func(tx *store.Tx) error {
		var err error
		v, err = r.view(ctx, tx, q)
		return err
	})
	if err != nil {
		return View{}, fmt.Errorf("read the roll: %w", err)
	}
	return v, nil
}

func (r *Roll) view(ctx context.Context, tx *store.Tx, q Query) (View, error) {
	b, err := r.newBook(ctx, tx, q)
	if err != nil {
		return View{}, err
	}
	v := View{At: b.at, Known: b.known, Forecast: b.forecast}
	if p, ok := b.rules.inForce(b.at, b.known); ok {
		v.Policy = p.ID()
	}
	facts, err := tx.Facts(ctx, q.Members...)
	if err != nil {
		return View{}, err
	}
	for i := range facts {
		row := b.row(&facts[i])
		v.AsOf = row.Standing.AsOf
		if _, stale := row.Standing.Reason(eligibility.CodeStale); stale {
			v.Stale = true
		}
		if q.wants(&row) {
			v.Rows = append(v.Rows, row)
		}
	}
	sortByName(v.Rows, func(row Row) string { return row.Name + "\x00" + string(row.ID) })
	return v, nil
}

func (q Query) wants(row *Row) bool {
	return (q.State == eligibility.StateNone || row.Standing.State == q.State) &&
		(q.Right == nil || row.Standing.Has(*q.Right))
}

func sortByName[T any](list []T, name func(T) string) {
	slices.SortFunc(list, func(a, b T) int {
		return strings.Compare(strings.ToLower(name(a)), strings.ToLower(name(b)))
	})
}

// book is what is needed to write rows: rules, names, delegates.
type book struct {
	r         *Roll
	rules     *rules
	at, known instant.Instant
	forecast  bool
	info      map[member.ID]store.MemberInfo
	delegates map[member.ID]int
	since     map[member.ID]instant.Instant
}

func (r *Roll) newBook(ctx context.Context, tx *store.Tx, q Query) (*book, error) {
	b := &book{r: r, at: q.At, known: q.Known, info: map[member.ID]store.MemberInfo{},
		delegates: map[member.ID]int{}, since: map[member.ID]instant.Instant{}}
	now := r.now()
	if b.at == 0 {
		b.at = now
	}
	b.forecast = b.at > now
	if b.known == 0 {
		b.known = tx.Known() // everything that is stored
	}
	var err error
	if b.rules, err = r.rulesOf(ctx, tx); err != nil {
		return nil, err
	}
	infos, err := tx.Members(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range infos {
		b.info[i.ID] = i
	}
	people, err := tx.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		for _, d := range p.Delegates {
			b.delegates[d.Member]++
		}
	}
	return b, nil
}

// row assesses one member and names it.
func (b *book) row(f *eligibility.Facts) Row {
	info := b.info[f.Member]
	row := Row{ID: f.Member, Handle: info.Detail.Handle, Name: info.Detail.Name, Kind: f.Kind,
		Delegates: b.delegates[f.Member], MemberSince: memberSince(f, b.at, b.known)}
	for _, l := range info.Links {
		if b.at.In(l.From, l.Until) {
			row.Accounts = append(row.Accounts, AccountRef{ID: l.Account, Slug: l.Slug})
		}
	}
	if b.forecast {
		row.Standing = b.rules.policies.Forecast(f, b.at, b.known)
	} else {
		row.Standing = b.rules.policies.Assess(f, b.at, b.known)
	}
	row.People = b.people(&row.Standing)
	return row
}

// people is the state as people read it; what is short of the minimum names it.
func (b *book) people(s *eligibility.Standing) string {
	if s.State == eligibility.StateShort {
		if v, ok := b.rules.inForce(b.at, b.known); ok {
			return "Pays less than " + minimumWords(&v.Eligibility)
		}
	}
	return s.People(b.r.zone)
}

// minimumWords are the dues in words, "£10.00 a month or £60.00 a year".
func minimumWords(p *eligibility.Policy) string {
	var parts []string
	for _, m := range p.Minimums {
		per := "a month"
		if m.Interval == eligibility.Yearly {
			per = "a year"
		}
		parts = append(parts, m.Amount.Symbol()+" "+per)
	}
	return strings.Join(parts, " or ")
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

// Payer is an account that pays and is matched to nobody.
type Payer struct {
	Account                AccountRef
	Name, Type             string
	Incognito, Guest       bool
	Contributions, Charges int
	LastCharge             instant.Instant
	// WouldBe is the state it would have as a member linked to this account alone.
	WouldBe eligibility.State
}

// Unmatched lists the payers that are matched to nobody, by slug.
func (r *Roll) Unmatched(ctx context.Context) ([]Payer, error) {
	var out []Payer
	err := r.db.View(ctx, func(tx *store.Tx) error {
		var err error
		out, err = r.unmatched(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the unmatched payers: %w", err)
	}
	return out, nil
}

func (r *Roll) unmatched(ctx context.Context, tx *store.Tx) ([]Payer, error) {
	cs, err := r.candidates(ctx, tx, r.now())
	if err != nil {
		return nil, err
	}
	var out []Payer
	for _, c := range cs {
		p := Payer{Account: AccountRef{ID: c.Account.ID, Slug: c.Slug}, Name: c.Name, Type: c.Account.Type,
			Incognito: c.Account.Incognito, Guest: c.Account.Guest, Contributions: len(c.Contributions),
			Charges: len(c.Charges), WouldBe: c.standing.State}
		if n := len(c.Charges); n > 0 {
			p.LastCharge = c.Charges[n-1].Created
		}
		out = append(out, p)
	}
	sortByName(out, func(p Payer) string { return p.Account.Slug + "\x00" + string(p.Account.ID) })
	return out, nil
}
