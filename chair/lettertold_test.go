package chair

import (
	"context"
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// A decision is kept from one letter to the next, and yet each letter says what holds
// when it is written: after whatever happens to the decision or to its members, and
// when an instant comes at which something changes though nobody writes it.
func TestWhatIsKeptForLetters(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		r.starts()
		id, other := r.opened(proposal(decisions.Large)), r.opened(proposal(decisions.Large))
		ends, who := r.ends(id), r.fay.ID
		about := func(id ID) (row store.OutboxRow) {
			for _, n := range r.rows(notify.DecisionOpened) {
				if of, _, _ := ReadCause(n.Cause); of == id && n.Recipient == who {
					row = n
				}
			}
			return row
		}
		says := func(what, want string) {
			t.Helper()
			r.later(time.Second)
			for range 2 { // the second one is of what the first has left
				got := "nothing"
				if data := r.letterOf(about(id)); data != nil {
					got = fmt.Sprint(data.Decision.Number, " ", data.Decision.State, " ", data.Decision.WaitedFor)
				}
				if got != want {
					t.Errorf("%s: the letter says %q, want %q", what, got, want)
				}
			}
		}
		says("at first", "1 open 4")
		if data := r.letterOf(about(other)); data == nil || data.Decision.Number != 2 {
			t.Errorf("of another decision: %+v", data)
		}
		says("after another decision's", "1 open 4")
		_, err := r.roll.Pause(ctx, roll.By{Actor: r.who[3], Reason: "a rest"}, r.ids[3], r.now.Add(24*time.Hour), false)
		r.ok(err)
		says("before a pause begins", "1 open 4")
		r.later(24 * time.Hour)
		says("once it has begun, which nobody writes", "1 open 3")
		_, elsewhere := r.parts(r.open())
		_, err = elsewhere.Cast(ctx, id, r.by(1), decisions.Favour, "")
		r.ok(err)
		says("after a ballot at another daemon", "1 open 2")
		_, err = r.roll.Pause(ctx, roll.By{Actor: r.who[2], Reason: "winter"}, r.ids[2], 0, false)
		r.ok(err)
		says("after a pause that begins at once", "1 open 1")
		r.now = ends - 1_000_001 // says goes on by a second
		says("just before the deadline", "1 open 1")
		r.now = ends - 1_000_000
		says("at the deadline, which nobody writes", "1 overdue 1")
		r.ok(r.db.InTx(ctx, store.Entries, r.now, func(tx *store.Tx) error { // one that writes facts keeps nothing
			_, ok, err := r.c.LetterAbout(context.WithoutCancel(ctx), tx, about(id))
			if !ok {
				t.Error("it says nothing in a transaction that writes facts")
			}
			return err
		}))
		_, err = elsewhere.Withdraw(ctx, id, r.by(0), "no need")
		r.ok(err)
		says("once it is withdrawn", "nothing")
	})
}
