package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"modernc.org/sqlite"
)

// This file holds what must differ between the engines once a database is
// open: how a transaction begins and what an error code means. Opening stands
// in open_sqlite.go and open_postgres.go.

// dialect is one of the two engines.
type dialect uint8

const (
	sqliteDialect dialect = iota
	postgresDialect
)

// engine is a dialect at a place; the place is for messages.
type engine struct {
	dialect dialect
	where   string
}

func (e engine) name() string {
	if e.dialect == postgresDialect {
		return "postgres"
	}
	return "sqlite"
}

// begin starts a serializable write transaction, in which order comes first.
//
// SQLite: every connection that writes begins IMMEDIATE (see open_sqlite.go),
// so the transaction has the only write lock from its first statement on.
func (e engine) begin(ctx context.Context, db *sqlx.DB) (*sqlx.Tx, error) {
	if e.dialect == sqliteDialect {
		return db.BeginTxx(ctx, nil)
	}
	return db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
}

// order is what a stream's transaction does before it sees anything, to stand before
// its first query: nothing, or a statement that goes to the server with that one.
//
// PostgreSQL: a stream first waits for the other's transaction. Without that,
// a pull and an entry that overlap read each other's counter, so one of them
// would always be aborted, and the long one (the pull) would lose each time.
// LOCK TABLE comes before the first query, hence before the snapshot is taken, also
// where one message holds both.
// Known times then follow the order of commits. NoStream reads the counters
// only, and waits for nobody. Decisions wait for each other in the same way and
// for nobody else: else of many who vote at once each would abort all the others.
// Order and speed alone rest on these locks (TestNothingButOrderRestsOnLocks).
func (e engine) order(stream Stream) string {
	if e.dialect == sqliteDialect || stream == NoStream {
		return ""
	}
	table := "counter"
	if stream == Decisions {
		table = "decision_head"
	}
	return `LOCK TABLE ` + table + ` IN SHARE ROW EXCLUSIVE MODE; `
}

// shared ends a query whose rows nobody may change before the transaction is over.
// In SQLite nobody may anyway.
func (e engine) shared() string {
	if e.dialect == postgresDialect {
		return " FOR SHARE"
	}
	return ""
}

// beginRead starts a consistent read-only transaction. Known times follow the
// order of commits, so a snapshot is enough: no reader ever aborts a writer.
func (e engine) beginRead(ctx context.Context, db *sqlx.DB) (*sqlx.Tx, error) {
	if e.dialect == sqliteDialect {
		return db.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true})
	}
	return db.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
}

// SQLite's primary result codes, which are the lowest byte of what it returns.
const (
	sqliteBusy      = 5
	sqliteLocked    = 6
	sqliteReadOnly  = 8
	sqliteInterrupt = 9
	sqliteIOErr     = 10
	sqliteCorrupt   = 11
	sqliteFull      = 13
	sqliteCantOpen  = 14
	sqliteConstrain = 19
	sqliteAuth      = 23
	sqliteNotADB    = 26
)

// chainKeys are the keys on which two writers of one chain collide. PostgreSQL
// often tells such a conflict as a duplicate key, not as a serialization
// failure.
var chainKeys = []string{"audit_pkey", "audit_prev_key", "audit_hash_key", "ledger_pkey", "lease_pkey",
	"decision_entry_pkey", "decision_entry_decision_prev_key", "decision_entry_hash_key", "decision_head_number"}

// readsRoom is the setting that PostgreSQL names when it can remember no more of what
// transactions at once have read. It forgets when the longest of them is over: where
// people vote while a large pull is written, that is the pull (docs/deploy.md).
const readsRoom = "max_pred_locks_per_transaction"

// lockTimeout is PostgreSQL's code for a lock that others kept for too long.
const lockTimeout = "55P03"

// noRoom says whether that is what PostgreSQL was short of.
func noRoom(p *pq.Error) bool { return p.Code == "53200" && strings.Contains(p.Hint, readsRoom) }

// conflict says that the transaction lost against another one and may be run
// again.
func (e engine) conflict(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		code := lite.Code() & 0xff
		return code == sqliteBusy || code == sqliteLocked
	}
	if p, ok := errors.AsType[*pq.Error](err); ok {
		switch p.Code {
		case "40001", "40P01", lockTimeout: // serialization, deadlock
			return true
		case "23505":
			return slices.Contains(chainKeys, p.Constraint)
		}
		return noRoom(p)
	}
	return false
}

// constraint says that a row broke a check or key of the schema.
func (e engine) constraint(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqliteConstrain
	}
	if p, ok := errors.AsType[*pq.Error](err); ok {
		return p.Code.Class() == "23"
	}
	return false
}

// SQLite's codes for a value that cannot be stored: one that is too long, or breaks a
// check of the schema, or is absent.
const (
	sqliteTooBig  = 18
	sqliteCheck   = sqliteConstrain | 1<<8
	sqliteNotNull = sqliteConstrain | 5<<8
)

