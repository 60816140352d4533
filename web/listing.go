package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// listingPath is where a member's entry in the list of providers is written.
const listingPath = homePath + "/listing"

// listingPage is the entry, what it takes to be listed, and how it looks.
type listingPage struct {
	ID         member.ID
	Name       string
	Others     []voiceLink // where somebody acts for several members
	OnBehalf   bool        // a treasurer, for a member that is not the treasurer's own
	Approves   bool        // the visitor may say yes to entries
	Done       string      // what was just done; "" for nothing
	Listed     bool
	Conditions []conditionLine
	Card       providerCard
	Places     []linked // where everybody finds the entry, once it is shown
	Nameless   bool     // an individual that chose no public name

	Fault                    listingFault
	Entry                    entryForm
	HasLogo                  bool
	Agreed                   bool
	Words, GivenBy, ToAgree  string // the words of the consent, as given; as they would be
	Noted                    string // the words that a treasurer typed for the consent
	Given                    moment
	PublicName, Website, Sum string // what the list of members shows
}

// conditionLine is one thing that a listing needs, with where to see to it.
type conditionLine struct {
	OK          bool
	Words, Href string
	Link        string
}

// entryForm is the entry as it is typed.
type entryForm struct {
	URL, Summary, ContactLabel, ContactHref, Place, Services, Languages string
}

// listingFault is what is wrong with a form of the page that was sent.
type listingFault struct {
	Form    string // "entry", "logo", "consent" or "face"; "" for none
	Reasons []phrase
	Fields  map[string]string // faults of one field each, by its name
}

// Of is the fault of a field; "" for none.
func (f listingFault) Of(field string) string { return f.Fields[field] }

// In says whether the form was refused.
func (f listingFault) In(form string) bool { return f.Form == form }

// entryNames are the fields of the entry as the register names them, and as the page
// does.
var entryNames = map[string]string{
	"url": "Website", "summary": "What you do", "contact_label": "Words on the contact button", "contact_href": "Where the contact button leads",
	"place": "Place", "services": "Services", "languages": "Languages", "logo": "Logo",
}

var notYours = notice{"Not for you to change", "The entry of a member is written by its delegates, and by treasurers.", listingPath, "Your members"}

// listingDone says what a form did, by the word in the address.
var listingDone = map[string]string{
	"entry": "The entry is saved, and shows everywhere within a few seconds.", "logo": "The logo is saved, and shows everywhere within a few seconds.", "logo-gone": "The logo is removed, and goes from all pages within a few seconds.",
	"consent": "It is noted that the member agrees to be listed.", "withdrawn": "The member is not listed any more, within a few seconds. Its entry is kept here, unseen.",
	"face": "What the list of members shows is saved, and shows everywhere within a few seconds.", "same": "Nothing was different, so nothing was changed.",
}

// listingOf is the member whose entry is asked for, and whether the visitor may edit
// it. The register looks again in its transaction.
func (m *mine) listingOf() (id member.ID, ok bool) {
	if id = member.ID(m.v.r.URL.Query().Get("for")); m.v.r.Method == http.MethodPost {
		id = member.ID(m.sent("member"))
	}
	if id == "" && len(m.actor.Delegates) > 0 && m.v.r.Method != http.MethodPost {
		id = m.actor.Delegates[0]
	}
	return id, id != "" && (m.actor.DelegateOf(id) || m.actor.Has(member.Treasurer))
}

func (m *mine) listing() error {
	id, ok := m.listingOf()
	switch {
	case id == "":
		return m.p.show(m.v, http.StatusOK, "listing", m.say("Listing"), listingPage{Approves: approves(m.actor)})
	case !ok:
		m.p.problem(m.v, http.StatusForbidden, notYours)
		return nil
	}
	return m.entry(http.StatusOK, id, listingFault{})
}

// approves says who may say yes to entries (domain.md, section 3).
func approves(who member.Actor) bool { return who.Has(member.Treasurer) || who.Has(member.Facilitator) }

