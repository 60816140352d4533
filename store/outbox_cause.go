package store

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Cause is the entry that a notice about a membership, a delegate or a role is
// about: what differs from one to another is the zero value.
type Cause struct {
	Member member.ID       // of a membership, or a delegate's
	Person member.PersonID // a delegate, or who has the role
	Role   member.Role
	On     bool // the role was given, the delegate was added
	Kind   eligibility.MembershipKind
	At     instant.Instant // a membership's; else when it was entered
	Until  instant.Instant
	Void   bool // the event was taken back
	By
}

// CauseOf finds the entry that a cause names: membership:ID, delegate:ID or
// role:ID; ok is false for any other.
func (tx *Tx) CauseOf(ctx context.Context, cause string) (c Cause, ok bool, err error) {
	kind, id, _ := strings.Cut(cause, ":")
	switch kind {
	case "membership":
		var e MembershipRow
		if e, ok, err = selectOne[MembershipRow](ctx, tx, `SELECT `+names[MembershipRow]("")+` FROM membership_event WHERE id = $1`, id); err != nil || !ok {
			break
		}
		c = Cause{Member: e.Member, Kind: e.Kind, At: e.At, Until: e.Until, By: e.By}
		_, c.Void, err = selectOne[VoidRow](ctx, tx, `SELECT `+names[VoidRow]("")+` FROM membership_void WHERE event = $1`, id)
	case "delegate":
		var d DelegateRow
		d, ok, err = selectOne[DelegateRow](ctx, tx, `SELECT `+names[DelegateRow]("")+` FROM delegate WHERE id = $1`, id)
		c = Cause{Member: d.Member, Person: d.Person, On: d.Event != DelegateRemoved, At: d.Known, By: d.By}
	case "role":
		var r RoleRow
		r, ok, err = selectOne[RoleRow](ctx, tx, `SELECT `+names[RoleRow]("")+` FROM person_role WHERE id = $1`, id)
		c = Cause{Person: r.Person, Role: r.Role, On: r.On, At: r.Known, By: r.By}
	}
	return c, ok, wrap("read what a notice is about", err)
}
