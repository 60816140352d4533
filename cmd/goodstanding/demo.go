package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
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
Plays a film of a collective on Open Collective: answers recorded from its
genuine server software, on invented members, served on this machine over HTTP.
The program reads them, takes the payers over as members, and follows what
happens scene by scene: cards fail, people cancel, refund, pause and rename.
Nothing outside this machine is asked, and no setting is read. It runs on the
film's clock, so it shows the same in any year.

  goodstanding demo
  goodstanding demo --keep /tmp/demo && goodstanding --data /tmp/demo status
  goodstanding demo --serve 127.0.0.1:8080`
}

// Run plays the film.
func (c demoCmd) Run(ctx context.Context, a *app) error {
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	stage := &server{app: a, front: &front{}}
	if c.Serve != "" { // an address that is taken is said before the film begins
		if err := stage.open("--serve", c.Serve, stage.front); err != nil {
			return err
		}
		defer stage.doors[0].close()
	}
	film, err := fakeoc.NewFilm()
	if err != nil {
		return err
	}
	url, stop, err := fakeoc.Listen(film)
	if err != nil {
		return err
	}
	defer stop()
	s, err := openShow(ctx, a, film, url, dir)
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

// show is a demo that runs.
type show struct {
	p    *printer
	d    *desk
	film *fakeoc.Film
	sync *syncer.Syncer
	step int    // the scene that is shown
	kept string // as it was typed; "" for a folder that goes
	who  string // the handle of the member that is explained
}

// openShow sets the stage: settings of its own, the film's clock, and
// identifiers that are the same each time.
func openShow(ctx context.Context, a *app, film *fakeoc.Film, url, dir string) (*show, error) {
	s := &show{p: a.out, film: film}
	env := a.env
	env.Login = "demo"
	env.Now = func() instant.Instant { return film.Clock(s.step) }
	made := 0
	env.NewID = func(prefix string) string {
		made++
		return fmt.Sprintf("%s_%04d", prefix, made)
	}
	cfg := &Config{OCSlug: film.Slug(), OCURL: url, OCToken: "film", Data: dir, LogLevel: zerolog.WarnLevel,
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
	options.PerMinute = 100_000 // the film is on this machine
	client, err := opencollective.New(options)
	if err == nil {
		err = d.begin(ctx)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	s.sync = syncer.New(d.db, d.roll, client, syncer.Options{Slug: film.Slug(), Now: env.Now, NewID: env.NewID, Zone: cfg.Federation.Zone, Logger: d.log})
	return s, nil
}

// heading begins a part.
func (s *show) heading(format string, args ...any) {
	s.p.line("")
	s.p.line("%s", s.p.bold("── "+fmt.Sprintf(format, args...)))
}

// command shows what one would type.
func (s *show) command(words string) { s.p.line("%s", s.p.accent("$ goodstanding "+words)) }

// play shows the film.
func (s *show) play(ctx context.Context) error {
	s.p.wrap(0, "A film of a collective on Open Collective: answers of its genuine server software, on invented members, "+
		"read here over HTTP as they would be read there. The clock is the film's.")
	for _, part := range []func(context.Context) error{s.first, s.adopt, s.table, s.status, s.scenes, s.last} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// first reads the collective for the first time.
func (s *show) first(ctx context.Context) error {
	s.heading("The first reading, %s", minute(s.film.Clock(0), s.d.cfg.Federation.Zone))
	s.command("sync")
	report, err := s.sync.Pull(ctx)
	if err != nil {
		return err
	}
	s.d.printSync(s.p, report)
	return nil
}

// adopt takes the payers over.
func (s *show) adopt(ctx context.Context) error {
	s.heading("Who pays becomes a member")
	s.command("members adopt --all")
	by, err := s.d.by(ctx, change{Reason: "the demo begins with everybody who pays"})
	if err != nil {
		return err
	}
	did, _, err := s.d.roll.Adopt(ctx, by, roll.Adopt{All: true})
	if err != nil {
		return err
	}
	s.p.line("%s", adoptedWords(did))
	if len(did.LeftOut) > 0 {
		s.d.adoptionTable(s.p, roll.Adoption{LeftOut: did.LeftOut})
	}
	return nil
}

// table shows the treasurer's table.
func (s *show) table(ctx context.Context) error {
	s.heading("The treasurer's table")
	s.command("roll")
	v, err := s.d.roll.View(ctx, roll.Query{})
	if err != nil {
		return err
	}
	s.d.rollTable(s.p, v)
	return nil
}

func (s *show) status(ctx context.Context) error {
	s.heading("Everything on one screen")
	s.command("status")
	st, err := s.d.roll.Status(ctx)
	if err != nil {
		return err
	}
	(&statusScreen{d: s.d, p: s.p, st: &st}).print()
	return nil
}

// scenes goes through the film.
func (s *show) scenes(ctx context.Context) error {
	scenes := s.film.Scenes()
	for _, scene := range scenes[1:] {
		if err := s.film.Show(scene.Step); err != nil {
			return err
		}
		s.step = scene.Step
		s.heading("Scene %d of %d, %s: %s", scene.Step, len(scenes)-1, s.film.Clock(s.step).Time().In(s.d.cfg.Federation.Zone).Format("15:04:05"), scene.Words)
		s.command("sync")
		report, err := s.sync.Pull(ctx)
		if err != nil {
			return err
		}
		if err := s.scene(ctx, scene, report); err != nil {
			return err
		}
	}
	return nil
}

// scene shows what a reading found and did. A payer who joins is taken over at
// once, as a treasurer would.
func (s *show) scene(ctx context.Context, scene fakeoc.Scene, r syncer.Report) error {
	s.d.printDifference(s.p, r)
	for _, w := range r.Warnings {
		s.p.line("%s %s", s.p.warn("Note:"), clean(w))
	}
	s.d.transitions(s.p, r.Roll)
	if slug, joins := strings.CutPrefix(scene.Action, "join "); joins {
		slug, _, _ = strings.Cut(slug, " ")
		return s.join(ctx, slug)
	}
	if len(r.Roll.Transitions) > 0 || r.Roll.Hold != "" {
		return nil
	}
	s.p.line("No standing changes.")
	return s.still(ctx, strings.Fields(scene.Action))
}

// still says how the member stands that a scene was about.
func (s *show) still(ctx context.Context, action []string) error {
	if len(action) == 0 {
		return nil
	}
	for _, word := range slices.Backward(action[1:]) { // the new name of a renamed account comes last
		id, err := s.d.roll.Find(ctx, word)
		if err != nil {
			continue // no member: a payer, or an amount
		}
		v, err := s.d.roll.View(ctx, roll.Query{Members: []member.ID{id}})
		if err != nil {
			return err
		}
		row := v.Rows[0]
		s.p.line("  %s, as before: %s", clean(row.Name), paintState(s.p, row.Standing.State, row.People))
		return nil
	}
	return nil
}

// join makes a member of a new payer.
func (s *show) join(ctx context.Context, slug string) error {
	s.command("members adopt " + slug)
	acc, err := s.d.roll.FindAccount(ctx, slug)
	if err != nil {
		return err
	}
	by, err := s.d.by(ctx, change{Reason: "a new payer"})
	if err != nil {
		return err
	}
	did, report, err := s.d.roll.Adopt(ctx, by, roll.Adopt{Accounts: []member.AccountID{acc}})
	if err != nil {
		return err
	}
	s.d.transitions(s.p, report)
	s.p.line("%s", adoptedWords(did))
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
	at := "goodstanding --data " + s.kept + " "
	s.p.line("The data is kept. The clock is the real one now, so the last reading is old:")
	s.p.line("  %sstatus", at)
	s.p.line("  %sroll --at %s", at, s.film.Clock(s.step))
	s.p.line("  %sexplain %s --at %s", at, who, s.film.Clock(s.step))
	s.p.line("  %slink --suggest", at)
}
