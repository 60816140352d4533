package letter

import (
	"bytes"
	_ "embed"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// layout is the page around a letter. Colours are few: text and background are
// the reader's own, in the light and in the dark, and what is set goes with both.
//
//go:embed layout.html
var layout string

// The styles, all inline, since mail programs drop style sheets.
const (
	deed      = "#17755a" // the federation's green: white on it is 5.6 : 1
	tint      = "rgba(52,150,118,0.13)"
	styleP    = "margin:0 0 16px"
	styleA    = "color:inherit;text-decoration:underline;text-decoration-color:#2f9e7c;text-underline-offset:3px;overflow-wrap:anywhere"
	styleDo   = "display:inline-block;padding:12px 24px;background-color:" + deed + ";border:1px solid " + deed + ";border-radius:6px;color:#ffffff;font-weight:600;text-decoration:none"
	styleDoP  = "margin:8px 0 24px"
	styleList = "margin:0 0 16px;padding:0 0 0 22px"
	styleItem = "margin:0 0 6px"
	styleFact = "margin:4px 0 20px;padding:4px 18px;list-style:none;background-color:" + tint + ";border-left:4px solid " + deed + ";border-radius:0 6px 6px 0"
	styleOne  = "margin:0;padding:9px 0"
	styleCite = "margin:0 0 16px;padding:2px 0 2px 16px;border-left:4px solid #8f9a96"
	styleH    = "margin:24px 0 8px;font-size:17px;line-height:1.35"
	styleCode = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;overflow-wrap:anywhere"
)

// mailHTML is the page as a part of a mail: each part has its style.
func (p *page) mailHTML() (string, error) {
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if style := styleOf(n); entering && style != "" {
			n.SetAttributeString("style", []byte(style))
		}
		return ast.WalkContinue, nil
	})
	return p.roomHTML()
}

func styleOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Paragraph:
		_, isButton := button(n)
		switch {
		case isButton:
			return styleDoP
		case n.Parent().Kind() == ast.KindBlockquote && n.NextSibling() == nil:
			return "margin:0"
		case n.Parent().Kind() == ast.KindListItem:
			return "margin:0 0 4px"
		}
		return styleP
	case *ast.Link:
		if string(n.Title) == buttonTitle {
			return styleDo
		}
		return styleA
	case *ast.AutoLink:
		return styleA
	case *ast.List:
		if facts(n) {
			return styleFact
		}
		return styleList
	case *ast.ListItem:
		if facts(n.Parent()) {
			return styleOne
		}
		return styleItem
	case *ast.Blockquote:
		return styleCite
	case *ast.Heading:
		return styleH
	case *ast.CodeSpan:
		return styleCode
	}
	return ""
}

// roomHTML is the page as Matrix shows it: no style, and a button is a link.
func (p *page) roomHTML() (string, error) {
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok {
			link.Title = nil // which marks a button, and is not to be seen
		}
		return ast.WalkContinue, nil
	})
	var b bytes.Buffer
	err := markdown.Renderer().Render(&b, p.source, p.root)
	return strings.TrimSpace(b.String()), err
}

// mailPage is a whole HTML document: the federation's name, the subject as its
// heading, the letter, and below it why one gets it.
func mailPage(lang, federation, subject, body, foot string) string {
	return strings.NewReplacer("{language}", html.EscapeString(lang), "{federation}", html.EscapeString(flat(visible(federation))),
		"{subject}", html.EscapeString(subject), "{body}", body, "{foot}", foot).Replace(layout)
}
