package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// demoCmd is goodstanding demo.
type demoCmd struct {
	Keep  string `placeholder:"DIR" help:"Keep the demo's data there, to go on with it; an empty or new folder"`
	Serve string `placeholder:"ADDRESS" help:"Then answer over HTTP on this address, until it is stopped"`
}

// Help says what is shown.
func (demoCmd) Help() string {
	return `
Plays half a year of a small federation whose members are invented: the program
reads a fake Open Collective on this machine over HTTP, takes the payers over as
members, and looks again when something happens and whenever a standing may change. A card is
refused and works again, another one does not, upstream is down, somebody cancels,
is paid back, comes back; and the members decide: one thing passes by silence, another
is blocked, amended and passed, and a member that has lapsed is refused. On a terminal
it takes less than a minute. Nothing outside
this machine is asked, and no setting is read; the clock is the story's, so it shows
the same in any year.

  goodstanding demo
  goodstanding demo --keep /tmp/demo && goodstanding --data /tmp/demo status
  goodstanding demo --serve 127.0.0.1:8080
  goodstanding fake-opencollective      # the same upstream, to drive by hand`
}

// Run plays the story.
func (c demoCmd) Run(ctx context.Context, a *app) error {
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	stage := &server{app: a, front: &front{}}
	if c.Serve != "" { // an address that is taken is said before the story begins
		if err := stage.open("--serve", c.Serve, stage.front); err != nil {
			return err
		}
		defer stage.doors[0].close()
	}
	script, err := demoScript()
	if err != nil {
		return err
	}
	upstream := fakeoc.NewStage(script, fakeoc.ServerOptions{NoLimit: true})
	url, stop, err := fakeoc.Listen(upstream)
	if err != nil {
		return err
	}
	defer stop()
	s, err := openShow(ctx, a, script, upstream, url, dir)
	if err != nil {
		return err
	}
	defer s.d.close()
	s.kept = c.Keep
	if err := s.play(ctx); err != nil {
		return err
	}
	if c.Serve != "" && a.out.err == nil {
		return s.serve(ctx, stage.doors[0], stage.front)
	}
	return a.out.err
}

