package store

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared are the statements that the connection of a SQLite database that writes has
// ready: to compile one takes SQLite as long as to carry it out. A nil one has none, as
// PostgreSQL, where they would be the server's, and a pooler between would lose them.
type prepared struct {
	mu    sync.Mutex
	ready map[string]*sqlx.Stmt
	asked map[string]bool // once, so far
	due   map[string]bool // those that were asked for again, and are not ready yet
}

// What is kept ready: the program has some hundred statements, but for those whose
// length depends on what is written.
const (
	mostPrepared    = 200
	longestPrepared = 4000 // bytes
)

func newPrepared() *prepared {
	return &prepared{ready: map[string]*sqlx.Stmt{}, asked: map[string]bool{}, due: map[string]bool{}}
}

// find is a statement that is ready; nil for one that is not.
func (p *prepared) find(query string) *sqlx.Stmt {
	if p == nil || len(query) > longestPrepared {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.ready[query]; s != nil {
		return s
	}
	if p.asked[query] {
		p.due[query] = true
	} else if len(p.asked) < mostPrepared {
		p.asked[query] = true
	}
	return nil
}

// prepare makes ready what was asked for again. It is for when the connection is free
// and its transaction's turn is not given back yet.
func (p *prepared) prepare(ctx context.Context, db *sqlx.DB) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for query := range p.due {
		if s, err := db.PreparexContext(ctx, query); err == nil { // else it is carried out as it is
			p.ready[query] = s
		}
	}
	clear(p.due)
}

// exec runs a statement, by one that is ready where there is one.
func (c conn) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	if s := c.prepared.find(query); s != nil {
		return c.Tx.StmtxContext(ctx, s).ExecContext(ctx, args...)
	}
	return c.Tx.ExecContext(ctx, query, args...)
}

// all runs a query whose rows are read to the end before anything else is run.
func (c conn) all(ctx context.Context, query string, args []any) (*sqlx.Rows, error) {
	defer c.step(StepStatement)
	if s := c.prepared.find(query); s != nil {
		return c.Tx.StmtxContext(ctx, s).QueryxContext(ctx, args...)
	}
	return c.Tx.QueryxContext(ctx, query, args...)
}
