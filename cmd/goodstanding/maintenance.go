package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"strings"

	"coopcloud.tech/goodstanding/store"
)

// buildVersion is set when a release is built: -ldflags "-X main.buildVersion=v1.2.3".
var buildVersion string

// version is this program's, "dev" when nobody said.
func version() string {
	if buildVersion != "" {
		return buildVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return "dev"
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(a *app) error {
	if a.cli.JSON {
		return a.out.json(map[string]string{"version": version(), "go": runtime.Version()})
	}
	a.out.line("goodstanding %s (%s, %s/%s)", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return a.out.err
}

type migrateCmd struct{}

// Help shows how to use it.
func (migrateCmd) Help() string {
	return `
Every command but backup, check-config and healthcheck does this by itself; this one
does nothing else. It refuses a database that a newer version has changed, and leaves
it as it is.

  goodstanding migrate`
}

// Run migrates.
func (migrateCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config(needNothing)
	if err != nil {
		return err
	}
	d, err := a.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.close()
	schema, err := d.db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.out.json(map[string]any{"database": d.db.Where(), "engine": d.db.Engine(), "schema": schema})
	}
	a.out.line("The database %s is up to date (%s, schema %d).", d.db.Where(), d.db.Engine(), schema)
	return a.out.err
}

type healthcheckCmd struct{}

// Help shows how to use it.
func (healthcheckCmd) Help() string {
	return `
For a container's HEALTHCHECK. Where serve listens it is asked whether it lives
(exit code 1 when it does not). Where none does, the database is looked at: it is to
be there, to answer and to have the schema of this version (exit code 6 when not).
Nothing is made and nothing is changed.

  goodstanding healthcheck`
}

// Run checks.
func (healthcheckCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config(needNothing)
	if err != nil {
		return err
	}
	if asked, err := askDaemon(ctx, cfg); asked {
		if err == nil && a.cli.JSON {
			return a.out.json(map[string]any{"healthy": true, "listening": cfg.Listen})
		}
		if err == nil {
			a.out.line("healthy: goodstanding serves on %s", cfg.Listen)
		}
		return err
	}
	db, err := store.OpenAsItIs(ctx, string(cfg.Database), store.Options{Version: version()})
	if err != nil {
		return err
	}
	defer db.Close()
	schema, err := db.UpToDate(ctx)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.out.json(map[string]any{"healthy": true, "database": db.Where(), "schema": schema})
	}
	a.out.line("healthy: the database %s answers and has schema %d", db.Where(), schema)
	return a.out.err
}
