package chair

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/store"
)

// contradiction is the first thing in a whole chain that does not fit: an entry
// that could not have happened, says in public what is not so, or names a text
// that was changed; "" for none.
func (c *Chair) contradiction(ctx context.Context, tx *store.Tx, id ID) (string, error) {
	o := &opened{c: c, tx: tx, id: id}
	var err error
	if o.row, _, err = tx.Decision(ctx, string(id)); err != nil {
		return "", err
	}
	zone, err := time.LoadLocation(o.row.Zone)
	if err != nil {
		return fmt.Sprintf("its time zone %q is not known", o.row.Zone), nil
	}
	entries, err := tx.DecisionEntries(ctx, string(id))
	if err != nil {
		return "", err
	}
	events, err := eventsOf(ctx, tx, entries)
	if err != nil {
		return err.Error(), nil
	}
	d := decisions.New(zone)
	for i := range entries {
		if d, err = d.Apply(events[i]); err != nil {
			return fmt.Sprintf("entry %d cannot have happened: %v", i+1, err), nil
		}
		if why, err := o.entryFault(ctx, &d, &entries[i], events[i]); err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}

func (o *opened) entryFault(ctx context.Context, after *decisions.Decision, e *store.DecisionEntry, ev decisions.Event) (string, error) {
	var p private
	if err := json.Unmarshal([]byte(e.Private), &p); err != nil {
		return fmt.Sprintf("entry %d cannot be read", e.Seq), nil
	}
	for _, text := range []*chained{p.Words, p.Text, p.Name} {
		if text == nil {
			continue
		}
		hashes, err := o.tx.TextHashes(ctx, text.ID)
		if err != nil {
			return "", err
		}
		if hash, kept := hashes[text.ID]; kept && hash != text.Hash {
			return fmt.Sprintf("the text of entry %d was changed", e.Seq), nil
		}
	}
	due := after.Ends()
	if after.State != decisions.Opened {
		due = 0
	}
	said, err := json.Marshal(o.public(after, &ev, &p))
	if err != nil {
		return "", fmt.Errorf("verify a decision: %w", err)
	}
	switch {
	case e.Kind != string(ev.Kind) || e.At != ev.At || e.State != string(after.State) || e.Number != int64(after.Number) || e.Due != due:
		return fmt.Sprintf("entry %d says something else than its event", e.Seq), nil
	case !sameJSON(e.Public, string(said)):
		return fmt.Sprintf("entry %d says in public something else than its event", e.Seq), nil
	}
	return "", nil
}

// sameJSON compares two objects, whatever the order of their keys.
func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	left, err1 := json.Marshal(x)
	right, err2 := json.Marshal(y)
	return err1 == nil && err2 == nil && string(left) == string(right)
}
