// Package tongue is what the program says to people in each language it speaks:
// small words, dates, lists, and whole phrases.
//
// A phrase is written in English where it is said, and found in another language
// by its English with a gap for each part that changes: code says Sayf("%d of %d
// have answered", 3, 11), and the file of Spanish holds "{n} of {n} have answered
// = {n} de {n} han respondido". So the rules of this house stay readable, and a
// language is one folder of plain text. Letters stand on the same files (package
// notify/letter), pages have templates of their own beside them (package web).
package tongue

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed en es
var files embed.FS

// The files of a language.
const (
	WordsFile   = "words.txt"
	PhrasesFile = "phrases.txt" // English has none here: it says what stands in the code
)

// morePhrases are further files with phrases of one matter, beside PhrasesFile.
const morePhrases = "phrases-*.txt"

// Gap stands for a changing part in a phrase; {1}, {2} and so on stand for the
// first, the second, where a language has them in another order.
const Gap = "{n}"

// Tongue is one language. It may be used by many at once.
type Tongue struct {
	code    string
	word    map[string]string
	phrases map[string]string

	once  sync.Once // for loose, which few need
	loose []pattern
}

// New is a language of words (WordsFile) and phrases (PhrasesFile).
func New(code string, word, phrases map[string]string) *Tongue {
	return &Tongue{code: code, word: word, phrases: phrases}
}

// codes are the languages that the program brings, English first.
var codes = []string{"en", "es"}

// names are what the languages call themselves.
var names = map[string]string{"en": "English", "es": "Español"}

// all are the languages by their codes, each read when it is first asked for: the
// phrases of one take a millisecond and a third of a mebibyte.
var all = func() map[string]func() *Tongue {
	out := map[string]func() *Tongue{}
	for _, code := range codes {
		out[code] = sync.OnceValue(func() *Tongue { return read(code) })
	}
	return out
}()

// read reads a language that the program brings.
func read(code string) *Tongue {
	pairs := func(file string) map[string]string {
		return Pairs(File(code, file), func(line int, fault string) {
			panic(fmt.Sprintf("%s/%s:%d: %s", code, file, line, fault)) // a mistake in this package, met by every test
		})
	}
	for _, file := range moreOf(code) { // each alone, so that a fault names its file
		Pairs(fileOf(code, file), func(line int, fault string) { panic(fmt.Sprintf("%s/%s:%d: %s", code, file, line, fault)) })
	}
	return New(code, pairs(WordsFile), pairs(PhrasesFile))
}

// File is the text of a file of a language that the program brings; nil for none.
// PhrasesFile is that of all files with phrases, one after the other.
func File(code, name string) []byte {
	text := fileOf(code, name)
	if name == PhrasesFile {
		for _, more := range moreOf(code) {
			text = append(append(text, '\n'), fileOf(code, more)...)
		}
	}
	return text
}

// fileOf is the text of one file of a language; nil for none: English has no
// phrases, and nobody else has a file.
func fileOf(code, name string) []byte {
	text, err := files.ReadFile(path.Join(code, name))
	if err != nil {
		return nil
	}
	return text
}

// moreOf are the names of a language's further files with phrases.
func moreOf(code string) (names []string) {
	all, err := fs.Glob(files, path.Join(code, morePhrases))
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, one := range all {
		names = append(names, path.Base(one))
	}
	return names
}

// Codes are the languages that the program brings, English first.
func Codes() []string { return slices.Clone(codes) }

// Known says that the program brings the language.
func Known(code string) bool { return slices.Contains(codes, code) }

// English is what the program says where nobody asks for another language.
func English() *Tongue { return all["en"]() }

// Of is a language by its code, English where there is none.
func Of(code string) *Tongue {
	if t, ok := all[code]; ok {
		return t()
	}
	return English()
}

// Code is the language's code, as in HTML's lang: "en", "es".
func (t *Tongue) Code() string { return t.code }

