package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wrote is a file with that text.
func wrote(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The list of equivalent mutants is read strictly, and makes a table.
func TestTheListOfEquivalents(t *testing.T) {
	list, err := readEquivalents(wrote(t, "# a remark\n\nf boundary: a < b || c\n  because both\n  are the same\n\n"+
		"g never: x [2]\n\tit cannot be\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := "| where, and what was done | why nothing can notice |\n|---|---|\n" +
		"| `f boundary: a < b \\|\\| c` | because both are the same |\n| `g never: x [2]` | it cannot be |\n"
	if got := table(list); got != want {
		t.Errorf("table\n%s\nwant\n%s", got, want)
	}
	for text, want := range map[string]string{
		"  why\n":                    "list.txt:1: a reason stands below the mutant it is about",
		"f never: x\n":               "list.txt: no reason is given why f never: x is equivalent",
		"f: x\n  why\nf: x\n  why\n": "list.txt:3: f: x is listed twice",
	} {
		if _, err := readEquivalents(wrote(t, text)); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A page that says otherwise is named, with what it must hold.
func TestThePageMustHoldTheCounts(t *testing.T) {
	page := wrote(t, "before\nmutants 3\nafter\n")
	if err := onPage(page, "mutants 3\n", "after\n"); err != nil {
		t.Error(err)
	}
	if err := onPage(page, "mutants 4\n"); err == nil || !strings.HasSuffix(err.Error(), "list.txt says otherwise; it must hold\nmutants 4\n") {
		t.Error(err)
	}
	if err := onPage("", "anything"); err != nil {
		t.Error(err)
	}
}

func TestTheCommandLine(t *testing.T) {
	o, err := parse([]string{"-least", "90", "-quick", "./tiny", "--", "-test.short"}, io.Discard)
	if err != nil || o.least != 90 || !o.quick || o.pattern != "./tiny" || len(o.flags) != 1 || o.flags[0] != "-test.short" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{}, {"-jobs", "0", "./tiny"}} {
		if _, err := parse(args, io.Discard); err == nil ||
			err.Error() != "name one package and at least one job: mutate [flags] ./PACKAGE [-- test flags]" {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := choose(nil, "["); err == nil || !strings.HasPrefix(err.Error(), "-only: ") {
		t.Errorf("no regular expression: %v", err)
	}
	if err := run([]string{"./no-such-package"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "go list") {
		t.Errorf("a package that is not there: %v", err)
	}
}

// Tests are run by what they take: the cheapest together, then the cheap ones, then
// each by itself, with ten times its CPU time.
func TestCheapTestsRunFirst(t *testing.T) {
	got := stages("--- PASS: TestSlow (6.00s)\n    --- PASS: TestSlow/part (6.00s)\n--- PASS: TestQuick (0.50s)\n"+
		"--- PASS: TestQuicker (0.10s)\n--- PASS: TestSlower (13.40s)\nPASS\n", 10)
	want := []stage{{"^(TestQuicker)$", 2}, {"^(TestQuick)$", 4}, {"^TestSlow$", 32}, {"^TestSlower$", 69}}
	if !slices.Equal(got, want) {
		t.Errorf("stages %v, want %v", got, want)
	}
}
