package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/migrations"
)

// tableInfo is a table as the engine describes it. What a backup holds is read
// from the database and not from a list in the program, so that it also fits the
// schemas of other versions.
type tableInfo struct {
	name    string
	columns []string // by name
	key     []string // of the primary key, in its order
}

// tablesInOrder are goodstanding's tables but for those that are left out; a table
// stands behind all that it refers to, else by name.
func (tx *Tx) tablesInOrder(ctx context.Context, leftOut ...string) ([]tableInfo, error) {
	var names []string
	if err := tx.q.SelectContext(ctx, &names, tx.engine.tableNames()); err != nil {
		return nil, err
	}
	ours, err := migrations.Tables(tx.engine.name())
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !ours[n] || slices.Contains(leftOut, n) })
	slices.Sort(names)
	refers, err := tx.refersTo(ctx)
	if err != nil {
		return nil, err
	}
	tables := make([]tableInfo, 0, len(names))
	for _, name := range inOrder(names, refers) {
		t, err := tx.tableInfo(ctx, name)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// inOrder puts each name behind those that it refers to.
func inOrder(names []string, refers map[string][]string) []string {
	var out []string
	seen := make(map[string]bool)
	var visit func(string)
	visit = func(n string) {
		if seen[n] || !slices.Contains(names, n) {
			return
		}
		seen[n] = true
		for _, r := range refers[n] {
			visit(r)
		}
		out = append(out, n)
	}
	for _, n := range names {
		visit(n)
	}
	return out
}

// refersTo are the tables that each table refers to, by name.
func (tx *Tx) refersTo(ctx context.Context) (map[string][]string, error) {
	forced, err := tx.forced(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]string)
	for _, r := range forced {
		out[r.From] = append(out[r.From], r.To)
	}
	for _, to := range out {
		slices.Sort(to)
	}
	return out, nil
}

func (tx *Tx) tableInfo(ctx context.Context, name string) (tableInfo, error) {
	t := tableInfo{name: name}
	rows, err := tx.q.QueryxContext(ctx, `SELECT * FROM `+name+` WHERE 1 = 0`)
	if err != nil {
		return t, err
	}
	t.columns, err = rows.Columns()
	if err := errors.Join(err, rows.Close()); err != nil {
		return t, err
	}
	slices.Sort(t.columns)
	query := `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`
	if tx.engine.dialect == postgresDialect {
		query = `SELECT a.attname::text FROM pg_constraint k CROSS JOIN unnest(k.conkey) WITH ORDINALITY u (attnum, n)
			JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
			WHERE k.contype = 'p' AND k.conrelid = $1::regclass ORDER BY u.n`
	}
	if err := tx.q.SelectContext(ctx, &t.key, query, name); err != nil {
		return t, err
	}
	if len(t.key) == 0 {
		return t, fmt.Errorf("the table %s has no key: its rows have no order", name)
	}
	return t, nil
}

// tableNames is the query for the tables of the place that would be goodstanding's.
func (e engine) tableNames() string {
	if e.dialect == postgresDialect {
		return `SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()`
	}
	return `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
}

// schema is the number of the last migration, as the transaction sees it.
func (tx *Tx) schema(ctx context.Context) (version int64, err error) {
	err = tx.q.GetContext(ctx, &version, `SELECT max(version_id) FROM `+migrations.Table)
	return version, err
}

func (tx *Tx) count(ctx context.Context, table string) (n int64, err error) {
	err = tx.q.GetContext(ctx, &n, `SELECT count(*) FROM `+table)
	return n, err
}

// patience lets a transaction wait for a slow reader or writer of its file: the server
// would end it after some seconds of silence, or in which nothing is taken of its answer.
func (tx *Tx) patience(ctx context.Context) error {
	if tx.engine.dialect != postgresDialect {
		return nil
	}
	_, err := tx.q.ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`)
	if err == nil {
		_, err = tx.q.ExecContext(ctx, `SET LOCAL tcp_user_timeout = 0`)
	}
	return err
}
