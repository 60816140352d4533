package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// summary is what became of all mutants, and how that fits the list.
type summary struct {
	all, alive              []*mutant
	killed, endless, broken int
	equivalent              []equivalent // that survived, as the list says
	gone, killedAfterAll    []equivalent // listed, and not there, or not alive
	// slow are listed, and were ended by the limit of CPU time. What only saves
	// work takes more without it, on a busy machine more than the limit: that no
	// test said anything else is what the list says.
	slow []equivalent
}

func count(ms []*mutant, listed []equivalent) summary {
	s := summary{all: ms}
	byKey := map[string]*mutant{}
	for _, m := range ms {
		byKey[m.key()] = m
	}
	excused := map[string]bool{}
	for _, e := range listed {
		excused[e.key] = true
		switch m := byKey[e.key]; {
		case m == nil || m.fate == broken:
			s.gone = append(s.gone, e)
		case m.fate == endless:
			s.equivalent, s.slow = append(s.equivalent, e), append(s.slow, e)
		case m.fate != survived:
			s.killedAfterAll = append(s.killedAfterAll, e)
		default:
			s.equivalent = append(s.equivalent, e)
		}
	}
	for _, m := range ms {
		switch m.fate {
		case killed:
			s.killed++
		case endless:
			if !excused[m.key()] {
				s.killed++
				s.endless++
			}
		case broken:
			s.broken++
		case survived:
			if !excused[m.key()] {
				s.alive = append(s.alive, m)
			}
		}
	}
	return s
}

// counted are the mutants that compile.
func (s *summary) counted() int { return len(s.all) - s.broken }

// score is the share of the mutants killed, in per cent, of those that are not
// equivalent.
func (s *summary) score() float64 {
	return percent(s.killed, s.counted()-len(s.equivalent))
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}

// print writes the survivors that the list does not name, and the counts.
func (s *summary) print(out io.Writer, whole bool) {
	var b strings.Builder
	for _, m := range s.alive {
		fmt.Fprintf(&b, "survived  %-40s %s\n", m.id(), m.key())
	}
	if whole {
		for _, e := range s.gone {
			fmt.Fprintf(&b, "gone      %s\n", e.key)
		}
		for _, e := range s.slow {
			fmt.Fprintf(&b, "slow      %s\n", e.key)
		}
		for _, e := range s.killedAfterAll {
			fmt.Fprintf(&b, "killed    %s\n", e.key)
		}
	}
	fmt.Fprintf(&b, "%d of the killed ran without end\n", s.endless)
	_, _ = io.WriteString(out, b.String()+s.counts())
}

// counts are two lines, for the terminal and for the page. How many of the killed
// ran without end is no part of them: that hangs on the machine.
func (s *summary) counts() string {
	return fmt.Sprintf("mutants %d, killed %d, equivalent %d, survived %d; %d more did not compile\n"+
		"killed: %.1f %% of all, %.1f %% of those not equivalent\n", s.counted(), s.killed, len(s.equivalent),
		len(s.alive), s.broken, percent(s.killed, s.counted()), s.score())
}

// onPage is an error when the page does not hold each of the texts.
func onPage(path string, texts ...string) error {
	if path == "" {
		return nil
	}
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if !strings.Contains(string(page), text) {
			return fmt.Errorf("%s says otherwise; it must hold\n%s", path, text)
		}
	}
	return nil
}

// verdict is an error when too many survive or the list is not true any more.
func (s *summary) verdict(least float64) error {
	var faults []string
	if s.score() < least {
		faults = append(faults, fmt.Sprintf("%.1f %% are killed, at least %.1f %% must be", s.score(), least))
	}
	if n := len(s.gone); n > 0 {
		faults = append(faults, fmt.Sprintf("%d listed as equivalent are not there any more: take them off the list", n))
	}
	if n := len(s.killedAfterAll); n > 0 {
		faults = append(faults, fmt.Sprintf("%d listed as equivalent are killed: take them off the list", n))
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(faults, "; "))
}
