package store

import (
	"context"

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
}

// PersonInfo is a person with roles and delegations as they stand now.
type PersonInfo struct {
	Person
	Roles     []member.Role
	Delegates []Delegation
}

// Delegation is a person's being delegate of a member.
type Delegation struct {
	Member member.ID
	Person member.PersonID
	// Since is the known time at which it was added.
	Since instant.Instant
	// Confirmed says that another delegate or the member's contact confirmed it since.
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

// Members are all members, with what names and links them, by id.
func (tx *Tx) Members(ctx context.Context) ([]MemberInfo, error) { panic("unwritten") }

// FindMember finds a member by id, handle, slug of a linked account, or a
// beginning of its name that no other member's name has; capitals do not
// matter. A merged member leads to the one it was merged into. The error is a
// *NoSuchMember or an *AmbiguousMember.
func (tx *Tx) FindMember(ctx context.Context, word string) (MemberInfo, error) { panic("unwritten") }

// People are all persons who are known by a row of their own, a role or a
// delegation, by id.
func (tx *Tx) People(ctx context.Context) ([]PersonInfo, error) { panic("unwritten") }

// Supporters are the accounts that are marked as supporters now.
func (tx *Tx) Supporters(ctx context.Context) (map[member.AccountID]SupporterRow, error) {
	panic("unwritten")
}

// Unmatched are the payers that are matched to nobody at the instant, by account.
func (tx *Tx) Unmatched(ctx context.Context, at instant.Instant) ([]UnmatchedPayer, error) {
	panic("unwritten")
}

// Membership is every membership event that was not taken back, by member, the
// oldest first.
func (tx *Tx) Membership(ctx context.Context) (map[member.ID][]MembershipRow, error) {
	panic("unwritten")
}

// WaiverState is a waiver as it stands now.
type WaiverState struct {
	WaiverRow
	Revoked bool
}

// Waivers are all waivers of one member ("" for all members), their ends applied.
func (tx *Tx) Waivers(ctx context.Context, id member.ID) ([]WaiverState, error) { panic("unwritten") }

// PaymentState is an entered payment as it stands now.
type PaymentState struct {
	PaymentRow
	Undone bool
}

// Payments are all entered payments of one member ("" for all members).
func (tx *Tx) Payments(ctx context.Context, id member.ID) ([]PaymentState, error) {
	panic("unwritten")
}

// Policies are all versions of the policy, in the order in which they were learned.
func (tx *Tx) Policies(ctx context.Context) ([]PolicyRow, error) { panic("unwritten") }

// AddLinks stores links. One that would leave an account linked to two members
// at a time is refused with *LinkOverlap.
func (tx *Tx) AddLinks(ctx context.Context, rows ...LinkRow) error { panic("unwritten") }

// AddPayments stores entered payments. A reference that was seen before, also
// in an undone payment, is refused with *ReferenceSeen.
func (tx *Tx) AddPayments(ctx context.Context, rows ...PaymentRow) error { panic("unwritten") }
