package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
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

// sort puts flags first, then variables in their order, then the file by line,
// and keeps the order of what stands in one place.
func (f *ConfigFaults) sort() {
	arrange.By(f.All, func(a, b ConfigFault) int {
		x, y := rank(a.Where), rank(b.Where)
		return slices.Compare(x[:], y[:])
	})
}

// rank is the kind of place, and the place in it.
func rank(where string) [3]int {
	switch {
	case strings.HasPrefix(where, "--"):
		return [3]int{0}
	case strings.HasPrefix(where, prefix):
		return [3]int{1, slices.Index(variables(), where)}
	}
	r := [3]int{2}
	parts := strings.Split(where, ":")
	for i := 1; i <= 2 && len(parts) > 2; i++ {
		r[3-i], _ = strconv.Atoi(parts[len(parts)-i]) // a path alone has no line: 0
	}
	return r
}
