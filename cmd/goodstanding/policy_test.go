package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/policy"
)

// seed is the preset with one thing changed.
func seed(t *testing.T, replace ...string) string {
	t.Helper()
	text, err := policy.PresetText("seed-2022")
	if err != nil {
		t.Fatal(err)
	}
	out := strings.NewReplacer(replace...).Replace(string(text))
	if len(replace) > 0 && out == string(text) {
		t.Fatalf("nothing was replaced by %q", replace)
	}
	return out
}

func TestPolicyInitPrintsAPreset(t *testing.T) {
	w := newWorld(t)
	w.env = nil // it needs no setting and no database
	if w.must("policy", "init") != seed(t) || w.must("policy", "init", "seed-2022") != seed(t) {
		t.Error("it is not the preset")
	}
	to := filepath.Join(w.dir, "policy.yaml")
	if s := w.run("policy", "init", "coopcloud-2023", "--to", to); s.code != exitOK || !strings.Contains(s.err, "goodstanding policy check DIR/policy.yaml") {
		t.Error(s)
	}
	has(t, w.fails(exitUsage, "policy", "init", "--to", to), "DIR/policy.yaml exists: name another file")
	has(t, w.must("policy", "check", to), "DIR/policy.yaml is a good policy: 1 version, ", "came out as they say.")
}

func TestPolicyCheckRunsTheExamples(t *testing.T) {
	w := newWorld(t)
	s := w.run("policy", "check", w.file("p.yaml", seed(t, "want: {state: current, vote: true, listing: true, services: true, paid_through: 2022-07-01}", "want: {state: lapsed}")))
	if s.code != exitRefused {
		t.Fatal(s)
	}
	has(t, s.out, `DIR/p.yaml:`, `"twelve pounds a month is enough": state: wanted lapsed, got current`)
	has(t, s.err, "1 example of 21 came out otherwise than they say")
	one := w.file("one.yaml", seed(t)[:strings.Index(seed(t), "  - name: ten pounds")])
	has(t, w.must("policy", "check", one), "1 version, its one example came out as it says.")
}

func TestPolicyShow(t *testing.T) {
	w := newWorld(t)
	golden(t, "policy/show.txt", w.must("policy", "show"))
	if _, err := policy.Parse("x", []byte(w.must("policy", "show", "--text"))); err != nil {
		t.Error(err)
	}
	var got policyAnswer
	if err := json.Unmarshal([]byte(w.must("policy", "show", "--json")), &got); err != nil || got.ID != "seed-2022" || len(got.SHA256) != 64 || len(got.Words["dues"]) == 0 {
		t.Errorf("%v, %+v", err, got)
	}
}

// secondVersion is the preset with another version of twelve pounds from 2027.
func secondVersion(t *testing.T, from string) string {
	t.Helper()
	text := seed(t)
	body := text[strings.Index(text, "    decided_by:"):strings.Index(text, "# Examples:")]
	body = strings.Replace(body, "GBP 10.00 monthly", "GBP 12.00 monthly", 1)
	return strings.Replace(text, "# Examples:", "\n  - id: twelve\n    from: "+from+"\n"+body+"\n# Examples:", 1)
}

func TestPolicyAddAndCompare(t *testing.T) {
	w := adopted(t)
	file := w.file("two.yaml", secondVersion(t, "2027-01-01"))
	compared := w.must("policy", "compare", file)
	has(t, compared, "In force is seed-2022; compared with twelve", "Minimum dues: was £10.00 a month; becomes £12.00 a month", "Alfa Co-op", "-vote")
	has(t, w.must("policy", "compare", file, "--id", "seed-2022"), "The rules are the same.", "Nobody would gain or lose anything today.")
	has(t, w.fails(exitUsage, "policy", "compare", file, "--id", "thirteen"), "it has seed-2022, twelve")
	if !json.Valid([]byte(w.must("policy", "compare", file, "--json"))) {
		t.Error("not JSON")
	}
	has(t, w.must("policy", "add", file, "--reason", "meeting of May"), "Added: twelve.")
	has(t, w.must("policy", "add", file), "has all versions of DIR/two.yaml already.")
	has(t, w.must("policy", "show"), "£10.00 a month", "* seed-2022", "  twelve  from 2027-01-01")
	has(t, w.must("policy", "show", "--at", "2027-02-01"), "£12.00 a month", "* twelve")
	has(t, w.must("policy", "check", file, "--store"), "goes with it; in force is seed-2022.")
}

func TestBackdatingNeedsAReasonAndShowsWhomItHits(t *testing.T) {
	w := adopted(t)
	file := w.file("back.yaml", secondVersion(t, "2026-11-01"))
	has(t, w.fails(exitRefused, "policy", "add", file, "--reason", "x"), "version twelve starts on 2026-11-01, which is past", "--backdate")
	if got := w.fails(exitUsage, "policy", "add", file, "--backdate"); got != "--backdate needs a --reason: it changes what was said before" {
		t.Error(got)
	}
	w.terminal, w.stdin = true, "n\n"
	w.env["NO_COLOR"] = "1"
	s := w.run("policy", "add", file, "--backdate", "--reason", "agreed in October")
	if s.code != exitRefused || !strings.Contains(s.out, "Alfa Co-op") || !strings.Contains(s.err, "Store these rules? [y/N]") {
		t.Errorf("%d\n%s%s", s.code, s.out, s.err)
	}
	has(t, w.must("policy", "show"), "£10.00 a month")
	has(t, w.must("policy", "add", file, "--backdate", "--reason", "agreed in October", "--yes"), "Added: twelve.")
	has(t, w.must("policy", "show"), "£12.00 a month")
}

// TestAPolicyFileInTheSettings is taken over by any command, once, and said.
func TestAPolicyFileInTheSettings(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_POLICY"] = w.file("p.yaml", seed(t, "id: seed-2022", "id: ours", "GBP 10.00 monthly", "GBP 10.00 monthly, EUR 12.00 monthly", "amount: EUR 50.00", "amount: USD 50.00"))
	s := w.run("status")
	has(t, s.err, "Policy versions taken over from DIR/p.yaml: ours.")
	has(t, s.out, "€12.00 a month or £10.00 a month, by policy ours")
	if s := w.run("status"); s.err != "" {
		t.Errorf("it is said twice: %s", s.err)
	}
	has(t, w.must("policy", "check"), "DIR/p.yaml is a good policy")
	if err := os.Remove(filepath.Join(w.dir, "p.yaml")); err != nil {
		t.Fatal(err)
	}
	delete(w.env, "GOODSTANDING_POLICY") // the database is what is in force
	has(t, w.must("status"), "€12.00 a month or £10.00 a month, by policy ours")
}
