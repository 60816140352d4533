package store

import (
	"context"
	"strconv"
	"strings"
)

// Seen is the state of the whole database that a write transaction leaves behind. The
// zero value is none that ever comes.
//
// SQLite: how often its connection has found that another one had written, and how many
// transactions this process has begun by it. PostgreSQL: since when the server runs,
// and which transactions the next one sees: all that were over when this one began,
// and this one.
type Seen struct {
	place string
	begun int64
	run   *Run
}

// Run is what write transactions have in common between which nobody else has written
// anything, as far as Seen could tell: what one of them has read holds in the next one,
// but for what they write themselves. Nothing of a transaction that failed is in the run
// of the one after it.
type Run struct{ _ byte } // not of size zero: each is another one

// Run is the run that the transaction belongs to; nil for one that has not asked (Seen).
func (tx *Tx) Run() *Run { return tx.run }

// Seen is the state of the database once this transaction is committed. alone says
// that nobody else has written anything since a transaction before left it as it was
// seen then: whatever that one had read still holds, but for what it wrote itself. It
// is for who carries out one transaction after the other and would read the same in
// each; it may say no where nobody wrote, and never yes where somebody did. What is
// taken over so from a transaction that failed in the end is worth nothing.
func (tx *Tx) Seen(ctx context.Context, before Seen) (now Seen, alone bool, err error) {
	if now, alone, err = tx.seen(ctx, before); err != nil {
		return Seen{}, false, err
	}
	if now.run = before.run; !alone {
		now.run = &Run{}
	}
	tx.run = now.run
	return now, alone, nil
}

func (tx *Tx) seen(ctx context.Context, before Seen) (now Seen, alone bool, err error) {
	if tx.engine.dialect == sqliteDialect {
		type row struct {
			Version int64 `db:"data_version"`
		}
		r, _, err := selectOne[row](ctx, tx, `PRAGMA data_version`)
		now = Seen{place: strconv.FormatInt(r.Version, 10), begun: tx.begun}
		return now, before.place == now.place && before.begun == tx.begun-1, wrap("look whether somebody wrote", err)
	}
	type row struct {
		Server   string `db:"server"`
		Snapshot string `db:"snapshot"`
		Own      int64  `db:"own"`
	}
	r, _, err := selectOne[row](ctx, tx, `SELECT CAST(pg_postmaster_start_time() AS TEXT) AS server,
		CAST(txid_current_snapshot() AS TEXT) AS snapshot, txid_current() AS own`)
	if err != nil {
		return Seen{}, false, wrap("look whether somebody wrote", err)
	}
	if next, ok := nextSnapshot(r.Snapshot, r.Own); ok {
		now = Seen{place: r.Server + " " + next}
	}
	return now, before.place == r.Server+" "+r.Snapshot, nil
}

// nextSnapshot is what the transaction after one sees if nobody else writes: a snapshot
// is the oldest transaction that is not over, the one after the newest that is, and
// those between them that are not. ok is false where others have begun meanwhile.
func nextSnapshot(snapshot string, own int64) (next string, ok bool) {
	oldest, rest, _ := strings.Cut(snapshot, ":")
	newest, running, ok := strings.Cut(rest, ":")
	if !ok || newest != strconv.FormatInt(own, 10) {
		return "", false
	}
	after := strconv.FormatInt(own+1, 10)
	if oldest == newest {
		oldest = after
	}
	return oldest + ":" + after + ":" + running, true
}
