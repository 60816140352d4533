package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// tellLater keeps what people are to be told of an act until all its rows are
// written: only then it is known who is a delegate, or a treasurer.
func (a *act) tellLater(f func(ctx context.Context, out *outgoing) error) {
	a.tells = append(a.tells, f)
}

// tell writes the notices of an act, in its transaction.
func (a *act) tell(ctx context.Context) error {
	if len(a.tells) == 0 {
		return nil
	}
	out, err := newOutgoing(ctx, a.tx)
	if err != nil {
		return err
	}
	for _, f := range a.tells {
		if err := f(ctx, out); err != nil {
			return err
		}
	}
	_, err = out.send(ctx)
	return err
}

// atOnce is a notice that goes as soon as it can: what it is about rests on no
// reading of Open Collective.
func (a *act) atOnce(k notify.Kind, id member.ID, cause string) notify.Message {
	return notify.Message{Occasion: notify.Occasion{Kind: k, Member: id, Cause: cause}, DueAt: a.tx.Now(), State: notify.Waiting}
}

// tellOffice tells all treasurers that a role was given or taken, who was one
// before the act or is one after it (domain.md, section 8).
func (a *act) tellOffice(role string) {
	a.tellLater(func(ctx context.Context, out *outgoing) error {
		to, err := out.treasurers(ctx)
		if err != nil {
			return err
		}
		for _, p := range out.people {
			was := slices.ContainsFunc(a.people, func(q store.PersonInfo) bool { return q.ID == p.ID && slices.Contains(q.Roles, member.Treasurer) })
			if was && p.Email != "" && !slices.Contains(to, string(p.ID)) {
				to = append(to, string(p.ID))
			}
		}
		out.add(a.atOnce(notify.Office, "", "role:"+role), notify.Treasurers, to...)
		return nil
	})
}

// tellDelegates tells of one who became delegate, or is one no longer: the person,
// and the member's other delegates. Who loses one, and has no other, is not told. The
// cause is the row, as of an invitation (Roll.Invite).
func (a *act) tellDelegates(id member.ID, who member.PersonID, row string, event store.DelegateEvent) {
	toPerson := notify.DelegateWelcome
	switch event {
	case store.DelegateConfirmed:
		return
	case store.DelegateRemoved:
		toPerson = notify.DelegateRemoved
	case store.DelegateAdded:
		a.tellOfNew("", store.Delegation{ID: row, Member: id, Person: who})
	}
	a.tellLater(func(ctx context.Context, out *outgoing) error {
		others, err := out.delegates(ctx, id)
		if err != nil {
			return err
		}
		for _, p := range out.people {
			if p.ID == who && p.Email != "" {
				out.add(a.atOnce(toPerson, id, row), "", string(who))
			}
		}
		for _, p := range others {
			if p.ID != who && event == store.DelegateRemoved {
				out.add(a.atOnce(notify.DelegateRemoved, id, row), "", string(p.ID))
			}
		}
		return nil
	})
}

// tellOfNew tells of those who have become delegates: each member's other delegates,
// but for those who came with them; where there is none, its contacts, else the
// accounts that it pays from, so that whoever adds the first delegate of a member does
// not do so unseen. While a decision is open, in which they may not act before somebody
// confirms it (domain.md, section 8), the contacts are asked. What a change in bulk
// tells waits in a batch, and is not written before the notices are started.
func (a *act) tellOfNew(batch notify.Batch, came ...store.Delegation) {
	if len(came) == 0 {
		return
	}
	a.tellLater(func(ctx context.Context, out *outgoing) error {
		if batch != "" && !out.on {
			return nil
		}
		opening, err := a.tx.EarliestOpening(ctx)
		if err != nil {
			return err
		}
		if err := out.addresses(ctx); err != nil {
			return err
		}
		others, contacts, mail := out.others(came), map[member.ID][]store.Contact{}, map[member.PersonID]string{}
		for _, c := range out.contacts {
			contacts[c.Member] = append(contacts[c.Member], c)
		}
		for _, p := range out.people {
			mail[p.ID] = p.Email
		}
		for _, d := range came {
			m := a.atOnce(notify.DelegateAdded, d.Member, d.ID)
			m.State, m.Detail = batched(m.State, batch)
			asked, to := witnesses(contacts[d.Member], d.Member, mail[d.Person]), others[d.Member]
			switch {
			case opening != 0 && len(asked) > 0:
				ask := m
				ask.Occasion.Kind, ask.About = notify.DelegateConfirm, a.now
				out.add(ask, "", asked...)
			case len(to) == 0 && len(asked) > 0:
				to = asked
			case len(to) == 0:
				if to, err = a.payers(ctx, d.Member, mail[d.Person]); err != nil {
					return err
				}
			}
			if len(to) > 0 {
				out.add(m, "", to...)
			}
		}
		return nil
	})
}

