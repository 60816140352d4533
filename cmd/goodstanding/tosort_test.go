package main

import (
	"strings"
	"testing"
)

// TestDeskOnTheFilm: the table, with sentence, action and command under each
// row; then what is dismissed, and by whom.
func TestDeskOnTheFilm(t *testing.T) {
	w := adopted(t)
	w.terminal, w.width = true, 100
	w.env["NO_COLOR"] = "1"
	rows, _, _ := strings.Cut(w.must("desk"), "d_12fc06f9be98  no_delegate")
	golden(t, "tosort/first-scene.txt", rows)
	for _, line := range strings.Split(rows, "\n") {
		if !strings.Contains(line, "goodstanding ") && textWidth(line) > 100 {
			t.Errorf("a line is wider than the terminal: %s", line)
		}
	}

	w.terminal, w.width = false, 0
	const zulu = "d_b028bcb62f86"
	has(t, w.must("desk", "--kind", "charge_disputed"), zulu, "The charge of 1 November 2026 by Zulu Disputed is disputed.", "£10.00")
	has(t, w.must("desk", "dismiss", zulu, "--reason", "the bank decides"), zulu+" is dismissed. It returns when its facts change.")
	if got := w.must("desk", "--kind", "charge_disputed"); got != "Nothing of the kind charge_disputed is to be sorted out.\n" {
		t.Errorf("after the dismissal: %s", got)
	}
	has(t, w.must("desk", "--all", "--kind", "charge_disputed"), zulu, "Dismissed on 22 November 2026, 10:18 (Europe/London) by operator:ada: the bank decides")
	has(t, w.must("desk", "--all", "--kind", "charge_disputed", "--json"), `"reason": "the bank decides"`, `"by": "operator:ada"`, `"amount": "GBP 10.00"`)
	has(t, w.must("status"), "To sort out: 48 entries: goodstanding desk")
}

// TestDeskRefuses, with words that say what would be right.
func TestDeskRefuses(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "dee@example.org", "--name", "Dee Legate", "--delegate-of", "alfa")
	for _, c := range []struct {
		code int
		args []string
		want string
	}{
		{exitUsage, []string{"desk", "--kind", "unmatched"}, `--kind: there is no kind "unmatched"; the nearest is unmatched_payer (there are slug_taken,`},
		{exitUsage, []string{"desk", "dismis"}, `there is no command "goodstanding desk dismis"; the nearest is "goodstanding desk dismiss"`},
		{exitUsage, []string{"desk", "dismiss"}, `ENTRY is missing: goodstanding desk dismiss ENTRY`},
		{exitRefused, []string{"desk", "dismiss", "d_none"},
			`cannot dismiss the entry: a reason is needed: say why with --reason; there is no entry "d_none" on the desk (goodstanding desk --all lists them)`},
		{exitRefused, []string{"desk", "dismiss", "d_b028bcb62f86", "--as", "Dee", "--reason", "x"}, `cannot dismiss the entry: only a treasurer or the operator may`},
	} {
		if got := w.fails(c.code, c.args...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %s\nwant %s", c.args, got, c.want)
		}
	}
	if got := newWorld(t).must("desk"); got != "Nothing is to be sorted out.\n" {
		t.Errorf("a new store: %s", got)
	}
}
