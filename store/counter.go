package store

import (
	"context"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Counter is the state of one stream.
type Counter struct {
	// Seq is the number of transactions that the stream has had.
	Seq int64 `db:"seq"`
	// Known is the known time of the last of them; 0 before the first.
	Known instant.Instant `db:"known"`
	// LateClocks counts those whose clock was more than a minute behind the
	// newest known instant (domain.md, section 2); status shows it.
	LateClocks int64 `db:"late_clocks"`
}

// Counters are the counters of all streams. Whoever caches what it has read
// keeps the counters it read with it, and reads anew when they differ.
// They stand in rows of their own, though the newest attempt to read Open Collective
// would tell the pulls' as well: every transaction reads them, a pull writes them.
type Counters struct{ Pulls, Entries Counter }

// Newest is the newest known instant of all streams; 0 for an empty store.
func (c Counters) Newest() instant.Instant { return max(c.Pulls.Known, c.Entries.Known) }

// LateClocks is the number of writes whose clock was late, in all streams.
func (c Counters) LateClocks() int64 { return c.Pulls.LateClocks + c.Entries.LateClocks }

// Counters reads the counters, cheaply enough to be polled every second.
func (db *DB) Counters(ctx context.Context) (c Counters, err error) {
	err = db.View(ctx, func(tx *Tx) error {
		c, err = tx.Counters(ctx)
		return err
	})
	return c, err
}

// Counters are the counters as this transaction sees them. One that writes no facts
// sees the same ones from its beginning to its end.
func (tx *Tx) Counters(ctx context.Context) (Counters, error) {
	if tx.counters != nil && !tx.WritesFacts() {
		return *tx.counters, nil
	}
	c, err := tx.readCounters(ctx)
	if err == nil {
		tx.counters = &c
	}
	return c, err
}

// counterRow is a stream's counter.
type counterRow struct {
	Stream string `db:"stream"`
	Counter
}

// watchedRow is a counter with what Seen goes by, which is the same in all.
type watchedRow struct {
	counterRow
	state
}

func (tx *Tx) readCounters(ctx context.Context) (c Counters, err error) {
	if tx.db != nil && tx.db.watching {
		rows, err := selectRows[watchedRow](ctx, tx, tx.order+`SELECT `+names[counterRow]("")+`, `+tx.engine.state()+` FROM counter`)
		for _, r := range rows {
			c.add(r.counterRow)
			tx.state = &r.state
		}
		tx.order = ""
		return c, wrap("read the counters", err)
	}
	rows, err := selectRows[counterRow](ctx, tx, tx.order+`SELECT `+names[counterRow]("")+` FROM counter`)
	for _, r := range rows {
		c.add(r)
	}
	tx.order = ""
	return c, wrap("read the counters", err)
}

func (c *Counters) add(r counterRow) {
	switch r.Stream {
	case Pulls.String():
		c.Pulls = r.Counter
	case Entries.String():
		c.Entries = r.Counter
	}
}

// stamp is the first that a write transaction does: it waits for its turn among its
// stream's, fixes the known time and bumps the stream's counter. late is how far the
// clock is behind, when that is to be reported.
func (tx *Tx) stamp(ctx context.Context) (late time.Duration, err error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return 0, err
	}
	tx.before, tx.newest = counters, counters.Newest()
	if tx.stream == NoStream || tx.stream == Decisions {
		tx.known = tx.newest
		return 0, nil
	}
	tx.known = max(tx.now, tx.newest+1)
	isLate := 0
	if behind := tx.newest.Sub(tx.now); behind > clockTolerance {
		isLate, late = 1, behind
	}
	_, err = tx.q.ExecContext(ctx, `UPDATE counter SET seq = seq + 1, known = $1, late_clocks = late_clocks + $2 WHERE stream = $3`,
		int64(tx.known), isLate, tx.stream.String())
	return late, err
}
