package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/store"
)

// storeLock is held by the one serve that a SQLite file has. The kernel lets go
// of it when the process ends, however it ends.
type storeLock struct{ file *os.File }

// errLocked says that another process has the lock, errNoLocks that the system has none.
var (
	errLocked  = errors.New("locked")
	errNoLocks = errors.New("this system has no advisory locks that goodstanding knows: serve on PostgreSQL here")
)

// A command that changes the schema of a SQLite file has its lock for so long (served),
// which whoever comes then waits for.
const (
	lockTries = 20
	lockPause = 50 * time.Millisecond
)

// lockStore refuses a second serve on one SQLite file. The lock is on a file
// beside it, so that every other command can open the database itself. On
// PostgreSQL there is none to take: several daemons may run there.
func lockStore(ctx context.Context, db *store.DB) (*storeLock, error) {
	path, ok := strings.CutPrefix(db.Where(), "sqlite://")
	if !ok {
		return &storeLock{}, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // by whichever name the file is reached
	}
	f, err := os.OpenFile(path+".serve", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the file %s.serve, which keeps a second serve out: %s", path, cause(err))
	}
	err = lockFile(f)
	for try := 1; errors.Is(err, errLocked) && try < lockTries; try++ {
		select {
		case <-time.After(lockPause):
			err = lockFile(f)
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	if err != nil {
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, &alreadyServed{db.Where()}
		}
		return nil, fmt.Errorf("lock the file %s.serve: %w", path, err)
	}
	return &storeLock{f}, nil
}

// release lets the next one in. The file stays: removing it could take it from
// under one that has just opened it.
func (l *storeLock) release() {
	if l.file != nil {
		_ = l.file.Close() // closing is what lets go
	}
}

// alreadyServed says that another serve runs on the same file.
type alreadyServed struct{ where string }

func (e *alreadyServed) Error() string {
	return fmt.Sprintf("another goodstanding serve runs on the database %s: stop that one first, or name another database "+
		"(every other command works beside it, and on PostgreSQL several may serve)", e.where)
}
