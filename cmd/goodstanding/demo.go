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
Plays half a year of a small federation whose members are invented: the program
reads a fake Open Collective on this machine over HTTP, takes the payers over as
members, and looks again when something happens and whenever a standing may change. A card is
refused and works again, another one does not, upstream is down, somebody cancels,
is paid back, comes back. On a terminal it takes less than a minute. Nothing outside
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
	pace   func(context.Context, time.Duration)
}

// openShow sets the stage: settings of its own, the story's clock, and
// identifiers that are the same each time.
func openShow(ctx context.Context, a *app, script *fakeoc.Script, upstream *fakeoc.Stage, url, dir string) (*show, error) {
	s := &show{p: a.out, script: script, stage: upstream, pace: func(context.Context, time.Duration) {}}
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

// pause waits, for whoever reads along.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// When the program looks for the first time, and when the demo ends.
var (
	demoBegins = instant.Date(2026, time.February, 19).Add(9 * time.Hour)
	demoEnds   = instant.Date(2026, time.June, 24)
)

// play shows the story.
func (s *show) play(ctx context.Context) error {
	s.p.wrap(0, "Half a year of a small federation, read from a fake Open Collective on this machine over HTTP, as it would be read there. "+
		"Its members are invented; the clock is the story's.")
	if err := s.stage.AdvanceTo(demoBegins); err != nil {
		return err
	}
	s.told = nil // how everybody began is part of the first reading
	for _, part := range []func(context.Context) error{s.first, s.adopt, s.table, s.status, s.days, s.last} {
		if err := part(ctx); err != nil {
			return err
		}
		s.pace(ctx, reading)
	}
	return nil
}

// How long the demo stops on a terminal: for something to read, and for a day on
// which nothing happens.
const (
	reading = time.Second
	calm    = 50 * time.Millisecond
)

// first reads the collective for the first time.
func (s *show) first(ctx context.Context) error {
	s.heading("The first reading, %s", minute(s.script.Now(), s.d.cfg.Federation.Zone))
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
	did, err := s.takeOver(ctx, roll.Adopt{All: true}, "the demo begins with everybody who pays")
	if err != nil {
		return err
	}
	if len(did.LeftOut) > 0 {
		s.d.adoptionTable(s.p, roll.Adoption{LeftOut: did.LeftOut})
	}
	return nil
}

func (s *show) takeOver(ctx context.Context, whom roll.Adopt, reason string) (roll.Adoption, error) {
	by, err := s.d.by(ctx, change{Reason: reason})
	if err != nil {
		return roll.Adoption{}, err
	}
	did, _, err := s.d.roll.Adopt(ctx, by, whom)
	if err != nil {
		return did, err
	}
	s.p.line("%s", adoptedWords(did))
	return did, nil
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

// betweenLooks is how long the demo lets pass while nothing happens. The daemon
// looks every half hour.
const betweenLooks = 4 * instant.Day

// days lets the story run: the program looks every few days in the morning, the
// morning after something happened, and whenever a standing may change.
func (s *show) days(ctx context.Context) error {
	for next := s.script.Now(); ctx.Err() == nil; {
		book, err := s.d.roll.Book(ctx)
		if err != nil {
			return err
		}
		now := s.script.Now()
		next = morning(now + betweenLooks)
		if soon := s.script.Next(); soon != 0 && morning(soon) > now {
			next = min(next, morning(soon))
		}
		if c := nextChange(book, now, now); c > now && c < next {
			next = c
		}
		if next > demoEnds {
			return nil
		}
		if err := s.stage.AdvanceTo(next); err != nil {
			return err
		}
		if err := s.look(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// morning is nine o'clock UTC on the day, or on the next one where that has passed.
func morning(t instant.Instant) instant.Instant {
	at := t / instant.Day * instant.Day
	if at = at.Add(9 * time.Hour); at < t {
		at += instant.Day
	}
	return at
}

// look reads once and shows what happened, when anything did.
func (s *show) look(ctx context.Context) error {
	told := s.told
	s.told = nil
	report, err := s.sync.Pull(ctx)
	if err != nil {
		s.failed(told, err)
		s.pace(ctx, reading)
		return ctx.Err()
	}
	s.down = 0
	lines := paidTogether(report.Difference())
	if len(told)+len(lines)+len(report.Roll.Transitions) == 0 {
		s.pace(ctx, calm)
		return nil
	}
	s.day(told)
	for _, l := range lines {
		s.p.line("  %s", clean(l))
	}
	s.d.transitions(s.p, report.Roll)
	for _, payer := range report.NewPayers {
		if payer.Slug == "juniper" { // the treasurer knows who that is; of the casino nobody has heard
			s.command("members adopt juniper")
			if _, err := s.takeOver(ctx, roll.Adopt{Accounts: []member.AccountID{payer.Account}}, "a new payer"); err != nil {
				return err
			}
		}
	}
	s.pace(ctx, reading)
	return nil
}

// day begins a day on which something happened.
func (s *show) day(told []string) {
	s.heading("%s", minute(s.script.Now(), s.d.cfg.Federation.Zone))
	for _, w := range told {
		s.p.line("%s %s", s.p.dim("On Open Collective:"), clean(w))
	}
}

// failed says that a look failed, and what that does: nothing.
func (s *show) failed(told []string, err error) {
	s.day(told)
	if s.down++; s.down == 1 || len(told) > 0 {
		s.p.wrap(2, clean(err.Error()))
	}
	s.p.line("  %s", s.p.good("Nobody's standing changes."))
}

// paidTogether says of many that paid on one day how many they are.
func paidTogether(lines []string) (out []string) {
	paid := 0
	for _, l := range lines {
		if who, what, ok := strings.Cut(l, " paid "); ok && who != "" && !strings.Contains(what, " ") {
			paid++
			continue
		}
		out = append(out, l)
	}
	if paid > 0 {
		out = append(out, many(paid, "member paid", "members paid")+" as usual")
	}
	return out
}

// toSort shows what the treasurer has to look at.
func (s *show) toSort(ctx context.Context) error {
	s.heading("What is to be sorted out")
	s.command("desk")
	entries, err := s.d.roll.Desk(ctx, false)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e roll.DeskEntry) bool { return e.Kind == roll.DeskNoDelegate })
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
