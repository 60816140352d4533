package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// contactLinkCounts is for how long a member's contact can confirm a delegate by
// the link that was mailed to it.
const contactLinkCounts = 14 * instant.Day

// ContactPath is where such a link leads, before its token.
const ContactPath = "/confirm-delegate/"

// Why a link by which a contact confirms a delegate does nothing.
var (
	ErrNoContactLink   = errors.New("there is no such link")
	ErrContactLinkOver = errors.New("the link was used, or its time is over")
)

// ContactLink is what a contact is asked.
type ContactLink struct {
	Token      string // for the address of the page; only when it was just made
	Expires    instant.Instant
	Person     string // the delegate's name
	MemberName string
	link       store.ConfirmLink
}

// MakeContactLink makes the link that a notice to a contact has, in the
// transaction of the attempt to send it; ok is false when nothing is to be asked
// any more: the person is no delegate of the member now, or is confirmed.
func MakeContactLink(ctx context.Context, tx *store.Tx, row store.OutboxRow) (l ContactLink, ok bool, err error) {
	people, err := tx.People(ctx)
	if err != nil {
		return l, false, err
	}
	for _, p := range people {
		i := slices.IndexFunc(p.Delegates, func(d store.Delegation) bool { return d.ID == row.Cause && d.Member == row.Member && !d.Confirmed })
		if i < 0 {
			continue
		}
		l.Token = secret()
		members, err := tx.Members(ctx)
		if err != nil {
			return l, false, err
		}
		for _, m := range members {
			if m.ID == row.Member {
				l.MemberName = m.Detail.Name
			}
		}
		l.Person, l.Expires = p.Name, tx.Now()+contactLinkCounts
		l.link = store.ConfirmLink{Hash: TokenHash(l.Token), Notice: row.ID, Member: row.Member, Person: p.ID, Contact: row.Recipient,
			Created: tx.Now(), Expires: l.Expires}
		return l, true, tx.AddConfirmLink(ctx, l.link)
	}
	return l, false, nil
}

// LookAtContactLink says what a link asks. It uses nothing up.
func (r *Roll) LookAtContactLink(ctx context.Context, token string) (l ContactLink, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		a, err := r.newAct(ctx, tx, By{}, nil)
		if err != nil {
			return err
		}
		a.now = r.now()
		l, err = a.contactLink(ctx, token)
		return err
	})
	return l, contactLinkError(err)
}

// contactLink is a link that counts: it was not used, its time is not over, the
// contact still is one, and the person still waits for being confirmed.
func (a *act) contactLink(ctx context.Context, token string) (l ContactLink, err error) {
	link, ok, err := a.tx.ConfirmLink(ctx, TokenHash(token))
	if err != nil {
		return l, err
	}
	if !ok {
		return l, ErrNoContactLink
	}
	contacts, err := a.tx.Contacts(ctx)
	if err != nil {
		return l, err
	}
	p, _ := a.person(link.Person)
	m, _ := a.info(link.Member)
	waits := slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == link.Member && !d.Confirmed })
	stands := slices.ContainsFunc(contacts, func(c store.Contact) bool { return c.ID == link.Contact && c.Member == link.Member && c.Email != "" })
	if link.Used != 0 || a.now >= link.Expires || !waits || !stands {
		return l, ErrContactLinkOver
	}
	return ContactLink{Expires: link.Expires, Person: p.Name, MemberName: m.Detail.Name, link: link}, nil
}

// ConfirmByContact confirms a delegate by the link that was mailed to the
// member's contact, once.
func (r *Roll) ConfirmByContact(ctx context.Context, token string) (l ContactLink, err error) {
	var subject string
	err = r.db.View(ctx, func(tx *store.Tx) error {
		link, _, err := tx.ConfirmLink(ctx, TokenHash(token))
		subject = string(link.Member)
		l.link = link
		return err
	})
	if err != nil {
		return l, contactLinkError(err)
	}
	by := By{Actor: member.Actor{ID: "contact:" + l.link.Contact, Label: "the member's contact"}, Reason: "confirmed by the link that was mailed to the member's contact"}
	_, err = r.enter(ctx, by, actionConfirmDelegate, "confirm the delegate", subject, func(a *act) error {
		var err error
		if l, err = a.contactLink(ctx, token); err != nil {
			return err
		}
		if ok, err := a.tx.UseConfirmLink(ctx, l.link, a.now); err != nil || !ok {
			return errors.Join(err, ErrContactLinkOver)
		}
		a.payload["person"] = l.link.Person
		return a.setDelegate(ctx, l.link.Person, l.link.Member, store.DelegateConfirmed)
	})
	return l, contactLinkError(err)
}

// contactLinkError keeps the two refusals as they are.
func contactLinkError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoContactLink):
		return ErrNoContactLink
	case errors.Is(err, ErrContactLinkOver):
		return ErrContactLinkOver
	}
	return fmt.Errorf("confirm a delegate: %w", err)
}
