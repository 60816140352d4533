//go:build unix

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// leisurely has the daemons of these tests watch each other as slowly as those that
// are really run.
var leisurely = flag.Bool("leisurely", false, "take over as slowly as in earnest")

// haste is how many times faster it goes in the tests.
const haste = 10

// link carries connections between a daemon and its database, until it is cut.
type link struct {
	t    *testing.T
	to   string // the server's socket
	dsn  string // of the database by this link
	cut  atomic.Bool
	mu   sync.Mutex
	open []net.Conn
	hook func(said []byte) // is told what the daemon says, before the server is; nil is told nothing
}

func newLink(t *testing.T, dsn string) *link {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	dir, err := os.MkdirTemp("", "gs-link-") // short: a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	l := &link{t: t, to: filepath.Join(q.Get("host"), socket)}
	at, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = at.Close(), os.RemoveAll(dir); l.mend() })
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	l.dsn = u.String()
	go l.serve(at)
	return l
}

func (l *link) serve(at net.Listener) {
	for {
		daemon, err := at.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", l.to)
		if err != nil {
			_ = daemon.Close()
			continue
		}
		l.mu.Lock()
		l.open = append(l.open, daemon, server)
		l.mu.Unlock()
		go l.carry(daemon, server, true)
		go l.carry(server, daemon, false)
	}
}

// carry copies until one side hangs up. What is said while the link is cut is lost,
// and nobody hears of it.
func (l *link) carry(from, to net.Conn, asks bool) {
	defer to.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			if l.cut.Load() {
				select {} // nobody is told that the other side hung up: the link is cut
			}
			return
		}
		l.mu.Lock()
		hook := l.hook
		l.mu.Unlock()
		if asks && hook != nil {
			hook(b[:n])
		}
		if l.cut.Load() {
			continue
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

// once does something when the daemon says a word for the first time from now on.
func (l *link) once(word string, f func()) {
	l.whenever(word, sync.OnceFunc(f))
}

// whenever does something whenever the daemon says a word from now on, before the
// server hears of it.
func (l *link) whenever(word string, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hook = func(said []byte) {
		if bytes.Contains(said, []byte(word)) {
			f()
		}
	}
}

// mend lets through what is said anew; what was connected before is not any more, and
// what was being said over it is not heard.
func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		_ = c.Close()
	}
	l.open = nil
	l.cut.Store(false)
}

// replica is one of several daemons on a database, as a process of its own.
type replica struct {
	*exec.Cmd
	t         *testing.T
	out, errs stream
	url       string
	link      *link
}

// replica starts one on a link of its own, whose clock runs on from the world's, and
// waits until it serves.
func (w *world) replica(t *testing.T, dsn string) *replica {
	t.Helper()
	l := newLink(t, dsn)
	var env []string
	if !*leisurely {
		env = append(env, fmt.Sprintf("%s=%d", hastyPace, haste))
		l.dsn += fmt.Sprintf("&idle_in_transaction_session_timeout=%d", 10_000/haste)
	}
	return w.begins(t, &replica{link: l}, append(env, "GOODSTANDING_DATABASE="+l.dsn)...)
}

// begins starts a replica with more in its environment.
func (w *world) begins(t *testing.T, r *replica, env ...string) *replica {
	t.Helper()
	r.t, r.Cmd = t, exec.Command(os.Args[0])
	r.Env = append(env, beTheDaemon+"=serve --listen 127.0.0.1:0 --metrics-listen off", fmt.Sprintf("%s=%d", clockRunsFrom, w.clock))
	for k, v := range w.env {
		if k != "GOODSTANDING_DATABASE" {
			r.Env = append(r.Env, k+"="+v)
		}
	}
	r.Stdout, r.Stderr = &r.out, &r.errs
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = r.Process.Signal(syscall.SIGCONT), r.Process.Kill() // ended already is as good
		if _ = r.Wait(); t.Failed() {
			t.Logf("%s", r.out.String())
			for line := range strings.Lines(r.errs.String()) {
				if !strings.Contains(line, `"message":"answered"`) {
					t.Log(line)
				}
			}
		}
	})
	r.until("it serves", 30*time.Second, func() bool { return strings.Contains(r.out.String(), "Control-C") })
	r.url = first(listening, r.out.String())
	return r
}

