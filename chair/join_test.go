package chair

import (
	"errors"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// signIn signs a delegate in, as package signin does.
func (r *room) signIn(who member.Actor) {
	r.t.Helper()
	r.ok(r.db.InTx(r.t.Context(), store.Entries, r.now, func(tx *store.Tx) error {
		p, _, err := roll.Visitor(r.t.Context(), tx, member.PersonID(who.ID))
		if err == nil {
			_, err = r.roll.SignIn(r.t.Context(), tx, p, store.ByMail)
		}
		return err
	}))
}

// Who ended a break while the decision was open, by saying so or by signing in,
// joins the electorate with its first act. Who was admitted meanwhile does not.
func TestWhoEndsABreakJoinsWithItsFirstAct(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		newcomer, _, err := r.roll.Add(t.Context(), r.operator("asked"), roll.NewMember{Name: "Newcomer", Kind: member.Organisation, Applied: true, Since: r.now})
		r.ok(err)
		r.waive(newcomer)
		nell := r.person("Nell", newcomer)
		second := r.who[1]
		_, err = r.roll.Pause(t.Context(), roll.By{Actor: r.fay, Second: &second, Reason: "answers nothing"}, r.ids[3], 0, false)
		r.ok(err)
		r.later(8 * 24 * time.Hour)
		_, err = r.roll.Pause(t.Context(), roll.By{Actor: r.who[2], Reason: "winter"}, r.ids[2], 0, false)
		r.ok(err)
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Large))
		if n := len(r.read(id).Decision.Electorate); n != 2 {
			t.Fatalf("%d seats", n)
		}
		r.later(time.Minute)
		_, err = r.roll.Resume(t.Context(), roll.By{Actor: r.who[2], Reason: "spring"}, r.ids[2], 0)
		r.ok(err)
		r.signIn(r.who[3])
		_, err = r.roll.Admit(t.Context(), r.operator("welcome"), newcomer, 0, "9")
		r.ok(err)
		r.later(time.Minute)
		_, err = r.c.Cast(t.Context(), id, r.by(2), decisions.Block, "")
		r.refused(err, "the ballot is refused: the answer block says in words what the concern is")
		if r.read(id).Decision.Electorate.Has(r.ids[2]) {
			t.Error("a refused ballot let it in")
		}
		r.cast(id, 2, decisions.Favour, "")
		done := r.cast(id, 3, decisions.Abstain, "")
		if !done.Decision.Electorate.Has(r.ids[2]) || !done.Decision.Electorate.Has(r.ids[3]) || len(done.Decision.Electorate) != 4 || done.Outcome.Tally.Favour != 1 || len(done.Outcome.Tally.Waiting) != 2 {
			t.Errorf("%d seats, %+v", len(done.Decision.Electorate), done.Outcome.Tally)
		}
		_, err = r.c.Cast(t.Context(), id, By{Actor: nell, Member: newcomer}, decisions.Favour, "")
		r.refused(err, "the ballot is refused: the member has no place in the electorate of this decision: it was not an admitted member, or was paused or suspended, when the decision was opened")
		// Whom two people took out does not come back by itself, nor by sending the
		// same ballot again.
		_, err = r.c.ChangeElectorate(t.Context(), id, By{Actor: r.fay, Second: &second}, RemoveSeat, r.ids[3], "It has gone.")
		r.ok(err)
		const out = "joining the electorate is refused: two people took the member out of the electorate: two have to add it again"
		_, err = r.c.Cast(t.Context(), id, r.by(3), decisions.Favour, "")
		r.refused(err, out)
		_, err = r.c.Put(t.Context(), id, r.by(3), decisions.Abstain, "")
		r.refused(err, out)
		_, err = r.c.ChangeElectorate(t.Context(), id, By{Actor: r.fay, Second: &second}, AddSeat, r.ids[3], "It is there after all.")
		r.ok(err)
		r.cast(id, 3, decisions.Favour, "")
		r.whole()
	})
}

// Who becomes delegate of a member by a merge while a decision is open casts its
// ballot once one of its own delegates has confirmed it; its own go on as before. By
// a merge from before the opening it does so at once.
func TestCastingAfterAMerge(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		r.later(time.Minute)
		merge := func(from, into int) {
			t.Helper()
			_, err := r.roll.Merge(t.Context(), r.operator("the same twice"), r.ids[from], r.ids[into])
			r.ok(err)
			r.later(time.Minute)
		}
		cast := func(who, of int) error {
			_, err := r.c.Cast(t.Context(), id, By{Actor: r.who[who], Member: r.ids[of]}, decisions.Favour, "")
			return err
		}
		merge(1, 2)
		const newcomer = "Delegate 01 became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)"
		r.refused(cast(1, 2), newcomer)
		r.ok(cast(2, 2))
		r.refused(cast(1, 2), newcomer)
		r.ok(r.roll.ConfirmDelegate(t.Context(), roll.By{Actor: r.who[2], Reason: "one of us"}, member.PersonID(r.who[1].ID), r.ids[2]))
		r.ok(cast(1, 2))
		if b := r.read(id).Decision.Ballots[r.ids[2]]; string(b.Person) != r.who[1].ID {
			t.Errorf("the ballot is %+v", b)
		}
		merge(2, 3)
		if o := r.read(id).Outcome; o.Tally.Favour != 0 || !slices.Equal(o.Tally.Discounted, []member.ID{r.ids[2]}) {
			t.Errorf("what a member cast that is merged counts: %+v", o.Tally)
		}
		r.refused(cast(2, 3), "Delegate 02 became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)")
		r.refused(cast(1, 3), newcomer)
		id = r.opened(proposal(decisions.Large))
		r.ok(cast(1, 3))
		r.whole()
	})
}

