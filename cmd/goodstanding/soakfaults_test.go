//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// allReady says that every daemon is.
func (s *soak) allReady() bool {
	return !slices.ContainsFunc(s.daemons, func(d *soaked) bool { return !d.ready() })
}

// wrong is a stretch in which something is wrong: it begins, lasts, and is put right,
// after which all daemons have to be ready by themselves.
func (s *soak) wrong(what, where string, lasts time.Duration, begin, right func()) {
	s.t.Helper()
	p := phase{what: what, where: where, began: time.Now()}
	begin()
	time.Sleep(lasts)
	right()
	p.over = time.Now()
	p.lasted = p.over.Sub(p.began)
	p.back = s.within(time.Minute, "all daemons are ready after "+what+" ("+where+")", s.allReady)
	s.phases = append(s.phases, p)
	s.t.Logf("%s, %s: ready again after %s", what, where, p.back.Round(100*time.Millisecond))
	time.Sleep(time.Second)
}

func (s *soak) linkFails(f linkFault, where []string) {
	lasts := hold
	if strings.HasPrefix(where[0], "database") && len(where) == 1 { // long enough for another to lead
		lasts = 12 * time.Second
	}
	var lift func()
	s.wrong("link: "+f.words, strings.Join(where, ", "), lasts, func() { lift = s.links.spoil(f, where) }, func() { lift() })
}

// dies kills a daemon, and starts it again.
func (s *soak) dies(d *soaked) {
	s.wrong("kill -9", "daemon "+d.name, 2*time.Second, d.killed, d.start)
}

// freezes stops a daemon, and lets it go on.
func (s *soak) freezes(d *soaked) {
	s.wrong("stopped (SIGSTOP)", "daemon "+d.name, 12*time.Second,
		func() { _ = d.cmd.Process.Signal(syscall.SIGSTOP) }, func() { _ = d.cmd.Process.Signal(syscall.SIGCONT) })
}

// clocksJump puts clocks wrong, has everything upstream looked at with them, and puts
// them right.
func (s *soak) clocksJump(by time.Duration, which ...*soaked) {
	var names []string
	for _, d := range which {
		names = append(names, d.name)
	}
	s.wrong(fmt.Sprintf("clock %+.0f h", by.Hours()), "daemon "+strings.Join(names, ", "), 9*time.Second,
		func() { s.jumps(by, which...); s.hints() }, func() { s.jumps(0, which...) })
}

// smallDisk is a file system that can be full; none where it cannot be mounted.
type smallDisk struct {
	t   *testing.T
	dir string
}

