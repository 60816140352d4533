package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Stream is a kind of facts with a counter of its own. No transaction writes
// another stream's counter (docs/architecture.md, "Two engines, one SQL").
type Stream uint8

// The streams. NoStream is for what is no fact: outbox, settings, details.
// Decisions has no counter: each decision's own head row is one.
const (
	NoStream Stream = iota
	Pulls
	Entries
	Decisions
)

var streamNames = [...]string{"none", "pulls", "entries", "decisions"}

func (s Stream) String() string {
	if int(s) < len(streamNames) {
		return streamNames[s]
	}
	return fmt.Sprintf("stream %d", uint8(s))
}

// clockTolerance is how far a clock may be behind the newest known instant
// before the write is reported (domain.md, section 2).
const clockTolerance = time.Minute

// Options are what Open needs beside the DSN; the zero value is fine.
type Options struct {
	// Version is this program's version. It is noted in the database when the
	// schema changes, so that an older program can say which version it needs.
	Version string
	// OnLateClock is told after a committed write whose clock was more than a
	// minute behind the newest known instant. It must not use the DB.
	OnLateClock func(behind time.Duration)
	// Served is asked before the schema of a database that has one is changed: whether
	// a daemon works with it, which would go on with a schema that it does not know. Open
	// then refuses, unless the schema is the newest by then. What it gives is called when
	// the steps are over, and keeps daemons out until then where it can. nil asks nobody.
	Served func(ctx context.Context, db *DB) (release func(), served bool, err error)
	// OnStep is told of each step of a transaction when it is done, and of a commit
	// before it, too; nil is told nothing. It is for tests that kill the program at
	// each of them.
	OnStep func(Step)
}

// Step is a step of a transaction.
type Step string

// The steps.
const (
	StepStatement Step = "after a statement"
	StepCommit    Step = "before a commit"
	StepCommitted Step = "after a commit"
)

// conn is the transaction of a driver, whose statements are told of.
type conn struct {
	*sqlx.Tx
	onStep   func(Step)
	prepared *prepared
	pulse    *pulse
}

func (c conn) step(s Step) {
	c.pulse.spoke()
	if c.onStep != nil {
		c.onStep(s)
	}
}

// ExecContext runs a statement.
func (c conn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	defer c.step(StepStatement)
	return c.exec(ctx, query, args)
}

// QueryxContext runs a query. Nobody knows when its rows are read: selectRows does.
func (c conn) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	defer c.step(StepStatement)
	_ = c.pulse.stop(nil)
	return c.Tx.QueryxContext(ctx, query, args...)
}

// SelectContext reads rows.
func (c conn) SelectContext(ctx context.Context, to any, query string, args ...any) error {
	defer c.step(StepStatement)
	defer c.pulse.reading()()
	return c.Tx.SelectContext(ctx, to, query, args...)
}

// GetContext reads one value.
func (c conn) GetContext(ctx context.Context, to any, query string, args ...any) error {
	defer c.step(StepStatement)
	defer c.pulse.reading()()
	return c.Tx.GetContext(ctx, to, query, args...)
}

// Commit ends the transaction.
func (c conn) Commit() error {
	c.step(StepCommit)
	err := c.Tx.Commit()
	c.step(StepCommitted)
	return err
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine   engine
	write    *sqlx.DB
	read     *sqlx.DB
	beside   *sqlx.DB // for Tx.Beside; nil where that is the transaction itself
	queue    queue
	turn     *turn // nil where the engine keeps writers in order by itself
	where    string
	options  Options
	silence  *silence      // of the server, which ends a connection; nil where there is none
	fence    *Lease        // under which alone it writes; nil for none
	watching bool          // what Seen goes by is read with the counters
	begun    *atomic.Int64 // write transactions of this process so far
	prepared *prepared     // of the connection that writes; nil where there are several
	beat     time.Duration // how often something is said in a transaction; 0 where nobody listens
	// unordered leaves out the locks by which writers wait for each other. Only tests
	// set it, to show that nothing but order and speed rests on them.
	unordered bool
}

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.engine.name() }

// Where says which database this is, without a password; for people to read.
func (db *DB) Where() string { return db.where }

