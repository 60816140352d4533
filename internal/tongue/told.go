package tongue

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/arrange"
)

// changing are the parts of a phrase that differ from one to the next.
var changing = regexp.MustCompile(`(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day )?[0-9]{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{4}` +
	`|(?:[A-Z]{3} |[£€$])?[0-9](?:[0-9.,/]*[0-9])?`)

// Told is what another part of the program said in English, in this language:
// what letters tell comes as finished sentences. One that the language does not
// have stays as it is, and known is false.
func (t *Tongue) Told(english string) (words string, known bool) {
	if phrase, ok := t.phrases[english]; ok && !strings.Contains(phrase, Gap) {
		return phrase, true
	}
	var parts []string
	key := changing.ReplaceAllStringFunc(english, func(part string) string {
		parts = append(parts, t.dated(part))
		return Gap
	})
	if phrase, ok := t.phrases[key]; ok && len(numbered.FindAllString(phrase, -1)) == len(parts) {
		return fill(phrase, parts), true
	}
	return english, t.code == codes[0]
}

// Retold is Told, where anything may stand in the gaps: for refusals, which name
// what people wrote.
func (t *Tongue) Retold(english string) (words string, known bool) {
	if words, known = t.Told(english); known {
		return words, true
	}
	for _, p := range t.patterns() {
		if !strings.HasPrefix(english, p.begins) || !strings.HasSuffix(english, p.ends) {
			continue
		}
		if found := p.english().FindStringSubmatch(english); found != nil {
			return fill(p.phrase, t.inner(found[1:])), true
		}
	}
	return english, false
}

// dated is a part of a sentence, a date in the words of the language.
func (t *Tongue) dated(part string) string {
	if at, err := time.Parse("2 January 2006", part); err == nil {
		return t.pattern(t.word["date"], at)
	}
	if at, err := time.Parse("Monday 2 January 2006", part); err == nil {
		return t.Weekday(at)
	}
	return part
}

// inner are the parts that stood in gaps: phrases themselves, dates, or what
// people wrote.
func (t *Tongue) inner(parts []string) []string {
	for i, part := range parts {
		if dated := t.dated(part); dated != part {
			parts[i] = dated
		} else if words, known := t.Told(part); known && part != "" {
			parts[i] = words
		}
	}
	return parts
}

// pattern is a phrase whose gaps may hold anything. There are more than a thousand, so
// that one is only made where what surrounds its gaps fits.
type pattern struct {
	begins, ends string // before the first gap, and behind the last one
	english      func() *regexp.Regexp
	phrase       string
	letters      int // how much of it stands fast
}

// leastFast is how many letters of a phrase have to stand fast for it to be found
// with anything in its gaps.
const leastFast = 14

var letters = regexp.MustCompile(`[A-Za-z]`)

// patterns are the phrases with gaps, those of which most stands fast first.
func (t *Tongue) patterns() []pattern {
	t.once.Do(func() {
		for key, phrase := range t.phrases {
			fast := len(letters.FindAllString(strings.ReplaceAll(key, Gap, ""), -1))
			if !strings.Contains(key, Gap) || fast < leastFast {
				continue
			}
			parts := strings.Split(key, Gap)
			one := pattern{begins: parts[0], ends: parts[len(parts)-1], phrase: phrase, letters: fast}
			for i := range parts {
				parts[i] = regexp.QuoteMeta(parts[i])
			}
			one.english = sync.OnceValue(func() *regexp.Regexp {
				return regexp.MustCompile(`(?s)^` + strings.Join(parts, `(.*?)`) + `$`)
			})
			t.loose = append(t.loose, one)
		}
		arrange.By(t.loose, func(a, b pattern) int {
			return cmp.Or(cmp.Compare(b.letters, a.letters), cmp.Compare(a.phrase, b.phrase))
		})
	})
	return t.loose
}
