package fakeoc

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Scenario is a story in a file that a person can read: what stands at its
// beginning, and what happens when. A line is one of
//
//	# a remark; behind a line it says in words what happens there
//	start 2026-01-05T09:00               when the story begins; the first line
//	VERB …                               at the beginning (see Verbs)
//	2026-02-01T09:30 VERB …              at an instant
//	+3d VERB …                           that much later than the line before
//	… > FAULT                            how upstream answers from then on
//	… > good                             and that it answers well again
//
// and the lines stand in the order in which they happen.
type Scenario struct {
	Start instant.Instant
	Steps []Step
}

// Step is one line of a scenario.
type Step struct {
	At   instant.Instant
	Line int
	// Do is a verb with its words; "" where the line is about answers.
	Do string
	// Fault is how upstream answers from now on, as ParseFault reads it; "good" is well.
	Fault string
	// Remark says it in words; "" where the line has none.
	Remark string
}

// Words is what the step does: its remark, else as it was written.
func (s Step) Words() string {
	if s.Remark != "" {
		return s.Remark
	}
	if s.Fault != "" {
		return "> " + s.Fault
	}
	return s.Do
}

// ReadScenario reads a scenario. The error lists every line that cannot be
// read, with what would be right.
func ReadScenario(r io.Reader) (*Scenario, error) {
	s := &Scenario{Start: Start}
	var faults []error
	lines := bufio.NewScanner(r)
	now := s.Start
	for n := 1; lines.Scan(); n++ {
		line, remark, _ := strings.Cut(lines.Text(), " #")
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		step, err := s.step(line, now)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("line %d: %w", n, err))
		case step == nil:
			now = s.Start
		default:
			step.Line, step.Remark, now = n, strings.TrimSpace(remark), step.At
			s.Steps = append(s.Steps, *step)
		}
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return s, nil
}

//go:embed scenarios/*.txt
var builtIn embed.FS

// BuiltIn is a scenario that ships with the program, by its name; an unknown
// one is an error that lists them.
func BuiltIn(name string) (*Scenario, error) {
	f, err := builtIn.Open("scenarios/" + name + ".txt")
	if err != nil {
		return nil, fmt.Errorf("there is no scenario %q: there are %s", name, strings.Join(BuiltIns(), ", "))
	}
	defer f.Close()
	return ReadScenario(f)
}

// BuiltIns are the names of the scenarios that ship with the program.
func BuiltIns() (names []string) {
	files, _ := builtIn.ReadDir("scenarios") // it is part of the program
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".txt"))
	}
	return names
}

// step reads one line; nil for the one that says when the story begins.
func (s *Scenario) step(line string, now instant.Instant) (*Step, error) {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if word == "start" {
		at, err := when(rest)
		if err == nil && len(s.Steps) > 0 {
			err = errors.New("start stands first")
		}
		if err == nil {
			s.Start = at
		}
		return nil, err
	}
	step := &Step{At: now}
	if later, ok := strings.CutPrefix(word, "+"); ok {
		d, err := span(later)
		if err != nil {
			return nil, err
		}
		step.At, line = now.Add(d), rest
	} else if at, err := when(word); err == nil {
		if at < now {
			return nil, fmt.Errorf("%s is before the line above it: lines stand in the order in which they happen", word)
		}
		step.At, line = at, rest
	}
	return step, step.say(line)
}

// say takes what a line says to do.
func (s *Step) say(line string) error {
	if answer, ok := strings.CutPrefix(line, ">"); ok {
		s.Fault = strings.TrimSpace(answer)
		if s.Fault == "good" {
			return nil
		}
		return knownFault(s.Fault)
	}
	verb, _, _ := strings.Cut(line, " ")
	if _, err := verbNamed(verb); err != nil {
		return err
	}
	s.Do = line
	return nil
}

// Script is a scenario being played on a world.
type Script struct {
	*World
	steps []Step
	// Told hears of every step when it happens; nil hears nothing.
	Told func(Step)
	// Answer changes how upstream answers, by a step's Fault; nil is not asked.
	Answer func(fault string) error
}

// Play makes the world of a scenario as it stands at its beginning.
func Play(s *Scenario, seed uint64) (*Script, error) {
	p := &Script{World: NewWorld(s.Start, seed), steps: slices.Clone(s.Steps)}
	return p, p.due()
}

// Next is when the next step happens; 0 when the story is over.
func (p *Script) Next() instant.Instant {
	if len(p.steps) == 0 {
		return 0
	}
	return p.steps[0].At
}

// AdvanceTo moves the clock to an instant with everything that happens
// meanwhile, by the script and by upstream's own rules.
func (p *Script) AdvanceTo(t instant.Instant) error {
	for len(p.steps) > 0 && p.steps[0].At <= t {
		p.World.AdvanceTo(p.steps[0].At)
		if err := p.due(); err != nil {
			return err
		}
	}
	p.World.AdvanceTo(t)
	return nil
}

// due does what is due now.
func (p *Script) due() error {
	for len(p.steps) > 0 && p.steps[0].At <= p.Now() {
		step := p.steps[0]
		p.steps = p.steps[1:]
		var err error
		switch {
		case step.Fault == "":
			err = p.Do(step.Do)
		case p.Answer != nil:
			err = p.Answer(step.Fault)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", step.Line, err)
		}
		if p.Told != nil {
			p.Told(step)
		}
	}
	return nil
}
