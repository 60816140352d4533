package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// deskCmd is goodstanding desk, what is to be sorted out (domain.md, section 7).
type deskCmd struct {
	Show    deskShowCmd    `cmd:"" default:"withargs" help:"List what is to be sorted out; the same as goodstanding desk"`
	Dismiss deskDismissCmd `cmd:"" help:"Leave an entry as it is, until its facts change"`
}

type deskShowCmd struct {
	Kind string `placeholder:"KIND" help:"Only entries of this kind"`
	All  bool   `help:"Also those that were dismissed, with who and why"`
}

// Help says what the desk is.
func (deskShowCmd) Help() string {
	return `
What payments, accounts and members tell that does not fit together: the most
pressing first, each with what to do and one command that does it. Nothing is
sorted out by itself; look at it before you paste the command.

  goodstanding desk
  goodstanding desk --kind unmatched_payer
  goodstanding desk --all

` + strings.Join(broken("Kinds: "+kindWords(), 80), "\n")
}

func kindWords() string { return strings.Join(mapped(roll.DeskKinds(), kindWord), ", ") }

func kindWord(k roll.DeskKind) string { return string(k) }

// Run lists the entries.
func (c deskShowCmd) Run(ctx context.Context, a *app) error {
	if err := c.check(); err != nil {
		return err
	}
	return a.at(ctx, needStore, func(d *desk) error {
		entries, err := d.roll.Desk(ctx, c.All)
		if err != nil {
			return err
		}
		if c.Kind != "" {
			entries = slices.DeleteFunc(entries, func(e roll.DeskEntry) bool { return string(e.Kind) != c.Kind })
		}
		if a.cli.JSON {
			return a.out.json(mapped(entries, entryOf))
		}
		d.printEntries(entries, c.Kind)
		return a.out.err
	})
}

func (c deskShowCmd) check() error {
	kinds := mapped(roll.DeskKinds(), kindWord)
	if c.Kind == "" || slices.Contains(kinds, c.Kind) {
		return nil
	}
	near, _ := nearest(c.Kind, kinds)
	return &usageError{fmt.Sprintf("--kind: there is no kind %q; the nearest is %s (there are %s)", clip(c.Kind), near, kindWords())}
}

// printEntries prints a row for each entry and under it what to do.
func (d *desk) printEntries(entries []roll.DeskEntry, kind string) {
	p, zone := d.app.out, d.cfg.Federation.Zone
	if len(entries) == 0 {
		if kind != "" {
			kind = " of the kind " + kind
		}
		p.line("Nothing%s is to be sorted out.", kind)
		return
	}
	t := &table{columns: []column{{title: "ENTRY"}, {title: "KIND"}, {title: "MEMBER", least: 8}, {title: "ACCOUNT", least: 8}, {title: "SINCE"}, {title: "AMOUNT", right: true}}}
	for _, e := range entries {
		amount, slug := "", e.Account.Slug
		if e.Amount != nil {
			amount = e.Amount.Symbol()
		}
		if slug == "" {
			slug = string(e.Account.ID)
		}
		t.add(e.ID, string(e.Kind), clean(e.Name), clean(slug), day(e.Since, zone), amount)
	}
	t.below = func(row int) { d.printBelow(entries[row]) }
	t.print(p)
}

// printBelow prints what an entry says. The command is never broken into
// lines, so that it can be pasted.
func (d *desk) printBelow(e roll.DeskEntry) {
	const indent = 2
	p := d.app.out
	p.wrap(indent, clean(e.Sentence))
	p.wrap(indent, clean(e.Action))
	if was := e.Dismissed; was != nil {
		p.wrap(indent, fmt.Sprintf("Dismissed on %s by %s: %s", minute(was.At, d.cfg.Federation.Zone), clean(was.By), clean(was.Reason)))
		return
	}
	p.line("%s%s", strings.Repeat(" ", indent), p.accent(clean(e.Remedy)))
}

// entryAnswer is an entry of the desk in JSON.
type entryAnswer struct {
	ID            string           `json:"id"`
	Kind          roll.DeskKind    `json:"kind"`
	Member        string           `json:"member"`
	Handle        string           `json:"handle"`
	Name          string           `json:"name"`
	Account       *accountAnswer   `json:"account"` // null for none
	Contributions []string         `json:"contributions"`
	Charges       []string         `json:"charges"`
	Since         instant.Instant  `json:"since"`
	Amount        *string          `json:"amount"` // null for none
	Sentence      string           `json:"sentence"`
	Action        string           `json:"action"`
	Remedy        string           `json:"remedy"`
	Dismissed     *dismissedAnswer `json:"dismissed"` // null while it is open
}

// dismissedAnswer is who dismissed an entry, when and why.
type dismissedAnswer struct {
	At     instant.Instant `json:"at"`
	By     string          `json:"by"`
	Reason string          `json:"reason"`
}

func entryOf(e roll.DeskEntry) entryAnswer {
	out := entryAnswer{ID: e.ID, Kind: e.Kind, Member: string(e.Member), Handle: e.Handle, Name: e.Name,
		Contributions: filled(e.Contributions), Charges: filled(e.Charges), Since: e.Since, Amount: amountOf(e.Amount),
		Sentence: e.Sentence, Action: e.Action, Remedy: e.Remedy}
	if e.Account.ID != "" {
		account := accountOf(e.Account)
		out.Account = &account
	}
	if was := e.Dismissed; was != nil {
		out.Dismissed = &dismissedAnswer{was.At, was.By, was.Reason}
	}
	return out
}

type deskDismissCmd struct {
	change
	Entry string `arg:"" help:"The entry's id"`
}

// Help shows how to use it.
func (deskDismissCmd) Help() string {
	return `
The entry is no longer listed, and returns when its facts change: another
charge, another contribution, another status. goodstanding desk --all shows it
meanwhile, with who dismissed it and why.

  goodstanding desk dismiss d_… --reason "asked them: the card expired"`
}

// Run dismisses.
func (c deskDismissCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.because(ctx, c.change)
		if err != nil {
			return err
		}
		if err := d.roll.Dismiss(ctx, by, c.Entry); err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"entry": c.Entry}, "%s is dismissed. It returns when its facts change.", clean(c.Entry))
	})
}
