package tongue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// rooms are those whose phrases people read in another language than English.
var rooms = []string{"eligibility", "decisions", "policy", "publish", "roll", "signin", "web"}

// spoken are the functions that say a phrase, with the places of the phrases among
// their arguments.
var spoken = map[string][]int{
	"Say": {0}, "say": {0}, "Sayf": {0}, "sayf": {0}, "refused": {1, 4}, "phrase": {1}, "Count": {1, 2}, "count": {1, 2}, "reasonOf": {2},
	"tell": {0}, "finished": {0, 1, 3}, "ofMine": {0, 2, 3}, "said": {1}, "step": {1}, "waits": {1, 2, 3}, "few": {1, 2}, "either": {1, 2},
}

// tables are variables whose texts are said by a name that is looked up: all texts
// in them are phrases.
var tables = map[string][]string{
	"eligibility": {"wording", "noRight"},
	"decisions":   {"clauses", "pasts"},
	"policy":      {"perInterval", "rightPhrases", "answerPhrases", "comparedRights", "comparedDues"},
	"publish":     {"told"},
	"roll":        {"noticeWords", "batchWords", "heldReasons", "failReasons", "addressReasons", "suppressReasons", "stateOfNotice", "requiredWhy", "pullWords", "unfitAccounts"},
	"web": {"admissionsDone", "approvalDone", "programWrote", "boardSorts", "boardTabs", "comparedRights", "courseSorts", "eventWords", "kindWords", "navigations", "topicTitles", "choiceWords", "answerWords", "stateOrder", "languages", "keptThings", "keptHow", "tallyWords", "roleWords", "rightWords", "rightSentences",
		"inPlaceOf", "sorts", "stretchWords", "groupTitles", "wayWords", "deeds", "leads", "electorateChanges", "motionNames", "markWords", "listingDone", "entryNames", "tooOftenFault", "tooManyFault", "amending", "notAdded", "notRemoved", "toThem"},
}

// english are files that say nothing in another language: what is wrong with a file of
// rules is told in the words of that file.
func english(room, file string) bool {
	return room == "policy" && file == "syntax.go" || strings.HasSuffix(file, "_test.go")
}

// phrases are what a room says, each with its place.
func phrases(t *testing.T, room string) map[string]string {
	t.Helper()
	out := map[string]string{}
	dir := filepath.Join("..", "..", room)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || english(room, e.Name()) {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join(dir, e.Name()), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				for _, text := range called(room, n) {
					out[Key(text.text)] = set.Position(text.at).String()
				}
			case *ast.CompositeLit:
				if name, ok := n.Type.(*ast.Ident); ok && name.Name == "notice" {
					for _, text := range texts(n) {
						out[Key(text.text)] = set.Position(text.at).String()
					}
				}
			case *ast.ValueSpec:
				for _, action := range auditWords(room, n) {
					out["log|"+action] = set.Position(n.Pos()).String()
				}
				if slices.ContainsFunc(n.Names, func(name *ast.Ident) bool { return slices.Contains(tables[room], name.Name) }) {
					for _, v := range n.Values {
						for _, text := range texts(v) {
							out[Key(text.text)] = set.Position(text.at).String()
						}
					}
				}
			}
			return true
		})
	}
	return out
}

// auditWords are the words of the audit chain among constants of a room, as pages say
// them; each stands under a name that begins with action.
func auditWords(room string, n *ast.ValueSpec) (out []string) {
	for i, name := range n.Names {
		if room != "roll" || !strings.HasPrefix(name.Name, "action") || i >= len(n.Values) {
			continue
		}
		for _, one := range texts(n.Values[i]) {
			out = append(out, strings.ReplaceAll(one.text, "_", " "))
		}
	}
	return out
}

// word is one that a program reads: a path, a name of a class.
var word = regexp.MustCompile(`^[a-z]+-[a-z-]+$`)

type literal struct {
	text string
	at   token.Pos
}

