package chair

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// suspends is a suspension by two contact people.
func (r *room) suspends(id member.ID) {
	r.t.Helper()
	var two []member.Actor
	for _, name := range []string{"Cora", "Carl"} {
		who := r.person(name + " for " + string(id))
		r.ok(r.roll.SetRole(r.t.Context(), r.operator("chosen"), member.PersonID(who.ID), member.ContactPerson, true))
		who.Roles = []member.Role{member.ContactPerson}
		two = append(two, who)
	}
	r.later(time.Minute)
	_, err := r.roll.Suspend(r.t.Context(), roll.By{Actor: two[0], Second: &two[1], Reason: "under the code"}, id, 0, 0)
	r.ok(err)
	r.later(time.Minute)
}

// Two people settle whether a member counts only where it left or was suspended after the
// deadline. Who was suspended before does not count, whoever agrees, and whoever is a
// member in good order counts without them.
func TestOnlyWhoWentAfterTheDeadlineIsSettled(t *testing.T) {
	eachRoom(t, 5, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id := r.opened(proposal(decisions.Large))
		for i := range 3 {
			r.cast(id, i, decisions.Favour, "")
		}
		r.cast(id, 3, decisions.Block, "It is about me.")
		r.suspends(r.ids[3])
		by := By{Actor: r.fay, Second: &r.who[1]}
		const before = "the member left or was suspended before the end of the deadline, Monday 8 June 2026: it does not count, and nobody settles that"
		settle := func(about member.ID, change Seat) error {
			_, err := r.c.ChangeElectorate(ctx, id, by, change, about, "Agreed.")
			return err
		}
		for _, change := range []Seat{SettleIn, SettleOut} {
			r.refused(settle(r.ids[3], change), "settling whose ballot counts is refused: "+before)
			_, err := r.c.Move(ctx, id, By{Actor: r.fay}, change, r.ids[3], "Agreed.")
			r.refused(err, "settling whose ballot counts is refused: "+before)
		}
		_, err := r.c.ChangeElectorate(ctx, id, By{Actor: r.who[1]}, SettleIn, r.ids[3], " ")
		r.refused(err, "settling whose ballot counts is refused: two people of different members have to agree; one of the two has to be a facilitator; the reason is missing; "+before)
		r.refused(settle(r.ids[2], SettleOut), "settling whose ballot counts is refused: the member has neither left nor is suspended: there is nothing to settle")

		v := r.read(id)
		r.now = v.Decision.Ends().Add(time.Minute)
		_, err = r.c.CloseDue(ctx)
		r.ok(err)
		v = r.read(id)
		if v.Decision.State != decisions.Overdue || v.Outcome.Tally.Block != 0 || len(v.Decision.Settled) != 0 {
			t.Fatalf("%s, %+v, settled %v", v.Decision.State, v.Outcome.Tally, v.Decision.Settled)
		}
		r.refused(settle(r.ids[3], SettleIn), "settling whose ballot counts is refused: "+before)
		r.refused(settle(r.ids[2], SettleOut), "settling whose ballot counts is refused: the member has neither left nor is suspended: there is nothing to settle")

		// Who is suspended after the deadline is settled, by one who asks and another.
		r.suspends(r.ids[2])
		if v := r.read(id); v.Outcome.Otherwise == nil || v.Outcome.Tally.Favour != 2 {
			t.Fatalf("%+v", v.Outcome)
		}
		motion, err := r.c.Move(ctx, id, By{Actor: r.fay}, SettleIn, r.ids[2], "It had answered.")
		r.ok(err)
		done, err := r.c.Second(ctx, motion, r.by(1))
		r.ok(err)
		if done.Outcome.Tally.Favour != 3 || !done.Decision.Settled[r.ids[2]] {
			t.Errorf("%+v, settled %v", done.Outcome.Tally, done.Decision.Settled)
		}
		r.ok(settle(r.ids[2], SettleOut))
		if v := r.read(id); v.Outcome.Tally.Favour != 2 {
			t.Errorf("%+v", v.Outcome.Tally)
		}
		r.whole()
	})
}
