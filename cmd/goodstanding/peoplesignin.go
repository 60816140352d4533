package main

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/store"
)

type signInLinkCmd struct {
	change
	Person string `arg:"" help:"Name, e-mail address or id"`
}

// Help shows how to use it.
func (signInLinkCmd) Help() string {
	return `
Prints a link that signs this person in, once, within 15 minutes: for the first
treasurer, and where mails do not arrive. Hand it to nobody else. It leads to
PUBLIC_URL, else to LISTEN on this host, where serve has to run.

  goodstanding people sign-in-link ada@example.org --reason "first day"`
}

// Run prints it.
func (c signInLinkCmd) Run(ctx context.Context, a *app) error {
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		service, err := signin.New(d.signInOptions())
		if err != nil {
			return err
		}
		link, expires, err := service.PrintLink(ctx, by, id)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(map[string]any{"person": id, "link": link, "expires": expires})
		}
		a.out.line("%s", link)
		a.note.line("It signs %s in, once, until %s.", id, minute(expires, d.cfg.Federation.Zone))
		return a.out.err
	})
}

type sessionsCmd struct {
	Person string `arg:"" optional:"" help:"Name, e-mail address or id; without one everybody"`
}

// Help shows how to use it.
func (sessionsCmd) Help() string {
	return `
Who is signed in, since when, how, and until when. No token is shown.

  goodstanding people sessions
  goodstanding people sessions Ada`
}

// sessionAnswer is a session in JSON.
type sessionAnswer struct {
	ID      string          `json:"id"`
	Person  string          `json:"person"`
	Name    string          `json:"name"`
	Way     store.Way       `json:"way"`
	Created instant.Instant `json:"created"`
	Expires instant.Instant `json:"expires"`
}

// wayWords say how somebody signed in.
var wayWords = map[store.Way]string{store.ByMail: "mailed link", store.ByOpenID: "sign-in service", store.ByPrinted: "operator's link"}

// Run lists.
func (c sessionsCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id := member.PersonID("")
		var err error
		if c.Person != "" {
			if id, err = d.roll.FindPerson(ctx, c.Person); err != nil {
				return err
			}
		}
		answers, err := d.sessions(ctx, id)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(filled(answers))
		}
		if len(answers) == 0 {
			a.out.line("Nobody is signed in.")
			return a.out.err
		}
		zone := d.cfg.Federation.Zone
		t := &table{columns: []column{{title: "NAME", least: 8}, {title: "SINCE"}, {title: "BY"}, {title: "UNTIL"}, {title: "PERSON"}}}
		for _, s := range answers {
			t.add(clean(s.Name), minute(s.Created, zone), wayWords[s.Way], day(s.Expires, zone), s.Person)
		}
		t.print(a.out)
		return a.out.err
	})
}

// sessions are those of a person, or with "" of all, with names.
func (d *desk) sessions(ctx context.Context, id member.PersonID) (out []sessionAnswer, err error) {
	service, err := signin.New(d.signInOptions())
	if err != nil {
		return nil, err
	}
	all, err := service.Sessions(ctx, id)
	if err != nil {
		return nil, err
	}
	people, err := d.roll.People(ctx)
	if err != nil {
		return nil, err
	}
	names := map[member.PersonID]string{}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	for _, s := range all {
		out = append(out, sessionAnswer{s.ID, string(s.Person), names[s.Person], s.Way, s.Created, s.Expires})
	}
	return out, nil
}

type signOutCmd struct {
	change
	Person string `arg:"" help:"Name, e-mail address or id"`
}

// Help shows how to use it.
func (signOutCmd) Help() string {
	return `
Ends all sessions of a person, on every device, and the links that were not used.

  goodstanding people sign-out Ada --reason "a laptop was lost"`
}

// Run signs out.
func (c signOutCmd) Run(ctx context.Context, a *app) error {
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		service, err := signin.New(d.signInOptions())
		if err != nil {
			return err
		}
		n, err := service.EndSessions(ctx, by, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return d.done(roll.Report{}, map[string]any{"person": id, "sessions": 0}, "%s is signed in nowhere.", clean(c.Person))
		}
		return d.done(roll.Report{}, map[string]any{"person": id, "sessions": n}, "%s was signed out (%s).", clean(c.Person), many(n, "session", "sessions"))
	})
}
