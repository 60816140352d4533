package roll

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// said is what the desk says, for any language: a phrase as code writes it, and its
// parts. The entries are made once, and read by treasurers of several languages.
type said struct {
	format string
	parts  []any
	begins bool // a sentence, so that it has a capital where it is no name
}

// The parts that are not said as fmt writes them, beside said and instant.Instant,
// whose day it is.
type (
	owner   string   // a name in the genitive, where a language has one
	phrase  string   // a whole phrase of another file of this package, which holds no name
	phrases []string // several of them
	several []said   // joined with "and"
	commas  []said   // joined with commas
)

// tell is a phrase with its parts.
func tell(format string, parts ...any) said { return said{format: format, parts: parts} }

// proper is a name, which is the same in every language.
func proper(name string) said { return tell("%s", name) }

// begin has the phrase begin a sentence.
func begin(s said) said {
	s.begins = true
	return s
}

// in is what is said in a language, with the days of a zone; "" for nothing.
func (s said) in(t *tongue.Tongue, zone *time.Location) string {
	if s.format == "" {
		return ""
	}
	parts := make([]any, len(s.parts))
	for i, part := range s.parts {
		parts[i] = partIn(t, zone, part)
	}
	if s.format == "%s" {
		return fmt.Sprint(parts...)
	}
	text := t.Sayf(s.format, parts...)
	if s.begins && !strings.HasPrefix(s.format, "%") {
		text = tongue.Capital(text)
	}
	return text
}

func partIn(t *tongue.Tongue, zone *time.Location, part any) any {
	switch p := part.(type) {
	case said:
		return p.in(t, zone)
	case instant.Instant:
		return t.Date(p, zone)
	case owner:
		if t.Code() == tongue.English().Code() {
			return possessive(string(p))
		}
		return string(p)
	case phrase:
		words, _ := t.Retold(string(p))
		return words
	case phrases:
		all := make([]string, len(p))
		for i, one := range p {
			all[i], _ = t.Retold(one)
		}
		return strings.Join(all, "; ")
	case several:
		return t.And(eachIn(t, zone, p))
	case commas:
		return strings.Join(eachIn(t, zone, p), ", ")
	}
	return part
}

func eachIn(t *tongue.Tongue, zone *time.Location, list []said) []string {
	all := make([]string, len(list))
	for i, one := range list {
		all[i] = one.in(t, zone)
	}
	return all
}

// SentenceIn is Sentence in a language.
func (e *DeskEntry) SentenceIn(t *tongue.Tongue) string { return e.sentence.in(t, e.zone) }

// ActionIn is Action in a language.
func (e *DeskEntry) ActionIn(t *tongue.Tongue) string { return e.action.in(t, e.zone) }

// NameIn is Name in a language.
func (c *PayerCard) NameIn(t *tongue.Tongue) string { return c.name.in(t, nil) }

// SentenceIn is Sentence in a language.
func (c *PayerCard) SentenceIn(t *tongue.Tongue) string { return c.sentence.in(t, nil) }

// NameIn is Name in a language.
func (l *SupporterLine) NameIn(t *tongue.Tongue) string { return l.name.in(t, nil) }

// possessive is the genitive of a name in English.
func possessive(name string) string {
	if strings.HasSuffix(name, "s") {
		return name + "'"
	}
	return name + "'s"
}