// Close ends all connections. Transactions under way are rolled back.
func (db *DB) Close() error {
	err := errors.Join(db.write.Close(), db.turn.close())
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	if db.beside != nil {
		err = errors.Join(err, db.beside.Close())
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Tx is one transaction. It ends with the function it was given to and must
// not be used from several goroutines.
type Tx struct {
	q        conn
	db       *DB // of a write transaction, for Beside; else nil
	engine   engine
	stream   Stream
	readOnly bool
	now      instant.Instant
	newest   instant.Instant
	known    instant.Instant
	order    string    // goes before the first query; "" for nothing, and once it has
	counters *Counters // as they were read first; nil before that
	before   Counters  // of a write transaction: as it found them
	onCommit []func()
	begun    int64  // which write transaction of this process it is
	state    *state // nil where it is not Watching
	run      *Run   // nil where Seen was not asked
	queries  int    // counted for the tests that bound them
}

// Known is the known time of this transaction: in a stream,
// max(clock, newest known + 1 µs), which every fact it writes carries; in
// NoStream and in a View the newest known of all that is stored, hence the
// known time by which the transaction sees things. 0 while nothing is stored.
func (tx *Tx) Known() instant.Instant { return tx.known }

// Now is the clock that the transaction was given; 0 in a View.
func (tx *Tx) Now() instant.Instant { return tx.now }

// WritesFacts says that the transaction is of a stream of facts, so that it may see
// some that are not committed: its own.
func (tx *Tx) WritesFacts() bool { return tx.stream == Pulls || tx.stream == Entries }

// Before are the counters as a write transaction found them, its own not counted: what
// was kept with the same ones, nobody has written a fact since.
func (tx *Tx) Before() Counters { return tx.before }

// OnCommit has f run once the transaction is committed, before InTx returns: for
// keeping what was read and written. It does not run where the transaction fails or
// is run again, nor where it is not known what became of it.
func (tx *Tx) OnCommit(f func()) { tx.onCommit = append(tx.onCommit, f) }

// InPull says that the transaction is of the stream of pulls.
func (tx *Tx) InPull() bool { return tx.stream == Pulls }

// InTx runs f in one serializable write transaction of the stream and commits
// when f returns nil. It bumps the stream's own counter row and fixes
// Tx.Known; NoStream bumps nothing.
//
// f may be run several times: when the database reports a conflict with
// another writer the transaction is rolled back and f begins anew on a new Tx.
// So f must be free of effects outside the transaction, must assign (not
// append to) what it hands out, and must return the errors of its statements.
// Errors of f itself come back unchanged, wrapped at most. No HTTP and no SMTP
// inside f: other writers wait for it.
func (db *DB) InTx(ctx context.Context, stream Stream, now instant.Instant, f func(*Tx) error) error {
	if err := db.queue.enter(ctx); err != nil {
		return fmt.Errorf("wait for the database: %w", err)
	}
	defer db.queue.leave()
	var late time.Duration
	err := retry(ctx, db.engine, func() error {
		var err error
		late, err = db.once(ctx, stream, now, f)
		return err
	})
	if err == nil && late > 0 && db.options.OnLateClock != nil {
		db.options.OnLateClock(late)
	}
	return err
}

// once is one attempt of InTx.
func (db *DB) once(ctx context.Context, stream Stream, now instant.Instant, f func(*Tx) error) (late time.Duration, err error) {
	q, err := db.begin(ctx)
	if err != nil {
		return 0, db.engine.explain(ctx, "begin a transaction", err)
	}
	// After a commit this is a no-op; after a failure its own error says less than the cause.
	defer func() { _ = q.Rollback() }()
	tx := &Tx{q: conn{Tx: q, onStep: db.options.OnStep, prepared: db.prepared}, db: db, engine: db.engine, stream: stream, now: now, order: db.order(stream), begun: db.begun.Load()}
	if late, err = tx.stamp(ctx); err != nil {
		return 0, db.engine.explain(ctx, "read the counters", err)
	}
	if err := db.kept(ctx, tx, f); err != nil {
		return 0, db.engine.explain(ctx, "", err)
	}
	if err := tx.fenced(ctx, db.fence); err != nil {
		return 0, db.engine.explain(ctx, "look at the lease", err)
	}
	if err := tx.q.Commit(); err != nil {
		return late, db.engine.committed(ctx, err)
	}
	for _, f := range tx.onCommit {
		f()
	}
	db.prepared.prepare(ctx, db.write)
	return late, nil
}

// kept runs f while the transaction is kept alive.
func (db *DB) kept(ctx context.Context, tx *Tx, f func(*Tx) error) error {
	most := mostBeats
	if tx.stream == Decisions { // who votes waits for it
		most = mostBeatsOfVotes
	}
	tx.q.pulse = keepAlive(ctx, tx.q.Tx, db.beat, most)
	return tx.q.pulse.stop(f(tx))
}

// begin starts a write transaction, in turn with those of other processes.
func (db *DB) begin(ctx context.Context) (*sqlx.Tx, error) {
	giveBack := db.turn.take(ctx)
	defer giveBack()
	db.begun.Add(1)
	return db.engine.begin(ctx, db.write)
}

// order is engine.order, unless a test has left it out.
func (db *DB) order(stream Stream) string {
	if db.unordered {
		return ""
	}
	return db.engine.order(stream)
}

// View runs f in one consistent read-only transaction: all its reads see the
// same state. f may be run several times.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	return retry(ctx, db.engine, func() error {
		q, err := db.engine.beginRead(ctx, db.read)
		if err != nil {
			return db.engine.explain(ctx, "begin to read", err)
		}
		defer func() { _ = q.Rollback() }()
		tx := &Tx{q: conn{Tx: q, onStep: db.options.OnStep}, engine: db.engine, readOnly: true}
		counters, err := tx.Counters(ctx)
		if err != nil {
			return db.engine.explain(ctx, "read the counters", err)
		}
		tx.newest = counters.Newest()
		tx.known = tx.newest
		return db.engine.explain(ctx, "", db.kept(ctx, tx, f))
	})
}
