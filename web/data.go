package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// dataPath is where one reads what is kept about oneself; with .json one takes it
// away.
const dataPath = homePath + "/data"

// keptPart is one sort of thing that is kept about a person: the values, from where
// they came, and who sees them.
type keptPart struct {
	Title string      `json:"title"`
	From  string      `json:"from"`
	Who   string      `json:"who"`
	Rows  []keptValue `json:"values"`
	// More is where the page shows what it does not repeat; "" for nowhere.
	More string `json:"-"`
}

// keptValue is one value. At is an instant that it is about; "" for none.
type keptValue struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	At    string `json:"at,omitempty"`
	when  moment
}

// When is the instant for people.
func (k keptValue) When() moment { return k.when }

type dataPage struct {
	Parts      []keptPart
	Treasurers string // the address at which treasurers are reached; "" for none
}

func (m *mine) value(name, value string, at instant.Instant) keptValue {
	v := keptValue{Name: name, Value: value, when: m.minute(at)}
	v.At = v.when.Stamp
	return v
}

func (m *mine) data() error {
	page := dataPage{Treasurers: m.p.o.Federation.Treasurers}
	var err error
	if page.Parts, err = m.keptAbout(false); err != nil {
		return err
	}
	return m.p.show(m.v, http.StatusOK, "data", m.say("What we keep about you"), page)
}

