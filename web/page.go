package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

//go:embed pages style.css own.css style-board.css icon.svg
var files embed.FS

// Where the style sheets are: that of all pages, and what it lacks for who is
// signed in, so that the public pages stay small. iconPath is the mark that
// browsers put beside a page's name.
const (
	stylePath = "/style.css"
	ownPath   = "/own.css"
	// boardStylePath is what the treasurers' pages have beside them.
	boardStylePath = "/style-board.css"
	iconPath       = "/icon.svg"
)

// Each file's tag names its content, so that browsers keep it until it changes.
var (
	styleText, styleTag = tagged("style.css")
	ownText, ownTag     = tagged("own.css")
	iconText, iconTag   = tagged("icon.svg")

	boardStyleText, boardStyleTag = tagged("style-board.css")
)

func tagged(name string) (text []byte, tag string) {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:8])
}

// pages are the pages by language and by the name of their file, each within the
// base layout. Each language has all of them. A page is read when it is first asked
// for: reading all takes every command 45 ms and 10 MB.
var pages = func() map[string]map[string]leaf {
	out := map[string]map[string]leaf{}
	for _, code := range tongue.Codes() {
		out[code] = pagesIn(folderOf(code))
	}
	return out
}()

// leaf gives a page, which is read the first time.
type leaf func() *template.Template

// folderOf is where the pages of a language are.
func folderOf(code string) string {
	if code == tongue.English().Code() {
		return "pages"
	}
	return path.Join("pages", code)
}

var templateFuncs = template.FuncMap{"capital": tongue.Capital, "sentTo": sentTo}

func pagesIn(folder string) map[string]leaf {
	out := map[string]leaf{}
	base := sync.OnceValue(func() *template.Template {
		return template.Must(template.New("base").Funcs(templateFuncs).ParseFS(files, folder+"/base.html", folder+"/parts*.html"))
	})
	names, err := files.ReadDir(folder)
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, file := range names {
		name := strings.TrimSuffix(file.Name(), ".html")
		if !file.IsDir() && name != "base" && !strings.HasPrefix(name, "parts") {
			out[name] = sync.OnceValue(func() *template.Template {
				return template.Must(template.Must(base().Clone()).ParseFS(files, folder+"/"+file.Name()))
			})
		}
	}
	return out
}

// layout is what the base layout shows.
type layout struct {
	Name, Title string
	Lang        string // the language of the page, as in HTML's lang
	// Languages are the others in which the page can be read.
	Languages  []languageLink
	Federation Federation
	// Who is signed in; "" for nobody, or where the page does not say. Unsure: that
	// could not be told.
	Who    string
	Unsure bool
	// Public: everybody may find the page, and its other forms. Wide: it takes all the
	// width there is.
	Public, Wide bool
	// Address is where the page is, for those who have its text alone; JSON and
	// Markdown are its other forms; "" for none.
	Address, JSON, Markdown string
	Nav                     []navigation
	Style, Own, Icon        string   // Own is "" on what is the same for everybody
	MoreStyle               string   // of the treasurers' pages; "" on others
	Age                     *dataAge // nil where the page does not say
	Body                    any
}

// navigation is one entry of the site's navigation.
type navigation struct {
	Path, Title string
	Here        bool // the page, or one beneath it
}

// phrase is a text with its language, where that is another one than the page's.
type phrase struct{ Text, Lang string }

// told is what another part of the program said in English, as the page says it; in
// English, and marked so, where the language lacks it.
func told(t *tongue.Tongue, english string) phrase {
	words, known := t.Retold(english)
	if known {
		return phrase{Text: words}
	}
	return phrase{words, tongue.English().Code()}
}

var navigations = []navigation{
	{Path: "/providers", Title: "Providers"}, {Path: "/members", Title: "Members"}, {Path: "/decisions", Title: "Decisions"},
	{Path: "/opportunities", Title: "Opportunities"}, {Path: "/rules", Title: "Rules"}, {Path: joinPath, Title: "Join"},
}

// wide are the pages of persons that hold tables and pictures.
var wide = map[string]bool{"admissions": true, "me": true, "notices": true, "delegates": true, "data": true, "listing": true, "participation": true, "facilitate": true}

// show answers with a page.
func (p *Pages) show(v *visit, status int, name, title string, body any) error {
	content, err := p.render(v, layout{Name: name, Title: title, Body: body})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(content)))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(content) // a client that went away is no fault of ours
	return nil
}

