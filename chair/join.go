package chair

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
)

// seated are the events that take a place in the electorate.
var seated = []decisions.EventKind{decisions.Cast, decisions.Object, decisions.MoreTime, decisions.Escalate, decisions.CallMaterial}

// join lets a member that was paused when the electorate was taken, and has
// resumed since (by signing in, or by saying so), into the electorate before its
// first act: who ends a pause while a decision is open joins it (domain.md,
// section 5). A pause that an act itself ends is resume's to see to.
func (o *opened) join(ctx context.Context, ev *decisions.Event) error {
	id := ev.By.Member
	if id == "" || !o.d.State.Running() || !slices.Contains(seated, ev.Kind) || o.d.Electorate.Has(id) || ev.By.Verdict.Membership != decisions.Admitted {
		return nil
	}
	then, err := o.c.roll.Voters(ctx, o.tx, o.d.Opened, o.d.Opened, id)
	if err != nil || then[id].Membership != decisions.Paused {
		return err
	}
	o.first = []decisions.Event{{Kind: decisions.Join, At: ev.At, By: ev.By, Member: id, Verdict: ev.By.Verdict}}
	return nil
}
