package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	"coopcloud.tech/goodstanding/migrations"
)

// The log as a file: JSON lines, the same from both engines.
//
//	{"goodstanding_log":1,"schema":…,"pulls":{…},"entries":{…},"audit":{…}}
//	{"row":{…},"table":"…"}      one per row, tables and rows in a fixed order
//	{"rows":…,"sha256":"…"}      over all row lines, each with its line feed

// logVersion is the version of this form.
const logVersion = 1

type logHead struct {
	Version int        `json:"goodstanding_log"`
	Schema  int64      `json:"schema"`
	Pulls   logCounter `json:"pulls"`
	Entries logCounter `json:"entries"`
	Audit   auditEnd   `json:"audit"`
}

type logCounter struct {
	Seq        int64 `json:"seq"`
	Known      int64 `json:"known"`
	LateClocks int64 `json:"late_clocks"`
}

type auditEnd struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

type logLine struct {
	Row   map[string]any `json:"row"`
	Table string         `json:"table"`
}

type logEnd struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// ExportLog writes the whole log (observations, entries, recorded standings)
// as JSON lines that do not depend on the engine, all from one consistent
// view: a head line, one line per row, and a last line with the number of rows
// and their SHA-256. Details, settings and notices are not part of it.
func (db *DB) ExportLog(ctx context.Context, w io.Writer) error {
	q, err := db.engine.beginRead(ctx, db.read)
	if err != nil {
		return db.engine.explain(ctx, "export the log", err)
	}
	defer func() { _ = q.Rollback() }()
	out := bufio.NewWriter(w)
	e := exporter{tx: &Tx{q: conn{Tx: q}, engine: db.engine, readOnly: true}, out: out, sum: sha256.New()}
	if err := e.run(ctx, db.engine.name()); err != nil {
		return db.engine.explain(ctx, "export the log", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export the log: %w", err)
	}
	return nil
}

type exporter struct {
	tx   *Tx
	out  io.Writer
	sum  hash.Hash
	rows int64
}

func (e *exporter) run(ctx context.Context, engine string) error {
	head, err := e.head(ctx, engine)
	if err != nil {
		return err
	}
	if err := writeLine(e.out, head); err != nil {
		return err
	}
	for _, t := range logTables {
		if err := e.table(ctx, t); err != nil {
			return err
		}
	}
	return writeLine(e.out, logEnd{Rows: e.rows, SHA256: hex.EncodeToString(e.sum.Sum(nil))})
}

func (e *exporter) head(ctx context.Context, engine string) (logHead, error) {
	schema, err := migrations.Latest(engine)
	if err != nil {
		return logHead{}, err
	}
	c, err := e.tx.Counters(ctx)
	if err != nil {
		return logHead{}, err
	}
	end, _, err := selectOne[auditHead](ctx, e.tx, `SELECT seq, hash FROM audit_head WHERE one = 1`)
	if err != nil {
		return logHead{}, err
	}
	counter := func(c Counter) logCounter { return logCounter{c.Seq, int64(c.Known), c.LateClocks} }
	return logHead{Version: logVersion, Schema: schema, Pulls: counter(c.Pulls), Entries: counter(c.Entries), Audit: auditEnd(end)}, nil
}

// table writes one line per row. Keys of a JSON object come out sorted, so the
// order of the columns does not matter.
func (e *exporter) table(ctx context.Context, t logTable) error {
	rows, err := e.tx.q.QueryxContext(ctx, `SELECT * FROM `+t.name+` ORDER BY `+t.key)
	if err != nil {
		return err
	}
	defer rows.Close()
	both := io.MultiWriter(e.out, e.sum)
	for rows.Next() {
		line := logLine{Row: make(map[string]any), Table: t.name}
		if err := rows.MapScan(line.Row); err != nil {
			return err
		}
		for column, v := range line.Row {
			if b, ok := v.([]byte); ok {
				line.Row[column] = string(b)
			}
		}
		if err := writeLine(both, line); err != nil {
			return err
		}
		e.rows++
	}
	return rows.Err()
}

func writeLine(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
