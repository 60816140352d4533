package main

import (
	"errors"
	"fmt"

	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// faultLines takes an error of settings or policy apart: one line for each thing
// that is wrong.
func faultLines(err error) (lines []string) {
	if f, ok := errors.AsType[*ConfigFaults](err); ok {
		for _, x := range f.All {
			lines = append(lines, x.Where+": "+x.Text)
		}
		return lines
	}
	if f, ok := errors.AsType[*policy.Faults](err); ok {
		for _, x := range f.All {
			lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", f.Name, x.Line, x.Column, x.Text))
		}
		return lines
	}
	if f, ok := errors.AsType[*roll.Refused](err); ok {
		return f.Reasons
	}
	return []string{err.Error()}
}
