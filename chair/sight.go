package chair

import (
	"slices"
	"strconv"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// Sight is how much of a decision somebody may read (domain.md, sections 5 and 8).
type Sight int

// How much one may read.
const (
	Unseen   Sight = iota
	Outlined       // its number and where it stands: what everybody reads of a decision for members
	Readable       // what everybody reads
	Whole          // what members read
)

// Sight is how much of the decision somebody may read who is inside, or is not;
// mine says that it is the proposer's delegate or a facilitator. A draft is
// theirs alone. What was never opened and is no draft is a small decision that
// was noted, or a draft that was withdrawn.
func (v *View) Sight(inside, mine bool) Sight {
	d := &v.Decision
	if d.Number == 0 && d.State != decisions.Logged {
		if inside && mine {
			return Whole
		}
		return Unseen
	}
	switch {
	case inside:
		return Whole
	case d.Proposal.Visibility == decisions.Public:
		return Readable
	case d.Number > 0:
		return Outlined
	}
	return Unseen
}

// Inside says that a person reads what members read: one that holds an office, or
// acts for a member that is admitted and has not left, by what the roll says.
func Inside(who member.Actor, r decisions.Roll) bool {
	return len(who.Roles) > 0 || slices.ContainsFunc(who.Delegates, func(id member.ID) bool {
		m := r[id].Membership
		return m != "" && m != decisions.Applied && m != decisions.Left
	})
}

// Named is the decision among views that a number or an id names; nil for none.
func Named(views []View, word string) *View {
	number, err := strconv.Atoi(word)
	i := slices.IndexFunc(views, func(v View) bool {
		return err == nil && number > 0 && v.Decision.Number == number || string(v.ID) == word
	})
	if i < 0 {
		return nil
	}
	return &views[i]
}
