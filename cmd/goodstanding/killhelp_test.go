//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// trap counts what passes and does something at the nth.
type trap struct {
	mu       sync.Mutex
	seen, at int
	spring   func()
}

// set counts from the beginning; 0 lets everything pass.
func (x *trap) set(at int, spring func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen, x.at, x.spring = 0, at, spring
}

// passes counts one; false when it is the one, or comes after it.
func (x *trap) passes() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen++
	if x.seen == x.at {
		x.spring()
	}
	return x.at == 0 || x.seen < x.at
}

func (x *trap) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen
}

// listenIn lets a trap see what is written to a database, and gives the address
// to use for that: each message to PostgreSQL, each growth or change of
// SQLite's log that a look every few microseconds can tell.
func listenIn(t *testing.T, dsn string, writes *trap) string {
	t.Helper()
	if path, ok := strings.CutPrefix(dsn, "sqlite://"); ok {
		watchFile(t, path+"-wal", writes)
		return dsn
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	dir, err := os.MkdirTemp("", "gs-ear-") // short: a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	l, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = l.Close(), os.RemoveAll(dir) })
	go forward(l, filepath.Join(q.Get("host"), socket), writes)
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	return u.String()
}

// forward carries connections to a socket until the listener is closed.
func forward(l net.Listener, to string, writes *trap) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", to)
		if err != nil {
			_ = client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(client, server) // ends with the connection
			_ = client.Close()
		}()
		go func() {
			defer server.Close()
			b := make([]byte, 64<<10)
			for {
				n, err := client.Read(b)
				if err != nil || !writes.passes() {
					return
				}
				if _, err := server.Write(b[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// watchFile looks at a file until the test ends.
func watchFile(t *testing.T, path string, writes *trap) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		last := ""
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Microsecond):
			}
			now := ""
			if info, err := os.Stat(path); err == nil {
				now = fmt.Sprint(info.Size(), info.ModTime())
			}
			if now != last {
				last = now
				writes.passes()
			}
		}
	}()
	t.Cleanup(func() { close(done); <-ended })
}

// factsOf reads a database as another process would, and holds its log to a
// replay into an empty one: the verdicts are the same bytes for any instant.
func factsOf(t *testing.T, dsn string, now instant.Instant) stored {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var log bytes.Buffer
	if err := db.ExportLog(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	s := stored{log: map[string]bool{}, settled: settledOf(t, log.Bytes())}
	for _, line := range strings.Split(log.String(), "\n")[1:] {
		if line != "" && !strings.HasPrefix(line, `{"rows":`) {
			s.log[line] = true
		}
	}
	again, err := store.Open(t.Context(), dbtest.SQLiteDSN(t), store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.ReplayLog(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	here, there := verdictsOf(t, db, now), verdictsOf(t, again, now)
	if !slices.Equal(here, there) {
		t.Fatalf("replayed, the log answers otherwise:\n%s", difference(strings.Join(here, "\n"), strings.Join(there, "\n")))
	}
	s.settled = append(append(s.settled, here...), noticesOf(t, db)...)
	return s
}

// verdictsOf are all standings at some instants up to now, by all that is known.
func verdictsOf(t *testing.T, db *store.DB, now instant.Instant) (out []string) {
	t.Helper()
	r := roll.New(db, roll.Options{Now: func() instant.Instant { return now }})
	book, err := r.Book(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for at := instant.Date(2026, 1, 3); at <= now; at = at.Add(11 * 24 * time.Hour) {
		for _, row := range book.View(roll.Query{At: at}, now).Rows {
			row.Standing.Known = 0 // of the newest reading, of which a killed program may have one more
			text, err := json.Marshal(row.Standing)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%s %s", at, text))
		}
	}
	slices.Sort(out)
	return out
}

// noticesOf are the notices that were written, and what became of them; the
// audit chain is whole.
func noticesOf(t *testing.T, db *store.DB) (out []string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		report, err := tx.VerifyAudit(t.Context())
		if err == nil && (!report.OK() || report.Rows == 0) {
			t.Errorf("the audit chain: %+v", report)
		}
		if err != nil {
			return err
		}
		rows, err := tx.Notices(t.Context(), store.OutboxQuery{})
		for _, n := range rows {
			if n.Kind == notify.Stale { // a daemon that is killed before it reads has seen how old the roll is, rightly
				continue
			}
			out = append(out, fmt.Sprint("notice ", n.Occasion, n.Recipient, n.Channel, n.About, n.DueAt, n.State, n.Detail))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
