package chair

import (
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// accepted is the other side taking notices of a kind that still wait, to some
// recipients; the chair is told of each.
func (r *room) accepted(kind notify.Kind, to ...string) {
	r.t.Helper()
	for _, row := range r.rows(kind) {
		if row.State != notify.Waiting || !slices.Contains(to, row.Recipient) {
			continue
		}
		r.ok(r.db.InTx(r.t.Context(), store.NoStream, r.now, func(tx *store.Tx) error {
			return tx.SetNotice(r.t.Context(), row.ID, notify.Sent, "")
		}))
		r.ok(r.c.Heard(r.t.Context(), row))
		r.ok(r.c.Heard(r.t.Context(), row)) // a crash between the two: told again
	}
}

func (r *room) announced(id ID) (places []string) {
	for _, a := range r.read(id).Decision.Announced {
		places = append(places, a.Place)
	}
	return places
}

// Silence carries a medium decision that the room has heard of in time, and
// nothing that it was not told of: that one is overdue, and has its notice from
// when it was heard on.
func TestTheRoomHears(t *testing.T) {
	r := oneTold(t)
	ctx := t.Context()
	heard, unheard := r.opened(proposal(decisions.Medium)), r.opened(proposal(decisions.Medium))
	for _, row := range r.rows(notify.DecisionOpened) {
		r.ok(r.c.Heard(ctx, row)) // nothing was accepted yet
		if row.Recipient == notify.Room && ID(row.Cause[:len(heard)]) == heard {
			r.ok(r.db.InTx(ctx, store.NoStream, r.now, func(tx *store.Tx) error { return tx.SetNotice(ctx, row.ID, notify.Sent, "") }))
			r.ok(r.c.Heard(ctx, row))
		}
	}
	if got := r.announced(heard); !slices.Equal(got, []string{"the federation's room"}) || r.announced(unheard) != nil {
		t.Errorf("announced %v and %v", got, r.announced(unheard))
	}
	r.now = r.ends(heard)
	if _, err := r.c.CloseDue(ctx); err != nil {
		t.Fatal(err)
	}
	a, b := r.read(heard), r.read(unheard)
	if a.Decision.State != decisions.Passed || b.Decision.State != decisions.Overdue || !b.Outcome.Unheard {
		t.Errorf("heard: %s; not: %s, %v", a.Decision.State, b.Decision.State, b.Outcome.Unheard)
	}
	r.later(time.Hour)
	r.accepted(notify.DecisionOpened, notify.Room)
	if b = r.read(unheard); b.Decision.State != decisions.Opened || b.Decision.Deadline.String() != "2026-06-16" {
		t.Errorf("heard late: %s until %s", b.Decision.State, b.Decision.Deadline)
	}
	if ev := b.Events[len(b.Events)-1]; !ev.By.Program || ev.By.Person != "" || ev.By.Operator {
		t.Errorf("announced by %+v", ev.By)
	}
	r.wantTold(notify.DecisionMoreTime, everybody(4)) // until when is known now
	r.whole()
}

// Mail is heard once every member waited for was told, whoever of its delegates;
// who has answered need not be told any more, and a member that nobody can write to
// keeps it from being heard.
func TestMailIsHeard(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		r.starts()
		unsent := r.opened(proposal(decisions.Medium))
		for i := range r.ids {
			r.cast(unsent, i, decisions.Favour, "")
		}
		for _, row := range r.rows(notify.DecisionOpened) {
			r.ok(r.c.Heard(ctx, row))
		}
		if got := r.announced(unsent); got != nil {
			t.Errorf("nobody is waited for, and nobody was told: %v", got)
		}
		_, err := r.c.Withdraw(ctx, unsent, r.by(0), "A mistake.")
		r.ok(err)
		id := r.opened(proposal(decisions.Medium))
		r.accepted(notify.DecisionOpened, r.fay.ID) // of the first member
		r.accepted(notify.DecisionOpened, r.who[1].ID)
		if got := r.announced(id); got != nil {
			t.Errorf("one member was not told: %v", got)
		}
		r.cast(id, 2, decisions.Favour, "")
		r.accepted(notify.DecisionOpened, r.who[0].ID)
		if got := r.announced(id); !slices.Equal(got, []string{"by mail to every member waited for"}) {
			t.Errorf("announced %v", got)
		}
		r.accepted(notify.DecisionOpened, notify.Room, r.who[2].ID)
		if got := r.announced(id); len(got) != 1 {
			t.Errorf("once for each opening: %v", got)
		}
		r.bare("Mute")
		r.later(time.Hour)
		_, err = r.c.Escalate(ctx, id, r.by(1), decisions.Large, "It is dear.")
		r.ok(err)
		if got := r.announced(id); got != nil {
			t.Errorf("the escalation: %v", got)
		}
		for _, row := range r.rows(notify.DecisionOpened) { // what was told of the opening tells of no escalation
			r.ok(r.c.Heard(ctx, row))
		}
		r.accepted(notify.DecisionEscalated, r.who[0].ID, r.who[1].ID, r.who[2].ID, r.fay.ID)
		if got := r.announced(id); got != nil {
			t.Errorf("nobody told Mute: %v", got)
		}
		r.accepted(notify.DecisionEscalated, notify.Room)
		if got := r.announced(id); !slices.Equal(got, []string{"the federation's room"}) {
			t.Errorf("the escalation was heard: %v", got)
		}
		marked := r.opened(proposal(decisions.Medium))
		_, err = r.c.Announce(ctx, marked, r.by(0), "at the gathering")
		r.ok(err)
		r.accepted(notify.DecisionOpened, notify.Room)
		if got := r.announced(marked); !slices.Equal(got, []string{"at the gathering"}) {
			t.Errorf("a person said so before: %v", got)
		}
		over := r.opened(proposal(decisions.Medium))
		_, err = r.c.Withdraw(ctx, over, r.by(0), "A mistake.")
		r.ok(err)
		r.accepted(notify.DecisionOpened, notify.Room)
		if got := r.announced(over); got != nil {
			t.Errorf("it was over: %v", got)
		}
		r.whole()
	})
}

