package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed pages style.css
var files embed.FS

// stylePath is where the one style sheet is.
const stylePath = "/style.css"

// styleTag names the style sheet's content, so that browsers keep it until it
// changes.
var styleText, styleTag = func() ([]byte, string) {
	text, err := files.ReadFile("style.css")
	if err != nil {
		panic(err) // it is part of the program
	}
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:8])
}()

// pages are the pages by the name of their file, each within the base layout.
var pages = func() map[string]*template.Template {
	out := map[string]*template.Template{}
	base := template.Must(template.ParseFS(files, "pages/base.html"))
	for _, name := range []string{"signin", "mail", "link", "over", "signout", "signedout", "me", "contact", "problem"} {
		out[name] = template.Must(template.Must(base.Clone()).ParseFS(files, "pages/"+name+".html"))
	}
	return out
}()

// layout is what the base layout shows.
type layout struct {
	Title      string
	Federation Federation
	// Who is signed in; "" for nobody, or where the page does not say.
	Who   string
	Style string
	Body  any
}

// show answers with a page.
func (p *Pages) show(v *visit, status int, name, title, who string, body any) error {
	var b bytes.Buffer
	l := layout{Title: title, Federation: p.o.Federation, Who: who, Style: stylePath + "?" + styleTag, Body: body}
	if err := pages[name].ExecuteTemplate(&b, "base", l); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // a client that went away is no fault of ours
	return nil
}

// notice is a page that says why there is none.
type notice struct {
	Title, Text string
	// To and Link lead on; "" for nowhere.
	To, Link string
}

// The problem pages.
var (
	elsewherePage = notice{"That came from another site", "Nothing was changed: a form of these pages was sent from somewhere else. If it was you, open the page here and press the button again.", "/sign-in", "Sign in"}
	methodPage    = notice{"Not like that", "This address takes something else. Go back and use the page's own buttons.", "", ""}
	tooMuchPage   = notice{"Too much", "What was sent is longer than any form here can make it.", "", ""}
	laterPage     = notice{"Not just now", "The roll cannot be read at the moment. Nothing was changed; try again in a minute.", "", ""}
	brokenPage    = notice{"That went wrong", "A fault of this program, and it has been noted.", "", ""}
	unknownLink   = notice{"This link is not known", "It may have been cut off on its way, or it is from long ago. Ask for a new one.", "/sign-in", "Ask for a new link"}
	noMailPage    = notice{"Signing in by mail is off", "This server cannot send mails yet. Whoever runs it can set that up, or make a link for you.", "/sign-in", "Back"}
	brokenTrip    = notice{"That did not fit together", "The sign-in was begun in another browser, or too long ago. Start again here.", "/sign-in", "Sign in"}
	providerPage  = notice{"The sign-in service did not help", "It could not be reached, or it said no. Try again in a minute, or sign in by mail.", "/sign-in", "Back"}
	notKnownPage  = notice{"That account does not sign anybody in here", "Either its e-mail address is not confirmed there, or it is not one that signs in here. A treasurer of the federation can help.", "/sign-in", "Back"}
)

// problem answers with one of them.
func (p *Pages) problem(v *visit, status int, n notice) {
	if err := p.show(v, status, "problem", n.Title, "", n); err != nil {
		p.o.Log.Error().Err(err).Str("request", v.id).Msg("a page cannot be made")
		v.w.WriteHeader(http.StatusInternalServerError)
	}
}

// goTo sends the browser on to a page of these.
func (p *Pages) goTo(v *visit, to string) error {
	v.w.Header().Set("Location", to)
	v.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// style is the style sheet. Its address has its hash, so it may be kept.
func (p *Pages) style(v *visit) error {
	h := v.w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	if v.r.URL.RawQuery == styleTag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Length", strconv.Itoa(len(styleText)))
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(styleText)
	return nil
}
