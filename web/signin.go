package web

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/signin"
)

// formPage is the sign-in form.
type formPage struct {
	ByMail bool
	// OpenID names the provider; "" for none.
	OpenID, OpenIDLink string
	Next               string
	// Fault says what is wrong with Address, as it was typed.
	Fault, Address string
}

func (p *Pages) formOf(next string) formPage {
	next = signin.Next(next)
	return formPage{ByMail: p.o.SignIn.ByMail(), OpenID: p.o.SignIn.ByOpenID(), OpenIDLink: withNext("/sign-in/openid", next), Next: next}
}

// withNext is a path that remembers where to go afterwards.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// onward is where to go after signing in.
func onward(next string) string {
	if next = signin.Next(next); next != "" {
		return next
	}
	return signin.HomePath
}

// signInForm asks for an address; who is signed in goes on at once.
func (p *Pages) signInForm(v *visit) error {
	next := v.r.URL.Query().Get("next")
	_, in, err := p.visitor(v)
	if err != nil {
		return err
	}
	if in {
		return p.goTo(v, onward(next))
	}
	return p.show(v, http.StatusOK, "signin", v.lang.Say("Sign in"), p.formOf(next))
}

// askForLink answers before anything is looked up, the same to everybody.
func (p *Pages) askForLink(v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	form := p.formOf(v.r.PostForm.Get("next"))
	if !form.ByMail {
		p.problem(v, http.StatusServiceUnavailable, noMailPage)
		return nil
	}
	form.Address = v.r.PostForm.Get("email")
	if form.Fault = v.lang.Say(p.o.SignIn.Ask(form.Address, form.Next, p.client(v), v.lang)); form.Fault != "" {
		return p.show(v, http.StatusUnprocessableEntity, "signin", v.lang.Say("Sign in"), form)
	}
	return p.goTo(v, "/sign-in/mail")
}

// readForm reads the form that was sent. What is none is like an empty one.
func readForm(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return err
		}
	}
	return nil
}

func (p *Pages) client(v *visit) netip.Addr { return caller.Address(v.r, p.o.TrustedProxies) }

func (p *Pages) lookIntoMail(v *visit) error {
	return p.show(v, http.StatusOK, "mail", v.lang.Say("Look into your mail"), nil)
}

// tokenPage is a page whose form sends a link's token.
type tokenPage struct {
	Token  string
	ByMail bool
}

// linkPage is where a link leads: it signs nobody in, its button does.
func (p *Pages) linkPage(v *visit) error {
	_, err := p.o.SignIn.Look(v.r.Context(), v.segment)
	if err != nil {
		return p.noLink(v, v.segment, err)
	}
	return p.show(v, http.StatusOK, "link", v.lang.Say("Sign in"), tokenPage{Token: v.segment})
}

// noLink says why a link signs nobody in.
func (p *Pages) noLink(v *visit, token string, err error) error {
	switch {
	case errors.Is(err, signin.ErrOver):
		return p.show(v, http.StatusGone, "over", v.lang.Say("This link is over"), tokenPage{token, p.o.SignIn.ByMail()})
	case errors.Is(err, signin.ErrUnknown):
		p.problem(v, http.StatusNotFound, unknownLink)
		return nil
	}
	return err
}

// openLink signs in.
func (p *Pages) openLink(v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	token := v.r.PostForm.Get("token")
	cookie, next, err := p.o.SignIn.Open(v.r, token)
	if err != nil {
		return p.noLink(v, token, err)
	}
	if cookie != nil {
		http.SetCookie(v.w, cookie)
	}
	return p.goTo(v, onward(next))
}

// askAgain sends a new link to the address that an old one was for.
func (p *Pages) askAgain(v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	if !p.o.SignIn.ByMail() {
		p.problem(v, http.StatusServiceUnavailable, noMailPage)
		return nil
	}
	p.o.SignIn.AskAgain(v.r.PostForm.Get("token"), p.client(v), v.lang)
	return p.goTo(v, "/sign-in/mail")
}

func (p *Pages) leaveForOpenID(v *visit) error {
	to, keep, err := p.o.SignIn.Leave(v.r.Context(), v.r.URL.Query().Get("next"), p.client(v))
	if err != nil {
		return p.noOpenID(v, err)
	}
	http.SetCookie(v.w, keep)
	return p.goTo(v, to)
}

func (p *Pages) backFromOpenID(v *visit) error {
	session, gone, next, err := p.o.SignIn.Back(v.r, p.client(v))
	http.SetCookie(v.w, gone)
	if err != nil {
		return p.noOpenID(v, err)
	}
	http.SetCookie(v.w, session)
	return p.goTo(v, onward(next))
}

// noOpenID says why the provider signs nobody in.
func (p *Pages) noOpenID(v *visit, err error) error {
	switch {
	case errors.Is(err, signin.ErrOften):
		return tooOften{time.Minute}
	case errors.Is(err, signin.ErrNotKnown):
		p.problem(v, http.StatusForbidden, notKnownPage)
	case errors.Is(err, signin.ErrBroken):
		p.problem(v, http.StatusBadRequest, brokenTrip)
	case errors.Is(err, signin.ErrProvider):
		p.o.Log.Warn().Err(err).Str("request", v.id).Msg("the sign-in service")
		p.problem(v, http.StatusBadGateway, providerPage)
	default:
		return err
	}
	return nil
}

func (p *Pages) signOutForm(v *visit) error {
	_, in, err := p.visitor(v)
	if err != nil {
		return err
	}
	if !in {
		return p.goTo(v, "/signed-out")
	}
	return p.show(v, http.StatusOK, "signout", v.lang.Say("Sign out"), nil)
}

func (p *Pages) signOut(v *visit) error           { return p.end(v, false) }
func (p *Pages) signOutEverywhere(v *visit) error { return p.end(v, true) }

func (p *Pages) end(v *visit, everywhere bool) error {
	gone, err := p.o.SignIn.SignOut(v.r, everywhere)
	if err != nil {
		return err
	}
	http.SetCookie(v.w, gone)
	return p.goTo(v, "/signed-out")
}

func (p *Pages) signedOut(v *visit) error {
	return p.show(v, http.StatusOK, "signedout", v.lang.Say("Signed out"), nil)
}
