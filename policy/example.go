package policy

import (
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// Example is one example of a policy file ("tests:"): the story of a member
// up to an instant, and what is wanted of it. It is asked right after a
// complete snapshot at that instant which shows the whole story, so that the
// answer is never unknown.
type Example struct {
	Name         string
	Line, Column int
	At           instant.Instant
	Want         Want

	story eligibility.Facts
}

// Want is what an example expects. What is absent is not looked at; at least
// one thing is there.
type Want struct {
	State       eligibility.State // StateNone when absent
	Rights      []WantRight       // in the fixed order of rights
	PaidThrough *WantInstant      // nil when absent
}

// WantRight expects a verdict.
type WantRight struct {
	Right eligibility.Right
	OK    bool
}

// WantInstant expects an instant; a plain date expects the day in UTC, and the
// zero instant expects never.
type WantInstant struct {
	At  instant.Instant
	Day bool
}

// Facts are the facts of the example's story, new on each call.
func (e Example) Facts() *eligibility.Facts {
	f := e.story
	f.Membership = slices.Clone(f.Membership)
	f.Links = slices.Clone(f.Links)
	f.Contributions = slices.Clone(f.Contributions)
	f.Charges = slices.Clone(f.Charges)
	f.Refunds = slices.Clone(f.Refunds)
	f.Waivers = slices.Clone(f.Waivers)
	f.Payments = slices.Clone(f.Payments)
	f.Profile = slices.Clone(f.Profile)
	f.Snapshots = slices.Clone(f.Snapshots)
	return &f
}
