package letter

import (
	"maps"

	"coopcloud.tech/goodstanding/internal/tongue"
)

// pairs reads lines of the form "left = right". A fault names its line.
func pairs(file string, text []byte, faults *Faults) map[string]string {
	return tongue.Pairs(text, func(line int, what string) { faults.add(file, line, "%s", what) })
}

// over are the words with others in place of some of them.
func over(under, upper map[string]string) map[string]string {
	out := maps.Clone(under)
	maps.Copy(out, upper)
	return out
}

// say is what another part of the program says in English, in this language; a
// phrase that the catalogue does not have stays as it is.
func (l *language) say(english string) string {
	words, _ := l.tongue.Told(english)
	return words
}
