package roll

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// SetRole gives a person a role or takes it. It is for treasurers and the
// operator; nobody gives himself one, and whoever holds one may lay it down.
// The last treasurer is removed only by the operator (domain.md, section 8).
func (r *Roll) SetRole(ctx context.Context, by By, id member.PersonID, role member.Role, on bool) error {
	what := "give the role"
	if !on {
		what = "take the role"
	}
	_, err := r.enter(ctx, by, actionRole, what, string(id), func(a *act) error {
		himself := !a.actor.Operator && a.actor.ID == string(id)
		if !(himself && !on) && !a.keeper() {
			return nil
		}
		if himself && on {
			a.refuse("nobody gives himself a role: ask another treasurer or the operator")
		}
		a.refuseAll(roleFaults(role))
		p, ok := a.knownPerson(id)
		switch has := slices.Contains(p.Roles, role); {
		case ok && has && on:
			a.refuse("%s has that role already", id)
		case ok && !has && !on:
			a.refuse("%s does not have that role", id)
		case has && !on && role == member.Treasurer:
			a.notLastTreasurer()
		}
		if a.refused() {
			return nil
		}
		a.payload["role"], a.payload["on"] = role, on
		return a.setRole(ctx, id, role, on)
	})
	return err
}

// notLastTreasurer keeps one treasurer, unless the operator decides otherwise.
func (a *act) notLastTreasurer() {
	if !a.actor.Operator && a.treasurers() <= 1 {
		a.refuse("this is the last treasurer: only the operator may")
	}
}

func (a *act) treasurers() (n int) {
	for _, p := range a.people {
		if slices.Contains(p.Roles, member.Treasurer) {
			n++
		}
	}
	return n
}

func (a *act) setRole(ctx context.Context, id member.PersonID, role member.Role, on bool) error {
	row := store.RoleRow{ID: a.r.newID("r"), Person: id, Role: role, On: on, By: a.author}
	a.tellOffice(row.ID)
	return a.tx.AddRoles(ctx, row)
}

func (a *act) setDelegate(ctx context.Context, id member.PersonID, m member.ID, event store.DelegateEvent) error {
	row := store.DelegateRow{ID: a.r.newID("d"), Member: m, Person: id, Event: event, By: a.author}
	if event == store.DelegateAdded {
		if err := a.inOrder(ctx); err != nil || a.refused() {
			return err
		}
	}
	a.tellDelegates(m, id, row.ID, event)
	return a.tx.AddDelegates(ctx, row)
}

// inOrder refuses to add a delegate before the instant at which a decision that runs
// was opened, as a daemon does whose clock is behind another's: whether a delegate was
// there before the opening is told by the two instants. The other way round the
// opening takes an instant after that of all that is known.
func (a *act) inOrder(ctx context.Context) error {
	opening, err := a.tx.LatestOpening(ctx)
	if ahead := opening.Sub(a.tx.Known()); err == nil && ahead > 0 {
		a.refuse("a decision was opened by a clock that is %s ahead of this one, and nobody could say later whether the delegate was there before: add it when that time is over", (ahead + time.Second - 1).Truncate(time.Second))
	}
	return err
}

// SetDelegate makes a person delegate of a member, or ends that. A member's
// delegates add and remove its delegates; the operator may, too; treasurers add
// others than themselves; whoever is one may end it (domain.md, section 8).
func (r *Roll) SetDelegate(ctx context.Context, by By, id member.PersonID, m member.ID, on bool) error {
	what := "add the delegate"
	if !on {
		what = "remove the delegate"
	}
	_, err := r.enter(ctx, by, actionDelegate, what, string(m), func(a *act) error {
		if !a.maySetDelegate(id, m, on) {
			return nil
		}
		p, known := a.knownPerson(id)
		if _, ok := a.member(m); ok && on {
			a.notLeft(m)
		}
		switch is := slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == m }); {
		case known && is && on:
			a.refuse("%s is delegate of %s already", id, a.handle(m))
		case known && !is && !on:
			a.refuse("%s is not delegate of %s", id, a.handle(m))
		}
		if a.refused() {
			return nil
		}
		a.payload["person"], a.payload["on"] = id, on
		event := store.DelegateAdded
		if !on {
			event = store.DelegateRemoved
		}
		return a.setDelegate(ctx, id, m, event)
	})
	return err
}

func (a *act) maySetDelegate(id member.PersonID, m member.ID, on bool) bool {
	himself := a.actor.ID == string(id)
	switch {
	case a.actor.Operator, a.actor.DelegateOf(m), himself && !on:
		return true
	case !on:
		a.refuse("a delegate is removed by the member's own delegates, by the person, or by the operator")
	case a.actor.Has(member.Treasurer) && himself:
		a.refuse("a treasurer cannot make himself a delegate")
	case a.actor.Has(member.Treasurer):
		return true
	default:
		a.refuse("only a delegate of the member, a treasurer or the operator may")
	}
	return false
}

// firstTreasurer is the operator who set GOODSTANDING_FIRST_TREASURER.
var firstTreasurer = By{
	Actor:  member.Actor{ID: "op_settings", Label: "operator:settings", Operator: true},
	Reason: "named as first treasurer in the program's settings",
}

// FirstTreasurer makes the person with the e-mail address treasurer of a store
// that has none, adding the person where needed; done says whether it did
// (domain.md, section 8, "The first people").
func (r *Roll) FirstTreasurer(ctx context.Context, email string) (done bool, err error) {
	const what = "name the first treasurer"
	name, _, _ := strings.Cut(strings.TrimSpace(email), "@")
	p := store.Person{ID: member.PersonID(r.newID("p")), Email: strings.TrimSpace(email), Name: name}
	has := false
	err = r.db.View(ctx, func(tx *store.Tx) error {
		a, err := r.newAct(ctx, tx, firstTreasurer, nil)
		if err != nil {
			return err
		}
		has = a.treasurers() > 0
		if known, ok, err := tx.PersonByEmail(ctx, p.Email); ok || err != nil {
			p = known
			return err
		}
		return nil
	})
	if err != nil || has {
		return false, actError(what, err)
	}
	_, err = r.enter(ctx, firstTreasurer, actionRole, what, string(p.ID), func(a *act) error {
		if a.treasurers() > 0 {
			return errNobody // somebody else was quicker
		}
		a.refuseAll(emailFaults("what is given", p.Email))
		if p.Email == "" {
			a.refuse("an e-mail address is needed")
		}
		if a.refused() {
			return nil
		}
		if err := a.tx.SetPerson(ctx, p); err != nil {
			return err
		}
		a.payload["role"], a.payload["on"] = member.Treasurer, true
		return a.setRole(ctx, p.ID, member.Treasurer, true)
	})
	if errors.Is(err, errNobody) {
		return false, nil
	}
	return err == nil, err
}
