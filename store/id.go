package store

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// NewID is a fresh random identifier, "prefix_" and 20 letters and digits
// (100 bits): enough that two never meet, short enough to be typed.
func NewID(prefix string) string {
	b := make([]byte, 13)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
	return prefix + "_" + strings.ToLower(text[:20])
}
