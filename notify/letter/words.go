package letter

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// words are the small words of one language, words.txt, by key; phrases are
// what the program says in English elsewhere, phrases.txt, by the English.
type words struct {
	word    map[string]string
	phrases map[string]string
}

// pairs reads lines of the form "left = right"; lines that begin with # are
// remarks. A fault names its line.
func pairs(file string, text []byte, faults *Faults) map[string]string {
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
			faults.add(file, i+1, "%q is no line of this file: write KEY = TEXT", clip(l))
		case first[left] != 0:
			faults.add(file, i+1, "%q stands here a second time; the first is on line %d", clip(left), first[left])
		default:
			out[left], first[left] = right, i+1
		}
	}
	return out
}

// over are the words with others in place of some of them.
func over(under, upper map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{under, upper} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// fill puts the parts of an instant into the pattern that a key names.
func (w *words) fill(key string, t time.Time) string {
	return strings.NewReplacer(
		"{weekday}", w.word["weekday."+strconv.Itoa(int(t.Weekday()))],
		"{d}", strconv.Itoa(t.Day()), "{month}", w.word["month."+strconv.Itoa(int(t.Month()))], "{y}", strconv.Itoa(t.Year()),
		"{time}", t.Format("15:04"), "{zone}", t.Location().String(),
	).Replace(w.word[key])
}

// date is a day: "22 June 2026".
func (w *words) date(at instant.Instant, zone *time.Location) string {
	return w.fill("date", at.Time().In(zone))
}

// timed is a day with its time and zone.
func (w *words) timed(at instant.Instant, zone *time.Location) string {
	return w.fill("timed", at.Time().In(zone))
}

// deadline is the end of a day, which is stored as the instant that the next one
// begins (domain.md, section 5): "the end of Thursday 26 February 2026
// (Europe/London)". Another instant is said with its time.
func (w *words) deadline(at instant.Instant, zone *time.Location) string {
	t := at.Time().In(zone)
	if h, m, s := t.Clock(); h != 0 || m != 0 || s != 0 {
		return w.timed(at, zone)
	}
	return w.fill("deadline", t.AddDate(0, 0, -1))
}

// list joins: "A, B and C". Some languages have another "and" before some
// sounds: Spanish says e before i and hi.
func (w *words) list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := items[len(items)-1]
	and := w.word["and"]
	for _, sound := range strings.Fields(w.word["and.other_before"]) {
		if strings.HasPrefix(strings.ToLower(last), sound) {
			and = w.word["and.other"]
		}
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + and + " " + last
}

// changing are the parts of a phrase that differ from one to the next.
var changing = regexp.MustCompile(`[0-9]{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{4}` +
	`|(?:[A-Z]{3} |[£€$])?[0-9](?:[0-9.,/]*[0-9])?`)

// gap stands for a changing part in phrases.txt.
const gap = "{n}"

// say is what another part of the program says in English, in this language;
// a phrase that the catalogue does not have stays as it is.
func (w *words) say(english string) string {
	var parts []string
	key := changing.ReplaceAllStringFunc(english, func(part string) string {
		if t, err := time.Parse("2 January 2006", part); err == nil {
			part = w.fill("date", t)
		}
		parts = append(parts, part)
		return gap
	})
	phrase, ok := w.phrases[key]
	if !ok || strings.Count(phrase, gap) != len(parts) {
		return english
	}
	for _, part := range parts {
		phrase = strings.Replace(phrase, gap, part, 1)
	}
	return phrase
}

// missing are the keys of other that w does not have.
func (w *words) missing(other *words) (out []string) {
	for key := range other.word {
		if _, ok := w.word[key]; !ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
