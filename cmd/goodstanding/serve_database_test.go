//go:build unix

package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// cluster is a PostgreSQL of the test's own, which can be stopped and started.
type cluster struct {
	t         *testing.T
	bin, dir  string
	tcp       string // HOST:PORT where it listens beside its socket; "" for nowhere
	attribute *syscall.SysProcAttr
}

// newCluster makes and starts one. Without PostgreSQL the test is skipped, and
// fails in CI.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	return clusterWith(t, "", func(string) {})
}

// clusterWith makes one that also listens at an address, in a folder that is prepared
// for it.
func clusterWith(t *testing.T, tcp string, prepare func(dir string)) *cluster {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl") // the pattern is right
	if bin := os.Getenv("PGBIN"); bin != "" {
		found = []string{filepath.Join(bin, "pg_ctl")}
	}
	if len(found) == 0 && os.Getenv("CI") == "true" {
		t.Fatal("no PostgreSQL found: install it (apt-get install postgresql) or name its bin folder in PGBIN")
	}
	if len(found) == 0 {
		t.Skip("no PostgreSQL found: install it (apt-get install postgresql) or name its bin folder in PGBIN")
	}
	dir, err := os.MkdirTemp("", "gs-own-") // short: a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, bin: filepath.Dir(slices.Max(found)), dir: dir, tcp: tcp, attribute: &syscall.SysProcAttr{}}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	prepare(dir)
	if os.Getuid() == 0 { // the server refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid) // numbers on every unix
		gid, _ := strconv.Atoi(u.Gid)
		c.attribute.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"-D", c.data(), "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"}
	if tcp != "" { // on a small disk
		args = append(args, "--wal-segsize=2")
	}
	c.do("initdb", args...)
	c.start()
	t.Cleanup(func() { c.run("pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "stop") }) // stopped already is as good
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) run(name string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr, cmd.Env = "/", c.attribute, []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (c *cluster) do(name string, args ...string) {
	c.t.Helper()
	if out, err := c.run(name, args...); err != nil {
		c.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func (c *cluster) start() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.data(), "-w", "-l", filepath.Join(c.dir, "log"), "-o", c.options(), "start")
}

// options make the server small and fast.
func (c *cluster) options() string {
	at := "-c listen_addresses="
	if host, port, ok := strings.Cut(c.tcp, ":"); ok {
		at += host + " -c port=" + port + " -c min_wal_size=8MB -c max_wal_size=16MB"
	}
	return at + " -c unix_socket_directories=" + c.dir + " -c unix_socket_permissions=0777 -c fsync=off -c shared_buffers=16MB"
}

func (c *cluster) stop() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.data(), "-w", "-m", "fast", "stop")
}

// TestTheDatabaseIsStoppedUnderIt: answers go on from memory, marked stale;
// readyz fails and healthz holds; when the database is back everything is, by
// itself.
func TestTheDatabaseIsStoppedUnderIt(t *testing.T) {
	c := newCluster(t)
	w := newWorld(t)
	w.env["GOODSTANDING_DATABASE"] = "postgres:///postgres?host=" + c.dir + "&user=app&sslmode=disable"
	w.must("sync")
	w.must("members", "adopt", "--all")
	token := w.token()
	leakless(t)
	s := w.serve()
	eligibility := func() answered { return get(t, s.url+"/api/v1/members/foxtrot-tech/eligibility", token) }
	before := eligibility()
	if before.status != http.StatusOK || before.header.Get("Goodstanding-Stale") != "false" {
		t.Fatalf("before: %+v", before)
	}
	s.until("the roll is shown", func() bool { return s.metric("goodstanding_orders_seen") == "44" })

	c.stop()
	s.until("it is seen that the database is gone", func() bool {
		return get(t, s.url+"/readyz", "").status == http.StatusServiceUnavailable && s.metric("goodstanding_database_up") == "0" &&
			eligibility().header.Get("Goodstanding-Stale") == "true"
	})
	if a := get(t, s.url+"/healthz", ""); a.status != http.StatusOK {
		t.Errorf("/healthz: %+v", a)
	}
	if a := eligibility(); a.status != http.StatusOK || !strings.Contains(a.body, `"lapsed"`) {
		t.Errorf("without a database: %+v", a)
	}
	if a := get(t, s.url+"/api/v1/members", ""); a.status != http.StatusOK || len(a.body) < 1000 {
		t.Errorf("without a database: %+v", a)
	}
	if s.metric("goodstanding_orders_seen") != "44" {
		t.Error("the metrics forgot the roll")
	}
	hangUp(t)
	s.until("it refuses to read the settings anew without a database", func() bool { return strings.Contains(s.errs.String(), "stay as they were") })

	c.start()
	s.until("it recovers", func() bool {
		return get(t, s.url+"/readyz", "").status == http.StatusOK && s.metric("goodstanding_database_up") == "1" &&
			eligibility().header.Get("Goodstanding-Stale") == "false"
	})
	w.must("waive", "foxtrot", "--until", "2027-06-01", "--reason", "solidarity")
	s.until("what is written then is answered", func() bool { return strings.Contains(eligibility().body, `"waived"`) })
	s.stop()
}

// beTheDaemon makes the test's own binary the program, for tests that kill it.
const beTheDaemon = "GOODSTANDING_TEST_BE_THE_DAEMON"

// clockStandsAt stops the clock of that program, in microseconds.
const clockStandsAt = "GOODSTANDING_TEST_CLOCK_STANDS_AT"

// clockRunsFrom starts it at an instant instead, and hastyPace has it wait this
// many times less for other daemons, for hints, and between and after readings.
const (
	clockRunsFrom = "GOODSTANDING_TEST_CLOCK_RUNS_FROM"
	hastyPace     = "GOODSTANDING_TEST_HASTY"
)

// number takes a variable that is no setting out of the environment.
func number(name string) (n int64, ok bool) {
	n, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	_ = os.Unsetenv(name)
	return n, err == nil
}

// TestMain runs the program itself where a test asks for it.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "goodstanding" { // by its own name, as shells call it
		main()
		return
	}
	if os.Getenv(beTheDaemon) == "" {
		os.Exit(m.Run())
	}
	os.Args = append([]string{"goodstanding"}, strings.Fields(os.Getenv(beTheDaemon))...)
	_ = os.Unsetenv(beTheDaemon) // it is no setting
	if by, ok := number(hastyPace); ok {
		for _, d := range []*time.Duration{&shared.every, &shared.lasts, &firstPause, &settle, &leastBetween} {
			*d /= time.Duration(by)
		}
	}
	e := Host()
	if at, ok := number(clockStandsAt); ok {
		e.Now = func() instant.Instant { return instant.Instant(at) }
	}
	if from, ok := number(clockRunsFrom); ok {
		began := time.Now()
		e.Now = func() instant.Instant { return instant.Instant(from).Add(time.Since(began)) }
	}
	if file := os.Getenv(clockFollows); file != "" {
		_ = os.Unsetenv(clockFollows) // it is no setting
		e.Now = following(file)
		e.Wall = func() time.Time { return e.Now().Time() }
	}
	e.Environ = os.Environ()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], e)
	stop()
	os.Exit(code)
}

// process starts the program as a process of its own and waits until it serves.
func (w *world) process(t *testing.T) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = []string{beTheDaemon + "=serve --listen 127.0.0.1:0 --metrics-listen off"}
	for k, v := range w.env {
		c.Env = append(c.Env, k+"="+v)
	}
	var out, errs stream
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() }) // ended already is as good
	for range 500 {
		if strings.Contains(out.String(), "Control-C") {
			return c
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("it does not serve:\n%s%s", out.String(), errs.String())
	return nil
}

// TestAKilledDaemonLeavesNoLock: the kernel lets go of it. And a SIGTERM ends it
// within seconds, with exit code 0.
func TestAKilledDaemonLeavesNoLock(t *testing.T) {
	w := adopted(t)
	one := w.process(t)
	if got := w.fails(exitFailed, "serve"); !strings.HasPrefix(got, "another goodstanding serve runs") {
		t.Error(got)
	}
	if err := one.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = one.Wait() // it was killed
	two := w.process(t)
	began := time.Now()
	if err := two.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := two.Wait(); err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("after a SIGTERM it ended with %v in %s", err, time.Since(began))
	}
	has(t, w.must("status"), "reading no.")
}
