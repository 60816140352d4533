package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// line is the way to a PostgreSQL server, which can be cut and mended.
type line struct {
	mu       sync.Mutex
	to       string
	open     []net.Conn
	down     bool
	onCommit bool // the next commit is passed on, and its answer never comes
}

const pgSocket = ".s.PGSQL.5432"

// newLine is a database behind a line of its own.
func newLine(t *testing.T) (*line, *store.DB) {
	t.Helper()
	u, err := url.Parse(dbtest.PostgresDSN(t))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	dir, err := os.MkdirTemp("", "gs-cut-") // short: a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	l := &line{to: filepath.Join(q.Get("host"), pgSocket)}
	listener, err := net.Listen("unix", filepath.Join(dir, pgSocket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = listener.Close(), os.RemoveAll(dir) })
	go l.accept(listener)
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	db, err := store.Open(t.Context(), u.String(), store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return l, db
}

func (l *line) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", l.to)
		if err != nil || !l.keep(client, server) {
			_ = client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(client, server) // ends with the connection
			_ = client.Close()
		}()
		go l.carry(client, server)
	}
}

// keep remembers a connection; false while the line is cut.
func (l *line) keep(client, server net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		_ = server.Close()
		return false
	}
	l.open = append(l.open, client, server)
	return true
}

func (l *line) carry(client, server net.Conn) {
	defer server.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := client.Read(b)
		if err != nil {
			return
		}
		l.mu.Lock()
		last := l.onCommit && bytes.Contains(b[:n], []byte("COMMIT"))
		l.mu.Unlock()
		if last {
			_ = client.Close()
		}
		if _, err := server.Write(b[:n]); err != nil || last {
			time.Sleep(100 * time.Millisecond) // the server does what it was told
			return
		}
	}
}

func (l *line) set(down, onCommit bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down, l.onCommit = down, onCommit
	if down {
		for _, c := range l.open {
			_ = c.Close()
		}
		l.open = nil
	}
}

func (l *line) cut()  { l.set(true, false) }
func (l *line) mend() { l.set(false, false) }

// castsOf are the ballots of one member that were ever cast in decision 1.
func (w *world) casts() (n int) {
	for _, e := range w.recorded("1").Entries {
		if e.Kind == "cast" {
			n++
		}
	}
	return n
}

// TestTheDatabaseIsGoneForAWhile: what everybody and members read goes on from
// memory, marked stale, also what a deadline led to that nobody could write down;
// whoever votes is told to come again, and nothing is half done. When it is back
// the vote goes through, and is there once.
func TestTheDatabaseIsGoneForAWhile(t *testing.T) {
	l, db := newLine(t)
	w := bare(t, db)
	w.settle()
	c := w.decide()
	w.watch()
	const one, ballot, favour = decisionsPath + "/1", decisionsPath + "/1/ballots/zed-canary", `{"answer": "favour"}`
	visits := []string{decisionsPath, one, one + "/record", feedPath, "/api/v1/me"}
	before := map[string]string{}
	for _, path := range visits {
		before[path] = c.zoe.send("GET", path, "").body
	}
	casts := w.casts()

	l.cut()
	within(t, soon, "the mark", func() bool { return w.get(one).Header.Get("Goodstanding-Stale") == "true" })
	for _, path := range visits {
		got := c.zoe.send("GET", path, "")
		if got.StatusCode != 200 || got.body != before[path] || got.Header.Get("Goodstanding-Stale") != "true" {
			t.Errorf("%s without a database: %d %s", path, got.StatusCode, got.body)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got := c.zoe.send("PUT", ballot, favour)
			if p := problemOf(t, got, 503, "not-ready"); got.Header.Get("Retry-After") == "" || p.Detail != "the database does not answer: nothing was changed, try again" {
				t.Errorf("a vote without a database: %s %v", got.body, got.Header)
			}
		})
	}
	all.Wait()
	problemOf(t, w.read("/api/v1/electorate"), 503, "not-ready")
	problemOf(t, w.read(noticesPath), 503, "not-ready")

	l.mend()
	within(t, soon, "the vote", func() bool { return c.zoe.send("PUT", ballot, favour).StatusCode == 200 })
	within(t, soon, "the mark is gone", func() bool { return w.get(one).Header.Get("Goodstanding-Stale") == "false" })
	if d := c.zoe.read("1"); w.casts() != casts+1 || len(d.Members.Ballots) != 2 || d.Tally.Favour != 2 {
		t.Errorf("afterwards: %d ballots cast, %d before: %+v", w.casts(), casts, d)
	}

	l.cut()
	entries := c.zoe.read("1").Entries
	w.later(10 * 24 * time.Hour)
	d := c.fay.read("1")
	if d.State != "overdue" || d.Entries != entries {
		t.Errorf("its deadline came while the database was gone: %+v", d)
	}
	l.mend()
	within(t, soon, "the closing", func() bool {
		closed, err := w.api.o.Chair.CloseDue(t.Context())
		return err == nil && len(closed) > 0 && closed[0].At == instant.Date(2026, 6, 23)
	})
	within(t, soon, "that it is written down", func() bool { return c.fay.read("1").Entries == entries+1 })
	if d := c.fay.read("1"); d.State != "overdue" {
		t.Errorf("written down it reads otherwise: %+v", d)
	}
	w.verified()
}

