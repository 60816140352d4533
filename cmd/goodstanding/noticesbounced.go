package main

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

type noticeBouncedCmd struct {
	change
	Who  string `arg:"" help:"A person by name or id, or the e-mail address"`
	Undo bool   `help:"Mails arrive again"`
}

// Help says what it is for.
func (noticeBouncedCmd) Help() string {
	return `
When a mail comes back, say so here: nothing more is sent to that address until
this is taken back, or its owner has another one.

  goodstanding notices bounced bo@example.org --reason "mailbox is full"
  goodstanding notices bounced Bo --undo --reason "they have made room"`
}

// Run notes it.
func (c noticeBouncedCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.because(ctx, c.change)
		if err != nil {
			return err
		}
		note, words := d.roll.Bounced, "Nothing more is sent there until another address is given: %s."
		if c.Undo {
			note, words = d.roll.NotBounced, "Mails go there again: %s."
		}
		who, err := note(ctx, by, c.Who)
		if err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"to": who}, words, clean(strings.Join(who, ", ")))
	})
}

type personMailsCmd struct {
	change
	Person   string   `arg:"" help:"Name, e-mail address or id"`
	Language string   `placeholder:"WORD" help:"The language of mails: en, es, or one of your own templates"`
	Decline  []string `placeholder:"KIND" help:"Send no mails of this kind; may be repeated"`
	Accept   []string `placeholder:"KIND" help:"Send them again; may be repeated"`
}

// Help says what can be declined.
func (personMailsCmd) Help() string {
	return `
Without a flag it shows what the person wants. What the rules require cannot be
declined.

  goodstanding people mails Bo
  goodstanding people mails Bo --language es --decline opportunity

` + strings.Join(broken("Can be declined: "+strings.Join(optionalKinds(), ", "), 80), "\n")
}

func optionalKinds() []string {
	return mapped(roll.OptionalKinds(), func(k notify.Kind) string { return string(k) })
}

// Run shows or changes.
func (c personMailsCmd) Run(ctx context.Context, a *app) error {
	for flag, words := range map[string][]string{"--decline": c.Decline, "--accept": c.Accept} {
		for _, word := range words {
			if err := knownWord(flag, "kind", word, noticeKinds()); err != nil {
				return err
			}
		}
	}
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		w, err := d.roll.Wish(ctx, id)
		if err == nil && c.Language+strings.Join(c.Decline, "")+strings.Join(c.Accept, "") != "" {
			w, err = d.roll.SetWish(ctx, by, id, roll.NewWish{Language: c.Language, Decline: kindsOf(c.Decline), Accept: kindsOf(c.Accept)})
		}
		if err != nil {
			return err
		}
		if w.Language == "" {
			w.Language = d.roll.MailLanguages()[0]
		}
		if a.cli.JSON {
			return a.out.json(map[string]any{"person": id, "language": w.Language, "declined": filled(w.Declined)})
		}
		d.printWish(w)
		return a.out.err
	})
}

func kindsOf(words []string) []notify.Kind {
	return mapped(words, func(w string) notify.Kind { return notify.Kind(w) })
}

func (d *desk) printWish(w roll.Wish) {
	p := d.app.out
	p.line("Language: %s", w.Language)
	for _, k := range roll.OptionalKinds() {
		sent := "sent"
		if slices.Contains(w.Declined, k) {
			sent = "declined"
		}
		p.line("%s  %s", padded(string(k), 20), sent)
	}
}