// What the room takes after the deadline, before anybody has closed the decision,
// closes it first.
func TestHeardAfterTheDeadline(t *testing.T) {
	r := oneTold(t)
	id := r.opened(proposal(decisions.Medium))
	r.now = r.ends(id).Add(time.Hour)
	r.accepted(notify.DecisionOpened, notify.Room)
	v := r.read(id)
	if len(v.Events) != 4 || v.Events[2].Kind != decisions.Close || v.Events[3].Kind != decisions.Announce || v.Decision.State != decisions.Opened {
		t.Errorf("%s after %d events", v.Decision.State, len(v.Events))
	}
	r.whole()
}

// Silence after a reopening counts once the members were told of that: what was announced
// before the rest does not carry it.
func TestAReopeningIsHeardAnew(t *testing.T) {
	r := oneTold(t)
	ctx := t.Context()
	id := r.opened(proposal(decisions.Medium))
	r.accepted(notify.DecisionOpened, notify.Room)
	if got := r.announced(id); len(got) != 1 {
		t.Fatalf("announced %v", got)
	}
	by := By{Actor: r.fay, Member: r.ids[0]}
	_, err := r.c.Stall(ctx, id, by, "Holidays.")
	r.ok(err)
	r.later(60 * 24 * time.Hour)
	_, err = r.c.Reopen(ctx, id, by, decisions.DayOf(r.now, time.UTC).Add(1))
	r.ok(err)
	r.now = r.ends(id)
	_, err = r.c.CloseDue(ctx)
	r.ok(err)
	v := r.read(id)
	if v.Decision.State != decisions.Overdue || !v.Outcome.Unheard || v.Events[len(v.Events)-2].Kind != decisions.Reopen {
		t.Fatalf("%s, unheard %v", v.Decision.State, v.Outcome.Unheard)
	}
	r.later(time.Hour)
	r.accepted(notify.DecisionOpened, notify.Room)
	if got := r.announced(id); !slices.Equal(got, []string{"the federation's room"}) {
		t.Errorf("announced %v", got)
	}
	r.now = r.ends(id)
	_, err = r.c.CloseDue(ctx)
	r.ok(err)
	if v := r.read(id); v.Decision.State != decisions.Passed {
		t.Errorf("%s", v.Decision.State)
	}
	r.whole()
}

// Where the program ended after the room had accepted it and before that was
// recorded, it is recorded afterwards, once, and only where it was accepted.
func TestWhatWasHeardIsNotLost(t *testing.T) {
	r := oneTold(t)
	id := r.opened(proposal(decisions.Medium))
	r.ok(r.c.HearAgain(t.Context()))
	if got := r.announced(id); got != nil {
		t.Fatalf("nobody has accepted anything: %v", got)
	}
	for _, row := range r.rows(notify.DecisionOpened) {
		if row.Recipient == notify.Room {
			r.ok(r.db.InTx(t.Context(), store.NoStream, r.now, func(tx *store.Tx) error { return tx.SetNotice(t.Context(), row.ID, notify.Sent, "") }))
		}
	}
	for range 2 {
		r.ok(r.c.HearAgain(t.Context()))
		if got := r.announced(id); !slices.Equal(got, []string{"the federation's room"}) {
			t.Errorf("announced %v", got)
		}
	}
	r.whole()
}
