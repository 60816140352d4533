//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// clockFollows has the daemon add to the machine's clock what a file says, in
// microseconds, whenever it looks at the time: so a test moves the clock of one.
const clockFollows = "GOODSTANDING_TEST_CLOCK_FOLLOWS"

// following is a clock that does that.
func following(file string) func() instant.Instant {
	return func() instant.Instant {
		text, err := os.ReadFile(file)
		var ahead int64
		if err == nil {
			ahead, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		}
		if err != nil {
			panic(fmt.Sprint("the test's clock: ", err))
		}
		return instant.Of(time.Now()).Add(time.Duration(ahead) * time.Microsecond)
	}
}

// soaked is one daemon of the run, which is killed and started again at one address.
type soaked struct {
	s            *soak
	name         string
	url, metrics string
	env          []string
	clock        string // the file that its clock follows
	jump         atomic.Int64
	cmd          *exec.Cmd
	log          *os.File
}

// daemon makes one whose settings differ in some words; it does not run yet.
func (s *soak) daemon(name, address string, more map[string]string) *soaked {
	s.t.Helper()
	d := &soaked{s: s, name: name, url: "http://" + address, clock: filepath.Join(s.dir, name+".clock")}
	metrics := freePort(s.t)
	d.metrics = "http://" + metrics + "/metrics"
	d.env = []string{beTheDaemon + "=serve --listen " + address + " --metrics-listen " + metrics, clockFollows + "=" + d.clock}
	for k, v := range s.env {
		if _, own := more[k]; !own {
			d.env = append(d.env, k+"="+v)
		}
	}
	for k, v := range more {
		d.env = append(d.env, k+"="+v)
	}
	var err error
	if d.log, err = os.Create(filepath.Join(s.dir, name+".log")); err != nil {
		s.t.Fatal(err)
	}
	d.set()
	s.daemons = append(s.daemons, d)
	return d
}

// set writes down how far the daemon's clock is ahead.
func (d *soaked) set() {
	next := d.clock + ".next"
	err := os.WriteFile(next, []byte(strconv.FormatInt(d.s.ahead.Load()+d.jump.Load(), 10)), 0o600)
	if err == nil {
		err = os.Rename(next, d.clock)
	}
	if err != nil {
		d.s.t.Error(err)
	}
}

// start runs it and waits until it answers.
func (d *soaked) start() {
	d.s.t.Helper()
	d.cmd = exec.Command(os.Args[0])
	d.cmd.Env, d.cmd.Stdout, d.cmd.Stderr = d.env, d.log, d.log
	if err := d.cmd.Start(); err != nil {
		d.s.t.Fatal(err)
	}
	c := d.cmd
	d.s.t.Cleanup(func() {
		_, _ = c.Process.Signal(syscall.SIGCONT), c.Process.Kill() // ended already is as good
		_ = c.Wait()
	})
	d.s.within(time.Minute, d.name+" serves", d.alive)
}

var soonAnswered = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// status is what it answers at a path; 0 for nothing.
func (d *soaked) status(path string) int {
	res, err := soonAnswered.Get(d.url + path)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

func (d *soaked) alive() bool { return d.status("/healthz") == http.StatusOK }
func (d *soaked) ready() bool { return d.status("/readyz") == http.StatusOK }

// killed ends it as a power cut does.
func (d *soaked) killed() {
	_ = d.cmd.Process.Kill() // ended already is as good
	_ = d.cmd.Wait()
}

// stopped ends it as a service manager does, and wants it to end well.
func (d *soaked) stopped() {
	d.s.t.Helper()
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // ended already: Wait tells
	late := time.AfterFunc(20*time.Second, func() { _ = d.cmd.Process.Kill() })
	defer late.Stop()
	if err := d.cmd.Wait(); err != nil {
		d.s.broke("%s was told to end and ended with %v", d.name, err)
	}
}

// number is a metric of the daemon; -1 where it cannot be read.
func (d *soaked) number(name string) float64 {
	res, err := soonAnswered.Get(d.metrics)
	if err != nil {
		return -1
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return -1
	}
	for line := range bytes.Lines(text) {
		if value, ok := strings.CutPrefix(string(line), name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return -1
			}
			return n
		}
	}
	return -1
}

// size is what a daemon holds: memory in megabytes, goroutines, open files.
type size struct{ mb, goroutines, files float64 }

func (d *soaked) size() size {
	return size{d.number("process_resident_memory_bytes") / 1e6, d.number("go_goroutines"), d.number("process_open_fds")}
}

// shrinks gives a daemon that nobody asks any more time to let go of what it holds: a
// connection of the database's pool has five minutes. What it holds then is shown.
func (s *soak) shrinks(d *soaked, first size) (last size) {
	for range 60 {
		if last = d.size(); last.goroutines <= first.goroutines+slack && last.files <= first.files+slack {
			return last
		}
		time.Sleep(time.Second)
	}
	s.broke("it had %+v and has %+v: %s says where its goroutines are", first, last, d.log.Name())
	_ = d.cmd.Process.Signal(syscall.SIGQUIT) // Go shows all of them
	return last
}

// slack is what more a daemon may have at the end: it may lead by then, and its pool of
// connections is open.
const slack = 16

// within waits for something that has to come by itself, and says how long it took.
func (s *soak) within(most time.Duration, what string, f func() bool) time.Duration {
	s.t.Helper()
	began := time.Now()
	for ; !f(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > most {
			s.broke("after %s it is not so that %s", most, what)
			break
		}
	}
	return time.Since(began)
}

// pass lets time pass: upstream's, then everybody's.
func (s *soak) pass(by time.Duration) {
	s.t.Helper()
	s.turn.Lock()
	defer s.turn.Unlock()
	now := s.now()
	if err := s.stage.AdvanceTo(now.Add(by)); err != nil {
		s.t.Error(err)
	}
	s.ahead.Add(by.Microseconds())
	for _, d := range s.daemons {
		d.set()
	}
}

// jumps puts the clocks of some daemons wrong by so much; 0 puts them right.
func (s *soak) jumps(by time.Duration, which ...*soaked) {
	s.turn.Lock()
	defer s.turn.Unlock()
	for _, d := range which {
		d.jump.Store(by.Microseconds())
		d.set()
	}
}

// command runs the program beside the daemons, on the database itself.
func (s *soak) command(args ...string) said {
	s.t.Helper()
	s.commands.Lock()
	defer s.commands.Unlock()
	return s.run(args...)
}

// does is a command that has to succeed, some time.
func (s *soak) does(ctx context.Context, args ...string) string {
	s.t.Helper()
	var last said
	for range 60 {
		if last = s.command(args...); last.code == exitOK || ctx.Err() != nil {
			return last.out
		}
		time.Sleep(time.Second)
	}
	s.broke("goodstanding %s: exit code %d: %s", strings.Join(args, " "), last.code, last.err)
	return ""
}
