package letter

import (
	"embed"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"

	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/notify"
)

//go:embed words
var shipped embed.FS

// The files of a language beside its letters.
const (
	wordsFile   = tongue.WordsFile
	phrasesFile = tongue.PhrasesFile
	partsFile   = "parts.md"
	roomPrefix  = "room_" // before the kind: what the room reads
)

// announced are the kinds that the room reads of.
var announced = []notify.Kind{
	notify.DecisionOpened, notify.DecisionAmended, notify.DecisionMoreTime, notify.DecisionEscalated, notify.DecisionResult, notify.Opportunity,
}

// Announced says that the room reads of notices of the kind.
func Announced(k notify.Kind) bool { return slices.Contains(announced, k) }

// letters are the names of the files of a language's letters, without .md.
func letters() (out []string) {
	for _, k := range notify.Kinds() {
		out = append(out, string(k))
	}
	for _, k := range announced {
		out = append(out, roomPrefix+string(k))
	}
	return out
}

// known are the names of all files of a language.
func known() []string {
	out := []string{wordsFile, phrasesFile, partsFile}
	for _, l := range letters() {
		out = append(out, l+".md")
	}
	return out
}

// Catalogue holds the words of all letters in each language.
type Catalogue struct {
	names     []string // in the order in which they are tried
	languages map[string]*language
}

// language is one language, compiled.
type language struct {
	name   string
	tongue *tongue.Tongue
	sheets map[string]*sheet // by the letter's name
}

// sheet is one letter's templates.
type sheet struct{ subject, body *template.Template }

// files are the texts of one language's files by name.
type files map[string][]byte

// languageName is what a folder of a language is called: en, es, pt-br.
var languageName = regexp.MustCompile(`^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$`)

// standard is the catalogue that the program brings, made when it is first asked
// for: most commands write no letter.
var standard = sync.OnceValue(func() *Catalogue { return mustBuild(builtIn()) })

// BuiltIn is the catalogue that the program brings: English and Spanish.
func BuiltIn() *Catalogue { return standard() }

func builtIn() map[string]files {
	under, err := fs.Sub(shipped, "words")
	if err != nil {
		panic(err) // a mistake in this package, met by every test
	}
	var faults Faults
	all := read(under, "words", &faults)
	if len(faults.All) > 0 {
		panic(&faults)
	}
	// Small words and phrases are those of the whole program.
	for lang, f := range all {
		for _, name := range []string{wordsFile, phrasesFile} {
			if text := tongue.File(lang, name); text != nil {
				f[name] = text
			}
		}
	}
	return all
}

func mustBuild(all map[string]files) *Catalogue {
	var faults Faults
	c := build(all, &faults)
	if len(faults.All) > 0 {
		panic(&faults)
	}
	return c
}

// Load reads a folder of templates that stand in for those that the program
// brings, or add a language: LANGUAGE/KIND.md, LANGUAGE/parts.md and so on, named
// as those of the program are. A language of one's own needs all of them. The
// error is a *Faults with everything that is wrong: a file that is no template,
// one that cannot be read, and one that cannot write the sample letters.
func Load(dir string) (*Catalogue, error) {
	var faults Faults
	own := read(os.DirFS(dir), dir, &faults)
	all := builtIn()
	english := all["en"]
	var mine []string
	for _, lang := range slices.Sorted(maps.Keys(own)) {
		if under, ok := all[lang]; ok {
			all[lang] = overlay(lang, under, own[lang], &faults)
			mine = append(mine, lang)
			continue
		}
		whole := true
		for _, name := range slices.Sorted(maps.Keys(english)) {
			if _, ok := own[lang][name]; !ok {
				faults.add(path.Join(lang, name), 0, "is missing: a language needs all files that en has")
				whole = false
			}
		}
		if whole {
			all[lang] = own[lang]
			mine = append(mine, lang)
		}
	}
	told := len(faults.All)
	c := build(all, &faults)
	if len(faults.All) == told {
		for _, lang := range mine {
			c.try(lang, all[lang], &faults)
		}
	}
	if len(faults.All) > 0 {
		return nil, &faults
	}
	return c, nil
}

// overlay puts the files of a folder over those that the program brings. Small
// words, phrases and parts are replaced one by one.
func overlay(lang string, under, upper files, faults *Faults) files {
	out := maps.Clone(under)
	for name, text := range upper {
		switch name {
		case wordsFile, phrasesFile:
			at := path.Join(lang, name)
			mine := pairs(at, text, faults)
			theirs := pairs(at, under[name], faults)
			for key := range mine {
				if _, ok := theirs[key]; !ok && name == wordsFile {
					faults.add(at, 0, "%q is no word that letters use", clip(key))
				}
			}
			var b strings.Builder
			merged := over(theirs, mine)
			for _, key := range slices.Sorted(maps.Keys(merged)) {
				b.WriteString(key + " = " + merged[key] + "\n")
			}
			out[name] = []byte(b.String())
		case partsFile:
			// What is defined twice is what was defined last.
			out[ownParts] = text
		default:
			out[name] = text
		}
	}
	return out
}

// ownParts is where overlay keeps the parts of a folder.
const ownParts = "own " + partsFile

// read gives the files of each language of a folder; where is what it is called.
func read(dir fs.FS, where string, faults *Faults) map[string]files {
	all := map[string]files{}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		faults.add("", 0, "the folder of templates %s cannot be read (%s): correct the path, or name none to write in the program's own words", where, cause(err))
	}
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case !e.IsDir() || !languageName.MatchString(e.Name()):
			faults.add(e.Name(), 0, "is no folder of a language: templates are in folders such as en and es, as en/lapsed.md")
		default:
			all[e.Name()] = readLanguage(dir, e.Name(), faults)
		}
	}
	return all
}

func readLanguage(dir fs.FS, lang string, faults *Faults) files {
	out := files{}
	entries, err := fs.ReadDir(dir, lang)
	if err != nil {
		faults.add(lang, 0, "cannot be read (%s)", cause(err))
	}
	for _, e := range entries {
		at := path.Join(lang, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case !slices.Contains(known(), e.Name()):
			faults.add(at, 0, "is no template: there are KIND.md and %sKIND.md for every kind (goodstanding notices preview --help lists them), %s, %s and %s",
				roomPrefix, partsFile, wordsFile, phrasesFile)
		default:
			text, err := fs.ReadFile(dir, at)
			if err != nil {
				faults.add(at, 0, "cannot be read (%s)", cause(err))
			}
			out[e.Name()] = text
		}
	}
	return out
}

// cause is the last cause of an error of the file system, in short.
func cause(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// Languages are the languages that there are, those of the program first.
func (c *Catalogue) Languages() []string { return slices.Clone(c.names) }

// language is the one asked for, else the first.
func (c *Catalogue) language(name string) *language {
	if l, ok := c.languages[name]; ok {
		return l
	}
	return c.languages[c.names[0]]
}
