package web

import (
	"errors"
	"net/http"
	"strings"

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
	ReadOn     string           // the day on which Open Collective was last read, if that is too long ago; else ""
	Waiting    []roll.ToConfirm // delegates of these members, to be confirmed
	Treasurers []treasurer
	Zone       string
	Sessions   int
}

// roleWords are the roles as people read them.
var roleWords = map[member.Role]string{
	member.Treasurer: "treasurer", member.Facilitator: "facilitator", member.ContactPerson: "contact person for the code of co-operation",
}

func rolesInWords(roles []member.Role) (out []string) {
	for _, role := range roles {
		out = append(out, roleWords[role])
	}
	return out
}

func (m *mine) me() error {
	page := mePage{Name: m.actor.Label, Roles: rolesInWords(m.actor.Roles), Zone: m.p.o.Zone.String()}
	ctx := m.v.r.Context()
	for _, id := range m.actor.Delegates {
		card, err := m.standing(id)
		if err != nil {
			return err
		}
		if card.Stale != "" {
			page.ReadOn = card.Stale
		}
		page.Members = append(page.Members, card)
	}
	var err error
	if len(page.Members) > 0 {
		if page.Treasurers, err = m.treasurers(); err != nil {
			return err
		}
	}
	if page.Waiting, err = m.p.o.Roll.ToConfirm(ctx, m.actor); err != nil {
		return err
	}
	var sessions []store.Session
	if sessions, err = m.p.o.SignIn.Sessions(ctx, m.person()); err != nil {
		return err
	}
	page.Sessions = len(sessions)
	return m.p.show(m.v, http.StatusOK, "me", "You", page)
}

// treasurer is somebody to write to about dues.
type treasurer struct{ Name, Mail string }

// treasurers are whom a delegate can write to. Who keeps the dues has to be
// reached by those who pay them, so delegates read their addresses; nobody else does.
func (m *mine) treasurers() (out []treasurer, err error) {
	people, err := m.p.o.Roll.People(m.v.r.Context())
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		for _, role := range p.Roles {
			if role == member.Treasurer && p.Email != "" {
				out = append(out, treasurer{p.Name, p.Email})
			}
		}
	}
	return out, nil
}

// standing is what the page says of one member.
func (m *mine) standing(id member.ID) (standingCard, error) {
	ctx := m.v.r.Context()
	x, err := m.p.o.Roll.Explain(ctx, id, 0, 0)
	if err != nil {
		return standingCard{}, err
	}
	card := m.card(&x)
	if _, stale := x.Standing.Reason(eligibility.CodeStale); stale && x.Standing.AsOf != 0 {
		card.Stale = m.day(x.Standing.AsOf).Words
	}
	if at := x.Standing.ChangesAt; at != 0 {
		then, err := m.p.o.Roll.View(ctx, roll.Query{At: at, Members: []member.ID{id}})
		if err != nil {
			return standingCard{}, err
		}
		for i := range then.Rows {
			card.Changes = changing(m.minute(at), &x.Row, &then.Rows[i])
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
		m.p.problem(m.v, http.StatusConflict, notice{"Not confirmed", "Nothing was changed: " + strings.Join(refused.Reasons, "; ") + ".", homePath, "Back"})
		return nil
	}
	if err != nil {
		return err
	}
	return m.p.goTo(m.v, homePath)
}
