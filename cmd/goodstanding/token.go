package main

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// tokenCmd is goodstanding token.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it, this once"`
	List   tokenListCmd   `cmd:"" help:"Which tokens there are, without their texts"`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token at once"`
}

// scopeWords are the scopes as they are typed.
func scopeWords() string {
	return strings.Join(mapped(roll.Scopes(), func(s roll.Scope) string { return string(s) }), ", ")
}

type tokenCreateCmd struct {
	change
	Name    string   `arg:"" help:"What it is for; two tokens that stand have different names"`
	Scope   []string `placeholder:"SCOPE" help:"What it may read or do; may be repeated"`
	Expires when     `placeholder:"DATE" help:"From when on it no longer counts; never without it"`
	For     string   `placeholder:"PERSON" help:"The person it stands for: it acts as that person, and never may more"`
}

// Help shows how to use it.
func (tokenCreateCmd) Help() string {
	return `
The text of the token is printed alone on standard output, once; what is stored
is its hash. A program sends it as "Authorization: Bearer TEXT".

  goodstanding token create website --scope services:read
  goodstanding token create wiki --scope roll:read --scope eligibility:read --expires 2027-01-01
  goodstanding token create "Ada's bot" --for Ada --scope ballots:write --scope decisions:read

To replace one, make the next under another name, give it to the program, then
revoke the old one: both count meanwhile.

Only the operator and the person itself make a token that stands for a person;
decisions:write and ballots:write take one.

Scopes: ` + scopeWords()
}

// Run makes it.
func (c tokenCreateCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		person, err := d.person(ctx, c.For)
		if err != nil {
			return err
		}
		text, t, err := d.roll.CreateTokenFor(ctx, by, person, c.Name, c.Scope, c.Expires.Instant)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			answer := tokenOf(t)
			answer.Text = text
			return a.out.json(answer)
		}
		a.out.line("%s", text)
		a.note.line("Made the token %s (%s). It is shown this once: keep it where the program finds it.", clean(t.Name), t.ID)
		return a.out.err
	})
}

// tokenAnswer is a token in JSON.
type tokenAnswer struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Scopes    []roll.Scope    `json:"scopes"`
	Created   instant.Instant `json:"created"`
	CreatedBy string          `json:"created_by"`
	Expires   instant.Instant `json:"expires"`
	Revoked   instant.Instant `json:"revoked"`
	Person    member.PersonID `json:"person,omitempty"` // whom it stands for
	Text      string          `json:"token,omitempty"`  // only when it is made
}

func tokenOf(t roll.Token) tokenAnswer {
	return tokenAnswer{ID: t.ID, Name: t.Name, Scopes: filled(t.Scopes), Created: t.Created, CreatedBy: t.CreatedBy, Expires: t.Expires, Revoked: t.Revoked, Person: t.Person}
}

// person is the person that a word names; "" for none.
func (d *desk) person(ctx context.Context, word string) (member.PersonID, error) {
	if word == "" {
		return "", nil
	}
	actor, err := d.roll.ActorAs(ctx, word, d.app.env.Login)
	return member.PersonID(actor.ID), err
}

type tokenListCmd struct{}

// Run lists them.
func (tokenListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		all, err := d.roll.ListTokens(ctx)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(all, tokenOf))
		}
		if len(all) == 0 {
			a.out.line("There is no token: goodstanding token create NAME --scope SCOPE makes one.")
			return a.out.err
		}
		people, err := d.roll.People(ctx)
		if err != nil {
			return err
		}
		t := &table{columns: []column{{title: "ID"}, {title: "NAME", least: 8}, {title: "FOR", least: 4}, {title: "SCOPES", least: 12}, {title: "MADE"}, {title: "BY", least: 8}, {title: "STANDS"}}}
		for _, x := range all {
			t.add(x.ID, clean(x.Name), standsFor(x, people), strings.Join(mapped(x.Scopes, func(s roll.Scope) string { return string(s) }), " "),
				day(x.Created, d.cfg.Federation.Zone), clean(x.CreatedBy), d.tokenState(a.out, x))
		}
		t.print(a.out)
		return a.out.err
	})
}

// standsFor is whom a token stands for.
func standsFor(t roll.Token, people []roll.Person) string {
	for _, p := range people {
		if t.Person != "" && p.ID == t.Person {
			return clean(p.Name)
		}
	}
	if t.Person != "" {
		return "somebody who was removed"
	}
	return ""
}

// tokenState says whether a token counts, and until when.
func (d *desk) tokenState(p *printer, t roll.Token) string {
	zone := d.cfg.Federation.Zone
	switch {
	case t.Revoked != 0:
		return p.bad("revoked " + day(t.Revoked, zone))
	case !t.Standing(d.app.env.Now()):
		return p.bad("ended " + day(t.Expires, zone))
	case t.Expires != 0:
		return p.good("until " + day(t.Expires, zone))
	}
	return p.good("yes")
}

type tokenRevokeCmd struct {
	change
	Token string `arg:"" help:"The token's id, or its name"`
}

// Help shows how to use it.
func (tokenRevokeCmd) Help() string {
	return `
  goodstanding token revoke website --reason "the old website is gone"`
}

// Run revokes.
func (c tokenRevokeCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		if err := d.roll.RevokeToken(ctx, by, c.Token); err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"revoked": c.Token}, "The token %s no longer counts.", clean(c.Token))
	})
}