// others are the delegates of members who have an address, but for those who came.
func (o *outgoing) others(came []store.Delegation) map[member.ID][]string {
	type mandate struct {
		person member.PersonID
		of     member.ID
	}
	fresh, all := map[mandate]bool{}, map[member.ID][]string{}
	for _, d := range came {
		fresh[mandate{d.Person, d.Member}] = true
	}
	for _, p := range o.people {
		for _, d := range p.Delegates {
			if p.Email != "" && !fresh[mandate{p.ID, d.Member}] {
				all[d.Member] = append(all[d.Member], string(p.ID))
			}
		}
	}
	return all
}

// payers are the accounts that a member pays from now and that have an address, none
// of them a new delegate's own.
func (a *act) payers(ctx context.Context, id member.ID, own string) (to []string, err error) {
	m, _ := a.info(id)
	if len(m.Links) == 0 {
		return nil, nil
	}
	details, err := a.tx.AccountDetails(ctx)
	for _, l := range m.Links {
		mails := details[l.Account].Emails
		if a.now.In(l.From, l.Until) && len(mails) > 0 && !slices.ContainsFunc(mails, func(mail string) bool { return sameMail(mail, own) }) {
			to = append(to, notify.AccountPrefix+string(l.Account))
		}
	}
	return to, err
}

func sameMail(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// witnesses are the contacts of a member who are told of a delegate by mail, and can say
// whether it is one: not by the delegate's own address.
func witnesses(contacts []store.Contact, of member.ID, own string) (ids []string) {
	for _, c := range contacts {
		if c.Member == of && c.Email != "" && !sameMail(c.Email, own) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// tellMember tells a member at once of what happens to its membership; the cause
// is the row that was written.
func (a *act) tellMember(k notify.Kind, id member.ID, row store.MembershipRow) {
	a.tellLater(func(ctx context.Context, out *outgoing) error {
		info, _ := a.info(id)
		to, err := out.member(ctx, info, a.now)
		if err != nil {
			return err
		}
		m := a.atOnce(k, id, eligibility.Ref{Kind: eligibility.RefMembership, ID: row.ID}.String())
		m.About = row.At
		out.add(m, "", to...)
		return nil
	})
}

// ownWords say what a treasurer entered for a member that it is delegate of: a
// waiver, a payment or a link, of which the other treasurers are told (domain.md,
// section 8).
var ownWords = map[string]string{
	actionWaive: "a waiver of its dues", actionEndWaiver: "the end of a waiver of its dues",
	actionPay: "a payment", actionUndoPayment: "that a payment is undone", actionImportPayments: "a payment, from a file",
	actionLink: "a link to an account on Open Collective", actionUnlink: "the end of a link to an account on Open Collective",
	actionNoAccount: "whether it has an account on Open Collective", actionMerge: "that two members are one",
}

// tellOwn tells the treasurers but the one who did it of a row of the audit chain
// that is marked as somebody's own.
func tellOwn(ctx context.Context, tx *store.Tx, action, actor string, seq int64) error {
	if ownWords[action] == "" {
		return nil
	}
	out, err := newOutgoing(ctx, tx)
	if err != nil {
		return err
	}
	if err := out.toTreasurers(ctx, notify.OwnEntry, "", fmt.Sprintf("audit:%d", seq), actor); err != nil {
		return err
	}
	_, err = out.send(ctx)
	return err
}

// tellPolicies tells the treasurers of versions that a file added. The first ones
// of a store change nothing that anybody knew.
func tellPolicies(ctx context.Context, tx *store.Tx, ids []string) error {
	out, err := newOutgoing(ctx, tx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := out.toTreasurers(ctx, notify.PolicyAdded, "", "policy:"+id); err != nil {
			return err
		}
	}
	_, err = out.send(ctx)
	return err
}
