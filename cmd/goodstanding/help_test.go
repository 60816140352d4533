package main

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestHelpOfTheProgram(t *testing.T) {
	w := newWorld(t)
	golden(t, "help/goodstanding.txt", w.must("--help"))
	if got := w.must("help"); got != w.must("--help") {
		t.Error("goodstanding help and --help differ")
	}
}

// TestHelpOfEveryCommand keeps every help text, and that each command has one
// worth reading: a sentence, and an example wherever there is something to say.
func TestHelpOfEveryCommand(t *testing.T) {
	w := newWorld(t)
	model, err := kong.New(&cli{}, kong.ExplicitGroups(groups))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, leaf := range model.Model.Leaves(true) {
		words := strings.Fields(strings.TrimPrefix(path(leaf), "goodstanding "))
		got := w.must(append(words, "--help")...)
		if !strings.HasPrefix(got, "Usage: "+path(leaf)) || leaf.Help == "" {
			t.Errorf("%s has no help", path(leaf))
		}
		if (len(leaf.Positional) > 1 || len(leaf.Flags) > 2) && !strings.Contains(got, "\n  goodstanding ") {
			t.Errorf("%s --help has no example", path(leaf))
		}
		for _, arg := range leaf.Positional {
			if arg.Help == "" {
				t.Errorf("%s: argument %s has no help", path(leaf), arg.Name)
			}
		}
		for _, f := range leaf.Flags {
			if f.Help == "" {
				t.Errorf("%s: flag --%s has no help", path(leaf), f.Name)
			}
		}
		all.WriteString(got + "\n")
	}
	golden(t, "help/commands.txt", all.String())
}

// TestEveryExampleIsUnderstood takes each example line of each help text and
// asks the parser whether it is a command line at all.
func TestEveryExampleIsUnderstood(t *testing.T) {
	w := newWorld(t)
	n := 0
	for _, line := range strings.Split(helpOfAll(t, w), "\n") {
		line, ok := strings.CutPrefix(line, "  goodstanding ")
		if !ok {
			continue
		}
		line, _, _ = strings.Cut(line, "   ") // a remark follows
		line, _, _ = strings.Cut(line, " > ")
		line, _, _ = strings.Cut(line, " && ")
		line = strings.TrimSuffix(line, "\\")
		parser, err := kong.New(&cli{}, kong.ExplicitGroups(groups))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(shellWords(line)); err != nil {
			t.Errorf("the example %q is not understood: %v", line, err)
		}
		n++
	}
	if n < 50 {
		t.Errorf("only %d examples were found", n)
	}
}

func helpOfAll(t *testing.T, w *world) string {
	model, err := kong.New(&cli{}, kong.ExplicitGroups(groups))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, leaf := range model.Model.Leaves(true) {
		all.WriteString(w.must(append(strings.Fields(strings.TrimPrefix(path(leaf), "goodstanding ")), "--help")...))
	}
	return all.String()
}

// shellWords splits a line at spaces outside double quotes.
func shellWords(line string) (words []string) {
	quoted, word := false, ""
	for _, r := range line + " " {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			if word != "" {
				words = append(words, word)
			}
			word = ""
		default:
			word += string(r)
		}
	}
	return words
}

func TestUsageNamesTheNearest(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"stauts", `there is no command "goodstanding stauts"; the nearest is "goodstanding status" (goodstanding --help says more)`},
		{"members explort", `there is no command "goodstanding members explort"; the nearest is "goodstanding members export" (goodstanding members --help says more)`},
		{"export", `there is no command "goodstanding export"; did you mean "goodstanding members export"? (goodstanding --help says more)`},
		{"roll --stat x", `goodstanding roll has no flag --stat; the nearest is --state (goodstanding roll --help says more)`},
		{"roll extra", `"extra" is one argument too many for goodstanding roll (goodstanding roll --help says more)`},
		{"explain", `MEMBER is missing: goodstanding explain MEMBER [flags] (goodstanding explain --help says more)`},
		{"holds", `goodstanding holds needs a command: show, acknowledge (goodstanding holds --help says more)`},
		{"roll --at yesterday", `--at: "yesterday" is not an instant: write 2026-06-01 or 2026-06-01T09:00:00Z (goodstanding roll --help says more)`},
		{"roll --state lapse", `there is no state "lapse"; the nearest is "lapsed" (there are current, waived, grace, short, pending, lapsed, unpaid, unknown, paused, suspended, applied, left)`},
		{"roll --right veto", `there is no right "veto": there are vote, listing and services`},
		{"roll --csv --json", `--csv and --json exclude each other`},
		{"people role Ada treasuer", `there is no role "treasuer"; the nearest is treasurer (there are treasurer, facilitator or contact_person)`},
		{"members add Alfa", `--kind is missing: organisation or individual`},
		{"members add Alfa --kind club", `--kind is organisation or individual, not "club"`},
		{"members adopt", `say whom: --all, --meeting-dues, or the slugs of accounts`},
		{"link", `name the member: goodstanding link MEMBER ACCOUNT (or --suggest)`},
		{"link alfa", `name the account: goodstanding link MEMBER ACCOUNT (or --none if it has none)`},
		{"link alfa x --none", `an account, --none and --some exclude each other`},
		{"pay", `name the member: goodstanding pay MEMBER --amount … (or --undo, or --import)`},
		{"pay alfa --undo x", `MEMBER, --undo and --import exclude each other`},
		{"pay alfa --amount 120 --months 12", `--amount: "120" is not an amount: write it as GBP 10.00`},
		{"policy init seed", `there is no preset "seed"; the nearest is "seed-2022" (there are coopcloud-2023 and seed-2022)`},
		{"policy check", `name the policy file: goodstanding policy check FILE (or --store for what is in force)`},
	} {
		if got := newWorld(t).fails(exitUsage, strings.Fields(c.line)...); got != c.want {
			t.Errorf("goodstanding %s\n got  %s\n want %s", c.line, got, c.want)
		}
	}
}

func TestNoArgumentsShowTheHelp(t *testing.T) {
	w := newWorld(t)
	s := w.run()
	if s.code != exitUsage || !strings.HasPrefix(s.out, "Usage: goodstanding COMMAND") || s.err != "" {
		t.Errorf("exit code %d, out %.40q, err %q", s.code, s.out, s.err)
	}
}
