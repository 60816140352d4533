package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var namedTest = regexp.MustCompile("`([a-z-]+)\\.Test(\\w+)`")

// TestThreatsNameTests: each test that docs/threats.md and docs/data.md name exists,
// in a package of that name, and no threat is said to be stopped that none shows.
func TestThreatsNameTests(t *testing.T) {
	known := map[string]bool{}
	for _, f := range house(t) {
		if known[f.dir] {
			continue
		}
		known[f.dir] = true
		name := filepath.Base(f.dir)
		if f.ast.Name.Name == "main" && name != "verify-record" {
			name = "main"
		}
		if tests, _ := filepath.Glob(filepath.Join("../..", f.dir, "*_test.go")); len(tests) > 0 {
			for _, one := range testsIn(t, []string{f.dir}) {
				known[name+"."+one] = true
			}
		}
	}
	for _, one := range testsIn(t, []string{"internal/archtest"}) {
		known["archtest."+one] = true
	}
	for page, least := range map[string]int{"threats.md": 90, "data.md": 4} {
		text, err := os.ReadFile(filepath.Join("../../docs", page))
		if err != nil {
			t.Fatal(err)
		}
		named := namedTest.FindAllStringSubmatch(string(text), -1)
		for _, m := range named {
			if !known[m[1]+"."+m[2]] {
				t.Errorf("docs/%s names %s.Test%s, which there is not", page, m[1], m[2])
			}
		}
		if len(named) < least {
			t.Errorf("docs/%s names only %d tests", page, len(named))
		}
		before, _, _ := strings.Cut(string(text), "\n## Limits\n")
		for line := range strings.Lines(before) {
			if page == "threats.md" && strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| tries ") && !namedTest.MatchString(line) {
				t.Errorf("docs/%s: no test shows what stops this: %s", page, line)
			}
		}
	}
}