// entry answers with the page, and with what was typed where a form was refused.
func (m *mine) entry(status int, id member.ID, fault listingFault) error {
	l, err := m.p.o.Roll.Listing(m.v.r.Context(), m.actor, id)
	if _, is := refused(err); is {
		m.p.problem(m.v, http.StatusForbidden, notYours)
		return nil
	}
	if err != nil {
		return err
	}
	r := &reading{p: m.p, v: m.v}
	page := listingPage{ID: id, Name: l.Name, OnBehalf: !m.actor.DelegateOf(id), Approves: approves(m.actor), Listed: l.Listed, Card: r.providerCard(&l.Entry), Fault: fault,
		Nameless: l.Entry.Name == roll.NamelessIndividual, HasLogo: l.Entry.Uploaded != "", Agreed: l.Agrees, Words: l.Consent.Words, GivenBy: l.Consent.GivenBy,
		Given: m.day(l.Consent.Given), ToAgree: m.consentWords(&l), PublicName: l.Face.PublicName, Website: l.Face.Website, Sum: l.Face.Summary,
		Entry: entryForm{l.Entry.URL, l.Entry.Summary, l.Entry.ContactLabel, l.Entry.ContactHref, l.Entry.Place, strings.Join(l.Entry.Services, "\n"), strings.Join(l.Entry.Languages, ", ")}}
	if fault.Form == "" && status == http.StatusOK {
		page.Done = m.say(listingDone[m.v.r.URL.Query().Get("done")])
	}
	switch fault.Form { // what was typed stays
	case "entry":
		page.Entry = entryForm{m.sent("url"), m.sent("summary"), m.sent("contact_label"), m.sent("contact_href"), m.sent("place"), m.sent("services"), m.sent("languages")}
	case "consent":
		page.Noted = m.sent("words")
	case "face":
		page.PublicName, page.Website, page.Sum = m.sent("public_name"), m.sent("website"), m.sent("summary")
	}
	page.Conditions, page.Places = m.conditionLines(&l), m.placesOf(&l)
	return m.named(status, &page)
}

// named adds the other members for which somebody acts, and answers.
func (m *mine) named(status int, page *listingPage) error {
	if len(m.actor.Delegates) > 1 || page.OnBehalf {
		names, err := m.names()
		if err != nil {
			return err
		}
		for _, other := range m.actor.Delegates {
			page.Others = append(page.Others, voiceLink{names[other], listingAddress(other, ""), other == page.ID})
		}
	}
	return m.p.show(m.v, status, "listing", m.say("Listing"), page)
}

// listingAddress is the page of a member's entry.
func listingAddress(id member.ID, done string) string {
	q := url.Values{"for": {string(id)}}
	if done != "" {
		q.Set("done", done)
	}
	return listingPath + "?" + q.Encode()
}

// conditionLines are what a listing needs, each with the form that sees to it.
func (m *mine) conditionLines(l *roll.Listing) (out []conditionLine) {
	links := map[string][2]string{roll.NeedsProfile: {"#entry", "Write the entry"}, roll.NeedsConsent: {"#consent", "Read what you agree to"}, roll.NeedsDues: {homePath, "See how the dues stand"}}
	for _, c := range l.Conditions {
		line := conditionLine{OK: c.OK, Words: told(m.v.lang, c.Words).Text + "."}
		if to, ok := links[c.Code]; ok && !c.OK {
			line.Href, line.Link = to[0], m.say(to[1])
		}
		out = append(out, line)
	}
	return out
}

// consentWords are what a member agrees to by the box; they are kept as they are.
func (m *mine) consentWords(l *roll.Listing) string {
	name := l.Entry.Name
	if name == roll.NamelessIndividual {
		name = m.say("This member, without its name,")
	}
	return m.sayf("%s agrees to be shown to everybody in the list of recommended providers of %s, with all that its entry says, here and on websites that show the list. It may take that back at any time, and is then taken off the list here at once.", name, m.p.o.Federation.Name)
}

// placesOf are where everybody finds the entry.
func (m *mine) placesOf(l *roll.Listing) []linked {
	page := "/providers"
	if memory, ok := m.p.o.Memory(m.p.o.Now()); ok {
		i := slices.IndexFunc(memory.Providers, func(p roll.Provider) bool { return p.ID == l.ID })
		if n := i/mostProviders + 1; i >= 0 && n > 1 {
			page += "?page=" + strconv.Itoa(n)
		}
	}
	return []linked{{Text: m.say("The list of providers"), Href: page + "#" + string(l.ID)}, {Text: m.say("The list as other websites show it"), Href: framePath}, {Text: m.say("The list of members, where a tick says that it is a provider"), Href: "/members"}}
}
