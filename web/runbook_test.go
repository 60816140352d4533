package web

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestTheRunbookNamesPages of the board by the words that stand on their tabs.
func TestTheRunbookNamesPages(t *testing.T) {
	text, err := os.ReadFile("../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`page "([^"]+)"\s+of\s+the\s+board`).FindAllSubmatch(text, -1)
	for _, m := range named {
		if !slices.ContainsFunc(boardTabs, func(one tab) bool { return one.Words == string(m[1]) }) {
			t.Errorf("the board has no page %q", m[1])
		}
	}
	if len(named) < 2 {
		t.Errorf("the runbook names %d pages", len(named))
	}
}
