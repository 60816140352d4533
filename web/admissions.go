package web

import (
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// admissionsPage is who would join, and where each stands.
type admissionsPage struct {
	Done       string // what was just done; "" for nothing
	Act        deedForm
	Waiting    []applicationCard
	Applicants []applicantCard
	Decided    []decidedLine
}

// applicationCard is an application that waits for a yes or no.
type applicationCard struct {
	ID, Name  string
	Kind      string
	Confirmed moment
	Long      []joinTyped // what takes some lines
	Fields    []joinTyped
	Website   linked
	Email     string
	Consent   string
	Sponsor   string // as it was typed
	Known     bool   // a member goes by the sponsor's name
}

// applicantCard is a member that has applied.
type applicantCard struct {
	ID, Name, Kind string
	Since          moment
	Confirmed      moment // when the application was; the zero value for one that was entered otherwise
	Delegates      string
	Website        linked
	Summary        string
	Decision       linked // the one about it that was opened last
	State          string // of that, in words
	Running        bool
	MayAdmit       bool // the visitor may admit it without a decision
}

// decidedLine is an application that was accepted or declined.
type decidedLine struct {
	Name, Became, By, Why string
	Member                member.ID
	At                    moment
	Until                 moment // when it is removed
}

var notAdmitterPage = notice{"For treasurers and facilitators", "These pages show what people typed who want to join, so only treasurers and facilitators read them.", homePath, "Your own page"}

// admitting makes a page for those who decide about applications, with what is in
// memory; others read why there is nothing.
func admitting(answer func(*mine, *reading) error) func(*Pages, *visit) error {
	return signedIn(AdmissionsPath, only(roll.Admits, notAdmitterPage, func(m *mine) error {
		r, ok := m.reading()
		if !ok {
			return nil
		}
		return answer(m, r)
	}))
}

func (m *mine) admissions(r *reading) error {
	return m.admissionsWith(http.StatusOK, r, deedForm{})
}

func (m *mine) admissionsWith(status int, r *reading, act deedForm) error {
	all, err := m.p.o.Roll.Admissions(m.v.r.Context(), m.actor)
	if err != nil {
		return m.refused(err, "Not for you to read", "", homePath, "Your own page")
	}
	page := admissionsPage{Act: act}
	if done := admissionsDone[m.v.r.URL.Query().Get("done")]; done != "" {
		page.Done = m.say(done)
	}
	for i := range all.Waiting {
		page.Waiting = append(page.Waiting, r.applicationCard(&all.Waiting[i]))
	}
	stage := map[member.ID]string{}
	for i := range all.Applicants {
		card := r.applicantCard(&all.Applicants[i])
		page.Applicants = append(page.Applicants, card)
		stage[all.Applicants[i].Member] = m.say("applicant")
	}
	for i := range all.Decided {
		one := &all.Decided[i]
		line := decidedLine{Name: one.Name, Became: m.say("application|declined"), By: one.By, Why: one.Why, Member: one.Member, At: r.day(one.Decided), Until: r.day(one.Decided + roll.ApplicationKeptFor)}
		if one.Outcome == store.Accepted {
			if line.Why, line.Became = "", stage[one.Member]; line.Became == "" {
				line.Became = m.say("member")
				if v := r.aboutApplicant(one.Member); v != nil && v.Decision.State == decisions.Passed {
					line.Why = m.sayf("by %s", lowered(nameOf(m.v.lang, &v.Decision)))
				}
			}
		}
		page.Decided = append(page.Decided, line)
	}
	return m.p.show(m.v, status, "admissions", m.say("Admissions"), page)
}

// admissionsDone say what was just done.
var admissionsDone = map[string]string{
	"accepted": "It is taken up: it stands among the applicants now, and its representative can sign in.",
	"declined": "It is declined. Nobody was told by a mail: if you have not done so, write to them yourself.",
	"admitted": "It is a member now.",
}

func (r *reading) applicationCard(one *roll.Application) applicationCard {
	c := applicationCard{ID: one.ID, Name: one.Name, Kind: r.say(string(one.Kind)), Confirmed: r.minute(one.Confirmed), Email: one.Email, Consent: told(r.v.language(), one.Consent).Text, Website: leading(one.Website), Sponsor: one.Sponsor, Known: one.SponsorIs != ""}
	c.Long = []joinTyped{{r.say("Who they are"), one.Summary}, {r.say("How they would take part"), one.Involvement}}
	for _, f := range []joinTyped{{r.say("Representative"), one.Representative}, {r.say("Matrix name"), one.Matrix}, {r.say("Language of mails"), r.languageWords(one.Language)}} {
		if f.Value != "" {
			c.Fields = append(c.Fields, f)
		}
	}
	return c
}

func (r *reading) applicantCard(one *roll.Applicant) applicantCard {
	c := applicantCard{ID: string(one.Member), Name: one.Name, Kind: r.say(string(one.Kind)), Since: r.day(one.Since), Delegates: strings.Join(one.Delegates, ", "), Website: leading(one.Website), Summary: one.Summary}
	if one.Application != nil {
		c.Confirmed = r.day(one.Application.Confirmed)
	}
	if v := r.aboutApplicant(one.Member); v != nil {
		c.Decision, c.State, c.Running = linked{nameOf(r.v.language(), &v.Decision), "/decisions/" + key(v)}, r.say(v.Decision.State.Words()), v.Decision.State.Running()
	}
	version, ok := r.Book.Policy(r.At)
	c.MayAdmit = ok && version.Admission != policy.AdmissionDecision && r.v.actor.Has(member.Treasurer)
	return c
}

// aboutApplicant is the decision about admitting an applicant: the one that runs, else
// the one that was opened last; nil for none.
func (r *reading) aboutApplicant(id member.ID) (found *chair.View) {
	for i := range r.Views {
		v := &r.Views[i]
		if d := &v.Decision; d.Proposal.Applicant == id && d.Number > 0 && (found == nil || !found.Decision.State.Running()) {
			found = v
		}
	}
	return found
}

// inAdmissionsWords says on this page what the command line says of its own words, beside
// what plainly says on every page.
var inAdmissionsWords = strings.NewReplacer("if it is the same, use admit; else add what tells the two apart", "if it is another one, add what tells the two apart")

// admitted carries out what a form of the page asks for; done is the word for it in
// admissionsDone.
func (m *mine) admitted(r *reading, id, deed, done string, change func() error) error {
	err := change()
	reasons, is := refused(err)
	if !is && err != nil {
		return err
	}
	if len(reasons) > 0 {
		form := deedForm{Deed: deed + " " + id, Anchor: id, sent: m.sent}
		for _, reason := range reasons {
			why := told(m.v.lang, reason)
			form.Reasons = append(form.Reasons, sentence(phrase{plainly(inAdmissionsWords.Replace(why.Text)), why.Lang}))
		}
		return m.admissionsWith(http.StatusConflict, r, form)
	}
	return m.p.goTo(m.v, AdmissionsPath+"?done="+done)
}

func (m *mine) accept(r *reading) error {
	return m.admitted(r, m.v.segment, "accept", "accepted", func() error {
		_, _, err := m.p.o.Roll.AcceptApplication(m.v.r.Context(), m.by(), m.v.segment, m.sent("name"))
		return err
	})
}

func (m *mine) decline(r *reading) error {
	return m.admitted(r, m.v.segment, "decline", "declined", func() error {
		return m.p.o.Roll.DeclineApplication(m.v.r.Context(), roll.By{Actor: m.actor, Reason: m.sent("reason")}, m.v.segment)
	})
}

// admit admits an applicant without a decision, where the rules leave that to a
// treasurer.
func (m *mine) admit(r *reading) error {
	return m.admitted(r, m.v.segment, "admit", "admitted", func() error {
		_, err := m.p.o.Roll.Admit(m.v.r.Context(), roll.By{Actor: m.actor, Reason: m.sent("reason")}, member.ID(m.v.segment), instant.Instant(0), "")
		return err
	})
}
