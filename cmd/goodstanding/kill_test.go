//go:build unix

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// kills is how often the program is killed on each engine.
const kills = 26

// TestKilledInTheMiddleOfAPull: a program that is killed with SIGKILL while it
// reads, at any request, at any write to its database or at any moment after
// the last answer, leaves a pull that is stored whole or not at all; the next
// start goes on, and the roll is in the end that of a program which nobody ever
// killed.
func TestKilledInTheMiddleOfAPull(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			h := newHunt(t, dsn(t))
			for h.kills() < kills {
				h.step()
			}
			t.Logf("killed %v: the pull was stored whole %d times, not at all %d times", h.killed, h.whole, h.none)
			for _, how := range ways {
				if h.killed[how] == 0 {
					t.Errorf("nobody was killed %s", how)
				}
			}
			if h.none == 0 {
				t.Error("no kill came before the pull was stored")
			}
		})
	}
}

// ways are how the moment of a kill is chosen.
var ways = []string{"at a request", "after the last answer", "at a write"}

// hunt is one Open Collective with two federations' programs that read it: one
// is killed again and again, the calm one never.
type hunt struct {
	t            *testing.T
	random       *rand.Rand
	oc           *fakeoc.World
	victim, calm *world
	dsn          string // of the victim's database, past what listens in
	asked        trap   // requests that came
	answered     trap   // requests that were answered
	writes       trap   // writes to the victim's database
	requests     int    // of a whole pull
	written      int    // in the last whole pull
	tail         time.Duration
	steps        int
	killed       map[string]int
	whole, none  int
}

func newHunt(t *testing.T, dsn string) *hunt {
	h := &hunt{t: t, random: rand.New(rand.NewPCG(4, 10)), oc: fakeoc.NewWorld(instant.Date(2026, 1, 1).Add(9*time.Hour), 9),
		dsn: dsn, killed: map[string]int{}, tail: 50 * time.Millisecond, written: 10}
	for _, line := range []string{"collective loose-knot GBP", "token canary-token-9471 ada-admin"} {
		h.say(line)
	}
	for i := range 12 {
		h.say(fmt.Sprintf("join member-%02d GBP 10 monthly %s", i, []string{"card", "card", "paypal"}[i%3]))
		h.oc.Advance(time.Hour)
	}
	server := fakeoc.NewServer(h.oc, fakeoc.ServerOptions{NoLimit: true})
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.asked.passes() {
			panic(http.ErrAbortHandler) // whoever asked is dead
		}
		server.ServeHTTP(w, r)
		h.answered.passes()
	})
	h.victim, h.calm = worldOn(t, front), worldOn(t, front)
	for w, at := range map[*world]string{h.victim: dsn, h.calm: dbtest.SQLiteDSN(t)} {
		w.env["GOODSTANDING_OC_SLUG"], w.env["GOODSTANDING_DATABASE"] = "loose-knot", at
		w.clock = h.oc.Now()
		w.must("sync")
		w.must("members", "adopt", "--all")
	}
	h.victim.env["GOODSTANDING_DATABASE"] = listenIn(t, dsn, &h.writes)
	return h
}

func (h *hunt) say(line string) {
	h.t.Helper()
	if err := h.oc.Do(line); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hunt) kills() (n int) {
	for _, k := range h.killed {
		n += k
	}
	return n
}

// step lets some time pass in which somebody pays, fails or joins; the calm one
// reads, and the other is killed a few times before it does.
func (h *hunt) step() {
	h.t.Helper()
	h.steps++
	if h.steps > 3*kills {
		h.t.Fatalf("%d kills in %d steps", h.kills(), h.steps)
	}
	h.live()
	h.asked.set(0, nil)
	h.calm.must("sync")
	h.requests = h.asked.count()
	want := factsOf(h.t, h.calm.env["GOODSTANDING_DATABASE"], h.oc.Now())
	before := factsOf(h.t, h.dsn, h.oc.Now())
	for range 1 + h.random.IntN(3) {
		how := ways[h.random.IntN(len(ways))]
		if before.equal(want) || !h.kill(how) {
			break // it was faster
		}
		h.killed[how]++
		after := factsOf(h.t, h.dsn, h.oc.Now())
		h.unharmed(how, before, after, want)
		before = after
	}
	h.goesOn()
	if got := factsOf(h.t, h.dsn, h.oc.Now()); !got.equal(want) {
		h.t.Fatalf("step %d: what was killed has ended otherwise than what was not:\n%s", h.steps, difference(want.text(), got.text()))
	}
}

