package main

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type personExportCmd struct {
	Person string `arg:"" help:"Name, e-mail address or id"`
}

// Help says what it is for.
func (personExportCmd) Help() string {
	return `
What is kept about a person, to be handed to that person: what /me/data shows who is
signed in, and the reasons that were given for changes about the person, without who
gave them. Read those first: they may tell of somebody else. Only the operator may ask
for somebody else's. Of a member that is one person, what members show prints belongs
to it, too, and so do the reasons of its entries, which no command prints together.

  goodstanding people export ada@example.org
  goodstanding people export Ada --json > ada.json`
}

// keptRow is one value that is kept about a person, as it is printed.
type keptRow struct {
	Title string          `json:"title"`
	Name  string          `json:"name"`
	Value string          `json:"value,omitempty"`
	At    instant.Instant `json:"at,omitzero"` // an instant that it is about
}

// keptRows gathers what is kept.
type keptRows struct {
	title string
	rows  []keptRow
}

func (k *keptRows) add(name, value string, at instant.Instant) {
	if value != "" || at != 0 {
		k.rows = append(k.rows, keptRow{k.title, name, value, at})
	}
}

// Run exports.
func (c personExportCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id, err := d.roll.FindPerson(ctx, c.Person)
		if err != nil {
			return err
		}
		actor, err := d.roll.ActorAs(ctx, a.cli.As, a.env.Login)
		if err != nil {
			return err
		}
		rows, err := d.kept(ctx, actor, id)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(map[string]any{"federation": d.cfg.Federation.Name, "person": id, "at": a.env.Now(), "kept": filled(rows)})
		}
		t := &table{columns: []column{{title: "ABOUT"}, {title: "WHAT", least: 12}, {title: "VALUE", least: 12}, {title: "WHEN"}}}
		for _, r := range rows {
			t.add(r.Title, clean(r.Name), clean(r.Value), minute(r.At, d.cfg.Federation.Zone))
		}
		t.print(a.out)
		return a.out.err
	})
}

// kept reads all that is kept about a person.
func (d *desk) kept(ctx context.Context, who member.Actor, id member.PersonID) ([]keptRow, error) {
	k, err := d.roll.Kept(ctx, who, id)
	if err != nil {
		return nil, err
	}
	all := &keptRows{}
	all.person(&k)
	sessions, err := d.sessions(ctx, id)
	if err != nil {
		return nil, err
	}
	all.title = "signing in"
	for _, s := range sessions {
		all.add("signed in by "+wayWords[s.Way], "until "+minute(s.Expires, d.cfg.Federation.Zone), s.Created)
	}
	all.signing(&k)
	notices, err := d.roll.Notices(ctx, roll.NoticesQuery{Person: id})
	if err != nil {
		return nil, err
	}
	all.mails(&k, notices)
	views, err := d.chair().List(ctx)
	if err != nil {
		return nil, err
	}
	all.title = "decisions"
	names := map[member.ID]string{}
	for i := range views {
		v := &views[i]
		for j := range v.Events {
			if ev := &v.Events[j]; ev.By.Person == id || ev.Second.Person == id {
				if _, known := names[ev.By.Member]; !known {
					names[ev.By.Member] = d.name(ctx, ev.By.Member)
				}
				all.add(chainName(string(v.ID), int64(v.Decision.Number))+" for "+names[ev.By.Member], ev.InWords(), ev.At)
			}
		}
	}
	all.written(&k)
	return all.rows, nil
}

// person is who it is, and what the person may do.
func (k *keptRows) person(is *roll.Kept) {
	k.title = "person"
	k.add("name", is.Person.Name, 0)
	k.add("e-mail address", is.Person.Email, 0)
	k.add("id", string(is.Person.ID), 0)
	k.add("Matrix name", is.Matrix, 0)
	k.add("mails to the address come back", "", is.Bounced)
	for _, name := range is.Contacts {
		k.add("the address is a contact of", name, 0)
	}
	k.title = "offices"
	for _, role := range is.Person.Roles {
		k.add("office", strings.ReplaceAll(string(role), "_", " "), 0)
	}
	for _, m := range is.Person.Delegates {
		word := "delegate of"
		if is.Settled[m.Member] {
			word = "confirmed delegate of"
		}
		k.add(word, m.Name, is.Since[m.Member])
	}
	for _, c := range is.Consents {
		k.add("agreed that it is listed", c.Name, 0)
		k.add("in these words", c.Words, 0)
	}
	if is.Confirming > 0 {
		k.add("links for a contact to confirm the person", fmt.Sprint(is.Confirming), 0)
	}
}

// signing is by what the person signs in, beside sessions.
func (k *keptRows) signing(is *roll.Kept) {
	if is.Links > 0 {
		k.add("links to sign in by", fmt.Sprint(is.Links), 0)
	}
	for i := range is.Tokens {
		t := &is.Tokens[i]
		var scopes []string
		for _, s := range t.Scopes {
			scopes = append(scopes, string(s))
		}
		k.add("token "+t.Name, strings.Join(scopes, ", "), t.Created)
		k.add("last use of it, to within an hour", "", t.Used)
	}
}

// mails are the person's wishes, and each notice to it.
func (k *keptRows) mails(is *roll.Kept, notices []roll.Notice) {
	k.title = "mails"
	k.add("language", is.Wish.Language, 0)
	for _, kind := range is.Wish.Declined {
		k.add("declined", roll.NoticeWords(kind), 0)
	}
	for i := range notices {
		n := &notices[i]
		about := n.Words
		if n.About != "" {
			about += ", about " + n.About
		}
		k.add(about, n.StateWords, n.LastStep())
	}
}

// written is what the person wrote elsewhere, and how often the audit log has its id.
func (k *keptRows) written(is *roll.Kept) {
	k.title = "motions"
	for _, m := range is.Motions {
		k.add("asked a second person: "+m.Kind, m.Reason, m.At)
	}
	k.title = "opportunities"
	for i := range is.Opportunities {
		o := &is.Opportunities[i]
		k.add(o.Title, o.Summary, o.Posted)
		k.add("contact of it", o.Contact, 0)
		k.add("link of it", o.URL, 0)
		k.add("budget of it", o.Budget, 0)
	}
	k.title = "room"
	for i := range is.Signs {
		what, said := is.Signs[i].InWords()
		k.add(what, said, is.Signs[i].At)
	}
	k.title = "applications"
	for i := range is.Applications {
		a := &is.Applications[i]
		k.add("sent for", a.Name, a.Created)
		for _, f := range [][2]string{{"website", a.Website}, {"summary", a.Summary}, {"taking part", a.Involvement}, {"sponsor", a.Sponsor}, {"representative", a.Representative},
			{"e-mail address", a.Email}, {"Matrix name", a.Matrix}, {"language", a.Language}, {"agreed to", a.Consent}} {
			k.add(f[0], f[1], 0)
		}
		k.add("confirmed", "", a.Confirmed)
		k.add(string(a.Outcome), "", a.Decided)
	}
	k.title = "reasons"
	for _, r := range is.Reasons {
		k.add(strings.ReplaceAll(r.Action, "_", " "), r.Body, r.At)
	}
	k.title = "audit log"
	k.add("changes by the person", fmt.Sprint(is.Did), 0)
	k.add("changes about the person", fmt.Sprint(is.About), 0)
}
