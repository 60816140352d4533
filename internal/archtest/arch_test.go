// Package archtest keeps the shape of the house (docs/architecture.md): who
// may import whom, where SQL and servers may stand, and that no rule looks at
// a clock. Each rule says why.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "coopcloud.tech/goodstanding"

// file is one Go source file of the house that is no test.
type file struct {
	path, dir string
	ast       *ast.File
	imports   []string
}

func house(t *testing.T) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") && name != ".." && name != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("../..", path)
		if err != nil {
			return err
		}
		one := file{path: filepath.ToSlash(rel), dir: filepath.ToSlash(filepath.Dir(rel)), ast: f}
		for _, i := range f.Imports {
			one.imports = append(one.imports, strings.Trim(i.Path.Value, `"`))
		}
		files = append(files, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files found: the test does not see the house", len(files))
	}
	return files
}

func roomOf(dir string) *room {
	for i := range rooms {
		if rooms[i].path == dir {
			return &rooms[i]
		}
	}
	for i := range rooms {
		if under, ok := strings.CutSuffix(rooms[i].path, "/..."); ok && strings.HasPrefix(dir, under+"/") {
			return &rooms[i]
		}
	}
	return nil
}

func TestEveryImportRunsDownwards(t *testing.T) {
	for _, f := range house(t) {
		r := roomOf(f.dir)
		if r == nil {
			t.Errorf("%s: the folder %s is no room of docs/architecture.md; draw it there and in rules_test.go", f.path, f.dir)
			continue
		}
		for _, imp := range f.imports {
			to, ours := strings.CutPrefix(imp, module+"/")
			if ours && !slices.Contains(r.may, to) && !slices.Contains(ground, to) && !slices.Contains(r.may, "...") {
				t.Errorf("%s imports %s: %s", f.path, to, r.why)
			}
		}
	}
}

func TestRulesStandOnTheStandardLibraryAlone(t *testing.T) {
	for _, f := range house(t) {
		r := roomOf(f.dir)
		if r == nil || !r.pure {
			continue
		}
		for _, imp := range f.imports {
			first, _, _ := strings.Cut(imp, "/")
			if strings.Contains(first, ".") && !strings.HasPrefix(imp, module+"/") {
				t.Errorf("%s imports %s: a rule stands on the standard library alone", f.path, imp)
			}
			if why, bad := impure[imp]; bad {
				t.Errorf("%s imports %s: %s", f.path, imp, why)
			}
		}
	}
}

func TestWhatOnlySomeRoomsMayImport(t *testing.T) {
	for _, f := range house(t) {
		for _, k := range kept {
			for _, imp := range f.imports {
				if (imp == k.prefix || strings.HasPrefix(imp, k.prefix+"/")) && !slices.Contains(k.rooms, f.dir) {
					t.Errorf("%s imports %s: %s", f.path, imp, k.why)
				}
			}
		}
	}
}

// clocks may look at the time: where the program is wired, and where a real
// server or database is waited for.
var clocks = []string{"cmd/goodstanding", "internal/fakeoc", "internal/dbtest", "internal/fakesmtp", "internal/fakematrix"}

func TestOnlyTheEdgeLooksAtAClock(t *testing.T) {
	each(t, "time", []string{"Now", "Since", "Until"}, func(f file, name string) {
		if !slices.Contains(clocks, f.dir) {
			t.Errorf("%s calls time.%s: time is a parameter", f.path, name)
		}
	})
}

// servers may serve HTTP; all others are clients at most.
var servers = []string{"api", "web", "cmd/goodstanding", "internal/fakeoc", "internal/fakematrix"}

func TestOnlySomeRoomsServe(t *testing.T) {
	each(t, "http", []string{"ListenAndServe", "Server", "ServeMux", "NewServeMux", "HandleFunc", "Handler", "HandlerFunc"}, func(f file, name string) {
		if !slices.Contains(servers, f.dir) {
			t.Errorf("%s uses http.%s: only %s serve", f.path, name, strings.Join(servers, ", "))
		}
	})
}

// each calls found for every mention of pkg.name.
func each(t *testing.T, pkg string, names []string, found func(file, string)) {
	t.Helper()
	for _, f := range house(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == pkg && slices.Contains(names, sel.Sel.Name) {
				found(f, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestMainIsShort(t *testing.T) {
	b, err := os.ReadFile("../../cmd/goodstanding/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n"); n > 30 {
		t.Errorf("main.go has %d lines, at most 30: the process is a value, main only translates", n)
	}
}

func TestEveryRoomExists(t *testing.T) {
	for _, r := range rooms {
		dir := strings.TrimSuffix(r.path, "/...")
		if got, _ := filepath.Glob(filepath.Join("../..", dir, "*.go")); len(got) == 0 {
			t.Errorf("%s is drawn but not built: a package doc is enough", dir)
		}
	}
}
