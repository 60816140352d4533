package letter

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// markdown reads and writes CommonMark without any extension; HTML in a letter is
// left out, and page refuses it before.
var markdown = goldmark.New(goldmark.WithRendererOptions(html.WithXHTML()))

// page is a letter's body as a tree.
type page struct {
	root   ast.Node
	source []byte
}

// allowedNodes are the parts of Markdown that letters may have.
var allowedNodes = map[ast.NodeKind]bool{
	ast.KindDocument: true, ast.KindParagraph: true, ast.KindTextBlock: true, ast.KindHeading: true, ast.KindList: true, ast.KindListItem: true,
	ast.KindBlockquote: true, ast.KindText: true, ast.KindString: true, ast.KindEmphasis: true, ast.KindLink: true, ast.KindAutoLink: true,
	ast.KindCodeSpan: true,
}

// newPage makes a tree of Markdown. The error names what a letter must not have.
func newPage(source string) (*page, error) {
	p := &page{source: []byte(source)}
	p.root = markdown.Parser().Parse(text.NewReader(p.source))
	err := ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if !allowedNodes[n.Kind()] {
			return ast.WalkStop, &pageError{nodeWords(n) + " is nothing that a letter may have: use paragraphs, lists, quotations, **bold** and links", p.near(n)}
		}
		if link, ok := n.(*ast.Link); ok && !webAddress(string(link.Destination)) {
			return ast.WalkStop, &pageError{"a link has to lead to a page: its address has to begin with https:// or http://", string(link.Destination)}
		}
		return ast.WalkContinue, nil
	})
	return p, err
}

func nodeWords(n ast.Node) string {
	switch n.Kind() {
	case ast.KindCodeBlock:
		return "a line that begins with four spaces"
	case ast.KindRawHTML, ast.KindHTMLBlock:
		return "HTML"
	case ast.KindImage:
		return "an image"
	}
	return strings.ToLower(n.Kind().String())
}

// button is the link of a paragraph that is nothing but a button.
func button(n ast.Node) (*ast.Link, bool) {
	link, ok := n.FirstChild().(*ast.Link)
	return link, ok && n.FirstChild() == n.LastChild() && string(link.Title) == buttonTitle
}

// facts says that every item of a list begins with a label: **Deadline:** ….
func facts(list ast.Node) bool {
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		if label(item) == nil {
			return false
		}
	}
	return true
}

// label is the bold text at the beginning of an item; nil for none.
func label(item ast.Node) *ast.Emphasis {
	if block := item.FirstChild(); block != nil {
		if e, ok := block.FirstChild().(*ast.Emphasis); ok && e.Level == 2 {
			return e
		}
	}
	return nil
}

// words is the text of a node without any markup.
func (p *page) words(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(unescaped(c.Segment.Value(p.source)))
		case *ast.String:
			b.Write(c.Value)
		default:
			b.WriteString(p.words(c))
		}
	}
	return b.String()
}

// pageError says what a letter must not have.
type pageError struct {
	what string
	near string // a part of the text, to find its line
}

func (e *pageError) Error() string { return e.what }

// near is a part of the text of a node.
func (p *page) near(n ast.Node) string {
	switch n := n.(type) {
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			at := n.Segments.At(0)
			return string(at.Value(p.source))
		}
	case *ast.Image:
		return string(n.Destination)
	case *ast.HTMLBlock, *ast.CodeBlock, *ast.FencedCodeBlock:
		if n.Lines().Len() > 0 {
			at := n.Lines().At(0)
			return strings.TrimSpace(string(at.Value(p.source)))
		}
	}
	return ""
}

// find looks for the line in a letter's file, and in the parts; 0 where data
// stands in between.
func (e *pageError) find(name string, f files) (file string, line int) {
	for _, at := range []string{name, ownParts, partsFile} {
		if before, _, ok := strings.Cut(string(f[at]), e.near); ok && e.near != "" {
			return strings.TrimPrefix(at, "own "), 1 + strings.Count(before, "\n")
		}
	}
	return name, 0
}
