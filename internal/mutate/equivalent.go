package main

import (
	"fmt"
	"os"
	"strings"
)

// equivalent is a mutant that no test can kill, and why.
type equivalent struct{ key, reason string }

// readEquivalents reads the list: a key (see mutant.key) at the beginning of a
// line, its reason indented below; lines that begin with # are remarks. No
// file is an empty list.
func readEquivalents(path string) ([]equivalent, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []equivalent
	seen := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		words := strings.TrimSpace(line)
		switch {
		case words == "" || strings.HasPrefix(line, "#"):
		case line[0] != ' ' && line[0] != '\t':
			if seen[words] {
				return nil, fmt.Errorf("%s:%d: %s is listed twice", path, i+1, words)
			}
			seen[words] = true
			out = append(out, equivalent{key: words})
		case len(out) == 0:
			return nil, fmt.Errorf("%s:%d: a reason stands below the mutant it is about", path, i+1)
		default:
			last := &out[len(out)-1]
			last.reason = strings.TrimSpace(last.reason + " " + words)
		}
	}
	for _, e := range out {
		if e.reason == "" {
			return nil, fmt.Errorf("%s: no reason is given why %s is equivalent", path, e.key)
		}
	}
	return out, nil
}

// table is the list for a page.
func table(list []equivalent) string {
	var b strings.Builder
	b.WriteString("| where, and what was done | why nothing can notice |\n|---|---|\n")
	for _, e := range list {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(e.key, "|", `\|`), strings.ReplaceAll(e.reason, "|", `\|`))
	}
	return b.String()
}
