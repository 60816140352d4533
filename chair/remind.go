package chair

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// lateReminder is how long after its moment a reminder before the deadline still
// goes: the program was restarted, not away. Later it is recorded as too late.
const lateReminder = 24 * time.Hour

// reminded is up to where a decision was reminded of: nothing is due before next
// (0: never) as long as its chain ends with that hash.
type reminded struct {
	hash string
	next instant.Instant
}

func (c *Chair) remindedOf(id ID) (r reminded, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok = c.reminded[id]
	return r, ok
}

func (c *Chair) setReminded(id ID, r reminded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.reminded) >= mostKept {
		clear(c.reminded)
	}
	c.reminded[id] = r
}

// Remind writes the reminders of large decisions whose moment has come: to those
// who were waited for at that moment, and to the proposer who they are (domain.md,
// section 6). It gives the moment of the next one; 0 for none that is known. Asking
// twice changes nothing. What is due is closed before it (CloseDue).
//
// Of the moments that passed while the program was away the newest one goes if it
// is still true, and the others are recorded as too late.
func (c *Chair) Remind(ctx context.Context) (next instant.Instant, err error) {
	now := c.now()
	var heads []store.DecisionHead
	err = c.db.View(ctx, func(tx *store.Tx) error {
		heads, err = tx.DecisionHeads(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("remind of decisions: %w", err)
	}
	var failed error
	for i := range heads {
		if !decisions.State(heads[i].State).Running() {
			continue
		}
		at, err := c.remind(ctx, &heads[i], now)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("remind of decision %d: %w", heads[i].Number, err))
		}
		if at != 0 && (next == 0 || at < next) {
			next = at
		}
	}
	return next, failed
}

// remind writes what is due of one decision.
func (c *Chair) remind(ctx context.Context, head *store.DecisionHead, now instant.Instant) (next instant.Instant, err error) {
	id := ID(head.Decision)
	if r, ok := c.remindedOf(id); ok && r.hash == head.Hash && (r.next == 0 || now < r.next) {
		return r.next, nil
	}
	var due []notice
	var hash string
	look := func(tx *store.Tx) error {
		o := &opened{c: c, tx: tx, id: id}
		err := o.read(ctx)
		if err == nil && len(o.entries) > 0 {
			hash = o.entries[len(o.entries)-1].Hash
			due, next, err = o.reminders(ctx, now)
		}
		return err
	}
	if err := c.db.View(ctx, look); err != nil {
		return 0, err
	}
	if len(due) > 0 {
		err = c.db.InTx(ctx, store.NoStream, now, func(tx *store.Tx) error {
			if err := look(tx); err != nil {
				return err
			}
			o := &opened{c: c, tx: tx, id: id}
			for _, n := range due {
				messages, err := o.messages(ctx, n)
				if err == nil {
					err = tx.Enqueue(ctx, messages...)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	c.setReminded(id, reminded{hash, next})
	return next, nil
}

// reminders are those that are due and that nobody has written, and the moment of
// the next.
func (o *opened) reminders(ctx context.Context, now instant.Instant) (due []notice, next instant.Instant, err error) {
	if o.d.Size() != decisions.Large || !o.d.State.Running() {
		return nil, 0, nil
	}
	v, ok, err := o.c.roll.Version(ctx, o.tx, o.d.Policy)
	if err != nil || !ok {
		return nil, 0, err
	}
	not := v.Notices.NotVoted
	past, next := o.stages(rhythm{not.After, not.BeforeDeadline, not.OverdueEvery}, now)
	for _, kind := range []notify.Kind{notify.NotVoted, notify.StillMissing} {
		newest := true
		for i := len(past) - 1; i >= 0; i-- {
			s := &past[i]
			if kind == notify.NotVoted && !s.asks() || kind == notify.StillMissing && !s.reports() {
				continue
			}
			goes := newest && s.current && (s.overdue() || now < s.at.Add(lateReminder))
			newest = false
			n := notice{kind: kind, cause: cause(o.id, s.seq) + "/" + s.name, at: s.at, late: !goes}
			told, err := o.tx.Told(ctx, notify.Occasion{Kind: kind, Cause: n.cause})
			if err != nil {
				return nil, 0, err
			}
			if told {
				continue
			}
			if n.members, err = o.missingAt(ctx, s.at, now); err != nil {
				return nil, 0, err
			}
			if kind == notify.StillMissing && len(n.members) > 0 {
				n.members, err = o.proposer(ctx, s.at, now)
			}
			if err != nil {
				return nil, 0, err
			}
			if len(n.members) > 0 {
				due = append(due, n)
			}
		}
	}
	return due, next, nil
}

// missingAt are the members that were waited for at an instant, as the chain and
// the roll stood then.
func (o *opened) missingAt(ctx context.Context, at, now instant.Instant) ([]member.ID, error) {
	n := 0
	for n < len(o.entries) && o.entries[n].At <= at {
		n++
	}
	d, err := decisions.Fold(o.d.Zone, o.events[:n])
	if err != nil {
		return nil, fmt.Errorf("decision %s cannot be read by this version of the program: %w", o.id, err)
	}
	r, err := o.look(ctx, now)(at)
	if err != nil {
		return nil, err
	}
	t := d.Count(r)
	return admitted(t.Waiting, r), nil
}

// proposer is the member that proposed, where it is neither paused, suspended nor
// gone.
func (o *opened) proposer(ctx context.Context, at, now instant.Instant) ([]member.ID, error) {
	r, err := o.look(ctx, now)(at)
	if err != nil {
		return nil, err
	}
	return admitted([]member.ID{o.d.Proposer}, r), nil
}

// waitedThrough are the members waited for that are told through a recipient.
func (o *opened) waitedThrough(ctx context.Context, v *View, recipient string) ([]member.ID, error) {
	if !v.Decision.State.Running() {
		return nil, nil
	}
	reach, err := o.reach(ctx, v.Outcome.Tally.Waiting)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(v.Outcome.Tally.Waiting), func(id member.ID) bool { return !slices.Contains(reach[id], recipient) }), nil
}
