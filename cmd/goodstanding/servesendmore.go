package main

import (
	"context"
	"strconv"

	"coopcloud.tech/goodstanding/dispatch"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// gathering fills the letters whose words the register has and no other room
// looks at: funded work, and what a member's contact is asked.
func (d *desk) gathering() map[notify.Kind]dispatch.Gather {
	return map[notify.Kind]dispatch.Gather{notify.Opportunity: tellOfWork, notify.DelegateConfirm: d.askContact}
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
