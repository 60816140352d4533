package web

import (
	"html"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// onlyEnglish are the pages that no other language has: those of treasurers.
func onlyEnglish(file string) bool {
	return strings.HasPrefix(file, "board") || file == "parts-board.html"
}

// skeleton is what a template holds beside its words, by the name of each part:
// its elements with their attributes in their order, and all that it asks for.
type skeleton struct{ elements, actions []string }

var (
	action     = regexp.MustCompile(`\{\{.*?\}\}`)
	marked     = regexp.MustCompile("\x01([0-9]+)\x02")
	element    = regexp.MustCompile(`<[^>]*>`)
	worded     = regexp.MustCompile(`\b(aria-label|title|data-name|lang|alt|placeholder)="([^"]*)"|(subject)=([^"&]*)`)
	wordedWith = regexp.MustCompile(`^(\{\{or .*) "[^"]*"\}\}$`)
)

func skeletons(t *testing.T, file string) map[string]skeleton {
	t.Helper()
	text, err := fs.ReadFile(files, file)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := template.New("").Funcs(templateFuncs).Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	out := map[string]skeleton{}
	for _, part := range whole.Templates() {
		if part.Tree == nil || part.Name() == "" {
			continue
		}
		var s skeleton
		var asked []string
		// A tag may hold what the template asks for, and that a sign of a tag.
		source := action.ReplaceAllStringFunc(part.Tree.Root.String(), func(a string) string {
			asked = append(asked, wordedWith.ReplaceAllString(a, `$1 "…"}}`))
			return "\x01" + string(rune('0'+len(asked)/1000)) + string(rune('0'+len(asked)/100%10)) + string(rune('0'+len(asked)/10%10)) + string(rune('0'+len(asked)%10)) + "\x02"
		})
		back := func(text string) string {
			return marked.ReplaceAllStringFunc(text, func(m string) string {
				n := 0
				for _, c := range m[1 : len(m)-1] {
					n = n*10 + int(c-'0')
				}
				return asked[n-1]
			})
		}
		rest := element.ReplaceAllStringFunc(source, func(tag string) string {
			s.elements = append(s.elements, back(worded.ReplaceAllStringFunc(tag, func(attribute string) string {
				name, value, _ := strings.Cut(attribute, "=")
				in := marked.FindAllString(value, -1)
				slices.SortFunc(in, func(a, b string) int { return strings.Compare(back(a), back(b)) })
				return name + "=" + strings.Join(in, "")
			})))
			return " "
		})
		for _, m := range marked.FindAllString(rest, -1) {
			s.actions = append(s.actions, back(m))
		}
		slices.Sort(s.actions)
		out[part.Name()] = s
	}
	return out
}

// without are those of a that b lacks.
func without(a, b []string) (out []string) {
	rest := slices.Clone(b)
	for _, one := range a {
		if i := slices.Index(rest, one); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, one)
		}
	}
	return out
}

// A translated page says the same as the English one: it asks for the same, and has
// the same elements, links and fields, so that it cannot fall behind.
func TestTranslatedPagesHoldTheSame(t *testing.T) {
	english, err := fs.Glob(files, "pages/*.html")
	if err != nil || len(english) < 20 {
		t.Fatal(english, err)
	}
	for _, code := range tongue.Codes()[1:] {
		folder := folderOf(code)
		theirs, err := fs.Glob(files, folder+"/*.html")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range english {
			copied := path.Join(folder, path.Base(file))
			there := slices.Contains(theirs, copied)
			if onlyEnglish(path.Base(file)) {
				if there {
					t.Errorf("%s is a page of treasurers: the base of another language does not hold their parts", copied)
				}
				continue
			}
			if !there {
				t.Errorf("web/%s has no copy in %s: write web/%s", file, code, copied)
				continue
			}
			if text, err := fs.ReadFile(files, copied); err != nil || code == "es" {
				for _, left := range englishIn(action.ReplaceAllString(string(text), ""), []string{"Open Collective", "goodstanding", "verify-record record.json"}) {
					t.Errorf("web/%s is English (%v): %s", copied, err, left)
				}
			}
			want, got := skeletons(t, file), skeletons(t, copied)
			for name, w := range want {
				g, ok := got[name]
				if !ok {
					t.Errorf("web/%s: the part %q is missing", copied, name)
					continue
				}
				for _, one := range append(without(w.elements, g.elements), without(w.actions, g.actions)...) {
					t.Errorf("web/%s: %q lacks what web/%s has: %s", copied, name, file, one)
				}
				for _, one := range append(without(g.elements, w.elements), without(g.actions, w.actions)...) {
					t.Errorf("web/%s: %q has what web/%s lacks: %s", copied, name, file, one)
				}
				if len(without(w.elements, g.elements)) == 0 && !slices.Equal(w.elements, g.elements) {
					t.Errorf("web/%s: %q has its elements in another order than web/%s", copied, name, file)
				}
			}
			for name := range got {
				if _, ok := want[name]; !ok {
					t.Errorf("web/%s: the part %q is not in web/%s", copied, name, file)
				}
			}
		}
		for _, copied := range theirs {
			if !slices.Contains(english, path.Join("pages", path.Base(copied))) {
				t.Errorf("web/%s is a copy of no page", copied)
			}
		}
	}
}

