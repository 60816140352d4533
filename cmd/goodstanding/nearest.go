package main

import (
	"slices"
	"strings"
)

// nearest is the candidate that takes the fewest single-letter changes, capitals
// aside, and how many it takes; the first of several. A candidate that the word
// begins takes one. candidates is not empty.
func nearest(word string, candidates []string) (best string, least int) {
	least = -1
	for _, c := range candidates {
		d := distance(strings.ToLower(clip(word)), strings.ToLower(c))
		if len(word) > 2 && strings.HasPrefix(strings.ToLower(c), strings.ToLower(word)) {
			d = min(d, 1)
		}
		if least < 0 || d < least {
			best, least = c, d
		}
	}
	return best, least
}

// distance counts the letters to insert, drop, replace or swap with their
// neighbour to turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range y {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			same := 1
			if x[i-1] == y[j-1] {
				same = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+same)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(x)][len(y)]
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func contains(all []string, one string) bool { return slices.Contains(all, one) }
