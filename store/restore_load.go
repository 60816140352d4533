package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/migrations"
)

// loader fills an empty database from a backup, in one transaction.
type loader struct {
	tx       *Tx
	in       *backupReader
	m        *Manifest
	progress Progress

	whole hash.Hash
	done  int64
	// The table under way.
	table   tableInfo
	sum     hash.Hash
	rows    int64
	pending [][]any
}

func (l *loader) run(ctx context.Context) error {
	if err := l.tx.patience(ctx); err != nil {
		return err
	}
	if err := l.tx.lockSchema(ctx); err != nil {
		return err
	}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if err := l.load(ctx); err != nil {
		return err
	}
	if err := l.compare(ctx); err != nil {
		return err
	}
	latest, err := migrations.Latest(l.tx.engine.name())
	if err != nil {
		return err
	}
	if err := l.tx.migrateTo(ctx, latest); err != nil {
		return err
	}
	return l.settle(ctx)
}

// prepare makes sure that the database is empty, and gives it the schema of the
// backup.
func (l *loader) prepare(ctx context.Context) error {
	have, err := l.tx.schema(ctx)
	if err != nil {
		return err
	}
	if have > 0 {
		if err := l.requireEmpty(ctx); err != nil {
			return err
		}
	}
	if have > l.m.Schema {
		return &NotEmpty{Where: l.tx.engine.where, Schema: have, Backup: l.m.Schema}
	}
	return l.tx.migrateTo(ctx, l.m.Schema)
}

// requireEmpty refuses a database that holds anything but what the migrations put
// there.
func (l *loader) requireEmpty(ctx context.Context) error {
	tables, err := l.tx.tablesInOrder(ctx)
	if err != nil {
		return err
	}
	used := map[string]string{
		"counter":    `SELECT count(*) FROM counter WHERE seq > 0 OR known > 0`,
		"audit_head": `SELECT count(*) FROM audit_head WHERE seq > 0`,
		"setting":    `SELECT count(*) FROM setting WHERE name <> '` + settingMigratedBy + `'`,
	}
	for _, t := range tables {
		query, ok := used[t.name]
		if !ok {
			query = `SELECT count(*) FROM ` + t.name
		}
		var n int64
		if err := l.tx.q.GetContext(ctx, &n, query); err != nil {
			return err
		}
		if n > 0 {
			return &NotEmpty{Where: l.tx.engine.where, Table: t.name}
		}
	}
	return nil
}

// migrateTo applies the migrations up to a number in this transaction. The tool
// that does it otherwise (DB.migrate) takes one transaction for each.
func (tx *Tx) migrateTo(ctx context.Context, version int64) error {
	have, err := tx.schema(ctx)
	if err != nil {
		return err
	}
	files, err := migrations.Files(tx.engine.name())
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	applied := any(int64(1))
	if tx.engine.dialect == postgresDialect {
		applied = true
	}
	for n := have + 1; n <= version; n++ {
		i := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, fmt.Sprintf("%05d_", n)) })
		if i < 0 {
			return fmt.Errorf("there is no migration %d", n)
		}
		text, err := fs.ReadFile(files, names[i])
		if err != nil {
			return err
		}
		if _, err := tx.q.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("apply the migration %s: %w", names[i], err)
		}
		if _, err := tx.q.ExecContext(ctx, `INSERT INTO `+migrations.Table+` (version_id, is_applied) VALUES ($1, $2)`, n, applied); err != nil {
			return err
		}
	}
	return nil
}

// load reads all tables.
func (l *loader) load(ctx context.Context) error {
	l.whole = sha256.New()
	l.whole.Write(l.in.first)
	tables, err := l.tx.tablesInOrder(ctx)
	if err != nil {
		return err
	}
	for i := range l.m.Tables {
		if err := l.one(ctx, tables, &l.m.Tables[i]); err != nil {
			return err
		}
	}
	return l.end()
}

