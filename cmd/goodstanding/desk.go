package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// desk is an open database with its roll, and the settings it was opened with.
type desk struct {
	app  *app
	cfg  *Config
	db   *store.DB
	roll *roll.Roll
	log  zerolog.Logger
}

// config reads the settings of this run.
func (a *app) config(n need) (*Config, error) {
	return loadConfig(a.env, a.cli.values(), n)
}

// at opens the database that the settings name, creating and migrating it,
// stores the policy, and hands it to f. Every command that works on the roll
// goes through here.
func (a *app) at(ctx context.Context, n need, f func(d *desk) error) error {
	cfg, err := a.config(n)
	if err != nil {
		return err
	}
	return a.with(ctx, cfg, f)
}

func (a *app) with(ctx context.Context, cfg *Config, f func(d *desk) error) error {
	d, err := a.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.begin(ctx); err != nil {
		return err
	}
	return f(d)
}

// open opens the database and nothing more.
func (a *app) open(ctx context.Context, cfg *Config) (*desk, error) {
	if err := a.dataFolder(cfg); err != nil {
		return nil, err
	}
	log := a.logger(cfg)
	db, err := store.Open(ctx, string(cfg.Database), store.Options{
		Version: version(),
		Served:  a.served,
		OnLateClock: func(behind time.Duration) {
			log.Warn().Dur("behind", behind).Msg("the clock is behind what is stored: correct it")
		},
	})
	if err != nil {
		return nil, err
	}
	return a.deskOn(db, cfg), nil
}

// dataFolder makes the data folder, where the database stands in it.
func (a *app) dataFolder(cfg *Config) error {
	if !cfg.inData() {
		return nil
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return &ConfigFaults{All: []ConfigFault{{cfg.where("DATA"),
			fmt.Sprintf("the data folder %s cannot be made (%s): name another folder, or let the user who runs goodstanding write there", cfg.Data, cause(err))}}}
	}
	return nil
}

// deskOn is the desk of an open database.
func (a *app) deskOn(db *store.DB, cfg *Config) *desk {
	return &desk{app: a, cfg: cfg, db: db, log: a.logger(cfg), roll: a.rollOn(db, cfg)}
}

// inData says that the database stands in the data folder.
func (c *Config) inData() bool {
	return c.from["DATABASE"] == ""
}

// where says where a setting was found, else its variable.
func (c *Config) where(name string) string {
	if from := c.from[name]; from != "" {
		return string(from)
	}
	return prefix + name
}

func (d *desk) close() {
	if err := d.db.Close(); err != nil {
		d.log.Warn().Err(err).Msg("close the database")
	}
}

// begin makes the store ready: which collective it is about, the policy, the
// first treasurer.
func (d *desk) begin(ctx context.Context) error {
	if err := d.known(ctx); err != nil {
		return err
	}
	if err := d.policy(ctx); err != nil {
		return err
	}
	if d.cfg.FirstTreasurer == "" {
		return nil
	}
	done, err := d.roll.FirstTreasurer(ctx, d.cfg.FirstTreasurer)
	if done {
		d.app.note.line("The first treasurer was named, as %s says.", d.cfg.where("FIRST_TREASURER"))
	}
	return err
}

// known refuses to begin a store without saying what it is about: a wrong data
// folder would show an empty roll.
func (d *desk) known(ctx context.Context) error {
	if d.cfg.OCSlug != "" {
		return nil
	}
	var seen bool
	err := d.db.View(ctx, func(tx *store.Tx) error {
		_, pinned, err := tx.LastSnapshot(ctx)
		if err != nil || pinned {
			seen = pinned
			return err
		}
		members, err := tx.Members(ctx)
		seen = len(members) > 0
		return err
	})
	if err == nil && !seen {
		return &ConfigFaults{All: []ConfigFault{noSlug(d.db.Where())}}
	}
	return err
}

// policy stores the versions that the policy file adds; a new store without a
// file begins with the preset.
func (d *desk) policy(ctx context.Context) error {
	file, err := d.policyFile()
	if err != nil {
		return err
	}
	reason := "the policy file at " + d.cfg.where("POLICY")
	if d.cfg.Policy == "" {
		versions, err := d.roll.Policies(ctx)
		if err != nil || len(versions) > 0 {
			return err
		}
		reason = "a new store begins with the preset " + policy.DefaultPreset
	}
	operator, err := d.roll.ActorAs(ctx, "", d.app.env.Login)
	if err != nil {
		return err
	}
	added, report, err := d.roll.EnsurePolicy(ctx, roll.By{Actor: operator, Reason: reason}, file, false)
	var refused *roll.Refused
	if errors.As(err, &refused) && d.cfg.Policy != "" {
		return fmt.Errorf("%s: %w", d.cfg.Policy, err)
	}
	if len(added) > 0 && d.cfg.Policy != "" {
		d.app.note.line("Policy versions taken over from %s: %s.", d.cfg.Policy, strings.Join(added, ", "))
		d.transitions(d.app.note, report)
	}
	return err
}

// policyFile is the file of the settings, else the preset.
func (d *desk) policyFile() (*policy.File, error) {
	if d.cfg.Policy == "" {
		return policy.Preset(policy.DefaultPreset)
	}
	return readPolicy(d.cfg.Policy)
}

// client makes a client of Open Collective.
func (d *desk) client() (*opencollective.Client, error) {
	o := d.cfg.client(d.app.env)
	o.Observe = func(op, class string, took time.Duration) {
		d.log.Debug().Str("query", op).Str("class", class).Dur("took", took).Msg("asked Open Collective")
	}
	return opencollective.New(o)
}

// syncer makes a syncer on this desk.
func (d *desk) syncer() (*syncer.Syncer, error) {
	client, err := d.client()
	if err != nil {
		return nil, err
	}
	return syncer.New(d.db, d.roll, client, syncer.Options{
		Slug: d.cfg.OCSlug, Now: d.app.env.Now, NewID: d.app.env.NewID, Zone: d.cfg.Federation.Zone, Logger: d.log,
		Close: closesDue(d.chair()),
	}), nil
}

// logger writes to standard error.
func (a *app) logger(cfg *Config) zerolog.Logger {
	w := a.env.Stderr
	if cfg.LogFormat == "console" || cfg.LogFormat == "" && a.env.Terminal {
		w = zerolog.ConsoleWriter{Out: a.env.Stderr, NoColor: !a.env.colours(), TimeFormat: time.TimeOnly}
	}
	stamp := zerolog.HookFunc(func(e *zerolog.Event, _ zerolog.Level, _ string) {
		e.Str(zerolog.TimestampFieldName, a.env.Now().Time().Format(time.RFC3339))
	})
	return zerolog.New(w).Level(cfg.LogLevel).Hook(stamp)
}
