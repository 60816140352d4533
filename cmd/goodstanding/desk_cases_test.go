package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// deskCase is one small world and what the desk says of it.
type deskCase struct {
	name string
	// control is the kind that must not be found, although it is near.
	control string
	world   [][2]string // verb and text
	want    []*wanted
}

// wanted is one entry in the order of the desk.
type wanted struct{ kind, sentence, remedy, fill string }

// readDeskCases reads every file of cases.
func readDeskCases(t *testing.T) (cases []*deskCase) {
	t.Helper()
	files, err := filepath.Glob("testdata/desk/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c *deskCase
		for n, line := range strings.Split(string(text), "\n") {
			key, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
			key, what, _ := strings.Cut(key, " ")
			switch {
			case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
			case line[0] == ' ':
				verb, told, _ := strings.Cut(strings.TrimSpace(line), " ")
				c.world = append(c.world, [2]string{verb, told})
			case key == "case" || key == "control":
				c = &deskCase{name: rest, control: what}
				cases = append(cases, c)
			case key == "find":
				c.want = append(c.want, &wanted{kind: what, sentence: rest})
			case key == "do":
				c.want[len(c.want)-1].remedy = rest
			case key == "fill":
				c.want[len(c.want)-1].fill = rest
			default:
				t.Fatalf("%s:%d: what is %q?", file, n+1, line)
			}
		}
	}
	return cases
}

// TestTheDesk: each kind is found in a small world, with its exact sentence and
// remedy, in order and with nothing else beside it; the remedy, pasted into a
// shell, sorts it out; and each kind has a control where it is not found.
func TestTheDesk(t *testing.T) {
	found, controlled := map[string]bool{}, map[string]bool{}
	for _, c := range readDeskCases(t) {
		for _, e := range c.want {
			found[e.kind] = true
		}
		controlled[c.control] = true
		t.Run(strings.ReplaceAll(c.name, " ", "_"), c.run)
	}
	for _, kind := range roll.DeskKinds() {
		if kind == roll.DeskNoAnswer { // asks for decisions, not for what Open Collective shows: chair/quiet_test.go
			continue
		}
		if !found[string(kind)] || !controlled[string(kind)] {
			t.Errorf("%s: found %v, with a control %v", kind, found[string(kind)], controlled[string(kind)])
		}
	}
}

func (c *deskCase) run(t *testing.T) {
	w := c.build(t)
	entries := deskOf(t, w)
	for i, e := range entries {
		c.compare(t, i, e)
	}
	if len(entries) != len(c.want) {
		t.Fatalf("%d entries, want %d", len(entries), len(c.want))
	}
	listed := func(id string) bool {
		return slices.ContainsFunc(deskOf(t, w), func(now entryAnswer) bool { return now.ID == id })
	}
	for i, e := range entries {
		if !listed(e.ID) {
			continue // an earlier remedy did for both
		}
		if w.paste(e.Remedy, c.want[i].fill); listed(e.ID) {
			t.Errorf("%s is still there after: %s", e.Kind, e.Remedy)
		}
	}
}

// build writes the small world into a database of its own.
func (c *deskCase) build(t *testing.T) *world {
	t.Helper()
	w := worldOn(t, nil)
	if err := os.MkdirAll(w.env["GOODSTANDING_DATA"], 0o700); err != nil {
		t.Fatal(err)
	}
	s := newSmallWorld(t, w)
	s.clock = instant.Date(2025, 1, 1)
	if len(c.world) == 0 || c.world[0][0] != "policy" {
		s.policy(told{t, "", nil})
	}
	for _, line := range c.world {
		s.line(line[0], line[1])
	}
	s.ok(s.db.Close())
	return w
}

// compare holds the entry at a place against what is wanted there.
func (c *deskCase) compare(t *testing.T, i int, e entryAnswer) {
	t.Helper()
	got := wanted{kind: string(e.Kind), sentence: e.Sentence, remedy: strings.ReplaceAll(e.Remedy, e.ID, "ENTRY")}
	if i < len(c.want) {
		got.fill = c.want[i].fill
	}
	if i >= len(c.want) || got != *c.want[i] {
		t.Errorf("entry %d:\nfind %s: %s\ndo: %s", i+1, got.kind, got.sentence, got.remedy)
	}
	if got.kind == c.control {
		t.Errorf("%s is found", e.Kind)
	}
	if e.Action == "" || strings.Contains(e.Sentence+e.Action, "£") {
		t.Errorf("an action is missing, or an amount is told: %+v", e)
	}
}

// deskOf is goodstanding desk --json.
func deskOf(t *testing.T, w *world) (entries []entryAnswer) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.must("desk", "--json")), &entries); err != nil {
		t.Fatal(err)
	}
	return entries
}

// paste runs a command line as a shell reads it, its words in capitals filled in.
func (w *world) paste(line, fill string) {
	w.t.Helper()
	for _, pair := range strings.Split(fill, ", ") {
		word, value, _ := strings.Cut(pair, "=")
		if word != "" {
			line = strings.ReplaceAll(line, " "+word, " "+value)
		}
	}
	rest, ok := strings.CutPrefix(line, "goodstanding ")
	if !ok {
		w.t.Fatalf("%q is no command", line)
	}
	out, err := exec.CommandContext(w.t.Context(), "sh", "-c", "printf '%s\\0' "+rest).Output()
	if err != nil {
		w.t.Fatalf("%q is not for a shell: %v", line, err)
	}
	w.must(strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")...)
}
