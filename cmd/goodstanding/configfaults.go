package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ConfigFault is one thing that is wrong with the settings.
type ConfigFault struct {
	// Where is the flag, the variable, or the place in the file.
	Where string
	Text  string
}

// ConfigFaults are all faults of a configuration, told at once.
type ConfigFaults struct{ All []ConfigFault }

func (f *ConfigFaults) Error() string {
	lines := make([]string, len(f.All))
	for i, x := range f.All {
		lines[i] = x.Where + ": " + x.Text
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%d settings are wrong:\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// sort puts them in the order of the places, keeping the order of one place.
func (f *ConfigFaults) sort() {
	slices.SortStableFunc(f.All, func(a, b ConfigFault) int { return cmp.Compare(rank(a.Where), rank(b.Where)) })
}

// rank puts flags first, then variables, then the file.
func rank(where string) int {
	switch {
	case strings.HasPrefix(where, "--"):
		return 0
	case strings.HasPrefix(where, prefix):
		return 1
	}
	return 2
}
