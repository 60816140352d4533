package chair

import (
	"context"
	"regexp"

	"coopcloud.tech/goodstanding/decisions"
)

// draftID is how the program writes the id of a decision.
var draftID = regexp.MustCompile(`^de_[a-z0-9]{1,40}$`)

// NewDraft is an id for a draft that is yet to be made, for Save.
func (c *Chair) NewDraft() ID { return ID(c.newID("de")) }

// Save makes a draft with an id of NewDraft, or replaces the draft that has it, for
// who may send the same form twice: where that decision says the same already and
// is the same member's, nothing is written, and the receipt is given again, whatever
// became of it since. Replacing is refused with *Moved where the draft is another
// one than By.Seen.
func (c *Chair) Save(ctx context.Context, id ID, by By, p decisions.Proposal) (Result, error) {
	if !draftID.MatchString(string(id)) {
		return Result{}, &NotFound{string(id)}
	}
	result, there, err := c.propose(ctx, id, by, p)
	if err != nil || !there {
		return result, err
	}
	return c.act(ctx, id, by, decisions.Edit, func(_ context.Context, o *opened, ev *decisions.Event) error {
		ev.Proposal = &p
		o.standing = !o.d.Untaken() && o.d.Proposer == ev.By.Member && o.d.Proposal == p
		return nil
	})
}