// live is what happens on Open Collective in one step; nobody is left out for
// long, so no mass change hides what is compared.
func (h *hunt) live() {
	h.say(fmt.Sprintf("join late-%02d GBP 10 monthly card", h.steps))
	who := fmt.Sprintf("member-%02d", h.random.IntN(12))
	does := []string{"refuse " + who + " 1", "refund " + who, "amount " + who + " 20", "cancel " + who}
	_ = h.oc.Do(does[h.random.IntN(len(does))]) // may be impossible just now
	h.oc.Advance(time.Duration(5+h.random.IntN(6)) * 24 * time.Hour)
	h.victim.clock, h.calm.clock = h.oc.Now(), h.oc.Now()
}

// unharmed: the pull is there whole or not at all, all that was there before is,
// and a replay of the log answers alike.
func (h *hunt) unharmed(how string, before, after, want stored) {
	h.t.Helper()
	for line := range before.log {
		if !after.log[line] {
			h.t.Fatalf("killed %s: lost: %s", how, line)
		}
	}
	switch {
	case after.equal(before):
		h.none++
	case after.equal(want):
		h.whole++
	default:
		h.t.Fatalf("killed %s: half a pull:\n%s", how, difference(want.text(), after.text()))
	}
}

// kill starts the program and kills it in the given way; false when it had
// ended before.
func (h *hunt) kill(how string) bool {
	h.t.Helper()
	args := []string{"sync", "serve --listen 127.0.0.1:0 --metrics-listen off"}[h.random.IntN(2)]
	h.nobodyLeads()
	c, errs := h.child(args)
	started := make(chan struct{})
	end := func() {
		<-started
		_ = c.Process.Kill() // ended already: Wait tells
	}
	h.asked.set(0, nil)
	h.answered.set(0, nil)
	h.writes.set(0, nil)
	switch how {
	case "at a request":
		h.asked.set(1+h.random.IntN(h.requests), end)
	case "after the last answer":
		wait := time.Duration(h.random.Int64N(int64(h.tail)))
		h.answered.set(h.requests, func() { time.AfterFunc(wait, end) })
	case "at a write":
		h.writes.set(1+h.random.IntN(h.written), end)
	}
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	close(started)
	late := time.AfterFunc(4*time.Second, end) // serve does not end by itself
	defer late.Stop()
	err := c.Wait()
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		h.t.Fatalf("%s failed before it was killed %s: %v\n%s", args, how, err, errs)
	}
	return false
}

// nobodyLeads gives up the lease of whoever was killed, so that the next one need
// not wait for its end.
func (h *hunt) nobodyLeads() {
	h.t.Helper()
	db, err := store.Open(h.t.Context(), h.dsn, store.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	l, err := db.Lease(h.t.Context(), store.LeaderLease)
	if err == nil {
		err = db.GiveUpLease(h.t.Context(), l)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// goesOn: the next start reads as if nothing had been.
func (h *hunt) goesOn() {
	h.t.Helper()
	var last time.Time
	h.asked.set(0, nil)
	h.answered.set(h.requests, func() { last = time.Now() })
	h.writes.set(0, nil)
	c, errs := h.child("sync")
	if err := c.Run(); err != nil {
		h.t.Fatalf("after a kill: %v\n%s", err, errs)
	}
	if !last.IsZero() {
		h.tail = time.Since(last)
	}
	h.written = cmp.Or(h.writes.count(), h.written)
}

// child is the program as a process of its own, whose clock stands.
func (h *hunt) child(args string) (*exec.Cmd, *stream) {
	c := exec.Command(os.Args[0])
	c.Env = []string{beTheDaemon + "=" + args, fmt.Sprintf("%s=%d", clockStandsAt, h.oc.Now())}
	for k, v := range h.victim.env {
		c.Env = append(c.Env, k+"="+v)
	}
	errs := &stream{}
	c.Stdout, c.Stderr = errs, errs
	return c, errs
}

// stored is what a database holds: its log line by line, and what does not
// depend on how often it was read: facts, standings, notices, verdicts.
type stored struct {
	log     map[string]bool
	settled []string
}

func (s stored) equal(o stored) bool { return slices.Equal(s.settled, o.settled) }

func (s stored) text() string { return strings.Join(s.settled, "\n") }

// pulled are the tables of the log that a pull fills, without the pull's own row
// and its snapshot's.
var pulled = []string{"account_obs", "contribution_obs", "contribution_missing", "elsewhere_obs", "charge", "charge_payer", "coverage", "charge_obs", "refund", "standing"}

func settledOf(t *testing.T, log []byte) (out []string) {
	t.Helper()
	for _, raw := range bytes.Split(log, []byte("\n")) {
		var line struct {
			Row   map[string]any
			Table string
		}
		if len(raw) == 0 {
			continue
		}
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(pulled, line.Table) {
			continue
		}
		delete(line.Row, "known")
		delete(line.Row, "snapshot")
		text, err := json.Marshal(line.Row)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, line.Table+" "+string(text))
	}
	slices.Sort(out)
	return out
}
