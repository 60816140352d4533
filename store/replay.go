package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/migrations"
)

// ErrNotEmpty says that a log was to be replayed into a database that holds
// facts already.
var ErrNotEmpty = errors.New("the database holds facts already: replay a log into a new one")

// BadLog says why a log file was refused. Nothing of it was stored.
type BadLog struct {
	Line int64
	Why  string
}

func (e *BadLog) Error() string { return fmt.Sprintf("line %d of the log: %s", e.Line, e.Why) }

// ReplayLog reads what ExportLog wrote into an empty database, in one
// transaction: all of it or nothing. The same facts result, byte by byte. It
// is refused with *BadLog when the file is not whole, and with ErrNotEmpty.
// What is read cannot be read twice, so a conflict with another writer is an
// error here.
func (db *DB) ReplayLog(ctx context.Context, r io.Reader) error {
	if err := db.queue.enter(ctx); err != nil {
		return fmt.Errorf("wait for the database: %w", err)
	}
	defer db.queue.leave()
	q, err := db.begin(ctx)
	if err != nil {
		return db.engine.explain(ctx, "replay the log", err)
	}
	defer func() { _ = q.Rollback() }()
	if order := db.order(Entries); order != "" {
		if _, err := q.ExecContext(ctx, order); err != nil {
			return db.engine.explain(ctx, "replay the log", err)
		}
	}
	p := replayer{tx: &Tx{q: conn{Tx: q}, engine: db.engine}, in: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	if err := p.run(ctx, db.engine.name()); err != nil {
		return db.engine.explain(ctx, "replay the log", err)
	}
	return db.engine.explain(ctx, "replay the log", q.Commit())
}

// replayer reads a log line by line and stores its rows in bulk.
type replayer struct {
	tx   *Tx
	in   *bufio.Reader
	sum  hash.Hash
	line int64
	rows int64
	// pending are rows of one table that wait to be stored together.
	table   string
	columns []string
	pending [][]any
}

func (p *replayer) run(ctx context.Context, engine string) error {
	if err := p.requireEmpty(ctx); err != nil {
		return err
	}
	head, err := p.head(engine)
	if err != nil {
		return err
	}
	for {
		raw, err := p.next()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(raw, []byte(`{"rows":`)) {
			if err := p.end(raw); err != nil {
				return err
			}
			break
		}
		p.sum.Write(raw)
		p.rows++
		if err := p.row(ctx, raw); err != nil {
			return err
		}
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	return p.restoreHeads(ctx, head)
}

func (p *replayer) bad(format string, args ...any) error {
	return &BadLog{Line: p.line, Why: fmt.Sprintf(format, args...)}
}

func (p *replayer) requireEmpty(ctx context.Context) error {
	counters, err := p.tx.Counters(ctx)
	if err != nil {
		return err
	}
	if counters.Pulls.Seq != 0 || counters.Entries.Seq != 0 {
		return ErrNotEmpty
	}
	return nil
}

// next is the next line with its line feed. A file that ends without its last
// line was cut off.
func (p *replayer) next() ([]byte, error) {
	p.line++
	raw, err := p.in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return nil, p.bad("the file ends too early: it was not copied whole")
	}
	return raw, err
}

func (p *replayer) head(engine string) (logHead, error) {
	raw, err := p.next()
	if err != nil {
		return logHead{}, err
	}
	var head logHead
	if err := json.Unmarshal(raw, &head); err != nil || head.Version == 0 {
		return logHead{}, p.bad("this is not a log of goodstanding")
	}
	latest, err := migrations.Latest(engine)
	if err != nil {
		return logHead{}, err
	}
	if head.Version != logVersion || head.Schema != latest {
		return logHead{}, p.bad("it was exported with schema %d and this program has schema %d: export it with this version of goodstanding", head.Schema, latest)
	}
	return head, nil
}

func (p *replayer) end(raw []byte) error {
	var end logEnd
	if err := json.Unmarshal(raw, &end); err != nil {
		return p.bad("the last line cannot be read")
	}
	if end.Rows != p.rows || end.SHA256 != hex.EncodeToString(p.sum.Sum(nil)) {
		return p.bad("the rows are not those that were exported: the file was changed")
	}
	return nil
}

// row keeps one row until its table's chunk is full.
func (p *replayer) row(ctx context.Context, raw []byte) error {
	var line logLine
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&line); err != nil {
		return p.bad("it is not a row")
	}
	if !slices.ContainsFunc(logTables, func(t logTable) bool { return t.name == line.Table }) {
		return p.bad("there is no table %q in the log", line.Table)
	}
	columns := slices.Sorted(maps.Keys(line.Row))
	if line.Table != p.table || !slices.Equal(columns, p.columns) || len(p.pending) >= min(chunkRows, chunkParams/max(1, len(columns))) {
		if err := p.flush(ctx); err != nil {
			return err
		}
		if err := p.checkColumns(ctx, line.Table, columns); err != nil {
			return err
		}
	}
	values := make([]any, len(columns))
	for i, c := range columns {
		v, ok := logValue(line.Row[c])
		if !ok {
			return p.bad("the column %s of %s is neither a whole number nor a text", c, line.Table)
		}
		values[i] = v
	}
	p.table, p.columns = line.Table, columns
	p.pending = append(p.pending, values)
	return nil
}

