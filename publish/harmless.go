package publish

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The sections that a page has of its own. No heading of people's says the same.
const (
	summary = "summary"
	details = "details"
	record  = "record"
)

// keys are the words with which a line of the header begins, as they are
// compared, and what each is about. The docs site has the first five.
var keys = map[string]string{
	"topic": "topic", "title": "topic", "subject": "topic",
	"date": "date", "proposed": "date", "proposed on": "date", "opened": "date",
	"deadline": "deadline", "until": "deadline", "closes": "deadline",
	"passed on": "ended", "passed": "ended", "adopted on": "ended", "stopped on": "ended", "not carried on": "ended",
	"withdrawn on": "ended", "stalled on": "ended", "ended on": "ended",
	"size": "size", "state": "state", "status": "state", "number": "number", "resolution": "number",
	"affects": "affects", "who is affected": "affects", "whom it affects": "affects",
	"discussion": "channel", "discussed in": "channel", "channel": "channel",
	"write up": "link", "writeup": "link", "link": "link",
}

var (
	headerLine = regexp.MustCompile(`^(\s*(?:[-*+]\s+)?[*_]{0,2})([A-Za-z][A-Za-z _-]{0,30}?)([*_]{0,2}\s*)(:|&#58;)[*_]{0,2}(.*)$`)
	heading    = regexp.MustCompile(`^((?:[ \t>]|[-*+][ \t]|[0-9]{1,9}[.)][ \t])*)(#{1,6})(.*)$`)
	ruler      = regexp.MustCompile(`^([ \t>]*)(=+|-+)[ \t]*$`)
	fence      = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	// link is what follows the words of a link, or of one that is told further down;
	// it may go on in the next line, and then it leads nowhere that is known.
	link = regexp.MustCompile(`\](\(\s*|:\s*)([^)\s]*)`)
	// target is where a link of people's may lead: the web, mail, or another page.
	target = regexp.MustCompile(`^(?i:https?://[^&\\]*(?:&[^#\\&][^&\\]*)*|mailto:[^&\\]*|[a-z0-9._/~#?=%+-]*)$`)
)

// known says whether a word begins a line of the header.
func known(word string) bool { return keys[keyOf(word)] != "" }

func keyOf(word string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '\t' }), " ")
}

// tidy is a text with one kind of line end, without control characters, marks
// that turn the reading direction, and spaces at the ends of lines.
func tidy(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == 0x2028, r == 0x2029, r == 0xFEFF, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F:
			return -1
		case r == utf8.RuneError:
			return '?'
		}
		return r
	}, text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t\u00a0")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// entities are what no text of people is published with as it stands: HTML, and
// what the generators of sites take for code of theirs.
var entities = strings.NewReplacer("<", "&lt;", "{", "&#123;")

var fromEntities = strings.NewReplacer("&lt;", "<", "&#123;", "{")

