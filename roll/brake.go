package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Hold is a hold for people to read.
type Hold struct {
	ID     string
	Cause  string // a word of a closed set
	Likely string // the likely cause, in words
	SetAt  instant.Instant
	// Members are those it keeps, by name.
	Members        []HeldMember
	AcknowledgedAt instant.Instant // 0 while it stands
	AcknowledgedBy string
	Reason         string
}

// HeldMember is a member under a hold.
type HeldMember struct {
	ID   member.ID
	Name string
	// Kept is the state it keeps, Computed the one it would have now.
	Kept, Computed eligibility.State
	// Over says that the hold has ended for it: nothing is worse any more.
	Over bool
}

// Holds lists holds, the newest first; with all also those acknowledged.
func (r *Roll) Holds(ctx context.Context, all bool) ([]Hold, error) { panic("unwritten") }

// Acknowledge ends a hold for the members it still keeps: they worsen now.
func (r *Roll) Acknowledge(ctx context.Context, by By, hold string) (Report, error) {
	panic("unwritten")
}
