package cases

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
)

// file is one case as it is written down.
type file struct {
	number int
	own    bool // it makes a collective of its own
	start  instant.Instant
	lines  []line
}

// line is one thing that happens, or that must hold.
type line struct {
	at    instant.Instant
	n     int    // counted from 1
	fault string // how upstream answers from now on
	world string // what happens on Open Collective
	act   string // what the program or the treasurer does
	hold  string // what must hold
}

// instead begins the line that says where domain.md differs.
const instead = "follows domain.md instead: "

var (
	heading  = regexp.MustCompile(`^(case|story|scenario) (\d+): \S.*[.?]$`)
	instants = regexp.MustCompile(`^(\+\d|\d{4}-\d\d-\d\d)`)
)

// readFile reads a case. The words of the program stand where the fake's stand
// too, so that the fake reads all instants: for it nothing happens there.
func readFile(text string) (*file, error) {
	f := &file{}
	own := map[int]line{}
	all := strings.Split(text, "\n")
	head := heading.FindStringSubmatch(all[0])
	if head == nil {
		return nil, errors.New(`the first line is no "case N: words.", "story N: words." or "scenario N: words."`)
	}
	f.number, _ = strconv.Atoi(head[2])
	all[0] = ""
	for i, text := range all {
		if l, rest := f.take(text); rest != text {
			all[i], own[i+1] = rest, l
		}
	}
	scenario, err := fakeoc.ReadScenario(strings.NewReader(strings.Join(all, "\n")))
	if err != nil {
		return nil, err
	}
	f.start = scenario.Start
	for _, step := range scenario.Steps {
		l, ok := own[step.Line]
		if !ok {
			l = line{fault: step.Fault, world: step.Do}
		}
		l.at, l.n = step.At, step.Line
		f.lines = append(f.lines, l)
	}
	if !strings.Contains(text, "\n# Control") {
		return nil, errors.New(`no remark "# Control" says where it is seen that the program still acts`)
	}
	return f, f.check()
}

// take takes a line that is the program's, and gives what the fake reads in its
// stead; any other line it leaves as it is.
func (f *file) take(text string) (line, string) {
	bare, _, _ := strings.Cut(text, " #")
	when, rest := "", strings.TrimSpace(bare)
	if instants.MatchString(rest) {
		when, rest, _ = strings.Cut(rest, " ")
		rest = strings.TrimSpace(rest)
	}
	word, _, _ := strings.Cut(rest, " ")
	_, program := acts[word]
	switch {
	case strings.HasPrefix(rest, instead):
		return line{}, ""
	case word == "=":
		return line{hold: strings.TrimSpace(rest[1:])}, when + " wait 0h"
	case program:
		return line{act: rest}, when + " wait 0h"
	case word == "collective":
		f.own = true
	}
	return line{}, text
}

// check refuses a file that asserts nothing.
func (f *file) check() error {
	for _, what := range []struct {
		is    func(line) bool
		words string
	}{
		{func(l line) bool { return l.hold != "" }, "says what must hold"},
		{func(l line) bool { return strings.HasPrefix(l.act, "read") }, "reads Open Collective"},
	} {
		if !slices.ContainsFunc(f.lines, what.is) {
			return fmt.Errorf("no line %s", what.words)
		}
	}
	return nil
}