func (r *replica) until(what string, within time.Duration, f func() bool) {
	r.t.Helper()
	for began := time.Now(); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > within {
			r.t.Fatalf("after %s it is not so that %s:\n%s", within, what, r.errs.String())
		}
	}
}

func (r *replica) says(words string) bool { return strings.Contains(r.errs.String(), words) }

const (
	leadsNow   = "this daemon leads"
	leadsAgain = "this daemon does not lead any more"
)

// within15 is the longest that nobody may lead.
func within15() time.Duration {
	if *leisurely {
		return 15 * time.Second
	}
	return 15 * time.Second / haste * 3 // the program itself is no faster, and other tests run
}

// TestALeaderThatIsCutOff writes nothing once another leads: it is stopped, or cut
// off from the database, in the middle of a pull's transaction; another leads soon,
// and pulls; people vote at both all the while; and when the first one comes back it
// has stored nothing, and goes on answering and taking ballots.
func TestALeaderThatIsCutOff(t *testing.T) {
	for name, how := range map[string]struct{ off, on func(*replica) }{
		"stopped": {
			func(r *replica) { _ = r.Process.Signal(syscall.SIGSTOP) },
			func(r *replica) { _ = r.Process.Signal(syscall.SIGCONT) },
		},
		"without a network": {
			func(r *replica) { r.link.cut.Store(true) },
			func(r *replica) { r.link.mend() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p := election(t)
			dsn := w.env["GOODSTANDING_DATABASE"]
			w.clock = w.clock.Add(2 * leastBetween) // none is due, and one may be hinted at
			before := len(snapshots(t, dsn))
			cutOff := make(chan time.Time, 1)
			one := w.replica(t, dsn)
			one.until("it leads", 10*time.Second, func() bool { return one.says(leadsNow) })
			two := w.replica(t, dsn)
			one.link.once("INSERT INTO snapshot", func() {
				how.off(one)
				cutOff <- time.Now()
			})
			urls := []string{one.url, two.url}
			p.at, p.within = func(voter, try int) string { return urls[(voter+try)%2] }, 3*time.Second
			var all sync.WaitGroup
			for i := range voters {
				all.Go(func() { p.vote(i) })
			}
			hint(t, two) // whoever takes it, the leader reads
			var at time.Time
			select {
			case at = <-cutOff:
			case <-time.After(time.Minute):
				t.Fatal("the leader did not read")
			}
			voted := p.acknowledged()
			two.until("it leads", within15(), func() bool { return two.says(leadsNow) })
			t.Logf("another led after %s", time.Since(at).Round(time.Millisecond))
			two.until("it has read", within15(), func() bool { return len(snapshots(t, dsn)) == before+1 })
			t.Logf("it had read after %s", time.Since(at).Round(time.Millisecond))
			two.until("ballots are taken without the first", 10*time.Second, func() bool { return p.acknowledged() > voted+voters })
			two.until("a ballot that the first had been sent was sent again", 15*time.Second, func() bool { return p.again() > 0 })
			if res, err := (&http.Client{Timeout: time.Second}).Get(one.url + "/healthz"); name != "stopped" && (err != nil || res.StatusCode != http.StatusOK) {
				t.Errorf("without its database it answers %v, %v", res, err)
			}
			how.on(one)
			one.until("it knows", 40*time.Second, func() bool { return one.says(leadsAgain) })
			one.until("everybody has had a turn or three", time.Minute, func() bool { return p.acknowledged() >= 3*voters })
			p.enough.Store(true)
			all.Wait()
			client := &http.Client{Timeout: 15 * time.Second}
			one.until("it takes ballots again", 10*time.Second, func() bool {
				b, _ := p.cast(client, one.url, 0, "at the first, at last")
				if b != nil {
					p.acked = append(p.acked, *b)
				}
				return b != nil
			})
			if got := len(snapshots(t, dsn)); got != before+1 {
				t.Errorf("%d snapshots are stored, want one more, %d", got, before+1)
			}
			if strings.Count(two.errs.String(), leadsNow) != 1 || two.says(leadsAgain) || strings.Count(one.errs.String(), leadsNow) != 1 {
				t.Error("it was not one after the other who led")
			}
			oneEach(t, dsn)
			p.check()
			// A daemon that is told to end gives its lease up at once.
			if err := two.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			one.until("it leads again", 3*time.Second, func() bool { return strings.Count(one.errs.String(), leadsNow) == 2 })
		})
	}
}

