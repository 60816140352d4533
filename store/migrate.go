package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"coopcloud.tech/goodstanding/migrations"
)

// prepare makes sure that the database is ours and has the schema that this
// program works with.
func (db *DB) prepare(ctx context.Context) error {
	latest, err := migrations.Latest(db.engine.name())
	if err != nil {
		return err
	}
	have, err := db.schemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case have >= latest:
		return db.known(ctx, have, latest)
	}
	return db.migrate(ctx, have, latest)
}

// known refuses a schema that is newer than the newest that this program knows.
func (db *DB) known(ctx context.Context, have, latest int64) error {
	if have > latest {
		return db.newer(ctx, have, latest)
	}
	return nil
}

// SchemaVersion is the number of the last migration applied.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) { return db.schemaVersion(ctx) }

// schemaVersion is 0 for an empty database; one with tables of something else
// is refused.
func (db *DB) schemaVersion(ctx context.Context) (int64, error) {
	tables, err := db.tables(ctx)
	if err != nil {
		return 0, db.reachFault(ctx, err)
	}
	foreign := 0
	for _, t := range tables {
		if t == migrations.Table {
			var version int64
			err := db.read.GetContext(ctx, &version, `SELECT max(version_id) FROM `+migrations.Table)
			return version, db.engine.explain(ctx, "read the schema's version", err)
		}
		foreign++
	}
	if foreign > 0 {
		return 0, &Fault{NotOurs, fmt.Sprintf("the database %s holds tables of another program: give goodstanding a database of its own", db.engine.where), nil}
	}
	return 0, nil
}

// tables lists the tables of the place that would be goodstanding's. It goes
// through the writing connection, which creates a missing file.
func (db *DB) tables(ctx context.Context) (names []string, err error) {
	err = db.write.SelectContext(ctx, &names, db.engine.tableNames())
	return names, err
}

// reachFault explains why the first statement failed.
func (db *DB) reachFault(ctx context.Context, err error) error {
	explained := db.engine.explain(ctx, "", err)
	if _, ok := errors.AsType[*Fault](explained); ok && !db.engine.gone(err) || ctx.Err() != nil || db.engine.dialect == sqliteDialect {
		return fmt.Errorf("open the database: %w", explained)
	}
	hint := "check that it runs and that the address in GOODSTANDING_DATABASE is right"
	if errors.Is(err, pq.ErrSSLNotSupported) {
		hint = "it offers no TLS: add ?sslmode=disable to the address if the network between is your own"
	}
	return &Fault{Unreachable, fmt.Sprintf("the database %s does not answer: %s", db.engine.where, hint), err}
}

// newer refuses a database that a newer program has changed.
func (db *DB) newer(ctx context.Context, have, latest int64) error {
	var by string
	err := db.read.GetContext(ctx, &by, `SELECT value FROM setting WHERE name = $1`, settingMigratedBy)
	if err != nil || by == "" { // the sentence is right without it
		by = "a newer version"
	} else {
		by = "version " + by
	}
	return &Fault{NewerSchema, fmt.Sprintf("the database %s has schema %d, made by %s of goodstanding; this program knows schemas up to %d: use that version or a newer one",
		db.engine.where, have, by, latest), nil}
}

