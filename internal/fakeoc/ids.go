package fakeoc

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// newIDs is since when upstream names what is made by its public id; older
// things keep the hashed one (open-collective.md, fact 8).
var newIDs = instant.Date(2026, 4, 3)

const (
	hashLetters   = "abcdefghijklmnopqrstuvwxyz0123456789"
	publicLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

func (w *World) letters(from string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[w.random.IntN(len(from))]
	}
	return string(b)
}

// ids makes the three names of a thing that was made at the instant.
func (w *World) ids(prefix string, at instant.Instant) (legacy int64, id, public string) {
	w.made++
	public = prefix + "_" + w.letters(publicLetters, 21)
	if id = public; at < newIDs {
		id = strings.Join([]string{w.letters(hashLetters, 8), w.letters(hashLetters, 8), w.letters(hashLetters, 8), w.letters(hashLetters, 8)}, "-")
	}
	return int64(w.made), id, public
}

// uuid names transactions, their groups and activities.
func (w *World) uuid() string {
	a, b := w.random.Uint64(), w.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}

// stamp is the instant of a fact that happens now. The clock goes on by a
// millisecond for each, so that rows keep the order they were made in and none
// lies in the future.
func (w *World) stamp() instant.Instant {
	if w.stamped {
		w.now = w.now.Add(time.Millisecond)
	}
	w.stamped = true
	return w.now
}
