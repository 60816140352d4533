package main

import (
	"context"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// opportunitiesCmd is goodstanding opportunities.
type opportunitiesCmd struct {
	List  opportunityListCmd  `cmd:"" help:"What stands, and what everybody may read of it"`
	Post  opportunityPostCmd  `cmd:"" help:"Tell of funded work: members first, everybody later"`
	Close opportunityCloseCmd `cmd:"" help:"End one"`
}

type opportunityListCmd struct {
	All bool `help:"Also those that are over"`
}

// standWords say who may read an opportunity.
var standWords = map[roll.OpportunityStand]string{roll.ForMembers: "members", roll.ForEveryone: "everybody", roll.OverNow: "over"}

// opportunityJSON is an opportunity in JSON.
type opportunityJSON struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Summary    string                `json:"summary"`
	Contact    string                `json:"contact"`
	URL        string                `json:"url"`
	Budget     string                `json:"budget"`
	By         string                `json:"by"`
	Stand      roll.OpportunityStand `json:"stand"`
	Posted     instant.Instant       `json:"posted"`
	PublicFrom instant.Instant       `json:"public_from"`
	Closes     instant.Instant       `json:"closes"`
}

// Run lists.
func (c opportunityListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		all, err := d.roll.Opportunities(ctx, c.All)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(all, func(o roll.OpportunityView) opportunityJSON {
				return opportunityJSON{o.ID, o.Title, o.Summary, o.Contact, o.URL, o.Budget, o.By, o.Stand, o.Posted, o.PublicFrom, o.Closes}
			}))
		}
		if len(all) == 0 {
			a.out.line("Nothing is told of now. To tell of funded work: goodstanding opportunities post TITLE --summary TEXT --contact TEXT")
			return a.out.err
		}
		t := &table{columns: []column{{title: "TITLE", least: 12}, {title: "FROM", least: 8}, {title: "READ BY"}, {title: "PUBLIC FROM"}, {title: "UNTIL"}, {title: "ID"}}}
		for _, o := range all {
			until := "–"
			if o.Closes != 0 {
				until = day(o.Closes-1, d.cfg.Federation.Zone)
			}
			from := clean(o.By)
			if from == "" {
				from = "the federation"
			}
			t.add(clean(o.Title), from, standWords[o.Stand], day(o.PublicFrom, d.cfg.Federation.Zone), until, o.ID)
		}
		t.print(a.out)
		return a.out.err
	})
}

type opportunityPostCmd struct {
	change
	Title      string `arg:"" help:"What it is, in one line"`
	Summary    string `placeholder:"TEXT" help:"What is to be done, for whom; needed"`
	Contact    string `placeholder:"TEXT" help:"Whom to write to; everybody reads it later; needed"`
	URL        string `placeholder:"URL" help:"Where more is to be read"`
	Budget     string `placeholder:"TEXT" help:"In your own words"`
	Member     string `placeholder:"MEMBER" help:"Which member tells of it; else the one you are delegate of"`
	PublicFrom string `placeholder:"DATE" help:"From which day on everybody may read it; else in seven days"`
	Until      string `placeholder:"DATE" help:"The last day on which it stands; else until somebody closes it"`
}

// Help shows how to use it.
func (opportunityPostCmd) Help() string {
	return `
The delegates of members in good standing are told at once, where notices are on.
From the day of --public-from it is in the public list and in the Atom feed, and
the room is told.

  goodstanding opportunities post "Move three sites" --summary "From shared hosting to ours, by May." \
      --contact "hello@alfa.example" --until 2026-04-30`
}

// Run posts.
func (c opportunityPostCmd) Run(ctx context.Context, a *app) error {
	var from, until decisions.Day
	for _, date := range []struct {
		flag, word string
		day        *decisions.Day
	}{{"--public-from", c.PublicFrom, &from}, {"--until", c.Until, &until}} {
		if date.word == "" {
			continue
		}
		var err error
		if *date.day, err = decisions.ParseDay(date.word); err != nil {
			return &usageError{date.flag + ": " + err.Error()}
		}
	}
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		n := roll.NewOpportunity{Title: c.Title, Summary: c.Summary, Contact: c.Contact, URL: c.URL, Budget: c.Budget}
		if c.PublicFrom != "" {
			n.PublicFrom = from.Add(-1).End(d.cfg.Federation.Zone)
		}
		if c.Until != "" {
			n.Closes = until.End(d.cfg.Federation.Zone)
		}
		if c.Member != "" {
			if n.Member, err = d.roll.Find(ctx, c.Member); err != nil {
				return err
			}
		}
		id, err := d.roll.PostOpportunity(ctx, by, n)
		if err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"opportunity": id}, "Posted (%s). Members read it now: goodstanding opportunities list", id)
	})
}

