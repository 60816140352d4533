package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"coopcloud.tech/goodstanding/migrations"
)

// Open opens the database that the DSN names, brings its schema up to date
// under a lock, and refuses what is not goodstanding's or is newer than this
// program. The forms are
//
//	sqlite:///absolute/path   a file, created when missing (mode 0600); its folder must exist
//	sqlite://relative/path
//	postgres://user:password@host:port/database?sslmode=…   (also postgresql://)
//	postgres://user@host1:port1,host2:port2/database   several servers, of which one takes writes
//
// Without an sslmode a server on this machine is spoken to in the clear and any
// other with TLS (sslmode=require). A problem that the operator can solve comes
// as a *Fault.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	db, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	db.makePrivate()
	if err := db.prepare(ctx); err != nil {
		_ = db.Close() // the first error is the one that helps
		return nil, err
	}
	if db.silence != nil {
		db.silence.bound.Store(true)
	}
	return db, nil
}

// OpenAsItIs opens a database for a backup, or to look whether it can be worked with,
// and changes nothing, so its schema may be an older one than the program's: nothing
// else works on it then. One that is not there is refused, as is what Open refuses.
func OpenAsItIs(ctx context.Context, dsn string, o Options) (*DB, error) {
	db, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	if err := db.there(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// UpToDate is the schema of a database that was opened as it is; one that Open would
// bring up to date first is refused, with a *Fault.
func (db *DB) UpToDate(ctx context.Context) (schema int64, err error) {
	latest, err := migrations.Latest(db.engine.name())
	if err != nil {
		return 0, err
	}
	if schema, err = db.schemaVersion(ctx); err != nil || schema == latest {
		return schema, err
	}
	if schema > latest { // since it was opened
		return schema, db.newer(ctx, schema, latest)
	}
	return schema, &Fault{OlderSchema, fmt.Sprintf("the database %s has schema %d, and this program works with schema %d: make a backup, then bring it up to date (goodstanding migrate)",
		db.engine.where, schema, latest), nil}
}

// there refuses what is no database of goodstanding, or not yet.
func (db *DB) there(ctx context.Context) error {
	nothing := &Fault{NoDatabase, fmt.Sprintf("there is no database of goodstanding at %s: look at GOODSTANDING_DATABASE and GOODSTANDING_DATA", db.where), nil}
	if db.engine.dialect == sqliteDialect {
		if _, err := os.Stat(db.engine.where); errors.Is(err, fs.ErrNotExist) {
			return nothing // to look further would make the file
		}
	}
	have, err := db.schemaVersion(ctx)
	if err != nil {
		return err
	}
	latest, err := migrations.Latest(db.engine.name())
	switch {
	case err != nil:
		return err
	case have == 0:
		return nothing
	case have > latest:
		return db.newer(ctx, have, latest)
	}
	return nil
}

// connect opens the database as it is.
func connect(ctx context.Context, dsn string, o Options) (*DB, error) {
	scheme, rest, _ := strings.Cut(dsn, "://")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest, o)
	case "postgres", "postgresql":
		return openPostgres(dsn, o)
	}
	return nil, unknownScheme(dsn)
}

func unknownScheme(dsn string) *Fault {
	const forms = "write sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/database"
	scheme, _, found := strings.Cut(dsn, "://")
	if !found {
		return &Fault{BadDSN, "the database address has no scheme: " + forms, nil}
	}
	if len(scheme) > 20 { // hardly a scheme: may be anything, also a secret
		scheme = scheme[:20] + "…"
	}
	return &Fault{BadDSN, "the database address begins with " + scheme + "://, which is none of goodstanding's engines: " + forms, nil}
}