func called(room string, call *ast.CallExpr) (out []literal) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	places := spoken[name]
	if room == "policy" && name == "say" || room == "decisions" && (name == "because" || name == "add") {
		places = []int{1}
	}
	for _, i := range places {
		if i < len(call.Args) {
			found := texts(call.Args[i])
			if lit, ok := call.Args[i].(*ast.BasicLit); !ok && !isTable(call.Args[i]) || ok && lit.Kind != token.STRING {
				continue
			}
			for _, one := range found {
				if name == "Count" || name == "count" || name == "few" {
					one.text = Gap + " " + one.text
				}
				out = append(out, one)
			}
		}
	}
	return out
}

// isTable says that the argument chooses among phrases that stand there.
func isTable(e ast.Expr) bool {
	index, ok := e.(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, ok = index.X.(*ast.CompositeLit)
	return ok
}

// texts are the phrases in an expression: not addresses, codes nor keys.
func texts(e ast.Node) (out []literal) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CompositeLit:
			if n.Type == nil && len(n.Elts) == 4 { // a deed: its path, what it is called, what it does
				for _, e := range n.Elts[1:3] {
					out = append(out, texts(e)...)
				}
				return false
			}
			if array, ok := n.Type.(*ast.ArrayType); ok {
				if name, ok := array.Elt.(*ast.Ident); ok && name.Name == "string" && slices.ContainsFunc(n.Elts, isTableName) {
					return false
				}
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"path", "Path", "Class", "ID", "word"}, name.Name) { // for programs
				return false
			}
			if _, ok := n.Key.(*ast.BasicLit); ok { // the key is no phrase
				out = append(out, texts(n.Value)...)
				return false
			}
		case *ast.CallExpr:
			if len(called("", n)) > 0 {
				return false
			}
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind == token.STRING && err == nil && text != "" && Key(text) != Gap && !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "l-") && !strings.HasPrefix(text, ": ") && !word.MatchString(text) {
				out = append(out, literal{text, n.Pos()})
			}
		}
		return true
	})
	return out
}

// isTableName tells the names of the database's tables, which nobody reads.
func isTableName(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING && strings.Trim(lit.Value, `"abcdefghijklmnopqrstuvwxyz_`) == ""
}

// Whatever a room says to people is there in every language, with the same gaps.
func TestEveryPhraseIsThere(t *testing.T) {
	for _, room := range rooms {
		said := phrases(t, room)
		if len(said) == 0 {
			t.Errorf("%s says nothing: the test does not find its phrases", room)
		}
		for _, code := range codes[1:] {
			for key, at := range said {
				phrase, ok := all[code]().phrases[key]
				switch {
				case !ok:
					t.Errorf("%s: add to internal/tongue/%s/%s:\n%s = …", at, code, PhrasesFile, key)
				case strings.Count(phrase, Gap) != strings.Count(key, Gap) && !strings.Contains(phrase, "{1}"):
					t.Errorf("%s: %q has other gaps in %s: %q", at, key, code, phrase)
				}
			}
		}
	}
}

// Whatever a browser says, it is answered in a language that there is.
func FuzzAccepted(f *testing.F) {
	for _, header := range []string{"", "es-MX,es;q=0.9,en;q=0.5", "*", ";;;,", "es;q=NaN", "en;q=0.0000001, es; q=1"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := Accepted(header); got == nil || !Known(got.Code()) {
			t.Errorf("%q is answered in %v", header, got)
		}
	})
}

