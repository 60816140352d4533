package main

import (
	"cmp"
	"context"
	"strconv"

	"coopcloud.tech/goodstanding/dispatch"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/web"
)

// gathering fills the letters whose words the register has and no other room
// looks at: funded work, what a member's contact is asked, who would join, and what
// waits for a second person.
func (d *desk) gathering() map[notify.Kind]dispatch.Gather {
	return map[notify.Kind]dispatch.Gather{notify.Opportunity: tellOfWork, notify.DelegateConfirm: d.askContact, notify.Application: d.tellOfApplication, notify.MotionWaits: d.tellOfMotion}
}

// tellOfApplication is what a letter says of somebody who would join, to those who
// decide about it, while nobody has.
func (d *desk) tellOfApplication(ctx context.Context, tx *store.Tx, n store.OutboxRow, to dispatch.Recipient, data letter.Data) (letter.Data, dispatch.Verdict, error) {
	row, ok, err := roll.ApplicationLetter(ctx, tx, n.Cause)
	if err != nil || !ok || to.Person == nil || !roll.Admits(member.Actor{Roles: to.Person.Roles}) {
		return data, dispatch.Ends(notify.Suppressed, notify.Superseded), err
	}
	data.Application = &letter.Application{Name: row.Name, Individual: row.Kind == member.Individual, Representative: row.Representative, Summary: row.Summary, Sponsor: row.Sponsor}
	data.JoiningURL = d.cfg.page(web.AdmissionsPath)
	return data, dispatch.Goes(), nil
}

// tellOfMotion is what a letter says of what takes two people, to somebody who may
// agree, while it waits.
func (d *desk) tellOfMotion(ctx context.Context, tx *store.Tx, n store.OutboxRow, to dispatch.Recipient, data letter.Data) (letter.Data, dispatch.Verdict, error) {
	if to.Person == nil {
		return data, dispatch.Ends(notify.Suppressed, notify.Superseded), nil
	}
	m, ok, err := d.roll.MotionLetter(ctx, tx, n.Cause, *to.Person)
	if err != nil || !ok {
		return data, dispatch.Ends(notify.Suppressed, notify.Superseded), err
	}
	data.Motion = &letter.Motion{Change: m.Kind, About: m.About, By: m.By, Reason: m.Reason, Decision: m.Decision, Until: m.Until, URL: d.cfg.page(signin.HomePath)}
	return data, dispatch.Goes(), nil
}

// confirmLetter is the mail that asks an applicant whether the address is theirs.
func (d *desk) confirmLetter(c signin.ConfirmLetter) (subject, text, html string, err error) {
	f := d.cfg.Federation
	data := letter.Data{Kind: notify.ApplicationConfirm, Language: c.Language, Zone: f.Zone, Now: d.app.env.Now(), Federation: d.cfg.federationName(), FederationURL: f.URL,
		RollURL: d.cfg.PublicURL, Treasurers: d.cfg.mailReplyTo(), ConfirmURL: c.Link, ConfirmTo: c.Until}
	return d.letter(data)
}

// federationName is the federation's name as mails have it.
func (c *Config) federationName() string {
	from := ""
	if c.SignIn.SMTP != nil {
		from = c.SignIn.SMTP.From.Name
	}
	return cmp.Or(c.Federation.Name, from, c.OCSlug)
}

// tellOfWork is what a letter says of funded work, while it stands.
func tellOfWork(ctx context.Context, tx *store.Tx, n store.OutboxRow, _ dispatch.Recipient, data letter.Data) (letter.Data, dispatch.Verdict, error) {
	o, ok, err := roll.OpportunityLetter(ctx, tx, n.Cause, tx.Now())
	if err != nil || !ok {
		return data, dispatch.Ends(notify.Suppressed, notify.Superseded), err
	}
	data.Opportunity = &letter.Opportunity{Title: o.Title, Summary: o.Summary, Contact: o.Contact, URL: o.URL, Budget: o.Budget, By: o.By,
		Closes: o.Closes, PublicFrom: o.PublicFrom}
	return data, dispatch.Goes(), nil
}

// askContact is what a member's contact is asked, with a link of its own for each
// attempt; it is not asked any more once the delegate is confirmed, or is none.
func (d *desk) askContact(ctx context.Context, tx *store.Tx, n store.OutboxRow, to dispatch.Recipient, data letter.Data) (letter.Data, dispatch.Verdict, error) {
	if to.Of != n.Member {
		return data, dispatch.Ends(notify.NoAddress, notify.AddressGone), nil
	}
	l, ok, err := roll.MakeContactLink(ctx, tx, n)
	if err != nil || !ok {
		return data, dispatch.Ends(notify.Suppressed, notify.Superseded), err
	}
	data.Members, data.Person = []letter.Member{{Name: l.MemberName}}, l.Person
	data.ConfirmURL, data.ConfirmTo = d.cfg.baseURL()+roll.ContactPath+l.Token, l.Expires
	return data, dispatch.Goes(), nil
}

// page is the address of a page; "" while nobody said where the world reaches this
// server.
func (c *Config) page(path string) string {
	if c.PublicURL == "" {
		return ""
	}
	return c.PublicURL + path
}

// decisionPage is where people read a decision.
func (c *Config) decisionPage(number int) string { return c.page("/decisions/" + strconv.Itoa(number)) }
