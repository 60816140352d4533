package web

import (
	"errors"
	"net/http"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

func (p *Pages) applicationSent(v *visit) error {
	return p.show(v, http.StatusOK, "joinsent", v.lang.Say("Look into your mail"), nil)
}

// joinConfirmPage asks whether an application is to be confirmed.
type joinConfirmPage struct {
	Token  string
	Fields []joinTyped
	Until  moment
}

type joinTyped struct{ Label, Value string }

// confirmForm is where the mailed link leads: it confirms nothing, its button does.
func (p *Pages) confirmForm(v *visit) error {
	row, err := p.o.Roll.LookAtApplication(v.r.Context(), v.segment)
	switch {
	case err != nil:
		return p.noApplicationLink(v, err)
	case row.Confirmed != 0:
		p.problem(v, http.StatusOK, confirmedPage)
		return nil
	}
	r := &reading{p: p, v: v}
	page := joinConfirmPage{Token: v.segment, Until: r.minute(row.Created + roll.ApplicationConfirmWithin)}
	for _, f := range []joinTyped{{"Name", row.Name}, {"Who would join", v.lang.Say(whoJoins(row.Kind))}, {"Website", row.Website}, {"Who you are", row.Summary}, {"How you would take part", row.Involvement}, {"Sponsor", row.Sponsor},
		{"Representative", row.Representative}, {"E-mail address", row.Email}, {"Matrix name", row.Matrix}, {"Language of mails", r.languageWords(row.Language)}, {"Agreed to", told(v.lang, row.Consent).Text}} {
		if f.Value != "" {
			page.Fields = append(page.Fields, joinTyped{v.lang.Say(f.Label), f.Value})
		}
	}
	return p.show(v, http.StatusOK, "joinconfirm", v.lang.Say("Confirm your application"), page)
}

// whoJoins is a kind of member, as a person speaks of it.
func whoJoins(k member.Kind) string {
	if k == member.Individual {
		return "An individual"
	}
	return "An organisation"
}

// confirmedPage is told each time that an application is confirmed.
var confirmedPage = notice{"Your application is confirmed", "Thank you. The treasurers and facilitators can read it now, and will write to you. What happens next stands on the page about joining.", joinPath, "The page about joining"}

func (p *Pages) confirmApplication(v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	if err := p.o.Roll.ConfirmApplication(v.r.Context(), v.r.PostForm.Get("token")); err != nil {
		return p.noApplicationLink(v, err)
	}
	return p.goTo(v, joinPath+"/confirmed")
}

func (p *Pages) applicationConfirmed(v *visit) error {
	p.problem(v, http.StatusOK, confirmedPage)
	return nil
}

// noApplicationLink says why a link confirms nothing.
func (p *Pages) noApplicationLink(v *visit, err error) error {
	switch {
	case errors.Is(err, roll.ErrNoApplicationLink):
		p.problem(v, http.StatusNotFound, notice{"There is no such link", "It may have been cut off on its way: copy the whole address from the mail. An application that was not confirmed within seven days is removed.", joinPath, "The page about joining"})
	case errors.Is(err, roll.ErrApplicationLinkOver):
		p.problem(v, http.StatusGone, notice{"This link is over", "The application was not confirmed within seven days, so nobody has read it. You can send it again.", joinPath, "The page about joining"})
	default:
		return err
	}
	return nil
}
