package decisions

import (
	"slices"
	"testing"
)

func conditions(t *testing.T, lines ...string) (out []Condition) {
	t.Helper()
	for _, l := range lines {
		c, err := ParseCondition(l)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func TestConflicts(t *testing.T) {
	three := []Answer{Favour, Against, Abstain}
	for name, c := range map[string]struct {
		answers []Answer
		lines   []string
		want    []Conflict
	}{
		"the seed's large":        {Answers(), []string{"turnout all", "no block", "favour > against", "concerns answered"}, nil},
		"the seed's medium":       {three, []string{"no objection"}, nil},
		"resolution 001":          {three, []string{"favour > 1/2 of electorate", "no against"}, nil},
		"a block is an objection": {Answers(), []string{"no objection"}, nil},
		"a block stops nothing": {Answers(), []string{"favour >= 1"}, []Conflict{
			{-1, `a block would stop nothing: add "no block" to passes_if, or leave block out of answers`}}},
		"nobody can block": {three, []string{"favour >= 1", "no block"}, []Conflict{
			{1, `"no block" says nothing while "block" is not one of the answers: add it to answers or leave this line out`}}},
		"nobody can be for or against": {[]Answer{Abstain}, []string{"favour > against"}, []Conflict{
			{0, `"favour > against" says nothing while "favour" is not one of the answers: add it to answers or leave this line out`},
			{0, `"favour > against" says nothing while "against" is not one of the answers: add it to answers or leave this line out`}}},
		"twice": {three, []string{"favour >= 2/4 of voters", "no against", "favour >= 1/2 of voters"}, []Conflict{
			{2, `"favour >= 1/2 of voters" stands there twice: write it once`}}},
	} {
		s := SizeRules{Answers: c.answers, PassesIf: conditions(t, c.lines...)}
		if got := s.Conflicts(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestNormaliseForgetsTheOrder(t *testing.T) {
	want := SizeRules{Answers: Answers(), PassesIf: conditions(t, "turnout all", "favour >= 1", "favour >= 2",
		"favour >= 1/2 of voters", "favour >= 2/3 of voters", "no block")}
	got := SizeRules{Answers: slices.Clone(want.Answers), PassesIf: slices.Clone(want.PassesIf)}
	slices.Reverse(got.Answers)
	slices.Reverse(got.PassesIf)
	got.Normalise()
	if !slices.Equal(got.Answers, want.Answers) || !slices.Equal(got.PassesIf, want.PassesIf) {
		t.Errorf("got %v %v", got.Answers, got.PassesIf)
	}
}

// Each answer has a sign of its own in the room, and nothing else has one.
func TestSigns(t *testing.T) {
	seen := map[string]bool{"": true}
	for _, a := range Answers() {
		if sign := a.Sign(); seen[sign] {
			t.Errorf("the sign of %s is %q", a, sign)
		}
		seen[a.Sign()] = true
	}
	if s := Answer("maybe").Sign(); s != "" {
		t.Errorf("maybe is %q", s)
	}
}
