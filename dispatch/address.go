package dispatch

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Recipient is to whom a notice goes, as the transaction sees it.
type Recipient struct {
	ID      string
	Address string // "" for the room, and for who has none
	Name    string // of the person, or of the member whose contact it is; "" for none
	Person  *store.PersonInfo
	// Of is the member whose contact or account it is; "" for a person.
	Of       member.ID
	Language string // "" for the federation's
}

// DelegateOf says that it is a person who acts for the member.
func (r *Recipient) DelegateOf(m member.ID) bool {
	return r.Person != nil && slices.ContainsFunc(r.Person.Delegates, func(d store.Delegation) bool { return d.Member == m })
}

// directory is who has which address now. But for the persons it is read in each
// transaction that sends: addresses change without a fact.
type directory struct {
	people   map[string]store.PersonInfo
	contacts map[string]store.Contact
	accounts map[member.AccountID]store.AccountDetail
	bounces  map[string]store.Bounce
	wishes   map[string]store.Wish
	// at lists the recipients of an address, as sameAddress writes it.
	at map[string][]string
}

func readDirectory(ctx context.Context, tx *store.Tx, r *roll.Roll) (*directory, error) {
	d := &directory{people: map[string]store.PersonInfo{}, contacts: map[string]store.Contact{}, at: map[string][]string{}}
	people, err := r.PeopleIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	contacts, err := tx.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	if d.accounts, err = tx.AccountDetails(ctx); err != nil {
		return nil, err
	}
	if d.bounces, err = tx.Bounces(ctx); err != nil {
		return nil, err
	}
	if d.wishes, err = tx.Wishes(ctx); err != nil {
		return nil, err
	}
	for _, p := range people {
		d.people[string(p.ID)] = p
		d.note(string(p.ID), p.Email)
	}
	for _, c := range contacts {
		d.contacts[c.ID] = c
		d.note(c.ID, c.Email)
	}
	for id, a := range d.accounts {
		d.note(notify.AccountPrefix+string(id), firstOf(a.Emails))
	}
	return d, nil
}

func (d *directory) note(recipient, address string) {
	if address != "" {
		d.at[sameAddress(address)] = append(d.at[sameAddress(address)], recipient)
	}
}

// sameAddress is an address as two of the same mailbox are written alike: the
// domain has no capitals, and nobody tells people apart by those before it.
func sameAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// find is the recipient with that id; ok is false for one that is gone.
func (d *directory) find(id string, book *roll.Book) (r Recipient, ok bool) {
	r = Recipient{ID: id, Language: d.wishes[id].Language}
	if p, is := d.people[id]; is {
		r.Address, r.Name, r.Person = p.Email, p.Name, &p
		return r, true
	}
	if c, is := d.contacts[id]; is {
		r.Address, r.Name, r.Of = c.Email, book.Name(book.MergedInto(c.Member)), book.MergedInto(c.Member)
		return r, true
	}
	if account, is := strings.CutPrefix(id, notify.AccountPrefix); is {
		a, seen := d.accounts[member.AccountID(account)]
		r.Address, r.Name = firstOf(a.Emails), a.Name
		return r, seen
	}
	return r, false
}

// unwanted says why nothing goes to a recipient: its address is gone, mails to it
// come back, or it does without the kind.
func (d *directory) unwanted(n store.OutboxRow, r *Recipient, known bool) (v Verdict, is bool) {
	switch b, bounced := d.bounces[r.ID]; {
	case !known || r.Address == "":
		return Ends(notify.NoAddress, notify.AddressGone), true
	case bounced && b.Covers(r.Address):
		return Ends(notify.NoAddress, notify.AddressBounced), true
	case n.Kind.Optional() && slices.Contains(d.wishes[r.ID].Declined, n.Kind):
		return Ends(notify.Suppressed, notify.OptedOut), true
	}
	return Verdict{}, false
}

// to is a recipient as the envelope names it.
func (r *Recipient) to() string {
	if r.Name == "" {
		return r.Address
	}
	return (&mail.Address{Name: r.Name, Address: r.Address}).String()
}

// domain is what stands behind the @, for the pace.
func (r *Recipient) domain() string {
	a := sameAddress(r.Address)
	return a[strings.LastIndexByte(a, '@')+1:]
}
