package reactions

import (
	"strings"

	"coopcloud.tech/goodstanding/decisions"
)

// choiceOf is the answer that a sign stands for; false for any other sign.
func choiceOf(sign string) (decisions.Answer, bool) {
	folded := strings.Map(fold, sign)
	for _, a := range decisions.Answers() {
		if a.Sign() == folded {
			return a, true
		}
	}
	return "", false
}

// fold leaves out what makes the same sign look otherwise: skin tones, variation
// selectors, and the joined signs of a man or a woman.
func fold(c rune) rune {
	const (
		joiner           = '\u200d'
		woman, man       = '\u2640', '\u2642'
		text, emoji      = '\ufe0e', '\ufe0f'
		light, dark      = '\U0001f3fb', '\U0001f3ff'
		leaveOut    rune = -1
	)
	switch {
	case c == joiner, c == woman, c == man, c == text, c == emoji, light <= c && c <= dark:
		return leaveOut
	}
	return c
}

// hasConcern: against and block say why in words.
func hasConcern(a decisions.Answer) bool { return a == decisions.Against || a == decisions.Block }
