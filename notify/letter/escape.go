package letter

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// harmless is a text of people without what nobody sees and what turns the
// reading direction around; white space becomes spaces, but for line ends. What
// joins letters and signs into one stays, for Persian and for emoji.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == 0x200C, r == 0x200D:
			return r
		case r == 0x2028, r == 0x2029, r == 0x85:
			return '\n'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		case r == unicode.ReplacementChar:
			return '?'
		}
		return r
	}, lineEnds.Replace(text))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// flat is a text of people in one line.
func flat(text string) string { return strings.Join(strings.Fields(harmless(text)), " ") }

// visible is a text of people, or a question mark where nothing of it can be
// seen: a name must not vanish.
func visible(text string) string {
	seen := func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r)
	}
	if text != "" && strings.IndexFunc(text, seen) < 0 {
		return "?"
	}
	return text
}

// escape makes a text of people a part of a line of Markdown that means nothing
// but itself: a backslash stands before every sign that could mean more.
func escape(text string) string {
	var b strings.Builder
	for _, r := range flat(text) {
		if r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ' ' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// quoted is a text of people as a quotation in Markdown, line by line, so that
// none of its lines can pass for one of the letter's own.
func quoted(text string) string {
	var out []string
	lines := strings.Split(harmless(text), "\n")
	for i, l := range lines {
		l = escape(l)
		empty := len(out) == 0 || out[len(out)-1] == ">"
		switch {
		case l == "" && !empty:
			out = append(out, ">")
		case l != "" && i+1 < len(lines) && flat(lines[i+1]) != "":
			out = append(out, "> "+l+`\`) // the line ends where people ended it
		case l != "":
			out = append(out, "> "+l)
		}
	}
	return strings.TrimSuffix(strings.Join(out, "\n"), "\n>")
}

// code is a text that a program reads, such as a command or a hash, in Markdown.
func code(text string) string {
	text = flat(text)
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// webAddress says whether a text is the address of a page, and nothing else:
// only such are links.
func webAddress(text string) bool {
	if strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"\\`{}|^", r) }) >= 0 {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

var mailForm = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// linked is an address of a page, or of mail, as a link whose words are the
// address itself; anything else is text.
func linked(text string) string {
	if text = strings.TrimSpace(text); webAddress(text) || mailForm.MatchString(text) {
		return "<" + text + ">"
	}
	return escape(text)
}
