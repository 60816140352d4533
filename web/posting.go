package web

import (
	"errors"
	"net/http"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// postPath is where the form for an opportunity is, and goes.
const postPath = "/opportunities/new"

// postingPage is the form, with what was typed and what is wrong with it.
type postingPage struct {
	Faults                          []phrase
	Members                         []postingFor
	Title, Summary, Contact         string
	URL, Budget, PublicFrom, Closes string
	Zone, Today                     string
	Key                             string // by which a second press is known
}

type postingFor struct {
	ID     member.ID // "" for the federation itself
	Name   string
	Chosen bool
}

// maySpeak says who may tell of work: delegates, and those with an office.
func maySpeak(who member.Actor) bool { return len(who.Delegates) > 0 || len(who.Roles) > 0 }

var mayNotPost = notice{"Not for you to post", "Opportunities are told by delegates of members, and by those with an office.", "/opportunities", "All opportunities"}

func (m *mine) opportunityForm() error {
	if !maySpeak(m.actor) {
		m.p.problem(m.v, http.StatusForbidden, mayNotPost)
		return nil
	}
	return m.posting(http.StatusOK, postingPage{})
}

// posting answers with the form.
func (m *mine) posting(status int, page postingPage) error {
	names, err := m.names()
	if err != nil {
		return err
	}
	chosen := member.ID(m.sent("member"))
	for _, id := range m.actor.Delegates {
		page.Members = append(page.Members, postingFor{id, names[id], id == chosen})
	}
	if len(m.actor.Roles) > 0 {
		page.Members = append(page.Members, postingFor{"", m.say("the federation itself"), chosen == "" && len(m.actor.Delegates) == 0})
	}
	page.Zone, page.Today, page.Key = m.p.o.Zone.String(), decisions.DayOf(m.p.o.Now(), m.p.o.Zone).String(), store.NewID("form")
	return m.p.show(m.v, status, "posting", m.say("Post an opportunity"), page)
}

// dayOf reads a day of the form, in the federation's zone: its first instant, or,
// with after, the first instant after it; 0 for none.
func (m *mine) dayOf(name, what string, after bool, faults *[]phrase) instant.Instant {
	text := m.typed(name)
	if text == "" {
		return 0
	}
	d, err := decisions.ParseDay(text)
	if err != nil {
		*faults = append(*faults, phrase{Text: capital(m.sayf("%s is no day: write it as 2026-07-01", m.say(what))) + "."})
		return 0
	}
	if after {
		return d.End(m.p.o.Zone)
	}
	return d.Add(-1).End(m.p.o.Zone)
}

func (m *mine) postOpportunity() error {
	if !maySpeak(m.actor) {
		m.p.problem(m.v, http.StatusForbidden, mayNotPost)
		return nil
	}
	page := postingPage{Title: m.sent("title"), Summary: m.words(), Contact: m.sent("contact"), URL: m.sent("url"), Budget: m.sent("budget"), PublicFrom: m.sent("public_from"), Closes: m.sent("closes")}
	n := roll.NewOpportunity{Title: page.Title, Summary: page.Summary, Contact: page.Contact, URL: page.URL, Budget: page.Budget, Member: member.ID(m.sent("member")), Key: m.sent("key")}
	n.PublicFrom = m.dayOf("public_from", "the day from which everybody reads it", false, &page.Faults)
	n.Closes = m.dayOf("closes", "the last day", true, &page.Faults)
	if today := decisions.DayOf(m.p.o.Now(), m.p.o.Zone); page.PublicFrom == today.String() {
		n.PublicFrom = m.p.o.Now().Add(time.Minute) // today is from now on, and not in the past once it is written
	}
	var err error
	if len(page.Faults) == 0 {
		_, err = m.p.o.Roll.PostOpportunity(m.v.r.Context(), m.by(), n)
	}
	if refused, is := errors.AsType[*roll.Refused](err); is {
		page.Faults = append(page.Faults, sentences(m.retold(refused.Reasons...))...)
	} else if err != nil {
		return err
	}
	if len(page.Faults) > 0 {
		return m.posting(http.StatusUnprocessableEntity, page)
	}
	return m.p.goTo(m.v, "/opportunities?posted=yes")
}

func (m *mine) closeOpportunity() error {
	if err := m.p.o.Roll.CloseOpportunity(m.v.r.Context(), m.by(), m.v.segment); err != nil {
		return m.refused(err, "Not closed", "", "/opportunities", "All opportunities")
	}
	return m.p.goTo(m.v, "/opportunities?closed=yes")
}
