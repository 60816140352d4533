package letter

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/internal/instant"
)

// allowed are the functions of templates, in the order in which a fault lists
// them: comparing and choosing, of the library; the others are in funcs.
var allowed = []string{
	"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index",
	"button", "capital", "code", "date", "deadline", "link", "list", "plural", "quote", "say", "timed",
}

// funcs are the functions of templates, which show dates in the zone. safe makes
// a text of people, or of another part of the program, a part of the output; nil
// for a subject, which has no markup.
func (l *language) funcs(zone *time.Location, safe func(string) string) template.FuncMap {
	zone = zoneOf(zone)
	markup := safe != nil
	if !markup {
		safe = flat
	}
	marked := func(with func(string) string) func(any) string {
		return func(v any) string {
			if markup {
				return with(raw(v))
			}
			return flat(raw(v))
		}
	}
	at := func(show func(instant.Instant, *time.Location) string) func(moment) (string, error) {
		return func(m moment) (string, error) {
			if m == 0 {
				return "", errors.New("this date is not known: ask for it with {{with}} first")
			}
			return safe(show(instant.Instant(m), zone)), nil
		}
	}
	return template.FuncMap{
		"date": at(l.tongue.Date), "timed": at(l.tongue.Timed), "deadline": at(l.tongue.Deadline),
		"say":    func(v any) string { return safe(l.say(raw(v))) },
		"list":   func(v []any) string { return l.tongue.And(shown(v)) },
		"plural": plural,
		"capital": func(v any) string {
			s := raw(v)
			if _, printed := v.(string); !printed {
				s = safe(s)
			}
			first, size := utf8.DecodeRuneInString(s)
			return string(unicode.ToUpper(first)) + s[size:]
		},
		"link": marked(linked), "code": marked(code),
		"quote": func(v any) string {
			if printed, ok := v.(string); ok && printed != "" {
				return "> " + printed // one line, harmless already
			}
			return marked(quoted)(v)
		},
		"button": func(address any, label string) (string, error) {
			if !webAddress(raw(address)) {
				return "", errors.New("a button leads to no page: its address has to begin with https:// or http://")
			}
			return "[" + escape(label) + "](<" + raw(address) + `> "` + buttonTitle + `")`, nil
		},
	}
}

// buttonTitle marks a link as a button on the way to the page.
const buttonTitle = "button"

// raw is a value as it stands.
func raw(v any) string {
	switch v := v.(type) {
	case said:
		return string(v)
	case bare:
		return string(v)
	case string:
		return v
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// shown are values as a template prints them.
func shown(vs []any) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = strings.TrimSpace(fmt.Sprint(v))
	}
	return out
}

// plural chooses a word by a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
