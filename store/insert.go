package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/jmoiron/sqlx"
)

// chunkRows and chunkParams bound one multi-row statement. SQLite takes 32766
// parameters and PostgreSQL 65535; beyond some hundred rows a statement gains
// nothing more.
const (
	chunkRows   = 500
	chunkParams = 8000
)

// ErrWrongStream says that facts were written in a transaction of a stream
// that they do not belong to: a fault of the program.
var ErrWrongStream = errors.New("this transaction's stream must not write these facts")

// insertOne is insertAll for one row.
func insertOne[T any](ctx context.Context, tx *Tx, table string, row T) error {
	return insertAll(ctx, tx, table, []T{row})
}

// insertAll inserts rows of which none may be there already.
func insertAll[T any](ctx context.Context, tx *Tx, table string, rows []T) error {
	_, err := insert(ctx, tx, table, "", rows)
	return err
}

// insert writes rows in statements of many rows each; conflict is the end of
// the statement. Known is the transaction's, whatever the rows say. It returns
// how many rows were really added or changed.
func insert[T any](ctx context.Context, tx *Tx, table, conflict string, rows []T) (int, error) {
	return insertFrom(ctx, tx, table, conflict, reflect.ValueOf(rows))
}

// insertFrom is insert from a list that is known by reflection, so that it is compiled
// once and not for every type of row.
func insertFrom(ctx context.Context, tx *Tx, table, conflict string, rows reflect.Value) (total int, err error) {
	b := batch{table: table, conflict: conflict}
	err = b.chunks(tx, rows, func(n int, query string, args []any) error {
		more, err := b.exec(ctx, tx, n, query, args)
		total += more
		return err
	})
	if err != nil {
		return 0, err
	}
	b.close()
	return total, nil
}

// insertNew is insertAll but for rows whose key is there already, in the table or
// among them: those change nothing. It returns the ids of the rows that were added.
func insertNew[T any](ctx context.Context, tx *Tx, table, key string, rows []T) (added map[string]bool, err error) {
	type row struct {
		ID string `db:"id"`
	}
	b := batch{table: table, conflict: "ON CONFLICT (" + key + ") DO NOTHING RETURNING id"}
	added = make(map[string]bool, len(rows))
	err = b.chunks(tx, reflect.ValueOf(rows), func(_ int, query string, args []any) error {
		more, err := selectRows[row](ctx, tx, query, args...)
		for _, r := range more {
			added[r.ID] = true
		}
		return err
	})
	return added, err
}

// knownOf is the known time of rows that the transaction adds.
func (tx *Tx) knownOf() int64 {
	if tx.stream == NoStream || tx.stream == Decisions { // no fact: an outbox row of a store that knows nothing yet
		return int64(max(tx.known, tx.now))
	}
	return int64(tx.known)
}

// batch is one bulk insert under way. Full chunks share a prepared statement; fewer rows go
// to PostgreSQL in lists (listed).
type batch struct {
	table, conflict string
	cols            []column
	full            *sqlx.Stmt
}

// size is the number of rows in a full chunk.
func (b *batch) size() int { return max(1, min(chunkRows, chunkParams/len(b.cols))) }

// chunks calls add for each chunk of rows, a list, with its statement.
func (b *batch) chunks(tx *Tx, rows reflect.Value, add func(n int, query string, args []any) error) error {
	if rows.Len() == 0 {
		return nil
	}
	if err := tx.mayWrite(b.table); err != nil {
		return fmt.Errorf("add to %s: %w", b.table, err)
	}
	b.cols = columnsOf(rows.Type().Elem())
	known := tx.knownOf()
	for from := 0; from < rows.Len(); from += b.size() {
		to := min(from+b.size(), rows.Len())
		query, args, err := b.chunk(tx, rows, from, to, known)
		if err == nil {
			err = add(to-from, query, args)
		}
		if err != nil {
			return fmt.Errorf("add to %s: %w", b.table, err)
		}
	}
	return nil
}

// chunk is the statement that adds the rows from one place to another, and its arguments.
func (b *batch) chunk(tx *Tx, rows reflect.Value, from, to int, known int64) (query string, args []any, err error) {
	if n := to - from; tx.engine.dialect == postgresDialect && n > 1 && n < b.size() {
		query, args = b.listed(rows, from, to, known)
		return query, args, nil
	}
	args = make([]any, 0, (to-from)*len(b.cols))
	for i := from; i < to; i++ {
		for _, c := range b.cols {
			args = append(args, b.value(c, rows.Index(i), known))
		}
	}
	return tx.q.Rebind(b.statement(to - from)), args, nil
}

// value is what a row has in a column.
func (b *batch) value(c column, row reflect.Value, known int64) any {
	if c.name == "known" {
		return known
	}
	return c.encode(row.FieldByIndex(c.index))
}

func (b *batch) exec(ctx context.Context, tx *Tx, rows int, query string, args []any) (int, error) {
	if rows < b.size() {
		return affected(tx.q.ExecContext(ctx, query, args...))
	}
	if b.full == nil {
		stmt, err := tx.q.PreparexContext(ctx, query)
		if err != nil {
			return 0, err
		}
		b.full = stmt
	}
	tx.q.pulse.spoke()
	return affected(b.full.ExecContext(ctx, args...))
}

// close gives the prepared statement back; the transaction's end would, too.
func (b *batch) close() {
	if b.full != nil {
		_ = b.full.Close()
	}
}

// into begins the statement.
func (b *batch) into(s *strings.Builder) {
	s.WriteString("INSERT INTO " + b.table + " (")
	for i, c := range b.cols {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(c.name)
	}
	s.WriteString(") ")
}

func (b *batch) statement(rows int) string {
	var s strings.Builder
	b.into(&s)
	s.WriteString("VALUES ")
	one := "(" + strings.Repeat("?, ", len(b.cols)-1) + "?)"
	for i := range rows {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(one)
	}
	s.WriteString(" " + b.conflict)
	return s.String()
}
