package store

import "slices"

// logTable is a table that is only ever inserted into.
type logTable struct {
	name string
	// key is the order in which its rows are exported; it is unique.
	key string
	// streams may write it.
	streams []Stream
}

var (
	byPulls   = []Stream{Pulls}
	byEntries = []Stream{Entries}
	byBoth    = []Stream{Pulls, Entries}
	// What a decision does to the register when it passes is entered in the same
	// transaction.
	byDecisions = []Stream{Decisions, Entries}
)

// logTables are the tables of the log in an order in which they can be filled:
// what is referred to comes first. The ledger is append-only, too, but belongs
// to the notices and not to the log (see ExportLog).
var logTables = []logTable{
	{"pull", "id", byPulls},
	{"snapshot", "number", byPulls},
	{"account_obs", "id, snapshot", byPulls},
	{"contribution_obs", "id, snapshot", byPulls},
	{"contribution_missing", "contribution, snapshot", byPulls},
	{"elsewhere_obs", "id, snapshot", byPulls},
	{"charge", "id", byPulls},
	{"charge_payer", "charge", byPulls},
	{"coverage", "charge", byPulls},
	{"charge_obs", "charge, snapshot", byPulls},
	{"refund", "id", byPulls},
	{"member", "id", byEntries},
	{"membership_event", "id", byEntries},
	{"membership_void", "event", byEntries},
	{"link", "id", byEntries},
	{"link_end", "link, known", byEntries},
	{"waiver", "id", byEntries},
	{"waiver_end", "waiver, known", byEntries},
	{"payment", "id", byEntries},
	{"payment_undo", "payment", byEntries},
	{"profile_event", "id", byEntries},
	{"supporter", "id", byEntries},
	{"merge", "loser", byEntries},
	{"person_role", "id", byEntries},
	{"delegate", "id", byEntries},
	{"policy_version", "id", byEntries},
	{"hold", "id", byBoth},
	{"hold_member", "hold, member", byBoth},
	{"hold_ack", "hold", byEntries},
	{"desk_dismissal", "id", byEntries},
	{"audit", "seq", byEntries},
	{"decision", "id", byDecisions},
	{"decision_entry", "decision, seq", byDecisions},
	{"standing", "member, known, at", byBoth},
	{"standing_mended", "member, at, mends, known", byEntries},
}

// mayWrite refuses facts in a transaction of another stream, and any write in
// a View.
func (tx *Tx) mayWrite(table string) error {
	if tx.readOnly {
		return ErrWrongStream
	}
	for _, t := range logTables {
		if t.name == table && !slices.Contains(t.streams, tx.stream) {
			return ErrWrongStream
		}
	}
	return nil
}
