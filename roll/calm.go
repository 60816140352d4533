package roll

import (
	"context"
	"maps"
	"slices"
	"sync"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// calm says of each member until when nothing but a row about it can move it, so that
// the next step reads and assesses only the others: most pulls find something new of
// few, and with thousands of members reading their facts takes most of a pull. It holds
// no facts. What is assessed is read in the transaction that assesses.
//
// It belongs to one step of this process at a time, and holds for what a transaction sees
// that found the counters as that step left them. So after an entry, or another process's
// pull, all members are read.
type calm struct {
	counters store.Counters  // right after the step
	now      instant.Instant // the clock's, in the step
	snapshot instant.Instant // start of the last complete one then
	members  map[member.ID]standstill
}

// standstill is one member's.
type standstill struct {
	until instant.Instant // 0: is to be looked at each time
	state eligibility.State
}

// calmed is where a step leaves it for the next one.
type calmed struct {
	mu   sync.Mutex
	left *calm
}

// take hands it over, if it holds for what the transaction sees. A step that fails
// leaves nothing behind.
func (c *calmed) take(tx *store.Tx) *calm {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.left
	c.left = nil
	if left == nil || left.counters != tx.Before() {
		return nil
	}
	return left
}

func (c *calmed) put(left *calm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = left
}

// readRestless reads those whom something can have moved since the step before, and all
// members where that one left nothing, the clock has gone back since, or they are too many
// to be read one by one.
func (a *assessment) readRestless(ctx context.Context) error {
	c := a.r.calm.take(a.tx)
	if c == nil || a.now < c.now || a.last < c.snapshot {
		return a.read(ctx)
	}
	restless := map[member.ID]bool{}
	for id, m := range c.members {
		if m.until <= a.now {
			restless[id] = true
		}
	}
	if a.tx.InPull() {
		concerned, err := a.tx.Concerned(ctx)
		if err != nil {
			return err
		}
		for _, id := range concerned {
			restless[id] = true
		}
	}
	switch n := len(restless); {
	case n > store.Few:
		return a.read(ctx)
	case n > 0: // none would be all
		if err := a.read(ctx, slices.Collect(maps.Keys(restless))...); err != nil {
			return err
		}
	}
	a.calm = c
	return nil
}

// note leaves for the next step, once the transaction is committed, whom this one found
// calm.
func (a *assessment) note(ctx context.Context) error {
	c := a.calm
	if c == nil {
		c = &calm{members: make(map[member.ID]standstill, len(a.members))}
	}
	for i := range a.members {
		m := &a.members[i]
		c.members[m.info.ID] = standstill{a.calmUntil(m), m.now.State}
	}
	counters, err := a.tx.Counters(ctx)
	if err != nil {
		return err
	}
	c.counters, c.now, c.snapshot = counters, a.now, a.last
	a.tx.OnCommit(func() { a.r.calm.put(c) })
	return nil
}

// calmUntil is until when a member need not be looked at. Whoever was moved now is looked
// at once more, by what is recorded since; and reminders are kept up while they may
// go out (see keepUp). By a clock that is behind the last snapshot (it was set back, or
// another host's) nobody is calm: what is known of then tells nothing of the time up to
// that snapshot.
func (a *assessment) calmUntil(m *assessed) instant.Instant {
	if a.now < a.last || m.moved || m.first || m.now.State == eligibility.StateGrace || m.now.State == eligibility.StateWaived {
		return 0
	}
	return a.rules.policies.CalmUntil(&m.facts, a.known)
}

// good is how many of those that were not read are recorded in good standing.
func (a *assessment) good() (n int) {
	if a.calm == nil {
		return 0
	}
	read := make(map[member.ID]bool, len(a.members))
	for i := range a.members {
		read[a.members[i].info.ID] = true
	}
	for id, m := range a.calm.members {
		if m.state.GoodStanding() && !read[id] {
			n++
		}
	}
	return n
}
