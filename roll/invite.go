package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// actionInvite is the audit chain's word for inviting delegates, as in actions.go.
const actionInvite = "invite"

// Invitation is a delegate of a member, whether it was told so, and whether it
// has ever signed in.
type Invitation struct {
	Member     member.ID
	MemberName string
	Person     member.PersonID // "" for a member without a delegate
	Name       string
	Notice     notify.State // of the mail; "" while there is none
	Told       instant.Instant
	SignedIn   instant.Instant // last; 0 for never
}

// Invited says that a mail was sent, or waits to be.
func (i *Invitation) Invited() bool { return i.Notice != "" && i.Notice != notify.BeforeStart }

// Invitations lists the delegates of the members that are on the roll (none
// named: all of them), by name of the member, and the members without one.
func (r *Roll) Invitations(ctx context.Context, ids ...member.ID) ([]Invitation, error) {
	var out []Invitation
	err := r.db.View(ctx, func(tx *store.Tx) error {
		a, err := r.newAct(ctx, tx, By{}, nil)
		if err != nil {
			return err
		}
		a.now = r.now()
		out, err = a.invitations(ctx, ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look who was invited: %w", err)
	}
	return out, nil
}

func (a *act) invitations(ctx context.Context, ids []member.ID) ([]Invitation, error) {
	visits, err := a.tx.Visits(ctx, actionSignIn)
	if err != nil {
		return nil, err
	}
	var out []Invitation
	for _, m := range a.members {
		_, left := a.history(m.ID).left(a.now)
		if m.MergedInto != "" || left || len(ids) > 0 && !slices.Contains(ids, m.ID) {
			continue
		}
		before := len(out)
		for _, p := range a.people {
			for _, d := range p.Delegates {
				if d.Member != m.ID {
					continue
				}
				one := Invitation{Member: m.ID, MemberName: m.Detail.Name, Person: p.ID, Name: p.Name, SignedIn: visits[p.ID]}
				row, told, err := a.tx.NoticeTo(ctx, welcome(d), string(p.ID), notify.Email)
				if err != nil {
					return nil, err
				}
				if told {
					one.Notice, one.Told = row.State, row.DueAt
				}
				out = append(out, one)
			}
		}
		if len(out) == before {
			out = append(out, Invitation{Member: m.ID, MemberName: m.Detail.Name})
		}
	}
	arrange.By(out, func(x, y Invitation) int {
		return cmp.Or(cmp.Compare(x.MemberName, y.MemberName), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Person, y.Person))
	})
	return out, nil
}

// welcome is the occasion on which a person is told what being delegate of the
// member means: once for each time that it is made one.
func welcome(d store.Delegation) notify.Occasion {
	return notify.Occasion{Kind: notify.DelegateWelcome, Member: d.Member, Cause: d.ID}
}

// Invite tells the delegates of members (none named: of all) that they are, what
// it means and how to sign in: each once, whoever was told already is left out.
// It is for treasurers and the operator, and for the delegates of a member that
// is named. It says whom it invited.
func (r *Roll) Invite(ctx context.Context, by By, ids ...member.ID) ([]Invitation, error) {
	var out []Invitation
	subject := ""
	if len(ids) == 1 {
		subject = string(ids[0])
	}
	_, err := r.enter(ctx, by, actionInvite, "invite the delegates", subject, func(a *act) error {
		out = nil
		if !a.mayInvite(ids) {
			return nil
		}
		state, err := noticeState(ctx, a.tx)
		if err != nil {
			return err
		}
		if state == notify.BeforeStart {
			a.refuse("notices are off, so nobody would be told: start them first (goodstanding notices start)")
		}
		for _, id := range ids {
			if _, ok := a.member(id); ok {
				a.notLeft(id)
			}
		}
		if a.refused() {
			return nil
		}
		all, err := a.invitations(ctx, ids)
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.Person == "" || one.Invited() {
				continue
			}
			if one.Notice, err = a.invite(ctx, &one); err != nil {
				return err
			}
			one.Told = a.now
			out = append(out, one)
		}
		a.payload["delegates"] = len(out)
		return nil
	})
	return out, err
}

func (a *act) mayInvite(ids []member.ID) bool {
	own := len(ids) > 0
	for _, id := range ids {
		own = own && a.actor.DelegateOf(id)
	}
	return own || a.keeper()
}

// invite writes the notice, or lets one go that was written before notices were
// started.
func (a *act) invite(ctx context.Context, to *Invitation) (notify.State, error) {
	p, _ := a.person(to.Person)
	i := slices.IndexFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == to.Member })
	occasion := welcome(p.Delegates[i])
	row, told, err := a.tx.NoticeTo(ctx, occasion, string(to.Person), notify.Email)
	switch {
	case err != nil:
		return "", err
	case told:
		return notify.Waiting, a.tx.Revive(ctx, row.ID)
	}
	m := notify.Message{Occasion: occasion, Recipient: string(to.Person), Channel: notify.Email, About: a.now, DueAt: a.now, State: notify.Waiting}
	if p.Email == "" {
		m.State = notify.NoAddress
	}
	return m.State, a.tx.Enqueue(ctx, m)
}
