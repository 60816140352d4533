package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// admitPage is the proposal to admit an applicant: a form, and what it would open.
type admitPage struct {
	Address  string
	Name     string // of the applicant
	Faults   []string
	Members  []postingFor
	Fields   admitFields
	Today    string
	Zone     string
	Notice   int    // days, by the rules
	Earliest string // the first day that leaves as many
	// What is looked at before it is opened; Looks is false while it is typed.
	Looks    bool
	By       string
	Changes  template.HTML
	Deadline string
	Short    int // days that the deadline leaves, where they are fewer than Notice
	Deciding []string
}

// admitFields are what was typed.
type admitFields struct {
	Member, Title, Changes, Affects, Channel, Link, Visibility, Until string
}

// The longest texts of a proposal, in characters.
const (
	mostLine    = 500
	mostChanges = 8000
)

// proposers are the members in whose name a person may propose, or why it may not
// in any.
func (m *mine) proposers(r *reading) (may []postingFor, why []string, err error) {
	names, err := m.names()
	if err != nil {
		return nil, nil, err
	}
	for _, id := range m.actor.Delegates {
		switch v := r.Voters[id]; {
		case v.Vote:
			may = append(may, postingFor{ID: id, Name: names[id], Chosen: string(id) == m.sent("member")})
		case r.inside && v.Why != "":
			why = append(why, names[id]+" may not propose now: "+v.Why)
		}
	}
	if len(may)+len(why) == 0 {
		why = []string{"only a delegate of a member that has a vote may propose to admit somebody"}
	}
	return may, why, nil
}

// proposer lets those through who may propose, to an applicant that there is.
func proposer(answer func(*mine, *reading, roll.Applicant, []postingFor) error) func(*Pages, *visit) error {
	return signedIn("", func(m *mine) error {
		return m.remembering(func(m *mine, r *reading) error {
			may, why, err := m.proposers(r)
			if err != nil {
				return err
			}
			if len(may) == 0 {
				page := refusalPage{Title: "Not for you to propose", Reasons: why, To: "/decisions", Link: "All decisions"}
				for i, reason := range page.Reasons {
					page.Reasons[i] = capital(plainly(strings.TrimRight(reason, "."))) + "."
				}
				return m.p.show(m.v, http.StatusForbidden, "refusal", page.Title, page)
			}
			a, ok, err := m.applicant()
			if err != nil || !ok {
				return err
			}
			return answer(m, r, a, may)
		})
	})
}

// admitForm is the proposal with a text made of the application.
func (m *mine) admitForm(r *reading, a roll.Applicant, may []postingFor) error {
	fields := admitFields{Title: "Admit " + a.Name, Changes: changesOf(&a), Affects: "All members", Visibility: string(decisions.Members)}
	return m.admitTyped(http.StatusOK, r, a, may, fields, nil)
}

func (m *mine) admitTyped(status int, r *reading, a roll.Applicant, may []postingFor, fields admitFields, faults []string) error {
	page := admitPage{Address: AdmissionsPath + "/" + m.v.segment + "/propose", Name: a.Name, Members: may, Fields: fields, Faults: faults, Zone: m.p.o.Zone.String()}
	today := decisions.DayOf(m.p.o.Now(), m.p.o.Zone)
	page.Today = today.String()
	if version, ok := r.Book.Policy(r.At); ok {
		page.Notice, page.Deciding = version.Decisions.Large.Notice, aboutLarge(version, r)
		page.Earliest = today.Add(page.Notice).Words()
	}
	return m.p.show(m.v, status, "admit", "Propose to admit "+a.Name, page)
}

// admitPost looks at a proposal, goes back to its form, or opens it.
func (m *mine) admitPost(r *reading, a roll.Applicant, may []postingFor) error {
	text := func(name string) string { return strings.TrimSpace(strings.ReplaceAll(m.sent(name), "\r\n", "\n")) }
	fields := admitFields{text("member"), text("title"), text("changes"), text("affects"), text("channel"), text("link"), text("visibility"), text("until")}
	if m.sent("do") == "change" {
		return m.admitTyped(http.StatusOK, r, a, may, fields, nil)
	}
	p := decisions.Proposal{Text: decisions.Text{Title: fields.Title, Changes: fields.Changes, Affects: fields.Affects, Channel: fields.Channel, Link: fields.Link},
		Size: decisions.Large, Kind: decisions.Admit, Visibility: decisions.Visibility(fields.Visibility), Applicant: a.Member}
	by := chair.By{Actor: m.actor, Member: member.ID(fields.Member)}
	if len(may) == 1 {
		by.Member = may[0].ID
	}
	faults := fields.faults(&p)
	if len(faults) > 0 {
		return m.admitTyped(http.StatusUnprocessableEntity, r, a, may, fields, faults)
	}
	if m.sent("do") != "open" {
		return m.admitLook(r, a, may, fields, &p, by.Member)
	}
	result, err := m.opens(by, p)
	if reasons, is := whyNot(err); is {
		return m.admitTyped(http.StatusConflict, r, a, may, fields, reasons)
	}
	if err != nil {
		return err
	}
	after := &result.Decision
	page := receiptPage{Opened: true, Done: "The proposal", Name: nameOf(after), Address: "/decisions/" + string(result.Receipt.Decision), Title: after.Proposal.Title, Entry: result.Seq, Hash: result.Hash, At: m.minute(result.At),
		Until: after.Deadline.Words() + " (" + after.Zone.String() + ")"}
	for _, one := range may {
		if one.ID == by.Member {
			page.Member = one.Name
		}
	}
	return m.p.show(m.v, http.StatusOK, "receipt", nameOf(after)+" is open", page)
}