// What is told in English keeps its numbers, dates and names in the other language.
func TestToldAndRetold(t *testing.T) {
	es := Of("es")
	for english, want := range map[string]string{
		"Paid up until 1 July 2026":                        "Cuotas pagadas hasta el 1 de julio de 2026",
		"3 in favour, 4 needed of 7":                       "3 a favor, hacen falta 4 de 7",
		"nobody confirms himself":                          "nadie se confirma a sí mismo",
		`there is no member "m_{1}"`:                       `no hay ningún miembro "m_{1}"`,
		"p_1 is not delegate of the | Society {n}":         "p_1 no es persona delegada de the | Society {n}",
		"you are delegate of 3 members: say for which one": "eres persona delegada de 3 miembros: di por cuál",
	} {
		if got, known := es.Retold(english); got != want || !known {
			t.Errorf("%q is %q, %v; want %q", english, got, known, want)
		}
	}
	for _, english := range []string{"something that nobody says, 3", "", "{n} is not delegate"} {
		if got, known := es.Retold(english); got != english || known {
			t.Errorf("%q is %q, %v", english, got, known)
		}
	}
	if got, known := English().Retold("something that nobody says, 3"); got != "something that nobody says, 3" || !known {
		t.Errorf("English does not know itself: %q, %v", got, known)
	}
	if got, known := es.Told(`there is no member "m_none"`); known || got != `there is no member "m_none"` {
		t.Errorf("letters take names for phrases: %q", got)
	}
	if got := es.Sayf("%s did not get %s", "A|B {n} %d", "«x»"); got != "A|B {n} %d no recibió «x»" {
		t.Errorf("what people wrote is taken for a phrase: %q", got)
	}
	if got := English().Sayf("%s: %d", "version|in force", 2); got != "version|in force: 2" {
		t.Errorf("what people wrote is taken for a context: %q", got)
	}
	if got := English().Say("version|in force") + es.Say("version|in force"); got != "in forceen vigor" {
		t.Errorf("contexts are shown: %q", got)
	}
}

// A sentence begins large, also behind the marks of Spanish; days and months are short
// in whole letters.
func TestSmallForms(t *testing.T) {
	for text, want := range map[string]string{"": "", "¿": "¿", "¿es un miembro?": "¿Es un miembro?", "éste": "Éste", "A": "A", "¡¿qué?!": "¡¿Qué?!"} {
		if got := Capital(text); got != want {
			t.Errorf("%q begins as %q, want %q", text, got, want)
		}
	}
	var days []string
	for day := time.Sunday; day <= time.Saturday; day++ {
		days = append(days, Of("es").ShortWeekday(day), English().ShortWeekday(day))
	}
	if got := strings.Join(days, " "); got != "do Su lu Mo ma Tu mi We ju Th vi Fr sá Sa" {
		t.Errorf("the days of the week are %s", got)
	}
	if got := Of("es").ShortMonth(time.January); got != "ene" {
		t.Errorf("January is %q", got)
	}
}

// Each form of a time in both languages; what is no part of one stays as it stands.
func TestTimesAreSaid(t *testing.T) {
	zone := time.FixedZone("Somewhere", 0)
	at := instant.Date(2026, 2, 26).Add(15*time.Hour + 4*time.Minute)
	said := func(t *Tongue) string {
		return strings.Join([]string{t.Date(at, zone), t.MonthYear(at.Time()), t.Weekday(at.Time()), t.Minute(at, zone), t.Timed(at, zone), t.Deadline(instant.Date(2026, 2, 27), zone)}, "; ")
	}
	for tongue, want := range map[*Tongue]string{
		English(): "26 February 2026; February 2026; Thursday 26 February 2026; 26 February 2026, 15:04 (Somewhere); " +
			"Thursday 26 February 2026, 15:04 (Somewhere); the end of Thursday 26 February 2026 (Somewhere)",
		Of("es"): "26 de febrero de 2026; febrero de 2026; jueves 26 de febrero de 2026; 26 de febrero de 2026, 15:04 (Somewhere); " +
			"jueves 26 de febrero de 2026, 15:04 (Somewhere); el final del jueves 26 de febrero de 2026 (Somewhere)",
	} {
		if got := said(tongue); got != want {
			t.Errorf("said:\n%s\nwant:\n%s", got, want)
		}
	}
	if got := English().pattern("{d} of {them}", at.Time()); got != "26 of {them}" {
		t.Errorf("%q", got)
	}
}
