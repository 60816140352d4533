package policy

import (
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
)

// The parser never panics; every fault has a place inside the file; what is
// read can be said, written and read back, and its examples can be asked.
func FuzzParse(f *testing.F) {
	for _, name := range PresetNames() {
		text, err := PresetText(name)
		if err != nil {
			f.Fatal(err)
		}
		rules, examples, _ := strings.Cut(string(text), "\ntests:\n") // all examples at once take too long to try much
		f.Add([]byte(rules))
		first, _, _ := strings.Cut(strings.TrimPrefix(examples, "  - "), "\n  - ")
		f.Add([]byte(rules + "\ntests:\n  - " + first))
	}
	for _, s := range []string{"", "a: &a [*a]", "policies:\n\t- x", "? [a]\n: 1\n", "<<: {policies: []}", "policies: []\n---\n", "\xff", "{", "'", "!!binary x: 1", "%YAML 9.9\n---\n{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("fuzz.yaml", text)
		if err != nil {
			checkFaults(t, err, text)
			return
		}
		for _, v := range file.Versions {
			again, err := Parse("again.yaml", []byte(v.Text))
			if err != nil || len(again.Versions) != 1 || !SameRules(v, again.Versions[0]) || again.Versions[0].SHA256 != v.SHA256 {
				t.Errorf("%v: does not read back:\n%s", err, v.Text)
			}
			if len(Words(v, nil)) == 0 || len(Compare(v, v)) != 0 {
				t.Error("a version that cannot be said")
			}
		}
		for _, fail := range RunExamples(file, eligibility.Policies.Assess) {
			if fail.Line < 1 || len(fail.Differences) == 0 {
				t.Errorf("a failure without a place or a reason: %+v", fail)
			}
		}
	})
}

func checkFaults(t *testing.T, err error, text []byte) {
	t.Helper()
	var faults *Faults
	if !errors.As(err, &faults) || len(faults.All) == 0 {
		t.Fatalf("an error that names no fault: %v", err)
	}
	lines := 1 + strings.Count(string(text), "\n") + strings.Count(string(text), "\r") + strings.Count(string(text), "\u2028") +
		strings.Count(string(text), "\u2029") + strings.Count(string(text), "\u0085")
	for i, x := range faults.All {
		if x.Line < 1 || x.Line > lines || x.Column < 1 || x.Text == "" {
			t.Errorf("a fault without a place in a file of %d lines: %+v", lines, x)
		}
		if i > 0 && x.Line < faults.All[i-1].Line {
			t.Errorf("faults out of order: %+v", faults.All)
		}
	}
}
