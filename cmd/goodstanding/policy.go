package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// policyCmd is goodstanding policy.
type policyCmd struct {
	Init    policyInitCmd    `cmd:"" help:"Print a preset as a file to begin with"`
	Show    policyShowCmd    `cmd:"" help:"The rules in force, in plain words"`
	Check   policyCheckCmd   `cmd:"" help:"Read a policy file and run its own examples"`
	Compare policyCompareCmd `cmd:"" help:"Who would gain or lose what under the rules of a file"`
	Add     policyAddCmd     `cmd:"" help:"Store the new versions of a policy file"`
}

// readPolicy reads a policy file.
func readPolicy(path string) (*policy.File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("the policy file %s cannot be read (%s): correct the path", path, cause(err))}
	}
	return policy.Parse(path, text)
}

type policyInitCmd struct {
	Preset string `arg:"" optional:"" help:"Name of the preset; seed-2022 when left out"`
	To     string `placeholder:"FILE" help:"Write it there instead of printing it; an existing file is left alone"`
}

// Help shows how to use it.
func (policyInitCmd) Help() string {
	return `
A preset is a whole policy with comments and examples, to be edited.

  goodstanding policy init > policy.yaml
  goodstanding policy init coopcloud-2023 --to policy.yaml

Presets: ` + strings.Join(policy.PresetNames(), ", ")
}

// Run prints the preset.
func (c policyInitCmd) Run(a *app) error {
	name := c.Preset
	if name == "" {
		name = policy.DefaultPreset
	}
	text, err := policy.PresetText(name)
	if err != nil {
		return &usageError{err.Error()}
	}
	if c.To == "" {
		a.out.write(string(text))
		return a.out.err
	}
	if err := writtenText(c.To, 0o644, text); err != nil {
		return err
	}
	a.note.line("Wrote %s. Edit it, then: goodstanding policy check %s", c.To, c.To)
	return nil
}

type policyShowCmd struct {
	At   when `placeholder:"TIME" help:"The rules in force at this time; else now"`
	Text bool `help:"Print the version as it is stored (YAML) instead of plain words"`
}

// Help shows how to use it.
func (policyShowCmd) Help() string {
	return `
  goodstanding policy show
  goodstanding policy show --at 2026-05-03
  goodstanding policy show --text > in-force.yaml`
}

// Run prints the rules.
func (c policyShowCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		versions, err := d.roll.Policies(ctx)
		if err != nil {
			return err
		}
		at := c.At.Instant
		if at == 0 {
			at = a.env.Now()
		}
		v := versions[0] // the earliest holds for all time before it
		for _, one := range versions {
			if one.From() <= at {
				v = one
			}
		}
		switch {
		case a.cli.JSON:
			return a.out.json(d.policyJSON(v, versions))
		case c.Text:
			a.out.write(v.Text)
			return a.out.err
		}
		d.printPolicy(v, versions)
		return a.out.err
	})
}

func (d *desk) printPolicy(v policy.Version, all []policy.Version) {
	p := d.app.out
	topic := policy.Topic("")
	for _, s := range policy.Words(v, d.cfg.Federation.Zone) {
		if s.Topic != topic {
			topic = s.Topic
			p.line("")
			p.line("%s", p.bold(strings.ToUpper(string(topic[:1]))+string(topic[1:])))
		}
		p.wrap(0, s.Text)
	}
	p.line("")
	p.line("%s", p.bold("Versions stored"))
	for _, one := range all {
		mark := " "
		if one.ID() == v.ID() {
			mark = "*"
		}
		p.line("%s %s  from %s", mark, one.ID(), one.From().Day())
	}
}

// policyAnswer is policy show --json.
type policyAnswer struct {
	ID       string              `json:"id"`
	From     string              `json:"from"`
	Decided  string              `json:"decided_by"`
	SHA256   string              `json:"sha256"`
	Words    map[string][]string `json:"words"`
	Text     string              `json:"text"`
	Versions []string            `json:"versions"`
}

