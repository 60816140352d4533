package archtest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/dependencies.md and NOTICE anew")

// allowed are the licences under which what is part of the binaries may stand: they ask
// for their text to come along, which is NOTICE, and for nothing of whoever runs the
// program. Each with words that its text has, and words that it has not.
var allowed = []struct {
	name      string
	has, lack []string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0"}, nil},
	{"MIT", []string{"permission is hereby granted, free of charge", "the above copyright notice and this permission notice"}, nil},
	{"BSD-3-Clause", []string{"redistributions of source code must retain", "redistributions in binary form must reproduce", "endorse or promote"}, []string{"all advertising materials"}},
	{"BSD-2-Clause", []string{"redistributions of source code must retain", "redistributions in binary form must reproduce"}, []string{"endorse or promote", "all advertising materials"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software"}, nil},
}

// refused are words of licences that ask for more.
var refused = []string{"gnu general public", "gnu affero", "gnu lesser", "mozilla public", "business source", "server side public", "creative commons attribution-noncommercial", "commons clause", "elastic license"}

// licenceOf names the licence of a text; "" for one that is not on the list.
func licenceOf(text string) string {
	low := strings.ToLower(strings.Join(strings.Fields(text), " "))
	has := func(word string) bool { return strings.Contains(low, word) }
	if slices.ContainsFunc(refused, has) {
		return ""
	}
	for _, l := range allowed {
		if !slices.ContainsFunc(l.has, func(word string) bool { return !has(word) }) && !slices.ContainsFunc(l.lack, has) {
			return l.name
		}
	}
	return ""
}

// gpl are the short names of licences that ask for more, in a table.
var gpl = regexp.MustCompile(`\b(A|L)?GPL\b|\bMPL\b|\bCDDL\b|\bEPL\b`)

// part is a module that code of the binaries comes from.
type part struct{ path, version, dir string }

// parts asks the go command, offline, which modules the binaries are built of, for both
// architectures that are released.
func parts(t *testing.T) (out []part) {
	t.Helper()
	for _, arch := range []string{"amd64", "arm64"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/goodstanding", "./cmd/verify-record")
		list.Dir = "../.."
		list.Env = append(os.Environ(), "GOPROXY=off", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		text, err := list.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if f := strings.Split(line, "\t"); len(f) == 3 && !slices.Contains(out, part{f[0], f[1], f[2]}) {
				out = append(out, part{f[0], f[1], f[2]})
			}
		}
	}
	slices.SortFunc(out, func(a, b part) int { return strings.Compare(a.path, b.path) })
	return out
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)(\.(txt|md))?$`)
	furtherFile = regexp.MustCompile(`^(NOTICE(\.(txt|md))?|LICENSE-.*)$`)
)

// texts are the texts of a module that have to come along: its licence first.
func (p part) texts(t *testing.T) (licence string, further []string) {
	t.Helper()
	files, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(p.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	for _, f := range files {
		switch {
		case f.IsDir() || f.Name() == "LICENSE-LOGO": // of a picture that is no part of the code
		case licenceFile.MatchString(f.Name()):
			licence = read(f.Name())
		case furtherFile.MatchString(f.Name()):
			further = append(further, read(f.Name()))
		}
	}
	return licence, further
}

// TestEveryLicenceIsOnTheList: whatever is part of the binaries, Go's own library too,
// stands under a licence that asks for no more than its text; docs/dependencies.md
// lists all, and NOTICE, which comes with image and release, has the texts.
func TestEveryLicenceIsOnTheList(t *testing.T) {
	var table, notice strings.Builder
	table.WriteString("| module | version | licence |\n|---|---|---|\n")
	notice.WriteString("goodstanding is made of, beside its own code, the following. Each stands under its own terms.\n")
	root := strings.TrimSpace(output(t, "go", "env", "GOROOT"))
	all := append([]part{{"the Go standard library", "of the compiler", root}}, parts(t)...)
	for _, p := range all {
		licence, further := p.texts(t)
		name := licenceOf(licence)
		if name == "" {
			t.Errorf("%s %s stands under a licence that is not on the list: take another module, or decide about the licence and write it there", p.path, p.version)
		}
		for _, text := range further {
			linked := text
			if before, rest, sorted := strings.Cut(text, "\n## 1. Components linked into your program"); sorted {
				// SQLite's account of all that its module ever meets: what counts is what it links.
				linked, _, _ = strings.Cut(rest, "\n## 2. ")
				if before == "" || strings.Count(linked, "\n| ") < 10 {
					t.Errorf("%s %s lists what it links in another form", p.path, p.version)
				}
				if short := gpl.FindString(linked); short != "" {
					t.Errorf("%s %s links something under %s", p.path, p.version, short)
				}
			}
			for _, word := range refused {
				if strings.Contains(strings.ToLower(linked), word) {
					t.Errorf("%s %s also has a text that speaks of %q", p.path, p.version, word)
				}
			}
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", p.path, p.version, name)
		fmt.Fprintf(&notice, "\n%s\n%s (%s)\n\n%s\n", strings.Repeat("=", 72), p.path, name, strings.Join(append([]string{licence}, further...), "\n\n"))
	}
	if len(all) < 30 {
		t.Errorf("only %d modules were found", len(all))
	}
	sync(t, "../../NOTICE", notice.String())
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(page), "| module |")
	if !found {
		t.Fatal("docs/dependencies.md has no table")
	}
	sync(t, "../../docs/dependencies.md", before+table.String())
	for file, word := range map[string]string{"Dockerfile": "COPY LICENSE NOTICE ", "deploy/release": "cp LICENSE NOTICE "} {
		if b, err := os.ReadFile(filepath.Join("../..", file)); err != nil || !strings.Contains(string(b), word) {
			t.Errorf("%s does not take NOTICE along (%v)", file, err)
		}
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	b, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(b)
}

// sync compares a file with what it should be, or writes it.
func sync(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s is not what the modules of go.mod say (%v): go test ./internal/archtest -run Licence -update, and read the difference", path, err)
	}
}

// TestLicencesAreToldApart: so that the list is known to refuse.
func TestLicencesAreToldApart(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n  Version 2.0, January 2004": "Apache-2.0",
		"Permission is hereby granted, free of charge, to any\nperson … The above copyright notice and this permission notice shall":      "MIT",
		"Redistributions of source code must retain … Redistributions in binary form\nmust reproduce … may be used to endorse or promote": "BSD-3-Clause",
		"Redistributions of source code must retain … Redistributions in binary form must reproduce":                                      "BSD-2-Clause",
		"Redistributions of source code must retain … Redistributions in binary form must reproduce … All advertising materials":          "",
		"GNU AFFERO GENERAL PUBLIC LICENSE Version 3":          "",
		"Mozilla Public License Version 2.0":                   "",
		"Apache License, Version 2.0, with the Commons Clause": "",
		"Anybody may use this":                                 "",
		"":                                                     "",
	} {
		if got := licenceOf(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
