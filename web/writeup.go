package web

import (
	"bytes"
	"fmt"
	"html/template"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// This file is where texts of people become HTML: by a renderer that drops all
// HTML in them, and then by a second wall that lets through what is on its list.

// Both are made when the first text is shown: they take three milliseconds and half a
// mebibyte. A sync.OnceValue would have the linker keep every method of a policy, and
// what these call: 200 KB.
var (
	markdown goldmark.Markdown
	allowed  *bluemonday.Policy
)

var readyForTexts = sync.OnceFunc(func() {
	markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{}, 100))))
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "matrix")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	allowed = p
})

// writeUp is a text of people, in Markdown, as a part of a page whose heading above
// it is an h2.
func writeUp(markdownText string) (template.HTML, error) {
	readyForTexts()
	var b bytes.Buffer
	if err := markdown.Convert([]byte(markdownText), &b); err != nil {
		return "", fmt.Errorf("render a write-up: %w", err)
	}
	return template.HTML(allowed.SanitizeBytes(b.Bytes())), nil
}

// tame makes of a write-up a part of a page: its headings follow those of the page
// without a gap, and a picture, which would be loaded from elsewhere, is a link.
type tame struct{}

// Transform changes the document.
func (tame) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var open []int // the levels of the headings that this one stands beneath
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker fails never
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			for len(open) > 0 && open[len(open)-1] >= n.Level {
				open = open[:len(open)-1]
			}
			open = append(open, n.Level)
			n.Level = min(6, 2+len(open))
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range pictures {
		untaken(n)
	}
}

// untaken puts a link in a picture's place, or within a link the words alone.
func untaken(n *ast.Image) {
	parent := n.Parent()
	if _, linked := parent.(*ast.Link); linked {
		for n.FirstChild() != nil {
			parent.InsertBefore(parent, n, n.FirstChild())
		}
		parent.RemoveChild(parent, n)
		return
	}
	link := ast.NewLink()
	link.Destination, link.Title = n.Destination, n.Title
	for n.FirstChild() != nil {
		link.AppendChild(link, n.FirstChild())
	}
	if link.ChildCount() == 0 {
		link.AppendChild(link, ast.NewString([]byte("a picture")))
	}
	parent.ReplaceChild(parent, n, link)
}
