package main

import (
	"context"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// tokenCmd is goodstanding token.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it, this once"`
	List   tokenListCmd   `cmd:"" help:"Which tokens there are, without their texts"`
	Rotate tokenRotateCmd `cmd:"" help:"Replace a token by one that grants the same, and print that, this once"`
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

goodstanding token rotate replaces one.

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
	Person    member.PersonID `json:"person,omitempty"`   // whom it stands for
	Used      instant.Instant `json:"used"`               // to within an hour
	Text      string          `json:"token,omitempty"`    // only when it is made
	Replaces  *tokenAnswer    `json:"replaces,omitempty"` // only when it is made in place of another
}

func tokenOf(t roll.Token) tokenAnswer {
	return tokenAnswer{ID: t.ID, Name: t.Name, Scopes: filled(t.Scopes), Created: t.Created, CreatedBy: t.CreatedBy, Expires: t.Expires, Revoked: t.Revoked, Person: t.Person, Used: t.Used}
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

// Help shows how to read it.
func (tokenListCmd) Help() string {
	return `
USED is when a daemon was last asked with the token, to within an hour; "never"
also for what was used only before it was noted (schema 16).`
}

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
		t := &table{columns: []column{{title: "ID"}, {title: "NAME", least: 8}, {title: "FOR", least: 4}, {title: "SCOPES", least: 12}, {title: "MADE"}, {title: "BY", least: 8}, {title: "USED"}, {title: "STANDS"}}}
		for _, x := range all {
			t.add(x.ID, clean(x.Name), standsFor(x, people), strings.Join(mapped(x.Scopes, func(s roll.Scope) string { return string(s) }), " "),
				day(x.Created, d.cfg.Federation.Zone), clean(x.CreatedBy), d.tokenUse(x), d.tokenState(a.out, x))
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

// tokenUse says how long ago a token was last used.
func (d *desk) tokenUse(t roll.Token) string {
	if t.Used == 0 {
		return "never"
	}
	since := max(0, d.app.env.Now().Sub(t.Used))
	if since <= store.TokenUseEvery { // nothing later would have been noted yet
		return "within the hour"
	}
	return ago(since) + " ago"
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

type tokenRotateCmd struct {
	change
	Token   string        `arg:"" help:"The token's id, or its name"`
	Overlap time.Duration `default:"24h" placeholder:"TIME" help:"How long the old one counts on (24h, 90m, at most 720h); 0 ends it at once"`
	Expires when          `placeholder:"DATE" help:"From when on the new one no longer counts; as the old one without it"`
}

// Help shows how to use it.
func (tokenRotateCmd) Help() string {
	return `
The new token has the name, the scopes and the person of the old one. Give it to
the program within the overlap: both count meanwhile. goodstanding token list says
when each was last used, so you see whether the old one still is.

  goodstanding token rotate website
  goodstanding token rotate website --overlap 168h --expires 2028-01-01
  goodstanding token rotate website --overlap 0 --reason "it was in a public log"

While both stand, name one by its id. Rotating again leaves the older ones their
ends. Whoever may make such a token may replace it.`
}

// Run replaces it.
func (c tokenRotateCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		text, t, old, err := d.roll.RotateToken(ctx, by, c.Token, roll.Rotation{Overlap: c.Overlap, Expires: c.Expires.Instant})
		if err != nil {
			return err
		}
		if a.cli.JSON {
			answer, replaced := tokenOf(t), tokenOf(old)
			answer.Text, answer.Replaces = text, &replaced
			return a.out.json(answer)
		}
		a.out.line("%s", text)
		a.note.line("Made the token %s (%s). It is shown this once: keep it where the program finds it.", clean(t.Name), t.ID)
		if old.Revoked != 0 {
			a.note.line("The old one (%s) no longer counts.", old.ID)
		} else {
			a.note.line("The old one (%s) counts until %s.", old.ID, minute(old.Expires, d.cfg.Federation.Zone))
		}
		return a.out.err
	})
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
