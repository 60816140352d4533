package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Entry is what the audit chain holds of one thing people did. Everything in
// it is hashed and stays for ever, so it holds ids and instants only.
type Entry struct {
	// At is when; 0 stands for the transaction's known time.
	At instant.Instant
	// Actor is member.Actor.ID.
	Actor string
	// Action is a word of a closed set, such as "link" or "waive".
	Action string
	// Subject is the id of what it was done to; "" for the federation.
	Subject string
	// Payload is what else is worth keeping: anything that marshals to a JSON
	// object of ids, numbers, instants and words. nil is {}.
	Payload any
	// Reason names the text that says why; only its salted hash is chained.
	Reason TextID
}

// AuditRow is one link of the audit chain.
type AuditRow struct {
	Seq     int64           `db:"seq"`
	At      instant.Instant `db:"at"`
	Actor   string          `db:"actor"`
	Action  string          `db:"action"`
	Subject string          `db:"subject"`
	// Payload is canonical JSON: sorted keys, no spaces.
	Payload string `db:"payload"`
	Reason  TextID `db:"reason"`
	// ReasonHash is the salted SHA-256 of the reason's text, "" without one.
	ReasonHash string `db:"reason_hash"`
	Prev       string `db:"prev"`
	Hash       string `db:"hash"`
}

// AuditQuery narrows a list of audit rows; its zero value is all of them.
type AuditQuery struct {
	Subject string
	After   int64 // only rows with a greater number
	Limit   int   // 0 for no limit
}

// AuditReport is what VerifyAudit found.
type AuditReport struct {
	Rows int64
	// Head is the hash of the last row, as the head row tells it.
	Head string
	// BrokenAt is the number of the first row that does not fit; 0 when all do.
	BrokenAt int64
	// Why says what is wrong with it.
	Why string
}

// OK says that the chain is whole.
func (r AuditReport) OK() bool { return r.BrokenAt == 0 }

// Audit adds one link to the audit chain and returns its number and hash. It
// is refused in the stream Pulls: a pull never writes the chain. The head row
// is updated first, so that two writers never continue from the same end.
func (tx *Tx) Audit(ctx context.Context, e Entry) (seq int64, hash string, err error) {
	panic("unwritten")
}

// AuditRows lists links of the chain in ascending order.
func (tx *Tx) AuditRows(ctx context.Context, q AuditQuery) ([]AuditRow, error) { panic("unwritten") }

// VerifyAudit recomputes the whole chain and tells the first link that does
// not fit: a changed, missing or added row, a wrong head, or a reason whose
// text was changed (one that was erased still fits).
func (tx *Tx) VerifyAudit(ctx context.Context) (AuditReport, error) { panic("unwritten") }
