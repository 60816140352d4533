package main

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

type policyCompareCmd struct {
	File string `arg:"" help:"The policy file"`
	ID   string `placeholder:"ID" help:"Which version of the file; else its newest"`
}

// Help shows how to use it.
func (policyCompareCmd) Help() string {
	return `
Says which rules differ from those in force, and over the real roll who would
gain or lose which right. Nothing is stored.

  goodstanding policy compare policy.yaml
  goodstanding policy compare policy.yaml --id seed-2027`
}

// Run compares.
func (c policyCompareCmd) Run(ctx context.Context, a *app) error {
	file, err := readPolicy(c.File)
	if err != nil {
		return err
	}
	v, err := c.pick(file)
	if err != nil {
		return err
	}
	return a.at(ctx, needStore, func(d *desk) error {
		now, _, err := d.roll.PolicyInForce(ctx)
		if err != nil {
			return err
		}
		who, err := d.roll.ComparePolicy(ctx, v, 0)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(compareAnswer{now.ID(), v.ID(), filled(policy.Compare(now, v)), mapped(who, comparedOf)})
		}
		d.printCompared(now, v, who)
		return a.out.err
	})
}

// pick finds the version that is meant.
func (c policyCompareCmd) pick(file *policy.File) (policy.Version, error) {
	last := file.Versions[len(file.Versions)-1]
	if c.ID == "" {
		return last, nil
	}
	var ids []string
	for _, v := range file.Versions {
		if v.ID() == c.ID {
			return v, nil
		}
		ids = append(ids, v.ID())
	}
	return last, &usageError{fmt.Sprintf("%s has no version %q: it has %s", c.File, clip(c.ID), strings.Join(ids, ", "))}
}

// compareAnswer is policy compare --json.
type compareAnswer struct {
	InForce string           `json:"in_force"`
	With    string           `json:"with"`
	Rules   []string         `json:"rules"`
	Members []comparedAnswer `json:"members"`
}

type comparedAnswer struct {
	Member  string            `json:"member"`
	Name    string            `json:"name"`
	Before  eligibility.State `json:"before"`
	After   eligibility.State `json:"after"`
	Changes []changeAnswer    `json:"changes"`
}

func comparedOf(c roll.Compared) comparedAnswer {
	return comparedAnswer{string(c.Member), c.Name, c.Before.State, c.After.State, mapped(c.Changes, func(x eligibility.Change) changeAnswer {
		return changeAnswer{x.What, x.Before, x.After}
	})}
}

func (d *desk) printCompared(now, v policy.Version, who []roll.Compared) {
	p := d.app.out
	rules := policy.Compare(now, v)
	p.line("%s", p.bold("In force is "+now.ID()+"; compared with "+v.ID()))
	if len(rules) == 0 {
		p.line("The rules are the same.")
	}
	for _, r := range rules {
		p.line("  %s", r)
	}
	p.line("")
	if len(who) == 0 {
		p.line("Nobody would gain or lose anything today.")
		return
	}
	t := &table{columns: []column{{title: "MEMBER", least: 8}, {title: "IS"}, {title: "WOULD BE"}, {title: "RIGHTS"}, {title: "WHY", least: 20}}}
	for _, c := range who {
		t.add(clean(c.Name), roll.WordsOf(c.Before.State), paintState(p, c.After.State, roll.WordsOf(c.After.State)),
			rightsWords(p, c.Changes), c.After.Why(d.cfg.Federation.Zone))
	}
	t.print(p)
}

type policyAddCmd struct {
	change
	File     string `arg:"" optional:"" help:"The policy file; else the one of the setting POLICY"`
	Backdate bool   `help:"Let a new version start in the past; needs --reason"`
}

// Help shows how to use it.
func (policyAddCmd) Help() string {
	return `
Stores the versions that the database does not have yet. A version never
changes: other rules need a new id. One that starts in the past needs --backdate
and a --reason; who is affected is shown first.

  goodstanding policy add policy.yaml --reason "decision 14"
  goodstanding policy add policy.yaml --backdate --reason "decision 14, agreed on 3 May"`
}

// Run stores the versions.
func (c policyAddCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config(needStore)
	if err != nil {
		return err
	}
	path := c.File
	if path == "" {
		path = cfg.Policy
	}
	if path == "" {
		return &usageError{"name the policy file: goodstanding policy add FILE"}
	}
	if c.Backdate && strings.TrimSpace(c.Reason) == "" {
		return &usageError{"--backdate needs a --reason: it changes what was said before"}
	}
	file, err := checkFile(a, path)
	if err != nil {
		return err
	}
	cfg.Policy = "" // it is added here, with who and why, and not on the way
	return a.with(ctx, cfg, func(d *desk) error { return c.add(ctx, d, file) })
}

func (c policyAddCmd) add(ctx context.Context, d *desk, file *policy.File) error {
	by, err := d.by(ctx, c.change)
	if err != nil {
		return err
	}
	fresh, err := d.unknownVersions(ctx, file)
	if err != nil {
		return err
	}
	if len(fresh) > 0 {
		if err := d.affected(ctx, fresh); err != nil {
			return err
		}
	}
	added, report, err := d.roll.EnsurePolicy(ctx, by, file, c.Backdate)
	if err != nil {
		return err
	}
	if len(added) == 0 {
		d.app.out.line("The database has all versions of %s already.", file.Name)
		return d.app.out.err
	}
	d.app.out.line("Added: %s.", strings.Join(added, ", "))
	d.transitions(d.app.out, report)
	return d.app.out.err
}

// unknownVersions are those that the database does not have.
func (d *desk) unknownVersions(ctx context.Context, file *policy.File) (fresh []policy.Version, err error) {
	stored, err := d.roll.Policies(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, v := range stored {
		known[v.ID()] = true
	}
	for _, v := range file.Versions {
		if !known[v.ID()] {
			fresh = append(fresh, v)
		}
	}
	return fresh, nil
}

// affected shows whom the new rules change something for today, and asks.
func (d *desk) affected(ctx context.Context, fresh []policy.Version) error {
	now, _, err := d.roll.PolicyInForce(ctx)
	if err != nil {
		return err
	}
	total := 0
	for _, v := range fresh {
		if v.From() > d.app.env.Now() {
			continue
		}
		who, err := d.roll.ComparePolicy(ctx, v, 0)
		if err != nil {
			return err
		}
		d.printCompared(now, v, who)
		total += len(who)
	}
	if total > 1 {
		return d.app.confirm("Store these rules?")
	}
	return nil
}
