package web

import (
	"errors"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// proposePath is where something is proposed.
const proposePath = "/decisions/new"

// proposeRoutes are the form for proposals, and where it goes.
func proposeRoutes() []route {
	const edit = "/decisions/{decision}/edit"
	return []route{
		{method: http.MethodGet, path: proposePath, answer: signedIn("", (*mine).proposeNew), who: persons},
		{method: http.MethodPost, path: proposePath, answer: signedIn(proposePath, (*mine).propose), who: persons},
		{method: http.MethodGet, path: edit, answer: signedIn("", (*mine).editDraft), who: persons},
	}
}

// proposePage is the form, with what was typed, what is wrong with it, and how it
// would be told.
type proposePage struct {
	proposeForm
	New        bool
	WhyNot     []memberWhy // why nobody whom one acts for may propose; the form is not shown then
	Problem    string      // what was not done; "" for nothing
	Faults     []phrase
	Saved      bool // it was just saved
	Members    []postingFor
	Applicants []postingFor
	Sizes      []sizeChoice
	Zone       string
	Today      string
	Rooms      []string // where the federation talks, to choose from
	Preview    *previewPart
}

// memberWhy is why one may not do something for a member.
type memberWhy struct {
	Name    string
	Reasons []string
}

func (m *mine) proposeNew() error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	form, err := m.emptyForm(r, m.v.r.URL.Query())
	if err != nil {
		return err
	}
	return m.proposing(r, http.StatusOK, &proposePage{proposeForm: form, New: true})
}

// editDraft shows a draft in the form.
func (m *mine) editDraft() error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	v, err := m.viewed(r)
	if v == nil || err != nil {
		return err
	}
	id := r.editsFor(&v.Decision)
	if v.Decision.State != decisions.Draft || id == "" {
		return m.p.goTo(m.v, "/decisions/"+key(v))
	}
	page := proposePage{proposeForm: formOf(v, id), Saved: m.v.r.URL.Query().Get("saved") == "yes"}
	return m.proposing(r, http.StatusOK, &page)
}

// editsFor is the member for which the visitor may change a draft: the one that
// proposed it, or, of one that a file told of and nobody has taken up, the visitor's
// first; "" for none.
func (r *reading) editsFor(d *decisions.Decision) member.ID {
	who := r.v.actor
	switch {
	case who.DelegateOf(d.Proposer):
		return d.Proposer
	case d.Untaken() && len(who.Delegates) > 0:
		return who.Delegates[0]
	}
	return ""
}

// proposing answers with the form.
func (m *mine) proposing(r *reading, status int, page *proposePage) error {
	m.forWhom(r, page)
	if len(page.Members) == 0 {
		return m.p.show(m.v, http.StatusForbidden, "propose", m.say("You cannot propose now"), page)
	}
	for id, verdict := range r.Voters {
		if r.inside && verdict.Membership == decisions.Applied { // who has applied is nothing for other applicants, whatever form they send
			page.Applicants = append(page.Applicants, postingFor{id, r.Book.Name(id), id == page.Applicant})
		}
	}
	arrange.By(page.Applicants, func(a, b postingFor) int {
		return strings.Compare(a.Name+"\x00"+string(a.ID), b.Name+"\x00"+string(b.ID))
	})
	version, ok := r.Book.Policy(r.At)
	if !ok {
		m.p.problem(m.v, http.StatusServiceUnavailable, notReadPage)
		return nil
	}
	page.Sizes = r.sizesOf(version.Decisions)
	page.Rooms = m.p.o.Federation.Rooms
	page.Zone, page.Today = m.p.o.Zone.String(), decisions.DayOf(r.At, m.p.o.Zone).String()
	page.Faults = sentences(page.Faults)
	title := m.say("Propose a decision")
	if !page.New {
		title = m.say("Your draft")
	}
	return m.p.show(m.v, status, "propose", title, page)
}

// forWhom lists the members for which the visitor may propose now, or else why for
// none. The chair looks again when it is sent.
func (m *mine) forWhom(r *reading, page *proposePage) {
	person, known := r.Book.Person(m.person())
	for _, id := range m.actor.Delegates {
		if !page.New && id != page.Member { // a draft stays its member's
			continue
		}
		var why []decisions.Reason
		if known && page.New {
			why = chair.MayPropose(&person, id, r.Voters, r.At)
		}
		if len(why) == 0 || page.Problem != "" && id == page.Member { // what was typed stays, whatever the reasons
			page.Members = append(page.Members, postingFor{id, r.Book.Name(id), id == page.Member})
			continue
		}
		one := memberWhy{Name: r.Book.Name(id)}
		for _, text := range r.texts(why, id) {
			one.Reasons = append(one.Reasons, capital(text))
		}
		page.WhyNot = append(page.WhyNot, one)
	}
	if len(page.Members) > 0 {
		page.WhyNot = nil
	}
}

