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

var (
	heading  = regexp.MustCompile(`^(case|story) (\d+): \S.*[.?]$`)
	instead  = "follows domain.md instead: "
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
		return nil, errors.New(`the first line is no "case N: words." or "story N: words."`)
	}
	f.number, _ = strconv.Atoi(head[2])
	for i, text := range all {
		text, _, _ = strings.Cut(text, " #")
		when, rest := "", strings.TrimSpace(text)
		if instants.MatchString(rest) {
			when, rest, _ = strings.Cut(rest, " ")
			rest = strings.TrimSpace(rest)
		}
		word, _, _ := strings.Cut(rest, " ")
		_, program := acts[word]
		switch {
		case i == 0 || strings.HasPrefix(rest, instead):
			all[i] = ""
		case word == "=":
			own[i+1] = line{hold: strings.TrimSpace(rest[1:])}
			all[i] = when + " wait 0h"
		case program:
			own[i+1] = line{act: rest}
			all[i] = when + " wait 0h"
		case word == "collective":
			f.own = true
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
	return f, f.check()
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
