package main

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type linkCmd struct {
	change
	Member  string `arg:"" optional:"" help:"The member"`
	Account string `arg:"" optional:"" help:"The account's slug or id, as Open Collective shows it"`
	From    when   `placeholder:"DATE" help:"Its charges count from this day on; else always"`
	Until   when   `placeholder:"DATE" help:"… up to this day; else for ever"`
	None    bool   `help:"The member has no account, on purpose: it pays in other ways"`
	Some    bool   `help:"Take --none back"`
	Suggest bool   `help:"List likely pairs with the reason; changes nothing"`
}

// Help shows how to use it.
func (linkCmd) Help() string {
	return `
A charge counts for the member whose link holds when it was made. An account is
linked to at most one member at a time.

  goodstanding link alfa alfa-hosting
  goodstanding link alfa old-account --until 2026-01-01
  goodstanding link bea --none
  goodstanding link --suggest`
}

// Run links.
func (c linkCmd) Run(ctx context.Context, a *app) error {
	switch {
	case c.Suggest:
		return a.at(ctx, needStore, func(d *desk) error { return d.suggest(ctx) })
	case c.Member == "":
		return &usageError{"name the member: goodstanding link MEMBER ACCOUNT (or --suggest)"}
	case c.None && c.Some, (c.None || c.Some) && c.Account != "":
		return &usageError{"an account, --none and --some exclude each other"}
	case !c.None && !c.Some && c.Account == "":
		return &usageError{"name the account: goodstanding link MEMBER ACCOUNT (or --none if it has none)"}
	}
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.by(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		if c.Account == "" {
			return c.none(ctx, d, by, id)
		}
		acc, err := d.roll.FindAccount(ctx, c.Account)
		if err != nil {
			return err
		}
		report, err := d.roll.Link(ctx, by, id, acc, c.From.Instant, c.Until.Instant)
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"member": id, "account": acc}, "%s pays as %s.", d.name(ctx, id), clean(c.Account))
	})
}

func (c linkCmd) none(ctx context.Context, d *desk, by roll.By, id member.ID) error {
	report, err := d.roll.NoAccount(ctx, by, id, c.None)
	if err != nil {
		return err
	}
	words := "%s has no account on Open Collective."
	if c.Some {
		words = "%s may have an account on Open Collective."
	}
	return d.done(report, map[string]any{"member": id}, words, d.name(ctx, id))
}

// suggestionAnswer is a likely pair in JSON.
type suggestionAnswer struct {
	Account accountAnswer `json:"account"`
	Member  string        `json:"member"`
	Handle  string        `json:"handle"`
	Name    string        `json:"name"`
	Reasons []string      `json:"reasons"`
}

// suggest lists likely pairs and the line that would link each.
func (d *desk) suggest(ctx context.Context) error {
	found, err := d.roll.SuggestLinks(ctx)
	if err != nil {
		return err
	}
	p := d.app.out
	if d.app.cli.JSON {
		return p.json(mapped(found, func(s roll.Suggestion) suggestionAnswer {
			return suggestionAnswer{accountOf(s.Account), string(s.Member), s.Handle, s.Name, filled(s.Reasons)}
		}))
	}
	if len(found) == 0 {
		p.line("No payer looks like a member that it is not linked to. Payers that belong to nobody: goodstanding status")
		return p.err
	}
	t := &table{columns: []column{{title: "PAYER"}, {title: "NAME", least: 8}, {title: "MEMBER", least: 8}, {title: "WHY", least: 16}, {title: "COMMAND"}}}
	for _, s := range found {
		t.add(clean(s.Account.Slug), clean(s.AccountName), clean(s.Name), clean(strings.Join(s.Reasons, "; ")),
			p.accent("goodstanding link "+s.Handle+" "+clean(s.Account.Slug)))
	}
	t.print(p)
	p.line("Nothing was changed: these are guesses.")
	return p.err
}

type unlinkCmd struct {
	change
	Member  string `arg:"" help:"The member"`
	Account string `arg:"" help:"The account's slug or id"`
	Until   when   `placeholder:"DATE" help:"Its charges count up to this day; else up to now. Before the link's beginning the link is taken back whole"`
}

// Help shows how to use it.
func (unlinkCmd) Help() string {
	return `
  goodstanding members unlink alfa old-account --reason "they closed it"
  goodstanding members unlink alfa wrong-one --until 2000-01-01 --reason "a mistake"`
}

// Run unlinks.
func (c unlinkCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		acc, err := d.roll.FindAccount(ctx, c.Account)
		if err != nil {
			return err
		}
		report, err := d.roll.Unlink(ctx, by, id, acc, c.Until.Instant)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s is no longer linked to %s.", clean(c.Account), d.name(ctx, id))
	})
}

type supporterCmd struct {
	change
	Account string `arg:"" help:"The account's slug or id"`
	Off     bool   `help:"Take the mark back"`
}

// Help shows how to use it.
func (supporterCmd) Help() string {
	return `
  goodstanding members supporter kind-stranger
  goodstanding members supporter kind-stranger --off`
}

// Run marks.
func (c supporterCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		acc, err := d.roll.FindAccount(ctx, c.Account)
		if err != nil {
			return err
		}
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		if err := d.roll.Supporter(ctx, by, acc, !c.Off); err != nil {
			return err
		}
		words := "%s is a supporter: gives, and is no member."
		if c.Off {
			words = "%s is no longer marked as a supporter."
		}
		return d.done(roll.Report{}, map[string]any{"account": acc}, words, clean(c.Account))
	})
}
