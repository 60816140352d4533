package bench

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// Figure 13: from the start of the process to the first 200 of /readyz, on a machine
// that has the binary in memory. Nothing is an honest other side of it, so it is the
// one figure that is a time; beside it stands, measured in turns with it, what it
// cannot be less than.

const startRounds = 9

// floor is what a start cannot be less than, in milliseconds, and how to say that.
type floor struct {
	words string
	took  func(tb testing.TB, binary string) float64
}

// version is what the same binary takes to say its version: to be loaded, and the
// beginning of its packages.
var version = floor{"to say its version takes it", func(tb testing.TB, binary string) float64 {
	return wall(func() { run(tb, binary, "version") }) * 1e3
}}

// schema is what PostgreSQL's own program takes to make the same tables, in one
// session and one transaction.
func schema(tb testing.TB) floor {
	dump := dbtest.DumpPostgres(tb, dbtest.PostgresDSN(tb), false)
	return floor{"psql makes the same tables in", func(tb testing.TB, _ string) float64 {
		dsn := emptyPostgres(tb)
		return wall(func() { dbtest.LoadPostgres(tb, dsn, dump) }) * 1e3
	}}
}

// starts are daemons on databases that migrated says are there already, in milliseconds.
func starts(tb testing.TB, goal float64, migrated bool, dsn func(testing.TB) string, least floor) measured {
	binary := program(tb)
	upstream := shipped(tb)
	address := dsn(tb)
	var ready, below []float64
	for round := range startRounds + 1 {
		if !migrated {
			address = dsn(tb)
		}
		d := serve(tb, binary, upstream, address)
		d.end(tb)
		floor := least.took(tb, binary)
		if round > 0 { // the first one migrates, and brings the binary into memory
			ready, below = append(ready, d.ready.Seconds()*1e3), append(below, floor)
		}
	}
	m := spreadOf(ready).atMost(goal, " ms")
	m.words += "; " + least.words + " " + spreadOf(below).String()
	return m
}

// program is the binary as it is released.
func program(tb testing.TB) string {
	tb.Helper()
	to := filepath.Join(tb.TempDir(), "goodstanding")
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", to, "coopcloud.tech/goodstanding/cmd/goodstanding")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		tb.Fatalf("build the program: %v\n%s", err, out)
	}
	return to
}

func run(tb testing.TB, binary string, args ...string) {
	tb.Helper()
	if out, err := exec.Command(binary, args...).CombinedOutput(); err != nil {
		tb.Fatalf("%s %v: %v\n%s", binary, args, err, out)
	}
}

// daemon is a serve of its own process.
type daemon struct {
	process *exec.Cmd
	said    *strings.Builder
	url     string
	ready   time.Duration // from its start to the first 200 of /readyz
}

// serve starts one on a database, which reads a collective at upstream, and waits until
// it is ready.
func serve(tb testing.TB, binary string, upstream upstream, database string) *daemon {
	tb.Helper()
	d := &daemon{process: exec.Command(binary, "serve"), said: &strings.Builder{}}
	listen := unused(tb)
	d.url = "http://" + listen
	d.process.Stdout, d.process.Stderr = d.said, d.said
	d.process.Env = append(os.Environ(),
		"GOODSTANDING_DATA="+tb.TempDir(), "GOODSTANDING_DATABASE="+database,
		"GOODSTANDING_LISTEN="+listen, "GOODSTANDING_METRICS_LISTEN=off")
	d.process.Env = append(d.process.Env, upstream.settings()...)
	began := time.Now()
	if err := d.process.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = d.process.Process.Kill() }) // where the test ends before it does
	for ; time.Since(began) < time.Minute; time.Sleep(time.Millisecond) {
		if answer, err := http.Get(d.url + "/readyz"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				d.ready = time.Since(began)
				return d
			}
		}
	}
	_ = d.process.Process.Kill()
	_ = d.process.Wait()
	tb.Fatalf("serve is not ready after a minute:\n%s", d.said)
	return nil
}

// end stops it as a supervisor does.
func (d *daemon) end(tb testing.TB) {
	tb.Helper()
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		tb.Fatal(err)
	}
	if err := d.process.Wait(); err != nil {
		tb.Fatalf("serve: %v\n%s", err, d.said)
	}
}

// unused is an address of this machine that nobody listens on.
func unused(tb testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (d *daemon) mebibytes(tb testing.TB, name string) float64 {
	tb.Helper()
	value, err := mebibytes(d.process.Process.Pid, name)
	if err != nil {
		tb.Fatal(err)
	}
	return value
}

// mebibytes are a value of a process's status, such as VmRSS.
func mebibytes(pid int, name string) (float64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "\n"+name+":")
	value, _, _ := strings.Cut(strings.TrimSpace(rest), " kB")
	kib, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return kib / 1024, nil
}

func emptyPostgres(tb testing.TB) string { return dbtest.EmptyPostgresDSN(tb) }
func emptySQLite(tb testing.TB) string   { return dbtest.SQLiteDSN(tb) }
