package web

import (
	"html"
	"net/http"
	"net/url"
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
	for _, s := range append(roll.StateWords(), roll.StateWord{Words: roll.WordsOf(eligibility.StateNone)}) {
		all = append(all, "state|"+s.Words)
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

// englishWord is the first of them in a text, "" for none; an id may hold one by chance.
func englishWord(text string) string {
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
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
var ofTheWorld = []string{"Open Collective", "Example Federation", "Our code", "Ash <Workers'> Co-op", "A host </title><script>", "all <members>", hostile, "Fir Works", "Dogwood Care", "Public <i>work</i>", `Noor "the" <i>Canary`,
	`<script>alert("x")</script> & "more"`, "Hosting <b>&</b> more.", "Write <us>", "e-mail", "Canary tea", "Canary draft", "New chairs", "goodstanding", "Who may", "seed-2022"}

// Every page is in Spanish for whoever reads Spanish, and says so.
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
	for who, id := range map[string]member.PersonID{"nobody": "", "somebody": f.noor, "delegate": f.zoe, "proposer": f.lei, "facilitator": f.fay, "treasurer": f.ada} {
		f.as(id)
		for _, r := range routes() {
			if r.method != http.MethodGet || r.neutral() || strings.HasPrefix(r.path, "/sign-out") || r.path == embedPath || r.path == framePath {
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

// ofTreasurers are the texts of people in the federation that its treasurer goes over.
var ofTreasurers = []string{"gives, and is no member", "was admitted as a member", "its payments are those of", "pays by transfer", "a <year> off", "it has", `"nobody"`, "all is ready", "is a member", "the <meeting>", "un from posterior", "un id y un from nuevos", "the <host> moved", "its own"}

// tooShort are refusals of which too little stands fast to be told from what people
// write (tongue.Retold): only who changes a form by hand meets them, in English.
var tooShort = []string{"there is no hold", "has no waiver"}

// ofFile is what is wrong with a policy file, which holds the file's own words;
// TestFaultsOfRulesInSpanish looks at what is said of them.
var ofFile = regexp.MustCompile(`(?s)<strong>Estas reglas no se pueden leer como están:</strong>.*?</ul>`)

// inSpanishToo asks again in Spanish for what was answered in English, if that
// changed nothing: no English is left on it.
func (f *federation) inSpanishToo(method, path string, form url.Values, p page) {
	f.t.Helper()
	route := (&Pages{routes: routes()}).find(strings.SplitN(strings.TrimPrefix(path, f.server.URL), "?", 2)[0])
	if len(route) == 0 || route[0].neutral() || strings.HasPrefix(route[0].path, lettersPath+"/{kind}.html") || method == http.MethodPost && p.status < http.StatusBadRequest || !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
		return
	}
	f.asked[method+" "+route[0].path] = true
	heard := f.heard
	f.heard = nil
	defer func() { f.heard = heard }()
	es := f.do(method, path, form, "Accept-Language", "es", "Sec-Fetch-Site", "same-origin")
	if es.status != p.status || !strings.Contains(es.body, `<html lang="es">`) {
		f.t.Errorf("%s %s is answered with %d, in Spanish with %d", method, path, p.status, es.status)
	}
	for _, marked := range regexp.MustCompile(`<li lang="en">.*?</li>`).FindAllString(es.body, -1) {
		if !slices.ContainsFunc(tooShort, func(words string) bool { return strings.Contains(marked, words) }) {
			f.t.Errorf("%s %s refuses in English: %s", method, path, marked)
		}
	}
	for _, text := range englishIn(ofFile.ReplaceAllString(es.body, " "), append(ofTreasurers, ofTheWorld...)) {
		f.t.Errorf("%s %s is English: %s", method, path, text)
	}
}
