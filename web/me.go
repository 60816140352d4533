package web

import (
	"errors"
	"net/http"
	"slices"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// mePage is who is signed in.
type mePage struct {
	Name       string
	Roles      []string
	Members    []standingCard
	Unread     bool             // how the members stand cannot be told yet
	ReadOn     string           // the day on which Open Collective was last read, if that is too long ago; else ""
	Waiting    []roll.ToConfirm // delegates of these members, to be confirmed
	Motions    []motionLine     // what waits for a second person, whom the visitor could be
	Drafts     []decisionCard   // of these members
	Treasurers string           // the address at which treasurers are reached; "" for none
	Zone       string
	Sessions   int
}

// roleWords are the roles as people read them.
var roleWords = map[member.Role]string{
	member.Treasurer: "treasurer", member.Facilitator: "facilitator", member.ContactPerson: "contact person for the code of co-operation",
}

func (m *mine) rolesInWords(roles []member.Role) (out []string) {
	for _, role := range roles {
		out = append(out, m.say(roleWords[role]))
	}
	return out
}

func (m *mine) me() error {
	page := mePage{Name: m.actor.Label, Roles: m.rolesInWords(m.actor.Roles), Zone: m.p.o.Zone.String(), Treasurers: m.p.o.Federation.Treasurers}
	ctx := m.v.r.Context()
	memory, ok := m.p.o.Memory(m.p.o.Now())
	if ok {
		memory.Book = memory.Book.In(m.v.lang)
	}
	mine := m.actor.Delegates
	if page.Unread = !ok && len(mine) > 0; !ok {
		mine = nil
	}
	for _, id := range mine {
		card, err := m.standing(&memory, id)
		if _, unread := errors.AsType[*roll.NotFound](err); unread { // a member that was added within the last second
			continue
		}
		if err != nil {
			return err
		}
		if card.Stale != "" {
			page.ReadOn = card.Stale
		}
		page.Members = append(page.Members, card)
	}
	if ok {
		r := &reading{Memory: memory, p: m.p, v: m.v, inside: chair.Inside(m.actor, memory.Voters)}
		if err := m.unfinished(r, &page); err != nil {
			return err
		}
	}
	var err error
	if page.Waiting, err = m.p.o.Roll.ToConfirm(ctx, m.actor); err != nil {
		return err
	}
	var sessions []store.Session
	if sessions, err = m.p.o.SignIn.Sessions(ctx, m.person()); err != nil {
		return err
	}
	page.Sessions = len(sessions)
	return m.p.show(m.v, http.StatusOK, "me", m.say("You"), page)
}

// unfinished is what the visitor has begun, or may agree to.
func (m *mine) unfinished(r *reading, page *mePage) (err error) {
	for i := range r.Views {
		if d := &r.Views[i].Decision; d.State == decisions.Draft && m.actor.DelegateOf(d.Proposer) {
			card := r.card(&r.Views[i])
			card.Address += "/edit"
			page.Drafts = append(page.Drafts, card)
		}
	}
	all, err := m.motions(r, "")
	page.Motions = slices.DeleteFunc(all, func(one motionLine) bool { return !one.MayAgree })
	return err
}

// standing is what the page says of one member.
func (m *mine) standing(memory *Memory, id member.ID) (standingCard, error) {
	x, err := memory.Book.Explain(id, 0, 0, memory.At)
	if err != nil {
		return standingCard{}, err
	}
	card := m.card(&x)
	card.Waiting, card.Break = m.waiting(memory, id), breakOf(memory, id)
	if _, stale := x.Standing.Reason(eligibility.CodeStale); stale && x.Standing.AsOf != 0 {
		card.Stale = m.day(x.Standing.AsOf).Words
	}
	if at := x.Standing.ChangesAt; at != 0 {
		then := memory.Book.View(roll.Query{At: at, Members: []member.ID{id}}, memory.At)
		for i := range then.Rows {
			card.Changes = m.changing(m.minute(at), &x.Row, &then.Rows[i])
		}
	}
	return card, nil
}

// confirmPath is where the page sends that a new delegate is one indeed.
const confirmPath = homePath + "/confirm"

// confirm says that a delegate who was added while a decision is open speaks for
// the member (domain.md, section 8).
func (m *mine) confirm() error {
	by := roll.By{Actor: m.actor, Reason: "confirmed on the page"}
	err := m.p.o.Roll.ConfirmDelegate(m.v.r.Context(), by, member.PersonID(m.sent("person")), member.ID(m.sent("member")))
	if refused, is := errors.AsType[*roll.Refused](err); is {
		return m.refused(refused, "Not confirmed", "", homePath, "Back")
	}
	if err != nil {
		return err
	}
	return m.p.goTo(m.v, homePath)
}
