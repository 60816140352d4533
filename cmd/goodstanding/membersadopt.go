package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

type adoptCmd struct {
	change
	Accounts    []string `arg:"" optional:"" help:"Slugs or ids of payers to adopt, whatever they paid"`
	All         bool     `help:"Every payer with a charge on a recurring contribution, or with a first payment under way"`
	MeetingDues bool     `help:"Every payer whose dues are paid, or were until lately"`
	Since       when     `placeholder:"DATE" help:"Members since this day; else since the first charge of each"`
	DryRun      bool     `help:"Say who would become a member, and change nothing"`
}

// Help shows how to use it.
func (adoptCmd) Help() string {
	return `
Makes members of payers that are matched to nobody: an individual's account
becomes an individual, all others organisations. Never incognito, guest or
deleted accounts. Nobody gets a public name by it.

  goodstanding members adopt --all --dry-run
  goodstanding members adopt --meeting-dues --reason "meeting of 3 May"
  goodstanding members adopt alfa-hosting bravo --since 2024-05-01`
}

// Run adopts.
func (c adoptCmd) Run(ctx context.Context, a *app) error {
	if !c.All && !c.MeetingDues && len(c.Accounts) == 0 {
		return &usageError{"say whom: --all, --meeting-dues, or the slugs of accounts"}
	}
	return a.at(ctx, needStore, func(d *desk) error { return c.adopt(ctx, d) })
}

func (c adoptCmd) adopt(ctx context.Context, d *desk) error {
	wish := roll.Adopt{All: c.All, MeetingDues: c.MeetingDues, Since: c.Since.Instant, Dry: true}
	for _, word := range c.Accounts {
		acc, err := d.roll.FindAccount(ctx, word)
		if err != nil {
			return err
		}
		wish.Accounts = append(wish.Accounts, acc)
	}
	by, err := d.by(ctx, c.change)
	if err != nil {
		return err
	}
	plan, _, err := d.roll.Adopt(ctx, by, wish)
	if err != nil {
		return err
	}
	if !d.app.cli.JSON {
		d.adoptionTable(d.app.out, plan)
	}
	switch {
	case c.DryRun:
		return d.adopted(plan, roll.Report{}, "Nothing was changed: a dry run.")
	case len(plan.Adopted) == 0:
		return d.adopted(plan, roll.Report{}, "Nobody to adopt.")
	}
	if len(plan.Adopted) > 1 {
		if err := d.app.confirm(fmt.Sprintf("Make members of these %d payers?", len(plan.Adopted))); err != nil {
			return err
		}
	}
	wish.Dry = false
	did, report, err := d.roll.Adopt(ctx, by, wish)
	if err != nil {
		return err
	}
	return d.adopted(did, report, adoptedWords(did))
}

// adoptedWords sums an adoption up.
func adoptedWords(did roll.Adoption) string {
	words := "Adopted " + many(len(did.Adopted), "member", "members") + "."
	if did.NoDelegate > 0 {
		words += " " + many(did.NoDelegate, "member has", "members have") + " no delegate: nobody can vote for them."
	}
	return words
}

// adoptionTable shows who becomes a member and who does not.
func (d *desk) adoptionTable(p *printer, plan roll.Adoption) {
	zone := d.cfg.Federation.Zone
	if len(plan.Adopted) > 0 {
		t := &table{columns: []column{{title: "PAYER"}, {title: "NAME", least: 8}, {title: "MEMBER SINCE"}, {title: "STATE"}}}
		for _, r := range plan.Adopted {
			t.add(clean(r.Account.Slug), clean(r.Name), day(r.Since, zone), paintState(p, r.State, roll.WordsOf(r.State)))
		}
		t.print(p)
	}
	if len(plan.LeftOut) == 0 {
		return
	}
	p.line("")
	p.line("%s", p.bold("Left out"))
	t := &table{columns: []column{{title: "PAYER"}, {title: "NAME", least: 8}, {title: "WHY", least: 20}}}
	for _, r := range plan.LeftOut {
		t.add(clean(r.Account.Slug), clean(r.Name), clean(r.Why))
	}
	t.print(p)
}

// adoptionAnswer is members adopt --json.
type adoptionAnswer struct {
	Adopted    []adoptedAnswer `json:"adopted"`
	LeftOut    []leftOutAnswer `json:"left_out"`
	NoDelegate int             `json:"no_delegate"`
}

type adoptedAnswer struct {
	Account accountAnswer     `json:"account"`
	Name    string            `json:"name"`
	Member  string            `json:"member"`
	Since   instant.Instant   `json:"since"`
	State   eligibility.State `json:"state"`
}

type leftOutAnswer struct {
	Account accountAnswer `json:"account"`
	Name    string        `json:"name"`
	Why     string        `json:"why"`
}

// adopted prints the end of an adoption. That everybody is new on the roll
// needs no second table.
func (d *desk) adopted(did roll.Adoption, report roll.Report, words string) error {
	if d.app.cli.JSON {
		return d.app.out.json(adoptionAnswer{
			mapped(did.Adopted, func(r roll.AdoptedRow) adoptedAnswer {
				return adoptedAnswer{accountOf(r.Account), r.Name, string(r.Member), r.Since, r.State}
			}),
			mapped(did.LeftOut, func(r roll.LeftOutRow) leftOutAnswer { return leftOutAnswer{accountOf(r.Account), r.Name, r.Why} }),
			did.NoDelegate,
		})
	}
	d.app.out.line("%s", words)
	return d.app.out.err
}
