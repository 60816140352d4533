package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// source is the package under test, without its tests.
type source struct {
	dir, path string // its folder; its import path
	fset      *token.FileSet
	files     []*file
	imports   types.Importer
	info      *types.Info
	pkg       *types.Package
}

type file struct {
	path string
	text []byte
	tree *ast.File
	base int // position of its first byte in the file set
}

// load reads and type-checks the package that the pattern names.
func load(pattern string) (*source, error) {
	var listed struct {
		Dir, ImportPath string
		GoFiles         []string
	}
	text, err := goList("-json=Dir,ImportPath,GoFiles", pattern)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &listed); err != nil {
		return nil, fmt.Errorf("%s: name exactly one package: %w", pattern, err)
	}
	s := &source{dir: listed.Dir, path: listed.ImportPath, fset: token.NewFileSet()}
	if err := s.importer(); err != nil {
		return nil, err
	}
	for _, name := range listed.GoFiles {
		path := filepath.Join(s.dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(s.fset, path, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, &file{path: path, text: text, tree: tree, base: int(tree.FileStart)})
	}
	s.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	s.pkg, err = s.check(nil, "", s.info)
	return s, err
}

// importer reads what the compiler wrote about the imported packages.
func (s *source) importer() error {
	text, err := goList("-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", s.dir)
	if err != nil {
		return err
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(text)) {
		path, export, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = export
	}
	s.imports = importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	return nil
}

// check type-checks the package with one file's text replaced (nil: none).
func (s *source) check(changed *file, text string, info *types.Info) (*types.Package, error) {
	trees := make([]*ast.File, len(s.files))
	for i, f := range s.files {
		trees[i] = f.tree
		if f != changed {
			continue
		}
		tree, err := parser.ParseFile(s.fset, f.path, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		trees[i] = tree
	}
	conf := types.Config{Importer: s.imports, Error: nil}
	return conf.Check(s.path, s.fset, trees, info)
}

func goList(args ...string) ([]byte, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, errs.String())
	}
	return out, nil
}

// between is the source text between two positions.
func (f *file) between(from, to token.Pos) string {
	return string(f.text[int(from)-f.base : int(to)-f.base])
}
