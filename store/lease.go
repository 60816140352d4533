package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"

	"coopcloud.tech/goodstanding/internal/instant"
)

// A lease is what one process has at a time, and a fence is its number: it goes up
// when the lease changes hands. It begins at the time and not at one: a database that
// was restored has no leases, and the fence of whoever led the one before it is none
// that it will ever give.
//
// Clocks and silence decide who should lead; the fence decides who may write. Each
// transaction of a database that is Fenced ends by looking whether its fence still
// stands, and keeps that from changing until it is committed: a process that was cut
// off, and does not know yet that another leads, writes nothing any more.
//
// Taking and keeping a lease are no serializable transactions: each is one
// comparison and one write of a row, so that renewals, every few seconds, are no
// conflict for anybody.

// LeaderLease is the lease of the one daemon that reads Open Collective, assesses,
// closes, reminds, sends and reads the room. All daemons answer and take ballots.
const LeaderLease = "leader"

// Lease says who does what is done by one process at a time.
type Lease struct {
	Name   string `db:"name"`
	Holder string `db:"holder"` // by its own word for itself
	Fence  int64  `db:"fence"`  // goes up when it changes hands, from the first Until; 0 before the first holder
	// Until is the end that the holder promised by its own clock, and another number
	// after each renewal; 0 where it was given up.
	Until instant.Instant `db:"until"`
}

// LeaseLost says that a write was refused because another process has the lease.
type LeaseLost struct{ Lease Lease }

func (e *LeaseLost) Error() string {
	return fmt.Sprintf("another process has the lease %q by now: nothing was written", e.Lease.Name)
}

// Lease is a lease as it stands.
func (db *DB) Lease(ctx context.Context, name string) (l Lease, err error) {
	err = db.View(ctx, func(tx *Tx) error {
		var found bool
		l, found, err = selectOne[Lease](ctx, tx, `SELECT `+names[Lease]("")+` FROM lease WHERE name = $1`, name)
		if !found {
			l = Lease{Name: name}
		}
		return err
	})
	return l, wrap("read a lease", err)
}

// LeasesOfOld are all leases of a database whose schema may be an older one, which knows
// leases from its eighth step on.
func (db *DB) LeasesOfOld(ctx context.Context) (out []Lease, err error) {
	have, err := db.schemaVersion(ctx)
	if err != nil || have < firstWithLeases {
		return nil, err
	}
	err = db.View(ctx, func(tx *Tx) (err error) {
		out, err = tx.Leases(ctx)
		return err
	})
	return out, err
}

// firstWithLeases is the schema that brought the table.
const firstWithLeases = 8

// Leases are all leases, those that are past among them, by name.
func (tx *Tx) Leases(ctx context.Context) ([]Lease, error) {
	rows, err := selectRows[Lease](ctx, tx, `SELECT `+names[Lease]("")+` FROM lease ORDER BY name`)
	return rows, wrap("read the leases", err)
}

// TakeLease takes a lease from whoever has it, if it still is as it was seen; ok is
// false where it is not. Whether to take it is the caller's business.
func (db *DB) TakeLease(ctx context.Context, seen Lease, holder string, until instant.Instant) (l Lease, ok bool, err error) {
	l = Lease{Name: seen.Name, Holder: holder, Fence: seen.Fence + 1, Until: max(until, seen.Until+1)}
	if seen.Fence == 0 {
		l.Fence = int64(l.Until)
	}
	err = db.plainly(ctx, func(q conn) error {
		n, err := affected(q.ExecContext(ctx, `INSERT INTO lease (name, holder, fence, until) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = excluded.fence, until = excluded.until
			WHERE lease.fence = excluded.fence - 1 AND lease.until = $5`, l.Name, l.Holder, l.Fence, int64(l.Until), int64(seen.Until)))
		if ok = n > 0; err != nil || !ok {
			return err
		}
		// This waits for the transactions that have seen the fence as it was.
		_, err = q.ExecContext(ctx, `INSERT INTO fence (lease, fence) VALUES ($1, $2)
			ON CONFLICT (lease) DO UPDATE SET fence = excluded.fence`, l.Name, l.Fence)
		return err
	})
	return l, ok && err == nil, wrap("take a lease", err)
}

// KeepLease makes a lease longer; ok is false where another has it by now.
func (db *DB) KeepLease(ctx context.Context, l Lease, until instant.Instant) (kept Lease, ok bool, err error) {
	l.Until = max(until, l.Until+1)
	ok, err = db.endLease(ctx, l)
	return l, ok, wrap("keep a lease", err)
}

// GiveUpLease lets the next one take a lease at once. Where another has it nothing
// changes.
func (db *DB) GiveUpLease(ctx context.Context, l Lease) error {
	l.Until = 0
	_, err := db.endLease(ctx, l)
	return wrap("give a lease up", err)
}

// endLease sets until when its holder has a lease.
func (db *DB) endLease(ctx context.Context, l Lease) (ok bool, err error) {
	err = db.plainly(ctx, func(q conn) error {
		n, err := affected(q.ExecContext(ctx, `UPDATE lease SET until = $1 WHERE name = $2 AND holder = $3 AND fence = $4`,
			int64(l.Until), l.Name, l.Holder, l.Fence))
		ok = n > 0
		return err
	})
	return ok && err == nil, err
}

// Fenced is the same database for whoever has a lease: every transaction by it is
// refused with *LeaseLost once another has taken the lease. Close the database
// itself.
func (db *DB) Fenced(l Lease) *DB {
	fenced := *db
	fenced.fence = &l
	return &fenced
}

// Unfenced is the same database without a fence, for writes that something else
// keeps to one process.
func (db *DB) Unfenced() *DB {
	plain := *db
	plain.fence = nil
	return &plain
}

// fenced refuses a transaction whose lease another has, and keeps the lease from
// changing hands before the transaction is over. It comes last in it, so that who
// takes over waits for a commit at most.
func (tx *Tx) fenced(ctx context.Context, l *Lease) error {
	if l == nil {
		return nil
	}
	type row struct {
		Fence int64 `db:"fence"`
	}
	now, _, err := selectOne[row](ctx, tx, `SELECT fence FROM fence WHERE lease = $1`+tx.engine.shared(), l.Name)
	if err == nil && now.Fence != l.Fence {
		err = &LeaseLost{*l}
	}
	return err
}

// plainly runs f in a write transaction that sees, statement by statement, what
// others have committed.
func (db *DB) plainly(ctx context.Context, f func(conn) error) error {
	if err := db.queue.enter(ctx); err != nil {
		return fmt.Errorf("wait for the database: %w", err)
	}
	defer db.queue.leave()
	return retry(ctx, db.engine, func() error {
		q, err := db.beginPlainly(ctx)
		if err != nil {
			return db.engine.explain(ctx, "begin a transaction", err)
		}
		defer func() { _ = q.Rollback() }()
		c := conn{Tx: q, onStep: db.options.OnStep}
		if err := f(c); err != nil {
			return db.engine.explain(ctx, "", err)
		}
		return db.engine.committed(ctx, c.Commit())
	})
}

func (db *DB) beginPlainly(ctx context.Context) (*sqlx.Tx, error) {
	giveBack := db.turn.take(ctx)
	defer giveBack()
	db.begun.Add(1)
	o := &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	if db.engine.dialect == sqliteDialect {
		o = nil
	}
	return db.write.BeginTxx(ctx, o)
}
