package web

import (
	"errors"
	"net/http"

	"coopcloud.tech/goodstanding/roll"
)

// contactPost is where the page sends that a person speaks for the member.
const contactPost = "/confirm-delegate"

// contactPage asks a member's contact whether a person speaks for the member.
type contactPage struct {
	Token, Person, Member string
}

// contactForm is where the mailed link leads: it confirms nothing, its button
// does. Whoever has the link may, signed in or not (domain.md, section 8).
func (p *Pages) contactForm(v *visit) error {
	l, err := p.o.Roll.LookAtContactLink(v.r.Context(), v.segment)
	if err != nil {
		return p.noContactLink(v, err)
	}
	return p.show(v, http.StatusOK, "contact", v.lang.Say("Confirm a delegate"), contactPage{v.segment, l.Person, l.MemberName})
}

func (p *Pages) contactConfirms(v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	l, err := p.o.Roll.ConfirmByContact(v.r.Context(), v.r.PostForm.Get("token"))
	if err != nil {
		return p.noContactLink(v, err)
	}
	p.problem(v, http.StatusOK, notice{"Confirmed", v.lang.Sayf("%s may now answer for %s in decisions that are open.", l.Person, l.MemberName), "/sign-in", "To the sign-in page"})
	return nil
}

// noContactLink says why a link does nothing.
func (p *Pages) noContactLink(v *visit, err error) error {
	switch {
	case errors.Is(err, roll.ErrNoContactLink):
		p.problem(v, http.StatusNotFound, notice{"There is no such link", "It may have been cut off on its way: copy the whole address from the mail.", "/sign-in", "To the sign-in page"})
	case errors.Is(err, roll.ErrContactLinkOver):
		p.problem(v, http.StatusGone, notice{"This link is over", "It was used, its time is over, or the question is settled. A treasurer can say how things stand.", "/sign-in", "To the sign-in page"})
	default:
		return err
	}
	return nil
}
