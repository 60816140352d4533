package store

import (
	"context"
	"os"
	"sync"
	"time"
)

// turn lets the writers of several processes on one SQLite file through in
// turns. SQLite's write lock is taken by whoever asks at the right moment, and
// one that waits asks less and less often: a process that writes without a
// pause would keep all others out for as long as it goes on. So whoever wants to
// write first takes this turn, keeps it while it waits for the write lock, and
// gives it back once it has that: nobody can begin twice before one that waits.
//
// It is a lock of the kernel on a file of its own beside the database (SQLite
// has locks on the others), which goes when its process goes. It is a courtesy:
// what keeps writers apart is SQLite's lock. Where it cannot be had, it is gone
// without. A nil turn is always had.
type turn struct {
	path string

	mu   sync.Mutex
	file *os.File // nil until it is first wanted, and once it is closed
	off  bool     // it cannot be had here, or is wanted no more
}

// The first pause and the longest between two looks at the turn.
const (
	firstLook   = time.Millisecond
	longestLook = 5 * time.Millisecond
)

// take waits for the turn, at most as long as SQLite waits for its lock, and
// says how to give it back. The process's queue keeps others from calling it at
// the same time.
func (t *turn) take(ctx context.Context) (giveBack func()) {
	none := func() {}
	f := t.open()
	if f == nil {
		return none
	}
	ctx, cancel := context.WithTimeout(ctx, sqliteBusyTimeout)
	defer cancel()
	for pause := firstLook; ; pause = min(2*pause, longestLook) {
		had, err := tryTurn(f)
		switch {
		case had:
			return func() { _ = leaveTurn(f) } // the next to begin finds out
		case err != nil:
			_ = t.close()
			return none
		case sleep(ctx, pause) != nil:
			return none
		}
	}
}

// open is the file of the turn; nil where it is gone without.
func (t *turn) open() *os.File {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil && !t.off {
		f, err := os.OpenFile(t.path, os.O_RDWR|os.O_CREATE, 0o600)
		t.file, t.off = f, err != nil
	}
	return t.file
}

// close lets go of the file, for good.
func (t *turn) close() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.file
	t.file, t.off = nil, true
	if f == nil {
		return nil
	}
	return f.Close()
}
