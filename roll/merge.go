package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Merge says that two members are one: links, payments, waivers, delegates and
// contacts of from become those of into, and from has left. It is for
// treasurers and the operator. What was on record before keeps what it said.
//
// It is refused where somebody would lose by it what the rules protect: a
// member merged into an applicant, one that is suspended, or one whose rights a hold
// keeps into a member that has them not: the hold stays with the one that has left. And to
// a treasurer who would become a delegate by it. Who becomes one is one from then on: while a
// decision is open somebody has to confirm it first, as whenever a delegate is added.
func (r *Roll) Merge(ctx context.Context, by By, from, into member.ID) (Report, error) {
	return r.enter(ctx, by, actionMerge, "merge the members", string(from), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		if from == into {
			a.refuse("a member cannot be merged into itself: name two")
			return nil
		}
		_, ok := a.member(from)
		if _, also := a.member(into); !ok || !also {
			return nil
		}
		a.mergeable(from, into)
		if err := a.heldBack(ctx, from, into); err != nil {
			return err
		}
		if a.actor.Has(member.Treasurer) && a.actor.DelegateOf(from) && !a.actor.DelegateOf(into) {
			a.refuse("a treasurer cannot make himself a delegate: you are one of %s, and would become one of %s; another treasurer or the operator can merge them", a.handle(from), a.handle(into))
		}
		if a.refused() {
			return nil
		}
		came := a.newByMerge(from, into)
		if len(came) > 0 {
			if err := a.inOrder(ctx); err != nil || a.refused() {
				return err
			}
		}
		a.own(from, into)
		a.payload["into"] = into
		if err := a.tx.AddMerge(ctx, store.MergeRow{Loser: from, Winner: into, By: a.author}); err != nil {
			return err
		}
		if err := a.moveContacts(ctx, from, into); err != nil {
			return err
		}
		a.tellOfNew(notify.ByMerge, came...)
		if _, left := a.history(from).left(a.now); left {
			return nil
		}
		if err := a.takeBack(ctx, a.history(from).planned(a.now, eligibility.Left)); err != nil {
			return err
		}
		return a.event(ctx, from, eligibility.Left, a.now)
	})
}

// newByMerge are the delegations that a merge makes.
func (a *act) newByMerge(from, into member.ID) (came []store.Delegation) {
	for _, p := range a.people {
		of := func(m member.ID) int {
			return slices.IndexFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == m })
		}
		if i := of(from); i >= 0 && of(into) < 0 {
			came = append(came, store.Delegation{ID: p.Delegates[i].ID, Member: into, Person: p.ID})
		}
	}
	return came
}

func (a *act) mergeable(from, into member.ID) {
	lose, win := a.history(from), a.history(into)
	if since, left := win.left(a.now); left {
		a.refuse("%s left on %s: merge the other way round, or admit it again first", a.handle(into), a.date(since))
	} else if !win.admitted(a.now) {
		switch {
		case lose.admitted(a.now):
			a.refuse("%s is not admitted and %s is: merge the other way round", a.handle(into), a.handle(from))
		default:
			a.refuse("neither of the two is admitted: admit %s first, or let it be", a.handle(into))
		}
	}
	for _, id := range []member.ID{from, into} {
		if _, suspended := a.history(id).suspended(a.now); suspended {
			a.refuse("%s is suspended, which a merge must not end or spread: contact people restore it first", a.handle(id))
		}
	}
}

// heldBack refuses a merge by which a hold that nobody has acknowledged would end, and with
// it a right that the member into which another is merged has not. What a break or a
// suspension takes meanwhile comes back, and counts.
func (a *act) heldBack(ctx context.Context, from, into member.ID) error {
	ru, err := a.r.rulesOf(ctx, a.tx)
	if err != nil {
		return err
	}
	facts, err := a.tx.Facts(ctx, from, into)
	if err != nil {
		return err
	}
	of := func(id member.ID) *eligibility.Facts {
		i := slices.IndexFunc(facts, func(f eligibility.Facts) bool { return f.Member == id })
		return facts[i].Unbroken()
	}
	lose, win := of(from), of(into)
	assess := func(f *eligibility.Facts, holds ...eligibility.Hold) eligibility.Standing {
		g := *f
		g.Holds = holds
		return ru.policies.Assess(&g, a.now, a.tx.Known())
	}
	without, theirs := assess(lose), assess(win, win.Holds...)
	for _, h := range lose.Holds {
		if h.AckAt != 0 {
			continue
		}
		with := assess(lose, h)
		kept := takenByDues(&with, &without)
		if slices.ContainsFunc(takenByDues(&with, &theirs), func(right string) bool { return slices.Contains(kept, right) }) {
			a.refuse("%s is held by hold %s: acknowledge that first, or merge the other way round", a.handle(from), h.ID)
		}
	}
	return nil
}

// takenByDues are the rights that are there before, and that the dues alone take after.
func takenByDues(before, after *eligibility.Standing) (rights []string) {
	for _, c := range eligibility.Compare(before, after) {
		if c.ByDuesOnly {
			rights = append(rights, c.What)
		}
	}
	return rights
}

// moveContacts gives the contacts of one member to another; an address that it
// has already is erased.
func (a *act) moveContacts(ctx context.Context, from, into member.ID) error {
	contacts, err := a.tx.Contacts(ctx)
	if err != nil {
		return err
	}
	key := func(c store.Contact) string { return strings.ToLower(c.Email) + "\n" + strings.ToLower(c.Matrix) }
	have := map[string]bool{}
	for _, c := range contacts {
		if c.Member == into {
			have[key(c)] = true
		}
	}
	for _, c := range contacts {
		switch {
		case c.Member != from:
			continue
		case have[key(c)]:
			err = a.tx.RemoveContact(ctx, c.ID)
		default:
			c.Member = into
			have[key(c)] = true
			err = a.tx.SetContact(ctx, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