// TestALeaderThatDoesNotKnow that another leads is refused by the database, in the
// middle of a pull's transaction; and it leads again once nobody does.
func TestALeaderThatDoesNotKnow(t *testing.T) {
	w, _ := election(t)
	dsn := w.env["GOODSTANDING_DATABASE"]
	w.clock = w.clock.Add(2 * leastBetween)
	before := len(snapshots(t, dsn))
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l := newLink(t, dsn)
	one := w.begins(t, &replica{link: l}, "GOODSTANDING_DATABASE="+l.dsn) // at its own pace: it looks at the lease every two seconds
	one.until("it leads", 10*time.Second, func() bool { return one.says(leadsNow) })
	taken := make(chan store.Lease, 1)
	l.once("INSERT INTO snapshot", func() {
		now, err := db.Lease(context.Background(), store.LeaderLease)
		if err == nil {
			now, _, err = db.TakeLease(context.Background(), now, "another", 0)
		}
		if err != nil {
			t.Errorf("take the lease: %v", err)
		}
		taken <- now
	})
	hint(t, one)
	lease := <-taken
	one.until("it is refused", 10*time.Second, func() bool { return one.says("another leads by now") && one.says(leadsAgain) })
	if got := len(snapshots(t, dsn)); got != before {
		t.Errorf("%d snapshots are stored, want those before, %d", got, before)
	}
	if err := db.GiveUpLease(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	one.until("it leads again", 10*time.Second, func() bool { return strings.Count(one.errs.String(), leadsNow) == 2 })
}

// election is a world on PostgreSQL with people who may vote.
func election(t *testing.T) (*world, *poll) {
	t.Helper()
	w := newWorld(t)
	w.env["GOODSTANDING_DATABASE"], w.env["GOODSTANDING_HOOK_SECRET"], w.env["GOODSTANDING_LOG_LEVEL"] = dbtest.PostgresDSN(t), hookSecret, "info"
	w.must("sync")
	w.must("members", "adopt", "--all")
	p := newPoll(t, w)
	w.must("sync") // the clock has gone on
	return w, p
}

const hookSecret = "a-secret-of-the-webhook-9471"

// hint tells a daemon that something happened on Open Collective.
func hint(t *testing.T, r *replica) {
	t.Helper()
	res, err := http.Post(r.url+"/hooks/opencollective/"+hookSecret, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		t.Fatalf("the hint: %d %s", res.StatusCode, body)
	}
}

// snapshots are those that are stored whole.
func snapshots(t *testing.T, dsn string) (out []store.Pull) {
	t.Helper()
	seeing(t, dsn, func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Pulls(ctx, 1000)
		for _, p := range all {
			if p.Outcome == "complete" {
				out = append(out, p)
			}
		}
		return err
	})
	return out
}

// oneEach makes sure that nobody is told the same thing twice.
func oneEach(t *testing.T, dsn string) {
	t.Helper()
	seeing(t, dsn, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Notices(ctx, store.OutboxQuery{})
		seen := map[string]bool{}
		for _, n := range rows {
			key := fmt.Sprint(n.Occasion, n.Recipient, n.Channel)
			if seen[key] {
				t.Errorf("%s was written twice", key)
			}
			seen[key] = true
		}
		if len(seen) == 0 {
			t.Error("no notices were written")
		}
		return err
	})
}

func seeing(t *testing.T, dsn string, f func(context.Context, *store.Tx) error) {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}
