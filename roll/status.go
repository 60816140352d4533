package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
)

// Status is the whole state on one screen.
type Status struct {
	At         instant.Instant
	Collective string // slug as last seen; "" before the first snapshot
	Name       string
	Currency   string
	Snapshot   int64           // number of the last complete one; 0 for none
	AsOf       instant.Instant // its start
	Stale      bool
	LastPull   PullInfo
	// Dues is the rule in words with £10.00.
	Dues      []string
	Policy    policy.Version
	PolicyErr string // a policy fault in words; "" for none
	Members   int
	States    map[eligibility.State]int
	Unmatched []Payer
	// NoDelegate names the members nobody can vote for.
	NoDelegate      []string
	Supporters      int
	NoticesStarted  bool
	Notices         map[string]int64 // by state
	Holds           []Hold           // those that stand
	NextChange      instant.Instant  // the earliest changes_at; 0 for none
	NextChangeNames []string
	LateClocks      int64
	Treasurers      int
	// ProvidersPublished says that the provider list is public.
	ProvidersPublished bool
	// ToDo are the next steps, each a sentence with its command.
	ToDo []string
}

// PullInfo is the last attempt to read Open Collective.
type PullInfo struct {
	At       instant.Instant // 0: never tried
	Outcome  string          // "complete", or the class of what went wrong
	Detail   string
	Requests int
}

// Status reads the whole state.
func (r *Roll) Status(ctx context.Context) (Status, error) { panic("unwritten") }
