package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// membersCmd is goodstanding members.
type membersCmd struct {
	List      rollCmd      `cmd:"" help:"List the members with their standings; the same as goodstanding roll"`
	Show      showCmd      `cmd:"" help:"A member's card: names, accounts, delegates, waivers, payments"`
	Add       addCmd       `cmd:"" help:"Add a member, or an applicant"`
	Admit     admitCmd     `cmd:"" help:"Admit an applicant, or a member that had left"`
	Adopt     adoptCmd     `cmd:"" help:"Make members of those who pay on Open Collective"`
	Import    importCmd    `cmd:"" help:"Add and correct members from a CSV or YAML file"`
	Export    exportCmd    `cmd:"" help:"Write all members as CSV or YAML"`
	Link      linkCmd      `cmd:"" help:"Link an Open Collective account to a member"`
	Unlink    unlinkCmd    `cmd:"" help:"End the link of an account"`
	Supporter supporterCmd `cmd:"" help:"Mark a payer as supporter: gives, is no member"`
	Waive     waiveCmd     `cmd:"" help:"Waive a member's dues for a time"`
	Pay       payCmd       `cmd:"" help:"Enter money that did not come through Open Collective"`
	Pause     pauseCmd     `cmd:"" help:"Let a member take a break"`
	Resume    resumeCmd    `cmd:"" help:"End a break"`
	Suspend   suspendCmd   `cmd:"" help:"Suspend a member under the code of co-operation"`
	Restore   restoreCmd   `cmd:"" help:"End a suspension"`
	Leave     leaveCmd     `cmd:"" help:"End a membership"`
	Merge     mergeCmd     `cmd:"" help:"Say that two members are one"`
	Erase     eraseCmd     `cmd:"" help:"Erase what is stored of a member that has left"`
	Invite    inviteCmd    `cmd:"" help:"Tell delegates that they are, once, and see who has never signed in"`

	EraseAccount eraseAccountCmd `cmd:"" help:"Erase names and addresses of an account that is no member's"`
	Applications applicationsCmd `cmd:"" help:"Who has applied on the pages: list, accept, decline"`
}

// about runs a change about one member: it finds the member and who asks.
func (a *app) about(ctx context.Context, word string, who func(d *desk) (roll.By, error),
	f func(d *desk, by roll.By, id member.ID) error) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id, err := d.roll.Find(ctx, word)
		if err != nil {
			return err
		}
		by, err := who(d)
		if err != nil {
			return err
		}
		return f(d, by, id)
	})
}

type addCmd struct {
	change
	Name       string   `arg:"" help:"The member's name"`
	Kind       string   `placeholder:"KIND" help:"organisation or individual; needed"`
	Handle     string   `help:"Short name for the command line; made from the name when left out"`
	PublicName string   `placeholder:"NAME" help:"Name under which an individual chose to be shown"`
	Website    string   `placeholder:"URL" help:"Shown to everybody"`
	Summary    string   `placeholder:"TEXT" help:"Shown to everybody, a sentence or two"`
	Contact    []string `placeholder:"EMAIL" help:"Private address at which the member can be told something; may be repeated"`
	Applied    bool     `help:"Add an applicant, to be admitted later"`
	Since      when     `placeholder:"DATE" help:"Admitted, or applied, on this day; else now"`
	Decision   string   `placeholder:"NUMBER" help:"Number of the decision that admitted it"`
}

// Help shows how to use it.
func (addCmd) Help() string {
	return `
  goodstanding members add "Alfa Hosting" --kind organisation --since 2024-05-01
  goodstanding members add "Bea Example" --kind individual --applied --contact bea@example.org`
}

// Run adds.
func (c addCmd) Run(ctx context.Context, a *app) error {
	kind, ok := member.ParseKind(c.Kind)
	switch {
	case c.Kind == "":
		return &usageError{"--kind is missing: organisation or individual"}
	case !ok:
		return &usageError{fmt.Sprintf("--kind is organisation or individual, not %q", clip(c.Kind))}
	}
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		m := roll.NewMember{Name: c.Name, PublicName: c.PublicName, Handle: c.Handle, Kind: kind, Website: c.Website,
			Summary: c.Summary, Applied: c.Applied, Since: c.Since.Instant, Decision: c.Decision}
		for _, address := range c.Contact {
			m.Contacts = append(m.Contacts, roll.Contact{Email: address})
		}
		id, report, err := d.roll.Add(ctx, by, m)
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"member": id}, "Added %s (%s).", d.name(ctx, id), id)
	})
}

type admitCmd struct {
	change
	memberArg
	Since    when   `placeholder:"DATE" help:"Admitted on this day; else now"`
	Decision string `placeholder:"NUMBER" help:"Number of the decision that admitted it"`
}

// Help shows how to use it.
func (admitCmd) Help() string {
	return `
  goodstanding members admit bea --decision 12`
}

// Run admits.
func (c admitCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.by(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Admit(ctx, by, id, c.Since.Instant, c.Decision)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s is admitted.", d.name(ctx, id))
	})
}

type leaveCmd struct {
	change
	memberArg
	On when `placeholder:"DATE" help:"The membership ends on this day; else now"`
}

// Help shows how to use it.
func (leaveCmd) Help() string {
	return `
What was paid stays paid, and the links stay; the member can be admitted again.

  goodstanding members leave alfa --reason "their letter of 3 May"`
}

// Run ends the membership.
func (c leaveCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Leave(ctx, by, id, c.On.Instant)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s leaves%s.", d.name(ctx, id), d.onDay(c.On.Instant))
	})
}

// onDay says when, if that was said.
func (d *desk) onDay(i instant.Instant) string {
	if i == 0 {
		return ""
	}
	return " on " + day(i, d.cfg.Federation.Zone)
}

type mergeCmd struct {
	change
	From string `arg:"" help:"The member that goes"`
	Into string `arg:"" help:"The member that stays"`
}

// Help shows how to use it.
func (mergeCmd) Help() string {
	return `
Links, payments, waivers, delegates and contacts of the first become those of
the second, and the first has left. What was on record before keeps what it said.

  goodstanding members merge alfa-old alfa --reason "entered twice"`
}

// Run merges.
func (c mergeCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.From, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, from member.ID) error {
		into, err := d.roll.Find(ctx, c.Into)
		if err != nil {
			return err
		}
		gone, stays := d.name(ctx, from), d.name(ctx, into)
		a.note.line("Links, payments, waivers, delegates and contacts of %s become those of %s; %s has left then.", gone, stays, gone)
		if err := a.confirm("Merge them?"); err != nil {
			return err
		}
		report, err := d.roll.Merge(ctx, by, from, into)
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"member": into}, "%s is merged into %s.", gone, stays)
	})
}
