package decisions

import (
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/tongue"
)

// ConditionKind says what a line of passes_if asks for.
type ConditionKind uint8

// The kinds of conditions, in the order of domain.md, section 4, which is
// also the order in which a policy and a result list them.
const (
	TurnoutAll ConditionKind = iota + 1
	FavourAtLeast
	FavourOverAgainst
	FavourOfElectorate
	FavourOfVoters
	NoBlock
	NoAgainst
	NoObjection
	ConcernsAnswered
)

// Condition is one line of passes_if; all lines must hold for a decision to
// pass (domain.md, section 4). It is comparable.
//
// "Of electorate" is taken of ballots cast plus members waited for, "of
// voters" of ballots cast, abstentions included (domain.md, sections 4 and 5).
type Condition struct {
	Kind ConditionKind
	N    int      // of FavourAtLeast, at least 1; 0 for all else
	Of   Fraction // of FavourOfElectorate (below 1) and FavourOfVoters (above 0)
}

// maxFavour bounds N of "favour >= N".
const maxFavour = 1_000_000

// fixed are the conditions without a number, as written in a policy.
var fixed = map[string]ConditionKind{
	"turnout all":       TurnoutAll,
	"favour > against":  FavourOverAgainst,
	"no block":          NoBlock,
	"no against":        NoAgainst,
	"no objection":      NoObjection,
	"concerns answered": ConcernsAnswered,
}

// Forms are the ways to write a condition, in their fixed order.
func Forms() []string {
	return []string{"turnout all", "favour >= N", "favour > against", "favour > F of electorate",
		"favour >= F of voters", "no block", "no against", "no objection", "concerns answered"}
}

// ParseCondition reads a line of passes_if; spaces between words do not
// matter. The error says what would be right.
func ParseCondition(s string) (Condition, error) {
	w := strings.Fields(s)
	if k, ok := fixed[strings.Join(w, " ")]; ok {
		return Condition{Kind: k}, nil
	}
	if len(w) >= 3 && w[0] == "favour" {
		switch of := strings.Join(w[3:], " "); {
		case w[1] == ">=" && of == "":
			return atLeast(s, w[2])
		case w[1] == ">" && of == "of electorate":
			return ofElectorate(s, w[2])
		case w[1] == ">=" && of == "of voters":
			return ofVoters(s, w[2])
		case of == "of electorate":
			return Condition{}, fmt.Errorf(`%q is no condition: "of electorate" goes with ">", write favour > %s of electorate`, s, w[2])
		case of == "of voters":
			return Condition{}, fmt.Errorf(`%q is no condition: "of voters" goes with ">=", write favour >= %s of voters`, s, w[2])
		}
	}
	return Condition{}, fmt.Errorf("%q is no condition: write one of %s; N is a whole number, F an exact fraction such as 1/2",
		s, strings.Join(Forms(), ", "))
}

func atLeast(s, number string) (Condition, error) {
	n, ok := digits(number)
	switch {
	case !ok && strings.Contains(number, "/"):
		return Condition{}, fmt.Errorf("%q does not say of whom: write favour > %s of electorate or favour >= %s of voters", s, number, number)
	case !ok || n < 1 || n > maxFavour:
		return Condition{}, fmt.Errorf("%q needs a whole number from 1 to %d, such as favour >= 1", s, maxFavour)
	}
	return Condition{Kind: FavourAtLeast, N: int(n)}, nil
}

func ofElectorate(s, fraction string) (Condition, error) {
	f, err := ParseFraction(fraction)
	switch {
	case err != nil:
		return Condition{}, fmt.Errorf("%q: %w", s, err)
	case f.Whole():
		return Condition{}, fmt.Errorf("%q can never hold: nobody is more than all; for everybody's yes write turnout all and favour >= 1/1 of voters", s)
	case f.Zero():
		return Condition{}, fmt.Errorf("%q asks for one in favour: write favour >= 1", s)
	}
	return Condition{Kind: FavourOfElectorate, Of: f}, nil
}

func ofVoters(s, fraction string) (Condition, error) {
	f, err := ParseFraction(fraction)
	switch {
	case err != nil:
		return Condition{}, fmt.Errorf("%q: %w", s, err)
	case f.Zero():
		return Condition{}, fmt.Errorf("%q always holds: leave it out, or write favour >= 1", s)
	}
	return Condition{Kind: FavourOfVoters, Of: f}, nil
}

// String is the condition in the words that ParseCondition reads.
func (c Condition) String() string {
	switch c.Kind {
	case FavourAtLeast:
		return "favour >= " + strconv.Itoa(c.N)
	case FavourOfElectorate:
		return "favour > " + c.Of.String() + " of electorate"
	case FavourOfVoters:
		return "favour >= " + c.Of.String() + " of voters"
	}
	for s, k := range fixed {
		if k == c.Kind {
			return s
		}
	}
	return ""
}

// MarshalText writes the words that ParseCondition reads.
func (c Condition) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a condition as ParseCondition does.
func (c *Condition) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCondition(string(b))
	return err
}

// Clause is the condition in plain English, to stand after "if" and beside
// other clauses: "nobody blocks".
func (c Condition) Clause() string { return c.ClauseIn(tongue.English()) }

// ClauseIn is Clause in a language.
func (c Condition) ClauseIn(t *tongue.Tongue) string {
	switch c.Kind {
	case FavourAtLeast:
		if c.N == 1 {
			return t.Say("at least one member is in favour")
		}
		return t.Sayf("at least %d members are in favour", c.N)
	case FavourOfElectorate:
		return c.Of.phrase(t, "more than %s of the members that may answer are in favour")
	case FavourOfVoters:
		if c.Of.Whole() {
			return t.Say("all of those who answered are in favour, abstentions counted as answers")
		}
		return c.Of.phrase(t, "at least %s of those who answered are in favour, abstentions counted as answers")
	}
	return t.Say(clauses[c.Kind])
}

var clauses = map[ConditionKind]string{
	TurnoutAll: "every member waited for has answered", FavourOverAgainst: "more members are in favour than against",
	NoBlock: "nobody blocks", NoAgainst: "nobody is against", NoObjection: "no objection stands", ConcernsAnswered: "every concern has been answered",
}

// Sentence is the condition as a plain English sentence: "Nobody blocks."
func (c Condition) Sentence() string { return c.SentenceIn(tongue.English()) }

// SentenceIn is Sentence in a language.
func (c Condition) SentenceIn(t *tongue.Tongue) string {
	s := c.ClauseIn(t)
	if s == "" {
		return ""
	}
	return tongue.Capital(s) + "."
}
