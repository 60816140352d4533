package web

import (
	"net/http"
	"slices"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// erasurePath is where one has oneself erased, erasedPath where one is told that one
// was.
const (
	erasurePath = dataPath + "/erase"
	erasedPath  = "/erased"
)

func erasureRoutes() []route {
	return []route{
		{method: http.MethodGet, path: erasurePath, answer: signedIn("", (*mine).erasure), who: persons},
		{method: http.MethodPost, path: erasurePath, answer: eraseOnce, who: persons},
		{method: http.MethodGet, path: erasedPath, answer: (*Pages).erased, who: entrance},
	}
}

// erasurePage says what erasing does, and asks once more.
type erasurePage struct {
	Person     member.PersonID
	Name       string
	Fault      string
	Last       bool     // the last treasurer, who cannot go yet
	Alone      []string // members for whom nobody else acts
	Members    []string // all members for which the person acts
	Roles      []string
	Contacts   []string // members whose contact has the same address
	Open       int      // opportunities that stand
	Treasurers string   // the address at which treasurers are reached; "" for none
}

func (m *mine) erasure() error { return m.eraseForm(http.StatusOK, "") }

func (m *mine) eraseForm(status int, fault string) error {
	ctx := m.v.r.Context()
	people, err := m.p.o.Roll.People(ctx)
	if err != nil {
		return err
	}
	k, err := m.p.o.Roll.Kept(ctx, m.actor, m.person())
	if err != nil {
		return err
	}
	page := erasurePage{Person: m.person(), Name: m.actor.Label, Fault: m.say(fault), Contacts: k.Contacts, Roles: m.rolesInWords(m.actor.Roles), Treasurers: m.p.o.Federation.Treasurers}
	acting, treasurers := map[member.ID]int{}, 0
	for _, p := range people {
		for _, d := range p.Delegates {
			acting[d.Member]++
		}
		if slices.Contains(p.Roles, member.Treasurer) {
			treasurers++
		}
	}
	page.Last = m.actor.Has(member.Treasurer) && treasurers == 1
	for _, d := range k.Person.Delegates {
		page.Members = append(page.Members, d.Name)
		if acting[d.Member] == 1 {
			page.Alone = append(page.Alone, d.Name)
		}
	}
	for i := range k.Opportunities {
		if k.Opportunities[i].Open(m.p.o.Now()) {
			page.Open++
		}
	}
	return m.p.show(m.v, status, "erase", m.say("Have yourself erased"), page)
}

// eraseOnce erases who is signed in. Who pressed twice is signed out by the first
// press, and is told the same.
func eraseOnce(p *Pages, v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	if id := member.PersonID(v.r.PostForm.Get("person")); id != "" {
		gone, err := p.isGone(v, id)
		if err != nil {
			return err
		}
		if gone {
			return p.goTo(v, erasedPath)
		}
	}
	return signedIn(erasurePath, (*mine).erase)(p, v)
}

// isGone says that nobody is known by an id.
func (p *Pages) isGone(v *visit, id member.PersonID) (bool, error) {
	people, err := p.o.Roll.People(v.r.Context())
	for _, one := range people {
		if one.ID == id {
			return false, err
		}
	}
	return true, err
}

func (m *mine) erase() error {
	if m.sent("sure") != "yes" {
		return m.eraseForm(http.StatusUnprocessableEntity, "Nothing was erased: tick the box, if you are sure.")
	}
	if m.sent("person") != string(m.person()) {
		return m.eraseForm(http.StatusConflict, "Nothing was erased: this form was for somebody else, who was signed in here before.")
	}
	by := roll.By{Actor: m.actor, Reason: roll.AskedOnPage}
	if err := m.p.o.Roll.RemovePerson(m.v.r.Context(), by, m.person()); err != nil {
		if gone, look := m.p.isGone(m.v, m.person()); look == nil && gone { // by a first press
			return m.p.goTo(m.v, erasedPath)
		}
		return m.refused(err, "Nothing was erased", "", erasurePath, "Back")
	}
	gone, err := m.p.o.SignIn.SignOut(m.v.r, false)
	if err != nil {
		return err
	}
	http.SetCookie(m.v.w, gone)
	return m.p.goTo(m.v, erasedPath)
}

func (p *Pages) erased(v *visit) error {
	return p.show(v, http.StatusOK, "erased", v.lang.Say("Erased"), p.o.Federation)
}