// A small decision that was logged is open from its being escalated on: who is added
// after that is confirmed by one who was a delegate before, not by another newcomer,
// and the member's contacts are asked.
func TestAddedAfterALoggedOneIsEscalated(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		r.ok(r.db.InTx(ctx, store.Entries, r.now, func(tx *store.Tx) error {
			return errors.Join(tx.SetContact(ctx, store.Contact{ID: "c_1", Member: r.ids[1], Email: "office@one.example"}), tx.SetSetting(ctx, store.SettingNotices, r.now.String()))
		}))
		made, err := r.c.Propose(ctx, r.by(0), proposal(decisions.Small))
		r.ok(err)
		id := made.Receipt.Decision
		_, err = r.c.Log(ctx, id, r.by(0))
		r.ok(err)
		early := r.person("Early", r.ids[1])
		r.later(time.Minute)
		_, err = r.c.Escalate(ctx, id, r.by(2), decisions.Medium, "It is not small.")
		r.ok(err)
		r.later(time.Minute)
		nia, ned := r.person("Nia", r.ids[1]), r.person("Ned", r.ids[1])
		cast := func(who member.Actor) error {
			_, err := r.c.Cast(ctx, id, By{Actor: who}, decisions.Favour, "")
			return err
		}
		confirm := func(by, who member.Actor) error {
			return r.roll.ConfirmDelegate(ctx, roll.By{Actor: by, Reason: "one of us"}, member.PersonID(who.ID), r.ids[1])
		}
		r.refused(cast(nia), "Nia became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)")
		if no := (*roll.Refused)(nil); !errors.As(confirm(nia, ned), &no) || !slices.Equal(no.Reasons, []string{"who became a delegate after a decision was opened that still runs has to be confirmed first"}) {
			t.Errorf("a newcomer confirms another: %v", no)
		}
		r.ok(r.db.View(ctx, func(tx *store.Tx) error {
			asked, err := tx.Notices(ctx, store.OutboxQuery{Kind: notify.DelegateConfirm, State: notify.Waiting})
			if len(asked) != 2 || asked[0].Recipient != "c_1" {
				t.Errorf("the contact is asked %d times: %+v", len(asked), asked)
			}
			return err
		}))
		r.ok(cast(early))
		r.ok(confirm(early, nia))
		r.ok(cast(nia))
		r.whole()
	})
}

// Escalating makes no delegate of one who was added while the decision was open: who
// was one before its first opening casts, who was added since is confirmed first, and
// who was added between two openings may act in the later one.
func TestEscalatingConfirmsNobody(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		early := r.person("Early", r.ids[1])
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Medium))
		r.later(24 * time.Hour)
		nia := r.person("Nia", r.ids[1])
		r.later(24 * time.Hour)
		cast := func(id ID, who member.Actor) error {
			_, err := r.c.Cast(ctx, id, By{Actor: who}, decisions.Favour, "")
			return err
		}
		const newcomer = "Nia became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)"
		r.refused(cast(id, nia), newcomer)
		_, err := r.c.Escalate(ctx, id, r.by(2), decisions.Large, "It concerns all.")
		r.ok(err)
		r.later(time.Minute)
		r.refused(cast(id, nia), newcomer)
		v := r.read(id)
		var who store.PersonInfo
		r.ok(r.db.View(ctx, func(tx *store.Tx) (err error) {
			all, err := tx.People(ctx)
			who = all[slices.IndexFunc(all, func(p store.PersonInfo) bool { return string(p.ID) == nia.ID })]
			return err
		}))
		if why := reasonsOf(v.Against(decisions.Cast, &who, r.ids[1], nil, r.now)); !slices.Equal(why, []string{newcomer}) {
			t.Errorf("a page says %q", why)
		}
		r.ok(cast(id, early))
		other := r.opened(proposal(decisions.Medium))
		r.ok(cast(other, nia))
		r.ok(r.roll.ConfirmDelegate(ctx, roll.By{Actor: early, Reason: "one of us"}, member.PersonID(nia.ID), r.ids[1]))
		r.ok(cast(id, nia))
		r.whole()
	})
}

// An opening by a clock that is behind makes no newcomers of those who were delegates.
func TestAnOpeningByAClockThatIsBehind(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		nia := r.person("Nia", r.ids[1])
		known, err := r.db.Counters(t.Context())
		r.ok(err)
		r.later(-5 * time.Second)
		id := r.opened(proposal(decisions.Large))
		if at := r.read(id).Decision.Begun; at != known.Newest() {
			t.Errorf("opened at %s, before %s", at, known.Newest())
		}
		_, err = r.c.Cast(t.Context(), id, By{Actor: nia}, decisions.Favour, "")
		r.ok(err)
		r.whole()
	})
}

// An electorate that was taken by a clock that is ahead is that of the register as it was
// known then: who is entered afterwards, by a clock that is right, was not.
func TestAnOpeningByAClockThatIsAhead(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		r.later(960 * time.Hour)
		id := r.opened(proposal(decisions.Large))
		r.later(-960 * time.Hour)
		_, _, err := r.roll.Add(t.Context(), r.operator("joined"), roll.NewMember{Name: "Late", Kind: member.Organisation, Since: instant.Date(2026, 1, 1), Decision: "9"})
		r.ok(err)
		r.later(970 * time.Hour)
		if v := r.read(id); len(v.Decision.Electorate) != 3 {
			t.Errorf("an electorate of %d", len(v.Decision.Electorate))
		}
		r.whole()
	})
}
