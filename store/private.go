package store

import (
	"os"
	"sync"
)

// making lets one goroutine at a time make a database's file: to close a file that SQLite
// has open elsewhere in the process would give back its locks.
var making sync.Mutex

// makePrivate makes the file of a SQLite database that is not there yet, and the one whose
// lock keeps migrations apart, so that nobody but their owner can read them: SQLite would
// make them as the umask says. What SQLite puts beside a file has its mode. Where that
// fails, SQLite says why when it tries.
func (db *DB) makePrivate() {
	if db.engine.dialect != sqliteDialect {
		return
	}
	making.Lock()
	defer making.Unlock()
	for _, path := range []string{db.engine.where, db.engine.where + migratingSuffix} {
		if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close() // nothing was written
		}
	}
}
