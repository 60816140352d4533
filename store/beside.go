package store

import (
	"context"
	"fmt"
)

// besideConns bounds the connections for what is read beside transactions. They
// are a pool of their own: who waits for one holds another already.
const besideConns = 4

// Beside reads in a read-only transaction of its own beside this one: what was
// committed before, not what this one has written. PostgreSQL counts such a read
// neither for nor against this transaction, so that it passes those that insert
// what is looked for. It is for reading what other transactions write all the
// time and what no fact rests on: notices. In SQLite, which has one writer at a
// time, and in a View it reads in the transaction itself.
func (tx *Tx) Beside(ctx context.Context, f func(*Tx) error) error {
	if tx.readOnly || tx.db == nil || tx.db.beside == nil {
		return f(tx)
	}
	q, err := tx.engine.beginRead(ctx, tx.db.beside)
	if err != nil {
		return fmt.Errorf("read beside a transaction: %w", err)
	}
	defer func() { _ = q.Rollback() }()
	return f(&Tx{q: conn{Tx: q, onStep: tx.db.options.OnStep}, engine: tx.engine, readOnly: true, known: tx.known, newest: tx.newest})
}
