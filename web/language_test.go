package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/roll"
)

// A visitor is answered in the language that was chosen, else in that of the mails,
// else in the browser's, else in English; caches keep them apart.
func TestWhichLanguage(t *testing.T) {
	f := newFederation(t)
	in := func(address, header string) (code string, p page) {
		t.Helper()
		p = f.do(http.MethodGet, address, nil, "Accept-Language", header)
		code = regexp.MustCompile(`<html lang="(\w+)">`).FindStringSubmatch(p.body + `<html lang="none">`)[1]
		return code, p
	}
	for header, want := range map[string]string{
		"": "en", "es": "es", "es-MX": "es", "ES": "es", "fr": "en", "fr, es;q=0.4": "es", "en;q=0.3, es;q=0.7": "es", "es;q=0.3, en": "en", "es;q=0": "en", "*": "en", "*, es;q=0.9": "en", "de, *;q=0.1, es;q=0.5": "es",
		"es;q=2": "en", "es;q=x, en;q=0.1": "en", "espanol": "en", ";;;,": "en", strings.Repeat("fr,", 5000) + "es": "en",
	} {
		if got, _ := in("/members", header); got != want {
			t.Errorf("%.40q is answered in %s, want %s", header, got, want)
		}
	}
	_, english := in("/members", "en")
	_, spanish := in("/members", "es")
	if english.header.Get("ETag") == spanish.header.Get("ETag") || english.header.Get("Vary") != "Cookie, Accept-Language" || spanish.header.Get("Vary") != "Cookie, Accept-Language" {
		t.Errorf("a cache takes one language for the other: %v, %v", english.header, spanish.header)
	}
	if p := f.do(http.MethodGet, "/members", nil, "Accept-Language", "es", "If-None-Match", english.header.Get("ETag")); p.status != http.StatusOK {
		t.Errorf("the English page is still so in Spanish: %d", p.status)
	}
	if p := f.do(http.MethodGet, "/privacy.json", nil, "Accept-Language", "es"); p.header.Get("Vary") != "Cookie" || !strings.Contains(p.body, "Everybody reads the rules.") {
		t.Errorf("a program is answered in Spanish: %v", p.header)
	}
	if p := f.do(http.MethodGet, "/opportunities.md", nil, "Accept-Language", "es"); !strings.Contains(p.body, "Nothing is open now.") {
		t.Errorf("%s", p.body)
	}
	// Chosen at the foot, it beats the browser.
	spanish.want(t, 200, `<a href="/language/en?back=%2Fmembers" lang="en" hreflang="en" rel="nofollow">English</a>`)
	_, p := in("/members?kind=individual", "en")
	p.want(t, 200, `<a href="/language/es?back=%2Fmembers%3Fkind%3Dindividual" lang="es" hreflang="es" rel="nofollow">Español</a>`)
	set := f.get("/language/es?back=%2Fmembers%3Fkind%3Dindividual")
	set.leads(t, "/members?kind=individual")
	for _, part := range []string{"goodstanding-language=es;", "Path=/;", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age="} {
		if !strings.Contains(set.header.Get("Set-Cookie")+";", part) {
			t.Errorf("the cookie lacks %s: %s", part, set.header.Get("Set-Cookie"))
		}
	}
	if got, _ := in("/members", "en"); got != "es" {
		t.Errorf("what was chosen is answered in %s", got)
	}
	f.get("/language/tlh").want(t, http.StatusNotFound, "No hay tal idioma")
	// The mail with a link is in the language of the page, or in that of one's mails.
	f.as("")
	for _, one := range []struct{ email, header, want string }{{"zoe@people.example", "es", "Entrar en Example Federation"}, {"Fay@people.example", "en", "Sign in to Example Federation"}, {"Cor@people.example", "en", "Entrar en Example Federation"}} {
		if one.email == "Cor@people.example" {
			_, err := f.roll.SetWish(t.Context(), roll.By{Actor: f.by(f.cora).Actor, Reason: "wanted"}, f.cora, roll.NewWish{Language: "es"})
			f.ok(err)
		}
		f.do(http.MethodPost, "/sign-in", url.Values{"email": {one.email}}, "Sec-Fetch-Site", "same-origin", "Accept-Language", one.header).leads(t, "/sign-in/mail")
		mails := f.settled()
		if last := mails[len(mails)-1]; last.Subject != one.want || strings.Contains(last.Text, "Vale una sola vez, hasta las") != (one.want[0] == 'E') {
			t.Errorf("%s is mailed %q:\n%s", one.email, last.Subject, last.Text)
		}
	}
	// That of the mails beats the browser's, and what was chosen beats that.
	f.as(f.lei)
	_, err := f.roll.SetWish(t.Context(), roll.By{Actor: f.by(f.lei).Actor, Reason: "wanted"}, f.lei, roll.NewWish{Language: "es"})
	f.ok(err)
	for _, address := range []string{"/me", "/members", "/decisions/1"} {
		if got, _ := in(address, "en"); got != "es" {
			t.Errorf("%s is in %s for who wants mails in Spanish", address, got)
		}
	}
	if p := f.do(http.MethodGet, "/opportunities.md", nil, "Accept-Language", "en"); !strings.Contains(p.body, "Nothing is open now.") {
		t.Errorf("a program is answered in the language of the mails of who asks: %s", p.body)
	}
	f.get("/language/en?back=/me").leads(t, "/me")
	if got, _ := in("/me", "es"); got != "en" {
		t.Errorf("what was chosen is answered in %s", got)
	}
	// Who then changes the language of mails wants the pages so, too.
	f.post("/me/notices", "language", "es").leads(t, "/me/notices?saved=yes")
	if got, _ := in("/me", "en"); got != "es" {
		t.Errorf("the language of mails was changed, and pages are in %s", got)
	}
	f.as(f.ada)
	for _, address := range []string{"/me", boardPath, setUpPath, AdmissionsPath} {
		if got, _ := in(address, "es"); got != "es" {
			t.Errorf("%s is answered in %s", address, got)
		}
	}
}

