package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/signin"
)

// Which language an answer is in: the one that was chosen with the link at a page's
// foot, else the one that who is signed in wants mails in, else the browser's, else
// English. The link sets a cookie, and nothing else.

const (
	// languagePath is where the links lead, before the language's code.
	languagePath = "/language/"
	// languageCookie holds the code of the language that was chosen.
	languageCookie = "goodstanding-language"
	languageLasts  = 365 * 24 * 60 * 60 // seconds
)

// neutral says that what a route answers is for programs or for copying, and in
// English always.
func (r route) neutral() bool {
	return slices.ContainsFunc([]string{".json", ".md", ".csv"}, func(ending string) bool { return strings.HasSuffix(r.path, ending) })
}

// listen finds out in which language to answer, as far as the request says it.
func (p *Pages) listen(v *visit, r route) {
	v.wanted, v.chosen = tongue.Accepted(v.r.Header.Get("Accept-Language")), false
	if c, err := v.r.Cookie(languageCookie); err == nil && tongue.Known(c.Value) {
		v.wanted, v.chosen = tongue.Of(c.Value), true
	}
	v.lang, v.neutral = v.wanted, r.neutral()
	if v.neutral {
		v.lang = tongue.English()
	}
}

// language is the one in which the answer is written; English where nobody asks.
func (v *visit) language() *tongue.Tongue {
	if v == nil || v.lang == nil {
		return tongue.English()
	}
	return v.lang
}

// prefer answers who is signed in in the language of his or her mails, unless
// another one was chosen. Where that cannot be read the browser's word stands.
func (p *Pages) prefer(v *visit) {
	if !v.in || v.chosen {
		return
	}
	wish, err := p.o.Roll.Wish(v.r.Context(), member.PersonID(v.actor.ID))
	if err != nil || !tongue.Known(wish.Language) {
		return
	}
	v.wanted = tongue.Of(wish.Language)
	if !v.neutral {
		v.lang = v.wanted
	}
}

// languageLink leads to the page in another language.
type languageLink struct{ Code, Name, Href string }

func (p *Pages) languages(v *visit) (out []languageLink) {
	for _, code := range tongue.Codes() {
		if code != v.wanted.Code() {
			out = append(out, languageLink{code, tongue.Of(code).Name(), languagePath + code + "?back=" + url.QueryEscape(p.hereOr(v))})
		}
	}
	return out
}

// hereOr is the address of the page that is shown, or of the page whose form was
// sent. A link that was mailed is a secret: it goes into no other address.
func (p *Pages) hereOr(v *visit) string {
	here := v.r.URL.Path
	if v.r.URL.RawQuery != "" && v.r.Method != http.MethodPost {
		here += "?" + v.r.URL.RawQuery
	}
	if to := p.ownPage(here); to != "" {
		return to
	}
	for at := v.r.URL.Path; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
		if to := p.ownPage(at); to != "" {
			return to
		}
	}
	return "/"
}

// ownPage is an address if it is that of a page of these, and holds no secret; else
// "".
func (p *Pages) ownPage(address string) string {
	to := signin.Next(address)
	path, _, _ := strings.Cut(to, "?")
	for _, r := range p.find(path) {
		if r.method == http.MethodGet && !strings.Contains(r.path, "{token}") && !strings.HasPrefix(r.path, languagePath) {
			return to
		}
	}
	return ""
}

var noLanguage = notice{"There is no such language", "These pages are there in English and Spanish.", "/", "To the first page"}

// chooseLanguage keeps a choice in a cookie and goes back to the page.
func (p *Pages) chooseLanguage(v *visit) error {
	if !tongue.Known(v.segment) {
		p.problem(v, http.StatusNotFound, noLanguage)
		return nil
	}
	http.SetCookie(v.w, p.languageCookie(v.segment))
	back := p.ownPage(v.r.URL.Query().Get("back"))
	if back == "" {
		back = "/"
	}
	return p.goTo(v, back)
}

func (p *Pages) languageCookie(code string) *http.Cookie {
	return &http.Cookie{Name: languageCookie, Value: code, Path: "/", MaxAge: languageLasts, HttpOnly: true,
		Secure: strings.HasPrefix(p.o.BaseURL, "https:"), SameSite: http.SameSiteLaxMode}
}
