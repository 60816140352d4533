package web

import (
	"bytes"
	"cmp"
	"hash/fnv"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/roll"
)

// providersPage is the list of recommended providers.
type providersPage struct {
	Published        bool
	Ready            roll.Readiness // before the list is public
	Cards            []providerCard
	Total            int
	Services         []filterLink
	Languages        []filterLink
	Service          string // what the visitor has chosen; "" for all
	Language         string
	LanguageWords    string
	All              string // address of the whole list
	Pager            pager
	Embed, EmbedFile string // addresses
	Approves         bool   // the visitor may say yes to entries
}

type providerCard struct {
	ID, Name, URL, Host, Summary, Place, Since string
	ContactLabel                               string
	ContactHref                                template.URL
	Services, Languages                        []filterLink
	Logo                                       string // address of the uploaded one; "" for none, and then the initials stand for it
	Initials                                   string
	Tint                                       int // one of the mark's tints
}

// filterLink leads to the list of those who offer something.
type filterLink struct {
	Word, Words, Href string
	Count             int
	Here              bool
}

const (
	embedPath = "/providers/embed"
	framePath = "/providers/frame"
	// mostProviders bounds a page of the list.
	mostProviders = 24
)

func (r *reading) providers() error {
	page := providersPage{Published: r.Published, Approves: approves(r.v.actor), All: "/providers", Embed: r.absolute(embedPath), EmbedFile: r.absolute(framePath)}
	if !r.Published {
		page.Ready = roll.Readiness{Ready: len(r.Providers), Members: len(r.Members)}
		return r.show(http.StatusOK, "providers", r.say("Providers"), page)
	}
	query := r.v.r.URL.Query()
	page.Service, page.Language, page.Total = query.Get("service"), query.Get("language"), len(r.Providers)
	page.LanguageWords = r.languageWords(page.Language)
	page.Services = filters(r.Providers, func(p *roll.Provider) []string { return p.Services }, page.Service, strings.ToLower,
		func(word string) string { return filtered(word, page.Language) })
	page.Languages = filters(r.Providers, func(p *roll.Provider) []string { return p.Languages }, page.Language, r.languageWords,
		func(word string) string { return filtered(page.Service, word) })
	chosen, pager := paged(r, those(r.Providers, func(p *roll.Provider) bool {
		return offers(p.Services, page.Service) && offers(p.Languages, page.Language)
	}), mostProviders)
	page.Pager = pager
	for _, p := range chosen {
		page.Cards = append(page.Cards, r.providerCard(p))
	}
	return r.show(http.StatusOK, "providers", r.say("Providers"), page)
}

func (r *reading) absolute(path string) string { return strings.TrimRight(r.p.o.BaseURL, "/") + path }

// offers says whether a list has a word, whatever its case; every list has "".
func offers(list []string, word string) bool {
	return word == "" || slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}

// filtered is the address of the list of those who offer both.
func filtered(service, language string) string {
	q := url.Values{}
	if service != "" {
		q.Set("service", strings.ToLower(service))
	}
	if language != "" {
		q.Set("language", strings.ToLower(language))
	}
	if len(q) == 0 {
		return "/providers"
	}
	return "/providers?" + q.Encode()
}

// mostFilters bounds how many links a filter has: those that most offer.
const mostFilters = 24

// filters are the links for all words that somebody offers, by name.
func filters(ps []roll.Provider, of func(*roll.Provider) []string, here string, words, href func(string) string) []filterLink {
	count := map[string]int{}
	for i := range ps {
		for _, w := range of(&ps[i]) {
			count[strings.ToLower(w)]++
		}
	}
	var out []filterLink
	for w, n := range count {
		f := filterLink{Word: w, Words: words(w), Href: href(w), Count: n, Here: strings.EqualFold(w, here)}
		if f.Here {
			f.Href = href("")
		}
		out = append(out, f)
	}
	arrange.By(out, func(a, b filterLink) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Word, b.Word)) })
	out = out[:min(len(out), mostFilters)]
	arrange.By(out, func(a, b filterLink) int { return cmp.Compare(a.Words, b.Words) })
	return out
}

