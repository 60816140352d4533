package opencollective

import (
	"context"
	"fmt"
)

// paused asks which payers paused themselves, if any order is PAUSED at all. A
// wrong yes would take a grace away, so the answer has to hold against what is
// known: each order it names is PAUSED in this same snapshot, and none is also
// among those that somebody else paused. An upstream that no longer heeds the
// filter names every paused order in both lists.
func (s *session) paused(ctx context.Context, r PullRequest, orders []Order) (map[string]bool, error) {
	resting := make(map[string]bool)
	for _, o := range orders {
		if o.Status == "PAUSED" {
			resting[o.ID] = true
		}
	}
	if len(resting) == 0 {
		return resting, nil
	}
	var out reply
	if err := s.ask(ctx, pausedDoc, map[string]any{"slug": r.Slug, "limit": s.c.ordersPage}, &out); err != nil {
		return nil, err
	}
	byPayer, err := pausedList(&out, pausedDoc.root, resting)
	if err != nil {
		return nil, err
	}
	byOthers, err := pausedList(&out, "others", resting)
	if err != nil {
		return nil, err
	}
	for id := range byPayer {
		if byOthers[id] {
			return nil, &moved{opPaused, "an order was paused by its payer and by somebody else"}
		}
	}
	return byPayer, nil
}

// pausedList reads one of the two lists: all its rows, each once, each PAUSED.
func pausedList(r *reply, root string, resting map[string]bool) (map[string]bool, error) {
	p, err := decodePage(r, root, false, func(n *node) string { return n.id("id") }, nil, len(resting))
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool, len(p.rows))
	for _, id := range p.rows {
		if !resting[id] {
			return nil, &moved{opPaused, "an order that somebody paused is not PAUSED"}
		}
		found[id] = true
	}
	if len(found) != p.total || len(p.rows) != p.total {
		return nil, &moved{opPaused, fmt.Sprintf("%d different rows came instead of %d", len(found), p.total)}
	}
	return found, nil
}