// Whatever is said by a word that is put together is there in each language.
func TestWordsOfClosedLists(t *testing.T) {
	var all []string
	for s := eligibility.StatusUnknown; s <= eligibility.StatusInReview; s++ {
		all = append(all, "contribution|"+strings.ToLower(s.String()))
	}
	for _, k := range []member.Kind{member.Organisation, member.Individual} {
		all = append(all, string(k), "sentence|"+string(k)+"s")
	}
	for _, s := range decisions.States() {
		all = append(all, s.Words())
	}
	for _, s := range []decisions.Size{decisions.Small, decisions.Medium, decisions.Large} {
		all = append(all, string(s))
	}
	for _, f := range []string{"1/2", "1/3", "2/3", "1/4", "3/4"} {
		of, err := decisions.ParseFraction(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, "time|"+of.Words())
	}
	for _, b := range notify.Batches() {
		all = append(all, "batch|"+strings.ReplaceAll(string(b), "_", " "))
	}
	for _, d := range []string{notify.HeldStale, notify.HeldBrake, notify.Retried, notify.OutcomeUnknown, notify.RefusedRecipient, notify.RefusedMessage, notify.RefusedPolicy, notify.GaveUp,
		notify.AddressGone, notify.AddressBounced, notify.TooLate, notify.OptedOut, notify.Dropped, notify.NothingTold, notify.Superseded, notify.NoRoom} {
		all = append(all, strings.ReplaceAll(d, "_", " "))
	}
	for _, r := range eligibility.Rights {
		all = append(all, "the "+rightWords[r]+" rests", "the "+rightWords[r]+" is back")
	}
	for _, code := range tongue.Codes()[1:] {
		for _, one := range all {
			if said := tongue.Of(code).Say(one); said == one || said == tongue.English().Say(one) {
				t.Errorf("%q is not there in %s", one, code)
			}
		}
	}
}

// foreign are words that stand in English sentences, and in no Spanish one.
var foreign = strings.Fields(`the and your you of is are was were with for not this that these it its be been by from on in to or if at as who what which until since when nobody everybody
	member members decision decisions dues rules answer answers answered notice notices delegate delegates waiting needed month year day days hour hours sent mail mails about because here there`)

// englishWord is the first of them in a text; "" for none.
func englishWord(text string) string {
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(foreign, word) {
			return word
		}
	}
	return ""
}

var (
	inEnglish = regexp.MustCompile(`(?s)<(\w+)[^>]* lang="en"[^>]*>.*?</(\w+)>`)
	ofPeople  = regexp.MustCompile(`(?s)<blockquote.*?</blockquote>|<div class="write-up">.*?</div>|<div class="text">.*?</div>|<code>.*?</code>|<style.*?</style>|<address.*?</address>|<textarea.*?</textarea>`)
	attribute = regexp.MustCompile(`\b(?:aria-label|title|data-name|alt|placeholder)="([^"]*)"`)
	aTag      = regexp.MustCompile(`<[^>]*>`)
)

// englishIn are the sentences of a page that are English: not those of people, nor
// what is marked as English.
func englishIn(body string, names []string) (out []string) {
	body = ofPeople.ReplaceAllString(inEnglish.ReplaceAllString(body, " "), " ")
	var texts []string
	for _, a := range attribute.FindAllStringSubmatch(body, -1) {
		texts = append(texts, a[1])
	}
	texts = append(texts, strings.Split(aTag.ReplaceAllString(body, "\n"), "\n")...)
	for _, text := range texts {
		text = html.UnescapeString(text)
		for _, name := range names {
			text = strings.ReplaceAll(text, name, "")
		}
		if word := englishWord(text); word != "" {
			out = append(out, word+": "+strings.TrimSpace(text))
		}
	}
	return out
}

