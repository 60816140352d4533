package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
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

// chainStart is what the first row follows.
var chainStart = strings.Repeat("0", 2*sha256.Size)

type auditHead struct {
	Seq  int64  `db:"seq"`
	Hash string `db:"hash"`
}

// Audit adds one link to the audit chain and returns its number and hash. It
// is refused in the stream Pulls: a pull never writes the chain. The head row
// is updated first, so that two writers never continue from the same end.
func (tx *Tx) Audit(ctx context.Context, e Entry) (seq int64, hash string, err error) {
	if err := tx.mayWrite("audit"); err != nil {
		return 0, "", fmt.Errorf("add to the audit chain: %w", err)
	}
	row, err := tx.auditRow(ctx, e)
	if err != nil {
		return 0, "", fmt.Errorf("add to the audit chain: %w", err)
	}
	head, ok, err := selectOne[auditHead](ctx, tx, `UPDATE audit_head SET seq = seq + 1 WHERE one = 1 RETURNING seq, hash`)
	if err != nil || !ok {
		return 0, "", fmt.Errorf("add to the audit chain: %w", errors.Join(err, missingHead(ok)))
	}
	row.Seq, row.Prev = head.Seq, head.Hash
	row.Hash = row.link()
	if err := insertOne(ctx, tx, "audit", row); err != nil {
		return 0, "", err
	}
	if _, err := tx.q.ExecContext(ctx, `UPDATE audit_head SET hash = $1 WHERE one = 1`, row.Hash); err != nil {
		return 0, "", fmt.Errorf("add to the audit chain: %w", err)
	}
	return row.Seq, row.Hash, nil
}

func missingHead(ok bool) error {
	if ok {
		return nil
	}
	return errors.New("its head row is missing: the database was changed by hand")
}

// auditRow is the entry without its place in the chain.
func (tx *Tx) auditRow(ctx context.Context, e Entry) (AuditRow, error) {
	payload, err := canonicalJSON(e.Payload)
	if err != nil {
		return AuditRow{}, err
	}
	row := AuditRow{At: e.At, Actor: e.Actor, Action: e.Action, Subject: e.Subject, Payload: payload, Reason: e.Reason}
	if row.At == 0 {
		row.At = tx.known
	}
	if e.Reason == "" {
		return row, nil
	}
	text, ok, err := selectOne[textRow](ctx, tx, `SELECT id, salt, body FROM text WHERE id = $1`, string(e.Reason))
	if err != nil {
		return AuditRow{}, err
	}
	if !ok {
		return AuditRow{}, fmt.Errorf("there is no text %s to be the reason", e.Reason)
	}
	row.ReasonHash = text.hash()
	return row, nil
}

// link is the row's hash: SHA-256 over every other column, each preceded by
// its length, so that no two rows read the same.
func (r AuditRow) link() string {
	return chainHash("goodstanding audit 1", r.Prev, strconv.FormatInt(r.Seq, 10), strconv.FormatInt(int64(r.At), 10),
		r.Actor, r.Action, r.Subject, r.Payload, string(r.Reason), r.ReasonHash)
}

// AuditRows lists links of the chain in ascending order.
func (tx *Tx) AuditRows(ctx context.Context, q AuditQuery) ([]AuditRow, error) {
	limit := int64(q.Limit)
	if limit <= 0 {
		limit = math.MaxInt64
	}
	rows, err := selectRows[AuditRow](ctx, tx, `SELECT `+names[AuditRow]("")+` FROM audit
		WHERE seq > $1 AND ($2 = '' OR subject = $2) ORDER BY seq LIMIT $3`, q.After, q.Subject, limit)
	return rows, wrap("read the audit chain", err)
}

// AuditCount counts the links of the chain that an actor made, and those about a
// subject.
func (tx *Tx) AuditCount(ctx context.Context, actor, subject string) (by, about int64, err error) {
	type row struct {
		By    int64 `db:"done_by"`
		About int64 `db:"done_to"`
	}
	n, _, err := selectOne[row](ctx, tx, `SELECT (SELECT count(*) FROM audit WHERE actor = $1) AS done_by, (SELECT count(*) FROM audit WHERE subject = $2) AS done_to`, actor, subject)
	return n.By, n.About, wrap("count the audit chain", err)
}

// AuditHead is the end of the audit chain: the number and the hash of its last
// row; 0 and "" for an empty one.
func (tx *Tx) AuditHead(ctx context.Context) (seq int64, hash string, err error) {
	head, ok, err := selectOne[auditHead](ctx, tx, `SELECT seq, hash FROM audit_head WHERE one = 1`)
	if err == nil && !ok {
		err = missingHead(ok)
	}
	return head.Seq, head.Hash, wrap("read the end of the audit chain", err)
}

// Visits says when each person signed in last, of those who ever did; action is the
// chain's word for that.
func (tx *Tx) Visits(ctx context.Context, action string) (map[member.PersonID]instant.Instant, error) {
	type visit struct {
		Subject string          `db:"subject"`
		At      instant.Instant `db:"at"`
	}
	rows, err := selectRows[visit](ctx, tx, `SELECT subject, max(at) AS at FROM audit WHERE action = $1 GROUP BY subject`, action)
	out := make(map[member.PersonID]instant.Instant, len(rows))
	for _, r := range rows {
		out[member.PersonID(r.Subject)] = r.At
	}
	return out, wrap("read who signed in", err)
}
