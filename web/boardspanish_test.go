package web

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// Whatever is wrong with a policy file is said in Spanish: each answer to the mistakes that
// package policy tells, but for what the reader of YAML says by itself.
func TestFaultsOfRulesInSpanish(t *testing.T) {
	text, err := os.ReadFile("../policy/testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(?m)^[0-9]+:[0-9]+: (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(said) < 150 {
		t.Fatalf("%d answers were found", len(said))
	}
	for _, one := range said {
		fault := faultAt(tongue.Of("es"), "Línea 1:", one[1])
		if alone := regexp.MustCompile(`^this is not YAML: [^;]*$`).MatchString(one[1]); fault.Lang == "" == alone {
			t.Errorf("%q is said as %+v", one[1], fault)
		}
		if english := faultAt(tongue.English(), "Line 1:", one[1]); english.Where+" "+english.Text != "Line 1: "+one[1]+"." || english.Lang != "" {
			t.Errorf("%q is said in English as %+v", one[1], english)
		}
	}
}

// Rules of every kind that differ are compared in Spanish as in English.
func TestComparedInSpanish(t *testing.T) {
	es := tongue.Of("es")
	var all []policy.Version
	for _, name := range policy.PresetNames() {
		file, err := policy.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file.Versions...)
	}
	lines := 0
	for _, a := range all {
		for _, b := range all {
			english := policy.Compare(a, b)
			for i, line := range policy.CompareIn(es, a, b) {
				lines++
				if word := englishWord(regexp.MustCompile(`seed-2022|coopcloud-2023`).ReplaceAllString(line, "")); word != "" || line == english[i] {
					t.Errorf("%q is English (%s): %q", english[i], word, line)
				}
			}
		}
		if words := policy.BrakeIn(es, a.Eligibility.Brake); englishWord(words) != "" {
			t.Errorf("the brake: %q", words)
		}
	}
	if lines < 10 {
		t.Errorf("%d lines were compared", lines)
	}
}

// A next step is said without its command, and leads to the page that takes it.
func TestNextStepsInSpanish(t *testing.T) {
	for english, want := range map[string]toDoLine{
		"Say yes or no to 2 notices, because an import would tell it: goodstanding notices release import (or drop import)": {"Decir sí o no a 2 avisos, porque lo diría una importación", "", noticesPath},
		"Say yes or no to 1 notice, because new rules would tell it: goodstanding notices release policy (or drop policy)":  {"Decir sí o no a 1 aviso, porque lo dirían reglas nuevas", "", noticesPath},
		"To sort out: 12 entries: goodstanding desk":                                                         {"Por aclarar: 12 asuntos", "", deskPath},
		"Look at the dues again by 31 October 2026, as the policy wants: its next version names another day": {"Revisar la cuota antes del 31 de octubre de 2026, como piden las reglas: su próxima versión dice otro día", "", ""},
		"Something that nobody has translated: goodstanding sync":                                            {"Something that nobody has translated", "en", "#sync"},
	} {
		if got := toDo(tongue.Of("es"), english); got != want {
			t.Errorf("%q is %+v, want %+v", english, got, want)
		}
		if got := toDo(tongue.English(), english); got.Lang != "" || got.Href != want.Href || !strings.HasPrefix(english, got.Words) {
			t.Errorf("%q is %+v in English", english, got)
		}
	}
}

// Each detail of an attempt to read Open Collective, a closed set (syncer), is said in Spanish.
func TestDetailsOfReadingInSpanish(t *testing.T) {
	for _, detail := range strings.Fields(`bad_dsn no_folder not_a_database not_ours newer_schema disk_full read_only unreachable busy migration_failed contradiction
		uncharged foreign altered vanished unlisted unshown recoined repaused
		invalid expired suspended wrong_api login_needed refused preflight orders paused transactions refunds account order`) {
		key := "pull|" + strings.ReplaceAll(detail, "_", " ")
		if said := tongue.Of("es").Say(key); said == tongue.English().Say(key) || englishWord(said) != "" {
			t.Errorf("%s is said as %q", detail, said)
		}
	}
}

