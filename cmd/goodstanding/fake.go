package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sync/errgroup"

	"coopcloud.tech/goodstanding/internal/fakeoc"
)

// fakeCmd is goodstanding fake-opencollective.
type fakeCmd struct {
	Scenario string  `arg:"" optional:"" placeholder:"SCENARIO" help:"A file, or the name of a scenario that ships with the program (federation)"`
	Address  string  `default:"127.0.0.1:3060" placeholder:"ADDRESS" help:"Where to answer; for this machine only"`
	Speed    float64 `placeholder:"TIMES" help:"The clock runs by itself, so many times faster than ours: 86400 makes a day of a second"`
	Seed     uint64  `default:"1" placeholder:"N" help:"The same number gives the same ids"`
	Verbs    bool    `help:"List what can happen in a scenario, and how upstream can fail"`
}

// Help says what it is for.
func (fakeCmd) Help() string {
	return `
An Open Collective of your own, for trying things out and for tests: the GraphQL
API as the genuine server answers it, with its limits and errors, on a clock that
you move. Nothing leaves this machine, nobody is charged.

A scenario says who there is and what happens when, a line each (--verbs lists
what can); with the clock running by itself (--speed) it plays like a film.
Driven over HTTP:

  goodstanding fake-opencollective federation --speed 86400
  curl http://127.0.0.1:3060/control                      # the clock, the faults, all verbs
  curl http://127.0.0.1:3060/control/clock -d by=3d       # three days pass
  curl http://127.0.0.1:3060/control/clock -d to=$(date -u +%F)   # up to today
  curl http://127.0.0.1:3060/control/do -d 'cancel hazel'
  curl http://127.0.0.1:3060/control/faults -d '429 retry-after=30'

and read by another goodstanding, whose clock is the real one (so bring this one
up to today first):

  GOODSTANDING_OC_URL=http://127.0.0.1:3060/graphql/v2 GOODSTANDING_OC_SLUG=loose-knot goodstanding --data /tmp/try sync`
}

// Run answers until the context ends.
func (c fakeCmd) Run(ctx context.Context, a *app) error {
	if c.Verbs {
		a.fakeWords()
		return nil
	}
	stage, script, err := c.stage()
	if err != nil {
		return err
	}
	if c.Speed < 0 || c.Speed > 1e8 {
		return &usageError{"--speed: write a number from 0 to 100000000: 86400 makes a day of a second"}
	}
	stage.SetSpeed(c.Speed)
	s := &server{app: a}
	if err := s.open("--address", c.Address, stage); err != nil {
		return err
	}
	script.Told = func(step fakeoc.Step) { a.out.line("%s  %s", step.At, clean(step.Words())) }
	url := s.doors[0].url()
	a.out.line("Open Collective's API is at %s/graphql/v2, of the collective %s; the clock stands at %s.", url, script.Collective(), script.Now())
	a.out.line("Drive it at %s/control; stop it with control-C.", url)
	g, work := errgroup.WithContext(ctx)
	g.Go(func() error { return s.doors[0].serve(work) })
	g.Go(func() error {
		stage.Run(work)
		return nil
	})
	return g.Wait()
}

// stage is the scenario that was asked for, else the one that ships.
func (c fakeCmd) stage() (*fakeoc.Stage, *fakeoc.Script, error) {
	scenario, err := c.scenario()
	if err != nil {
		return nil, nil, err
	}
	script, err := fakeoc.Play(scenario, c.Seed)
	if err != nil {
		return nil, nil, &usageError{err.Error()}
	}
	return fakeoc.NewStage(script, fakeoc.ServerOptions{}), script, nil
}

func (c fakeCmd) scenario() (*fakeoc.Scenario, error) {
	if c.Scenario == "" || slices.Contains(fakeoc.BuiltIns(), c.Scenario) {
		return fakeoc.BuiltIn(cmp.Or(c.Scenario, "federation"))
	}
	f, err := os.Open(c.Scenario)
	if errors.Is(err, os.ErrNotExist) {
		_, err = fakeoc.BuiltIn(c.Scenario)
		return nil, &usageError{err.Error() + ", and no file of that name"}
	}
	if err != nil {
		return nil, &usageError{fmt.Sprintf("the scenario %s cannot be read (%s): correct the path", c.Scenario, cause(err))}
	}
	defer f.Close()
	scenario, err := fakeoc.ReadScenario(f)
	if err != nil {
		return nil, &usageError{c.Scenario + ": " + err.Error()}
	}
	return scenario, nil
}

// fakeWords lists the words that scenarios are made of.
func (a *app) fakeWords() {
	a.out.line("%s", a.out.bold("What can happen"))
	a.out.pairs(fakeoc.Verbs())
	a.out.line("")
	a.out.line("%s", a.out.bold("How upstream can fail"))
	var rows [][2]string
	for _, k := range fakeoc.FaultKinds() {
		rows = append(rows, [2]string{"> " + k.Name, k.Words})
	}
	a.out.pairs(rows)
}
