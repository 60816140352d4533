package roll

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Who may change what (domain.md, section 8). Each rule adds its reasons and
// says whether to go on: whoever may not is told that alone, because the other
// reasons could tell what is private.
//
// Where domain.md is silent: the operator may enter all that a treasurer may;
// a member's delegates may end its membership; nobody gives himself a role;
// whoever holds one may lay it down.

// keeper lets treasurers and the operator through.
func (a *act) keeper() bool {
	if a.actor.Operator || a.actor.Has(member.Treasurer) {
		return true
	}
	a.refuse("only a treasurer or the operator may")
	return false
}

// keeperOrToken lets a program through, too, whose token has the scope and still
// counts.
func (a *act) keeperOrToken(ctx context.Context, s Scope) (bool, error) {
	if a.by.Token == "" {
		return a.keeper(), nil
	}
	return a.tokenCounts(ctx, s)
}

// tokenCounts refuses a token that does not count any more or lacks the scope.
// What the caller looked up before is not trusted.
func (a *act) tokenCounts(ctx context.Context, s Scope) (bool, error) {
	tokens, err := a.tx.Tokens(ctx)
	if err != nil {
		return false, err
	}
	for _, row := range tokens {
		if t := tokenOf(row, nil); t.ID == a.by.Token && t.Standing(a.now) && t.Has(s) {
			return true, nil
		}
	}
	a.refuse("%s", tokenGone(s))
	return false, nil
}

// personsToken refuses a person whose token does not count any more or lacks the
// scope. Without one, and for a program, which is nobody, other rules decide.
func (a *act) personsToken(ctx context.Context, s Scope) (bool, error) {
	if a.by.Token == "" || a.by.Token == a.by.Actor.ID {
		return true, nil
	}
	return a.tokenCounts(ctx, s)
}

// keeperOr lets the member's own delegates through, too.
func (a *act) keeperOr(id member.ID) bool {
	if a.actor.Operator || a.actor.Has(member.Treasurer) || a.actor.DelegateOf(id) {
		return true
	}
	a.refuse("only a delegate of the member, a treasurer or the operator may")
	return false
}

// pausers lets through those who may pause a member or end its pause: its own
// delegates, or a facilitator and a second person of another member. It says
// whether the member itself is asking.
func (a *act) pausers(id member.ID) (itself, ok bool) {
	if !a.actor.Operator && a.actor.DelegateOf(id) {
		return true, true
	}
	if a.another() && (a.facilitates(a.actor, *a.second, id) || a.facilitates(*a.second, a.actor, id)) {
		return false, true
	}
	a.refuse("only a delegate of the member may alone")
	switch {
	case a.actor.Operator:
		a.refuse("the operator has no say in it")
	case a.second == nil:
		a.refuse("otherwise it takes a facilitator and a second person of another member")
	case !a.another():
		a.refuse("the second person must be somebody else, and known here")
	case !a.actor.Has(member.Facilitator) && !a.second.Has(member.Facilitator):
		a.refuse("neither of the two is a facilitator")
	default:
		a.refuse("the second person must be delegate of a member that is neither this one nor the facilitator's own")
	}
	return false, false
}

// another says that a second person is named who is not the first.
func (a *act) another() bool {
	return a.second != nil && !a.second.Operator && !a.actor.Operator && a.second.ID != a.actor.ID
}

// facilitates says whether f is a facilitator and s delegate of a member that
// has a place in the federation, is not the one in question, and is not f's.
func (a *act) facilitates(f, s member.Actor, id member.ID) bool {
	return f.Has(member.Facilitator) && slices.ContainsFunc(s.Delegates, func(m member.ID) bool {
		return m != id && !f.DelegateOf(m) && a.history(m).admitted(a.now)
	})
}

// contactPeople is how many different contact people ask: 0, 1 or 2. The one
// who enters it must be one of them; a second person who is none is refused.
func (a *act) contactPeople() int {
	if !a.actor.Has(member.ContactPerson) {
		a.refuse("only contact people under the code of co-operation may")
		return 0
	}
	switch {
	case a.second == nil:
		return 1
	case !a.another():
		a.refuse("the second contact person must be somebody else, and known here")
		return 0
	case !a.second.Has(member.ContactPerson):
		a.refuse("the second person is no contact person")
		return 0
	}
	return 2
}

// admittedAt refuses a member that has no place in the federation at t.
func (a *act) admittedAt(id member.ID, t instant.Instant) bool {
	h := a.history(id)
	switch door, ok := h.last(t, eligibility.Applied, eligibility.Admitted, eligibility.Left); {
	case ok && door.Kind == eligibility.Left:
		a.refuse("%s left on %s", a.handle(id), a.date(door.At))
	case !ok || door.Kind == eligibility.Applied:
		a.refuse("%s is not admitted on %s", a.handle(id), a.date(t))
	default:
		return true
	}
	return false
}

// notLeft refuses a member that has left by now.
func (a *act) notLeft(id member.ID) bool {
	if since, left := a.history(id).left(a.now); left {
		a.refuse("%s left on %s: admit it again first", a.handle(id), a.date(since))
		return false
	}
	return true
}
