//go:build unix

package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	words "text/template"
	"time"
)

// failover has the tests run that need Patroni and etcd, and a minute (make peers-ha).
var failover = flag.Bool("failover", false, "kill the primary of a cluster that Patroni looks after")

// haVoters is how many people vote while the primary is killed.
const haVoters = 32

// TestThePrimaryIsKilled: of two PostgreSQL servers that Patroni keeps in step the
// one that takes writes is killed, its Patroni with it, while 32 people vote at two
// daemons and Open Collective is read. No ballot that was acknowledged is lost and
// none is there twice; the daemons find the other server by themselves.
func TestThePrimaryIsKilled(t *testing.T) {
	if !*failover {
		t.Skip("make peers-ha runs it")
	}
	h := newPatroni(t)
	w := newWorld(t)
	dsn := fmt.Sprintf("postgres://app@127.0.0.1:%s,127.0.0.1:%s/postgres?target_session_attrs=read-write", h.nodes[0].PG, h.nodes[1].PG)
	w.env["GOODSTANDING_DATABASE"], w.env["GOODSTANDING_HOOK_SECRET"], w.env["GOODSTANDING_LOG_LEVEL"] = dsn, hookSecret, "info"
	w.must("sync")
	w.must("members", "adopt", "--all")
	p := pollOf(t, w, haVoters)
	w.must("sync")
	w.clock = w.clock.Add(2 * leastBetween)
	before := len(snapshots(t, dsn))
	one := w.begins(t, &replica{}, "GOODSTANDING_DATABASE="+dsn)
	two := w.begins(t, &replica{}, "GOODSTANDING_DATABASE="+dsn)
	urls := []string{one.url, two.url}
	p.at, p.within = func(voter, try int) string { return urls[(voter+try)%2] }, 10*time.Second
	var all sync.WaitGroup
	for i := range haVoters {
		all.Go(func() { p.vote(i) })
	}
	time.Sleep(5 * time.Second)
	n := p.acknowledged()
	hint(t, two)
	killed := time.Now()
	h.killPrimary()
	one.until("people vote again", 2*time.Minute, func() bool { return p.acknowledged() > n+haVoters })
	one.until("the reading is stored", 2*time.Minute, func() bool { return len(snapshots(t, dsn)) > before })
	time.Sleep(5 * time.Second)
	p.enough.Store(true)
	all.Wait()
	w.clock = w.clock.Add(time.Hour)
	p.check()
	oneEach(t, dsn)
	t.Logf("%d people voted for %s; the primary was killed %d ballots into it; without a ballot for %s; %d snapshots more",
		haVoters, time.Since(killed).Round(time.Second)+5*time.Second, n, p.longestGap(killed).Round(100*time.Millisecond), len(snapshots(t, dsn))-before)
}

// longestGap is the longest time after an instant in which no ballot was
// acknowledged.
func (p *poll) longestGap(since time.Time) (gap time.Duration) {
	last := since
	for _, b := range p.acked {
		if b.at.After(last) {
			gap, last = max(gap, b.at.Sub(last)), b.at
		}
	}
	return gap
}

// patroni are two servers, each with a Patroni, and the etcd in which these agree
// which one takes writes.
type patroni struct {
	t     *testing.T
	dir   string
	run   *syscall.SysProcAttr
	nodes [2]node
}

type node struct {
	Name, Dir, Bin, API, PG, Etcd string

	daemon *exec.Cmd
}

var patroniFile = words.Must(words.New("").Parse(`
scope: dues
name: {{.Name}}
restapi: {listen: '127.0.0.1:{{.API}}', connect_address: '127.0.0.1:{{.API}}'}
etcd3: {hosts: '127.0.0.1:{{.Etcd}}'}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    postgresql: {use_pg_rewind: true, parameters: {wal_level: replica, hot_standby: 'on', max_wal_senders: 5, max_replication_slots: 5, wal_log_hints: 'on', shared_buffers: 32MB}}
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
  pg_hba: ['host all all 127.0.0.1/32 trust', 'local all all trust', 'host replication all 127.0.0.1/32 trust']
postgresql:
  listen: '127.0.0.1:{{.PG}}'
  connect_address: '127.0.0.1:{{.PG}}'
  data_dir: {{.Dir}}/data
  bin_dir: {{.Bin}}
  pgpass: {{.Dir}}/pgpass
  authentication: {superuser: {username: app, password: x}, replication: {username: rep, password: x}}
  parameters: {unix_socket_directories: '{{.Dir}}'}
`))

