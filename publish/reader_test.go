package publish

import (
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// of is what a Markdown reader that is not ours makes of a page of an imported
// decision: its headings of the second level, those below the record, and whatever
// could act in a browser.
func (r *rendering) of(t testing.TB, page string) {
	t.Helper()
	_, body, ok := strings.Cut(strings.TrimPrefix(page, "---\n"), "\n---\n")
	if !ok {
		t.Fatalf("no front matter: %q", page)
	}
	source := []byte(body)
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.DefinitionList, extension.Footnote)).Parser().Parse(text.NewReader(source))
	inRecord := false
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			words := string(n.Lines().Value(source))
			if n.Level <= 2 {
				r.sections = append(r.sections, words)
				inRecord = words == "Record"
			} else if inRecord || known3(words) {
				r.wrong = append(r.wrong, "the heading "+words)
			}
		case *ast.HTMLBlock:
			if html := string(n.Lines().Value(source)); !strings.HasPrefix(html, mark) || n.NextSibling() != nil {
				r.wrong = append(r.wrong, "the HTML "+html)
			}
		case *ast.RawHTML:
			r.wrong = append(r.wrong, "HTML within a line")
		case *ast.FencedCodeBlock:
			r.wrong = append(r.wrong, "a fence")
		case *ast.Link:
			r.link(string(n.Destination))
		case *ast.Image:
			r.link(string(n.Destination))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type rendering struct{ sections, wrong []string }

func known3(words string) bool {
	w := strings.ToLower(strings.Trim(words, " #"))
	return w == summary || w == details || w == record
}

func (r *rendering) link(to string) {
	scheme, _, has := strings.Cut(strings.ToLower(strings.TrimSpace(to)), ":")
	if has && !strings.ContainsAny(scheme, "/?#.") && !slices.Contains([]string{"http", "https", "mailto"}, scheme) {
		r.wrong = append(r.wrong, "a link to "+to)
	}
}

// readsRight says that the page of an imported decision has its own three sections
// and nothing in them that acts, whoever reads it.
func readsRight(t testing.TB, page string) {
	t.Helper()
	var r rendering
	r.of(t, page)
	want := []string{"Summary", "Details", "Record"}
	if strings.Contains(page, forMembers) {
		want = want[2:]
	}
	if !slices.Equal(r.sections, want) || len(r.wrong) > 0 {
		t.Errorf("a reader sees the sections %q, and %q, in\n%s", r.sections, r.wrong, page)
	}
}
