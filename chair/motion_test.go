package chair

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// unentered is a refusal of the register with exactly these reasons.
func (r *room) unentered(err error, want string) {
	r.t.Helper()
	var no *roll.Refused
	if !errors.As(err, &no) || strings.Join(no.Reasons, "; ") != want {
		r.t.Errorf("%v\nwant %s", err, want)
	}
}

// An electorate is amended by two people, each of whom acts: one asks, and one of
// another member agrees. Nothing changes before, and nothing twice.
func TestOneAsksAndAnotherAgrees(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx, other := t.Context(), r.person("Dee", r.ids[0]) // another delegate of the facilitator's own member
		applicant, _, err := r.roll.Add(ctx, r.operator("asked"), roll.NewMember{Name: "Applicant", Kind: member.Organisation, Applied: true})
		r.ok(err)
		outside := r.person("Oz", applicant)
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Large))
		r.later(time.Minute)
		ash := r.admit("Ash", "Asa")
		r.later(time.Minute)
		_, err = r.c.Move(ctx, id, r.by(1), AddSeat, ash, "Its form was lost.")
		r.refused(err, "adding to the electorate is refused: one of the two has to be a facilitator")
		_, err = r.c.Move(ctx, id, By{Actor: r.fay}, AddSeat, r.ids[1], " ")
		r.refused(err, "adding to the electorate is refused: the member has a place in the electorate; the reason is missing")
		motion, err := r.c.Move(ctx, id, By{Actor: r.fay}, AddSeat, ash, "Its form was lost.")
		r.ok(err)
		if r.read(id).Decision.Electorate.Has(ash) {
			t.Fatal("nobody has agreed, and it has a place")
		}
		_, err = r.c.Move(ctx, id, By{Actor: r.fay}, AddSeat, ash, "Its form was lost.")
		r.unentered(err, "that is asked for already, on 1 June 2026, and waits for a second person")
		_, err = r.c.Second(ctx, motion, By{Actor: r.fay})
		r.refused(err, "adding to the electorate is refused: two people of different members have to agree")
		_, err = r.c.Second(ctx, motion, By{Actor: other})
		r.refused(err, "adding to the electorate is refused: two people of different members have to agree")
		if waits, err := r.roll.Motions(ctx); err != nil || len(waits) != 1 || waits[0].ID != motion || waits[0].Reason != "Its form was lost." {
			t.Fatalf("%+v, %v", waits, err)
		}
		old := r.by(1)
		old.Seen = "nothing"
		if _, err := r.c.Second(ctx, motion, old); err == nil || !strings.HasPrefix(err.Error(), "what you have seen is no state of this decision") {
			t.Errorf("on another state: %v", err)
		}
		_, err = r.c.Second(ctx, motion, By{Actor: outside})
		r.refused(err, "the two have to act for members that are admitted and have not left")
		done, err := r.c.Second(ctx, motion, r.by(1))
		r.ok(err)
		if !done.Decision.Electorate.Has(ash) {
			t.Error("it has no place")
		}
		last := r.read(id).Events[len(r.read(id).Events)-1]
		if last.Kind != decisions.AddSeat || last.By.Person != member.PersonID(r.who[1].ID) || last.Second.Person != member.PersonID(r.fay.ID) || last.Words != "Its form was lost." {
			t.Errorf("%+v", last)
		}
		_, err = r.c.Second(ctx, motion, r.by(2))
		r.unentered(err, "somebody has agreed already, and it is done")
		if _, err = r.c.Second(ctx, "mo_none", r.by(2)); err == nil || err.Error() != `there is no motion "mo_none"` {
			t.Errorf("none: %v", err)
		}
		back, err := r.c.Move(ctx, id, By{Actor: r.fay}, RemoveSeat, ash, "It was not.")
		r.ok(err)
		r.unentered(r.roll.WithdrawMotion(ctx, roll.By{Actor: r.who[1], Reason: "no"}, back), "only who asked for it, or a facilitator, may")
		r.ok(r.roll.WithdrawMotion(ctx, roll.By{Actor: r.fay, Reason: "no"}, back))
		_, err = r.c.Second(ctx, back, r.by(1))
		r.unentered(err, "who asked for it has taken it back")
		late, err := r.c.Move(ctx, id, By{Actor: r.fay}, RemoveSeat, ash, "It was not.")
		r.ok(err)
		r.later(30 * 24 * time.Hour)
		_, err = r.c.Second(ctx, late, r.by(1))
		r.unentered(err, "it has waited for more than 30 days: a facilitator can ask for it anew")
		r.whole()
	})
}

// A facilitator's pause of another member takes a second person, and seven days from
// when that one agrees; the member's own delegate needs nobody.
func TestAPauseThatOthersAskFor(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		ask := func(who member.Actor, about member.ID) (string, error) {
			return r.roll.Move(ctx, roll.By{Actor: who, Reason: "No answer since May."}, roll.NewMotion{Kind: roll.MotionPause, About: about, Member: r.ids[0]})
		}
		_, err := ask(r.who[1], r.ids[2])
		r.unentered(err, "only a facilitator may ask for that")
		_, err = ask(r.fay, r.ids[0])
		r.unentered(err, "you are its delegate: you can pause it alone, on your own page")
		motion, err := ask(r.fay, r.ids[2])
		r.ok(err)
		agree := func(who member.Actor) (roll.Report, error) {
			return r.roll.SecondPause(ctx, roll.By{Actor: who, Reason: "on the page"}, motion)
		}
		_, err = agree(r.fay)
		r.unentered(err, "only a delegate of the member may alone; the second person must be somebody else, and known here")
		_, err = agree(r.who[2])
		r.unentered(err, "you are its delegate: you can pause it alone, on your own page")
		_, err = agree(r.person("Dee", r.ids[0]))
		r.unentered(err, "only a delegate of the member may alone; the second person must be delegate of a member that is neither this one nor the facilitator's own")
		r.later(2 * 24 * time.Hour)
		_, err = agree(r.who[1])
		r.ok(err)
		_, err = agree(r.who[1])
		r.unentered(err, "somebody has agreed already, and it is done")
		book, err := r.roll.Book(ctx)
		r.ok(err)
		at := func(d time.Duration) decisions.Membership {
			return book.Voters(r.now.Add(d), book.Known())[r.ids[2]].Membership
		}
		if at(7*24*time.Hour-time.Minute) != decisions.Admitted || at(7*24*time.Hour) != decisions.Paused {
			t.Errorf("it is %s before, %s after seven days", at(7*24*time.Hour-time.Minute), at(7*24*time.Hour))
		}
		_, err = ask(r.fay, r.ids[2])
		r.unentered(err, "it is paused since 10 June 2026")
		if waits, err := r.roll.Motions(ctx); err != nil || len(waits) != 0 {
			t.Errorf("%+v, %v", waits, err)
		}
	})
}