func (k *smallDisk) mount(dir, size string) {
	k.t.Helper()
	if err := mountSmall(dir, size); err != nil {
		k.t.Logf("a small file system cannot be mounted here, so no disk will be full: %v", err)
		return
	}
	k.dir = dir
	k.t.Cleanup(func() { unmountSmall(k.t, dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		k.t.Fatal(err)
	}
}

// fill leaves no room, and takes what becomes free, until it is told to end.
func (k *smallDisk) fill() (free func()) {
	k.t.Helper()
	name := filepath.Join(k.dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		k.t.Fatal(err)
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for block := make([]byte, 64<<10); ; {
			if _, err := f.Write(block); err != nil { // it is full
				select {
				case <-end:
					return
				case <-time.After(20 * time.Millisecond):
				}
			}
			select {
			case <-end:
				return
			default:
			}
		}
	}()
	return func() {
		close(end)
		<-ended
		_ = f.Close()
		if err := os.Remove(name); err != nil {
			k.t.Fatal(err)
		}
	}
}

// diskFills leaves the database no room for a while. A PostgreSQL that gave up is
// started again, as whoever made room does.
func (s *soak) diskFills(k *smallDisk) {
	if k.dir == "" {
		return
	}
	note := "the database went on"
	var free func()
	s.wrong("disk full", "database", 8*time.Second, func() { free = k.fill() }, func() {
		free()
		if s.cluster == nil {
			return
		}
		time.Sleep(2 * time.Second) // it may be about to
		if out, err := s.cluster.run("pg_ctl", "-D", s.cluster.data(), "status"); err != nil {
			note = "PostgreSQL had ended, and was started again"
			s.t.Logf("%s: %s", note, strings.TrimSpace(out))
			s.cluster.start()
		}
	})
	s.phases[len(s.phases)-1].note = note
}

// seeClosed notes how decisions ended, and that none that had is open again.
func (s *soak) seeClosed() {
	said := s.command("decisions", "list", "--all", "--json")
	var list []struct {
		Number int64
		State  string
	}
	if said.code != exitOK || json.Unmarshal([]byte(said.out), &list) != nil {
		s.broke("decisions list: %d %.300s %.300s", said.code, said.err, said.out)
		return
	}
	for _, x := range list {
		if was := s.closed[x.Number]; was != "" && was != x.State {
			s.broke("decision %d had ended as %s and is %s", x.Number, was, x.State)
		}
		if slices.Contains([]string{"passed", "stopped", "not_carried", "withdrawn"}, x.State) {
			s.closed[x.Number] = x.State
		}
	}
}

// hostileHour sends so many requests that mean ill while people read and nobody changes
// anything: no row of the database is another one afterwards.
func (s *soak) hostileHour(t *testing.T, n int) *besieged {
	t.Helper()
	s.still.Store(true)
	defer s.still.Store(false)
	s.busy.Lock() // all that was under way has ended
	defer s.busy.Unlock()
	k := keys{token: s.secrets["voter-0's token"], other: "voter-1", cookie: s.world.cookie(t, s.daemons[0].url, "Tara 0")}
	s.secrets["treasurer's cookie"] = k.cookie[strings.Index(k.cookie, "=")+1:]
	s.quiet(t)
	before := s.rows(t)
	var addresses []string
	for _, d := range s.daemons {
		addresses = append(addresses, strings.TrimPrefix(d.url, "http://"))
	}
	began := time.Now()
	b := besiege(10, n, 2*time.Second, k, addresses...)
	p := phase{what: fmt.Sprintf("%d hostile requests", n), where: "all daemons", began: began, over: time.Now(), lasted: time.Since(began)}
	p.back = s.within(10*time.Second, "all daemons are ready after the hostile requests", s.allReady)
	s.phases = append(s.phases, p)
	for _, wrong := range b.wrong[:min(len(b.wrong), 10)] {
		s.broke("%s", wrong)
	}
	for _, table := range changedBy(before, s.rows(t)) {
		s.broke("hostile requests changed %s", table)
	}
	return b
}

// quiet waits until two looks find the same but for the sender's work: what was begun
// before has ended.
func (s *soak) quiet(t *testing.T) {
	t.Helper()
	last := ""
	s.within(2*time.Minute, "nothing is under way any more", func() bool {
		now := s.rows(t)
		same := last != "" && len(changedBy(last, now)) == 0
		if last = now; !same {
			time.Sleep(4 * time.Second)
		}
		return same
	})
}

// changedBy are the tables of two dumps that differ by anything but the sender's work, which
// goes on whoever asks: the state of each notice, and the notes that it is alive.
func changedBy(before, after string) []string {
	return changed(sendersNotes.ReplaceAllString(before, ""), sendersNotes.ReplaceAllString(after, ""), "outbox", "ledger")
}

var sendersNotes = regexp.MustCompile(`(?m)^\["notices_(alive_at|sends)",.*\n`)

// settles ends the story in good weather: upstream's days go on to the end, two at once,
// which are seen by a reading, and notices that are held are let go. Not all of them have
// to be sent by then.
func (s *soak) settles(t *testing.T) {
	t.Helper()
	for end := max(soakEnds, s.now()); ; {
		s.day += 2
		s.pass(2 * 24 * time.Hour)
		s.release()
		since := s.now()
		s.within(2*time.Minute, "Open Collective is read at the end", func() bool {
			s.hints()
			time.Sleep(time.Second)
			done := false
			for _, d := range s.daemons {
				done = done || d.number("goodstanding_last_snapshot_timestamp_seconds") >= float64(since)/1e6
			}
			return done
		})
		if s.now() > end {
			break
		}
	}
	s.quiet(t)
	if !slices.ContainsFunc(s.daemons, func(d *soaked) bool { return d.status("/api/v1/members") == http.StatusOK }) {
		s.broke("in the end nobody answers")
	}
}