// A contradiction is noted with its kinds (syncer).
func TestDetailsOfAContradiction(t *testing.T) {
	for detail, want := range map[string][2]string{
		"":                                   {"", ""},
		"disk_full":                          {"disk full", "disco lleno"},
		"contradiction":                      {"contradiction", "se contradice"},
		"contradiction: uncharged":           {"contradiction: uncharged", "se contradice: falta un cobro"},
		"contradiction: vanished, unlisted":  {"contradiction: vanished, unlisted", "se contradice: desaparecen contribuciones, contribución fuera de la lista"},
		"contradiction: foreign, <b>invited": {"contradiction: foreign, <b>invited", "se contradice: cobro en otra moneda, <b>invited"},
	} {
		if en, es := pullDetail(tongue.English(), detail), pullDetail(tongue.Of("es"), detail); en != want[0] || es != want[1] {
			t.Errorf("%s is said as %q, and in Spanish as %q", detail, en, es)
		}
	}
}

// programReason is a reason that the program itself gives for what the audit log notes.
var programReason = regexp.MustCompile(`(?:Reason: |\bnoReason = |\bwhy = |\.person\()"([a-z][^"]+)"`)

// Whatever the program writes into the audit log itself is said in Spanish there; a trial is
// never written, and the demonstration has reasons of its own.
func TestWhatTheProgramWroteInSpanish(t *testing.T) {
	found := 0
	for _, room := range []string{"roll", "signin", "web", "api", "cmd/goodstanding"} {
		names, err := filepath.Glob("../" + room + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "demo") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, reason := range programReason.FindAllStringSubmatch(string(text), -1) {
				if found++; strings.HasSuffix(reason[1], " ") { // the rest of it stands elsewhere
					continue
				}
				if said := tongue.Of("es").Say(reason[1]); !slices.Contains(programWrote, reason[1]) || said == reason[1] {
					t.Errorf("%s writes %q, which is said as %q", name, reason[1], said)
				}
			}
		}
	}
	if found < 12 {
		t.Errorf("%d reasons were found", found)
	}
}

// What is refused on the treasurers' pages is said in Spanish.
func TestBoardRefusalsInSpanish(t *testing.T) {
	f := newFederation(t)
	f.as(f.ada)
	f.get("/language/es")
	f.post("/board/notices/stop").want(t, 409, "No se ha cambiado nada:", "falta el motivo", "están parados")
	f.post("/board/notices/release", "reason", "x").want(t, 409, "nada espera un sí o un no", "los avisos están parados: ponlos antes en marcha")
	f.post("/board/listings/publish").want(t, 409, "falta el motivo")
	f.post("/board/rules/compare", "text", "policies:\n  - id: <b>x\n    form: 1").want(t, 422, "Estas reglas no se pueden leer como están:", "Línea 2, columna 9: id: &#34;&lt;b&gt;x&#34; no es un nombre para una versión", "Línea 3, columna 5: clave desconocida")
	f.post("/board/rules/compare", "text", "a: b: c").want(t, 422, "esto no es YAML (mapping values are not allowed in this context); pon entre comillas")
	f.post("/board/payers/take-back", "account", "none", "reason", "x").want(t, 409, "No se ha cambiado nada:")
	f.get("/board/letters/lapsed").want(t, 200, "Fin de los días de gracia", "Como texto", `<pre lang="es">`, `aria-current="true">español</a>`)
	started := f.post("/board/notices/start", "reason", "x").want(t, 200, "<h1>Los avisos están en marcha</h1>")
	stopped := f.post("/board/notices/stop", "reason", "x").want(t, 200, "<h1>Los avisos están parados</h1>")
	for _, p := range []page{started, stopped} {
		if left := englishIn(p.body, ofTheWorld); len(left) > 0 {
			t.Errorf("left in English: %q", left)
		}
	}
	for _, batch := range notify.Batches() {
		if words, known := tongue.Of("es").Told(roll.BatchWords(batch)); !known || englishWord(words) != "" {
			t.Errorf("%s: %q", batch, words)
		}
	}
}
