//go:build unix

package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tally counts requests by kind: how they were answered, and how long that took.
type tally struct {
	mu    sync.Mutex
	kinds map[string]*tallied
}

type tallied struct {
	n, well, refused, away int // in all, 2xx and 3xx, 4xx, 503
	errs                   int // other 5xx
	lacks                  map[string]int
	took                   []time.Duration // of those that were answered
}

func (y *tally) did(kind string, took time.Duration, status int, lack string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.kinds == nil {
		y.kinds = map[string]*tallied{}
	}
	k := y.kinds[kind]
	if k == nil {
		k = &tallied{lacks: map[string]int{}}
		y.kinds[kind] = k
	}
	k.n++
	switch {
	case status == 0:
		k.lacks[lack]++
		return
	case status == 503:
		k.away++
	case status >= 500:
		k.errs++
	case status >= 400:
		k.refused++
	default:
		k.well++
	}
	k.took = append(k.took, took)
}

// share is the time within which that share of the requests was answered.
func (k *tallied) share(of float64) string {
	if len(k.took) == 0 {
		return "–"
	}
	slices.Sort(k.took)
	d := k.took[min(len(k.took)-1, int(of*float64(len(k.took))))]
	return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000)
}

// table is one row for each kind.
func (y *tally) table() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	var b strings.Builder
	b.WriteString("| requests | all | 2xx, 3xx | 4xx | 503 | other 5xx | refused | cut off | timed out | half within | 95 % | 99 % | slowest |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, kind := range slices.Sorted(maps.Keys(y.kinds)) {
		k := y.kinds[kind]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %s | %s | %s | %s |\n", kind, k.n, k.well, k.refused, k.away, k.errs, k.lacks["refused"], k.lacks["cut off"], k.lacks["timeout"],
			k.share(0.5), k.share(0.95), k.share(0.99), k.share(1))
	}
	return b.String()
}

// phase is a stretch of the run in which something is wrong.
type phase struct {
	what, where string
	lasted      time.Duration
	back        time.Duration // until all daemons were ready after it
	note        string
	began, over time.Time
}

// phaseTable is one row for each phase, in the order in which they came.
func phaseTable(all []phase) string {
	var b strings.Builder
	b.WriteString("| what went wrong | where | for | ready again after | |\n|---|---|---|---|---|\n")
	for _, p := range all {
		fmt.Fprintf(&b, "| %s | %s | %.1f s | %.1f s | %s |\n", p.what, p.where, p.lasted.Seconds(), p.back.Seconds(), p.note)
	}
	return b.String()
}

// recordBetween writes a report between the marks of a page.
func recordBetween(t *testing.T, page, mark, report string) {
	t.Helper()
	begin, end := "<!-- "+mark+" -->\n", "<!-- /"+mark+" -->"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(old), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the report: %s … %s", page, begin, end)
	}
	if err := os.WriteFile(page, []byte(head+begin+report+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
