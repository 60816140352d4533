package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
)

// Each decision has a hash chain of its own (docs/architecture.md, "chains").
// What its entries mean is the chair's to say; here they are rows that follow
// each other.

// DecisionRow is a decision, as it was begun.
type DecisionRow struct {
	ID string `db:"id"`
	// Zone is the time zone in which its deadlines are dates.
	Zone string `db:"zone"`
	// Secret makes the words by which its public entries tell members apart, 64
	// hexadecimal digits; it is never published.
	Secret string `db:"secret"`
}

// DecisionHead is the end of a decision's chain, and what it stands at.
type DecisionHead struct {
	Decision string          `db:"decision"`
	Seq      int64           `db:"seq"`
	At       instant.Instant `db:"at"`
	Number   int64           `db:"number"` // 0 before it is opened
	State    string          `db:"state"`
	// Due is the instant of its deadline while it is open; else 0.
	Due  instant.Instant `db:"due"`
	Hash string          `db:"hash"`
}

// DecisionEntry is one link of a decision's chain.
type DecisionEntry struct {
	Decision string          `db:"decision"`
	Seq      int64           `db:"seq"`
	At       instant.Instant `db:"at"`
	Kind     string          `db:"kind"`
	Number   int64           `db:"number"`
	State    string          `db:"state"`
	Due      instant.Instant `db:"due"`
	// Public and Private are canonical JSON: sorted keys, no spaces.
	Public  string `db:"public"`
	Private string `db:"private"`
	Salt    string `db:"salt"`
	Prev    string `db:"prev"`
	Hash    string `db:"hash"`
}

// PrivateHash is what the chain holds of the private part: the SHA-256 of salt,
// line feed and part.
func (e *DecisionEntry) PrivateHash() string {
	sum := sha256.Sum256([]byte(e.Salt + "\n" + e.Private))
	return hex.EncodeToString(sum[:])
}

// link is the entry's hash: SHA-256 over everything else, each part preceded by
// its length, so that no two entries read the same.
func (e *DecisionEntry) link() string {
	return chainHash("goodstanding decision 1", e.Prev, e.Decision, strconv.FormatInt(e.Seq, 10), strconv.FormatInt(int64(e.At), 10), e.Kind,
		strconv.FormatInt(e.Number, 10), e.State, strconv.FormatInt(int64(e.Due), 10), e.Public, e.PrivateHash())
}

