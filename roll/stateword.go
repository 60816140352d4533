package roll

import (
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// StateWord names a state as treasurers count members by it: "3 paid up".
type StateWord struct {
	State eligibility.State
	Words string
}

// stateWords are all states, in the order in which lists of members have them.
var stateWords = []StateWord{
	{eligibility.StateCurrent, "paid up"}, {eligibility.StateWaived, "dues waived"}, {eligibility.StateGrace, "payment late"},
	{eligibility.StateShort, "pay too little"}, {eligibility.StatePending, "first payment coming"}, {eligibility.StateLapsed, "lapsed"},
	{eligibility.StateUnpaid, "never paid"}, {eligibility.StateUnknown, "cannot say yet"}, {eligibility.StatePaused, "taking a break"},
	{eligibility.StateSuspended, "suspended"}, {eligibility.StateApplied, "have applied"}, {eligibility.StateLeft, "left"},
}

// StateWords are the words of all states, in the order in which lists of members
// have them.
func StateWords() []StateWord { return slices.Clone(stateWords) }

// WordsOf names one state; "new" is what a member was before anything was recorded.
func WordsOf(s eligibility.State) string { return WordsIn(tongue.English(), s) }

// WordsIn is WordsOf in a language.
func WordsIn(t *tongue.Tongue, s eligibility.State) string { return t.Say("state|" + wordsOf(s)) }

func wordsOf(s eligibility.State) string {
	for _, w := range stateWords {
		if w.State == s {
			return w.Words
		}
	}
	return "new"
}