// one reads a table and compares it with what the first line says of it.
func (l *loader) one(ctx context.Context, tables []tableInfo, want *BackupTable) error {
	raw, err := l.in.next()
	if err != nil {
		return err
	}
	l.whole.Write(raw)
	var head backupTable
	if !decode(raw, &head) || head.Table != want.Table {
		return l.in.bad("the rows of %s should begin here: the file was changed", want.Table)
	}
	i := slices.IndexFunc(tables, func(t tableInfo) bool { return t.name == head.Table })
	if i < 0 {
		return l.in.bad("schema %d has no table %q: the file was changed", l.m.Schema, head.Table)
	}
	if l.table = tables[i]; !slices.Equal(l.table.columns, head.Columns) {
		return l.in.bad("the table %s has the columns %s, but the backup says %s", head.Table, strings.Join(l.table.columns, ", "), strings.Join(head.Columns, ", "))
	}
	if err := l.empty(ctx); err != nil {
		return err
	}
	l.sum, l.rows = sha256.New(), 0
	for l.rows < want.Rows {
		if err := l.row(ctx, want); err != nil {
			return err
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	want.SHA256 = hex.EncodeToString(l.sum.Sum(nil))
	return l.counted(ctx, want)
}

// empty removes what a migration put into the table. There is nothing else, and
// the tables of the log, which refuse it, are empty at first.
func (l *loader) empty(ctx context.Context) error {
	n, err := l.tx.count(ctx, l.table.name)
	if err != nil || n == 0 {
		return err
	}
	_, err = l.tx.q.ExecContext(ctx, `DELETE FROM `+l.table.name)
	return err
}

// row keeps the next row until there are enough for one statement.
func (l *loader) row(ctx context.Context, want *BackupTable) error {
	raw, err := l.in.next()
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(raw, []byte("[")) {
		return l.in.bad("%s ends after %d of %d rows: the file was changed", want.Table, l.rows, want.Rows)
	}
	l.whole.Write(raw)
	l.sum.Write(raw)
	var cells []any
	if !decode(raw, &cells) || len(cells) != len(l.table.columns) {
		return l.in.bad("it is not a row of %s: the file was changed", want.Table)
	}
	for i, c := range cells {
		v, ok := cellValue(c)
		if !ok {
			return l.in.bad("the column %s of %s is neither a whole number nor a text: the file was changed", l.table.columns[i], want.Table)
		}
		cells[i] = v
	}
	l.rows++
	l.done++
	if l.pending = append(l.pending, cells); len(l.pending) >= max(1, min(chunkRows, chunkParams/len(cells))) {
		return l.flush(ctx)
	}
	return nil
}

// cellValue is a value of a row as the engines take it.
func cellValue(v any) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, true
	case string:
		return x, true
	case json.Number:
		n, err := x.Int64()
		return n, err == nil
	case map[string]any:
		digits, ok := x["hex"].(string)
		text, err := hex.DecodeString(digits)
		return string(text), ok && err == nil && len(x) == 1
	}
	return nil, false
}

// flush stores the pending rows.
func (l *loader) flush(ctx context.Context) error {
	if len(l.pending) == 0 {
		return nil
	}
	b := batch{table: l.table.name}
	for _, c := range l.table.columns {
		b.cols = append(b.cols, column{name: c})
	}
	args := make([]any, 0, len(l.pending)*len(l.table.columns))
	for _, row := range l.pending {
		args = append(args, row...)
	}
	_, err := l.tx.q.ExecContext(ctx, l.tx.q.Rebind(b.statement(len(l.pending))), args...)
	l.pending = l.pending[:0]
	if l.progress != nil {
		l.progress(l.done, l.m.Rows())
	}
	if err != nil && l.tx.engine.constraint(err) {
		return l.in.bad("a row of %s up to here does not fit the others: the file was changed", l.table.name)
	}
	return wrap("store rows of "+l.table.name, err)
}

// counted compares what the table holds with what it should.
func (l *loader) counted(ctx context.Context, want *BackupTable) error {
	n, err := l.tx.count(ctx, want.Table)
	if err == nil && n != want.Rows {
		err = l.in.bad("the table %s holds %d rows, and the backup %d", want.Table, n, want.Rows)
	}
	return err
}

// end compares all that was read with the last line.
func (l *loader) end() error {
	raw, err := l.in.next()
	if err != nil {
		return err
	}
	var end backupEnd
	if !decode(raw, &end) || len(end.Tables) != len(l.m.Tables) {
		return l.in.bad("the last line should stand here: the file was changed")
	}
	for i, t := range end.Tables {
		if t != l.m.Tables[i] {
			return l.in.bad("the rows of %s are not those that were backed up: the file was changed", l.m.Tables[i].Table)
		}
	}
	if end.Rows != l.done || end.SHA256 != hex.EncodeToString(l.whole.Sum(nil)) {
		return l.in.bad("the file is not what was backed up: it was changed")
	}
	return l.in.finish()
}

// compare reads back what was stored: it has to be what was backed up.
func (l *loader) compare(ctx context.Context) error {
	tables, err := l.tx.tablesInOrder(ctx)
	if err != nil {
		return err
	}
	for _, want := range l.m.Tables {
		i := slices.IndexFunc(tables, func(t tableInfo) bool { return t.name == want.Table })
		sum, err := l.tx.eachLine(ctx, tables[i], func([]byte) error { return nil })
		if err != nil {
			return fmt.Errorf("read back the table %s: %w", want.Table, err)
		}
		if sum != want.SHA256 {
			return &BadBackup{Why: fmt.Sprintf("the database %s gives other rows of %s back than were stored: look at its disk", l.tx.engine.where, want.Table)}
		}
	}
	return nil
}

// settle notes which program restored it, that the database is at home nowhere, since it
// knows of mails as waiting that were sent since, and from when on answers to decisions may
// be lacking. Where backups were expected they go on being, and the newest one is that
// which it was restored from.
func (l *loader) settle(ctx context.Context) error {
	if err := l.tx.SetSetting(ctx, SettingHome, restoredHome); err != nil {
		return err
	}
	if err := l.tx.loseSince(ctx, l.m.Made); err != nil {
		return err
	}
	if at, err := l.tx.BackedUp(ctx); err != nil || at != 0 {
		if err = errors.Join(err, l.tx.SetBackedUp(ctx, l.m.Made)); err != nil {
			return err
		}
	}
	if l.tx.db.options.Version == "" {
		return nil
	}
	return l.tx.SetSetting(ctx, settingMigratedBy, l.tx.db.options.Version)
}