type opportunityCloseCmd struct {
	change
	Opportunity string `arg:"" help:"Its id, as goodstanding opportunities list shows it"`
}

// Run closes.
func (c opportunityCloseCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		if err := d.roll.CloseOpportunity(ctx, by, c.Opportunity); err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"opportunity": c.Opportunity}, "It is over, and nobody is told of it any more.")
	})
}

type inviteCmd struct {
	change
	Members []string `arg:"" optional:"" name:"member" help:"Whose delegates; by name, handle or id"`
	All     bool     `help:"The delegates of all members"`
}

// Help shows how to use it.
func (inviteCmd) Help() string {
	return `
Tells each delegate once what being one means, how to sign in, and how the dues of
the member stand. Who was told already is left out. Without a member and without
--all it shows who was told, and who has never signed in.

  goodstanding members invite
  goodstanding members invite alfa bravo
  goodstanding members invite --all`
}

// invitationJSON is a delegate, told or not, in JSON.
type invitationJSON struct {
	Member   member.ID       `json:"member"`
	Name     string          `json:"name"`
	Person   member.PersonID `json:"person"`
	Delegate string          `json:"delegate"`
	Notice   string          `json:"notice"`
	Told     instant.Instant `json:"told"`
	SignedIn instant.Instant `json:"signed_in"`
}

// Run invites, or shows who was invited.
func (c inviteCmd) Run(ctx context.Context, a *app) error {
	if c.All && len(c.Members) > 0 {
		return &usageError{"name members, or write --all for all of them, not both"}
	}
	return a.at(ctx, needStore, func(d *desk) error {
		var ids []member.ID
		for _, word := range c.Members {
			id, err := d.roll.Find(ctx, word)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if !c.All && len(ids) == 0 {
			return d.invitations(ctx)
		}
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		told, err := d.roll.Invite(ctx, by, ids...)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(told, invitationOf))
		}
		if len(told) == 0 {
			a.out.line("All of them were told already, or there is none: goodstanding members invite shows who.")
			return a.out.err
		}
		for _, one := range told {
			a.out.line("%s is told, for %s.", clean(one.Name), clean(one.MemberName))
		}
		return a.out.err
	})
}

func invitationOf(i roll.Invitation) invitationJSON {
	return invitationJSON{i.Member, i.MemberName, i.Person, i.Name, string(i.Notice), i.Told, i.SignedIn}
}

func (d *desk) invitations(ctx context.Context) error {
	all, err := d.roll.Invitations(ctx)
	if err != nil {
		return err
	}
	out := d.app.out
	if d.app.cli.JSON {
		return out.json(mapped(all, invitationOf))
	}
	t := &table{columns: []column{{title: "MEMBER", least: 10}, {title: "DELEGATE", least: 8}, {title: "TOLD"}, {title: "SIGNED IN"}}}
	never, none := 0, 0
	for _, i := range all {
		if i.Person == "" {
			none++
			t.add(clean(i.MemberName), "–", "–", "–")
			continue
		}
		told, in := "not yet", "never"
		if i.Invited() {
			told = string(i.Notice) + " " + day(i.Told, d.cfg.Federation.Zone)
		}
		if i.SignedIn != 0 {
			in = day(i.SignedIn, d.cfg.Federation.Zone)
		} else {
			never++
		}
		t.add(clean(i.MemberName), clean(i.Name), told, in)
	}
	t.print(out)
	out.line("")
	out.line("%d of the delegates have never signed in; %d of the members have no delegate (goodstanding people add EMAIL --name NAME --delegate-of MEMBER).", never, none)
	return out.err
}
