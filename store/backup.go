package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/migrations"
)

// A backup is the whole database as one file, the same from both engines: lines
// of JSON, compressed with gzip.
//
//	{"goodstanding_backup":1,"program":…,"schema":…,"engine":…,"made":…,"tables":[{"table":…,"rows":…},…]}
//	{"table":"…","columns":["…",…]}            once for each table, those first that others refer to
//	["…",1,…]                                  one for each row, by the table's key
//	{"rows":…,"tables":[{"table":…,"rows":…,"sha256":…},…],"sha256":…}
//
// The hash of a table is over its lines of rows, the last one over everything
// before it, each line with its line feed. A text that is no UTF-8, which SQLite
// may hold, stands as {"hex":"…"}.

// backupVersion is the version of this form.
const backupVersion = 1

// leftOut are the tables that belong to a running program and not to what it
// keeps: who is signed in and the links to sign in by, which are asked for again,
// and which process does what, with the number by which it may write.
var leftOut = []string{"session", "sign_in_link", "lease", "fence"}

// Manifest says what a backup holds.
type Manifest struct {
	Version int    `json:"goodstanding_backup"`
	Program string `json:"program"` // version of the program that made it
	Schema  int64  `json:"schema"`  // number of the last migration of the database
	Engine  string `json:"engine"`  // "sqlite" or "postgres", where it was made
	// Made is when the backup was begun, by the clock of the host.
	Made   instant.Instant `json:"made"`
	Tables []BackupTable   `json:"tables"`
}

// BackupTable is a table of a backup.
type BackupTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	// SHA256 is over the lines of its rows; two databases with the same rows have
	// the same. It is known when all of the backup was written or read.
	SHA256 string `json:"sha256,omitempty"`
}