// migrate applies what is missing, one process at a time, and not while a daemon works
// with the schema that is there.
func (db *DB) migrate(ctx context.Context, have, latest int64) error {
	if served := db.options.Served; have > 0 && served != nil {
		release, is, err := served(ctx, db)
		if err != nil {
			return fmt.Errorf("look whether a daemon works with the database: %w", err)
		}
		defer release()
		if is {
			return db.atWork(ctx, latest)
		}
	}
	unlock, err := db.lockSchema(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	provider, err := db.migrator()
	if err != nil {
		return err
	}
	if have == 0 {
		if have, err = db.makeSchema(ctx, provider, latest); err != nil {
			return db.migrationFault(ctx, err)
		}
		switch {
		case have > latest:
			return db.newer(ctx, have, latest)
		case have == 0 || have == latest:
			return nil
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return db.migrationFault(ctx, err)
	}
	// While this one waited for the lock another program may have gone further.
	if have, err = db.schemaVersion(ctx); err != nil {
		return db.migrationFault(ctx, err)
	} else if have > latest {
		return db.newer(ctx, have, latest)
	}
	return db.noteVersion(ctx)
}

// atWork refuses to change the schema under a daemon, unless that was one of this
// version, which has brought it up to date meanwhile.
func (db *DB) atWork(ctx context.Context, latest int64) error {
	have, err := db.schemaVersion(ctx)
	if err != nil || have >= latest {
		return errors.Join(err, db.known(ctx, have, latest))
	}
	return &Fault{AtWork, fmt.Sprintf("the database %s has schema %d and this program works with schema %d, but a daemon works with it: "+
		"stop every daemon, make a backup, then bring it up to date (goodstanding migrate); until then use the program that the daemon runs, "+
		"and where that is this one start it again", db.engine.where, have, latest), nil}
}

// makeSchema gives an empty database its schema, all of it or nothing, in one
// transaction: there is nothing yet that a step could leave behind for the next one, and
// each statement alone goes to PostgreSQL and back several hundred times. Where another
// program came first, it does nothing and says which schema that made; else 0.
func (db *DB) makeSchema(ctx context.Context, provider *goose.Provider, latest int64) (made int64, err error) {
	if _, err := provider.GetDBVersion(ctx); err != nil { // makes the table of versions
		return 0, err
	}
	var how *sql.TxOptions
	if db.engine.dialect == postgresDialect { // each statement sees what was committed before it, and not before the lock
		how = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	q, err := db.write.BeginTxx(ctx, how)
	if err != nil {
		return 0, err
	}
	defer func() { _ = q.Rollback() }()
	tx := &Tx{q: conn{Tx: q, onStep: db.options.OnStep}, db: db, engine: db.engine}
	if err := tx.lockSchema(ctx); err != nil {
		return 0, err
	}
	if made, err = tx.schema(ctx); err != nil || made > 0 {
		return made, err
	}
	if err := tx.migrateTo(ctx, latest); err != nil {
		return 0, err
	}
	if db.options.Version != "" {
		if err := tx.SetSetting(ctx, settingMigratedBy, db.options.Version); err != nil {
			return 0, err
		}
	}
	return 0, q.Commit()
}

// lockSchema keeps other programs from changing the schema while the transaction lasts,
// and waits for those that do; on SQLite that is a file's (see DB.lockSchema).
func (tx *Tx) lockSchema(ctx context.Context) error {
	if tx.engine.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.q.ExecContext(ctx, `SET LOCAL lock_timeout = '1min'`); err != nil {
		return err
	}
	_, err := tx.q.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lock.DefaultLockID)
	return err
}

// lockSchema keeps other processes from changing the schema of a SQLite file, and
// makes it ready; on PostgreSQL the migrator has a lock of its own, which Tx.lockSchema
// takes, too.
func (db *DB) lockSchema(ctx context.Context) (unlock func(), err error) {
	if db.engine.dialect == postgresDialect {
		return func() {}, nil
	}
	unlock, err = lockFile(ctx, db.engine.where+migratingSuffix)
	if err != nil {
		return nil, db.engine.explain(ctx, "bring the database up to date", err)
	}
	// The write-ahead log is a property of the file that lasts.
	if _, err := db.write.ExecContext(ctx, `PRAGMA journal_mode = WAL`); err != nil {
		unlock()
		return nil, db.engine.explain(ctx, "turn on the write-ahead log", err)
	}
	return unlock, nil
}

// migrator applies the migrations, each in a transaction of its own.
func (db *DB) migrator() (*goose.Provider, error) {
	files, err := migrations.Files(db.engine.name())
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithTableName(migrations.Table), goose.WithDisableGlobalRegistry(true)}
	kind := goose.DialectSQLite3
	if db.engine.dialect == postgresDialect {
		kind = goose.DialectPostgres
		// Several daemons that start at once wait for the first one, and look each second.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, fmt.Errorf("make the migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(kind, db.write.DB, files, options...)
	return provider, wrap("read the migrations", err)
}

func (db *DB) migrationFault(ctx context.Context, err error) error {
	explained := db.engine.explain(ctx, "", err)
	if _, ok := errors.AsType[*Fault](explained); ok && !db.engine.gone(err) || ctx.Err() != nil {
		return fmt.Errorf("bring the database up to date: %w", explained)
	}
	if p, ok := errors.AsType[*pq.Error](err); ok && p.Code == lockTimeout {
		return &Fault{Busy, fmt.Sprintf("the database %s could not be brought up to date now, because another program reads or changes it, such as a backup: "+
			"wait for its end and do it again; the step left nothing behind", db.engine.where), err}
	}
	return &Fault{MigrationFailed, fmt.Sprintf("the database %s could not be brought up to date: the step that failed left nothing behind; keep a copy of the database and report this: %v", db.engine.where, err), err}
}

// noteVersion leaves the program's version for older programs to name.
func (db *DB) noteVersion(ctx context.Context) error {
	if db.options.Version == "" {
		return nil
	}
	return db.InTx(ctx, NoStream, 0, func(tx *Tx) error {
		return tx.SetSetting(ctx, settingMigratedBy, db.options.Version)
	})
}

// migratingSuffix is how the name of the file ends that lockFile is about.
const migratingSuffix = ".migrating"

// lockFile keeps processes from migrating one SQLite file at the same time; it
// waits up to a minute for the others. It is an exclusive transaction on an
// empty database beside the file, so it goes when its process goes. The file
// stays: removing it would race. goose's own lockers want a second connection
// to the database, which has only one.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	db, err := sqliteConnect(path, time.Minute, "_txlock=exclusive")
	if err != nil {
		return nil, fmt.Errorf("open the migration lock: %w", err)
	}
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for the migration lock: %w", err), db.Close())
	}
	return func() { _, _ = tx.Rollback(), db.Close() }, nil // nothing was written
}