// dataJSON is the same, with each notice and each entry, as a file to take away.
func (m *mine) dataJSON() error {
	m.v.lang = tongue.English()
	parts, err := m.keptAbout(true)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(struct {
		Federation string     `json:"federation"`
		Person     string     `json:"person"`
		At         string     `json:"at"`
		Kept       []keptPart `json:"kept"`
	}{m.p.o.Federation.Name, m.actor.ID, m.minute(m.p.o.Now()).Stamp, parts}, "", "  ")
	if err != nil {
		return err
	}
	h := m.v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="kept-about-me.json"`)
	m.v.w.WriteHeader(http.StatusOK)
	_, _ = m.v.w.Write(append(content, '\n')) // a client that went away is no fault of ours
	return nil
}

// keptAbout is what is kept about who is signed in, but for the reasons that others
// wrote, which may tell of somebody else; whole repeats also
// what has a page of its own.
func (m *mine) keptAbout(whole bool) ([]keptPart, error) {
	k, err := m.p.o.Roll.Kept(m.v.r.Context(), m.actor, m.person())
	if err != nil {
		return nil, err
	}
	parts := []keptPart{m.keptNames(&k), m.keptOffices(&k)}
	signed, err := m.keptSessions(&k)
	if err != nil {
		return nil, err
	}
	told, err := m.keptNotices(&k, whole)
	if err != nil {
		return nil, err
	}
	parts = append(parts, signed, told, m.keptDecisions(whole), m.keptMotions(&k), m.keptOpportunities(&k, whole))
	if len(k.Signs) > 0 {
		parts = append(parts, m.keptSigns(&k, whole))
	}
	if len(k.Applications) > 0 {
		parts = append(parts, m.keptApplications(&k))
	}
	return append(parts, keptPart{Title: m.say("Who did what"), From: m.say("The program, as people act."), Who: m.say("Treasurers, and whoever runs the program. It holds ids, and stays when you are erased. The reasons that others wrote about you are not shown here, since they may tell of others: ask whoever runs the program for them."),
		Rows: []keptValue{m.value(m.say("Changes that you made"), fmt.Sprint(k.Did), 0), m.value(m.say("Changes about you"), fmt.Sprint(k.About), 0)}}), nil
}

func (m *mine) keptNames(k *roll.Kept) keptPart {
	part := keptPart{Title: m.say("You"), From: m.say("Whoever added you: a treasurer, another delegate, or a list that was imported."), Who: m.say("You, the delegates of the same member, and treasurers."),
		Rows: []keptValue{m.value(m.say("Name"), k.Person.Name, 0), m.value(m.say("E-mail address"), k.Person.Email, 0), m.value(m.say("Id, which stands for you everywhere else"), string(m.person()), 0)}}
	if k.Bounced != 0 {
		part.Rows = append(part.Rows, m.value(m.say("Mails to this address come back"), "", k.Bounced))
	}
	for _, name := range k.Contacts {
		part.Rows = append(part.Rows, m.value(m.say("The address is a contact of"), name, 0))
	}
	return part
}

func (m *mine) keptOffices(k *roll.Kept) keptPart {
	part := keptPart{Title: m.say("Offices, and whom you act for"), From: m.say("Treasurers, and delegates of the same member."), Who: m.say("You, the delegates of the same member, and those with an office.")}
	for _, role := range m.rolesInWords(k.Person.Roles) {
		part.Rows = append(part.Rows, m.value(m.say("Office"), role, 0))
	}
	for _, d := range k.Person.Delegates {
		name := m.say("Delegate of")
		if k.Settled[d.Member] {
			name = m.say("Delegate, confirmed, of")
		}
		part.Rows = append(part.Rows, m.value(name, d.Name, k.Since[d.Member]))
	}
	for _, c := range k.Consents {
		part.Rows = append(part.Rows, m.value(m.say("You agreed that it is listed as a provider:"), c.Name, 0))
		if c.Words != "" {
			part.Rows = append(part.Rows, m.value(m.say("in these words"), c.Words, 0))
		}
	}
	if k.Confirming > 0 {
		part.Rows = append(part.Rows, m.value(m.say("Links by which a member’s contact confirms you that are not removed yet"), fmt.Sprint(k.Confirming), 0))
	}
	return part
}

var wayWords = map[store.Way]string{store.ByMail: "a mailed link", store.ByPrinted: "a printed link", store.ByOpenID: "the sign-in service"}

func (m *mine) keptSessions(k *roll.Kept) (keptPart, error) {
	part := keptPart{Title: m.say("Signing in"), From: m.say("You, as you sign in, make tokens or link your Matrix name."), Who: m.say("You. Whoever runs the program could see that you are signed in, and not the link, the cookie or the token itself: of those a hash is kept.")}
	sessions, err := m.p.o.SignIn.Sessions(m.v.r.Context(), m.person())
	if err != nil {
		return part, err
	}
	for _, s := range sessions {
		part.Rows = append(part.Rows, m.value(m.sayf("Signed in, by %s", m.say(wayWords[s.Way])), "", s.Created), m.value(m.say("which ends, if not before"), "", s.Expires))
	}
	if k.Links > 0 {
		part.Rows = append(part.Rows, m.value(m.say("Links to sign in that are not removed yet"), fmt.Sprint(k.Links), 0))
	}
	for _, t := range k.Tokens {
		var scopes []string
		for _, s := range t.Scopes {
			scopes = append(scopes, string(s))
		}
		part.Rows = append(part.Rows, m.value(m.sayf("Token “%s”", t.Name), strings.Join(scopes, ", "), t.Created))
		if t.Used != 0 {
			part.Rows = append(part.Rows, m.value(m.say("which was last used, to within an hour"), "", t.Used))
		}
	}
	if k.Matrix != "" {
		part.Rows = append(part.Rows, m.value(m.say("Matrix name, by whose signs in the room you vote"), k.Matrix, 0))
	}
	return part, nil
}

func (m *mine) keptNotices(k *roll.Kept, whole bool) (keptPart, error) {
	part := keptPart{Title: m.say("Mails"), From: m.say("The program, as it writes to you; you, as you choose."), Who: m.say("You and treasurers. The texts of the mails are not kept."), More: NoticesPath}
	language := k.Wish.Language
	switch {
	case language == "":
		language = m.say("not chosen")
	case !whole:
		language = (&reading{p: m.p, v: m.v}).languageWords(language)
	}
	part.Rows = append(part.Rows, m.value(m.say("Language"), language, 0))
	for _, kind := range k.Wish.Declined {
		part.Rows = append(part.Rows, m.value(m.say("Declined"), m.say(roll.NoticeWords(kind)), 0))
	}
	list, err := m.p.o.Roll.Notices(m.v.r.Context(), roll.NoticesQuery{Person: m.person()})
	if err != nil {
		return part, err
	}
	part.Rows = append(part.Rows, m.value(m.say("Notices to you, sent or not"), fmt.Sprint(len(list)), 0))
	for i := range list {
		if n := &list[i]; whole {
			part.Rows = append(part.Rows, m.value(n.Words+about(n.About), n.StateWords, n.LastStep()))
		}
	}
	return part, nil
}

func about(what string) string {
	if what == "" {
		return ""
	}
	return ", about " + what
}

// keptDecisions are the entries of decisions' chains that the person made.
func (m *mine) keptDecisions(whole bool) keptPart {
	part := keptPart{Title: m.say("Decisions"), From: m.say("You, as you answer and propose for a member."), Who: m.say("Members read what a member answered, and everybody, where the rules say so. Which of its delegates did is told to the others, and read by whoever runs the program.")}
	memory, ok := m.p.o.Memory(m.p.o.Now())
	if !ok {
		return part
	}
	for i := range memory.Views {
		v, n := &memory.Views[i], 0
		var each []keptValue
		for j := range v.Events {
			ev := &v.Events[j]
			if ev.By.Person == m.person() || ev.Second.Person == m.person() {
				n++
				each = append(each, m.value(nameOf(m.v.lang, &v.Decision)+", for "+memory.Book.Name(ev.By.Member), ev.InWords(), ev.At))
			}
		}
		if whole {
			part.Rows = append(part.Rows, each...)
		} else if n > 0 {
			part.Rows = append(part.Rows, m.value(nameOf(m.v.lang, &v.Decision), m.count(n, "entry", "entries"), 0))
		}
	}
	return part
}

// keptMotions are what the person asked for that needs a second one.
func (m *mine) keptMotions(k *roll.Kept) keptPart {
	part := keptPart{Title: m.say("What you asked for that needs a second person"), From: m.say("You, as facilitator."), Who: m.say("Those who could agree, and facilitators.")}
	for i := range k.Motions {
		one := &k.Motions[i]
		part.Rows = append(part.Rows, m.value(m.say(motionWords(one)), one.Reason, one.At))
	}
	return part
}

func (m *mine) keptApplications(k *roll.Kept) keptPart {
	part := keptPart{Title: m.say("Applications to join"), From: m.say("You, or whoever typed your address into the form."), Who: m.say("Treasurers and facilitators, once it was confirmed. It is removed seven days after it was sent, if nobody confirms it, or ninety days after it was accepted or declined.")}
	for _, a := range k.Applications {
		part.Rows = append(part.Rows, m.value(m.say("application|Sent"), a.Name, a.Created))
		for _, f := range []joinTyped{{"Website", a.Website}, {"Summary", a.Summary}, {"Taking part", a.Involvement}, {"Sponsor", a.Sponsor}, {"Representative", a.Representative}, {"E-mail address", a.Email}, {"Matrix name", a.Matrix}, {"Language of mails", a.Language}, {"Agreed to", a.Consent}} {
			if f.Value != "" {
				part.Rows = append(part.Rows, m.value(m.say(f.Label), f.Value, 0))
			}
		}
		if a.Confirmed != 0 {
			part.Rows = append(part.Rows, m.value(m.say("application|Confirmed"), "", a.Confirmed))
		}
		if a.Decided != 0 {
			part.Rows = append(part.Rows, m.value(capital(m.say("application|"+string(a.Outcome))), "", a.Decided))
		}
	}
	return part
}

func (m *mine) keptOpportunities(k *roll.Kept, whole bool) keptPart {
	part := keptPart{Title: m.say("Opportunities"), From: m.say("You, who posted them."), Who: m.say("Members, and everybody from the day that you chose; that it was you, those with an office.")}
	for _, o := range k.Opportunities {
		part.Rows = append(part.Rows, m.value(m.say("Posted"), o.Title, o.Posted))
		for _, f := range []joinTyped{{"Summary", o.Summary}, {"Contact", o.Contact}, {"Link", o.URL}, {"Budget", o.Budget}} {
			if whole && f.Value != "" {
				part.Rows = append(part.Rows, m.value(f.Label, f.Value, 0))
			}
		}
	}
	return part
}

// keptSigns are what the person did in the Matrix room.
func (m *mine) keptSigns(k *roll.Kept, whole bool) keptPart {
	part := keptPart{Title: m.say("The room"), From: m.say("You, in the Matrix room."), Who: m.say("You and whoever runs the program. What the room itself shows is up to the room.")}
	if !whole {
		part.Rows = []keptValue{m.value(m.say("Signs and replies"), fmt.Sprint(len(k.Signs)), 0)}
		return part
	}
	for i := range k.Signs {
		name, value := k.Signs[i].InWords()
		part.Rows = append(part.Rows, m.value(capital(name), value, k.Signs[i].At))
	}
	return part
}