func newPatroni(t *testing.T) *patroni {
	t.Helper()
	for _, name := range []string{"patroni", "etcd"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing: apt-get install --no-install-recommends patroni etcd-server etcd-client", name)
		}
	}
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is right
	dir, err := os.MkdirTemp("", "gs-ha-")
	if err != nil || len(bins) == 0 {
		t.Fatal("no PostgreSQL: ", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	h := &patroni{t: t, dir: dir, run: &syscall.SysProcAttr{Setpgid: true}}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid) // numbers on every unix
		gid, _ := strconv.Atoi(u.Gid)
		h.run.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	clients, peers := port(t), port(t)
	h.start("etcd", "etcd", "--data-dir", filepath.Join(dir, "etcd"), "--listen-client-urls", "http://127.0.0.1:"+clients, "--advertise-client-urls", "http://127.0.0.1:"+clients,
		"--listen-peer-urls", "http://127.0.0.1:"+peers, "--initial-advertise-peer-urls", "http://127.0.0.1:"+peers, "--initial-cluster", "default=http://127.0.0.1:"+peers)
	for i := range h.nodes {
		n := &h.nodes[i]
		*n = node{Name: fmt.Sprintf("n%d", i+1), Dir: filepath.Join(dir, fmt.Sprintf("n%d", i+1)), Bin: bins[len(bins)-1], API: port(t), PG: port(t), Etcd: clients}
		var text strings.Builder
		if err := patroniFile.Execute(&text, n); err != nil {
			t.Fatal(err)
		}
		file := n.Dir + ".yml"
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := h.command("mkdir", n.Dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		n.daemon = h.start(n.Name, "patroni", file)
		if i == 0 { // else either may be the first
			h.until("there is a primary", func() bool { return h.primary() == n })
		}
	}
	h.until("the other one is in step", func() bool { return strings.Contains(h.get(0, "/cluster"), `"sync_standby"`) })
	return h
}

func port(t *testing.T) string {
	_, p, _ := strings.Cut(freePort(t), ":")
	return p
}

func (h *patroni) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	run := *h.run
	c.Dir, c.SysProcAttr, c.Env = "/", &run, []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
	return c
}

// start runs a program until the test ends; what it says stands in a file.
func (h *patroni) start(name, program string, args ...string) *exec.Cmd {
	h.t.Helper()
	log, err := os.Create(filepath.Join(h.dir, name+".log"))
	if err != nil {
		h.t.Fatal(err)
	}
	c := h.command(program, args...)
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // Patroni stops its server; ended already is as good
		ended := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		ended.Stop()
		_ = log.Close()
		if b, err := os.ReadFile(log.Name()); err == nil && h.t.Failed() {
			h.t.Logf("%s said last:\n%s", name, b[max(0, len(b)-3000):])
		}
	})
	return c
}

func (h *patroni) get(i int, path string) string {
	res, err := (&http.Client{Timeout: 2 * time.Second}).Get("http://127.0.0.1:" + h.nodes[i].API + path)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body) // a part of an answer is none
	return fmt.Sprint(res.StatusCode, " ", string(b))
}

// primary is the node that takes writes; nil for none just now.
func (h *patroni) primary() *node {
	for i := range h.nodes {
		if h.nodes[i].API != "" && strings.HasPrefix(h.get(i, "/primary"), "200") {
			return &h.nodes[i]
		}
	}
	return nil
}

func (h *patroni) until(what string, f func() bool) {
	h.t.Helper()
	for range 600 {
		if f() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Fatalf("a minute later it is not so that %s", what)
}

// killPrimary kills the server that takes writes and the Patroni that would start it
// again, as if their machine was gone.
func (h *patroni) killPrimary() {
	h.t.Helper()
	n := h.primary()
	if n == nil {
		h.t.Fatal("there is no primary")
	}
	c := &cluster{t: h.t, dir: n.Dir}
	_ = n.daemon.Process.Kill()
	c.killed()
}