// ofTheWorld are the texts of people in the federation of these tests.
var ofTheWorld = []string{"Open Collective", "Example Federation", "Our code", "Ash <Workers'> Co-op", "A host </title><script>", "all <members>", hostile, "Fir Works", "Dogwood Care", "Public <i>work</i>",
	`<script>alert("x")</script> & "more"`, "Hosting <b>&</b> more.", "Write <us>", "e-mail", "Canary tea", "Canary draft", "New chairs", "goodstanding", "Who may", "seed-2022"}

// Every page that people meet who are no treasurers is in Spanish for whoever reads
// Spanish, and says so.
func TestNoEnglishIsLeft(t *testing.T) {
	f := newFederation(t)
	f.list(profiles(f))
	es := func(address string) page {
		return f.do(http.MethodGet, address, nil, "Accept-Language", "es-ES,es;q=0.9,en;q=0.5")
	}
	seen := 0
	look := func(who, address string, p page) {
		t.Helper()
		if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") || p.status == http.StatusSeeOther {
			return
		}
		seen++
		if !strings.Contains(p.body, `<html lang="es">`) {
			t.Errorf("%s as %s: the page does not say that it is Spanish", address, who)
		}
		for _, text := range englishIn(p.body, ofTheWorld) {
			t.Errorf("%s as %s is English: %s", address, who, text)
		}
	}
	for who, id := range map[string]member.PersonID{"nobody": "", "somebody": f.noor, "delegate": f.zoe, "proposer": f.lei, "facilitator": f.fay} {
		f.as(id)
		for _, r := range routes() {
			if r.method != http.MethodGet || strings.HasPrefix(r.path, boardPath) || r.neutral() || strings.HasPrefix(r.path, "/sign-out") || r.path == embedPath || r.path == framePath {
				continue
			}
			look(who, f.addressOf(r), es(f.addressOf(r)))
		}
		for _, address := range []string{"/decisions/2", "/decisions/" + string(f.logged), "/decisions/99", "/decisions/1?text=2", "/decisions?state=open", "/providers?service=hosting&language=en", "/members?kind=individual",
			"/me/notices?saved=yes", "/opportunities?posted=yes", "/sign-out"} {
			look(who, address, es(address))
		}
	}
	if seen < 100 {
		t.Errorf("%d pages were looked at", seen)
	}
	f.as("")
	es("/providers/frame").want(t, 200, `<html lang="en">`) // for websites, in a language that they say
	look("nobody", "/providers/frame?lang=es", es("/providers/frame?lang=es"))
	if found := englishIn("<p>It is in the way.</p><p lang=\"en\">It is.</p>", nil); len(found) != 1 {
		t.Errorf("the test sees no English: %q", found)
	}
}

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
	_, p = in("/board", "es")
	p.want(t, 200, `<html lang="en">`, `<p class="fine only" lang="es">Esta página solo está en inglés.</p>`, `lang="en" hreflang="en"`)
	if _, p = in("/me", "es"); strings.Contains(p.body, `only" lang`) {
		t.Error("a page in Spanish says that it is not")
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

// What delegates are commonly refused is said in Spanish; what nobody has
// translated is marked as English.
func TestRefusalsInSpanish(t *testing.T) {
	f := newFederation(t)
	f.as(f.zoe)
	f.get("/language/es")
	head := func(number string) string {
		return regexp.MustCompile(`name="seen" value="([^"]+)"`).FindStringSubmatch(f.get("/decisions/" + number).body)[1]
	}
	answer := func(number, deed string, pairs ...string) page {
		t.Helper()
		return f.post("/decisions/"+number+"/"+deed, append(pairs, "member", string(f.zed), "seen", head(number))...)
	}
	answer("1", "answer", "answer", "block").want(t, 409, "No se ha respondido", "No se ha cambiado nada.", "<li>El bloqueo dice con palabras cuál es la preocupación.</li>", "Leer la decisión como está ahora")
	answer("1", "answer").want(t, 409, "<li>Elige una respuesta: a favor, en contra, abstención o bloqueo.</li>")
	answer("2", "object").want(t, 409, "<li>Una objeción dice con palabras cuál es la preocupación.</li>")
	answer("2", "take-back").want(t, 409, "<li>El miembro no tiene ningún voto que retirar.</li>")
	answer("2", "more-time").want(t, 409, "<li>Falta el motivo.</li>")
	answer("2", "escalate").want(t, 409, "<li>Falta el motivo.</li>", "<li>Elige un tamaño mayor.</li>")
	f.post("/decisions/1/answer", "answer", "favour", "member", string(f.birch), "seen", "x").want(t, 403, "Zoe Canary no es persona delegada de ese miembro: pueden nombrarla sus personas delegadas o la tesorería.")
	f.post("/decisions/1/answer", "answer", "favour", "member", string(f.zed), "seen", "x").want(t, 409, "Ha cambiado desde que la leíste")
	f.post("/me/delegates/add", "member", string(f.zed), "name", "N", "email", "nonsense").want(t, 409, "no es un correo electrónico: escribe nombre@example.org.")
	f.post("/opportunities/new").want(t, 422, "No se publicó:", "<li>Hace falta un título.</li>", "<li>Hace falta un contacto: a quién escribir.</li>")
	f.post("/opportunities/new", "closes", "yesterday").want(t, 422, "<li>El último día no es un día: escríbelo como 2026-07-01.</li>")
	f.post("/sign-in", "email", "").want(t, 422, "Escribe tu correo electrónico.")
	receipt := answer("2", "answer", "answer", "favour").want(t, 200, "<h1>La respuesta: queda en el acta</h1>", "<dt>Respuesta</dt><dd>A favor</dd>", "de la cadena de la decisión")
	if left := englishIn(receipt.body, ofTheWorld); len(left) > 0 {
		t.Errorf("the receipt is English: %q", left)
	}
	if got := told(tongue.Of("es"), "something that nobody has translated"); got.Lang != "en" {
		t.Errorf("%+v", got)
	}
	if got := told(tongue.English(), "something that nobody has translated"); got.Lang != "" {
		t.Errorf("%+v", got)
	}
}

// Each state, reason, rule and count that there can be is said in Spanish whole.
func TestTheRoomsSpeakSpanish(t *testing.T) {
	es := tongue.Of("es")
	check := func(what, text string) {
		t.Helper()
		if word := englishWord(strings.NewReplacer("Open Collective", "", "seed-2022", "", "coopcloud-2023", "").Replace(text)); word != "" || text == "" {
			t.Errorf("%s is English (%s): %q", what, word, text)
		}
	}
	day := instant.Date(2026, 7, 1)
	for code := eligibility.CodeCovered; code <= eligibility.CodePolicyFault; code++ {
		for _, r := range []eligibility.Reason{{Code: code}, {Code: code, Since: day, Until: day}} {
			check(code.String(), r.TextIn(es, nil))
		}
	}
	for state := eligibility.StateLeft; state <= eligibility.StateUnpaid; state++ {
		s := eligibility.Standing{State: state, Reasons: []eligibility.Reason{{Code: eligibility.CodeGrace, Rights: 7}}}
		check(state.String(), s.PeopleIn(es, nil)+s.RefuseIn(es, eligibility.Vote, nil))
		s.PaidThrough, s.Verdicts[0] = day, eligibility.Verdict{OK: true, Until: day}
		check(state.String(), s.PeopleIn(es, nil))
	}
	for _, name := range policy.PresetNames() {
		file, err := policy.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range file.Versions {
			for i, s := range policy.WordsIn(es, v, nil) {
				check(name, s.Text)
				if english := policy.Words(v, nil)[i]; english.Topic != s.Topic || english.Text == s.Text {
					t.Errorf("%s: %q beside %q", name, s.Text, english.Text)
				}
			}
		}
	}
	var rule decisions.SizeRules
	for _, form := range decisions.Forms() {
		c, err := decisions.ParseCondition(strings.NewReplacer("N", "2", "F", "2/3").Replace(form))
		if err != nil {
			t.Fatal(err)
		}
		rule.PassesIf = append(rule.PassesIf, c)
	}
	alone := func(i int) decisions.SizeRules { return decisions.SizeRules{PassesIf: rule.PassesIf[i : i+1]} }
	for _, tally := range []decisions.Tally{{}, {Favour: 1}, {Favour: 9, Against: 1, Block: 1, Abstain: 2}, {Favour: 4, Waiting: make([]member.ID, 3), Concerns: []int{1}, Unanswered: []int{1}},
		{Against: 3, Waiting: make([]member.ID, 4), Concerns: []int{1, 2}, Objections: make([]member.ID, 2)}} {
		o := decisions.Outcome{Tally: tally}
		for i, c := range rule.PassesIf {
			check(c.String(), c.SentenceIn(es))
			check(c.String(), o.LineIn(es, decisions.Line{Condition: c}))
			check(c.String(), o.SensitivityIn(es, alone(i)))
		}
	}
	for _, o := range []decisions.Outcome{{}, {Lines: []decisions.Line{{Could: true}}}, {Lines: []decisions.Line{{}}}} {
		check("how it stands", o.StandsIn(es))
	}
	check("the weekday", decisions.Day{Year: 2026, Month: 7, Date: 1}.WordsIn(es))
}
