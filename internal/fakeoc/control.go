package fakeoc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Stage is a fake Open Collective with a story and with a control surface
// beside it, for people and tests that drive it over HTTP:
//
//	GET    /control             the clock, the collective, what comes next, the faults, the verbs
//	POST   /control/do          lines, each a verb with its words; the first that fails ends it
//	POST   /control/clock       by=3d or to=2026-02-01T09:30: the clock goes on, with all that happens
//	POST   /control/speed       times=3600: the clock runs by itself, so much faster than ours; 0 stops it
//	POST   /control/faults      lines, each a fault: how upstream answers from now on
//	DELETE /control/faults      upstream answers well again
//	GET    /control/ledger      what money moved, as JSON
//
// Everything else is Open Collective's. It is for this machine only: whoever
// reaches it may change everything.
type Stage struct {
	script *Script
	faults *Faults
	mux    *http.ServeMux

	mu    sync.Mutex // one change of the clock at a time
	speed float64
	fault error // what ended the story
}

// NewStage puts a script on a stage.
func NewStage(p *Script, o ServerOptions) *Stage {
	s := &Stage{script: p, mux: http.NewServeMux()}
	s.faults = NewFaults(NewServer(p.World, o))
	p.Answer = s.answer
	s.mux.Handle("/", s.faults)
	s.mux.HandleFunc("GET /control", s.tell)
	s.mux.HandleFunc("POST /control/do", s.lines(func(line string) error { return s.script.Do(line) }))
	s.mux.HandleFunc("POST /control/clock", s.clock)
	s.mux.HandleFunc("POST /control/speed", s.faster)
	s.mux.HandleFunc("POST /control/faults", s.lines(s.addFault))
	s.mux.HandleFunc("DELETE /control/faults", func(w http.ResponseWriter, r *http.Request) { s.faults.Clear(); s.tell(w, r) })
	s.mux.HandleFunc("GET /control/ledger", func(w http.ResponseWriter, _ *http.Request) { show(w, s.script.Payments()) })
	return s
}

// ServeHTTP answers as upstream, and under /control to whoever drives it.
func (s *Stage) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Faults is how upstream answers.
func (s *Stage) Faults() *Faults { return s.faults }

// AdvanceTo moves the clock and plays the story up to there.
func (s *Stage) AdvanceTo(t instant.Instant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.script.AdvanceTo(t)
}

// answer changes how upstream answers by a line of the story.
func (s *Stage) answer(text string) error {
	if text == "good" {
		s.faults.Clear()
		return nil
	}
	return s.addFault(text)
}

func (s *Stage) addFault(text string) error {
	f, err := ParseFault(text)
	if err != nil {
		return err
	}
	list := []Fault{f}
	for _, have := range s.faults.List() {
		list = append(list, have.Fault)
	}
	return s.faults.Set(list...)
}

// knownFault says what is wrong with a fault's text form; nil for nothing.
func knownFault(text string) error {
	_, err := ParseFault(text)
	return err
}

// state is what GET /control says.
type state struct {
	Now        instant.Instant   `json:"now"`
	Speed      float64           `json:"speed"`
	Collective string            `json:"collective"`
	Next       instant.Instant   `json:"next_of_the_story"`
	Ended      string            `json:"story_ended_by,omitempty"`
	Faults     []string          `json:"faults"`
	Verbs      map[string]string `json:"verbs"`
}

func (s *Stage) tell(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := state{Now: s.script.Now(), Speed: s.speed, Collective: s.script.Collective(), Next: s.script.Next(), Faults: []string{}, Verbs: map[string]string{}}
	if s.fault != nil {
		out.Ended = s.fault.Error()
	}
	for _, f := range s.faults.List() {
		out.Faults = append(out.Faults, f.String())
	}
	for _, v := range Verbs() {
		out.Verbs[v[0]] = v[1]
	}
	show(w, out)
}

func show(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // a driver that left needs no answer
}

// bad answers a driver who said something wrong.
func bad(w http.ResponseWriter, err error) { http.Error(w, err.Error(), http.StatusBadRequest) }

// lines takes a body of lines and does them in their order.
func (s *Stage) lines(do func(string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
		if err != nil {
			bad(w, errors.New("the lines are too many to be read"))
			return
		}
		s.mu.Lock()
		for i, line := range strings.Split(strings.TrimSpace(string(body)), "\n") {
			if err = do(strings.TrimSpace(line)); err != nil {
				err = fmt.Errorf("line %d: %w; the lines before it were done", i+1, err)
				break
			}
		}
		s.mu.Unlock()
		if err != nil {
			bad(w, err)
			return
		}
		s.tell(w, r)
	}
}

func (s *Stage) clock(w http.ResponseWriter, r *http.Request) {
	to, err := s.target(r)
	if err == nil {
		err = s.AdvanceTo(to)
	}
	if err != nil {
		bad(w, err)
		return
	}
	s.tell(w, r)
}

// target is where the clock shall go.
func (s *Stage) target(r *http.Request) (instant.Instant, error) {
	by, to := r.FormValue("by"), r.FormValue("to")
	switch {
	case by != "" && to == "":
		d, err := span(by)
		return s.script.Now().Add(d), err
	case to != "" && by == "":
		at, err := when(to)
		if err == nil && at < s.script.Now() {
			err = fmt.Errorf("%s has passed: the clock stands at %s and goes forward only", to, s.script.Now())
		}
		return at, err
	}
	return 0, errors.New("say how far: by=3d, or to=2026-02-01T09:30")
}

func (s *Stage) faster(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseFloat(r.FormValue("times"), 64)
	if err != nil || n < 0 || n > 1e8 {
		bad(w, errors.New("say how fast: times=3600 makes an hour of a second; 0 stops the clock"))
		return
	}
	s.SetSpeed(n)
	s.tell(w, r)
}

// SetSpeed makes the clock run by itself, so many times faster than ours; 0
// stops it. It runs while Run does.
func (s *Stage) SetSpeed(times float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speed = times
}

// beat is how often a running clock moves.
const beat = 50 * time.Millisecond

// Run lets the clock run until the context ends. A story that cannot go on
// stops the clock, and is told of at /control.
func (s *Stage) Run(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.run(now.Sub(last))
			last = now
		}
	}
}

func (s *Stage) run(passed time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.speed == 0 {
		return
	}
	to := s.script.Now().Add(time.Duration(float64(passed) * s.speed))
	if err := s.script.AdvanceTo(to); err != nil {
		s.speed, s.fault = 0, err
	}
}