func (d *desk) policyJSON(v policy.Version, all []policy.Version) policyAnswer {
	out := policyAnswer{ID: v.ID(), From: v.From().String(), Decided: v.DecidedBy, SHA256: v.SHA256, Words: map[string][]string{}, Text: v.Text,
		Versions: mapped(all, policy.Version.ID)}
	for _, s := range policy.Words(v, d.cfg.Federation.Zone) {
		out.Words[string(s.Topic)] = append(out.Words[string(s.Topic)], s.Text)
	}
	return out
}

type policyCheckCmd struct {
	File  string `arg:"" optional:"" help:"The file; else the one of the setting POLICY"`
	Store bool   `help:"Also check it against the database: known versions, the collective's currency"`
}

// Help shows how to use it.
func (policyCheckCmd) Help() string {
	return `
Tells every fault of the file with line and column, runs its own examples, and
with --store says whether the database would take it. Without a file and with
--store it checks what is in force. Exit code 3 when anything is wrong.

  goodstanding policy check policy.yaml
  goodstanding policy check policy.yaml --store
  goodstanding policy check --store`
}

// Run checks.
func (c policyCheckCmd) Run(ctx context.Context, a *app) error {
	path := c.File
	if path == "" && (!c.Store || a.cli.PolicyFile != "") {
		cfg, err := a.config(needNothing)
		if err != nil {
			return err
		}
		path = cfg.Policy
	}
	if path == "" && !c.Store {
		return &usageError{"name the policy file: goodstanding policy check FILE (or --store for what is in force)"}
	}
	var file *policy.File
	if path != "" {
		var err error
		if file, err = checkFile(a, path); err != nil {
			return err
		}
	}
	if !c.Store {
		return a.out.err
	}
	return a.at(ctx, needStore, func(d *desk) error { return d.checkStored(ctx, file) })
}

// checkFile reads the file and runs its examples.
func checkFile(a *app, path string) (*policy.File, error) {
	file, err := readPolicy(path)
	if err != nil {
		return nil, err
	}
	failures := policy.RunExamples(file, eligibility.Policies.Assess)
	for _, f := range failures {
		a.out.line("%s", f.String())
	}
	if len(failures) > 0 {
		return nil, &roll.Refused{What: "accept " + path, Reasons: []string{fmt.Sprintf("%s of %d came out otherwise than they say",
			many(len(failures), "example", "examples"), len(file.Examples))}}
	}
	examples := "its one example came out as it says"
	if n := len(file.Examples); n != 1 {
		examples = fmt.Sprintf("%d examples came out as they say", n)
	}
	a.out.line("%s is a good policy: %s, %s.", path, many(len(file.Versions), "version", "versions"), examples)
	return file, nil
}

// checkStored checks a file, or what is in force, against the database.
func (d *desk) checkStored(ctx context.Context, file *policy.File) error {
	stored, err := d.roll.Policies(ctx)
	if err != nil {
		return err
	}
	st, err := d.roll.Status(ctx)
	if err != nil {
		return err
	}
	versions := stored
	var why []string
	if file != nil {
		versions = file.Versions
		why = conflicts(stored, file.Versions)
	}
	if c, err := money.ParseCurrency(st.Currency); err == nil {
		for _, v := range versions {
			if err := policy.CheckCurrency(v, c); err != nil && (file != nil || v.ID() == st.Policy.ID()) {
				why = append(why, err.Error())
			}
		}
	}
	if len(why) > 0 {
		return &roll.Refused{What: "work with this policy", Reasons: why}
	}
	d.app.out.line("The database %s goes with it; in force is %s.", d.db.Where(), st.Policy.ID())
	return d.app.out.err
}

// conflicts are versions that are stored with other rules.
func conflicts(stored, file []policy.Version) (why []string) {
	for _, v := range file {
		for _, have := range stored {
			if have.ID() == v.ID() && !policy.SameRules(have, v) {
				why = append(why, fmt.Sprintf("version %s is stored with other rules (%s), and a version never changes: give the changed rules a new id and a from",
					v.ID(), strings.Join(policy.Compare(have, v), "; ")))
			}
		}
	}
	return why
}
