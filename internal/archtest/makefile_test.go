package archtest

import (
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

// TestTheMakefileNamesTests: a name that matches nothing would leave out what it is
// there for, and nobody would be told.
func TestTheMakefileNamesTests(t *testing.T) {
	b, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	makefile := string(b)
	somewhere, mixed := testsIn(t, assigned(t, makefile, "RACED")), testsIn(t, assigned(t, makefile, "MIXED"))
	for _, list := range []string{"DAEMON", "AT_ONCE"} {
		for _, part := range assigned(t, makefile, list) {
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
