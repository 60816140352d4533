package roll

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// maySecond says whether who may agree to what first has asked for, see Book.MaySecond:
// for a member that counts, nil for any.
func maySecond(m *store.Motion, first, who member.Actor, counts func(member.ID) bool) bool {
	return who.ID != string(m.Person) && slices.ContainsFunc(who.Delegates, func(id member.ID) bool {
		return !first.DelegateOf(id) && (counts == nil || counts(id)) && (m.Kind != MotionPause || !who.DelegateOf(m.About))
	})
}

// tellMotion tells once of a motion whoever may agree to it: else it waits for a person
// who does not know of it.
func (a *act) tellMotion(m store.Motion) {
	a.tellLater(func(ctx context.Context, out *outgoing) error {
		if err := out.addresses(ctx); err != nil {
			return err
		}
		admitted := func(id member.ID) bool { return a.history(id).admitted(a.now) }
		var to []string
		for _, p := range out.people {
			if p.Email != "" && maySecond(&m, a.actor, ActorOf(p), admitted) {
				to = append(to, string(p.ID))
			}
		}
		out.add(a.atOnce(notify.MotionWaits, m.About, m.ID), "", to...)
		return nil
	})
}

// MotionTold is a motion as a letter says it.
type MotionTold struct {
	Kind      string // a change of an electorate, by its word, or MotionPause
	About, By string // a member and a person, by name
	Reason    string
	Decision  int             // the number of the decision whose electorate it is; 0 for a pause
	Until     instant.Instant // the first instant at which it waits no longer
}

// MotionLetter is what a letter says of a motion to somebody who may agree to it, in the
// transaction that sends it; ok is false once nobody can agree any more, or not this one.
func (r *Roll) MotionLetter(ctx context.Context, tx *store.Tx, id string, to store.PersonInfo) (t MotionTold, ok bool, err error) {
	m, err := r.Motion(ctx, tx, id)
	if _, over := Reasons(err); over {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("tell of a motion: %w", err)
	}
	t = MotionTold{Kind: m.Kind, Reason: m.Reason, Until: m.At + motionFor}
	if m.Decision != "" {
		heads, err := tx.DecisionHeads(ctx)
		if err != nil {
			return t, false, err
		}
		i := slices.IndexFunc(heads, func(h store.DecisionHead) bool { return h.Decision == m.Decision })
		if i < 0 || !decisions.State(heads[i].State).Running() {
			return t, false, nil
		}
		t.Decision = int(heads[i].Number)
	}
	b, err := r.lately(ctx, tx)
	if err != nil {
		return t, false, err
	}
	asker, _ := b.Person(m.Person)
	t.About, t.By = b.Name(m.About), asker.Name
	membership, err := tx.Membership(ctx)
	if err != nil {
		return t, false, err
	}
	admitted := func(id member.ID) bool { return history(membership[id]).admitted(r.now()) }
	return t, t.About != "" && maySecond(&m, ActorOf(asker), ActorOf(to), admitted), nil
}