// checkColumns refuses names that are not the table's: they would stand in a
// statement.
func (p *replayer) checkColumns(ctx context.Context, table string, columns []string) error {
	if table == p.table && slices.Equal(columns, p.columns) {
		return nil
	}
	rows, err := p.tx.q.QueryxContext(ctx, `SELECT * FROM `+table+` WHERE 1 = 0`)
	if err != nil {
		return err
	}
	have, err := rows.Columns()
	if err := errors.Join(err, rows.Close()); err != nil {
		return err
	}
	slices.Sort(have)
	if !slices.Equal(have, columns) {
		return p.bad("a row of %s has the columns %s, but wants %s", table, strings.Join(columns, ", "), strings.Join(have, ", "))
	}
	return nil
}

func logValue(v any) (any, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		n, err := x.Int64()
		return n, err == nil
	}
	return nil, false
}

// flush stores the pending rows.
func (p *replayer) flush(ctx context.Context) error {
	if len(p.pending) == 0 {
		return nil
	}
	b := batch{table: p.table}
	for _, c := range p.columns {
		b.cols = append(b.cols, column{name: c})
	}
	var args []any
	for _, row := range p.pending {
		args = append(args, row...)
	}
	_, err := p.tx.q.ExecContext(ctx, p.tx.q.Rebind(b.statement(len(p.pending))), args...)
	p.pending = p.pending[:0]
	if err != nil && p.tx.engine.constraint(err) {
		return p.bad("a row of %s up to here does not fit the others: the file was changed", p.table)
	}
	return wrap("store rows of "+p.table, err)
}

// restoreHeads sets the counters and the end of the audit chain, so that known
// times and the chain go on where they were.
func (p *replayer) restoreHeads(ctx context.Context, head logHead) error {
	for stream, c := range map[Stream]logCounter{Pulls: head.Pulls, Entries: head.Entries} {
		_, err := p.tx.q.ExecContext(ctx, `UPDATE counter SET seq = $1, known = $2, late_clocks = $3 WHERE stream = $4`,
			c.Seq, c.Known, c.LateClocks, stream.String())
		if err != nil {
			return err
		}
	}
	_, err := p.tx.q.ExecContext(ctx, `UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1`, head.Audit.Seq, head.Audit.Hash)
	if err != nil {
		return err
	}
	_, err = p.tx.q.ExecContext(ctx, `INSERT INTO decision_head (decision, seq, at, number, state, due, hash)
		SELECT e.decision, e.seq, e.at, e.number, e.state, e.due, e.hash FROM decision_entry e
		JOIN (SELECT decision, max(seq) AS seq FROM decision_entry GROUP BY decision) l ON l.decision = e.decision AND l.seq = e.seq`)
	return err
}
