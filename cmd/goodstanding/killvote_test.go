//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// voteKills is how often the daemon is killed on each engine while people vote.
const voteKills = 4

// voters is how many people vote at once.
const voters = 8

// TestKilledWhilePeopleVote: a daemon that is killed with SIGKILL while eight
// people cast over HTTP, at any moment and at any write to its database, has
// stored every ballot that it acknowledged, where the receipt says, and none of
// them twice, however often it was sent again; all chains are whole.
func TestKilledWhilePeopleVote(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		p := newPoll(t, w)
		var all sync.WaitGroup
		for i := range voters {
			all.Go(func() { p.vote(i) })
		}
		for n := range voteKills {
			p.killed(n)
		}
		p.start()
		began := time.Now()
		for range 1000 { // at least half a second, and on a busy machine until everybody has had a turn or three
			if time.Sleep(20 * time.Millisecond); time.Since(began) > 500*time.Millisecond && p.acknowledged() >= 3*voters {
				break
			}
		}
		p.enough.Store(true)
		all.Wait()
		if p.check(); p.lost == 0 {
			t.Error("no kill came between a request and its answer")
		}
	})
}

// poll is one decision, eight people who vote in it again and again, and a daemon
// that is killed.
type poll struct {
	t      *testing.T
	w      *world
	random *rand.Rand
	writes trap
	env    []string
	url    atomic.Pointer[string] // nil while no daemon serves
	// at is the daemon that a voter asks at a try; "" for none just now. within is how
	// long it is given.
	at     func(voter, try int) string
	within time.Duration
	tokens []string
	enough atomic.Bool

	mu     sync.Mutex
	acked  []ackedBallot
	wrong  []string
	lost   int // requests without an answer
	proven int // ballots that were acknowledged when they were sent again
}

// ackedBallot is a ballot of which its voter knows that it is stored, and where.
type ackedBallot struct {
	words string
	entry int
	hash  string
	at    time.Time
}

func newPoll(t *testing.T, w *world) *poll {
	p := pollOf(t, w, voters)
	dsn := listenIn(t, w.env["GOODSTANDING_DATABASE"], &p.writes)
	p.env = []string{beTheDaemon + "=serve --listen 127.0.0.1:0 --metrics-listen off", fmt.Sprintf("%s=%d", clockStandsAt, w.clock)}
	for k, v := range w.env {
		if k != "GOODSTANDING_DATABASE" {
			p.env = append(p.env, k+"="+v)
		}
	}
	p.env = append(p.env, "GOODSTANDING_DATABASE="+dsn)
	return p
}

// pollOf is a decision on which so many people may vote.
func pollOf(t *testing.T, w *world, n int) *poll {
	p := &poll{t: t, w: w, random: rand.New(rand.NewPCG(5, 9)), within: 15 * time.Second}
	p.at = func(int, int) string {
		if url := p.url.Load(); url != nil {
			return *url
		}
		return ""
	}
	for i := range n {
		name := fmt.Sprintf("voter-%d", i)
		w.must("members", "add", name, "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
		w.must("waive", name, "--from", "2026-01-01", "--reason", "solidarity")
		w.must("people", "add", name+"@example.org", "--name", "Pat "+name, "--delegate-of", name)
		p.tokens = append(p.tokens, strings.TrimSpace(w.must("token", "create", name, "--for", "Pat "+name, "--scope", "ballots:write")))
	}
	w.clock = w.clock.Add(time.Hour)
	var made struct{ Decision string }
	out := w.must("decisions", "propose", "--as", "Pat voter-0", "--size", "large", "--title", "A shared calendar", "--changes", "We use one.",
		"--affects", "all", "--channel", "the room", "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	w.must("decisions", "open", made.Decision, "--as", "Pat voter-0")
	return p
}

func (p *poll) acknowledged() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.acked)
}

// again is how many ballots were acknowledged only when they were sent again.
func (p *poll) again() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proven
}

