package main

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// providersCmd is goodstanding providers.
type providersCmd struct {
	List     providerListCmd     `cmd:"" help:"Who has the right to be listed now, with their profiles"`
	Set      providerSetCmd      `cmd:"" help:"Write a member's profile"`
	Consent  providerConsentCmd  `cmd:"" help:"Note that a member agrees to be listed, or no longer does"`
	Approve  providerApproveCmd  `cmd:"" help:"Say yes to a listing, once"`
	Withdraw providerWithdrawCmd `cmd:"" help:"Take that yes back"`
	Publish  providerPublishCmd  `cmd:"" help:"Make the list public"`
}

type providerListCmd struct{}

// Help says what it takes to be listed.
func (providerListCmd) Help() string {
	return `
A listing needs the dues, a profile, the member's consent and one yes by a
treasurer or facilitator. goodstanding explain MEMBER says what is missing.

  goodstanding providers list`
}

// providerAnswer is a provider in JSON.
type providerAnswer struct {
	Member       string          `json:"member"`
	Name         string          `json:"name"`
	Kind         member.Kind     `json:"kind"`
	URL          string          `json:"url"`
	Summary      string          `json:"summary"`
	ContactLabel string          `json:"contact_label"`
	ContactHref  string          `json:"contact_href"`
	Logo         string          `json:"logo"`
	Place        string          `json:"place"`
	Services     []string        `json:"services"`
	Languages    []string        `json:"languages"`
	MemberSince  instant.Instant `json:"member_since"`
}

// Run lists.
func (providerListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		all, err := d.roll.Providers(ctx)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(all, func(p roll.Provider) providerAnswer {
				return providerAnswer{string(p.ID), p.Name, p.Kind, p.URL, p.Summary, p.ContactLabel, p.ContactHref, p.LogoAddress(d.cfg.PublicURL), p.Place,
					filled(p.Services), filled(p.Languages), p.MemberSince}
			}))
		}
		if len(all) == 0 {
			a.out.line("Nobody is listed. A listing needs the dues, a profile, the member's consent and one yes: goodstanding providers --help")
			return a.out.err
		}
		t := &table{columns: []column{{title: "NAME", least: 10}, {title: "SERVICES", least: 10}, {title: "PLACE", least: 6}, {title: "URL", least: 16}}}
		for _, p := range all {
			t.add(clean(p.Name), clean(strings.Join(p.Services, ", ")), clean(p.Place), clean(p.URL))
		}
		t.print(a.out)
		return a.out.err
	})
}

type providerSetCmd struct {
	change
	memberArg
	URL          string   `placeholder:"URL" help:"https address of what is offered"`
	Summary      string   `placeholder:"TEXT" help:"A sentence or two"`
	ContactLabel string   `placeholder:"TEXT" help:"What stands on the contact link"`
	ContactHref  string   `placeholder:"URL" help:"https address, mailto: or a Matrix link"`
	Logo         string   `placeholder:"URL" help:"https address of a picture"`
	Place        string   `placeholder:"TEXT" help:"Where the member works"`
	Service      []string `placeholder:"TEXT" help:"What is offered; may be repeated"`
	Language     []string `placeholder:"TAG" help:"Language, such as en or cy; may be repeated"`
}

// Help shows how to use it.
func (providerSetCmd) Help() string {
	return `
Replaces the whole profile; without any flag it is taken away. Everything in it
is public once the member is listed.

  goodstanding providers set alfa --url https://alfa.example --summary "Hosting for charities." \
      --contact-label "Write to us" --contact-href mailto:hello@alfa.example --service hosting --language en`
}

// Run writes the profile.
func (c providerSetCmd) Run(ctx context.Context, a *app) error {
	p := roll.Profile{URL: c.URL, Summary: c.Summary, ContactLabel: c.ContactLabel, ContactHref: c.ContactHref, Logo: c.Logo,
		Place: c.Place, Services: c.Service, Languages: c.Language}
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.by(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.SetProfile(ctx, by, id, p)
		if err != nil {
			return err
		}
		return d.done(report, nil, "The profile of %s is written.", d.name(ctx, id))
	})
}

type providerConsentCmd struct {
	change
	memberArg
	Words    string `placeholder:"TEXT" help:"In which words the member agreed; needed"`
	Date     when   `placeholder:"DATE" help:"On which day; else today"`
	Withdraw bool   `help:"The member no longer agrees: the listing goes at once"`
}

// Help shows how to use it.
func (providerConsentCmd) Help() string {
	return `
  goodstanding providers consent alfa --words "Yes, list us (by mail)." --date 2026-05-02
  goodstanding providers consent alfa --withdraw`
}

// Run notes the consent.
func (c providerConsentCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.by(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Consent(ctx, by, id, !c.Withdraw, c.Date.Instant, c.Words)
		if err != nil {
			return err
		}
		words := "%s agrees to be listed."
		if c.Withdraw {
			words = "%s no longer agrees to be listed."
		}
		return d.done(report, nil, words, d.name(ctx, id))
	})
}

type providerApproveCmd struct {
	change
	memberArg
}

// Run approves.
func (c providerApproveCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.by(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Approve(ctx, by, id)
		if err != nil {
			return err
		}
		return d.done(report, nil, "The listing of %s is approved.", d.name(ctx, id))
	})
}

type providerWithdrawCmd struct {
	change
	memberArg
}

// Run takes the yes back.
func (c providerWithdrawCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Withdraw(ctx, by, id)
		if err != nil {
			return err
		}
		return d.done(report, nil, "The listing of %s is no longer approved.", d.name(ctx, id))
	})
}

type providerPublishCmd struct {
	change
	Off bool `help:"Make it private again"`
}

// Run publishes the list.
func (c providerPublishCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		all, err := d.roll.Providers(ctx)
		if err != nil {
			return err
		}
		if !c.Off {
			var names []string
			for _, p := range all {
				names = append(names, clean(p.Name))
			}
			a.note.line("On the list now: %s.", listed(names))
			if err := a.confirm("Make the list public?"); err != nil {
				return err
			}
		}
		if err := d.roll.PublishProviders(ctx, by, !c.Off); err != nil {
			return err
		}
		words := "The provider list is public."
		if c.Off {
			words = "The provider list is not public."
		}
		return d.done(roll.Report{}, map[string]any{"published": !c.Off}, "%s", words)
	})
}

// listed is a list in a sentence.
func listed(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
