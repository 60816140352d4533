package store

import (
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

// Watching is the same database for who carries out one transaction after the other and
// would read the same in each: its transactions know what Seen goes by, which they read
// together with the counters.
func (db *DB) Watching() *DB {
	watching := *db
	watching.watching = true
	return &watching
}

// Seen is the state of the database once this transaction is committed. alone says
// that nobody else has written anything since a transaction before left it as it was
// seen then: whatever that one had read still holds, but for what it wrote itself. It
// may say no where nobody wrote, as in a database that is not Watching, and never yes
// where somebody did. What is taken over so from a transaction that failed in the end is
// worth nothing.
func (tx *Tx) Seen(before Seen) (now Seen, alone bool) {
	s := tx.state
	if s == nil {
		return Seen{}, false
	}
	if tx.engine.dialect == sqliteDialect {
		now = Seen{place: s.Snapshot, begun: tx.begun}
		alone = before.place == s.Snapshot && before.begun == tx.begun-1
	} else {
		if next, ok := nextSnapshot(s.Snapshot, s.Own); ok {
			now.place = s.Server + " " + next
		}
		alone = before.place == s.Server+" "+s.Snapshot
	}
	if now.run = before.run; !alone {
		now.run = &Run{}
	}
	tx.run = now.run
	return now, alone
}

// state is what Seen goes by.
type state struct {
	Server   string `db:"server"`   // since when the server runs; "" on SQLite
	Snapshot string `db:"snapshot"` // which transactions are seen; on SQLite a number that others move
	Own      int64  `db:"own"`      // the number of the transaction, from here on; 0 on SQLite
}

// state are the columns of a state.
func (e engine) state() string {
	if e.dialect == sqliteDialect {
		return `'' AS server, (SELECT CAST(data_version AS TEXT) FROM pragma_data_version) AS snapshot, 0 AS own`
	}
	return `CAST(pg_postmaster_start_time() AS TEXT) AS server, CAST(txid_current_snapshot() AS TEXT) AS snapshot, txid_current() AS own`
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
