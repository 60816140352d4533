package chair

import (
	"errors"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// errUndone undoes a transaction.
var errUndone = errors.New("undone")

// takes is one transaction of a sender: it records that some recipients were told of the
// opening of a decision, and says whether that may have been heard of by now. What is
// kept from its transactions before must say the same as who keeps nothing. at is nil
// for one that does not ask whether somebody wrote since.
func (r *room) takes(at *store.Seen, undone bool, id ID, to ...string) (may bool) {
	r.t.Helper()
	return r.takesOf(notify.DecisionOpened, at, undone, id, to...)
}

func (r *room) takesOf(kind notify.Kind, at *store.Seen, undone bool, id ID, to ...string) (may bool) {
	r.t.Helper()
	ctx, rows := r.t.Context(), r.rows(kind)
	_, fresh := r.parts(r.db)
	err := r.db.Watching().InTx(ctx, store.NoStream, r.now, func(tx *store.Tx) error {
		if at != nil {
			*at, _ = tx.Seen(*at)
		}
		var taken []store.OutboxRow
		for _, row := range rows {
			if of, _, _ := ReadCause(row.Cause); of != id || !slices.Contains(to, row.Recipient) {
				continue
			}
			if taken = append(taken, row); row.State == notify.Waiting {
				if err := tx.SetNotice(ctx, row.ID, notify.Sent, ""); err != nil {
					return err
				}
			}
		}
		want, err := fresh.MayHear(ctx, tx, taken)
		if err != nil {
			return err
		}
		if may, err = r.c.MayHear(ctx, tx, taken); may != want || len(taken) != len(to) {
			r.t.Errorf("of %d notices: %v, who keeps nothing says %v", len(taken), may, want)
		}
		if undone {
			return errUndone
		}
		return err
	})
	if undone && errors.Is(err, errUndone) {
		*at = store.Seen{}
		return may
	}
	r.ok(err)
	return may
}

// What keeps a decision from being heard is kept from one mail to the next, and yet each
// is told on by which it is heard: whatever else made that so meanwhile.
func TestWhetherToTellOn(t *testing.T) {
	before := []string{"the last one is told", "the room is told", "the others answer elsewhere", "who was told acts for them, too", "the others pause, which nobody writes"}
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		r.starts()
		_, elsewhere := r.parts(r.open())
		for i, what := range before {
			id := r.opened(proposal(decisions.Medium))
			if i == 4 {
				for _, other := range []int{2, 3} {
					_, err := r.roll.Pause(ctx, roll.By{Actor: r.who[other], Reason: "a rest"}, r.ids[other], r.now.Add(24*time.Hour), false)
					r.ok(err)
				}
			}
			var at store.Seen
			for _, to := range []int{0, 1} {
				if r.takes(&at, false, id, r.who[to].ID) {
					t.Errorf("%s: two members were not told, and it is heard", what)
				}
			}
			last := r.fay.ID // by whom no member is told that was not
			switch i {
			case 0:
				if r.takes(&at, false, id, r.who[2].ID) || r.takes(&at, false, id, last) {
					t.Errorf("%s: one member was not told, and it is heard", what)
				}
				last = r.who[3].ID
			case 1:
				last = notify.Room
			case 2:
				for _, other := range []int{2, 3} {
					_, err := elsewhere.Cast(ctx, id, r.by(other), decisions.Favour, "")
					r.ok(err)
				}
			case 3:
				for _, other := range []int{2, 3} {
					r.ok(r.roll.SetDelegate(ctx, r.operator("asked"), member.PersonID(r.who[0].ID), r.ids[other], true))
				}
			case 4:
				r.later(24 * time.Hour)
			}
			if !r.takes(&at, false, id, last) || !r.takes(&at, false, id, r.who[1].ID) {
				t.Errorf("%s: it is not heard, or of the next one not any more", what)
			}
			for _, other := range []int{2, 3} { // as before
				if i != 3 {
					break
				}
				r.ok(r.roll.SetDelegate(ctx, r.operator("asked"), member.PersonID(r.who[0].ID), r.ids[other], false))
			}
			r.later(time.Hour)
		}
	})
}

// What a transaction has found that was not committed is not kept, nor what was found of
// another decision or where nobody asked who else wrote; and of what is recorded or over
// nothing is told on.
func TestWhetherToTellOnAfterAll(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		r.starts()
		var ids []ID
		for range 4 {
			ids = append(ids, r.opened(proposal(decisions.Medium)))
		}
		id, other, unasked, raised := ids[0], ids[1], ids[2], ids[3]
		_, err := r.c.Escalate(ctx, raised, r.by(0), decisions.Large, "It is dear.")
		r.ok(err)
		_, elsewhere := r.parts(r.open())
		var at store.Seen
		if r.takes(&at, false, id, r.who[0].ID, r.who[1].ID) || !r.takes(&at, true, id, r.who[2].ID) || r.takes(&at, false, id, r.fay.ID) {
			t.Error("after a transaction that was undone")
		}
		if r.takes(&at, false, other, r.who[1].ID, r.who[2].ID) || r.takes(&at, false, id, r.who[0].ID) || !r.takes(&at, false, other, r.who[0].ID) {
			t.Error("one decision was heard, and not the other")
		}
		if r.takes(nil, false, unasked, r.who[0].ID, r.who[1].ID) {
			t.Error("one member was not told, and it is heard")
		}
		_, err = elsewhere.Cast(ctx, unasked, r.by(2), decisions.Favour, "")
		r.ok(err)
		if !r.takes(nil, false, unasked, r.fay.ID) {
			t.Error("the last one has answered, and it is not heard")
		}
		for _, who := range []int{0, 1, 2} {
			if r.takes(&at, false, raised, r.who[who].ID) {
				t.Error("what was told of the opening tells of no escalation")
			}
		}
		if r.takesOf(notify.DecisionEscalated, &at, false, raised, r.who[0].ID, r.who[1].ID) || !r.takesOf(notify.DecisionEscalated, &at, false, raised, r.who[2].ID) {
			t.Error("the escalation is heard by those who were told of it")
		}
		for _, row := range r.rows(notify.DecisionOpened) {
			r.ok(r.c.Heard(ctx, row))
		}
		if got := r.announced(other); len(got) != 1 || r.announced(id) != nil {
			t.Errorf("announced %v and %v", got, r.announced(id))
		}
		_, err = r.c.Withdraw(ctx, id, r.by(0), "no need")
		r.ok(err)
		for _, one := range []ID{id, other} {
			if r.takes(&at, false, one, r.who[1].ID) || r.takes(&at, false, one, r.who[2].ID) || r.takes(&at, false, one, notify.Room) {
				t.Error("it is told on though it is recorded, or over")
			}
		}
	})
}