func (r *reading) providerCard(p *roll.Provider) providerCard {
	c := providerCard{ID: string(p.ID), Name: r.named(p.Name), URL: p.URL, Summary: p.Summary, Place: p.Place, Since: r.day(p.MemberSince).Words,
		ContactLabel: p.ContactLabel, ContactHref: contactLink(p.ContactHref), Initials: initials(p.Name)}
	if u, err := url.Parse(p.URL); err == nil {
		c.Host = strings.TrimPrefix(u.Host, "www.")
	}
	if p.Uploaded != "" {
		c.Logo = roll.LogoPath + p.Uploaded + ".png"
	}
	c.Tint = tint(string(p.ID))
	for _, s := range p.Services {
		c.Services = append(c.Services, filterLink{Words: s, Href: filtered(s, "")})
	}
	for _, l := range p.Languages {
		c.Languages = append(c.Languages, filterLink{Words: r.languageWords(l), Href: filtered("", l)})
	}
	return c
}

// tint is one of the marks' six colours, the same for a member always.
func tint(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash takes everything
	return int(h.Sum32() % 6)
}

// contactLink is an address that may stand in a link: the kinds that a profile may
// have. html/template knows no matrix:, hence the type; it is checked here.
func contactLink(address string) template.URL {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"https", "http", "mailto", "matrix"}, strings.ToLower(u.Scheme)) {
		return ""
	}
	return template.URL(u.String())
}

// initials are the first letters of up to two words, for a provider's mark.
func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		for _, c := range word {
			if unicode.IsLetter(c) || unicode.IsDigit(c) {
				out = append(out, unicode.ToUpper(c))
				break
			}
		}
		if len(out) == 2 {
			break
		}
	}
	return string(out)
}

// languages are the names of those that members of such federations speak most;
// another one is shown as it was typed.
var languages = map[string]string{
	"ar": "Arabic", "bn": "Bengali", "ca": "Catalan", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "eu": "Basque",
	"fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gd": "Scottish Gaelic", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "it": "Italian",
	"ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish",
	"tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "zh": "Chinese",
}

func (r *reading) languageWords(word string) string {
	if english := languageEnglish(word); english != word {
		return r.say(english)
	}
	return word
}

// languageEnglish is the English name of a language; another word as it is.
func languageEnglish(word string) string {
	if name, ok := languages[strings.ToLower(word)]; ok {
		return name
	}
	return word
}

// embedPage is the list for pages of other websites.
type embedPage struct {
	Published  bool
	Federation Federation
	Cards      []providerCard
	Page       string // address of the list here
	Style      string
}

func (r *reading) embedPage() embedPage {
	page := embedPage{Published: r.Published, Federation: r.p.o.Federation, Page: r.absolute("/providers"), Style: stylePath + "?" + styleTag}
	if r.Published {
		for i := range r.Providers {
			page.Cards = append(page.Cards, r.providerCard(&r.Providers[i]))
		}
	}
	return page
}

// embed is a fragment for pages of other websites, which put it in when they are
// built or served.
func (r *reading) embed() error { return r.shared("fragment") }

// frame is a small page for a frame of another website's page.
func (r *reading) frame() error { return r.shared("frame") }

// framePolicy lets any website show what is for them.
const framePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"

func (r *reading) shared(name string) error {
	// The website says in which language, since its pages are in one.
	r.v.lang = tongue.Of(r.v.r.URL.Query().Get("lang"))
	var b bytes.Buffer
	if err := pages[r.v.lang.Code()]["embed"]().ExecuteTemplate(&b, name, r.embedPage()); err != nil {
		return err
	}
	h := r.v.w.Header()
	h.Set("Content-Security-Policy", framePolicy)
	h.Del("X-Frame-Options")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("Cross-Origin-Opener-Policy")
	h.Set("Access-Control-Allow-Origin", "*")
	status := http.StatusOK
	if !r.Published && name == "fragment" { // a website keeps the last good one
		status = http.StatusNotFound
	}
	r.send(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}
