package policy

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/tongue"
)

func london(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestWords(t *testing.T) {
	for name, v := range map[string]Version{
		"seed-2022":       mustPreset(t, "seed-2022").Versions[0],
		"coopcloud-2023":  mustPreset(t, "coopcloud-2023").Versions[0],
		"socialcoop-2017": mustFile(t, "testdata/socialcoop-2017.yaml").Versions[0],
	} {
		var b strings.Builder
		topic := Topic("")
		for _, s := range Words(v, london(t)) {
			if s.Topic != topic {
				topic = s.Topic
				fmt.Fprintf(&b, "%s\n", topic)
			}
			fmt.Fprintf(&b, "  %s\n", s.Text)
		}
		path := "testdata/" + name + ".words.golden"
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := golden(t, name+".words.golden"); b.String() != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, b.String(), want)
		}
	}
}

// What the golden files do not say: each change of the base changes these sentences.
func TestWordsFollowTheRules(t *testing.T) {
	base := golden(t, "base.yaml")
	for change, want := range map[[2]string]string{
		{"[GBP 10.00 monthly]", "[GBP 60.00 yearly]"}:                      "dues: Who pays monthly in GBP pays a twelfth of the yearly amount or more.",
		{"count_tax: false", "count_tax: true"}:                            "dues: A payment counts with the tax that is in it.",
		{"one_off: ignore", "one_off: added_funds"}:                        "dues: Added funds buy whole months; other single payments do not count, unless a treasurer accepts one as dues.",
		{"one_off: ignore", "one_off: buys_months"}:                        "dues: Single payments and added funds buy whole months.",
		{"late: 5d", "late: 0d"}:                                           "dues: A renewal is late from the moment it is due.",
		{"late: 5d", "late: 1d"}:                                           "dues: A renewal is in time until 1 day after it was due.",
		{"stale_after: 24h", "stale_after: 1h"}:                            "dues: Nobody loses a right over dues while Open Collective cannot be read; after 1 hour every answer says how old it is.",
		{"stale_after: 24h", "stale_after: 2d"}:                            "dues: Nobody loses a right over dues while Open Collective cannot be read; after 2 days every answer says how old it is.",
		{"share: 10%, at_least: 2", "share: 1/3, at_least: 1"}:             "dues: If unpaid dues would take the vote or the listing from more than 1 member within 7 days, and from more than 1/3 of those in good standing, nobody loses them until a treasurer has looked.",
		{"members: [organisation], grace", "members: [individual], grace"}: "rights: Individuals may use the shared services, whatever they pay; organisations do not use the shared services.",
		{"admission: treasurer", "admission: open"}:                        "joining: Whoever applies becomes a member.",
		{"notice_too_short: warn", "notice_too_short: refuse"}:             "decisions: A deadline that leaves less notice is refused, unless a facilitator opens the decision.",
		{"ballots: public", "ballots: members"}:                            "decisions: How each member answered is shown to members alone.",
		{"overdue_every: 7d", "overdue_every: 1d"}:                         "notices: Who has not answered a large decision yet is reminded after a third of the time, 3 days before the deadline and, once it is overdue, every day.",
		{"[turnout all, no block]", "[favour >= 3/4 of voters, no block]"}: "decisions: A large decision passes if at least three quarters of those who answered are in favour, abstentions counted as answers; and nobody blocks.",
		{`review_by: ""`, "review_by: 2023-10-31"}:                         "dues: The dues are to be looked at again by 31 October 2023.",
		{"from: 2022-05-15", "from: 2022-05-15T15:30:00Z"}:                 "rules: These rules are called base and hold from 15 May 2022, 16:30 (Europe/London); decision 002 made them.",
		{"from: 2022-05-15", "from: 2022-12-15"}:                           "rules: These rules are called base and hold from 15 December 2022 (Europe/London); decision 002 made them.",
	} {
		before := said(Words(parseOne(t, base), london(t)))
		after := said(Words(parseOne(t, strings.Replace(base, change[0], change[1], 1)), london(t)))
		if slices.Contains(before, want) || !slices.Contains(after, want) {
			t.Errorf("%v: %q is not new in\n%s", change, want, strings.Join(after, "\n"))
		}
	}
	if got := Words(parseOne(t, base), nil)[0].Text; got != "These rules are called base and hold from 15 May 2022 (UTC); decision 002 made them." {
		t.Errorf("without a zone: %s", got)
	}
}

func said(ss []Sentence) (out []string) {
	for _, s := range ss {
		out = append(out, string(s.Topic)+": "+s.Text)
	}
	return out
}

// A sentence begins with a capital, ends with a full stop, and holds no word
// of the program.
func TestSentencesAreSentences(t *testing.T) {
	for _, name := range PresetNames() {
		for _, s := range Words(mustPreset(t, name).Versions[0], nil) {
			if s.Text[:1] != strings.ToUpper(s.Text[:1]) || !strings.HasSuffix(s.Text, ".") || strings.Contains(s.Text, "_") || strings.Contains(s.Text, "  ") || strings.Contains(s.Text, "%!") {
				t.Errorf("%s: %q", name, s.Text)
			}
		}
	}
}

func TestListsOfWords(t *testing.T) {
	if join(nil, "and") != "" || join([]string{"a", "b", "c"}, "or") != "a, b or c" || tongue.Capital("") != "" {
		t.Error("lists are not joined as English does")
	}
	if got := (&speech{in: tongue.English()}).together([]string{"a, b", "c", "d"}); got != "a, b; c; and d" {
		t.Errorf("clauses with commas: %s", got)
	}
	if wordFor(answerWords, decisions.Answer("perhaps")) != "" {
		t.Error("a word for what there is not")
	}
}