// Unfit says that an error is about what was to be written or looked for, such as a text
// with a NUL on PostgreSQL: not about the database, nor about anybody who writes at the
// same time. The same again fails in the same way.
func Unfit(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return slices.Contains([]int{sqliteTooBig, sqliteCheck, sqliteNotNull}, lite.Code())
	}
	if p, ok := errors.AsType[*pq.Error](err); ok {
		class := p.Code.Class() // 22: no value of its type; 54: longer than an index takes
		return class == "22" || class == "54" || p.Code == "23514" || p.Code == "23502"
	}
	return false
}

// explain turns an error of the engine into what the caller can act on: the
// context's own error where that ended the statement, a *Fault where the
// operator can help, and otherwise the error with the operation in front.
func (e engine) explain(ctx context.Context, operation string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && e.interrupted(err) {
		err = fmt.Errorf("%w (%w)", cause, err)
	} else if f := e.fault(err); f != nil {
		err = f
	}
	if operation != "" {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return err
}

// interrupted says that a statement was given up; lib/pq does not say why.
func (e engine) interrupted(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqliteInterrupt
	}
	if p, ok := errors.AsType[*pq.Error](err); ok {
		return p.Code == "57014"
	}
	return errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone)
}

// fault is what the operator can do about an error of the engine; nil when it
// is none of those.
func (e engine) fault(err error) *Fault {
	if _, ok := errors.AsType[*Fault](err); ok {
		return nil // explained already
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.sqliteFault(lite.Code()&0xff, err)
	}
	if p, ok := errors.AsType[*pq.Error](err); ok {
		if f := e.postgresFault(p, err); f != nil {
			return f
		}
	}
	if h, ok := errors.AsType[*hush](err); ok {
		return h.fault(e.where, err)
	}
	if e.gone(err) {
		return &Fault{Unreachable, fmt.Sprintf("the database %s does not answer: start it, or wait until it is back; nothing was written", e.where), err}
	}
	return nil
}

// gone says that the server cannot be reached, or went away.
func (e engine) gone(err error) bool {
	if p, ok := errors.AsType[*pq.Error](err); ok {
		return p.Code.Class() == "08" || p.Code == "57P01" || p.Code == "57P02" || p.Code == "57P03" || p.Code == "25P03" // connection; shut down, crashed, starting; this program stood still
	}
	_, broken := errors.AsType[*net.OpError](err)
	return broken || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// committed explains the error of a commit. A server that goes away then may
// have carried it out.
func (e engine) committed(ctx context.Context, err error) error {
	if err != nil && e.gone(err) {
		err = &Fault{Unsure, fmt.Sprintf("the database %s went away while it was written: whether that was done is not known; look before you do it again", e.where), err}
	}
	return e.explain(ctx, "commit", err)
}

func (e engine) sqliteFault(code int, err error) *Fault {
	switch code {
	case sqliteFull:
		return &Fault{DiskFull, fmt.Sprintf("no room is left on the disk that holds the database %s: free some space and try again; nothing was lost", e.where), err}
	case sqliteReadOnly:
		return &Fault{ReadOnlyStore, fmt.Sprintf("the database %s takes no writes: give the user that runs goodstanding the right to write the file and its folder", e.where), err}
	case sqliteCantOpen, sqliteAuth:
		return &Fault{NoFolder, fmt.Sprintf("the database %s cannot be opened: give the user that runs goodstanding the right to read and write the file and its folder", e.where), err}
	case sqliteNotADB:
		return &Fault{NotADatabase, fmt.Sprintf("%s is not a SQLite database: name another file in GOODSTANDING_DATABASE, or move this one away", e.where), err}
	case sqliteCorrupt:
		return &Fault{NotADatabase, fmt.Sprintf("the database %s is damaged: stop goodstanding, keep the file, and restore the last backup", e.where), err}
	case sqliteIOErr:
		return &Fault{Unreachable, fmt.Sprintf("the disk that holds the database %s reports an error: check the disk and its mount; nothing was written", e.where), err}
	}
	return nil
}

func (e engine) postgresFault(p *pq.Error, err error) *Fault {
	switch p.Code {
	case "53100":
		return &Fault{DiskFull, fmt.Sprintf("no room is left on the disk of the database %s: free some space and try again; nothing was lost", e.where), err}
	case "25006":
		return &Fault{ReadOnlyStore, fmt.Sprintf("the database %s takes no writes: name the primary server, not a standby (target_session_attrs=read-write)", e.where), err}
	case "42501":
		return &Fault{ReadOnlyStore, fmt.Sprintf("the database %s refuses goodstanding's user: grant it all rights on a schema of its own", e.where), err}
	case "28P01", "28000":
		return &Fault{Unreachable, fmt.Sprintf("the database %s refuses the user or password: check both in GOODSTANDING_DATABASE", e.where), err}
	case "3D000":
		return &Fault{Unreachable, fmt.Sprintf("there is no database %s: create it first, owned by goodstanding's user", e.where), err}
	}
	return nil
}

// affected is the number of rows a statement added or changed.
func affected(r sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}
