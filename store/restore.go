package store

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"coopcloud.tech/goodstanding/migrations"
)

// BadBackup says why a backup was refused. Nothing of it was stored.
type BadBackup struct {
	// Line is the line of the unpacked file, 0 for the file as a whole.
	Line int64
	Why  string
}

func (e *BadBackup) Error() string {
	if e.Line == 0 {
		return "the backup is refused, and nothing was restored: " + e.Why
	}
	return fmt.Sprintf("the backup is refused at line %d, and nothing was restored: %s", e.Line, e.Why)
}

// NotEmpty says that a backup was to be restored into a database that is in use.
// Nothing was changed.
type NotEmpty struct {
	Where string
	// Table holds rows already; "" where the schema is of another version.
	Table          string
	Schema, Backup int64
}

func (e *NotEmpty) Error() string {
	if e.Table != "" {
		return fmt.Sprintf("the database %s is not empty (there is something in the table %s): a backup is restored into a new database; nothing was changed", e.Where, e.Table)
	}
	return fmt.Sprintf("the database %s has schema %d already, and the backup is of schema %d: give it a new database, without any table; nothing was changed", e.Where, e.Schema, e.Backup)
}

// restoredHome is no place where a database can be (see Tx.Home).
const restoredHome = "restored"

// Restore reads what Backup wrote into the empty database that the DSN names,
// brings it up to date and opens it. All of it happens in one transaction: what is
// refused (*BadBackup, *NotEmpty, *Fault) or fails leaves a database as empty as
// it was, but for the table of schema versions. A backup of an older schema is loaded
// into that schema, which then goes through the migrations. The restored database is
// at home nowhere: nothing is sent from it before somebody starts the notices, and what
// was decided by answers that it may lack is not closed before that (Loss).
func Restore(ctx context.Context, dsn string, r io.Reader, o Options, progress Progress) (*DB, Manifest, error) {
	in, err := newBackupReader(r)
	if err != nil {
		return nil, Manifest{}, err
	}
	db, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, Manifest{}, err
	}
	db.makePrivate()
	m, err := db.restore(ctx, in, progress)
	if err != nil {
		return nil, Manifest{}, errors.Join(err, db.Close())
	}
	return db, m, nil
}

func (db *DB) restore(ctx context.Context, in *backupReader, progress Progress) (Manifest, error) {
	m, err := in.manifest(db.engine.name())
	if err != nil {
		return m, err
	}
	if _, err := db.schemaVersion(ctx); err != nil { // also whether it can be reached, and is ours
		return m, err
	}
	unlock, err := db.lockSchema(ctx)
	if err != nil {
		return m, err
	}
	defer unlock()
	provider, err := db.migrator()
	if err != nil {
		return m, err
	}
	if _, err := provider.GetDBVersion(ctx); err != nil { // makes the table of versions
		return m, db.migrationFault(ctx, err)
	}
	q, err := db.engine.begin(ctx, db.write)
	if err != nil {
		return m, db.engine.explain(ctx, "restore the backup", err)
	}
	defer func() { _ = q.Rollback() }()
	tx := &Tx{q: conn{Tx: q, onStep: db.options.OnStep}, db: db, engine: db.engine, now: m.Made, known: m.Made}
	l := loader{tx: tx, in: in, m: &m, progress: progress}
	if err := l.run(ctx); err != nil {
		return m, db.engine.explain(ctx, "restore the backup", err)
	}
	return m, db.engine.committed(ctx, tx.q.Commit())
}

// backupReader reads the lines of a backup.
type backupReader struct {
	in    *bufio.Reader
	line  int64
	first []byte // the line of the manifest
}

func newBackupReader(r io.Reader) (*backupReader, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, &BadBackup{Why: "the file is not a backup of goodstanding"}
		}
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	return &backupReader{in: bufio.NewReaderSize(unpacked, 1<<16)}, nil
}

func (b *backupReader) bad(format string, args ...any) error {
	return &BadBackup{Line: b.line, Why: fmt.Sprintf(format, args...)}
}

// next is the next line with its line feed.
func (b *backupReader) next() ([]byte, error) {
	b.line++
	raw, err := b.in.ReadBytes('\n')
	if err == nil {
		return raw, nil
	}
	return nil, b.broken(err)
}

func (b *backupReader) broken(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return b.bad("the file ends too early: it was not copied whole")
	case corrupt, errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return b.bad("the file is damaged: it cannot be unpacked")
	}
	return fmt.Errorf("read the backup: %w", err)
}

// finish refuses what follows the last line, and a damaged end.
func (b *backupReader) finish() error {
	_, err := b.in.ReadByte()
	switch {
	case err == nil:
		b.line++
		return b.bad("something follows the end of the backup")
	case errors.Is(err, io.EOF):
		return nil
	}
	return b.broken(err)
}

// decode reads a line as a value; false where it is none.
func decode(raw []byte, v any) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v) == nil
}

// manifest reads the first line.
func (b *backupReader) manifest(engine string) (Manifest, error) {
	raw, err := b.next()
	if err != nil {
		return Manifest{}, err
	}
	b.first = raw
	var m Manifest
	if !decode(raw, &m) || m.Version == 0 || m.Schema < 1 {
		return m, &BadBackup{Why: "the file is not a backup of goodstanding"}
	}
	latest, err := migrations.Latest(engine)
	if err != nil {
		return m, err
	}
	if m.Version > backupVersion || m.Schema > latest {
		return m, &BadBackup{Why: fmt.Sprintf("it was made by %s of goodstanding with schema %d, and this program knows schemas up to %d: use that version or a newer one",
			versionWords(m.Program), m.Schema, latest)}
	}
	return m, nil
}

func versionWords(program string) string {
	if program == "" {
		return "a newer version"
	}
	return "version " + program
}