// render makes a page.
func (p *Pages) render(v *visit, l layout) ([]byte, error) {
	l.Federation, l.Style, l.Icon = p.o.Federation, stylePath+"?"+styleTag, iconPath+"?"+iconTag
	if strings.HasPrefix(l.Name, "board") {
		l.MoreStyle = boardStylePath + "?" + boardStyleTag
	}
	l.Who, l.Unsure = v.actor.Label, v.unsure
	l.Wide = l.Public || wide[l.Name]
	if v.in || l.Name == "join" { // whose form is for everybody
		l.Own = ownPath + "?" + ownTag
	}
	lang := v.lang
	l.Lang, l.Languages = lang.Code(), p.languages(v)
	path := v.r.URL.Path
	for _, n := range navigations {
		n.Title = lang.Say(n.Title)
		n.Here = path == n.Path || strings.HasPrefix(path, n.Path+"/")
		l.Nav = append(l.Nav, n)
	}
	if v.actor.Has(member.Treasurer) {
		l.Nav = append(l.Nav, navigation{boardPath, lang.Say("Board"), path == boardPath || strings.HasPrefix(path, boardPath+"/")})
	}
	if v.actor.Has(member.Facilitator) {
		l.Nav = append(l.Nav, navigation{facilitatePath, lang.Say("Facilitate"), path == facilitatePath})
	}
	if roll.Admits(v.actor) {
		l.Nav = append(l.Nav, navigation{AdmissionsPath, lang.Say("Admissions"), path == AdmissionsPath || strings.HasPrefix(path, AdmissionsPath+"/")})
	}
	if l.Public {
		l.Address = strings.TrimRight(p.o.BaseURL, "/") + path
		l.JSON, l.Markdown = p.otherForms(path)
	}
	var b bytes.Buffer
	if err := pages[lang.Code()][l.Name]().ExecuteTemplate(&b, "base", l); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// otherForms are the addresses of a public page as JSON and as Markdown; "" for
// none.
func (p *Pages) otherForms(path string) (asJSON, asMarkdown string) {
	if path == "/" {
		path = "/index"
	}
	form := func(address string) string {
		if len(p.find(address)) == 0 {
			return ""
		}
		return address
	}
	return form(path + ".json"), form(path + ".md")
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
	longPage      = notice{"Too long", "The address is longer than any link here.", "", ""}
	oftenPage     = notice{"A moment, please", "That was a great deal in a short time, and this was not done. Go back, wait a minute, and press the button again.", "", ""}
	notReadPage   = notice{"In a moment", "The roll was not read yet, or no rules are loaded. Try again in a few seconds.", "", ""}
	laterPage     = notice{"Not just now", "The roll cannot be read at the moment. Nothing was changed; try again in a minute.", "", ""}
	brokenPage    = notice{"That went wrong", "A fault of this program, and it has been noted.", "", ""}
	unknownLink   = notice{"This link is not known", "It may have been cut off on its way, or it is from long ago. Ask for a new one.", "/sign-in", "Ask for a new link"}
	noMailPage    = notice{"Signing in by mail is off", "This server cannot send mails yet. Whoever runs it can set that up, or make a link for you.", "/sign-in", "Back"}
	brokenTrip    = notice{"That did not fit together", "The sign-in was begun in another browser, or too long ago. Start again here.", "/sign-in", "Sign in"}
	providerPage  = notice{"The sign-in service did not help", "It could not be reached, or it said no. Try again in a minute, or sign in by mail.", "/sign-in", "Back"}
	notKnownPage  = notice{"That account does not sign anybody in here", "Either its e-mail address is not confirmed there, or it is not one that signs in here. A treasurer of the federation can help.", "/sign-in", "Back"}
)

// problem answers with one of them. People read it, also where a program would have
// got something else.
func (p *Pages) problem(v *visit, status int, n notice) {
	v.lang = v.wanted
	n.Title, n.Text, n.Link = v.lang.Say(n.Title), v.lang.Say(n.Text), v.lang.Say(n.Link)
	if err := p.show(v, status, "problem", n.Title, n); err != nil {
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
	return p.file(v, "text/css; charset=utf-8", styleText, styleTag)
}

func (p *Pages) boardStyle(v *visit) error {
	return p.file(v, "text/css; charset=utf-8", boardStyleText, boardStyleTag)
}

// own is the style sheet for who is signed in.
func (p *Pages) own(v *visit) error {
	return p.file(v, "text/css; charset=utf-8", ownText, ownTag)
}

// icon is the mark.
func (p *Pages) icon(v *visit) error { return p.file(v, "image/svg+xml", iconText, iconTag) }

func (p *Pages) file(v *visit, kind string, text []byte, tag string) error {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=3600")
	if v.r.URL.RawQuery == tag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(text)
	return nil
}
