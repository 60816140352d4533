//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// killed kills the server, and not a process of it, as the kernel would for want of
// memory.
func (c *cluster) killed() {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		c.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
}

// startAgain starts the server once the processes of the one before have gone.
func (c *cluster) startAgain() {
	c.t.Helper()
	args := []string{"-D", c.data(), "-w", "-l", filepath.Join(c.dir, "log"), "-o", c.options(), "start"}
	for range 50 {
		if _, err := c.run("pg_ctl", args...); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.do("pg_ctl", args...)
}

// TestTheDatabaseRestartsWhilePeopleVote: PostgreSQL is restarted, and then killed
// with SIGKILL, each time in the middle of a pull's transaction and while eight
// people vote at two daemons. Every ballot that was acknowledged is stored, none
// twice; the pull is stored once, whole; nobody is told anything twice; and all of
// it goes on by itself.
func TestTheDatabaseRestartsWhilePeopleVote(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	w := newWorld(t)
	dsn := "postgres:///postgres?host=" + c.dir + "&user=app&sslmode=disable"
	w.env["GOODSTANDING_DATABASE"], w.env["GOODSTANDING_HOOK_SECRET"], w.env["GOODSTANDING_LOG_LEVEL"] = dsn, hookSecret, "info"
	w.must("sync")
	w.must("members", "adopt", "--all")
	p := newPoll(t, w)
	w.must("sync")
	w.clock = w.clock.Add(2 * leastBetween)
	before := len(snapshots(t, dsn))
	one := w.replica(t, dsn)
	one.until("it leads", 10*time.Second, func() bool { return one.says(leadsNow) })
	two := w.replica(t, dsn)
	urls := []string{one.url, two.url}
	p.at, p.within = func(voter, try int) string { return urls[(voter+try)%2] }, 5*time.Second
	var all sync.WaitGroup
	for i := range voters {
		all.Go(func() { p.vote(i) })
	}
	back := func(how string, since time.Time) {
		t.Helper()
		n := p.acknowledged()
		one.until("people vote again", 30*time.Second, func() bool { return p.acknowledged() > n })
		t.Logf("%s: without service for %s; %d ballots acknowledged so far", how, time.Since(since).Round(time.Millisecond), n)
	}
	// No pull gets further than its snapshot but where that is waited for: a daemon that
	// tries again soon would have stored it before the next thing happens to the server.
	var wanted, over atomic.Bool
	reached := make(chan struct{}, 1)
	for _, r := range []*replica{one, two} {
		r.link.whenever("INSERT INTO snapshot", func() {
			switch {
			case wanted.CompareAndSwap(true, false):
				reached <- struct{}{}
			case !over.Load():
				r.link.mend()
			}
		})
	}
	for _, step := range []struct {
		how string
		f   func()
	}{
		{"restarted", func() { c.stop(); c.startAgain() }},
		{"killed with kill -9", func() { c.killed(); c.startAgain() }},
	} {
		wanted.Store(true)
		if step.how == "restarted" {
			hint(t, two)
		}
		select {
		case <-reached:
		case <-time.After(time.Minute):
			t.Fatal("nothing was read")
		}
		began := time.Now()
		step.f()
		back(step.how, began)
	}
	over.Store(true)
	one.until("the pull is stored", time.Minute, func() bool { return len(snapshots(t, dsn)) == before+1 })
	one.until("everybody has had a turn or three", time.Minute, func() bool { return p.acknowledged() >= 3*voters })
	p.enough.Store(true)
	all.Wait()
	w.clock = w.clock.Add(time.Hour)
	p.check()
	oneEach(t, dsn)
	if got := len(snapshots(t, dsn)); got != before+1 {
		t.Errorf("%d snapshots are stored, want one more, %d", got, before+1)
	}
}