// Name is what the language calls itself: "English", "Español".
func (t *Tongue) Name() string { return names[t.code] }

// Word is a small word by its key; "" for none.
func (t *Tongue) Word(key string) string { return t.word[key] }

// Say is a phrase without changing parts; in English where the language lacks it.
func (t *Tongue) Say(english string) string {
	if phrase, ok := t.phrases[english]; ok {
		return phrase
	}
	return plain(english)
}

// contexts tell phrases of the same English apart: "version|former". They stand
// before a stroke, and are never shown.
var contexts = []string{"application", "batch", "contribution", "dues", "fact", "lead", "log", "payment", "pays", "pull", "right", "sentence", "state", "time", "version", "waiver"}

// plain is a phrase without its context.
func plain(english string) string {
	if context, after, ok := strings.Cut(english, "|"); ok && slices.Contains(contexts, context) {
		return after
	}
	return english
}

// verb is a changing part of a phrase as code writes it.
var verb = regexp.MustCompile(`%[sdqv]`)

// Key is the name in PhrasesFile of a phrase that code writes with %s, %d, %q and %v.
func Key(format string) string {
	return strings.ReplaceAll(verb.ReplaceAllString(format, Gap), "%%", "%")
}

// Sayf is a phrase with its changing parts, which are put in as fmt does with %s,
// %d, %q and %v; in English where the language lacks the phrase.
func (t *Tongue) Sayf(format string, args ...any) string {
	if len(t.phrases) == 0 { // English: to look for the phrase takes longer than to say it
		return fmt.Sprintf(plain(format), args...)
	}
	if phrase, ok := t.phrases[Key(format)]; ok {
		parts := make([]string, len(args))
		for i, one := range args {
			parts[i] = fmt.Sprint(one)
		}
		for i, v := range verb.FindAllString(format, -1) {
			if v == "%q" && i < len(parts) {
				parts[i] = "«" + parts[i] + "»"
			}
		}
		return fill(phrase, parts)
	}
	return fmt.Sprintf(plain(format), args...)
}

// numbered is a gap with its place.
var numbered = regexp.MustCompile(`\{[0-9n]\}`)

// fill puts parts into the gaps of a phrase.
func fill(phrase string, parts []string) string {
	next := 0
	return numbered.ReplaceAllStringFunc(phrase, func(gap string) string {
		i, err := strconv.Atoi(strings.Trim(gap, "{}"))
		if err != nil {
			next++
			i = next
		}
		if i < 1 || i > len(parts) {
			return gap
		}
		return parts[i-1]
	})
}

// Count counts things: "1 day", "3 days".
func (t *Tongue) Count(n int, one, more string) string {
	what := more
	if n == 1 {
		what = one
	}
	return t.Sayf("%d "+what, n)
}

// Pairs reads lines of the form "left = right"; lines that begin with # are
// remarks. A fault names its line.
func Pairs(text []byte, fault func(line int, what string)) map[string]string {
	out := map[string]string{}
	first := map[string]int{}
	for i, l := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		left, right, ok := strings.Cut(l, " = ")
		left, right = strings.TrimSpace(left), strings.TrimSpace(right)
		switch {
		case !ok || left == "" || right == "":
			fault(i+1, fmt.Sprintf("%q is no line of this file: write KEY = TEXT", clip(l)))
		case first[left] != 0:
			fault(i+1, fmt.Sprintf("%q stands here a second time; the first is on line %d", clip(left), first[left]))
		default:
			out[left], first[left] = right, i+1
		}
	}
	return out
}

// clip shortens what a fault shows.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Capital begins a sentence, after the mark with which Spanish begins a question or
// an exclamation.
func Capital(s string) string {
	rest := strings.TrimLeft(s, "¿¡")
	if rest == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(rest)
	return s[:len(s)-len(rest)] + string(unicode.ToUpper(first)) + rest[size:]
}
