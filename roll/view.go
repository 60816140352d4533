package roll

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
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
		b, err := r.book(ctx, tx, q.Members...)
		if err == nil {
			v = b.View(q, r.now())
		}
		return err
	})
	if err != nil {
		return View{}, fmt.Errorf("read the roll: %w", err)
	}
	return v, nil
}

func (q Query) wants(row *Row) bool {
	return (q.State == eligibility.StateNone || row.Standing.State == q.State) &&
		(q.Right == nil || row.Standing.Has(*q.Right))
}

func sortByName[T any](list []T, name func(T) string) {
	arrange.By(list, func(a, b T) int {
		return strings.Compare(strings.ToLower(name(a)), strings.ToLower(name(b)))
	})
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
