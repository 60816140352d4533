package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// act is one change that a person makes, inside its transaction: who asks, what
// stands, and every reason against it. An act writes only while there is none.
type act struct {
	r      *Roll
	tx     *store.Tx
	author store.By
	by     By
	now    instant.Instant
	// actor and second have the roles and delegations that stand in this
	// transaction, whatever they had when the caller looked them up.
	actor   member.Actor
	second  *member.Actor
	payload map[string]any
	tells   []func(context.Context, *outgoing) error // see tellLater
	reasons

	members    []store.MemberInfo
	handles    map[string]bool // theirs, once a free one was looked for; nil before
	people     []store.PersonInfo
	membership map[member.ID][]store.MembershipRow
}

// reasons are those against a change.
type reasons []string

// refuse adds a reason, once.
func (w *reasons) refuse(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(*w, text) {
		*w = append(*w, text)
	}
}

func (w *reasons) refuseAll(texts []string) {
	for _, t := range texts {
		w.refuse("%s", t)
	}
}

func (w *reasons) refused() bool { return len(*w) > 0 }

// enter runs one change as Roll.change does. action is the audit chain's word
// for it, what the refusal's; f gives its reasons by act.refuse and must write
// nothing while there are any. What a change lacks in By is told together with
// what else is wrong.
func (r *Roll) enter(ctx context.Context, by By, action, what, subject string, f func(*act) error) (Report, error) {
	payload := map[string]any{}
	run := func(tx *store.Tx, author store.By, now instant.Instant) error {
		clear(payload)
		a, err := r.newAct(ctx, tx, by, payload)
		if err != nil {
			return err
		}
		a.author, a.now = author, now
		a.refuseAll(by.check())
		if err := f(a); err != nil {
			return err
		}
		if a.refused() {
			return &Refused{What: what, Reasons: a.reasons}
		}
		return a.tell(ctx)
	}
	if len(by.check()) > 0 {
		err := r.db.View(ctx, func(tx *store.Tx) error { return run(tx, store.By{}, r.now()) })
		return Report{}, actError(what, err)
	}
	asker := by // what the caller looked up before is not trusted, see act.own
	asker.Actor.Roles, asker.Actor.Delegates = nil, nil
	report, err := r.change(ctx, entry{by: asker, action: action, subject: subject, payload: payload},
		func(tx *store.Tx, author store.By) error { return run(tx, author, tx.Now()) })
	return report, err
}

// actError names the change in an error that is no refusal.
func actError(what string, err error) error {
	if _, ok := errors.AsType[*Refused](err); ok || err == nil {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (r *Roll) newAct(ctx context.Context, tx *store.Tx, by By, payload map[string]any) (*act, error) {
	a := &act{r: r, tx: tx, by: by, payload: payload}
	var err error
	if a.members, err = tx.Members(ctx); err != nil {
		return nil, err
	}
	if a.people, err = tx.People(ctx); err != nil {
		return nil, err
	}
	if a.membership, err = tx.Membership(ctx); err != nil {
		return nil, err
	}
	a.actor = a.fresh(by.Actor)
	if by.Second != nil {
		second := a.fresh(*by.Second)
		a.second = &second
	}
	return a, nil
}

// fresh is the actor with what it may do now. Somebody who is no operator and
// no known person may do nothing.
func (a *act) fresh(who member.Actor) member.Actor {
	who.Roles, who.Delegates = nil, nil
	if who.Operator {
		return who
	}
	if p, ok := a.person(member.PersonID(who.ID)); ok {
		who.Roles = p.Roles
		for _, d := range p.Delegates {
			who.Delegates = append(who.Delegates, d.Member)
		}
	}
	return who
}

func (a *act) person(id member.PersonID) (store.PersonInfo, bool) {
	i := slices.IndexFunc(a.people, func(p store.PersonInfo) bool { return p.ID == id })
	if i < 0 {
		return store.PersonInfo{}, false
	}
	return a.people[i], true
}

// knownPerson is a person who still can be recognised; the refusal names the id.
func (a *act) knownPerson(id member.PersonID) (store.PersonInfo, bool) {
	p, ok := a.person(id)
	if !ok || p.Name == "" && p.Email == "" {
		a.refuse("there is no person %s", id)
		return store.PersonInfo{}, false
	}
	return p, true
}

func (a *act) info(id member.ID) (store.MemberInfo, bool) {
	i := slices.IndexFunc(a.members, func(m store.MemberInfo) bool { return m.ID == id })
	if i < 0 {
		return store.MemberInfo{}, false
	}
	return a.members[i], true
}

// member is a member that something can be entered for: one that exists, was not
// merged into another, and was not erased.
func (a *act) member(id member.ID) (store.MemberInfo, bool) {
	m, ok := a.info(id)
	switch {
	case !ok:
		a.refuse("there is no member %q", id)
	case m.MergedInto != "":
		a.refuse("%s was merged into %s: name that one", a.handle(id), a.handle(m.MergedInto))
		return m, false
	case erased(m):
		a.refuse("%s was erased: who comes back is added anew (members add)", id)
		return m, false
	}
	return m, ok
}

// handle is how refusals name a member.
func (a *act) handle(id member.ID) string {
	if m, ok := a.info(id); ok && m.Detail.Handle != "" {
		return m.Detail.Handle
	}
	return string(id)
}

// history is what happened to a membership.
func (a *act) history(id member.ID) history { return a.membership[id] }

// date is an instant as refusals tell it, in the federation's time zone.
func (a *act) date(i instant.Instant) string { return eligibility.Date(i, a.r.zone) }

// orNow is the instant, or now where none is given (domain.md, section 2: "as
// entered, default now").
func (a *act) orNow(i instant.Instant) instant.Instant {
	if i == 0 {
		return a.now
	}
	return i
}

// own marks the audit row of a treasurer's entry for a member that the
// treasurer is delegate of (domain.md, section 8).
func (a *act) own(ids ...member.ID) {
	for _, id := range ids {
		if a.actor.Has(member.Treasurer) && a.actor.DelegateOf(id) {
			a.payload["own"] = true
		}
	}
}

// alsoAudit writes an audit row for one of several things that a change does;
// the change's own row is about all of them.
func (a *act) alsoAudit(ctx context.Context, action, subject string, payload map[string]any) error {
	return audit(ctx, a.tx, entry{by: By{Actor: a.actor, Second: a.second}, action: action, subject: subject, payload: payload}, a.author)
}
