package store

import (
	"crypto/rand"
	"encoding/base32"
)

// idLetters are those of base32 in lower case, which nobody has to hold a key for.
var idLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID is a fresh random identifier, "prefix_" and 20 letters and digits
// (100 bits): enough that two never meet, short enough to be typed.
func NewID(prefix string) string {
	var b [13]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	var text [21]byte
	idLetters.Encode(text[:], b[:])
	return prefix + "_" + string(text[:20])
}
