package roll

import (
	"context"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Bounced notes that mails to an address come back: nothing is sent to it until
// that is taken back, or another address is given. The word is an address, or
// names a person, or is the id of a contact; whoever has the same address is
// noted, too. It gives the recipients in words. A treasurer or the operator may,
// and a program whose token has ScopeNoticesWrite. No error repeats an address.
func (r *Roll) Bounced(ctx context.Context, by By, word string) ([]string, error) {
	return r.bounce(ctx, by, word, actionBounce, "note that mails come back", func(a *act, box mailbox, was store.Bounce, noted bool) error {
		if noted && was.Covers(box.address) {
			a.refuse("that was noted on %s already", a.date(was.At))
		}
		if a.refused() {
			return nil
		}
		return a.tx.SetBounce(ctx, store.Bounce{Recipient: box.recipient, Address: box.address, At: a.now, Reason: a.by.reason(), NotedBy: a.actor.ID})
	})
}

// NotBounced takes back that mails to an address come back. Whoever may note it may.
func (r *Roll) NotBounced(ctx context.Context, by By, word string) ([]string, error) {
	return r.bounce(ctx, by, word, actionUndoBounce, "take back that mails come back", func(a *act, box mailbox, _ store.Bounce, noted bool) error {
		if !noted {
			a.refuse("it is not noted that mails to %s come back", box.words)
		}
		if a.refused() {
			return nil
		}
		_, err := a.tx.RemoveBounce(ctx, box.recipient)
		return err
	})
}

func (r *Roll) bounce(ctx context.Context, by By, word, action, what string,
	f func(a *act, box mailbox, was store.Bounce, noted bool) error) (words []string, err error) {
	var boxes []mailbox
	if err := r.db.View(ctx, func(tx *store.Tx) (err error) {
		boxes, err = r.mailboxes(ctx, tx, word)
		return err
	}); err != nil {
		return nil, findError("find the address", err)
	}
	_, err = r.enter(ctx, by, action, what, boxes[0].recipient, func(a *act) error {
		if may, err := a.keeperOrToken(ctx, ScopeNoticesWrite); err != nil || !may {
			return err
		}
		bounces, err := a.tx.Bounces(ctx)
		if err != nil {
			return err
		}
		words = nil
		var ids []string
		members := map[member.ID]bool{}
		for _, box := range boxes {
			was, noted := bounces[box.recipient]
			if err := f(a, box, was, noted); err != nil {
				return err
			}
			words, ids = append(words, box.words), append(ids, box.recipient)
			if box.about != "" {
				members[box.about] = true
			}
		}
		a.payload["recipients"] = ids
		a.payload["members"] = append([]member.ID{}, slices.Sorted(maps.Keys(members))...) // so that erasing one finds the reason
		return nil
	})
	if err != nil {
		return nil, err
	}
	return words, nil
}

// mailbox is an address with who has it.
type mailbox struct {
	recipient, address, words string
	about                     member.ID // whose contact or account it is; "" for a person's
}

// mailboxes are those that a word means: an address, a person, or the recipient's
// id. All that have the same address come together.
func (r *Roll) mailboxes(ctx context.Context, tx *store.Tx, word string) ([]mailbox, error) {
	word = strings.TrimSpace(word)
	all, err := r.allMailboxes(ctx, tx)
	if err != nil {
		return nil, err
	}
	address := word
	if i := slices.IndexFunc(all, func(m mailbox) bool { return m.recipient == word }); i >= 0 {
		address = all[i].address
	} else if !looksLikeAddress(word) {
		p, err := findPerson(ctx, tx, word)
		if err != nil {
			return nil, err
		}
		if p.Email == "" {
			return nil, &Refused{What: "note that mails come back", Reasons: []string{p.Name + " has no e-mail address"}}
		}
		address = p.Email
	}
	same := slices.DeleteFunc(all, func(m mailbox) bool { return !strings.EqualFold(m.address, address) })
	if len(same) == 0 {
		return nil, &NotFound{What: "address", Word: veil(word)}
	}
	return same, nil
}

// allMailboxes are all addresses, of persons, of contacts, and of linked accounts.
func (r *Roll) allMailboxes(ctx context.Context, tx *store.Tx) ([]mailbox, error) {
	b, err := r.noticebook(ctx, tx)
	if err != nil {
		return nil, err
	}
	var all []mailbox
	add := func(recipient, address string, about member.ID) {
		if address == "" {
			return
		}
		words, _ := b.to(&store.OutboxRow{Recipient: recipient, Member: about})
		all = append(all, mailbox{recipient, address, words, about})
	}
	people, err := tx.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		add(string(p.ID), p.Email, "")
	}
	contacts, err := tx.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		add(c.ID, c.Email, c.Member)
	}
	details, err := tx.AccountDetails(ctx)
	if err != nil {
		return nil, err
	}
	members, err := tx.Members(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		for _, l := range m.Links {
			for _, address := range details[l.Account].Emails {
				add(notify.AccountPrefix+string(l.Account), address, m.ID)
			}
		}
	}
	return slices.Compact(all), nil
}
