package store

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// LinkState is a link as it stands now: its last end applied, revoked ones left out.
type LinkState struct {
	LinkRow
	// Slug and Name are the account's, as last seen; "" when never seen or erased.
	Slug, Name string
}

// MemberInfo is a member with its names and links, for lists and look-ups.
type MemberInfo struct {
	MemberRow
	Detail MemberDetail // zero once erased
	// Links are those that hold now or will, and those that ended; by account and span.
	Links []LinkState
	// MergedInto is the member that this one was merged into; "" for none.
	MergedInto member.ID
	// Decision is the number of the decision that admitted it last; "" for none.
	Decision string
}

// PersonInfo is a person with roles and delegations as they stand now.
type PersonInfo struct {
	Person
	Roles     []member.Role
	Delegates []Delegation
}

// Delegation is a person's being delegate of a member.
type Delegation struct {
	// ID is that of the row by which it was added.
	ID     string
	Member member.ID
	Person member.PersonID
	// Since is the known time at which it was added, or at which a merge made the
	// person delegate of this member.
	Since instant.Instant
	// Confirmed says that another delegate or the member's contact confirmed it since;
	// a word for a member that was merged into this one is none for this one.
	Confirmed bool
}

// UnmatchedPayer is an account that pays, is linked to no member at the
// instant asked about and is no supporter: for the desk (domain.md, section 7).
type UnmatchedPayer struct {
	Account       AccountRow // the zero value but for ID when upstream never showed it
	Slug, Name    string
	Emails        []string
	Contributions []ContributionRow // current versions, by id
	Charges       []ChargeRow       // the oldest first
}

// WaiverState is a waiver as it stands now: its last end applied.
type WaiverState struct {
	WaiverRow
	Revoked bool
}

// PaymentState is an entered payment as it stands now.
type PaymentState struct {
	PaymentRow
	Undone bool
}
