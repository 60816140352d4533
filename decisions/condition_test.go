package decisions

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestConditionsReadAndSay(t *testing.T) {
	for _, c := range []struct{ in, out, sentence string }{
		{"turnout all", "turnout all", "Every member waited for has answered."},
		{"favour >= 1", "favour >= 1", "At least one member is in favour."},
		{"favour  >=  03", "favour >= 3", "At least 3 members are in favour."},
		{"favour > against", "favour > against", "More members are in favour than against."},
		{"favour > 1/2 of electorate", "favour > 1/2 of electorate", "More than half of the members that may answer are in favour."},
		{"favour > 4/6 of electorate", "favour > 2/3 of electorate", "More than two thirds of the members that may answer are in favour."},
		{"favour >= 3/4 of voters", "favour >= 3/4 of voters", "At least three quarters of those who answered are in favour, abstentions counted as answers."},
		{"favour >= 7/7 of voters", "favour >= 1/1 of voters", "All of those who answered are in favour, abstentions counted as answers."},
		{"no block", "no block", "Nobody blocks."},
		{"no against", "no against", "Nobody is against."},
		{" no\tobjection ", "no objection", "No objection stands."},
		{"concerns answered", "concerns answered", "Every concern has been answered."},
	} {
		got, err := ParseCondition(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got.String() != c.out || got.Sentence() != c.sentence {
			t.Errorf("%q is written %q and said %q", c.in, got, got.Sentence())
		}
		if again, err := ParseCondition(got.String()); err != nil || again != got {
			t.Errorf("%q reads back as %+v, %v", got, again, err)
		}
	}
}

// Every way to write a condition that the messages offer is one that is read.
func TestFormsAreRead(t *testing.T) {
	var kinds []ConditionKind
	for _, form := range Forms() {
		c, err := ParseCondition(strings.NewReplacer("N", "2", "F", "1/2").Replace(form))
		if err != nil {
			t.Errorf("%q: %v", form, err)
		}
		kinds = append(kinds, c.Kind)
	}
	if !slices.IsSorted(kinds) || kinds[0] != TurnoutAll || kinds[len(kinds)-1] != ConcernsAnswered || len(kinds) != int(ConcernsAnswered) {
		t.Errorf("the forms stand for %v, not for every kind in its order", kinds)
	}
}

func TestConditionRefuses(t *testing.T) {
	const forms = " is no condition: write one of turnout all, favour >= N, favour > against, favour > F of electorate, " +
		"favour >= F of voters, no block, no against, no objection, concerns answered; N is a whole number, F an exact fraction such as 1/2"
	for s, want := range map[string]string{
		"":                              `""` + forms,
		"majority":                      `"majority"` + forms,
		"favour":                        `"favour"` + forms,
		"favor > against":               `"favor > against"` + forms,
		"favour < 3":                    `"favour < 3"` + forms,
		"favour > 3":                    `"favour > 3"` + forms,
		"favour >= 1/2 of electorate":   `"favour >= 1/2 of electorate" is no condition: "of electorate" goes with ">", write favour > 1/2 of electorate`,
		"favour > 3/4 of voters":        `"favour > 3/4 of voters" is no condition: "of voters" goes with ">=", write favour >= 3/4 of voters`,
		"favour >= 3/4":                 `"favour >= 3/4" does not say of whom: write favour > 3/4 of electorate or favour >= 3/4 of voters`,
		"favour >= 0":                   `"favour >= 0" needs a whole number from 1 to 1000000, such as favour >= 1`,
		"favour >= -1":                  `"favour >= -1" needs a whole number from 1 to 1000000, such as favour >= 1`,
		"favour >= many":                `"favour >= many" needs a whole number from 1 to 1000000, such as favour >= 1`,
		"favour >= 1000001":             `"favour >= 1000001" needs a whole number from 1 to 1000000, such as favour >= 1`,
		"favour > 0.5 of electorate":    `"favour > 0.5 of electorate": "0.5" is not an exact fraction: write two whole numbers such as 1/2 or 3/4`,
		"favour > 1/1 of electorate":    `"favour > 1/1 of electorate" can never hold: nobody is more than all; for everybody's yes write turnout all and favour >= 1/1 of voters`,
		"favour > 0/3 of electorate":    `"favour > 0/3 of electorate" asks for one in favour: write favour >= 1`,
		"favour >= 75% of voters":       `"favour >= 75% of voters": "75%" is not an exact fraction: write two whole numbers such as 1/2 or 3/4`,
		"favour >= 0/4 of voters":       `"favour >= 0/4 of voters" always holds: leave it out, or write favour >= 1`,
		"favour >= 3/4 of voters alive": `"favour >= 3/4 of voters alive"` + forms,
	} {
		if c, err := ParseCondition(s); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v, want %s", s, c, err, want)
		}
	}
}

func TestConditionAsText(t *testing.T) {
	in := []Condition{{Kind: NoBlock}, {Kind: FavourAtLeast, N: 2}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != `["no block","favour \u003e= 2"]` {
		t.Errorf("written as %s", b)
	}
	var out []Condition
	if err := json.Unmarshal(b, &out); err != nil || !slices.Equal(in, out) {
		t.Errorf("read back as %v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`["no blocks"]`), &out); err == nil {
		t.Error("an unknown condition was read")
	}
	var none Condition
	if none.String() != "" || none.Sentence() != "" {
		t.Errorf("no condition is said %q %q", none, none.Sentence())
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, form := range Forms() {
		f.Add(strings.NewReplacer("N", "2", "F", "1/2").Replace(form))
	}
	f.Add("favour >= 1/0 of voters")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCondition(s)
		if err != nil {
			return
		}
		again, err := ParseCondition(c.String())
		if err != nil || again != c || c.Sentence() == "" {
			t.Errorf("%q is %q, which reads as %v, %v", s, c, again, err)
		}
	})
}
