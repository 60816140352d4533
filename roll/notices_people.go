package roll

import (
	"context"
	"fmt"
	"slices"

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
// and the member's other delegates. Where there is no other one, nobody else is
// to be told. The cause is the row, as of an invitation (Roll.Invite).
func (a *act) tellDelegates(id member.ID, who member.PersonID, row string, event store.DelegateEvent) {
	toPerson, toOthers := notify.DelegateWelcome, notify.DelegateAdded
	switch event {
	case store.DelegateConfirmed:
		return
	case store.DelegateRemoved:
		toPerson, toOthers = notify.DelegateRemoved, notify.DelegateRemoved
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
			if p.ID != who {
				out.add(a.atOnce(toOthers, id, row), "", string(p.ID))
			}
		}
		return nil
	})
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
