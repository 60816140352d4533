package policy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
)

// keysRead are the keys that the parser's own text says it reads, so that a key
// which is added there has to be added to the page.
func keysRead(t *testing.T) (keys []string) {
	t.Helper()
	files, err := filepath.Glob("parse*.go")
	if err != nil {
		t.Fatal(err)
	}
	group, word := regexp.MustCompile(`\.object\(([^\n]*)\)`), regexp.MustCompile(`"([a-z_]+)"`)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range group.FindAllStringSubmatch(string(text), -1) {
			for _, m := range word.FindAllStringSubmatch(call[1], -1) {
				keys = append(keys, m[1])
			}
		}
	}
	return slices.Concat(keys, rightWords[:], wordsOf(membershipEvents))
}

// TestTheReferenceIsWhole: docs/policy.md names every key that a policy file may
// have, every word that a key may take and every condition, and its example has
// every key and holds.
func TestTheReferenceIsWhole(t *testing.T) {
	page, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(page), "```")
	if len(parts) != 3 {
		t.Fatalf("docs/policy.md has %d blocks, want the one example", len(parts)/2)
	}
	example, text := strings.TrimPrefix(parts[1], "yaml\n"), parts[0]+parts[2]
	keys := keysRead(t)
	if len(keys) < 60 {
		t.Errorf("only %d keys were found in the parser", len(keys))
	}
	for _, k := range keys {
		if !strings.Contains(text, "`"+k+"`") {
			t.Errorf("docs/policy.md does not explain the key %s", k)
		}
		if !slices.Contains(wordsOf(membershipEvents), k) && !regexp.MustCompile(`(?m)(^|[\s{])`+k+`:`).MatchString(example) {
			t.Errorf("the example of docs/policy.md lacks the key %s", k)
		}
	}
	values := slices.Concat(wordsOf(intervals), wordsOf(oneOffs), wordsOf(chargeIntervals), wordsOf(chargeKinds), wordsOf(profileParts), wordsOf(stateWords),
		wordsOf(admissions), wordsOf(ballotWords), wordsOf(changeWords), wordsOf(tooShortWords), wordsOf(answerWords), wordsOf(memberKinds), decisions.Forms())
	for _, mode := range wordsOf(duesModes) {
		if mode != "off" { // in quotes there
			values = append(values, mode)
		}
	}
	for _, v := range values {
		if !strings.Contains(text, "`"+v+"`") {
			t.Errorf("docs/policy.md does not explain the word %s", v)
		}
	}
	f, err := Parse("docs/policy.md", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	for _, fail := range RunExamples(f, eligibility.Policies.Assess) {
		t.Error(fail)
	}
}
