// Package deploy tests what stands beside it: rules, dashboard, recipe and units
// against the program that they are for.
package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/metrics"
	"coopcloud.tech/goodstanding/store"
)

// elsewhere are the metrics that are not in the daemon's registry, and whose they are.
var elsewhere = map[string]string{
	"probe_success":                  "blackbox_exporter's",
	"up":                             "Prometheus's own",
	"probe_ssl_earliest_cert_expiry": "blackbox_exporter's",
}

// registry are the program's metrics with the values of their labels: by name,
// then label.
func registry(t *testing.T) map[string]map[string][]string {
	t.Helper()
	m := metrics.New("v1", "go")
	m.Pulled("complete", instant.Date(2026, time.November, 1), time.Second, 0)
	m.Asked("q", "ok", time.Second)
	m.Served("r", "GET", 200, time.Second)
	m.Inspected(1, map[string]bool{"an invariant": true})
	m.Show(metrics.Reading{Policy: "p", Leases: []store.Lease{{Name: "leader"}}})
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string][]string{}
	for _, f := range families {
		labels := map[string][]string{}
		for _, one := range f.GetMetric() {
			for _, l := range one.GetLabel() {
				labels[l.GetName()] = append(labels[l.GetName()], l.GetValue())
			}
		}
		out[f.GetName()] = labels
	}
	return out
}

// rule is one rule of the file.
type rule struct {
	Record, Alert, Expr, For string
	Labels, Annotations      map[string]string
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	read(t, "prometheus/rules.yml", &file)
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 20 {
		t.Fatalf("only %d rules were read", len(all))
	}
	return all
}

// read reads a YAML file beside this one.
func read(t *testing.T, name string, to any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = yaml.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// panel is one panel of the dashboard.
type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr string }
}

func dashboard(t *testing.T) (panels []panel) {
	t.Helper()
	text, err := os.ReadFile("grafana/goodstanding.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels     []panel
		Templating struct{ List []struct{ Name string } }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Templating.List) != 2 || d.Templating.List[1].Name != "job" {
		t.Errorf("nobody can choose the federation: %v", d.Templating.List)
	}
	return d.Panels
}

var (
	selector = regexp.MustCompile(`([a-z_:][a-z0-9_:]*)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`(\w+)(=~|!~|=|!=)"([^"]*)"`)
	// open are the labels whose values are not closed sets, and those that Prometheus adds.
	open = []string{"job", "instance", "status", "route", "method", "le"}
)

