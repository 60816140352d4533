package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// assigned are the words that a variable of the Makefile is given, names between
// bars among them.
func assigned(t *testing.T, makefile, name string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + name + ` *:= *((?:.*\\\n)*.*)$`).FindStringSubmatch(makefile)
	if m == nil {
		t.Fatalf("the Makefile has no %s", name)
	}
	return strings.FieldsFunc(m[1], func(r rune) bool { return strings.ContainsRune(" \t\n\\|", r) })
}

var testNames = regexp.MustCompile(`(?m)^func Test(\w+)\(`)

// testsIn are the names of the tests in some packages, without the word Test.
func testsIn(t *testing.T, packages []string) (names []string) {
	t.Helper()
	for _, p := range packages {
		files, _ := filepath.Glob(filepath.Join("../..", p, "*_test.go"))
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range testNames.FindAllStringSubmatch(string(b), -1) {
				names = append(names, m[1])
			}
		}
		if len(files) == 0 {
			t.Errorf("the Makefile names the package %s, which has no tests", p)
		}
	}
	return names
}

// under are the packages that a word of a list names: itself, or all below it that
// have tests.
func under(t *testing.T, word string) (out []string) {
	t.Helper()
	top, all := strings.CutSuffix(word, "/...")
	if !all {
		return []string{word}
	}
	seen := map[string]bool{}
	err := filepath.WalkDir(filepath.Join("../..", top), func(path string, _ fs.DirEntry, err error) error {
		if dir := filepath.Dir(path); strings.HasSuffix(path, "_test.go") && !seen[dir] {
			seen[dir] = true
			out = append(out, "./"+strings.TrimPrefix(filepath.ToSlash(dir), "../../"))
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%s: %d packages with tests, %v", word, len(out), err)
	}
	return out
}

// TestTheMakefileNamesTests: a name that matches nothing would leave out what it is
// there for, and nobody would be told.
func TestTheMakefileNamesTests(t *testing.T) {
	b, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	makefile := string(b)
	raced := assigned(t, makefile, "RACED")
	somewhere, mixed := testsIn(t, raced), testsIn(t, assigned(t, makefile, "MIXED"))
	var elsewhere []string // where such a test would be left out by make whole, and run nowhere
	for _, p := range assigned(t, makefile, "WHOLE") {
		if packages := under(t, p); !slices.Contains(raced, p) {
			elsewhere = append(elsewhere, testsIn(t, slices.DeleteFunc(packages, func(one string) bool { return slices.Contains(raced, one) }))...)
		}
	}
	for _, list := range []string{"DAEMON", "AT_ONCE"} {
		for _, part := range assigned(t, makefile, list) {
			if i := slices.IndexFunc(elsewhere, func(name string) bool { return strings.Contains(name, part) }); i >= 0 {
				t.Errorf("%s names %s, which is a part of %s: that is not in RACED, and would run nowhere", list, part, elsewhere[i])
			}
			if !slices.ContainsFunc(somewhere, func(name string) bool { return strings.Contains(name, part) }) {
				t.Errorf("%s names %s, and no test in RACED is called so", list, part)
			}
		}
	}
	for list, in := range map[string][]string{"SLOW": mixed, "SAMPLED": mixed, "BROWSED": testsIn(t, []string{"./cmd/goodstanding"}), "APART": testsIn(t, []string{"./cmd/goodstanding"})} {
		for _, name := range assigned(t, makefile, list) {
			if !slices.Contains(in, name) {
				t.Errorf("%s names %s, and no test where it is looked for is called so", list, name)
			}
		}
	}
}
