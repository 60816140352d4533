package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/invariants"
	"coopcloud.tech/goodstanding/store"
)

type restoreBackupCmd struct {
	File string `arg:"" help:"The backup, or - for standard input"`
}

// Help says what a restore does.
func (restoreBackupCmd) Help() string {
	return `
Reads a backup into a new database, SQLite or PostgreSQL, wherever it was made: all
of it or nothing. One of an older version goes through the migrations. Afterwards
everything is verified, and what was found is printed. A database that is in use, a
damaged file and one of a newer version are refused.

Nothing is sent from a restored database before a treasurer starts the notices
(goodstanding notices start): it does not know what was sent since the backup. It
does not know what was answered since, either: of what was being decided then
nothing is closed before that start. It is listed: ask those who answered since, and
let a facilitator reopen it with a new deadline.
Everybody signs in anew; tokens of programs count as before.

  goodstanding restore /backups/roll.jsonl.gz
  goodstanding restore /backups/roll.jsonl.gz --database postgres://roll@db.example/roll
  goodstanding restore -     # from a pipe, such as out of age`
}

// Run restores, and verifies.
func (c restoreBackupCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config(needNothing)
	if err != nil {
		return err
	}
	if err := a.dataFolder(cfg); err != nil {
		return err
	}
	from := a.env.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return &usageError{fmt.Sprintf("the backup %s cannot be read (%s): correct the path", c.File, cause(err))}
		}
		defer f.Close()
		from = f
	}
	db, manifest, err := store.Restore(ctx, string(cfg.Database), io.Reader(from), store.Options{Version: version()}, a.progress("Restoring"))
	if err != nil {
		return err
	}
	d := a.deskOn(db, cfg)
	defer d.close()
	report, err := d.checker().Check(ctx, false)
	if err != nil {
		return fmt.Errorf("everything is restored, but could not be verified: %w", err)
	}
	return c.answer(ctx, d, manifest, &report)
}

// restoreAnswer is what was restored, in JSON.
type restoreAnswer struct {
	Database string         `json:"database"`
	Schema   int64          `json:"schema"`
	Manifest store.Manifest `json:"manifest"`
	Members  map[string]int `json:"members"` // by state
	Tallies  []tallyAnswer  `json:"tallies"`
	// Lacking are the decisions that ran when the backup was made.
	Lacking  []lackingAnswer `json:"lacking"`
	Verified verifyAnswer    `json:"verified"`
}

// tallyAnswer is what was counted of a decision.
type tallyAnswer struct {
	ID      string          `json:"id"`
	Number  int             `json:"number,omitempty"`
	State   decisions.State `json:"state"`
	Favour  int             `json:"favour"`
	Against int             `json:"against"`
	Abstain int             `json:"abstain"`
	Block   int             `json:"block"`
}

// tallies counts all decisions.
func (d *desk) tallies(ctx context.Context) ([]tallyAnswer, error) {
	all, err := d.chair().List(ctx)
	return mapped(all, func(v chair.View) tallyAnswer {
		t := v.Outcome.Tally
		return tallyAnswer{string(v.ID), v.Decision.Number, v.Decision.State, t.Favour, t.Against, t.Abstain, t.Block}
	}), err
}

func printTallies(p *printer, all []tallyAnswer) {
	if len(all) == 0 {
		return
	}
	t := &table{columns: []column{{title: "DECISION"}, {title: "STATE"}, {title: "FAVOUR", right: true}, {title: "AGAINST", right: true},
		{title: "ABSTAIN", right: true}, {title: "BLOCK", right: true}}}
	for _, d := range all {
		t.add(chainName(d.ID, int64(d.Number)), strings.ReplaceAll(string(d.State), "_", " "), fmt.Sprint(d.Favour), fmt.Sprint(d.Against), fmt.Sprint(d.Abstain), fmt.Sprint(d.Block))
	}
	t.print(p)
	p.line("")
}

func (c restoreBackupCmd) answer(ctx context.Context, d *desk, m store.Manifest, report *invariants.Report) error {
	a := d.app
	schema, err := d.db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	st, err := d.roll.Status(ctx)
	if err != nil {
		return err
	}
	tallies, err := d.tallies(ctx)
	if err != nil {
		return err
	}
	lacking, err := d.lacking(ctx)
	if err != nil {
		return err
	}
	out := restoreAnswer{d.db.Where(), schema, m, map[string]int{}, tallies, lacking, verifyJSON(report, nil)}
	for state, n := range st.States {
		out.Members[state.String()] = n
	}
	if a.cli.JSON {
		if err := a.out.json(out); err != nil {
			return err
		}
	} else {
		a.out.line("Restored into %s: %s of %d tables, as they were on %s.", d.db.Where(), many(int(m.Rows()), "row", "rows"), len(m.Tables), minute(m.Made, d.cfg.Federation.Zone))
		a.out.line("Made by version %s on %s with schema %d; the database has schema %d now.", m.Program, m.Engine, m.Schema, schema)
		(&statusScreen{d: d, p: a.out, st: &st}).members()
		a.out.line("")
		printTallies(a.out, tallies)
		printLacking(a.out, lacking, "These were being decided when the backup was made, and what was answered since is not here: ask for it. Nothing closes them before a treasurer starts the notices. "+
			"A facilitator can let one rest (goodstanding decisions stall) and reopen it with a new deadline (goodstanding decisions reopen).")
		printInvariants(a.out, report)
		a.out.line("")
		printChains(a.out, report)
		a.out.line("Nothing is sent from here before a treasurer starts the notices: goodstanding notices start")
	}
	if !report.OK() {
		return silent{exitFailed}
	}
	return a.out.err
}
