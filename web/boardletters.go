package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// Letters writes letters with invented people, for previews.
type Letters struct {
	// Languages are those that there are letters in; the first one is the usual one.
	Languages func() []string
	// Write writes the letter of a kind in one of them: about one member, or about
	// several, where the kind can be.
	Write func(kind notify.Kind, language string, several bool) (Letter, error)
}

// Letter is a letter in words.
type Letter struct {
	Subject, Text string
	HTML          string // a whole document, with styles on its elements
	Room          string // what the room reads; "" for nothing
}

// lettersPage is every kind of letter.
type lettersPage struct {
	Tabs   []tab
	Groups []lettersGroup
}

type lettersGroup struct {
	Title string
	Kinds []choice
}

// letterPage is one letter.
type letterPage struct {
	Tabs                []tab
	Words               string
	Languages, About    []choice
	Subject, Text, Room string
	Language            string
	HTML                string // where it is as HTML
}

const lettersPath = boardPath + "/letters"

var (
	noLetterPage  = notice{"There is no such letter", "The address was cut off, or it is from another version.", lettersPath, "All letters"}
	noLettersPage = notice{"No letters here", "This server was set up without letters, so there is nothing to show.", noticesPath, "Notices"}
)

// letters lists them.
func (b *board) letters() error {
	page := lettersPage{Tabs: b.tabs(noticesPath)}
	for _, g := range groupTitles {
		group := lettersGroup{Title: b.say(g.title)}
		for _, k := range notify.Kinds() {
			if k.Group() == g.group {
				group.Kinds = append(group.Kinds, choice{capital(b.say(roll.NoticeWords(k))), lettersPath + "/" + string(k), false})
			}
		}
		page.Groups = append(page.Groups, group)
	}
	return b.page(http.StatusOK, "boardletters", b.say("Letters"), page)
}

// sample writes the letter that the address asks for; ok is false where there is none,
// which the answer then says.
func (b *board) sample() (l Letter, kind notify.Kind, language string, ok bool, err error) {
	if b.p.o.Letters == nil {
		b.p.problem(b.v, http.StatusNotFound, noLettersPage)
		return l, "", "", false, nil
	}
	kind, known := notify.ParseKind(b.v.segment)
	if !known {
		b.p.problem(b.v, http.StatusNotFound, noLetterPage)
		return l, "", "", false, nil
	}
	language = b.field("language")
	for _, other := range []string{b.v.lang.Code(), b.p.o.Letters.Languages()[0]} {
		if !slices.Contains(b.p.o.Letters.Languages(), language) {
			language = other
		}
	}
	l, err = b.p.o.Letters.Write(kind, language, b.field("several") != "")
	return l, kind, language, err == nil, err
}

// letter shows one as text, with a link to the same as HTML.
func (b *board) letter() error {
	l, kind, language, ok, err := b.sample()
	if !ok || err != nil {
		return err
	}
	several := b.field("several") != ""
	address := func(ending, language string, several bool) string {
		q := url.Values{"language": {language}}
		if several {
			q.Set("several", "yes")
		}
		return lettersPath + "/" + string(kind) + ending + "?" + q.Encode()
	}
	page := letterPage{Tabs: b.tabs(noticesPath), Words: capital(b.say(roll.NoticeWords(kind))), Subject: l.Subject, Text: l.Text, Room: l.Room, Language: language, HTML: address(".html", language, several)}
	for _, one := range b.p.o.Letters.Languages() {
		page.Languages = append(page.Languages, choice{b.languageWords(one), address("", one, several), one == language})
	}
	if kind.Group() == notify.AboutDues || kind.Group() == notify.AboutDelegates {
		page.About = []choice{{b.say("about one member"), address("", language, false), !several}, {b.say("about several"), address("", language, true), several}}
	}
	return b.page(http.StatusOK, "boardletter", page.Words, page)
}

// letterHTML is the letter as mail programs show it: a page of its own, with nothing but
// the letter on it, that may do nothing.
func (b *board) letterHTML() error {
	l, _, _, ok, err := b.sample()
	if !ok || err != nil {
		return err
	}
	page, style := styled(l.HTML)
	sum := sha256.Sum256([]byte(style))
	h := b.v.w.Header()
	h.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox", base64.StdEncoding.EncodeToString(sum[:])))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	b.v.w.WriteHeader(http.StatusOK)
	_, _ = b.v.w.Write([]byte(page)) // a client that went away is no fault of ours
	return nil
}

// onElement is a style on an element, as letters have it.
var onElement = regexp.MustCompile(` style="([^"]*)"`)

// styled gathers the styles on a letter's elements into one sheet, since that can be
// allowed by its hash and they cannot.
func styled(letter string) (page, style string) {
	var sheet strings.Builder
	classes := map[string]string{}
	page = onElement.ReplaceAllStringFunc(letter, func(attribute string) string {
		rules := html.UnescapeString(onElement.FindStringSubmatch(attribute)[1])
		class, known := classes[rules]
		if !known {
			class = "s" + strconv.Itoa(len(classes))
			classes[rules] = class
			fmt.Fprintf(&sheet, ".%s{%s}\n", class, strings.ReplaceAll(rules, "<", ""))
		}
		return ` class="` + class + `"`
	})
	style = sheet.String()
	return strings.Replace(page, "</head>", "<style>"+style+"</style>\n</head>", 1), style
}
