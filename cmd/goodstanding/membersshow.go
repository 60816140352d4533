package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// showCmd is goodstanding members show.
type showCmd struct{ memberArg }

// Help shows how to use it.
func (showCmd) Help() string {
	return `
Names, accounts with the time for which each is linked, contacts, delegates,
waivers and entered payments with their ids, and the last notices about it.
Private: for treasurers.
goodstanding explain says why the standing is what it is.

  goodstanding members show alfa`
}

// card is what is stored about a member.
type card struct {
	info     store.MemberInfo
	contacts []store.Contact
	waivers  []store.WaiverState
	payments []store.PaymentState
	people   []roll.Person
	row      roll.Row
	notices  []roll.Notice // the newest ones
}

// mostNotices bounds the notices that a card shows.
const mostNotices = 5

// Run shows the card.
func (c showCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id, err := d.roll.Find(ctx, c.Member)
		if err != nil {
			return err
		}
		k, err := d.card(ctx, id)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(k.json())
		}
		d.printCard(k)
		return a.out.err
	})
}

// card reads what is stored about a member.
func (d *desk) card(ctx context.Context, id member.ID) (*card, error) {
	k := &card{}
	err := d.db.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Members(ctx)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.ID == id {
				k.info = m
			}
		}
		contacts, err := tx.Contacts(ctx)
		if err != nil {
			return err
		}
		k.contacts = slices.DeleteFunc(contacts, func(c store.Contact) bool { return c.Member != id })
		if k.waivers, err = tx.Waivers(ctx, id); err != nil {
			return err
		}
		k.payments, err = tx.Payments(ctx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	people, err := d.roll.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if slices.ContainsFunc(p.Delegates, func(m roll.DelegateOf) bool { return m.Member == id }) {
			k.people = append(k.people, p)
		}
	}
	v, err := d.roll.View(ctx, roll.Query{Members: []member.ID{id}})
	if err == nil && len(v.Rows) > 0 {
		k.row = v.Rows[0]
	}
	if err != nil {
		return nil, err
	}
	k.notices, err = d.roll.Notices(ctx, roll.NoticesQuery{Member: id, Limit: mostNotices})
	return k, err
}

func (d *desk) printCard(k *card) {
	p, zone := d.app.out, d.cfg.Federation.Zone
	p.line("%s", p.bold(clean(cmp.Or(k.info.Detail.Name, k.row.Name))))
	rows := [][2]string{
		{"Id", string(k.info.ID)}, {"Handle", k.info.Detail.Handle}, {"Kind", string(k.info.Kind)},
		{"Public name", clean(k.info.Detail.PublicName)}, {"Website", clean(k.info.Detail.Website)}, {"Summary", clean(k.info.Detail.Summary)},
		{"Member since", day(k.row.MemberSince, zone)}, {"Admitted by", k.info.Decision}, {"Standing", k.row.People},
	}
	for _, l := range k.info.Links {
		rows = append(rows, [2]string{"Pays as", clean(l.Slug) + " (" + string(l.Account) + ")" + d.span(l.From, l.Until)})
	}
	for _, c := range k.contacts {
		rows = append(rows, [2]string{"Contact", strings.TrimSpace(clean(c.Email) + " " + clean(c.Matrix))})
	}
	for _, one := range k.people {
		rows = append(rows, [2]string{"Delegate", clean(one.Name) + " (" + string(one.ID) + ")"})
	}
	if len(k.people) == 0 {
		rows = append(rows, [2]string{"Delegate", "none: nobody can vote for it"})
	}
	for _, w := range k.waivers {
		rows = append(rows, [2]string{"Waiver", w.ID + d.span(w.From, w.Until) + gone(w.Revoked, "revoked")})
	}
	for _, pay := range k.payments {
		rows = append(rows, [2]string{"Payment", pay.ID + ": " + pay.Amount.Symbol() + " for " + many(pay.Months, "month", "months") +
			d.span(pay.From, pay.Until) + gone(pay.Undone, "reversed")})
	}
	for i := range k.notices {
		n := &k.notices[i]
		rows = append(rows, [2]string{"Notice", day(n.LastStep(), zone) + ": " + n.Words + " to " + clean(n.To) + ": " + clean(n.StateWords)})
	}
	p.pairs(slices.DeleteFunc(rows, func(r [2]string) bool { return r[1] == "" }))
}

func gone(is bool, word string) string {
	if is {
		return ", " + word
	}
	return ""
}

// span says from when until when; nothing for always.
func (d *desk) span(from, until instant.Instant) string {
	zone, s := d.cfg.Federation.Zone, ""
	if from != 0 {
		s += " from " + day(from, zone)
	}
	if until != 0 {
		s += " until " + day(until, zone)
	}
	return s
}

// spanAnswer is a fact with its span in JSON.
type spanAnswer struct {
	ID     string          `json:"id"`
	Slug   string          `json:"slug,omitempty"`
	From   instant.Instant `json:"from"`
	Until  instant.Instant `json:"until"`
	Amount string          `json:"amount,omitempty"`
	Months int             `json:"months,omitempty"`
	Gone   bool            `json:"gone"`
}

func (k *card) json() map[string]any {
	return map[string]any{
		"member": k.info.ID, "handle": k.info.Detail.Handle, "name": k.info.Detail.Name, "public_name": k.info.Detail.PublicName,
		"kind": k.info.Kind, "website": k.info.Detail.Website, "summary": k.info.Detail.Summary,
		"member_since": k.row.MemberSince, "admitted_by": k.info.Decision, "state": k.row.Standing.State,
		"links": mapped(k.info.Links, func(l store.LinkState) spanAnswer {
			return spanAnswer{ID: string(l.Account), Slug: l.Slug, From: l.From, Until: l.Until}
		}),
		"contacts": mapped(k.contacts, func(c store.Contact) map[string]string {
			return map[string]string{"email": c.Email, "matrix": c.Matrix}
		}),
		"delegates": mapped(k.people, func(p roll.Person) string { return string(p.ID) }),
		"waivers": mapped(k.waivers, func(w store.WaiverState) spanAnswer {
			return spanAnswer{ID: w.ID, From: w.From, Until: w.Until, Gone: w.Revoked}
		}),
		"notices": mapped(k.notices, noticeOf),
		"payments": mapped(k.payments, func(p store.PaymentState) spanAnswer {
			return spanAnswer{ID: p.ID, From: p.From, Until: p.Until, Amount: p.Amount.String(), Months: p.Months, Gone: p.Undone}
		}),
	}
}
