package chair

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/store"
)

// Pages are the pages of all decisions, by number; those without one come first.
// Of some nothing is published (Page.Public).
func (c *Chair) Pages(ctx context.Context) ([]publish.Page, error) {
	return each(ctx, c, "publish the decisions", c.printed)
}

func (c *Chair) printed(ctx context.Context, tx *store.Tx, id ID) (publish.Page, error) {
	o := &opened{c: c, tx: tx, id: id}
	if err := o.read(ctx); err != nil {
		return publish.Page{}, err
	}
	v, err := o.view(ctx)
	if err != nil {
		return publish.Page{}, err
	}
	entries, err := o.recordEntries(ctx, o.entries, o.d.Proposal.Visibility == decisions.Public)
	if err != nil {
		return publish.Page{}, err
	}
	names, err := o.names(entries, nil)
	return pageOf(v, names), err
}

func pageOf(v View, names map[member.ID]string) publish.Page {
	return publish.Page{ID: string(v.ID), Decision: v.Decision, Outcome: v.Outcome, Events: v.Events, Names: names, Entries: v.Head.Seq, Head: v.Head.Hash}
}

// names are those under which everybody may read who answered: the ones that
// stand beside the ballots in the chain, so that the page and the record say the
// same; nil where answers are for members alone. entries are those of the record.
// known is an earlier page of the same chain, nil for none: only what came after it is
// looked at.
func (o *opened) names(entries []recordEntry, known *page) (map[member.ID]string, error) {
	if o.d.Rules.Ballots != decisions.BallotsPublic || o.d.Proposal.Visibility != decisions.Public {
		return nil, nil
	}
	from, out := 0, map[member.ID]string{}
	if known != nil && known.names != nil {
		from, out = len(known.events), maps.Clone(known.names)
	}
	for i := from; i < len(o.events); i++ {
		ev := &o.events[i]
		if ev.Kind != decisions.Cast {
			continue
		}
		if name := entries[i].Name; name != nil {
			out[ev.By.Member] = name.Body
			continue
		}
		e, p := &o.entries[i], private{}
		if err := json.Unmarshal([]byte(e.Private), &p); err != nil {
			return nil, fmt.Errorf("entry %d of decision %s cannot be read: %w", e.Seq, o.id, err)
		}
		if delete(out, ev.By.Member); p.Name != nil {
			out[ev.By.Member] = erased
		}
	}
	return out, nil
}
