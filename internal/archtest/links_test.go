package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	codeBlock  = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]*`")
	headline   = regexp.MustCompile(`(?m)^#{1,6} (.+?) *$`)
)

// pages are the texts for people, by path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		name := e.Name()
		if err == nil && e.IsDir() && (name == "testdata" || name == "node_modules" || name == "bin" || strings.HasPrefix(name, ".") && len(name) > 2) {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(name, ".md") {
			return err
		}
		text, err := os.ReadFile(path)
		found[filepath.Clean(path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// anchors are the ends of addresses that lead to a page's headings.
func anchors(text string) map[string]bool {
	blocks := regexp.MustCompile("(?ms)^```.*?^```$")
	found := map[string]bool{}
	for _, m := range headline.FindAllStringSubmatch(blocks.ReplaceAllString(text, ""), -1) {
		words := regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		found[strings.ReplaceAll(words, " ", "-")] = true
	}
	return found
}

// TestLinksOfThePagesLeadSomewhere: every relative link of a page leads to a file of
// the house, and to a heading of it where it names one; and every page of docs can be
// reached from the README.
func TestLinksOfThePagesLeadSomewhere(t *testing.T) {
	all, n := pages(t), 0
	leads := map[string][]string{}
	for path, text := range all {
		for _, m := range inlineLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			n++
			file, heading, _ := strings.Cut(m[1], "#")
			to := path
			if file != "" {
				to = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: %s leads nowhere", path, m[1])
			}
			if heading != "" && !anchors(all[to])[heading] {
				t.Errorf("%s: %s leads to no heading", path, m[1])
			}
			leads[path] = append(leads[path], to)
		}
	}
	if n < 50 {
		t.Errorf("only %d links were found", n)
	}
	reached, next := map[string]bool{}, []string{"../../README.md"}
	for len(next) > 0 {
		if page := next[0]; !reached[page] {
			reached[page] = true
			next = append(next, leads[page]...)
		}
		next = next[1:]
	}
	for path := range all {
		if strings.HasPrefix(path, "../../docs/") && !reached[path] {
			t.Errorf("no link leads from the README to %s", path)
		}
	}
}
