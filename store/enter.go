package store

import "context"

// What people enter. Each function stores rows as they are given; who may do
// it, and what it means, is the roll's to say.

// AddMembers stores new members.
func (tx *Tx) AddMembers(ctx context.Context, rows ...MemberRow) error {
	return insertAll(ctx, tx, "member", rows)
}

// AddMembership stores events of memberships.
func (tx *Tx) AddMembership(ctx context.Context, rows ...MembershipRow) error {
	return insertAll(ctx, tx, "membership_event", rows)
}

// VoidMembership takes back membership events, each at most once.
func (tx *Tx) VoidMembership(ctx context.Context, rows ...VoidRow) error {
	return insertAll(ctx, tx, "membership_void", rows)
}

// EndLinks ends or revokes links.
func (tx *Tx) EndLinks(ctx context.Context, rows ...LinkEnd) error {
	return insertAll(ctx, tx, "link_end", rows)
}

// AddWaivers stores waivers.
func (tx *Tx) AddWaivers(ctx context.Context, rows ...WaiverRow) error {
	return insertAll(ctx, tx, "waiver", rows)
}

// EndWaivers ends waivers early or revokes them.
func (tx *Tx) EndWaivers(ctx context.Context, rows ...WaiverEnd) error {
	return insertAll(ctx, tx, "waiver_end", rows)
}

// UndoPayments reverses entered payments, each at most once.
func (tx *Tx) UndoPayments(ctx context.Context, rows ...PaymentUndo) error {
	return insertAll(ctx, tx, "payment_undo", rows)
}

// AddProfileEvents turns conditions of listings on or off.
func (tx *Tx) AddProfileEvents(ctx context.Context, rows ...ProfileEvent) error {
	return insertAll(ctx, tx, "profile_event", rows)
}

// AddSupporters marks payers as supporters, or takes the mark back.
func (tx *Tx) AddSupporters(ctx context.Context, rows ...SupporterRow) error {
	return insertAll(ctx, tx, "supporter", rows)
}

// AddRoles gives persons roles or takes them.
func (tx *Tx) AddRoles(ctx context.Context, rows ...RoleRow) error {
	return insertAll(ctx, tx, "person_role", rows)
}

// AddDelegates stores events of delegates.
func (tx *Tx) AddDelegates(ctx context.Context, rows ...DelegateRow) error {
	return insertAll(ctx, tx, "delegate", rows)
}

// AddDismissals dismisses entries of the desk.
func (tx *Tx) AddDismissals(ctx context.Context, rows ...DismissalRow) error {
	return insertAll(ctx, tx, "desk_dismissal", rows)
}

// AddPolicies stores versions of the policy.
func (tx *Tx) AddPolicies(ctx context.Context, rows ...PolicyRow) error {
	return insertAll(ctx, tx, "policy_version", rows)
}