// faults are what is wrong with a form before anybody is asked.
func (f *admitFields) faults(p *decisions.Proposal) (out []string) {
	for _, x := range []struct {
		text, label, needed string // what is needed, in words; "" for what is not
		most                int
	}{{f.Title, "Title", "a title", mostLine}, {f.Changes, "What changes", "what changes", mostChanges}, {f.Affects, "Whom it affects", "whom it affects", mostLine},
		{f.Channel, "Where it is discussed", "where it is discussed", mostLine}, {f.Link, "Where to read more", "", mostLine}} {
		switch n := utf8.RuneCountInString(x.text); {
		case n == 0 && x.needed != "":
			out = append(out, "The proposal does not say "+x.needed+".")
		case n > x.most:
			out = append(out, fmt.Sprintf("“%s” has %d characters, at most %d are taken.", x.label, n, x.most))
		case x.most == mostLine && strings.Contains(x.text, "\n"):
			out = append(out, "“"+x.label+"” has to be on one line.")
		}
	}
	if f.Visibility != string(decisions.Members) && f.Visibility != string(decisions.Public) {
		out = append(out, "Say who may read it.")
	}
	if f.Until != "" {
		day, err := decisions.ParseDay(f.Until)
		if err != nil {
			out = append(out, "The last day to answer is no day: write it as 2026-07-01.")
		}
		p.Deadline = day
	}
	return out
}

// admitLook shows what would be opened.
func (m *mine) admitLook(r *reading, a roll.Applicant, may []postingFor, fields admitFields, p *decisions.Proposal, by member.ID) error {
	page := admitPage{Address: AdmissionsPath + "/" + m.v.segment + "/propose", Name: a.Name, Fields: fields, Looks: true}
	for _, one := range may {
		if one.ID == by {
			page.By = one.Name
		}
	}
	var err error
	if page.Changes, err = writeUp(fields.Changes); err != nil {
		return err
	}
	deadline, today := p.Deadline, decisions.DayOf(m.p.o.Now(), m.p.o.Zone)
	if version, ok := r.Book.Policy(r.At); ok {
		page.Deciding, page.Notice = aboutLarge(version, r), version.Decisions.Large.Notice
		if deadline.IsZero() {
			deadline = today.Add(page.Notice)
		}
	}
	if days := today.Until(deadline); days < page.Notice {
		page.Short = max(days, 0)
	} else {
		page.Notice = 0
	}
	page.Deadline = deadline.Words() + " (" + m.p.o.Zone.String() + ")"
	return m.p.show(m.v, http.StatusOK, "admit", "Propose to admit "+a.Name, page)
}

// opens makes a draft and opens it. A draft that cannot be opened is withdrawn: what
// was typed is still on the page.
func (m *mine) opens(by chair.By, p decisions.Proposal) (chair.Result, error) {
	ctx := m.v.r.Context()
	draft, err := m.p.o.Chair.Propose(ctx, by, p)
	if err != nil {
		return draft, err
	}
	id := draft.Receipt.Decision
	result, err := m.p.o.Chair.Open(ctx, id, by)
	if err == nil {
		return result, nil
	}
	if _, undo := m.p.o.Chair.Withdraw(ctx, id, by, "it could not be opened"); undo != nil {
		err = errors.Join(err, undo)
	}
	return result, err
}

// whyNot are the reasons for which nothing was opened; false for any other error.
func whyNot(err error) (reasons []string, is bool) {
	if reasons, is = refused(err); !is {
		if e, ok := errors.AsType[*decisions.Refusal](err); ok {
			is = true
			for _, reason := range e.Reasons {
				reasons = append(reasons, reason.Text)
			}
		} else if e, ok := errors.AsType[*chair.NotYours](err); ok {
			reasons, is = []string{e.Reason}, true
		}
	}
	out := make([]string, len(reasons))
	for i, reason := range reasons {
		out[i] = capital(plainly(strings.TrimRight(reason, "."))) + "."
	}
	return out, is
}
