package web

import (
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// delegatesPath is where delegates see who else acts for their members.
const delegatesPath = homePath + "/delegates"

type delegatesPage struct {
	Members []membersDelegates
}

// membersDelegates are those who may act for a member.
type membersDelegates struct {
	ID      member.ID
	Name    string
	People  []delegateLine
	Waiting bool // some have to be confirmed first
}

type delegateLine struct {
	ID          member.PersonID
	Name, Email string
	Me, Waiting bool
}

func (m *mine) delegates() error {
	ctx := m.v.r.Context()
	people, err := m.p.o.Roll.People(ctx)
	if err != nil {
		return err
	}
	waiting, err := m.p.o.Roll.ToConfirm(ctx, m.actor)
	if err != nil {
		return err
	}
	var page delegatesPage
	for _, id := range m.actor.Delegates {
		one := membersDelegates{ID: id}
		for _, p := range people {
			for _, d := range p.Delegates {
				if d.Member != id {
					continue
				}
				one.Name = d.Name
				line := delegateLine{ID: p.ID, Name: p.Name, Email: p.Email, Me: p.ID == m.person()}
				for _, w := range waiting {
					line.Waiting = line.Waiting || w.Person == p.ID && w.Member == id
				}
				one.Waiting = one.Waiting || line.Waiting
				one.People = append(one.People, line)
			}
		}
		page.Members = append(page.Members, one)
	}
	return m.p.show(m.v, http.StatusOK, "delegates", m.say("Delegates"), page)
}

const (
	notAdded   = "Nobody was added"
	notRemoved = "Nobody was removed"
	toThem     = "Back to the delegates"
)

// addDelegate adds somebody by name and address, or, where the address is that of
// a person who is known, that person. Only who acts for the member gets so far as
// to learn that.
func (m *mine) addDelegate() error {
	ctx, of := m.v.r.Context(), member.ID(m.sent("member"))
	email := m.typed("email")
	err := error(&roll.Refused{What: "add the delegate", Reasons: []string{"only a delegate of the member may"}})
	if m.actor.DelegateOf(of) {
		var people []roll.Person
		if people, err = m.p.o.Roll.People(ctx); err != nil {
			return err
		}
		known := member.PersonID("")
		for _, p := range people {
			if p.Email != "" && strings.EqualFold(p.Email, email) {
				known = p.ID
			}
		}
		if known != "" {
			err = m.p.o.Roll.SetDelegate(ctx, m.by(), known, of, true)
		} else {
			_, err = m.p.o.Roll.AddPerson(ctx, m.by(), roll.NewPerson{Email: email, Name: m.sent("name"), DelegateOf: []member.ID{of}})
		}
	}
	if err != nil {
		return m.refused(err, notAdded, strings.TrimSpace(m.sent("name")+"\n"+email), delegatesPath, toThem)
	}
	return m.p.goTo(m.v, delegatesPath)
}

func (m *mine) removeDelegate() error {
	of := member.ID(m.sent("member"))
	err := error(&roll.Refused{What: "remove the delegate", Reasons: []string{"only a delegate of the member may"}})
	if m.actor.DelegateOf(of) {
		err = m.p.o.Roll.SetDelegate(m.v.r.Context(), m.by(), member.PersonID(m.sent("person")), of, false)
	}
	if err != nil {
		return m.refused(err, notRemoved, "", delegatesPath, toThem)
	}
	return m.p.goTo(m.v, delegatesPath)
}