func (w *world) verified() {
	w.t.Helper()
	all, err := w.api.o.Chair.Verify(w.t.Context())
	w.ok(err)
	for _, v := range all {
		if !v.OK() {
			w.t.Errorf("%+v", v)
		}
	}
	if len(all) == 0 {
		w.t.Error("nothing to verify")
	}
}

// TestTheDatabaseGoesAwayDuringTheCommit: nobody knows whether the ballot was
// stored, and that is said; sending it again gives its receipt, and it is there once.
func TestTheDatabaseGoesAwayDuringTheCommit(t *testing.T) {
	l, db := newLine(t)
	w := bare(t, db)
	w.settle()
	c := w.decide()
	casts := w.casts()
	const ballot, favour = decisionsPath + "/1/ballots/zed-canary", `{"answer": "favour"}`
	l.set(false, true)
	got := c.zoe.send("PUT", ballot, favour)
	p := problemOf(t, got, 503, "not-ready")
	if !strings.HasPrefix(p.Detail, "the database went away while this was written, and whether it was is not known") || got.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	l.mend()
	within(t, soon, "again", func() bool { return c.zoe.send("PUT", ballot, favour).StatusCode == 200 })
	first := c.zoe.do("PUT", ballot, favour)
	if e := w.recorded("1").Entries[first.Receipt.Entry-1]; w.casts() != casts+1 || e.Hash != first.Receipt.Hash {
		t.Errorf("it is there %d times", w.casts()-casts)
	}
	w.verified()
}

// TestAnotherProgramKeepsTheFile: on SQLite, whoever votes while another program
// writes for too long is told to come again; reading goes on.
func TestAnotherProgramKeepsTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for SQLite's busy timeout")
	}
	open := dbtest.SQLite(t)
	w := bare(t, open())
	w.settle()
	c := w.decide()
	casts := w.casts()
	held, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	other := open()
	enough := errors.New("enough")
	go func() {
		done <- other.InTx(context.WithoutCancel(t.Context()), store.NoStream, w.clock(), func(*store.Tx) error {
			close(held)
			<-release
			return enough
		})
	}()
	<-held
	const ballot, favour = decisionsPath + "/1/ballots/zed-canary", `{"answer": "favour"}`
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	req := httptest.NewRequest("PUT", ballot, strings.NewReader(favour)).WithContext(ctx)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.zoe.token)
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, req)
	if rec.Code != 503 || rec.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s %v", rec.Code, rec.Body, rec.Header())
	}
	if d := c.zoe.read("1"); d.Tally.Favour != 1 {
		t.Errorf("reading: %+v", d)
	}
	close(release)
	if err := <-done; !errors.Is(err, enough) {
		t.Error(err)
	}
	c.zoe.do("PUT", ballot, favour)
	if w.casts() != casts+1 {
		t.Errorf("%d ballots were cast", w.casts()-casts)
	}
	w.verified()
}