// TestWhatIsAskedForExists: every metric of the rules and of the dashboard, every
// label and every word of one, is the program's or a recorded rule's.
func TestWhatIsAskedForExists(t *testing.T) {
	known, recorded := registry(t), map[string]bool{}
	asked := map[string]string{} // expression to where it stands
	for _, r := range rules(t) {
		recorded[r.Record] = true
		asked[r.Expr] = r.Record + r.Alert
	}
	for _, p := range dashboard(t) {
		for _, one := range p.Targets {
			asked[one.Expr] = "the panel " + p.Title
		}
	}
	n := 0
	for expr, where := range asked {
		for _, m := range selector.FindAllStringSubmatch(expr, -1) {
			name := m[1]
			if !strings.Contains(name, "goodstanding") && elsewhere[name] == "" || recorded[name] {
				continue
			}
			n++
			labels, is := known[strings.TrimSuffix(name, "_bucket")]
			if !is && elsewhere[name] == "" {
				t.Errorf("%s asks for %s, which does not exist", where, name)
			}
			for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
				words, has := labels[l[1]]
				if slices.Contains(open, l[1]) || !is {
					continue
				}
				if !has {
					t.Errorf("%s asks for the label %s, which %s does not have", where, l[1], name)
				}
				for _, word := range strings.Split(l[3], "|") {
					if has && !slices.Contains(words, word) {
						t.Errorf("%s asks for %s{%s=%q}, which there never is", where, name, l[1], word)
					}
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d metrics were looked for", n)
	}
}

// TestEveryEndOfAReadingIsSomeAlerts: whichever way reading Open Collective ends,
// but for the good ones, exactly one alert tells of it.
func TestEveryEndOfAReadingIsSomeAlerts(t *testing.T) {
	told := map[string]string{"complete": "-", "superseded": "-"}
	for _, r := range rules(t) {
		m := regexp.MustCompile(`^job_outcome:goodstanding_pull_failing:seconds\{outcome=~"([^"]*)"\}`).FindStringSubmatch(r.Expr)
		if m == nil || r.Alert == "" {
			continue
		}
		for _, word := range strings.Split(m[1], "|") {
			if told[word] != "" {
				t.Errorf("%s is told by %s and %s", word, told[word], r.Alert)
			}
			told[word] = r.Alert
		}
	}
	all := metrics.Outcomes()
	slices.Sort(all)
	if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, all) {
		t.Errorf("told of %v\nthere are %v", got, all)
	}
}

// ruleTests are the tests of the rules.
var ruleTests = []string{"prometheus/rules_test.yml", "prometheus/rules_days_test.yml"}

// runbook are the sections of the runbook by the alert that they are for.
func runbook(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range regexp.MustCompile(`(?m)^## (Goodstanding\w+)$`).FindAllStringSubmatchIndex(string(page), -1) {
		text, _, _ := strings.Cut(string(page[s[1]:]), "\n## ")
		sections[string(page[s[2]:s[3]])] = text
	}
	return sections
}

// TestHowLongWithoutALeader: the runbook says after how long the alert comes, by the
// rule: a lease that ran out, and one that was given up.
func TestHowLongWithoutALeader(t *testing.T) {
	i := slices.IndexFunc(rules(t), func(r rule) bool { return r.Alert == "GoodstandingWithoutLeader" })
	r := rules(t)[i]
	if !strings.Contains(r.Expr, "> 180\n") && !strings.Contains(r.Expr, "> 180 or") || r.For != "2m" {
		t.Errorf("the runbook's times are of another rule: %s for %s", r.Expr, r.For)
	}
	if text := strings.ReplaceAll(runbook(t)[r.Alert], "\n", " "); !strings.Contains(text, "for five minutes since the last one's ran out, or for two where it was given up") {
		t.Errorf("the runbook says: %s", text)
	}
}

// TestEveryAlertHasItsSection in the runbook, with what it means, what to look at
// and what to do, and its tests: at least once firing and once not.
func TestEveryAlertHasItsSection(t *testing.T) {
	sections := runbook(t)
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, file := range ruleTests {
		var tested struct {
			Tests []struct {
				AlertRuleTest []struct {
					Alertname string
					ExpAlerts []any `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		read(t, file, &tested)
		for _, one := range tested.Tests {
			for _, a := range one.AlertRuleTest {
				fires[a.Alertname] = fires[a.Alertname] || len(a.ExpAlerts) > 0
				quiet[a.Alertname] = quiet[a.Alertname] || len(a.ExpAlerts) == 0
			}
		}
	}
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		text, is := sections[r.Alert]
		for _, part := range []string{"**Means.**", "**Look.**", "**Do.**"} {
			if !strings.Contains(text, part) {
				t.Errorf("the section of %s lacks %s", r.Alert, part)
			}
		}
		if !is || r.Annotations["runbook"] != "docs/runbook.md#"+strings.ToLower(r.Alert) {
			t.Errorf("%s leads to %q, and has a section: %v", r.Alert, r.Annotations["runbook"], is)
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) || r.Annotations["summary"] == "" {
			t.Errorf("%s says %v, %v", r.Alert, r.Labels, r.Annotations)
		}
		if !fires[r.Alert] || !quiet[r.Alert] {
			t.Errorf("%s is tested firing: %v, and not firing: %v", r.Alert, fires[r.Alert], quiet[r.Alert])
		}
		delete(sections, r.Alert)
	}
	for name := range sections {
		t.Errorf("the runbook has a section for %s, which is no alert", name)
	}
}

// TestTheDashboard has panels that do not lie on each other, each with a query.
func TestTheDashboard(t *testing.T) {
	taken := map[[2]int]string{}
	ids := map[int]bool{}
	for _, p := range dashboard(t) {
		if ids[p.ID] {
			t.Errorf("two panels have the number %d", p.ID)
		}
		ids[p.ID] = true
		if (len(p.Targets) == 0) != (p.Type == "row") || p.Title == "" {
			t.Errorf("%q of kind %s asks %d things", p.Title, p.Type, len(p.Targets))
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies on %q at %d, %d", p.Title, other, x, y)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// TestPromtool: Prometheus's own tool understands the rules and the dashboard's
// queries, and every alert fires when it should and only then.
func TestPromtool(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not on this machine; make peers installs it where it may")
	}
	var queries strings.Builder
	queries.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for _, p := range dashboard(t) {
		for i, one := range p.Targets {
			fmt.Fprintf(&queries, "  - {record: 'panel:p%d_%d', expr: '%s'}\n", p.ID, i, strings.ReplaceAll(one.Expr, "'", "''"))
		}
	}
	panels := filepath.Join(t.TempDir(), "panels.yml")
	if err := os.WriteFile(panels, []byte(queries.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "rules", "prometheus/rules.yml", panels}, append([]string{"test", "rules"}, ruleTests...)} {
		out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "SUCCESS") {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
