package cases

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// files are the cases of a folder, by name.
func files(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob(folder + "/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(path string) bool { return filepath.Base(path) == "elsewhere.txt" })
}

// TestEveryCaseIsShown: each number is one file, whose name begins with it, or
// stands in elsewhere.txt with tests that exist.
func TestEveryCaseIsShown(t *testing.T) {
	var sixty, stories []int
	for n := 1; n <= 60; n++ {
		sixty = append(sixty, n)
	}
	for n := 1; n <= 26; n++ {
		if n <= 8 || n >= 17 {
			stories = append(stories, n)
		}
	}
	scenarios := slices.DeleteFunc(slices.Clone(sixty[:24]), func(n int) bool { return n == 10 || n == 14 || n == 22 }) // out of scope, see package decisions
	for _, of := range []struct {
		folder, word string
		want         []int
	}{{"testdata/cases", "case", sixty}, {"testdata/stories", "story", stories}, {"testdata/scenarios", "scenario", scenarios}} {
		got := elsewhere(t, of.folder+"/elsewhere.txt")
		for _, path := range files(t, of.folder) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			n, err := strconv.Atoi(strings.SplitN(filepath.Base(path), "-", 2)[0])
			if err != nil || !strings.HasPrefix(string(text), fmt.Sprintf("%s %d: ", of.word, n)) {
				t.Errorf("%s: its name and its first line have to begin with the same number", path)
			}
			got = append(got, n)
		}
		slices.Sort(got)
		if !slices.Equal(got, of.want) {
			t.Errorf("%s has the numbers %v: each once, want %v", of.folder, got, of.want)
		}
	}
}

// TestEveryWordIsUsed: no word for the program, or for what must hold, that no
// case says.
func TestEveryWordIsUsed(t *testing.T) {
	said := map[string]bool{}
	for _, path := range slices.Concat(files(t, "testdata/cases"), files(t, "testdata/stories"), files(t, "testdata/scenarios")) {
		for _, l := range read(t, path).lines {
			said[strings.Fields(l.act + " -")[0]] = true
			said["= "+strings.Fields(l.hold + " -")[0]] = true
		}
	}
	for word := range acts {
		if !said[word] {
			t.Errorf("no case says %q", word)
		}
	}
	for word := range holds {
		if !said["= "+word] {
			t.Errorf("no case says %q", "= "+word)
		}
	}
}

var shownElsewhere = regexp.MustCompile(`^(\d+) (\S+) (Test\w+) \S.*$`)

// elsewhere reads "NUMBER FOLDER TEST words" lines and looks whether the tests
// exist; a number may have several.
func elsewhere(t *testing.T, path string) []int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		is := shownElsewhere.FindStringSubmatch(line)
		if is == nil {
			t.Errorf("%s:%d: want NUMBER FOLDER TEST and what it shows", path, i+1)
			continue
		}
		n, _ := strconv.Atoi(is[1])
		all = append(all, n)
		if !hasTest(t, is[2], is[3]) {
			t.Errorf("%s:%d: %s has no test %s", path, i+1, is[2], is[3])
		}
	}
	return slices.Compact(all)
}

// hasTest looks for a test in a folder of the module.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == name {
				return true
			}
		}
	}
	return false
}

// TestTheScenariosOfDecisionsAreThere: what elsewhere.txt says of package
// decisions is so, number by number.
func TestTheScenariosOfDecisionsAreThere(t *testing.T) {
	text, err := os.ReadFile("../../decisions/testdata/federation.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range elsewhere(t, "testdata/scenarios/elsewhere.txt") {
		if !strings.Contains(string(text), fmt.Sprintf("\ncase %d: ", n)) {
			t.Errorf("federation.txt has no case %d", n)
		}
	}
}
