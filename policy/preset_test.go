package policy

import (
	"os"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
)

func mustPreset(t testing.TB, name string) *File {
	t.Helper()
	f, err := Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustFile(t testing.TB, path string) *File {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(path, b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The examples of every file that is shipped or tested with hold under the
// real assessment, and there are enough of them to mean something.
func TestExamplesHold(t *testing.T) {
	for f, least := range map[*File]int{
		mustPreset(t, "seed-2022"):                   20,
		mustPreset(t, "coopcloud-2023"):              12,
		mustFile(t, "testdata/socialcoop-2017.yaml"): 5,
		mustFile(t, "testdata/base.yaml"):            1,
	} {
		if len(f.Examples) < least {
			t.Errorf("%s has %d examples, want at least %d", f.Name, len(f.Examples), least)
		}
		for _, fail := range RunExamples(f, eligibility.Policies.Assess) {
			t.Error(fail)
		}
	}
}

// A rule that changes makes examples fail: they look at what they are about.
func TestExamplesNoticeChanges(t *testing.T) {
	text, err := PresetText("seed-2022")
	if err != nil {
		t.Fatal(err)
	}
	for change, most := range map[[2]string]int{
		{"[GBP 10.00 monthly]", "[GBP 12.01 monthly]"}:                                             16,
		{"[GBP 10.00 monthly]", "[GBP 10.00 monthly, GBP 60.00 yearly]"}:                           1,
		{"[GBP 10.00 monthly]", "[GBP 10.00 monthly, EUR 10.00 monthly]"}:                          1,
		{"vote:     {dues: enforced", "vote:     {dues: advisory"}:                                 6,
		{"listing:  {dues: enforced", "listing:  {dues: \"off\""}:                                  2,
		{"members: [organisation, individual], grace: 21d", "members: [organisation], grace: 21d"}: 1,
		{"late: 5d", "late: 2d"}:                                  1,
		{"one_off: ignore", "one_off: buys_months"}:               1,
		{"interrupted: 90d", "interrupted: 0d"}:                   1,
		{"services: {dues: \"off\"", "services: {dues: enforced"}: 4,
	} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		f, err := Parse("changed.yaml", []byte(changed))
		if err != nil {
			t.Errorf("%v: %v", change, err)
			continue
		}
		if n := len(RunExamples(f, eligibility.Policies.Assess)); n < 1 || n > most {
			t.Errorf("%v: %d examples fail, want from 1 to %d", change, n, most)
		}
	}
}

func TestPresets(t *testing.T) {
	if got := PresetNames(); !slices.Equal(got, []string{"coopcloud-2023", "seed-2022"}) {
		t.Errorf("the presets are %v", got)
	}
	for _, name := range PresetNames() {
		if f := mustPreset(t, name); len(f.Versions) != 1 || f.Versions[0].ID() != name {
			t.Errorf("%s does not hold its one version", name)
		}
	}
	mustPreset(t, DefaultPreset)
	_, err := Preset("seed-2023")
	if want := `there is no preset "seed-2023"; the nearest is "seed-2022" (there are coopcloud-2023 and seed-2022)`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if _, err := PresetText("../presets/seed-2022"); err == nil {
		t.Error("a path is no preset")
	}
}

// The seed is domain.md, section 4, to the letter.
func TestSeedIsTheSpecification(t *testing.T) {
	v := mustPreset(t, "seed-2022").Versions[0]
	want := golden(t, "seed-2022.canonical.golden")
	if v.Text != want {
		t.Errorf("got\n%s\nwant\n%s", v.Text, want)
	}
}

// The federation's line for pounds is there, and works once it is filled in.
func TestCoopcloudHasALineForPounds(t *testing.T) {
	text, err := PresetText("coopcloud-2023")
	if err != nil {
		t.Fatal(err)
	}
	f := mustPreset(t, "coopcloud-2023")
	if err := CheckCurrency(f.Versions[0], gbp); err == nil {
		t.Fatal("a figure in pounds was made up")
	}
	var out []string
	for _, l := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(l, "      minimums:"):
			l = "#" + l
		case strings.HasPrefix(l, "      # minimums:"):
			l = strings.Replace(l, "# ", "", 1)
			l = strings.Replace(l, "GBP 0.00", "GBP 9.00", 1)
			l = strings.Replace(l, "GBP 0.00", "GBP 54.00", 1)
		}
		out = append(out, l)
	}
	f, err = Parse("filled.yaml", []byte(strings.Join(out, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckCurrency(f.Versions[0], gbp); err != nil {
		t.Error(err)
	}
	if got := MinimumIn(tongue.English(), f.Versions[0].Eligibility.Minimums); got != "€10.00 a month, €60.00 a year, £9.00 a month or £54.00 a year" {
		t.Errorf("minimums: %s", got)
	}
}

// Boundary replay of published polls (real dates, sizes and counts): how many
// in favour each rule asks for.
func TestPollsUnderEachRule(t *testing.T) {
	social := mustFile(t, "testdata/socialcoop-2017.yaml").Versions[0].Decisions.Large
	fed := mustPreset(t, "coopcloud-2023").Versions[0].Decisions.Large
	find := func(s decisions.SizeRules, k decisions.ConditionKind) decisions.Fraction {
		for _, c := range s.PassesIf {
			if c.Kind == k {
				return c.Of
			}
		}
		t.Fatalf("no condition of kind %d in %v", k, s.PassesIf)
		return decisions.Fraction{}
	}
	for _, p := range []struct {
		name                    string
		favour, voters, members int
		social, federation      bool
	}{
		{"bylaws 2017", 6, 6, 21, true, false},
		{"roster prune 2020", 22, 28, 111, true, false},
		{"one fewer in favour", 20, 27, 111, false, false},
		{"host switch 2020, of its voters", 28, 30, 30, true, true},
		{"exactly half of 26", 13, 13, 26, true, false},
		{"one more than half of 26", 14, 14, 26, true, true},
		{"four of nine", 4, 4, 9, true, false},
		{"five of nine", 5, 5, 9, true, true},
	} {
		if got := p.favour >= find(social, decisions.FavourOfVoters).AtLeast(p.voters); got != p.social {
			t.Errorf("%s: three quarters of the voters: %v", p.name, got)
		}
		if got := p.favour >= find(fed, decisions.FavourOfElectorate).MoreThan(p.members); got != p.federation {
			t.Errorf("%s: more than half of the members: %v", p.name, got)
		}
	}
	if social.Notice != 10 || fed.Notice != 14 {
		t.Errorf("notice: %d and %d days", social.Notice, fed.Notice)
	}
}