// chainHash is the SHA-256 over parts, each preceded by its length, in hexadecimal.
func chainHash(parts ...string) string {
	n := 0
	for _, part := range parts {
		n += len(part) + 8
	}
	text := make([]byte, 0, n)
	for _, part := range parts {
		text = append(strconv.AppendInt(text, int64(len(part)), 10), ':')
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// AddDecision begins a decision, with a secret of its own and without an entry.
func (tx *Tx) AddDecision(ctx context.Context, id, zone string) (DecisionRow, error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	row := DecisionRow{ID: id, Zone: zone, Secret: hex.EncodeToString(secret)}
	if err := insertOne(ctx, tx, "decision", row); err != nil {
		return DecisionRow{}, err
	}
	return row, insertOne(ctx, tx, "decision_head", DecisionHead{Decision: id, Hash: chainStart})
}

// LockDecision takes a decision for this transaction: nobody else casts in it,
// closes or amends it meanwhile. It comes before everything that is read of it.
func (tx *Tx) LockDecision(ctx context.Context, id string) (head DecisionHead, ok bool, err error) {
	heads, err := tx.LockDecisions(ctx, id)
	if err != nil || len(heads) == 0 {
		return head, false, err
	}
	return heads[0], true, nil
}

// LockDecisions is LockDecision for several; those that are not there are left out. Their
// rows are written and not read: what a serializable transaction has read PostgreSQL remembers.
func (tx *Tx) LockDecisions(ctx context.Context, ids ...string) ([]DecisionHead, error) {
	if err := tx.mayWrite("decision_entry"); err != nil {
		return nil, fmt.Errorf("lock a decision: %w", err)
	}
	heads, err := selectRows[DecisionHead](ctx, tx, `UPDATE decision_head SET seq = seq WHERE decision IN (`+placeholders(len(ids))+`) RETURNING `+names[DecisionHead](""), asArgs(ids)...)
	return heads, wrap("lock a decision", err)
}

// Chained are entries that follow the end of a decision's chain, before they are
// stored.
type Chained struct {
	Head    DecisionHead // the chain's end with them
	Entries []DecisionEntry
}

// Chain makes the entries that follow the end of a decision's chain. Of each entry
// Kind, At, Number, State, Due, Public and Private are given, the parts as anything
// that marshals to a JSON object.
func Chain(head DecisionHead, entries ...NewDecisionEntry) (Chained, error) {
	out := Chained{head, make([]DecisionEntry, len(entries))}
	for i, n := range entries {
		e, err := n.row()
		if err != nil {
			return out, fmt.Errorf("add to a decision: %w", err)
		}
		e.Decision, e.Seq, e.Prev = out.Head.Decision, out.Head.Seq+1, out.Head.Hash
		e.Hash = e.link()
		out.Entries[i] = e
		out.Head = DecisionHead{Decision: e.Decision, Seq: e.Seq, At: e.At, Number: e.Number, State: e.State, Due: e.Due, Hash: e.Hash}
	}
	return out, nil
}

// AppendDecisions stores what follows the ends of locked decisions, and moves these.
func (tx *Tx) AppendDecisions(ctx context.Context, all ...Chained) error {
	var entries []DecisionEntry
	var heads []DecisionHead
	for _, c := range all {
		entries, heads = append(entries, c.Entries...), append(heads, c.Head)
	}
	if err := insertAll(ctx, tx, "decision_entry", entries); err != nil {
		return err
	}
	_, err := insert(ctx, tx, "decision_head", upsert("decision", "seq", "at", "number", "state", "due", "hash"), heads)
	return wrap("add to a decision", err)
}

// NewDecisionEntry is an entry before it has a place in its chain.
type NewDecisionEntry struct {
	At              instant.Instant
	Kind            string
	Number          int64
	State           string
	Due             instant.Instant
	Public, Private any
}

func (n *NewDecisionEntry) row() (DecisionEntry, error) {
	e := DecisionEntry{At: n.At, Kind: n.Kind, Number: n.Number, State: n.State, Due: n.Due}
	var err1, err2 error
	e.Public, err1 = canonicalJSON(n.Public)
	e.Private, err2 = canonicalJSON(n.Private)
	salt := make([]byte, 16)
	rand.Read(salt)
	e.Salt = hex.EncodeToString(salt)
	return e, errors.Join(err1, err2)
}

// Decision is one decision; ok is false when there is none with that id.
func (tx *Tx) Decision(ctx context.Context, id string) (row DecisionRow, ok bool, err error) {
	row, ok, err = selectOne[DecisionRow](ctx, tx, `SELECT `+names[DecisionRow]("")+` FROM decision WHERE id = $1`, id)
	return row, ok, wrap("read a decision", err)
}

// DecisionHeads are the ends of all chains: by number, then, of those without
// one, the newest first.
func (tx *Tx) DecisionHeads(ctx context.Context) ([]DecisionHead, error) {
	rows, err := selectRows[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head ORDER BY number, at DESC, decision`)
	return rows, wrap("read the decisions", err)
}

// DecisionHead is the end of a decision's chain; ok is false for one that is not there.
func (tx *Tx) DecisionHead(ctx context.Context, id string) (head DecisionHead, ok bool, err error) {
	head, ok, err = selectOne[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head WHERE decision = $1`, id)
	return head, ok, wrap("read a decision", err)
}

// DecisionMark tells two states of the decisions apart, cheaply enough to be
// polled: it moves with every entry of any chain.
type DecisionMark struct {
	Chains  int64 `db:"chains"`
	Entries int64 `db:"entries"`
}

// DecisionMark is that of all chains.
func (tx *Tx) DecisionMark(ctx context.Context) (DecisionMark, error) {
	m, _, err := selectOne[DecisionMark](ctx, tx, `SELECT count(*) AS chains, CAST(coalesce(sum(seq), 0) AS BIGINT) AS entries FROM decision_head`)
	return m, wrap("read the decisions", err)
}

// MarkOf is the mark of all chains by their ends.
func MarkOf(heads []DecisionHead) DecisionMark {
	m := DecisionMark{Chains: int64(len(heads))}
	for _, h := range heads {
		m.Entries += h.Seq
	}
	return m
}

// DecisionNumbered is the end of the chain of the decision with that number.
func (tx *Tx) DecisionNumbered(ctx context.Context, number int64) (head DecisionHead, ok bool, err error) {
	head, ok, err = selectOne[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head WHERE number = $1 AND number > 0`, number)
	return head, ok, wrap("read a decision", err)
}

// NextDecisionNumber is one above the highest that was ever given.
func (tx *Tx) NextDecisionNumber(ctx context.Context) (int64, error) {
	head, _, err := selectOne[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head ORDER BY number DESC LIMIT 1`)
	return head.Number + 1, wrap("number a decision", err)
}

// DueDecisions are those whose deadline is past by now, the earliest first.
func (tx *Tx) DueDecisions(ctx context.Context, now instant.Instant) ([]DecisionHead, error) {
	rows, err := selectRows[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head WHERE due > 0 AND due <= $1 ORDER BY due, decision`, int64(now))
	return rows, wrap("read the decisions that are due", err)
}

// Outlook is what whoever acts on decisions looks at before the transaction.
type Outlook struct {
	// Due counts the decisions whose deadline is past.
	Due int64 `db:"due"`
	// NoticesOn says whether there is SettingNotices, and Notices what it says.
	NoticesOn bool   `db:"notices_on"`
	Notices   string `db:"notices"`
}

// Outlook reads it as it is by now, in one statement and no transaction, by a connection
// that who waits for it in a transaction gets: those of besideConns.
func (db *DB) Outlook(ctx context.Context, now instant.Instant) (o Outlook, err error) {
	pool := db.beside
	if pool == nil {
		pool = db.read
	}
	err = retry(ctx, db.engine, func() error {
		err := pool.GetContext(ctx, &o, `SELECT (SELECT count(*) FROM decision_head WHERE due > 0 AND due <= $1) AS due, count(*) AS notices_on, coalesce(max(value), '') AS notices
			FROM setting WHERE name = $2`, int64(now), SettingNotices)
		return db.engine.explain(ctx, "look at what is due", err)
	})
	return o, err
}

// NextDue is the earliest deadline after an instant of an open decision; 0 for none.
func (tx *Tx) NextDue(ctx context.Context, after instant.Instant) (instant.Instant, error) {
	head, _, err := selectOne[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head WHERE due > $1 ORDER BY due, decision LIMIT 1`, int64(after))
	return head.Due, wrap("read the next deadline", err)
}

// EarliestOpening is when the one of all decisions that are not over was opened
// that was opened first; 0 where none runs. Reopening opens one that was
// imported, and escalating a small one that was only logged.
func (tx *Tx) EarliestOpening(ctx context.Context) (instant.Instant, error) {
	return tx.opening(ctx, `ORDER BY e.at`)
}

// LatestOpening is when one of them was opened, escalated or reopened last, by the
// clock of whoever did that; 0 where none runs.
func (tx *Tx) LatestOpening(ctx context.Context) (instant.Instant, error) {
	return tx.opening(ctx, `ORDER BY e.at DESC`)
}

func (tx *Tx) opening(ctx context.Context, order string) (instant.Instant, error) {
	e, _, err := selectOne[DecisionEntry](ctx, tx, `SELECT `+names[DecisionEntry]("e.")+` FROM decision_entry e JOIN decision_head h ON h.decision = e.decision
WHERE e.kind IN ($1, $2, $3) AND h.state IN ($4, $5, $6) `+order+` LIMIT 1`,
		string(decisions.Open), string(decisions.Reopen), string(decisions.Escalate), string(decisions.Opened), string(decisions.Overdue), string(decisions.Stalled))
	return e.At, wrap("read what is open", err)
}

// OverdueSince is since when the decision is past its deadline that is so for longest,
// whether that was written down or nobody has closed it yet; 0 while none is.
func (tx *Tx) OverdueSince(ctx context.Context, now instant.Instant) (instant.Instant, error) {
	e, _, err := selectOne[DecisionEntry](ctx, tx, `SELECT `+names[DecisionEntry]("e.")+` FROM decision_entry e JOIN decision_head h ON h.decision = e.decision
WHERE h.state = $1 AND e.state = $1 AND NOT EXISTS (SELECT 1 FROM decision_entry f WHERE f.decision = e.decision AND f.seq > e.seq AND f.state <> $1)
ORDER BY e.at, e.seq LIMIT 1`, string(decisions.Overdue))
	if err != nil {
		return 0, fmt.Errorf("read what is overdue: %w", err)
	}
	due, err := tx.NextDue(ctx, 0)
	if due > 0 && due <= now && (e.At == 0 || due < e.At) {
		return due, err
	}
	return e.At, err
}

// DecisionEntries is a decision's chain from its beginning.
func (tx *Tx) DecisionEntries(ctx context.Context, id string) ([]DecisionEntry, error) {
	return tx.DecisionEntriesAfter(ctx, id, 0)
}

// DecisionEntriesAfter is the part of a decision's chain that follows an entry.
func (tx *Tx) DecisionEntriesAfter(ctx context.Context, id string, seq int64) ([]DecisionEntry, error) {
	rows, err := selectRows[DecisionEntry](ctx, tx, `SELECT `+names[DecisionEntry]("")+` FROM decision_entry WHERE decision = $1 AND seq > $2 ORDER BY seq`, id, seq)
	return rows, wrap("read a decision", err)
}

// ChainReport is what VerifyDecision found.
type ChainReport struct {
	Decision string
	Number   int64
	Entries  int64
	Head     string
	// BrokenAt is the number of the first entry that does not fit, Why what is
	// wrong with it; 0 when all fit.
	BrokenAt int64
	Why      string
}

// OK says that the chain is whole.
func (r ChainReport) OK() bool { return r.BrokenAt == 0 }

// VerifyDecision recomputes a decision's chain and tells the first entry that
// does not fit: a changed, missing or added one, or a wrong end.
func (tx *Tx) VerifyDecision(ctx context.Context, id string) (ChainReport, error) {
	head, ok, err := selectOne[DecisionHead](ctx, tx, `SELECT `+names[DecisionHead]("")+` FROM decision_head WHERE decision = $1`, id)
	if err != nil {
		return ChainReport{}, fmt.Errorf("verify a decision: %w", err)
	}
	entries, err := tx.DecisionEntries(ctx, id)
	if err != nil {
		return ChainReport{}, err
	}
	r := ChainReport{Decision: id, Number: head.Number, Head: head.Hash, Entries: int64(len(entries))}
	broken := func(at int64, why string) (ChainReport, error) {
		r.BrokenAt, r.Why = at, why
		return r, nil
	}
	if !ok {
		return broken(1, "its head row is missing")
	}
	prev := chainStart
	for i := range entries {
		e, want := &entries[i], int64(i+1)
		switch {
		case e.Seq != want:
			return broken(want, fmt.Sprintf("entry %d is missing", want))
		case e.Prev != prev:
			return broken(want, "it does not follow the entry before")
		case e.link() != e.Hash:
			return broken(want, "its content does not fit its hash")
		}
		prev = e.Hash
	}
	last := DecisionHead{Decision: id, Hash: chainStart}
	if n := len(entries); n > 0 {
		e := entries[n-1]
		last = DecisionHead{Decision: id, Seq: e.Seq, At: e.At, Number: e.Number, State: e.State, Due: e.Due, Hash: e.Hash}
	}
	switch {
	case head.Seq > last.Seq:
		return broken(last.Seq+1, fmt.Sprintf("entry %d is missing", last.Seq+1))
	case head != last:
		return broken(max(last.Seq, 1), "the head row names another end")
	}
	return r, nil
}