// harmless is a text of people as Markdown that stays within its section: it
// keeps paragraphs, lists, tables, emphasis and links to the web, and cannot hold
// HTML, a fence that never ends, a heading like those of the page, or a line
// like those of its header.
func harmless(text string) string {
	lines := strings.Split(unfenced(tidy(text)), "\n")
	for i, l := range lines {
		lines[i] = harmlessLine(entities.Replace(l))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func harmlessLine(l string) string {
	if m := heading.FindStringSubmatch(l); m != nil {
		name := keyOf(strings.Trim(m[3], "# \t*_:"))
		own := name == summary || name == details || name == record
		switch {
		case own, len(m[2]) < 3 && m[1] != "":
			l = m[1] + `\` + m[2] + m[3]
		case len(m[2]) < 3:
			l = "###" + m[3]
		}
	}
	if m := ruler.FindStringSubmatch(l); m != nil {
		l = m[1] + `\` + m[2]
	}
	if m := headerLine.FindStringSubmatch(l); m != nil && known(m[2]) {
		l = m[1] + m[2] + m[3] + "&#58;" + strings.TrimPrefix(l[len(m[1])+len(m[2])+len(m[3]):], m[4])
	}
	if strings.HasPrefix(strings.TrimSpace(l), ":::") { // some sites run what follows
		l = strings.Replace(l, ":", "&#58;", 1)
	}
	return harmlessLinks(l)
}

// harmlessLinks takes their effect from links that lead elsewhere than to the web.
func harmlessLinks(l string) string {
	var b strings.Builder
	last := 0
	for _, m := range link.FindAllStringSubmatchIndex(l, -1) {
		if m[4] < m[5] && target.MatchString(l[m[4]:m[5]]) {
			continue
		}
		b.WriteString(l[last:m[0]] + noLink[l[m[2]]])
		last = m[2] + 1
	}
	b.WriteString(l[last:])
	return b.String()
}

// noLink is the end of a link's words, and what makes it one, without that effect.
var noLink = map[byte]string{'(': `]\(`, ':': "]&#58;"}

// unfenced makes code blocks that fences mark ones that are indented: those end
// where the text does, for every reader.
func unfenced(text string) string {
	var out []string
	open := ""
	for _, l := range strings.Split(text, "\n") {
		m := fence.FindStringSubmatch(l)
		switch {
		case open == "" && m != nil:
			open = m[1]
			out = append(out, "")
		case open != "" && m != nil && strings.HasPrefix(m[1], open) && strings.TrimSpace(l) == m[1]:
			open = ""
			out = append(out, "")
		case open != "" && l != "":
			out = append(out, "    "+l)
		default:
			out = append(out, l)
		}
	}
	return blankLines.ReplaceAllString(strings.Trim(strings.Join(out, "\n"), "\n"), "\n\n")
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// plain is what people wrote, from what harmless made of it. A line from which
// harmless would make something else stays as it is.
func plain(text string) string {
	lines := strings.Split(tidy(text), "\n")
	for i, l := range lines {
		decoded := fromEntities.Replace(l)
		for _, was := range []string{plainLine(decoded), decoded} {
			if harmlessLine(entities.Replace(was)) == l {
				lines[i] = was
				break
			}
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func plainLine(l string) string {
	if m := headerLine.FindStringSubmatch(l); m != nil && m[4] == "&#58;" || strings.HasPrefix(strings.TrimSpace(l), "&#58;::") {
		l = strings.Replace(l, "&#58;", ":", 1)
	}
	return strings.NewReplacer(`]\(`, `](`, "]&#58;", "]:").Replace(unescaped.ReplaceAllString(l, "$1$2"))
}

var unescaped = regexp.MustCompile(`^((?:[ \t>]|[-*+][ \t]|[0-9]{1,9}[.)][ \t])*)\\([#=-])`)

// inline are the characters that mean something within a line of Markdown.
var inline = map[rune]string{
	'<': "&lt;", '>': "&gt;", '{': "&#123;", '}': "&#125;", '|': "&#124;", '[': "&#91;", ']': "&#93;", '*': "&#42;", '_': "&#95;", '`': "&#96;", '\\': "&#92;", '~': "&#126;",
}

var fromInline = func() *strings.Replacer {
	var pairs []string
	for r, e := range inline {
		pairs = append(pairs, e, string(r))
	}
	return strings.NewReplacer(pairs...)
}()

// OneLine is a text of people as a part of one line of Markdown, in which nothing
// is markup.
func OneLine(text string) string {
	var b strings.Builder
	for _, r := range flat(text) {
		if e, ok := inline[r]; ok {
			b.WriteString(e)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// flat is a text without line ends.
func flat(text string) string { return strings.Join(strings.Fields(tidy(text)), " ") }

// quoted is a text of people as a quotation, with nothing in it that could pass
// for a part of what stands around it.
func quoted(text string) string {
	lines := strings.Split(harmless(text), "\n")
	for i, l := range lines {
		if m := heading.FindStringSubmatch(l); m != nil {
			l = m[1] + `\` + m[2] + m[3]
		}
		lines[i] = strings.TrimRight("> "+l, " ")
	}
	return strings.Join(lines, "\n")
}

// unquoted is the text of a quotation.
func unquoted(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		l = strings.TrimPrefix(l, ">")
		lines[i] = strings.TrimPrefix(l, " ")
	}
	return strings.Join(lines, "\n")
}
