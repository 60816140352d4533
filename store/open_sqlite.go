package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqlitePragmas hold for every connection. WAL is not among them: it is a
// property of the file, set once under the migration lock. What is removed or
// replaced is overwritten, in free pages too: else what was erased stays to be read in
// the file. That costs a few milliseconds where thousands of rows are erased at once,
// and where rows are added, nothing that could be measured. Rests of rows that moved
// from one page to another may stay.
const sqlitePragmas = "_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=trusted_schema(0)&_pragma=secure_delete(1)"

// sqliteBusyTimeout is how long one attempt waits for SQLite's lock.
const sqliteBusyTimeout = 5 * time.Second

// readerIdle is how long a connection that reads is kept for the next rush: each has
// a megabyte of its own.
const readerIdle = 30 * time.Second

// openSQLite opens one connection that writes and a pool that reads. Several
// processes may have the file open at once.
func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if path == "" || strings.Contains(path, "?") || strings.HasSuffix(path, "/") {
		return nil, &Fault{BadDSN, "the database address names no file: write sqlite:///absolute/path or sqlite://relative/path, without settings after a ?", nil}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, &Fault{BadDSN, fmt.Sprintf("the path of the database %s cannot be made absolute: write sqlite:///absolute/path", path), err}
	}
	if f := folderFault(abs); f != nil {
		return nil, f
	}
	e := engine{sqliteDialect, abs}
	write, err := sqliteConnect(abs, sqliteBusyTimeout, "_txlock=immediate")
	if err != nil {
		return nil, e.explain(ctx, "open the database", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sqliteConnect(abs, sqliteBusyTimeout, "_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(e.explain(ctx, "open the database", err), write.Close())
	}
	read.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	read.SetMaxIdleConns(4)
	read.SetConnMaxIdleTime(readerIdle)
	return &DB{engine: e, write: write, read: read, queue: make(queue, 1), turn: &turn{path: abs + ".turn"}, where: "sqlite://" + abs, options: o, begun: &atomic.Int64{}, prepared: newPrepared()}, nil
}

// sqliteConnect waits for locks from the first statement on: to connect takes
// one, too.
func sqliteConnect(abs string, wait time.Duration, extra string) (*sqlx.DB, error) {
	query := fmt.Sprintf("_pragma=busy_timeout(%d)&%s&%s", wait.Milliseconds(), sqlitePragmas, extra)
	name := url.URL{Scheme: "file", Path: abs, RawQuery: query}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	return sqlx.NewDb(db, "sqlite3"), nil // the name by which sqlx knows the engine's placeholders
}

// folderFault looks at the file's folder, because SQLite itself only says that
// it cannot open the file.
func folderFault(abs string) *Fault {
	dir := filepath.Dir(abs)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Fault{NoFolder, fmt.Sprintf("the folder %s of the database does not exist: create it, or name another in GOODSTANDING_DATA", dir), err}
	case err != nil:
		return &Fault{NoFolder, fmt.Sprintf("the folder %s of the database cannot be read: give the user that runs goodstanding the right to read and write it", dir), err}
	case !info.IsDir():
		return &Fault{NoFolder, fmt.Sprintf("%s is a file, not a folder, so the database cannot stand in it: name another place in GOODSTANDING_DATA", dir), nil}
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return &Fault{NotADatabase, fmt.Sprintf("%s is a folder, not a database: add the name of a file", abs), nil}
	}
	return nil
}
