package roll

import (
	"context"
	"sync/atomic"

	"coopcloud.tech/goodstanding/store"
)

// shelf keeps the roll as it was read last, for who looks at it again and again.
type shelf struct {
	book   atomic.Pointer[Book]
	voters atomic.Pointer[keptVoters]
	// reading lets one at a time read: many who find the book out of date at once
	// wait for the first of them, and take what that has read.
	reading chan struct{}
}

// lately is the roll as it was read last where nobody has written since, else as it
// is read now: what a book holds moves with the store's counters and with nothing
// else. With thousands of members reading takes most of the time that a page or a
// ballot does. A transaction that writes facts itself is read for itself, and not
// kept: what it sees may never be committed.
func (r *Roll) lately(ctx context.Context, tx *store.Tx) (*Book, error) {
	if tx.WritesFacts() {
		return r.book(ctx, tx)
	}
	counters, err := tx.Counters(ctx)
	if err != nil {
		return nil, err
	}
	if b := r.shelf.book.Load(); b != nil && b.Counters == counters {
		return b, nil
	}
	select {
	case r.shelf.reading <- struct{}{}:
		defer func() { <-r.shelf.reading }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if b := r.shelf.book.Load(); b != nil && b.Counters == counters {
		return b, nil
	}
	b, err := r.book(ctx, tx)
	if err == nil {
		r.shelf.book.Store(b)
	}
	return b, err
}
