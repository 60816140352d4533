package letter

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/notify"
)

// folder writes files and gives the folder.
func folder(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A folder's letter stands in for the program's, in its language alone; parts and
// small words are replaced one by one.
func TestAFolderReplacesLetters(t *testing.T) {
	c, err := Load(folder(t, map[string]string{
		"en/lapsed.md": "# Dues of {{list .Names}}\n\n{{template \"hello\" .}}\n\nWe miss {{.First.Name}} since {{date .First.Happened}}.\n",
		"en/parts.md":  `{{define "hello"}}Dear {{.To}},{{end}}`,
		"es/words.txt": "and = además de\n",
		".git/config":  "not looked at",
	}))
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.Render(Sample(notify.Lapsed, "en"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Dear Ada Marsh,\n\nWe miss Northwind Hosting since 22 June 2026.\n\n-- \nYou get this mail"; l.Subject != "Dues of Northwind Hosting" || !strings.HasPrefix(l.Text, want) {
		t.Errorf("subject %q, text\n%s\nwant\n%s", l.Subject, l.Text, want)
	}
	for lang, want := range map[string]string{"en": "Dear Ada Marsh,", "es": "Hola, Ada Marsh:"} {
		if l, err = c.Render(Sample(notify.PaymentLate, lang)); err != nil || !strings.HasPrefix(l.Text, want) {
			t.Errorf("%s: %v\n%s\nwant %s", lang, err, l.Text, want)
		}
	}
	if l, err = c.Render(samples(notify.DelegateWelcome, "es")[1]); err != nil || !strings.Contains(l.Subject, "Inland Print Shop además de Casa Taller") {
		t.Errorf("%v, subject %q", err, l.Subject)
	}
}

// A folder with all files of a language adds it; who asks for one that is not
// there reads the first.
func TestAFolderAddsALanguage(t *testing.T) {
	all := map[string]string{}
	for name, text := range builtIn()["en"] {
		all["cy/"+name] = strings.ReplaceAll(string(text), "Hello", "Helo")
	}
	c, err := Load(folder(t, all))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Languages(); !slices.Equal(got, []string{"en", "es", "cy"}) {
		t.Errorf("languages %v", got)
	}
	for lang, want := range map[string]string{"cy": "Helo ", "xx": "Hello ", "": "Hello "} {
		l, err := c.Render(Sample(notify.Stale, lang))
		if err != nil || !strings.HasPrefix(l.Text, want) {
			t.Errorf("%s: %v\n%s", lang, err, l.Text)
		}
	}
}

// Whatever is wrong with a folder is said with its file and line, all at once.
func TestFaultsOfAFolder(t *testing.T) {
	hello := "# Subject\n\nHello.\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"no letter", map[string]string{"en/laspe.md": hello, "readme.md": "x", "Deutsch/lapsed.md": hello, "en/lapsed.md": "# {{.Subject}}\n"}, []string{
			`en/lapsed.md:1: <.Subject>: map has no entry for key "Subject"`,
			"Deutsch: is no folder of a language: templates are in folders such as en and es, as en/lapsed.md",
			"en/laspe.md: is no template: there are KIND.md and room_KIND.md for every kind (goodstanding notices preview --help lists them), parts.md, words.txt and phrases.txt",
			"readme.md: is no folder of a language: templates are in folders such as en and es, as en/lapsed.md",
		}},
		{"does not parse", map[string]string{"en/lapsed.md": "# Subject\n\nHello {{if .One}}\n"}, []string{`en/lapsed.md:4: unexpected EOF`}},
		{"no subject", map[string]string{"en/lapsed.md": "Hello\n"}, []string{"en/lapsed.md:1: the first line is the subject: write # and the subject"}},
		{"no such data", map[string]string{"en/lapsed.md": "# Subject\n\nHello\n\n{{.Frist.Name}}\n"}, []string{`en/lapsed.md:5: <.Frist.Name>: map has no entry for key "Frist"`}},
		{"no such data in the subject", map[string]string{"en/lapsed.md": "# {{.Subject}}\n"}, []string{`en/lapsed.md:1: <.Subject>: map has no entry for key "Subject"`}},
		{"no such function", map[string]string{"en/lapsed.md": "# Subject\n\n{{env \"HOME\"}}\n"}, []string{`en/lapsed.md:3: function "env" not defined`}},
		{"a function of the library", map[string]string{"en/lapsed.md": "# Subject\n\n\n{{with .To}}{{printf \"%#v\" .}}{{end}}\n"}, []string{
			`en/lapsed.md:4: "printf" is nothing that a template can use: there are and, or, not, eq, ne, lt, le, gt, ge, len, index, button, capital, code, date, deadline, link, list, plural, quote, say, timed`}},
		{"a function of the library in parts", map[string]string{"en/parts.md": "{{define \"hello\"}}\n{{range .Names}}{{if (call .)}}{{end}}{{end}}{{end}}"}, []string{`en/parts.md:2: "call" is nothing that a template can use`}},
		{"a part that is not there", map[string]string{"en/lapsed.md": "# Subject\n\n{{template \"bye\" .}}\n"}, []string{`en/lapsed.md:3: <{{template "bye" .}}>: template "bye" not defined`}},
		{"a date of a name", map[string]string{"en/lapsed.md": "# Subject\n\n{{date .To}}\n"}, []string{`en/lapsed.md:3: <.To>: wrong type for value; expected letter.moment; got letter.said`}},
		{"a date that may be missing", map[string]string{"en/lapsed.md": "# Subject\n\n{{date .First.ChangesAt}}\n"}, []string{`en/lapsed.md:3: <date .First.ChangesAt>: error calling date: this date is not known: ask for it with {{with}} first`}},
		{"a button to nowhere", map[string]string{"en/lapsed.md": "# Subject\n\n{{button .To \"Go\"}}\n"}, []string{`en/lapsed.md:3: <button .To "Go">: error calling button: a button leads to no page: its address has to begin with https:// or http://`}},
		{"HTML", map[string]string{"en/lapsed.md": "# Subject\n\nA <b>word</b>.\n"}, []string{"en/lapsed.md:3: HTML is nothing that a letter may have: use paragraphs, lists, quotations, **bold** and links"}},
		{"an image", map[string]string{"en/lapsed.md": "# Subject\n\n![x](https://example.org/x.png)\n"}, []string{"en/lapsed.md:3: an image is nothing that a letter may have"}},
		{"four spaces", map[string]string{"en/lapsed.md": "# Subject\n\nHello\n\n    pay\n"}, []string{"en/lapsed.md:5: a line that begins with four spaces is nothing"}},
		{"a link to a file", map[string]string{"en/lapsed.md": "# Subject\n\nRead [this](file:///etc/passwd)\n"}, []string{"en/lapsed.md:3: a link has to lead to a page: its address has to begin with https:// or http://"}},
		{"too long", map[string]string{"en/lapsed.md": "# Subject\n\n{{range 1000000000}}pay {{end}}\n"}, []string{"the letter is longer than 1 MiB"}},
		{"words", map[string]string{"en/words.txt": "and: und\nmonth.1 = Jan\nmonth.1 = Jän\nmonth.13 = Undecember\n"}, []string{
			`en/words.txt:1: "and: und" is no line of this file: write KEY = TEXT`,
			`en/words.txt:3: "month.1" stands here a second time; the first is on line 2`,
			`en/words.txt: "month.13" is no word that letters use`,
		}},
		{"half a language", map[string]string{"cy/lapsed.md": hello}, []string{"cy/back_in_standing.md: is missing: a language needs all files that en has", "cy/words.txt: is missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(folder(t, c.files))
			faults, ok := errors.AsType[*Faults](err)
			if !ok {
				t.Fatalf("no faults: %v", err)
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(faults.All, func(f Fault) bool { return strings.Contains(f.String(), want) }) {
					t.Errorf("%q is not told:\n%s", want, faults)
				}
			}
			if len(c.want) == 1 && len(faults.All) != 1 {
				t.Errorf("more than one fault:\n%s", faults)
			}
		})
	}
	gone := filepath.Join(t.TempDir(), "gone")
	if _, err := Load(gone); err == nil || err.Error() != "the folder of templates "+gone+" cannot be read (no such file or directory): correct the path, or name none to write in the program's own words" {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// Both languages have the same files, and the same small words.
func TestEveryLanguageIsWhole(t *testing.T) {
	all := builtIn()
	if len(all) != 2 {
		t.Fatalf("%d languages", len(all))
	}
	for lang, f := range all {
		for _, name := range known() {
			if len(f[name]) == 0 {
				t.Errorf("%s/%s is missing", lang, name)
			}
		}
		if len(f) != len(known()) {
			t.Errorf("%s: %d files, want %d", lang, len(f), len(known()))
		}
	}
	without := string(all["es"][wordsFile])
	all["es"][wordsFile] = []byte(strings.Replace(without, "and = y", "und = y", 1))
	var err Faults
	build(all, &err)
	if want := "2 faults in the templates:\n  es/words.txt: \"and\" is missing\n  es/words.txt: \"und\" is no word that letters use"; err.Error() != want {
		t.Errorf("a missing key: %s, want %s", &err, want)
	}
}
