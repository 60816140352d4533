package metrics

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/invariants"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// full are metrics of which each has at least one series.
func full() *Metrics {
	m := New("v1.2.3", "go1.26")
	m.Pulled("complete", instant.Date(2026, time.November, 1), 3*time.Second, 0)
	m.Asked(opencollective.Ops()[0], opencollective.ClassOK, time.Second)
	m.Database(true)
	m.Served("GET /api/v1/members", "GET", 200, time.Millisecond)
	m.Show(Reading{Policy: "seed-2022", Leases: []store.Lease{{Name: "leader"}}})
	holds := map[string]bool{}
	for _, name := range invariants.Names() {
		holds[string(name)] = true
	}
	m.Inspected(1, holds)
	return m
}

var row = regexp.MustCompile("(?m)^\\| `(goodstanding_\\w+)` \\| (\\w+) \\|([^|]*)\\| (.*) \\|$")

// TestThePageListsTheRegistry: each metric once, with its type, labels and help.
func TestThePageListsTheRegistry(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{}
	for _, r := range row.FindAllStringSubmatch(string(page), -1) {
		if written[r[1]] != "" {
			t.Errorf("%s stands twice on the page", r[1])
		}
		labels := strings.Split(strings.ReplaceAll(strings.TrimSpace(r[3]), "`", ""), ", ")
		slices.Sort(labels)
		written[r[1]] = fmt.Sprintf("%s %s %s", r[2], labels, r[4])
	}
	if is := registered(t, full()); !maps.Equal(is, written) {
		for _, name := range slices.Sorted(maps.Keys(union(is, written))) {
			if is[name] != written[name] {
				t.Errorf("%s\n registry %q\n page     %q", name, is[name], written[name])
			}
		}
	}
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// registered are the metrics of the registry in the form of the page.
func registered(t *testing.T, m *Metrics) map[string]string {
	t.Helper()
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range families {
		labels := []string{}
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		if len(labels) == 0 {
			labels = []string{""}
		}
		slices.Sort(labels)
		out[f.GetName()] = fmt.Sprintf("%s %s %s", strings.ToLower(f.GetType().String()), labels, f.GetHelp())
	}
	return out
}

func TestThePageNamesEveryWord(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	families, err := full().Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	open := []string{"version", "go", "policy", "query", "route", "method", "status"}
	words := 0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if slices.Contains(open, l.GetName()) {
					continue
				}
				words++
				if !regexp.MustCompile(`[ (]` + l.GetValue() + `[ ,.;]`).Match(page) {
					t.Errorf("%s{%s=%q} is not explained", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
	if words < 40 {
		t.Errorf("only %d words were looked for", words)
	}
}

func TestNamesFollowTheGuide(t *testing.T) {
	problems, err := testutil.GatherAndLint(full().Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	n, err := testutil.GatherAndCount(full().Gatherer())
	if err != nil || n < 60 {
		t.Errorf("%d series, %v", n, err)
	}
}
