package web

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
)

// sampleLetters are those of the program.
func sampleLetters() *Letters {
	all := letter.BuiltIn()
	return &Letters{Languages: all.Languages, Write: func(k notify.Kind, language string, several bool) (Letter, error) {
		d := letter.Sample(k, language)
		if several {
			d = letter.SampleOfSeveral(k, language)
		}
		l, err := all.Render(d)
		return Letter{Subject: l.Subject, Text: l.Text, HTML: l.HTML}, err
	}}
}

// Every kind of letter can be read in each language, as text, and as a page that is
// allowed its own style and nothing else.
func boardLetters(t *testing.T, f *federation) {
	list := f.get("/board/letters").want(t, 200, "<h1>Letters</h1>", "Looking at one sends nothing.", `<a href="/board/letters/lapsed">Lapsed</a>`)
	if n := strings.Count(list.body, `href="/board/letters/`); n != len(notify.Kinds()) {
		t.Errorf("%d letters are listed, want %d", n, len(notify.Kinds()))
	}
	f.get("/board/letters/lapsed").want(t, 200, "<h1>Lapsed</h1>", ">English</a>", ">Spanish</a>", "As mail programs show it", "Northwind Hosting", `href="/board/letters/lapsed.html?language=en"`)
	f.get("/board/letters/lapsed?language=es&several=yes").want(t, 200, `<pre lang="es">`, "Casa Taller", `aria-current="true">about several</a>`)
	f.get("/board/letters/%3Cb%3E").want(t, 404, "There is no such letter")
	f.get("/board/letters/x.html").want(t, 404, "There is no such letter")
	for _, k := range notify.Kinds() {
		for _, language := range []string{"en", "es"} {
			p := f.get("/board/letters/"+string(k)+".html?language="+language).want(t, 200, `<html lang="`+language+`"`)
			style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(p.body)
			if style == nil || strings.Contains(p.body, "style=") || strings.Contains(p.body, "<script") || strings.Contains(p.body, " src=") || strings.Contains(style[1], "url(") {
				t.Fatalf("%s, %s: %s", k, language, p.body)
			}
			sum := sha256.Sum256([]byte(style[1]))
			policy := p.header.Get("Content-Security-Policy")
			if policy != "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox" || strings.Contains(policy, "unsafe") || p.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", k, p.header)
			}
		}
	}
	f.as(f.fay)
	f.get("/board/letters/lapsed.html").want(t, 403, "only the treasurers")
}
