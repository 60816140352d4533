package web

import (
	"errors"
	"net/url"
	"slices"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// proposeForm is a proposal as somebody types it.
type proposeForm struct {
	ID   chair.ID // of the draft, made with the form: so that it is made once, however often it is sent
	Seen string   // the end of the draft's chain; notThere before it was saved
	// Member is for which member it is proposed.
	Member                                      member.ID
	Title, Changes, Affects, Size, Until        string
	Channel, Link, Kind, Visibility, Attachment string
	Applicant                                   member.ID
}

// notThere is what a form has seen of a draft that was not saved yet.
const notThere = "new"

// The longest texts of a proposal, in characters.
const (
	longestTitle   = 200
	longestLine    = 500
	longestAffects = 2000
	longestChanges = 20_000
)

// emptyForm is a new one. What an address asks for is no more than what the proposal
// is to do, and for whom: no text comes out of an address. About an applicant the text
// begins with what its application says.
func (m *mine) emptyForm(r *reading, query url.Values) (proposeForm, error) {
	f := proposeForm{ID: m.p.o.Chair.NewDraft(), Seen: notThere, Kind: string(decisions.General), Visibility: string(decisions.Public), Member: member.ID(query.Get("for"))}
	id := member.ID(query.Get("member"))
	switch decisions.Kind(query.Get("kind")) {
	case decisions.Admit:
		f.Kind, f.Size = string(decisions.Admit), string(decisions.Large)
		// Whoever has applied is nobody's business before the proposer decides so.
		f.Visibility = string(decisions.Members)
		if r.Voters[id].Membership == decisions.Applied {
			f.Applicant, f.Title, f.Affects = id, r.sayf("Admit %s", r.Book.Name(id)), r.say("All members")
			a, err := m.p.o.Roll.Applicant(m.v.r.Context(), id)
			if _, gone := errors.AsType[*roll.NotFound](err); err != nil && !gone { // admitted a moment ago
				return f, err
			}
			f.Changes = changesOf(r.v.language(), &a)
		}
	case decisions.Policy:
		f.Kind, f.Size = string(decisions.Policy), string(decisions.Large)
	}
	return f, nil
}

// formOf is a draft in the form, for a member.
func formOf(v *chair.View, id member.ID) proposeForm {
	p := &v.Decision.Proposal
	return proposeForm{ID: v.ID, Seen: v.Head.Hash, Member: id, Title: p.Title, Changes: p.Changes, Affects: p.Affects, Size: string(p.Size), Until: p.Deadline.String(),
		Channel: p.Channel, Link: p.Link, Kind: string(p.Kind), Visibility: string(p.Visibility), Attachment: p.Attachment, Applicant: p.Applicant}
}

// sentForm is the form as it was sent.
func (m *mine) sentForm() proposeForm {
	f := proposeForm{ID: chair.ID(m.typed("id")), Seen: m.typed("seen"), Member: member.ID(m.typed("member")), Title: m.typed("title"), Changes: m.text("changes"), Affects: m.text("affects"), Size: m.typed("size"), Until: m.typed("until"),
		Channel: m.typed("channel"), Link: m.typed("link"), Kind: m.typed("kind"), Visibility: m.typed("visibility"), Attachment: m.text("version"), Applicant: member.ID(m.typed("applicant"))}
	if f.Seen == "" {
		f.Seen = notThere
	}
	return f
}

// tooLong is what is wrong with the texts themselves.
func (f *proposeForm) tooLong() (faults []string) {
	for _, one := range []struct {
		what, text string
		longest    int
		lines      bool
	}{
		{"the title", f.Title, longestTitle, false}, {"what changes", f.Changes, longestChanges, true}, {"whom it affects", f.Affects, longestAffects, true},
		{"where it is discussed", f.Channel, longestLine, false}, {"the link", f.Link, longestLine, false}, {"the new rules", f.Attachment, longestChanges, true},
	} {
		faults = append(faults, roll.TextFaults(one.what, one.text, one.longest, one.lines)...)
	}
	return faults
}

// proposal is what the form says, with everything in it that is no proposal at all.
func (f *proposeForm) proposal() (p decisions.Proposal, faults []string, err error) {
	faults = f.tooLong()
	p = decisions.Proposal{Text: decisions.Text{Title: f.Title, Changes: f.Changes, Affects: f.Affects, Channel: f.Channel, Link: f.Link},
		Size: decisions.Size(f.Size), Kind: decisions.Kind(f.Kind), Visibility: decisions.Visibility(f.Visibility)}
	if !slices.Contains(decisions.Sizes(), p.Size) {
		faults = append(faults, "choose a size: small, medium or large")
	}
	if f.Until != "" {
		day, err := decisions.ParseDay(f.Until)
		if err != nil {
			faults = append(faults, "the deadline is no day: write it as 2026-07-01, or leave it empty")
		}
		p.Deadline = day
	}
	faults = append(faults, f.effect(&p)...)
	if len(faults) == 0 && f.Attachment != "" {
		version, err := roll.ReadVersion(f.Attachment)
		if no, ok := errors.AsType[*roll.Refused](err); ok {
			return p, no.Reasons, nil
		} else if err != nil {
			return p, nil, err
		}
		p.Version, p.Attachment = version.ID(), version.Text
	}
	return p, faults, nil
}

// effect is what passing does; what was filled in for another effect would be lost,
// and is told.
func (f *proposeForm) effect(p *decisions.Proposal) (faults []string) {
	if p.Kind != decisions.Admit && f.Applicant != "" {
		faults = append(faults, "an applicant is chosen, and passing it would admit nobody: choose “The applicant becomes a member”, or no applicant")
	}
	if p.Kind != decisions.Policy && f.Attachment != "" {
		faults = append(faults, "new rules are attached, and passing it would not put them in force: choose “The attached rules are in force”, or empty that field")
	}
	switch {
	case p.Kind == decisions.Admit && f.Applicant == "":
		faults = append(faults, "choose the applicant whom it admits")
	case p.Kind == decisions.Policy && f.Attachment == "":
		faults = append(faults, "write the new rules that it puts in force")
	}
	p.Applicant = f.Applicant
	return faults
}
