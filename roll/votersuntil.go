package roll

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// keptVoters is what was said last of the votes of all members.
type keptVoters struct {
	counters    store.Counters // of the book that it was said by
	known       instant.Instant
	from, until instant.Instant // it holds from the one and before the other
	voters      decisions.Roll
}

// VotersUntil is Voters for all members, with the first instant after at from which it
// may say something else if nothing new is learned. It is taken from memory where the
// store's counters say that nobody has written a fact since, and no instant has come
// at which time alone may change it: who is told of one decision is told of it one
// after the other. What it gives is shared, and nobody changes it. A transaction that
// writes facts is told that it may be something else in the next instant.
func (r *Roll) VotersUntil(ctx context.Context, tx *store.Tx, at, known instant.Instant) (decisions.Roll, instant.Instant, error) {
	if tx.WritesFacts() {
		voters, err := r.Voters(ctx, tx, at, known)
		return voters, at + 1, err
	}
	b, err := r.lately(ctx, tx)
	if err != nil {
		return nil, 0, fmt.Errorf("read who may vote: %w", err)
	}
	if k := r.shelf.voters.Load(); k != nil && k.counters == b.Counters && k.known == known && k.from <= at && at < k.until {
		return k.voters, k.until, nil
	}
	k := &keptVoters{b.Counters, known, at, b.votersUntil(at, known), votersOf(b.rules, b.facts, at, known, r.zone)}
	r.shelf.voters.Store(k)
	return k.voters, k.until, nil
}

// votersUntil is until when the votes of all members stay as they are at an instant.
func (b *Book) votersUntil(at, known instant.Instant) instant.Instant {
	until := instant.Max
	for i := range b.facts {
		if until = min(until, b.rules.policies.SameUntil(&b.facts[i], at, known)); until <= at+1 {
			break
		}
	}
	return until
}