// Rows is how many rows the backup holds.
func (m *Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// backupTable begins the rows of a table.
type backupTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// backupEnd is the last line.
type backupEnd struct {
	Rows   int64         `json:"rows"`
	Tables []BackupTable `json:"tables"`
	SHA256 string        `json:"sha256"`
}

// hexText is a text that is no UTF-8.
type hexText struct {
	Hex string `json:"hex"`
}

// Progress is told how many rows of how many are done.
type Progress func(done, total int64)

// progressRows is after how many rows progress is told again.
const progressRows = 2000

// Backup writes the whole database as one file that does not depend on the
// engine (Restore reads it), all from one consistent view, while others go on
// writing. Sessions, links to sign in by and leases are not part of it. now is
// noted as when it was made; progress may be nil. A copy that nobody has noticed to be one
// is noted as one first (Tx.NoteLoss), so that what is restored from it knows what it lacks.
func (db *DB) Backup(ctx context.Context, w io.Writer, now instant.Instant, progress Progress) (Manifest, error) {
	if ours, err := db.ourSchema(ctx); err == nil && ours { // else what follows says why not
		if err := db.NoteLoss(ctx, now); err != nil {
			return Manifest{}, fmt.Errorf("back up the database: look whether it is a copy: %w", err)
		}
	}
	q, err := db.engine.beginRead(ctx, db.read)
	if err != nil {
		return Manifest{}, db.engine.explain(ctx, "back up the database", err)
	}
	defer func() { _ = q.Rollback() }()
	buffered := bufio.NewWriterSize(w, 1<<16)
	packed := gzip.NewWriter(buffered)
	b := backup{tx: &Tx{q: conn{Tx: q}, engine: db.engine, readOnly: true}, out: packed, whole: sha256.New(), progress: progress}
	m := Manifest{Version: backupVersion, Program: db.options.Version, Engine: db.engine.name(), Made: now}
	if m, err = b.run(ctx, m); err != nil {
		return Manifest{}, db.engine.explain(ctx, "back up the database", err)
	}
	if err := packed.Close(); err != nil {
		return Manifest{}, fmt.Errorf("back up the database: %w", err)
	}
	return m, wrap("back up the database", buffered.Flush())
}

// backup is one backup under way.
type backup struct {
	tx       *Tx
	out      io.Writer
	whole    hash.Hash
	progress Progress
	total    int64
	done     int64
}

func (b *backup) run(ctx context.Context, m Manifest) (Manifest, error) {
	tables, err := b.begin(ctx, &m)
	if err != nil {
		return m, err
	}
	if err := b.line(m); err != nil {
		return m, err
	}
	b.tell(true)
	for i, t := range tables {
		if m.Tables[i].SHA256, err = b.table(ctx, t); err != nil {
			return m, fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	b.tell(true)
	return m, b.line(backupEnd{Rows: b.done, Tables: m.Tables, SHA256: hex.EncodeToString(b.whole.Sum(nil))})
}

// begin reads what there is, and counts it.
func (b *backup) begin(ctx context.Context, m *Manifest) ([]tableInfo, error) {
	if err := b.tx.patience(ctx); err != nil {
		return nil, err
	}
	var err error
	if m.Schema, err = b.tx.schema(ctx); err != nil {
		return nil, err
	}
	tables, err := b.tx.tablesInOrder(ctx, leftOut...)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		n, err := b.tx.count(ctx, t.name)
		if err != nil {
			return nil, err
		}
		m.Tables = append(m.Tables, BackupTable{Table: t.name, Rows: n})
	}
	b.total = m.Rows()
	return tables, nil
}

// table writes the rows of a table, and says their hash.
func (b *backup) table(ctx context.Context, t tableInfo) (sum string, err error) {
	if err := b.line(backupTable{Table: t.name, Columns: t.columns}); err != nil {
		return "", err
	}
	return b.tx.eachLine(ctx, t, func(line []byte) error {
		if err := b.raw(line); err != nil {
			return err
		}
		b.done++
		b.tell(false)
		return nil
	})
}

// eachLine gives f the rows of a table as lines, by the table's key, and says the
// hash of all of them.
func (tx *Tx) eachLine(ctx context.Context, t tableInfo, f func(line []byte) error) (sum string, err error) {
	rows, err := tx.q.QueryxContext(ctx, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name+` ORDER BY `+strings.Join(t.key, ", "))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	all := sha256.New()
	for rows.Next() {
		line, err := rowLine(rows)
		if err != nil {
			return "", err
		}
		all.Write(line)
		if err := f(line); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(all.Sum(nil)), rows.Err()
}

// rowLine is the next row as a line.
func rowLine(rows *sqlx.Rows) ([]byte, error) {
	values, err := rows.SliceScan()
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		switch x := v.(type) {
		case []byte:
			values[i] = textValue(string(x))
		case string:
			values[i] = textValue(x)
		case int64, nil:
		default:
			return nil, fmt.Errorf("a column holds a %T, which a backup has no form for", v)
		}
	}
	return jsonLine(values)
}

func textValue(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return hexText{hex.EncodeToString([]byte(s))}
}

// jsonLine is a value on a line of its own.
func jsonLine(v any) ([]byte, error) {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return line.Bytes(), err
}

func (b *backup) line(v any) error {
	text, err := jsonLine(v)
	if err != nil {
		return err
	}
	return b.raw(text)
}

func (b *backup) raw(line []byte) error {
	b.whole.Write(line)
	_, err := b.out.Write(line)
	return err
}

func (b *backup) tell(last bool) {
	if b.progress != nil && (last || b.done%progressRows == 0) {
		b.progress(b.done, b.total)
	}
}

// NoteBackup notes that a backup was made at an instant, one of many that are made and
// kept; 0 says that none is expected any more. It is left out, and says so, on a schema
// that is not this program's, which backing up does not change.
func (db *DB) NoteBackup(ctx context.Context, at, now instant.Instant) (noted bool, err error) {
	if ours, err := db.ourSchema(ctx); err != nil || !ours {
		return false, err
	}
	err = db.InTx(ctx, NoStream, now, func(tx *Tx) error { return tx.SetBackedUp(ctx, at) })
	return err == nil, err
}

// ourSchema says that the database has this program's schema.
func (db *DB) ourSchema(ctx context.Context) (bool, error) {
	latest, err := migrations.Latest(db.engine.name())
	if err != nil {
		return false, err
	}
	have, err := db.schemaVersion(ctx)
	return err == nil && have == latest, err
}
