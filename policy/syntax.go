package policy

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// unreadable finds what the YAML reader would refuse without saying where.
func unreadable(text []byte) *Fault {
	if len(text) > maxSize {
		return &Fault{1, 1, "the file is larger than 1 MiB; a policy is a page or two"}
	}
	line, column := 1, 1
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		switch {
		case c == utf8.RuneError && n == 1:
			return &Fault{line, column, "this is not UTF-8 text; save the file as UTF-8"}
		case c < ' ' && c != '\n' && c != '\r' && c != '\t', c == 0x7f:
			return &Fault{line, column, "a control character (" + strconv.QuoteRune(c) + ") stands here; remove it"}
		case c == '\n':
			line, column = line+1, 0
		}
		text = text[n:]
		column++
	}
	return nil
}

var (
	yamlError     = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// remedies say in plain words what the YAML reader's commonest errors mean.
var remedies = []struct{ said, remedy string }{
	{"did not find expected ',' or ']'", "close the list that begins here or above with ]"},
	{"did not find expected ',' or '}'", "close the group that begins here or above with }"},
	{"did not find expected '-' indicator", "a line of the list that begins here is not indented like its others"},
	{"did not find expected key", "a line of the group that begins here is not indented like its others"},
	{"did not find expected node content", "close the bracket that begins here or above"},
	{"could not find expected ':'", "after a key comes a colon and a space"},
	{"mapping values are not allowed in this context", "put a value that holds a colon in quotes, and indent keys of one group alike"},
	{"found character that cannot start any token", "put a value that begins with a sign such as % or @ in quotes"},
	{"found unexpected end of stream", "close the quote that begins here"},
}

// syntax turns an error of the YAML reader into a fault with a place.
func syntax(err error, text []byte) Fault {
	f := Fault{Line: 1, Column: 1, Text: err.Error()}
	if m := yamlError.FindStringSubmatch(f.Text); m != nil {
		f.Text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			f.Line = n
			if strings.HasPrefix(f.Text, "did not find expected") {
				f.Line++ // the reader counts the lines of these from 0
			}
		}
	}
	if m := unknownAnchor.FindStringSubmatch(f.Text); m != nil {
		return dangling(m[1], string(text))
	}
	lines := strings.Split(string(text), "\n")
	f.Line = min(max(f.Line, 1), len(lines))
	line := lines[f.Line-1]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	f.Column = len(indent) + 1
	f.Text = "this is not YAML: " + f.Text + remedy(f.Text, indent)
	return f
}

func remedy(said, indent string) string {
	if strings.Contains(indent, "\t") {
		return "; indent with spaces, not with tabs"
	}
	for _, r := range remedies {
		if r.said == said {
			return "; " + r.remedy
		}
	}
	return ""
}

// dangling finds the reference to nothing that the YAML reader stopped at
// without saying where.
func dangling(name, text string) Fault {
	before, _, _ := strings.Cut(text, "*"+name)
	return Fault{
		Line:   1 + strings.Count(before, "\n"),
		Column: 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]),
		Text:   "a reference (*" + clip(name) + ") stands here, which a policy file does not use; write the value itself",
	}
}
