package main

import (
	"strings"
	"testing"
)

// TestExportWhereNothingCanBeWritten: told before anything is tried.
func TestExportWhereNothingCanBeWritten(t *testing.T) {
	w, _ := publishing(t)
	w.decide("large", "Dues")
	got := w.fails(exitRefused, "decisions", "export", "--dir", "/proc/docs")
	if !strings.HasPrefix(got, "nothing was written to /proc/docs: nothing can be written in /proc (") || strings.Count(got, "nothing can be") != 1 {
		t.Errorf("says %s", got)
	}
}
