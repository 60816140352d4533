package web

import (
	"errors"
	"net/http"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// amendRoutes are the form in which a proposer changes the text of a decision that is
// open, and where it goes.
func amendRoutes() []route {
	const amend = "/decisions/{decision}/amend"
	return []route{
		{method: http.MethodGet, path: amend, answer: signedIn("", (*mine).amendForm), who: persons},
		{method: http.MethodPost, path: amend, answer: signedIn(amend, (*mine).amend), who: persons},
	}
}

// amendPage is the form, with what was typed and what is wrong with it.
type amendPage struct {
	Address, Name, Head string
	Member              member.ID
	Text                decisions.Text
	Policy              bool   // it puts rules in force
	Editorial, Material bool   // what was chosen
	Notice              string // what follows for the deadline from a material one
	Problem             string
	Faults              []phrase
	WhyNot              []string // why the visitor may not amend it; the form is not shown then
	Fields              []comparedField
}

var amending = deed{path: "amend", refused: "The text was not amended", done: "The amendment"}

func (m *mine) amendForm() error {
	r, v, page, err := m.amendable()
	if page == nil || err != nil {
		return err
	}
	page.Text = v.Decision.Proposal.Text
	status := http.StatusOK
	if page.WhyNot = r.texts(r.against(v, decisions.Amend, page.Member), page.Member); len(page.WhyNot) > 0 {
		status = http.StatusForbidden
	}
	return m.amendShown(status, page)
}

// amendable is the decision that the address names, and the empty form for it; nil
// where that was answered.
func (m *mine) amendable() (*reading, *chair.View, *amendPage, error) {
	r, ok := m.reading()
	if !ok {
		return nil, nil, nil, nil
	}
	v, err := m.viewedWhole(r)
	if v == nil || err != nil {
		return nil, nil, nil, err
	}
	d := &v.Decision
	page := &amendPage{Address: "/decisions/" + key(v), Name: nameOf(m.v.lang, d), Head: v.Head.Hash, Policy: d.Proposal.Kind == decisions.Policy,
		Notice: r.sayf("%s, until the end of %s (%s)", r.count(d.Rule().Notice, "day", "days"), decisions.DayOf(r.At, d.Zone).Add(d.Rule().Notice).WordsIn(m.v.lang), d.Zone)}
	if m.actor.DelegateOf(d.Proposer) {
		page.Member = d.Proposer
	} else if len(m.actor.Delegates) > 0 {
		page.Member = m.actor.Delegates[0]
	}
	return r, v, page, nil
}

func (m *mine) amendShown(status int, page *amendPage) error {
	page.Faults = sentences(page.Faults)
	return m.p.show(m.v, status, "amend", m.sayf("Amend: %s", page.Name), page)
}

// amend changes the text, or shows beside each other what is and what would be.
func (m *mine) amend() error {
	r, v, page, err := m.amendable()
	if page == nil || err != nil {
		return err
	}
	f := m.sentForm()
	by := m.acting()
	page.Head, page.Member = by.Seen, by.Member
	page.Editorial, page.Material = m.sent("change") == "editorial", m.sent("change") == "material"
	page.Text = decisions.Text{Title: f.Title, Changes: f.Changes, Affects: f.Affects, Channel: f.Channel, Link: f.Link, Attachment: f.Attachment}
	text, faults, err := f.amended(&v.Decision.Proposal)
	if err != nil {
		return err
	}
	if m.sent("do") == "preview" && len(faults) == 0 {
		page.Fields = r.comparedTexts(&v.Decision.Proposal.Text, &text)
		return m.amendShown(http.StatusOK, page)
	}
	if !page.Editorial && !page.Material {
		faults = append(faults, "choose whether it changes the meaning")
	}
	if len(faults) > 0 {
		page.Problem, page.Faults = m.say(amending.refused), m.retold(faults...)
		return m.amendShown(http.StatusUnprocessableEntity, page)
	}
	result, err := m.p.o.Chair.Amend(m.v.r.Context(), v.ID, by, func(t *decisions.Text) { *t = text }, page.Editorial)
	if reasons, is := m.reasons(err); is {
		page.Problem, page.Faults = m.say(amending.refused), reasons
		if _, moved := errors.AsType[*chair.Moved](err); moved {
			page.Problem, page.Head = m.say("It has moved on since you read it. Look at it, and send this again if it still holds"), v.Head.Hash
		}
		return m.amendShown(http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	return m.receipt(&amending, &result, page.Address, by.Member)
}

// amended is the text as it would be, with everything in it that is none.
func (f *proposeForm) amended(p *decisions.Proposal) (t decisions.Text, faults []string, err error) {
	t = decisions.Text{Title: f.Title, Changes: f.Changes, Affects: f.Affects, Channel: f.Channel, Link: f.Link, Attachment: p.Attachment}
	faults = f.tooLong()
	if p.Kind != decisions.Policy || len(faults) > 0 || f.Attachment == p.Attachment {
		return t, faults, nil
	}
	version, err := roll.ReadVersion(f.Attachment)
	if no, ok := errors.AsType[*roll.Refused](err); ok {
		return t, no.Reasons, nil
	}
	if err == nil && version.ID() != p.Version {
		faults = []string{"the rules keep their id “" + p.Version + "”: it was proposed under that one"}
	}
	t.Attachment = version.Text
	return t, faults, err
}
