// Package member is identity: who a member of the federation is, who may act
// for it, and who is asking. The words are those of domain.md, section 1.
//
// Identifiers are opaque; names, addresses and slugs are never identifiers.
package member

import "strings"

// ID identifies a member of the federation. It never changes and is never
// given to another member.
type ID string

// PersonID identifies a person: someone with an e-mail address who may sign in.
type PersonID string

// AccountID identifies an Open Collective profile by its id there, never by
// its slug (a freed slug may be taken by somebody else: open-collective.md,
// fact 8).
type AccountID string

// Kind says what a member is.
type Kind string

// The kinds of domain.md, section 4 ("members: [organisation, individual]").
const (
	Organisation Kind = "organisation"
	Individual   Kind = "individual"
)

// ParseKind reads a kind; ok is false for any other word.
func ParseKind(s string) (k Kind, ok bool) {
	switch Kind(s) {
	case Organisation, Individual:
		return Kind(s), true
	}
	return "", false
}

// Role is what a person may do for the federation (domain.md, section 8).
type Role string

// The roles of domain.md, section 8.
const (
	Treasurer     Role = "treasurer"
	Facilitator   Role = "facilitator"
	ContactPerson Role = "contact_person"
)

// ParseRole reads a role; ok is false for any other word.
func ParseRole(s string) (r Role, ok bool) {
	switch Role(s) {
	case Treasurer, Facilitator, ContactPerson:
		return Role(s), true
	}
	return "", false
}

// Actor is who asks for a change. Either a person, or the operator: whoever
// can run the program on its host (domain.md, section 8).
type Actor struct {
	ID        string // PersonID, or the operator's id in the audit log
	Label     string // what people read: "operator:ada" or a person's name
	Operator  bool
	Roles     []Role
	Delegates []ID // members this person is delegate of
}

// Has says whether the actor holds the role.
func (a Actor) Has(r Role) bool {
	for _, have := range a.Roles {
		if have == r {
			return true
		}
	}
	return false
}

// DelegateOf says whether the actor may act for the member.
func (a Actor) DelegateOf(m ID) bool {
	for _, have := range a.Delegates {
		if have == m {
			return true
		}
	}
	return false
}

// Handle makes a short name for the command line out of a display name: lower
// case letters, digits and single dashes. It is a convenience, never an
// identifier; two members may need different suffixes.
func Handle(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		default:
			dash = true
		}
	}
	return b.String()
}
