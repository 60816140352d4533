package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// serveCmd is goodstanding serve.
type serveCmd struct{}

// Help shows how to use it.
func (serveCmd) Help() string {
	return `
Runs until it is stopped (control-C, or a SIGTERM). It reads Open Collective
every SYNC_EVERY and when a standing is about to change, writes what time alone
changes, and answers on LISTEN: what everybody may see without a token, the rest
with one (goodstanding token create). It sees within a second what another
command writes; every other command works beside it.

A SIGHUP makes it read settings and policy again. When anything is wrong with
them it logs every fault and goes on with what it had. LISTEN, METRICS_LISTEN,
DATA and DATABASE take effect at the next start.

On SQLite one serve runs per file; a second one is refused. On PostgreSQL several
may run behind a proxy: all answer and take ballots, and one of them reads Open
Collective, assesses, closes decisions and sends. When that one ends, another goes
on at once; when it is cut off, within 15 seconds.

  goodstanding serve
  goodstanding serve --listen :8080 --metrics-listen off
  goodstanding serve --public-url https://roll.example.org --trusted-proxies 10.0.0.5`
}

// Run serves until the context ends.
func (serveCmd) Run(ctx context.Context, a *app) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	cfg, err := a.config(needUpstream)
	if err != nil {
		return err
	}
	d, err := a.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.close()
	lock, err := lockStore(ctx, d.db)
	if err != nil {
		return err
	}
	defer lock.release()
	s, err := newServer(ctx, a, d)
	if err != nil {
		return err
	}
	return s.run(ctx, hangup)
}

// server is a daemon: what stays the same as long as the process runs. What
// depends on the settings is its shift.
type server struct {
	app   *app
	first *shift
	front *front
	doors []*door
	parts
}

// newServer makes everything ready and listens, but serves nothing yet.
func newServer(ctx context.Context, a *app, d *desk) (*server, error) {
	s := &server{app: a, front: &front{}, parts: newParts(a.env)}
	var err error
	if s.first, err = s.prepare(ctx, d); err != nil {
		return nil, err
	}
	s.front.serve(s.first.handler())
	if err := s.listen(d.cfg); err != nil {
		s.first.close()
		return nil, err
	}
	return s, nil
}

// run serves until the context ends, which is no error. It answers before it has told
// what it does, which reads much.
func (s *server) run(ctx context.Context, hangup <-chan os.Signal) error {
	g, work := errgroup.WithContext(ctx)
	for _, d := range s.doors {
		g.Go(func() error { return d.serve(work) })
	}
	g.Go(func() error {
		if err := s.tell(work); err != nil && work.Err() == nil {
			s.first.close()
			return err
		}
		s.shifts(work, hangup)
		return nil
	})
	g.Go(func() error {
		giveBack(work)
		return nil
	})
	err := g.Wait()
	if err == nil && !s.app.cli.JSON {
		s.app.out.line("Stopped.")
	}
	return err
}

// started is when a start is over: the roll was read, and Open Collective, unless it is
// large or slow.
const started = 10 * time.Second

// giveBack returns the memory that a start takes once, which the runtime would keep
// for as much to come: a third of what the daemon has then.
func giveBack(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(started):
		debug.FreeOSMemory()
	}
}

// shifts runs one shift after the other, until the context ends. The next one
// begins when the last one has ended: no two ever read Open Collective at once.
func (s *server) shifts(ctx context.Context, hangup <-chan os.Signal) {
	for now := s.first; now != nil; {
		now = s.shift(ctx, now, hangup)
	}
}

// shift runs one shift and returns the next; nil when the context ended.
func (s *server) shift(ctx context.Context, now *shift, hangup <-chan os.Signal) (next *shift) {
	defer now.close()
	work, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		now.run(work)
	}()
	for next == nil && ctx.Err() == nil {
		select {
		case <-hangup:
			next = s.reload(ctx, now)
		case <-ctx.Done():
		}
	}
	end()
	<-done
	if next != nil {
		s.front.serve(next.handler())
	}
	return next
}

// reload makes a shift of settings and policy as they are now; nil when
// anything is wrong with them, and then the old ones stay.
func (s *server) reload(ctx context.Context, old *shift) *shift {
	next, err := s.renewed(ctx, old.desk)
	if err != nil {
		for _, fault := range faultLines(err) {
			old.desk.log.Error().Str("fault", fault).Msg("settings or policy refused")
		}
		old.desk.log.Error().Msg("settings and policy stay as they were: correct the faults and send another SIGHUP")
		return nil
	}
	for _, name := range fixedSettings(old.desk.cfg, next.desk.cfg) {
		next.desk.log.Warn().Str("setting", name).Msg("this setting changed: it takes effect at the next start")
	}
	if !s.app.cli.JSON {
		s.app.out.line("Settings and policy were read again: policy %s is in force.", next.policyID(ctx))
	}
	next.desk.log.Info().Msg("settings and policy were read again")
	return next
}

// renewed is a shift on the same database with the settings as they are now.
func (s *server) renewed(ctx context.Context, old *desk) (*shift, error) {
	cfg, err := s.app.config(needUpstream)
	if err != nil {
		return nil, err
	}
	return s.prepare(ctx, old.with(cfg))
}

// fixedSettings names the settings that differ and that a running daemon keeps.
func fixedSettings(old, new *Config) (names []string) {
	for _, s := range []struct {
		name     string
		old, new string
	}{
		{"LISTEN", old.Listen, new.Listen}, {"METRICS_LISTEN", old.MetricsListen, new.MetricsListen},
		{"DATA", old.Data, new.Data}, {"DATABASE", string(old.Database), string(new.Database)},
	} {
		if s.old != s.new {
			names = append(names, s.name)
		}
	}
	return names
}

// with is the desk with other settings, on the same open database.
func (d *desk) with(cfg *Config) *desk {
	next := &desk{app: d.app, cfg: cfg, db: d.db, log: d.app.logger(cfg)}
	next.roll = d.app.rollOn(d.db, cfg)
	return next
}

// cannotListen says which address it is, and what to do.
func cannotListen(setting, address string, err error) error {
	return &ConfigFaults{All: []ConfigFault{{setting,
		fmt.Sprintf("%s cannot be listened on (%s): choose another address, or stop the program that has it", address, err)}}}
}
