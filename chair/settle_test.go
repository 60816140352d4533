package chair

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// suspends is a suspension by two contact people.
func (r *room) suspends(id member.ID) { r.t.Helper(); r.suspendsUntil(id, 0) }

func (r *room) suspendsUntil(id member.ID, until instant.Instant) {
	r.t.Helper()
	var two []member.Actor
	for _, name := range []string{"Cora", "Carl"} {
		who := r.person(fmt.Sprintf("%s for %s at %d", name, id, r.now))
		r.ok(r.roll.SetRole(r.t.Context(), r.operator("chosen"), member.PersonID(who.ID), member.ContactPerson, true))
		who.Roles = []member.Role{member.ContactPerson}
		two = append(two, who)
	}
	r.later(time.Minute)
	_, err := r.roll.Suspend(r.t.Context(), roll.By{Actor: two[0], Second: &two[1], Reason: "under the code"}, id, 0, until)
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
		if done.Outcome.Tally.Favour != 3 || !done.Decision.Settled[r.ids[2]].Counts {
			t.Errorf("%+v, settled %v", done.Outcome.Tally, done.Decision.Settled)
		}
		r.ok(settle(r.ids[2], SettleOut))
		if v := r.read(id); v.Outcome.Tally.Favour != 2 {
			t.Errorf("%+v", v.Outcome.Tally)
		}
		r.whole()
	})
}

// blockedPast is a large decision in which three members are in favour and the fourth
// blocks, while the fifth has not answered; before is done before its deadline, which is
// over then.
func (r *room) blockedPast(before func()) ID {
	r.t.Helper()
	id := r.opened(proposal(decisions.Large))
	for i := range 3 {
		r.cast(id, i, decisions.Favour, "")
	}
	r.cast(id, 3, decisions.Block, "It is about me.")
	_, err := r.c.AnswerConcern(r.t.Context(), id, r.by(0), 1, "It is about all of us.")
	r.ok(err)
	r.later(time.Minute)
	before()
	v := r.read(id)
	r.now = v.Decision.Ends().Add(time.Hour)
	_, err = r.c.CloseDue(r.t.Context())
	r.ok(err)
	r.later(time.Hour)
	return id
}

// Who was gone before the deadline stays so where the suspension is made longer after it,
// or the member leaves: nothing is to be settled, and the next answer closes it.
func TestASuspensionThatIsMadeLongerIsNoNewOne(t *testing.T) {
	eachRoom(t, 5, "seed-2022", func(t *testing.T, r *room) {
		id := r.blockedPast(func() { r.suspendsUntil(r.ids[3], instant.Date(2026, time.June, 20)) })
		r.suspends(r.ids[3])
		_, err := r.roll.Leave(t.Context(), r.operator("they said so"), r.ids[3], 0)
		r.ok(err)
		r.later(time.Minute)
		v := r.read(id)
		if v.Decision.State != decisions.Overdue || v.Outcome.Otherwise != nil || v.Outcome.Tally.Block != 0 {
			t.Errorf("%s, %+v", v.Decision.State, v.Outcome)
		}
		_, err = r.c.ChangeElectorate(t.Context(), id, By{Actor: r.fay, Second: &r.who[1]}, SettleIn, r.ids[3], "Agreed.")
		r.refused(err, "settling whose ballot counts is refused: the member left or was suspended before the end of the deadline, Monday 8 June 2026: it does not count, and nobody settles that")
		if done := r.cast(id, 4, decisions.Favour, ""); done.Decision.State != decisions.Passed {
			t.Errorf("%s", done.Decision.State)
		}
		r.whole()
	})
}

// A date that is written into the past after the deadline takes no ballot away: two people
// settle whether it counts, and until then nobody ends what hangs on it.
func TestLeavingWithADateInThePastSettlesNothing(t *testing.T) {
	eachRoom(t, 5, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id := r.blockedPast(func() {})
		r.cast(id, 4, decisions.Favour, "")
		if v := r.read(id); v.Decision.State != decisions.Overdue || v.Outcome.Tally.Block != 1 {
			t.Fatalf("%s, %+v", v.Decision.State, v.Outcome)
		}
		_, err := r.roll.Leave(ctx, r.operator("they said so"), r.ids[3], instant.Date(2026, time.June, 2))
		r.ok(err)
		r.later(time.Minute)
		_, err = r.c.Nudge(ctx, id, r.by(0)) // an event, at which what is due is closed
		r.refused(err, "nudging is refused: nobody is waited for")
		v := r.read(id)
		if v.Decision.State != decisions.Overdue || v.Outcome.Otherwise == nil || v.Outcome.Otherwise.Block != 1 || v.Outcome.Tally.Block != 0 {
			t.Fatalf("%s, %+v", v.Decision.State, v.Outcome)
		}
		const first = "a member left or was suspended after the deadline, and whether it counts changes what the decision comes to: two people of other members settle that first, by amending who may answer"
		_, err = r.c.End(ctx, id, By{Actor: r.fay}, "It is late.")
		r.refused(err, "ending this is refused: "+first)
		_, err = r.c.End(ctx, id, r.by(2), "It is late.")
		r.refused(err, "ending this is refused: only a facilitator, or delegates of the member that proposed it, may do that; "+first)
		r.ok(r.db.View(ctx, func(tx *store.Tx) error {
			voters, err := r.roll.Voters(ctx, tx, r.now, tx.Known())
			fay := store.PersonInfo{Person: store.Person{ID: member.PersonID(r.fay.ID)}, Roles: []member.Role{member.Facilitator}}
			if why := reasonsOf(v.Against(decisions.End, &fay, "", voters, r.now)); !slices.Equal(why, []string{first}) {
				t.Errorf("on the page: %q", why)
			}
			return err
		}))
		done, err := r.c.ChangeElectorate(ctx, id, By{Actor: r.fay, Second: &r.who[1]}, SettleIn, r.ids[3], "It had answered in time.")
		r.ok(err)
		if done.Decision.State != decisions.Overdue || done.Outcome.Tally.Block != 1 {
			t.Errorf("%s, %+v", done.Decision.State, done.Outcome)
		}
		done, err = r.c.End(ctx, id, By{Actor: r.fay}, "It is late.")
		r.ok(err)
		if done.Decision.State != decisions.Stopped {
			t.Errorf("ended it is %s, want stopped by the block", done.Decision.State)
		}
		r.whole()
	})
}