// folder is where the demo's database goes.
func (c demoCmd) folder() (dir string, remove func(), err error) {
	if c.Keep == "" {
		dir, err = os.MkdirTemp("", "goodstanding-demo-")
		if err != nil {
			return "", nil, fmt.Errorf("make a folder for the demo: %s", cause(err))
		}
		return dir, func() { _ = os.RemoveAll(dir) }, nil // at worst a folder stays among the temporary ones
	}
	dir, err = filepath.Abs(c.Keep)
	if err != nil {
		return "", nil, fmt.Errorf("--keep: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, &usageError{fmt.Sprintf("--keep: the folder %s cannot be made (%s): name another", dir, cause(err))}
	}
	there, err := os.ReadDir(dir)
	switch {
	case err != nil:
		return "", nil, &usageError{fmt.Sprintf("--keep: the folder %s cannot be read (%s): name another", dir, cause(err))}
	case len(there) > 0:
		return "", nil, &usageError{fmt.Sprintf("--keep: the folder %s is not empty: name a new one, the demo overwrites nothing", dir)}
	}
	return dir, func() {}, nil
}

// demoScript is the story, at its beginning.
func demoScript() (*fakeoc.Script, error) {
	scenario, err := fakeoc.BuiltIn("federation")
	if err != nil {
		return nil, err
	}
	return fakeoc.Play(scenario, 1)
}

// show is a demo that runs.
type show struct {
	p      *printer
	d      *desk
	script *fakeoc.Script
	stage  *fakeoc.Stage
	sync   *syncer.Syncer
	told   []string // what happened since the last look, in words
	down   int      // how many looks have failed in a row
	kept   string   // as it was typed; "" for a folder that goes
	who    string   // the handle of the member that is explained
	scenes []scene  // what the members do yet
	draft  string   // id of the decision that was drafted last
	pace   func(context.Context, time.Duration)
}

// openShow sets the stage: settings of its own, the story's clock, and
// identifiers that are the same each time.
func openShow(ctx context.Context, a *app, script *fakeoc.Script, upstream *fakeoc.Stage, url, dir string) (*show, error) {
	s := &show{p: a.out, script: script, stage: upstream, scenes: scenes(), pace: func(context.Context, time.Duration) {}}
	if a.env.Terminal {
		s.pace = pause
	}
	script.Told = func(step fakeoc.Step) { s.told = append(s.told, step.Words()) }
	env := a.env
	env.Login = "demo"
	env.Now = script.Now
	made := 0
	env.NewID = func(prefix string) string {
		made++
		return fmt.Sprintf("%s_%04d", prefix, made)
	}
	cfg := &Config{OCSlug: script.Collective(), OCURL: url, OCToken: "demo", Data: dir, LogLevel: zerolog.WarnLevel,
		Database: secret("sqlite://" + filepath.Join(dir, databaseName)), from: map[string]origin{}}
	cfg.Federation.Zone = mustZone(defaultZone)
	stage := &app{env: env, out: a.out, note: a.note}
	stage.cli.Yes = true
	d, err := stage.open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.d = d
	options := cfg.client(env)
	options.PerMinute = 100_000 // it is on this machine
	client, err := opencollective.New(options)
	if err == nil {
		err = d.begin(ctx)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	s.sync = syncer.New(d.db, d.roll, client, syncer.Options{Slug: script.Collective(), Now: env.Now, NewID: env.NewID, Zone: cfg.Federation.Zone, Logger: d.log})
	return s, nil
}

// heading begins a part.
func (s *show) heading(format string, args ...any) {
	s.p.line("")
	s.p.line("%s", s.p.bold("── "+fmt.Sprintf(format, args...)))
}

// command shows what one would type.
func (s *show) command(words string) { s.p.line("%s", s.p.accent("$ goodstanding "+words)) }

// toSort shows what the treasurer has to look at.
func (s *show) toSort(ctx context.Context) error {
	s.heading("What is to be sorted out")
	s.command("desk")
	entries, err := s.d.roll.Desk(ctx, false)
	if err != nil {
		return err
	}
	s.d.printEntries(entries, "")
	return nil
}

// last explains one standing, and says how to go on.
func (s *show) last(ctx context.Context) error {
	v, err := s.d.roll.View(ctx, roll.Query{})
	if err != nil {
		return err
	}
	who := s.interesting(v)
	if who == "" {
		return nil
	}
	s.who = who
	if err := s.toSort(ctx); err != nil {
		return err
	}
	s.heading("Why is that so?")
	s.command("explain " + who)
	id, err := s.d.roll.Find(ctx, who)
	if err != nil {
		return err
	}
	x, err := s.d.roll.Explain(ctx, id, 0, 0)
	if err != nil {
		return err
	}
	(&explanation{d: s.d, p: s.p, x: &x}).print()
	if err := s.table(ctx); err != nil {
		return err
	}
	s.goOn(who)
	return nil
}

// interesting is the handle of a member whose payment was given back, else of
// one whose payment is late, else of the first.
func (s *show) interesting(v roll.View) string {
	for _, code := range []eligibility.Code{eligibility.CodeRefunded, eligibility.CodeRetrying, eligibility.CodeGrace} {
		i := slices.IndexFunc(v.Rows, func(r roll.Row) bool {
			_, ok := r.Standing.Reason(code)
			return ok && r.Standing.State == eligibility.StateGrace
		})
		if i >= 0 {
			return v.Rows[i].Handle
		}
	}
	if len(v.Rows) == 0 {
		return ""
	}
	return v.Rows[0].Handle
}

// goOn says which commands to try next.
func (s *show) goOn(who string) {
	s.heading("Go on")
	if s.kept == "" {
		s.p.line("  goodstanding demo --keep demo          play it again and keep the data, then:")
		s.p.line("  goodstanding --data demo status")
		s.p.line("")
		s.p.line("With your own collective:")
		s.p.line("%s", strings.Trim(firstSteps[strings.Index(firstSteps, "  export"):], "\n"))
		return
	}
	now := s.script.Now()
	at := "goodstanding --data " + s.kept + " "
	s.p.line("The data is kept. The clock is the real one now, so the last reading is old:")
	s.p.line("  %sstatus", at)
	s.p.line("  %sroll --at %s", at, now)
	s.p.line("  %sexplain %s --at %s", at, who, now)
	s.p.line("  %slink --suggest", at)
}
