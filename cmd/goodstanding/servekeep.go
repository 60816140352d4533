package main

import (
	"context"
	"maps"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// keeper writes what time alone changes, at the instant it does: a pause that
// begins, a waiver that starts, what the treasurers are to be told because nothing
// could be read for too long, and at the start of the daemon all that fell due
// while it was down, in order (domain.md, section 6).
//
// A change that was foreseen need not come: what would take a right waits for the
// next complete snapshot, and then is foreseen for the next instant again and
// again. So the keeper looks from memory first, at most once in leastBetween, and
// writes only when somebody's standing really moved.
type keeper struct {
	parts
	books  *books
	assess func(context.Context) (roll.Report, error)

	begun  bool
	known  store.Counters
	change instant.Instant // the next change of a standing; 0 for none
	alarm  instant.Instant // when the treasurers may have to be told something next; 0 for never
	seen   map[member.ID]verdict
}

// verdict is what is recorded of a standing.
type verdict struct {
	state  eligibility.State
	rights [len(eligibility.Rights)]bool
}

// step assesses when something has changed by itself, and says when it next
// may.
func (k *keeper) step(ctx context.Context) (instant.Instant, error) {
	book, err := k.books.current(ctx)
	if err != nil {
		return 0, err
	}
	now := k.now()
	foreseen := due(k.change, now)
	moved := foreseen && !maps.Equal(k.seen, verdicts(book, now))
	if !k.begun || moved || due(k.alarm, now) {
		if _, err := k.assess(ctx); err != nil {
			return 0, err
		}
		k.begun = true
	} else if book.Counters == k.known && !foreseen {
		return earlier(k.change, k.alarm), nil
	}
	k.known, k.seen = book.Counters, verdicts(book, now)
	k.change, k.alarm = nextChange(book, now, now), book.NextAlarm(now)
	if k.change != 0 && foreseen && !moved {
		k.change = max(k.change, now.Add(leastBetween))
	}
	return earlier(k.change, k.alarm), nil
}

func due(at, now instant.Instant) bool { return at != 0 && at <= now }

// earlier is the earlier of two instants of which 0 is never.
func earlier(a, b instant.Instant) instant.Instant {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// verdicts are all standings at now, as far as they are recorded.
func verdicts(book *roll.Book, now instant.Instant) map[member.ID]verdict {
	out := map[member.ID]verdict{}
	for _, row := range book.View(roll.Query{At: now}, now).Rows {
		v := verdict{state: row.Standing.State}
		for i, right := range eligibility.Rights {
			v.rights[i] = row.Standing.Has(right)
		}
		out[row.ID] = v
	}
	return out
}
