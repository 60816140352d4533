package main

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// applicationsCmd is goodstanding members applications.
type applicationsCmd struct {
	List    applicationListCmd    `cmd:"" default:"1" help:"Who has applied on the pages, and where each stands"`
	Accept  applicationAcceptCmd  `cmd:"" help:"Take one up: it becomes an applicant, with its representative as delegate"`
	Decline applicationDeclineCmd `cmd:"" help:"Say no to one, with the reason"`
}

type applicationListCmd struct{}

// applicationJSON is an application in JSON.
type applicationJSON struct {
	ID             string                   `json:"id"`
	Kind           member.Kind              `json:"kind"`
	Name           string                   `json:"name"`
	Website        string                   `json:"website"`
	Summary        string                   `json:"summary"`
	Involvement    string                   `json:"involvement"`
	Sponsor        string                   `json:"sponsor"`
	SponsorMember  member.ID                `json:"sponsor_member"`
	Representative string                   `json:"representative"`
	Email          string                   `json:"email"`
	Matrix         string                   `json:"matrix"`
	Language       string                   `json:"language"`
	Confirmed      instant.Instant          `json:"confirmed"`
	Outcome        store.ApplicationOutcome `json:"outcome"`
	Decided        instant.Instant          `json:"decided"`
	By             string                   `json:"by"`
	Member         member.ID                `json:"member"`
	Why            string                   `json:"why"`
}

func applicationOf(one roll.Application) applicationJSON {
	return applicationJSON{ID: one.ID, Kind: one.Kind, Name: one.Name, Website: one.Website, Summary: one.Summary, Involvement: one.Involvement, Sponsor: one.Sponsor, SponsorMember: one.SponsorIs,
		Representative: one.Representative, Email: one.Email, Matrix: one.Matrix, Language: one.Language, Confirmed: one.Confirmed, Outcome: one.Outcome, Decided: one.Decided, By: one.By, Member: one.Member, Why: one.Why}
}

// Help shows how to use it.
func (applicationListCmd) Help() string {
	return `
Those alone that were confirmed by the mail address they came from. With --json
everything that was typed; accepted and declined ones are removed after 90 days.

  goodstanding members applications
  goodstanding members applications list --json`
}

// Run lists.
func (applicationListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		actor, err := d.roll.ActorAs(ctx, a.cli.As, a.env.Login)
		if err != nil {
			return err
		}
		found, err := d.roll.Admissions(ctx, actor)
		if err != nil {
			return err
		}
		all := append(found.Waiting, found.Decided...)
		if a.cli.JSON {
			return a.out.json(mapped(all, applicationOf))
		}
		if len(all) == 0 {
			a.out.line("Nobody has applied on the pages lately.")
			return a.out.err
		}
		t := &table{columns: []column{{title: "NAME", least: 12}, {title: "KIND"}, {title: "REPRESENTED BY", least: 8}, {title: "CONFIRMED"}, {title: "STANDS"}, {title: "ID"}}}
		for _, one := range all {
			stands := "waits for a yes or no"
			if one.Outcome != store.Undecided {
				stands = string(one.Outcome)
			}
			t.add(clean(one.Name), string(one.Kind), clean(one.Representative), day(one.Confirmed, d.cfg.Federation.Zone), stands, one.ID)
		}
		t.print(a.out)
		return a.out.err
	})
}

type applicationArg struct {
	Application string `arg:"" help:"Its id, or the name of who applies"`
}

type applicationAcceptCmd struct {
	change
	applicationArg
	Name string `placeholder:"NAME" help:"Name on the roll; else the one that was typed"`
}

// Help shows how to use it.
func (applicationAcceptCmd) Help() string {
	return `
The applicant has no vote before it is admitted: by a decision of kind admit, or
by a treasurer, as the rules say.

  goodstanding members applications accept "Elm Web"`
}

// Run accepts.
func (c applicationAcceptCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		application, err := d.roll.FindApplication(ctx, by.Actor, c.Application)
		if err != nil {
			return err
		}
		id, report, err := d.roll.AcceptApplication(ctx, by, application, c.Name)
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"member": id, "application": application}, "%s is an applicant now (%s). To admit it: goodstanding decisions propose --size large --admit %s …, or, where a treasurer may, goodstanding members admit %s",
			d.name(ctx, id), id, id, id)
	})
}

type applicationDeclineCmd struct {
	change
	applicationArg
}

// Help shows how to use it.
func (applicationDeclineCmd) Help() string {
	return `
Nobody is told by a mail: write to them yourself.

  goodstanding members applications decline "Elm Web" --reason "they joined Birch"`
}

// Run declines.
func (c applicationDeclineCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.because(ctx, c.change)
		if err != nil {
			return err
		}
		application, err := d.roll.FindApplication(ctx, by.Actor, c.Application)
		if err == nil {
			err = d.roll.DeclineApplication(ctx, by, application)
		}
		if err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"application": application}, "It is declined. Nobody was told by a mail.")
	})
}
