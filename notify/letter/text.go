package letter

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// width is how long a line of the text part is at most; addresses may be longer.
const width = 76

// text is the page for those who read mail as plain text: paragraphs, lists with
// dashes, quotations behind >, and every link with its address.
func (p *page) text() string {
	return strings.TrimSpace(p.blocks(p.root, "\n\n", width)) + "\n"
}

// blocks are the children of a node, one under the other.
func (p *page) blocks(n ast.Node, between string, wide int) string {
	var out []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if s := p.block(c, wide); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, between)
}

func (p *page) block(n ast.Node, wide int) string {
	switch n := n.(type) {
	case *ast.List:
		return p.list(n, wide)
	case *ast.Blockquote:
		return indent(p.blocks(n, "\n\n", wide-2), "> ", "> ")
	case *ast.Heading:
		return strings.ToUpper(wrap(p.inline(n), wide))
	}
	if link, ok := button(n); ok {
		return wrap(p.words(link), wide-1) + ":\n" + string(link.Destination)
	}
	return wrap(p.inline(n), wide)
}

func (p *page) list(n *ast.List, wide int) string {
	between := "\n"
	if !n.IsTight {
		between = "\n\n"
	}
	var out []string
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		out = append(out, indent(p.blocks(item, "\n", wide-2), "- ", "  "))
	}
	return strings.Join(out, between)
}

// indent puts something before the first line and before all others.
func indent(text, first, other string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		before := other
		if i == 0 {
			before = first
		}
		lines[i] = strings.TrimRight(before+l, " ")
	}
	return strings.Join(lines, "\n")
}

// inline is a run of text; a line that must end is "\n".
func (p *page) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(unescaped(c.Segment.Value(p.source)))
			switch {
			case c.HardLineBreak():
				b.WriteByte('\n')
			case c.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(p.source))
		case *ast.CodeSpan:
			b.WriteString(p.code(c))
		case *ast.Link:
			b.WriteString(p.inline(c) + " (" + string(c.Destination) + ")")
		default:
			b.WriteString(p.inline(c))
		}
	}
	return b.String()
}

// code is the text of a code span, in which a backslash is a backslash.
func (p *page) code(n *ast.CodeSpan) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(p.source))
		}
	}
	return b.String()
}

func unescaped(b []byte) []byte {
	return util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(b)))
}

// wrap breaks lines between words.
func wrap(text string, wide int) string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		line, long := "", 0
		for _, word := range strings.Fields(l) {
			n := utf8.RuneCountInString(word)
			if long > 0 && long+1+n > wide {
				out = append(out, line)
				line, long = "", 0
			}
			if long > 0 {
				line, long = line+" ", long+1
			}
			line, long = line+word, long+n
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
