package web

import (
	"errors"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/store"
)

// mePage is who is signed in.
type mePage struct {
	Name     string
	Roles    []string
	Members  []myMember
	ReadOn   string           // the day on which Open Collective was last read, if that is too long ago; else ""
	Waiting  []roll.ToConfirm // delegates of these members, to be confirmed
	Sessions int
}

// myMember is a member that one is delegate of.
type myMember struct {
	Name, Standing string
	Votes          bool
}

// roleWords are the roles as people read them.
var roleWords = map[member.Role]string{
	member.Treasurer: "treasurer", member.Facilitator: "facilitator", member.ContactPerson: "contact person for the code of co-operation",
}

func (p *Pages) me(v *visit) error {
	actor, in, err := p.visitor(v)
	if err != nil {
		return err
	}
	if !in {
		return p.goTo(v, withNext("/sign-in", signin.HomePath))
	}
	page := mePage{Name: actor.Label}
	for _, role := range actor.Roles {
		page.Roles = append(page.Roles, roleWords[role])
	}
	if page.Members, page.ReadOn, err = p.mine(v, actor); err != nil {
		return err
	}
	if page.Waiting, err = p.o.Roll.ToConfirm(v.r.Context(), actor); err != nil {
		return err
	}
	var sessions []store.Session
	if sessions, err = p.o.SignIn.Sessions(v.r.Context(), member.PersonID(actor.ID)); err != nil {
		return err
	}
	page.Sessions = len(sessions)
	return p.show(v, http.StatusOK, "me", "You", page)
}

func (p *Pages) mine(v *visit, actor member.Actor) (out []myMember, readOn string, err error) {
	if len(actor.Delegates) == 0 {
		return nil, "", nil
	}
	view, err := p.o.Roll.View(v.r.Context(), roll.Query{Members: actor.Delegates})
	if err != nil {
		return nil, "", err
	}
	if view.Stale && view.AsOf != 0 {
		readOn = view.AsOf.Time().In(p.o.Zone).Format("2 January 2006")
	}
	for _, row := range view.Rows {
		out = append(out, myMember{row.Name, row.People, row.Standing.Has(eligibility.Vote)})
	}
	return out, readOn, nil
}

// confirmPath is where the page sends that a new delegate is one indeed.
const confirmPath = signin.HomePath + "/confirm"

// confirm says that a delegate who was added while a decision is open speaks for
// the member (domain.md, section 8).
func (p *Pages) confirm(v *visit) error {
	actor, in, err := p.visitor(v)
	if err != nil {
		return err
	}
	if !in {
		return p.goTo(v, withNext("/sign-in", signin.HomePath))
	}
	if err := readForm(v); err != nil {
		return err
	}
	by := roll.By{Actor: actor, Reason: "confirmed on the page"}
	err = p.o.Roll.ConfirmDelegate(v.r.Context(), by, member.PersonID(v.r.PostForm.Get("person")), member.ID(v.r.PostForm.Get("member")))
	if refused, is := errors.AsType[*roll.Refused](err); is {
		p.problem(v, http.StatusConflict, notice{"Not confirmed", "Nothing was changed: " + strings.Join(refused.Reasons, "; ") + ".", signin.HomePath, "Back"})
		return nil
	}
	if err != nil {
		return err
	}
	return p.goTo(v, signin.HomePath)
}
