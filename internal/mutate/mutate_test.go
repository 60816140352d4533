package main

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// fates are what becomes of every mutant of the tiny package, by key.
func fates(t *testing.T) []*mutant {
	t.Helper()
	src, err := load("./testdata/tiny")
	if err != nil {
		t.Fatal(err)
	}
	all, err := src.mutants()
	if err != nil {
		t.Fatal(err)
	}
	if err := newRunner(src, options{jobs: 2}, io.Discard).run(all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Mutants are killed, survive, run without end and do not compile as they
// should; the score counts them so, and the list of the equivalent ones is
// held to the truth.
func TestTheTinyPackage(t *testing.T) {
	all := fates(t)
	for key, want := range map[string]fate{
		"Largest boundary: n > best":              survived, // equivalent
		"Largest negation: n > best":              killed,
		"Largest never: n > best":                 killed,
		"Largest loop: for _, n := range numbers": killed,
		"Largest statement: return best":          broken,
		"Late boundary: day > due":                survived, // a test is missing
		"Late negation: day > due":                killed,
		"Allowed boundary: n <= limit":            killed,
		"limit number: 48":                        killed,
		"Word case: 1":                            killed,
		"Word case: 2":                            killed,
		"Word number: 2":                          killed,
		"Odd arithmetic: n -= 2":                  endless,
		"Odd never: n > 1":                        killed,
		"Odd boundary: n > 1":                     killed,
	} {
		i := slices.IndexFunc(all, func(m *mutant) bool { return m.key() == key })
		if i < 0 {
			t.Errorf("there is no mutant %q", key)
		} else if got := all[i].fate; got != want {
			t.Errorf("%s: fate %d, want %d", key, got, want)
		}
	}
	if t.Failed() {
		for _, m := range all {
			t.Log(m.fate, m.id(), m.key())
		}
	}
	judged(t, all)
}

// judged holds the score against lists of equivalent mutants.
func judged(t *testing.T, all []*mutant) {
	t.Helper()
	same := equivalent{"Largest boundary: n > best", "an equal one changes nothing"}
	for _, c := range []struct {
		what   string
		listed []equivalent
		least  float64
		want   string
	}{
		{"without a list", nil, 100, "90.5 % are killed, at least 100.0 % must be"},
		{"with the equivalent one", []equivalent{same}, 100, "95.0 % are killed, at least 100.0 % must be"},
		{"enough", []equivalent{same}, 94, ""},
		{"listed, but gone", []equivalent{same, {"Largest boundary: n > most", "why"}}, 90,
			"1 listed as equivalent are not there any more: take them off the list"},
		{"listed, but killed", []equivalent{same, {"Largest negation: n > best", "why"}}, 90,
			"1 listed as equivalent are killed: take them off the list"},
		{"listed, and too slow to say", []equivalent{same, {"Odd arithmetic: n -= 2", "only saves work"}}, 95, "94.7 % are killed, at least 95.0 % must be"},
	} {
		sum := count(all, c.listed)
		got := ""
		if err := sum.verdict(c.least); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	sum := count(all, []equivalent{same})
	var out strings.Builder
	sum.print(&out, true)
	want := "survived  tiny.go:19:39 boundary                   Late boundary: day > due\n" +
		"2 of the killed ran without end\n" +
		"mutants 21, killed 19, equivalent 1, survived 1; 5 more did not compile\n" +
		"killed: 90.5 % of all, 95.0 % of those not equivalent\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	// What is listed and takes longer than the limit counts as the list says.
	sum = count(all, []equivalent{same, {"Odd arithmetic: n -= 2", "only saves work"}})
	out.Reset()
	sum.print(&out, true)
	want = "survived  tiny.go:19:39 boundary                   Late boundary: day > due\n" +
		"slow      Odd arithmetic: n -= 2\n" +
		"1 of the killed ran without end\n" +
		"mutants 21, killed 18, equivalent 2, survived 1; 5 more did not compile\n" +
		"killed: 85.7 % of all, 94.7 % of those not equivalent\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
}