// start runs the daemon and waits until it serves.
func (p *poll) start() *exec.Cmd {
	p.t.Helper()
	p.writes.set(0, nil)
	c := exec.Command(os.Args[0])
	c.Env = p.env
	var out, errs stream
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Process.Kill() }) // ended already is as good
	for range 1000 {
		if strings.Contains(out.String(), "Control-C") {
			url := first(listening, out.String())
			p.url.Store(&url)
			return c
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("it does not serve:\n%s%s", out.String(), errs.String())
	return nil
}

// killed lets one daemon serve until it is killed, at a write or at a moment.
func (p *poll) killed(n int) {
	p.t.Helper()
	c := p.start()
	kill := func() { _ = c.Process.Kill() } // ended already: Wait tells
	if n%2 == 0 {
		p.writes.set(100+p.random.IntN(1500), kill)
	} else {
		time.AfterFunc(time.Duration(100+p.random.IntN(600))*time.Millisecond, kill)
	}
	late := time.AfterFunc(2*time.Second, kill)
	defer late.Stop()
	err := c.Wait()
	p.url.Store(nil)
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		p.t.Fatalf("it ended before it was killed: %v", err)
	}
}

// vote casts one ballot after the other for one member, each sent again until it
// is acknowledged, to whichever daemon serves.
func (p *poll) vote(i int) {
	client := &http.Client{Timeout: p.within, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for n := 0; !p.enough.Load(); n++ {
		words := fmt.Sprintf("voter %d, ballot %d", i, n)
		for tries := 0; ; {
			url := p.at(i, tries)
			if url == "" {
				time.Sleep(5 * time.Millisecond)
				continue
			}
			tries++
			ballot, answered := p.cast(client, url, i, words)
			p.mu.Lock()
			if !answered {
				p.lost++
			}
			if ballot != nil {
				p.acked = append(p.acked, *ballot)
				if tries > 1 {
					p.proven++
				}
			}
			p.mu.Unlock()
			if ballot != nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// cast sends one ballot; nil where it is not acknowledged.
func (p *poll) cast(client *http.Client, url string, i int, words string) (ballot *ackedBallot, answered bool) {
	req, err := http.NewRequest(http.MethodPut, fmt.Sprintf("%s/api/v1/decisions/1/ballots/voter-%d", url, i),
		strings.NewReader(fmt.Sprintf(`{"answer": "against", "concern": %q}`, words)))
	if err != nil {
		p.fault("%v", err)
		return nil, true
	}
	req.Header.Set("Authorization", "Bearer "+p.tokens[i])
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return nil, false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, false
	}
	var r struct {
		Receipt struct {
			Entry int
			Hash  string
		}
	}
	switch {
	case res.StatusCode == http.StatusServiceUnavailable || res.StatusCode == http.StatusTooManyRequests:
		time.Sleep(50 * time.Millisecond) // as a person would, who else is told to slow down
		return nil, true
	case res.StatusCode != http.StatusOK || json.Unmarshal(body, &r) != nil || r.Receipt.Hash == "":
		p.fault("%s: %d %s", words, res.StatusCode, body)
		return nil, true
	}
	return &ackedBallot{words, r.Receipt.Entry, r.Receipt.Hash, time.Now()}, true
}

func (p *poll) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.wrong) < 5 {
		p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
	}
}

// check holds what the voters know to what is stored.
func (p *poll) check() {
	p.t.Helper()
	for _, f := range p.wrong {
		p.t.Error(f)
	}
	var record struct {
		Entries []struct {
			Kind, Hash string
			Words      *struct{ Body string }
		}
	}
	if err := json.Unmarshal([]byte(p.w.must("decisions", "record", "1")), &record); err != nil {
		p.t.Fatal(err)
	}
	cast := map[string]int{}
	for _, e := range record.Entries {
		if e.Kind == "cast" && e.Words != nil {
			cast[e.Words.Body]++
		}
	}
	for words, n := range cast {
		if n != 1 {
			p.t.Errorf("%s is stored %d times", words, n)
		}
	}
	for _, b := range p.acked {
		if cast[b.words] == 0 || b.entry > len(record.Entries) || record.Entries[b.entry-1].Hash != b.hash || record.Entries[b.entry-1].Words.Body != b.words {
			p.t.Errorf("%s was acknowledged as entry %d, and is not there", b.words, b.entry)
		}
	}
	p.t.Logf("%d ballots acknowledged, %d of them only when they were sent again; %d stored; %d requests without an answer", len(p.acked), p.proven, len(cast), p.lost)
	if len(p.acked) < 2*len(p.tokens) || len(cast) != len(p.acked) {
		p.t.Errorf("%d ballots were acknowledged, %d are stored", len(p.acked), len(cast))
	}
	if p.proven == 0 {
		p.t.Error("nothing went wrong while a ballot was written")
	}
	has(p.t, p.w.must("verify", "--json"), `"ok": true`)
	has(p.t, p.w.must("decisions", "show", "1"), fmt.Sprintf("%d against", len(p.tokens)))
}
