package letter

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/notify"
)

// written is a letter with what it was made of.
type written struct {
	Data
	Letter
}

// all are the letters that the samples make, in every language, three of a kind.
var all = sync.OnceValues(func() (out []written, err error) {
	for _, lang := range BuiltIn().Languages() {
		for _, k := range notify.Kinds() {
			for _, d := range samples(k, lang) {
				l, err := BuiltIn().Render(d)
				if err != nil {
					return nil, err
				}
				out = append(out, written{d, l})
			}
		}
	}
	return out, nil
})

// each calls f for every one of them.
func each(t *testing.T, f func(t *testing.T, d Data, l Letter)) {
	t.Helper()
	letters, err := all()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range letters {
		t.Run(w.Language+"/"+string(w.Kind), func(t *testing.T) { f(t, w.Data, w.Letter) })
	}
}

var amount = regexp.MustCompile(`[£€$][0-9]|[0-9][0-9.,]*\s?[£€$]|[A-Z]{3} [0-9]|[0-9]+[.,][0-9]{2}`)

// Nobody's subject line says what they pay, also where everything is filled in.
func TestNoSubjectHoldsAnAmount(t *testing.T) {
	each(t, func(t *testing.T, _ Data, l Letter) {
		if amount.MatchString(l.Subject) {
			t.Errorf("the subject holds an amount: %q", l.Subject)
		}
		if l.Subject == "" || strings.ContainsAny(l.Subject, "\n\\") {
			t.Errorf("the subject is no line of text: %q", l.Subject)
		}
	})
	if !amount.MatchString("The dues: £10.00 are missing") {
		t.Fatal("the test sees no amount")
	}
}

// threats are words that no letter needs; those of suspending are in one letter alone.
var threats = regexp.MustCompile(`(?i)\b(must|immediately|urgent|final (notice|warning)|warning|penalt|debt|owe|owed|legal|fail(ed|ure) to|expel|` +
	`lose (your|its)|consequences?|overdue payment|arrears)|` +
	`(debes|deuda|debe pagar|inmediatamente|urgente|último aviso|advertencia|sanci|multa|consecuencias?|perder[áa] (su|tu)|expuls|moros)`)

func TestNoLetterThreatens(t *testing.T) {
	each(t, func(t *testing.T, _ Data, l Letter) {
		if word := threats.FindString(l.Subject + "\n" + l.Text); word != "" {
			t.Errorf("a letter threatens (%q):\n%s", word, l.Text)
		}
	})
	if !threats.MatchString("This is a final warning") || !threats.MatchString("Es el último aviso") {
		t.Fatal("the test sees no threat")
	}
}

// The text part fits into a terminal, but for what cannot be broken.
func TestTextIsNarrow(t *testing.T) {
	each(t, func(t *testing.T, _ Data, l Letter) {
		for _, line := range strings.Split(l.Text, "\n") {
			if utf8.RuneCountInString(line) > 78 && strings.Contains(strings.TrimLeft(line, "-> "), " ") {
				t.Errorf("a line is longer than 78: %q", line)
			}
		}
		if strings.Contains(l.Text, "**") || strings.Contains(l.Text, `\`) || strings.Contains(l.Text, "\n\n\n") {
			t.Errorf("the text shows Markdown, or a hole:\n%s", l.Text)
		}
	})
}

// Every address that a button leads to can be read in the text part.
func TestTextHasEveryAddress(t *testing.T) {
	each(t, func(t *testing.T, _ Data, l Letter) {
		_, links := outline(t, l.HTML)
		for _, to := range links {
			if !strings.Contains(l.Text, strings.TrimPrefix(to, "mailto:")) {
				t.Errorf("%s is not in the text:\n%s", to, l.Text)
			}
		}
	})
}

// What may stand in the HTML of a mail: no picture, no script, no style sheet,
// nothing that is fetched from anywhere.
var tags = []string{"html", "head", "meta", "title", "body", "table", "tr", "td", "div", "h1", "h2", "p", "a", "strong", "em", "ul", "ol", "li", "blockquote", "code", "br"}

// outline are the elements of a well-formed page, and where its links lead.
func outline(t *testing.T, page string) (elements, links []string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(page, "<!DOCTYPE html>")))
	dec.Strict = true
	dec.Entity = xml.HTMLEntity
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return elements, links
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v\n%s", err, page)
		}
		switch e := token.(type) {
		case xml.StartElement:
			elements = append(elements, e.Name.Local)
			for _, a := range e.Attr {
				if a.Name.Local == "href" {
					links = append(links, a.Value)
				}
			}
		case xml.EndElement:
			elements = append(elements, "/"+e.Name.Local)
		}
	}
}

func TestHTMLHoldsNothingFromElsewhere(t *testing.T) {
	each(t, func(t *testing.T, _ Data, l Letter) {
		elements, links := outline(t, l.HTML)
		for _, e := range elements {
			if !slices.Contains(tags, strings.TrimPrefix(e, "/")) {
				t.Errorf("<%s> has no place in a letter", e)
			}
		}
		for _, to := range links {
			if !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "mailto:") {
				t.Errorf("a link leads to %q", to)
			}
		}
		for _, bad := range []string{"src=", "url(", "@import", "http-equiv", "<style", "raw HTML omitted", "class="} {
			if strings.Contains(l.HTML, bad) {
				t.Errorf("the page holds %q", bad)
			}
		}
		if n := strings.Count(l.HTML, "color:#ffffff"); n != strings.Count(l.HTML, "background-color:"+deed) {
			t.Errorf("%d texts are white, and not all of them are on green: they vanish on white paper", n)
		}
	})
}

// A letter that would be about nobody, or silent about some, is none.
func TestLettersNameTheirMembers(t *testing.T) {
	each(t, func(t *testing.T, d Data, l Letter) {
		if g := d.Kind.Group(); g != notify.AboutDues && g != notify.AboutMembership && g != notify.AboutDelegates {
			return
		}
		for _, m := range d.Members {
			if !strings.Contains(flat(l.Text), m.Name) {
				t.Errorf("%s is not named:\n%s", m.Name, l.Text)
			}
		}
	})
	none, many := Sample(notify.Lapsed, "en"), Sample(notify.Paused, "en")
	none.Members, many.Members = nil, sampleMembers
	for want, d := range map[string]Data{
		"write the letter lapsed: it is about a member, and there is none": none,
		"write the letter paused: it is about one member, and there are 3": many,
		`write the letter nonsense: there is no template "nonsense" in en`: {Kind: "nonsense"},
	} {
		if _, err := BuiltIn().Render(d); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