// sizesOf are the sizes with the words of each one's rule.
func (r *reading) sizesOf(rules decisions.Rules) (out []sizeChoice) {
	for _, size := range decisions.Sizes() {
		words := r.say("Get on and do a thing. It is noted with its date, and nobody is asked; a member that wants it decided can escalate it.")
		if of := rules.Of(size); size != decisions.Small {
			words = r.sayf("%s’ notice. It passes if %s.", r.count(of.Notice, "day", "days"), r.clauses(of))
		}
		out = append(out, sizeChoice{string(size), words, r.say(string(size))})
	}
	return out
}

// propose shows how the proposal would be told, keeps it as a draft, or opens it.
func (m *mine) propose() error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	page := proposePage{proposeForm: m.sentForm()}
	page.New = page.Seen == notThere
	p, faults, err := page.proposal()
	if err != nil {
		return err
	}
	if p.Applicant != "" && r.Voters[p.Applicant].Membership != decisions.Applied {
		faults = append(faults, "whom it admits has not applied, or is a member already")
	}
	if len(faults) > 0 {
		page.Problem, page.Faults = m.say("Nothing was saved yet"), m.retold(faults...)
		return m.proposing(r, http.StatusUnprocessableEntity, &page)
	}
	by := chair.By{Actor: m.actor, Member: page.Member, Seen: page.Seen}
	if todo := m.sent("do"); todo == "draft" || todo == "open" {
		return m.save(r, &page, by, p, todo == "open")
	}
	seen, err := m.p.o.Chair.Preview(m.v.r.Context(), page.ID, by, p)
	if reasons, is := m.reasons(err); is {
		page.Problem, page.Faults = m.say("This cannot be proposed so"), reasons
		return m.proposing(r, http.StatusConflict, &page)
	}
	if err != nil {
		return err
	}
	if page.Preview, err = m.previewOf(r, &seen); err != nil {
		return err
	}
	return m.proposing(r, http.StatusOK, &page)
}

// save keeps the draft, and opens it, or notes it if it is small. What was opened
// before by the same form is shown, and nothing is done twice.
func (m *mine) save(r *reading, page *proposePage, by chair.By, p decisions.Proposal, open bool) error {
	ctx := m.v.r.Context()
	saved, err := m.p.o.Chair.Save(ctx, page.ID, by, p)
	if _, unknown := errors.AsType[*chair.NotFound](err); unknown {
		err = &roll.Refused{Reasons: []string{"this form is not whole any more: open a new one, and copy into it what you wrote"}}
	}
	if _, moved := errors.AsType[*chair.Moved](err); moved {
		err = &roll.Refused{Reasons: []string{"this draft was saved meanwhile with another text: look at it among your drafts, and change it there"}}
	}
	if reasons, is := m.reasons(err); is {
		page.Problem, page.Faults = m.say("It was not saved"), reasons
		return m.proposing(r, http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	address := "/decisions/" + string(page.ID)
	switch {
	case saved.Decision.State != decisions.Draft:
		return m.p.goTo(m.v, "/decisions/"+key(&chair.View{ID: page.ID, Decision: saved.Decision}))
	case !open:
		return m.p.goTo(m.v, address+"/edit?saved=yes")
	}
	act, d := m.p.o.Chair.Open, deedNamed("open")
	if p.Size == decisions.Small {
		act, d = m.p.o.Chair.Log, deedNamed("log")
	}
	by.Seen = saved.Head
	result, err := act(ctx, page.ID, by)
	if address, done := m.openedMeanwhile(page.ID, &p, err); done {
		return m.p.goTo(m.v, address)
	}
	if reasons, is := m.reasons(err); is {
		page.New, page.Seen = false, saved.Head
		page.Problem, page.Faults = m.say("It is kept as a draft, and was not opened"), reasons
		return m.proposing(r, http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	return m.receipt(d, &result, "/decisions/"+key(&chair.View{ID: page.ID, Decision: result.Decision}), by.Member)
}

// openedMeanwhile says that an opening was refused because the same form, sent twice
// at once, has opened it, and where it is.
func (m *mine) openedMeanwhile(id chair.ID, p *decisions.Proposal, err error) (address string, done bool) {
	if _, is := m.reasons(err); !is {
		return "", false
	}
	v, err := m.p.o.Chair.Read(m.v.r.Context(), id)
	if err != nil || v.Decision.State == decisions.Draft || v.Decision.Proposal != *p {
		return "", false
	}
	return "/decisions/" + key(&v), true
}
