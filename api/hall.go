package api

import (
	"slices"
	"sync"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// hall is all decisions as they read from one instant until another: what is due
// is closed in it, whoever writes that down in the end.
type hall struct {
	until  instant.Instant
	views  []chair.View // by number; those without one first
	voters decisions.Roll
	// rendered are answers that were asked for, so that each is made once.
	rendered sync.Map
}

// kept is an answer that stays the same as long as the hall does.
func (h *hall) kept(key string, make func() (*body, error)) (any, error) {
	if b, ok := h.rendered.Load(key); ok {
		return b, nil
	}
	b, err := make()
	if err != nil {
		return nil, err
	}
	h.rendered.Store(key, b)
	return b, nil
}

// hallOf works the decisions of a snapshot out, without the database. voters are what
// the roll says at that instant, and said since the snapshot was last due.
func hallOf(s *snapshot, now instant.Instant, voters decisions.Roll) (*hall, error) {
	look := func(at instant.Instant) (decisions.Roll, error) {
		known := s.book.Known()
		if at < now { // of the past what was known then (domain.md, section 5)
			known = min(known, at)
		}
		return s.book.Voters(at, known), nil
	}
	h := &hall{until: s.public.until, voters: voters}
	current := func(at instant.Instant) (decisions.Roll, error) {
		if at == now {
			return h.voters, nil
		}
		return look(at)
	}
	if due := s.decided.NextDue(now); due != 0 {
		h.until = min(h.until, due)
	}
	var err error
	h.views, err = s.decided.Views(now, current)
	return h, err
}

// find is the decision that a number or an id names; nil for none.
func (h *hall) find(word string) *chair.View { return chair.Named(h.views, word) }

// sees is what the asker may read of a decision.
func (c *call) sees(v *chair.View) chair.Sight {
	return v.Sight(c.inside(), c.who.delegateOf(v.Decision.Proposer) || c.who.facilitates())
}

// waitedFor says that a member has yet to answer a decision that runs.
func waitedFor(v *chair.View, id member.ID) bool {
	return v.Decision.State.Running() && slices.Contains(v.Outcome.Tally.Waiting, id)
}
