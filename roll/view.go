package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
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
func (r *Roll) View(ctx context.Context, q Query) (View, error) { panic("unwritten") }

// FactLine is one fact about a member, for people.
type FactLine struct {
	Ref         string // "charge:…", as reasons cite it
	What        string // "charge of c…", "waiver", …
	From, Until instant.Instant
	Amount      *money.Money
	Note        string
	Cited       bool
}

// Explanation is a standing with what it rests on.
type Explanation struct {
	Row
	Minimum    string // the dues in words, by the policy that decided
	PolicyFrom instant.Instant
	DecidedBy  string
	Facts      []FactLine // newest first
	WhatToDo   []string
}

// Explain says why a member's standing is what it is at an instant (0: now) by
// what was known (0: everything).
func (r *Roll) Explain(ctx context.Context, id member.ID, at, known instant.Instant) (Explanation, error) {
	panic("unwritten")
}

// Payer is an account that pays and is matched to nobody.
type Payer struct {
	Account                   AccountRef
	Name, Type                string
	Incognito, Guest, Deleted bool
	Contributions, Charges    int
	LastCharge                instant.Instant
	// WouldBe is the state it would have as a member linked to this account alone.
	WouldBe eligibility.State
}

// Unmatched lists the payers that are matched to nobody, by slug.
func (r *Roll) Unmatched(ctx context.Context) ([]Payer, error) { panic("unwritten") }
