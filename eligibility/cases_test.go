package eligibility_test

import (
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// The stories of testdata, which a treasurer can read, come true.
func TestStories(t *testing.T) {
	for _, s := range allStories(t) {
		t.Run(s.title, func(t *testing.T) {
			for _, e := range s.expected {
				for _, failure := range e.failures(s) {
					t.Error(failure)
				}
			}
		})
	}
}

// The oracle, too, finds every story true, as far as it answers.
func TestStoriesAgreeWithTheOracle(t *testing.T) {
	for _, s := range allStories(t) {
		for _, e := range s.expected {
			for i, at := range e.at {
				if len(e.at) > 300 && i%11 != 0 {
					continue // the oracle is slow, and hours are alike
				}
				got := e.ask(s, at)
				o := newOracle(s.policies, &s.facts, at, got.Known)
				want := o.assess()
				if e.forecast {
					want = o.forecast()
				}
				if want = quiet(want, got); answerOf(got).String() != want.String() {
					t.Errorf("%s (%s): on %s\nengine: %s\noracle: %s", e.where, s.title, short(at), answerOf(got), want)
				}
			}
		}
	}
}

// Every state and every reason code is expected somewhere, and no title twice.
func TestStoriesTellEverything(t *testing.T) {
	states, reasons, titles := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range allStories(t) {
		if titles[s.title] {
			t.Errorf("two stories are called %q", s.title)
		}
		titles[s.title] = true
		for _, e := range s.expected {
			for i, c := range e.checks {
				if i == 0 {
					states[c.words] = true
				}
				if rest, ok := strings.CutPrefix(c.words, "because "); ok {
					for _, code := range strings.Fields(rest) {
						reasons[code] = true
					}
				}
			}
		}
	}
	for s := eligibility.StateLeft; s <= eligibility.StateUnpaid; s++ {
		if !states[s.String()] {
			t.Errorf("no story expects the state %s", s)
		}
	}
	for c := eligibility.CodeCovered; c.String() != ""; c++ {
		if !reasons[c.String()] {
			t.Errorf("no story expects the reason %s", c)
		}
	}
	if len(titles) < 40 {
		t.Errorf("only %d stories", len(titles))
	}
}

func allStories(t *testing.T) []*story {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories in testdata: %v", err)
	}
	sort.Strings(paths)
	var out []*story
	for _, path := range paths {
		stories, err := readStories(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, stories...)
	}
	return out
}

// A story that says something unknown is refused with file, line and reason.
func TestStoriesAreReadStrictly(t *testing.T) {
	refused(t, "# A title\n", map[string]string{
		"chrage c1 GBP 10.00 on 2026-01-01":                  `x.txt:2: unknown word "chrage" at the beginning of a line`,
		"charge c1 GBP 10 at 2026-01-01":                     `x.txt:2: "at" stands where "on" should`,
		"charge c1 GBP 10,00 on 2026-01-01":                  `x.txt:2: "GBP 10,00" is not an amount: write it as GBP 10.00`,
		"charge c1 GBP 10.00 on":                             `x.txt:2: the day of the charge is missing`,
		"charge c1 GBP 10.00 on 2026-13-01":                  `x.txt:2: "2026-13-01" is no date: write 2026-02-01 or 2026-02-01T09:30`,
		"waiver from 2026-01-01 until":                       `x.txt:2: a date is missing at the end`,
		"waiver from 2026-01-01 to 2026-02-01":               `x.txt:2: unknown word "to"`,
		"contribution c1 weekly active from 2026-01-01":      `x.txt:2: "weekly" is no interval`,
		"contribution c1 monthly resting from 2026-01-01":    `x.txt:2: "resting" is no status`,
		"refund c1@2026-01-01 on 2026-01-02":                 `x.txt:2: no charge "c1@2026-01-01" was told before its refund`,
		"payment GBP 10.00 from 2026-01-01 until 2026-02-02": `x.txt:2: 2026-01-01 to 2026-02-02 are no whole months`,
		"member company":                                     `x.txt:2: a member is an organisation or an individual`,
		"recorded 2026-01-01 current gives bread":            `x.txt:2: no right is named: vote, listing, services or nothing`,
		"policy seed-2023":                                   `x.txt:2: "seed-2023" is no preset`,
		"policy seed-2022 with late 5":                       `x.txt:2: "5" is no length of time: write 21d or 24h`,
		"policy seed-2022 with vote sometimes":               `x.txt:2: "sometimes" says nothing about a right`,
		"policy seed-2022 with bread off":                    `x.txt:2: "bread" is no clause of a policy`,
		"on 2026-01-01: fine":                                `x.txt:2: "fine" is no state`,
		"on 2026-01-01: current; vote maybe":                 `x.txt:2: "maybe" stands where yes or no should`,
		"on 2026-01-01: current; bread yes":                  `x.txt:2: "bread" is no answer`,
		"on 2026-01-01: current; because covered payed":      `x.txt:2: "payed" is no reason code`,
		"every day from 2026-01-02 until 2026-01-02: unpaid": `x.txt:2: the span is empty`,
		"note all is well":                                   `x.txt: the story "A title" expects nothing`,
	})
	if _, err := parseStories("x.txt", "member organisation\n"); err == nil || err.Error() != "x.txt:1: a story begins with its title: # Title" {
		t.Errorf("without a title: %v", err)
	}
}

// A false expectation fails, and says what it found.
func TestStoriesCanFail(t *testing.T) {
	stories, err := parseStories("x.txt", "# A title\nadmitted 2026-01-01\non 2026-01-02: current; vote yes\n")
	if err != nil {
		t.Fatal(err)
	}
	got := stories[0].expected[0].failures(stories[0])
	if len(got) != 2 || !strings.HasPrefix(got[0], `x.txt:3: on 2026-01-02T12:00:00Z wanted "current", got "unknown"`) {
		t.Errorf("failures: %q", got)
	}
	if s := stories[0].expected[0].ask(stories[0], instant.Date(2026, 1, 2)); s.State != eligibility.StateUnknown {
		t.Errorf("state %s", s.State)
	}
}

// An answer that is wrong is told, also where the roll says nothing at all.
func TestEveryAnswerCanFail(t *testing.T) {
	const told = `# A member whose dues nobody can see
admitted 2026-01-10
listable 2026-01-10
not-linked
snapshots daily from 2026-01-01 until 2026-06-01
on 2026-02-01: unknown; `
	for _, lie := range []string{"vote yes", "vote no until 2026-03-01", "because not_linked grace", "touching vote covered", "touching services not_linked",
		"resting on charge:c1", "resting on", "facts of not_linked charge:c1", "facts of grace", "paid through 2026-02-01", "counts 1", "changes 2026-03-01", "changes at once", "since not_linked 2026-02-01",
		"until grace no date", "as of 2026-01-31", "policy coopcloud-2023"} {
		stories, err := parseStories("x.txt", told+lie+"\n")
		if err != nil {
			t.Fatalf("%q: %v", lie, err)
		}
		want := 1
		if lie == "resting on" { // what is true: nothing is cited
			want = 0
		}
		if got := stories[0].expected[0].failures(stories[0]); len(got) != want {
			t.Errorf("%q: told %q", lie, got)
		}
	}
	stories, err := parseStories("x.txt", strings.Replace(told, "unknown; ", "current\n", 1))
	if err != nil || len(stories[0].expected[0].failures(stories[0])) != 1 {
		t.Errorf("another state: %v", err)
	}
}
