package store

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Details are what a person or an organisation could be recognised by. They
// can be changed and erased in any stream; no fact rests on them.

// MemberDetail are the names of a member.
type MemberDetail struct {
	Member member.ID `db:"member"`
	// Handle is the short name for the command line; unique.
	Handle string `db:"handle"`
	Name   string `db:"name"`
	// PublicName is the name an individual chose to be shown under; "" for none.
	PublicName string `db:"public_name"`
	Website    string `db:"website"`
	Summary    string `db:"summary"`
}

// AccountDetail are the names of an Open Collective account as last seen.
type AccountDetail struct {
	Account member.AccountID `db:"account"`
	Slug    string           `db:"slug"`
	Name    string           `db:"name"`
	Emails  []string         `db:"emails"`
	Seen    instant.Instant  `db:"seen"`
}

// Erased says that the row holds no names, and keeps any from being stored
// (Tx.EraseAccount).
func (d AccountDetail) Erased() bool {
	return d.Account != "" && d.Slug == "" && d.Name == "" && d.Seen == 0
}

// FormerAccount are a slug and name that an account had before.
type FormerAccount struct {
	Account  member.AccountID `db:"account"`
	Slug     string           `db:"slug"`
	Name     string           `db:"name"`
	LastSeen instant.Instant  `db:"last_seen"`
}

// Contact is where a member can be told something.
type Contact struct {
	ID     string    `db:"id"`
	Member member.ID `db:"member"`
	Email  string    `db:"email"`
	Matrix string    `db:"matrix"`
}

// Profile is a member's entry in the provider list.
type Profile struct {
	Member       member.ID `db:"member"`
	URL          string    `db:"url"`
	Summary      string    `db:"summary"`
	ContactLabel string    `db:"contact_label"`
	ContactHref  string    `db:"contact_href"`
	Logo         string    `db:"logo"`
	Place        string    `db:"place"`
	Services     []string  `db:"services"`
	Languages    []string  `db:"languages"`
}

// Consent is a member's word that it may be listed.
type Consent struct {
	Member member.ID `db:"member"`
	// Words are what was agreed to, as said.
	Words string          `db:"words"`
	Given instant.Instant `db:"given"`
	// GivenBy says who gave it, as told.
	GivenBy string `db:"given_by"`
}

// Person is someone with an e-mail address who may sign in.
type Person struct {
	ID member.PersonID `db:"id"`
	// Email is unique, whatever its capitals; "" once unknown.
	Email string `db:"email"`
	Name  string `db:"name"`
}