// The link that chooses a language leads to no other place than these pages.
func TestChoosingLeadsNowhereElse(t *testing.T) {
	f := newFederation(t)
	for back, want := range map[string]string{
		"": "/", "/decisions/1": "/decisions/1", "/decisions/1?text=2#texts": "/decisions/1?text=2#texts", "/me/notices": "/me/notices",
		"https://elsewhere.example/": "/", "//elsewhere.example/members": "/", `/\elsewhere.example`: "/", `\\elsewhere.example`: "/", "/%5Celsewhere.example": "/", "javascript:alert(1)": "/", "members": "/",
		"/members\r\nSet-Cookie: a=b": "/", "/nowhere": "/", "/sign-out/everywhere": "/", "/language/en?back=/members": "/", "/decisions/1/answer": "/", "/api/v1/members": "/", "/members.json": "/",
		"/sign-in/link/0123456789": "/", "/members@elsewhere.example": "/", "/..//elsewhere.example": "/", "/members/../../elsewhere": "/",
	} {
		f.get("/language/es?back="+url.QueryEscape(back)).leads(t, want)
	}
	// A mailed link is no part of another address, and a form's page leads back to its decision.
	for address, want := range map[string]string{"/sign-in/link/0123456789": "%2Fsign-in", "/confirm-delegate/0123456789": "%2F"} {
		p := f.get(address)
		if strings.Contains(strings.ReplaceAll(p.body, `name="token" value="0123456789"`, ""), "0123456789") || !strings.Contains(p.body, `back=`+want+`"`) {
			t.Errorf("%s:\n%s", address, p.body)
		}
	}
	f.as(f.zoe)
	f.post("/decisions/1/answer", "answer", "block", "seen", "x").want(t, http.StatusConflict, "back=%2Fdecisions%2F1")
}
