package roll

import (
	"cmp"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
)

// closest are the candidates that somebody may have meant, the nearest first,
// at most three: a slip of the finger away, or beginning alike.
func closest(word string, candidates []string) []string {
	type near struct {
		word string
		far  int
	}
	var found []near
	for _, c := range candidates {
		far := letters(word, c)
		alike := len(word) >= 3 && strings.HasPrefix(c, word)
		if c != "" && (far <= max(1, len(word)/4) || alike) {
			found = append(found, near{c, far})
		}
	}
	arrange.By(found, func(a, b near) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.word, b.word)) })
	var out []string
	for _, f := range slices.Compact(found) {
		if len(out) < 3 {
			out = append(out, f.word)
		}
	}
	return out
}
