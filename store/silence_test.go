//go:build unix

package store_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// hush is for how long nothing may come in these tests before the server is asked.
const hush = 100 * time.Millisecond

// quiet opens a database whose server is asked soon.
func quiet(t *testing.T, dsn string, longest time.Duration) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store.Quiet(db, hush, 20*hush, longest)
	return db
}

// faultOf wants a fault of a kind that says some words.
func faultOf(t *testing.T, err error, problem store.Problem, words string) {
	t.Helper()
	if f, ok := errors.AsType[*store.Fault](err); !ok || f.Problem != problem || !strings.Contains(f.Error(), words) {
		t.Errorf("%v, want a fault that says %q", err, words)
	}
}

// TestAStatementThatTakesItsTime goes on for as long as the server works on it, whatever
// the session is called.
func TestAStatementThatTakesItsTime(t *testing.T) {
	dsn := dbtest.PostgresDSN(t)
	for _, name := range []string{"", "roll", "le r\u00f4le " + strings.Repeat("x", 80)} {
		db := quiet(t, dsn+"&application_name="+url.QueryEscape(name), 30*time.Second)
		if err := store.Carry(t, db, `SELECT pg_sleep(1)`); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestAServerProcessThatWasStopped alone says, as it noted last, that it works; it is
// given up in the end.
func TestAServerProcessThatWasStopped(t *testing.T) {
	dsn := dbtest.PostgresDSN(t)
	watch := raw(t, "postgres", dsn)
	stopped := make(chan int, 1)
	go func() {
		defer close(stopped)
		for range 1000 {
			var pid int
			if watch.QueryRow(`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(1.5)' AND state = 'active'`).Scan(&pid) == nil {
				if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
					t.Errorf("stop the server's process %d: %v", pid, err)
				}
				stopped <- pid
				return
			}
			time.Sleep(hush / 20)
		}
		t.Error("the statement was never seen at work")
	}()
	err := store.Carry(t, quiet(t, dsn, 30*hush), `SELECT pg_sleep(1.5)`)
	if pid := <-stopped; pid > 0 {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	faultOf(t, err, store.Busy, "answers, but has worked on one statement for 3 s")
}

// TestAConnectionThatWasCut while a statement is under way is given up once the server
// does not work on it, or does not answer, and the operator is told which of both.
func TestAConnectionThatWasCut(t *testing.T) {
	for name, tt := range map[string]struct {
		all   bool // connections that are made later are cut, too
		words string
	}{
		"it alone":          {false, "while over another one the database answers, and works on nothing that was asked over this one"},
		"the whole network": {true, "does not answer: nothing came from it for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSwallower(t, dbtest.PostgresDSN(t), "pg_sleep", tt.all)
			faultOf(t, store.Carry(t, quiet(t, s.dsn, 30*time.Second), `SELECT pg_sleep(0.5)`), store.Unreachable, tt.words)
			if !s.cut.Load() {
				t.Error("nothing was cut")
			}
		})
	}
}

// swallower stands between a program and its database. From when a word is said on,
// nothing that the server says comes through any more on that connection, and where
// that is asked for nothing either way on those that are made later; nobody is told.
type swallower struct {
	dsn  string
	word string
	all  bool
	cut  atomic.Bool
	kept []net.Conn // that are never answered
}

func newSwallower(t *testing.T, dsn, word string, all bool) *swallower {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "gs-cut-") // short: a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	q := u.Query()
	server := filepath.Join(q.Get("host"), socket)
	l, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = l.Close(), os.RemoveAll(dir) })
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	s := &swallower{dsn: u.String(), word: word, all: all}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if s.all && s.cut.Load() {
				s.kept = append(s.kept, c)
				continue
			}
			go s.join(c, server)
		}
	}()
	return s
}

// join carries both ways until one side hangs up, or the connection is cut.
func (s *swallower) join(program net.Conn, address string) {
	server, err := net.Dial("unix", address)
	if err != nil {
		_ = program.Close()
		return
	}
	var here atomic.Bool
	go func() {
		defer program.Close()
		b := make([]byte, 64<<10)
		for {
			n, err := server.Read(b)
			if err != nil && !here.Load() {
				return
			}
			if here.Load() {
				_, _ = io.Copy(io.Discard, server)
				select {} // the program does not hear that the server hung up either
			}
			if _, err := program.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	defer server.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := program.Read(b)
		if err != nil {
			return
		}
		if strings.Contains(string(b[:n]), s.word) {
			here.Store(true)
			s.cut.Store(true)
		}
		if _, err := server.Write(b[:n]); err != nil {
			return
		}
	}
}
