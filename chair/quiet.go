package chair

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// quietAfter is how many large decisions in a row a member can leave unanswered
// before the desk tells (domain.md, section 7).
const quietAfter = 3

// Unanswered are the members that had a place in each of the last three large
// decisions that ended by a tally, and answered none of them. Fewer such
// decisions tell nothing.
func Unanswered(ctx context.Context, tx *store.Tx) (map[member.ID]roll.Quiet, error) {
	heads, err := tx.DecisionHeads(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who answers: %w", err)
	}
	heads = slices.DeleteFunc(heads, func(h store.DecisionHead) bool {
		s := decisions.State(h.State)
		return !s.Final() || s == decisions.Withdrawn
	})
	slices.SortFunc(heads, func(a, b store.DecisionHead) int {
		return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.Number, a.Number))
	})
	out := map[member.ID]roll.Quiet{}
	large := 0
	for _, h := range heads {
		o := &opened{tx: tx, id: ID(h.Decision)}
		if err := o.read(ctx); err != nil {
			return nil, fmt.Errorf("read who answers: %w", err)
		}
		if o.d.Size() != decisions.Large || o.d.Outcome == nil { // nobody answered here what was imported
			continue
		}
		if large++; large == 1 {
			for _, s := range o.d.Electorate {
				out[s.Member] = roll.Quiet{}
			}
		}
		for id, quiet := range out {
			if _, answered := o.d.Ballots[id]; answered || !o.d.Electorate.Has(id) {
				delete(out, id)
				continue
			}
			quiet.Numbers, quiet.Since = append(quiet.Numbers, o.d.Number), o.d.Outcome.At
			slices.Sort(quiet.Numbers)
			out[id] = quiet
		}
		if large == quietAfter {
			return out, nil
		}
	}
	return nil, nil
}
