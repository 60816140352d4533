package email

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

var (
	anyTag  = regexp.MustCompile(`<[^>]*>`)
	ownTags = regexp.MustCompile(`^(</?p>|<br>|</a>|<a href="https?://[^"<>]*">)$`)
)

// FuzzHTML: whatever stands in a text stands in its page as a text, and no tag is
// there but those of paragraphs, lines and links.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{"Hello <b>Ada</b>,\n\nhttps://roll.example.org/a?b=1&c=2.\n", "http://x\"onload=\"y", "a\r\nb\r\n\r\n\r\nc", "https://<script>", "&amp; https://"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, body, _ := strings.Cut(asPage(text), ">\n<p>")
		body = "<p>" + strings.TrimSuffix(body, "</body></html>\n")
		for _, tag := range anyTag.FindAllString(body, -1) {
			if !ownTags.MatchString(tag) {
				t.Errorf("%q holds the tag %s", text, tag)
			}
		}
		words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if got, want := words(html.UnescapeString(anyTag.ReplaceAllString(body, ""))), words(text); got != want && !strings.ContainsRune(text, 0) {
			t.Errorf("%q reads %q, want %q", text, got, want)
		}
	})
}
