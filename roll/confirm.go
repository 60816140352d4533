package roll

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// ConfirmDelegate says that a person speaks for a member indeed: one who was
// added while a decision is open may act in it only after that. It takes another
// delegate of the member, one who may act in everything that is open; where the
// member has neither another delegate nor a contact with an address that is not the
// person's own and to which the question was mailed, a facilitator and a second person of
// another member (domain.md, section 8, "The first people").
// Who added the delegate does not matter: a treasurer who adds one could else
// vote through it.
func (r *Roll) ConfirmDelegate(ctx context.Context, by By, id member.PersonID, m member.ID) error {
	_, err := r.enter(ctx, by, actionConfirmDelegate, "confirm the delegate", string(m), func(a *act) error {
		if _, ok := a.member(m); ok {
			a.notLeft(m)
		}
		p, known := a.knownPerson(id)
		i := slices.IndexFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == m })
		switch {
		case known && i < 0:
			a.refuse("%s is not delegate of %s", id, a.handle(m))
		case known && p.Delegates[i].Confirmed:
			a.refuse("%s is confirmed as delegate of %s already", id, a.handle(m))
		}
		if err := a.mayConfirm(ctx, id, m); err != nil || a.refused() {
			return err
		}
		a.payload["person"] = id
		return a.setDelegate(ctx, id, m, store.DelegateConfirmed)
	})
	return err
}

// ToConfirm is a delegate who waits for being confirmed.
type ToConfirm struct {
	Person     member.PersonID
	Name       string
	Member     member.ID
	MemberName string
}

// ToConfirm lists the delegates whom a person may confirm: those who were added
// to the person's members after a decision was opened that still runs.
func (r *Roll) ToConfirm(ctx context.Context, who member.Actor) ([]ToConfirm, error) {
	var out []ToConfirm
	err := r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		opening, err := tx.EarliestOpening(ctx)
		if err != nil || opening == 0 {
			return err
		}
		a, err := r.newAct(ctx, tx, By{Actor: who}, nil)
		if err != nil {
			return err
		}
		for _, m := range a.actor.Delegates {
			standing, newcomers := a.delegates(m, "", opening)
			if !slices.Contains(standing, member.PersonID(who.ID)) {
				continue
			}
			for _, id := range newcomers {
				p, _ := a.person(id)
				info, _ := a.member(m)
				out = append(out, ToConfirm{id, p.Name, m, info.Detail.Name})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for delegates to confirm: %w", err)
	}
	return out, nil
}

// mayConfirm lets through who may confirm a delegate of the member.
func (a *act) mayConfirm(ctx context.Context, id member.PersonID, m member.ID) error {
	opening, err := a.tx.EarliestOpening(ctx)
	if err != nil {
		return err
	}
	standing, newcomer := a.delegates(m, id, opening)
	switch {
	case a.actor.ID == string(id):
		a.refuse("nobody confirms himself")
		return nil
	case slices.Contains(standing, member.PersonID(a.actor.ID)):
		return nil
	case slices.Contains(newcomer, member.PersonID(a.actor.ID)):
		a.refuse("who became a delegate after a decision was opened that still runs has to be confirmed first")
		return nil
	case len(standing) > 0:
		a.refuse("only another delegate of the member may")
		return nil
	}
	contacts, err := a.tx.Contacts(ctx)
	if err != nil {
		return err
	}
	p, _ := a.person(id)
	others := witnesses(contacts, m, p.Email)
	if len(others) == 0 {
		a.facilitated(m, false)
		return nil
	}
	switch asked, err := a.asked(ctx, p, m, others); {
	case err != nil:
		return err
	case asked:
		a.refuse("no other delegate of the member can; its contact can, by a link that is mailed to it")
	default:
		a.facilitated(m, true)
	}
	return nil
}

// asked says that one of some contacts was asked by mail whether the person is a delegate
// of the member, or is asked by the next mails: what waits for a treasurer's word, was
// dropped, or was due before the notices were started, asks nobody.
func (a *act) asked(ctx context.Context, p store.PersonInfo, m member.ID, contacts []string) (bool, error) {
	i := slices.IndexFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == m })
	if i < 0 {
		return false, nil
	}
	on, err := noticeState(ctx, a.tx)
	if err != nil {
		return false, err
	}
	rows, err := a.tx.Notices(ctx, store.OutboxQuery{Member: m, Kind: notify.DelegateConfirm})
	return slices.ContainsFunc(rows, func(n store.OutboxRow) bool {
		goes := n.State == notify.Sent || n.State == notify.Waiting && on == notify.Waiting
		return goes && n.Cause == p.Delegates[i].ID && slices.Contains(contacts, n.Recipient)
	}), err
}

// facilitated refuses everybody but a facilitator with a second person of
// another member, neither of them the member's own. contact: it has one, which was not asked.
func (a *act) facilitated(m member.ID, contact bool) {
	if a.another() && (a.facilitates(a.actor, *a.second, m) || a.facilitates(*a.second, a.actor, m)) {
		return
	}
	if contact {
		a.refuse("no other delegate of the member can, and its contact was not asked: it takes a facilitator and a second person of another member")
		return
	}
	a.refuse("no other delegate of the member can, and it has no other contact: it takes a facilitator and a second person of another member")
}

// delegates are the member's delegates beside one: those who may act in all that
// is open since an instant, and those who were added later and not confirmed.
// Nothing is open at instant 0.
func (a *act) delegates(m member.ID, beside member.PersonID, opening instant.Instant) (standing, newcomer []member.PersonID) {
	for _, p := range a.people {
		for _, d := range p.Delegates {
			switch {
			case d.Member != m || p.ID == beside:
			case d.Confirmed || opening == 0 || d.Since <= opening:
				standing = append(standing, p.ID)
			default:
				newcomer = append(newcomer, p.ID)
			}
		}
	}
	return standing, newcomer
}
