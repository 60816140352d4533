package main

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// keeper writes what time alone changes, at the instant it does: a pause that
// begins, a waiver that starts, and at the start of the daemon all that fell due
// while it was down, in order (domain.md, section 6).
type keeper struct {
	parts
	books  *books
	assess func(context.Context) (roll.Report, error)

	begun  bool
	known  store.Counters
	change instant.Instant // the next change of a standing; 0 for none
}

// step assesses when something has changed by itself, and says when it next
// does.
func (k *keeper) step(ctx context.Context) (instant.Instant, error) {
	book, err := k.books.current(ctx)
	if err != nil {
		return 0, err
	}
	now := k.now()
	if !k.begun || k.change != 0 && k.change <= now {
		if _, err := k.assess(ctx); err != nil {
			return 0, err
		}
		k.begun, k.change = true, nextChange(book, now, now)
		k.known = book.Counters
		return k.change, nil
	}
	if book.Counters != k.known {
		k.known, k.change = book.Counters, nextChange(book, now, now)
	}
	return k.change, nil
}
