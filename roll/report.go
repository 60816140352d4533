package roll

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Transition is one change of a member's standing, at its own instant.
type Transition struct {
	Member   member.ID
	Name     string
	At       instant.Instant
	From, To eligibility.State // From is StateNone for a first assessment
	Changes  []eligibility.Change
	Why      string // the reasons, in words
	Reasons  []eligibility.Reason
}

// Report is what a change or a snapshot did to the roll.
type Report struct {
	// Transitions are in order of instant, then name.
	Transitions []Transition
	// Hold is the id of the hold that this snapshot set; "" for none.
	Hold string
	// Held counts the members it keeps.
	Held int
	// Acknowledged is the hold that this change ended; nil for none.
	Acknowledged *Hold
	// Notices counts the notices that were written, by kind.
	Notices map[string]int
}

// SnapshotInfo is what the syncer tells about the snapshot it has just stored
// in the same transaction.
type SnapshotInfo struct {
	Number int64
	Start  instant.Instant
	// Previous is the start of the complete snapshot before it; 0 for the first.
	Previous instant.Instant
	// Currency is what the collective is kept in now.
	Currency string
	// Unknown are upstream's words in it that this version does not know, each
	// after what it is: "status:NEW_WORD", "frequency:" for null.
	Unknown []string
}
