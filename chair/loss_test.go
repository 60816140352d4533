package chair

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// backup is a backup of the room as it is now.
func (r *room) backup() []byte {
	r.t.Helper()
	var out bytes.Buffer
	_, err := r.db.Backup(r.t.Context(), &out, r.now, nil)
	r.ok(err)
	return out.Bytes()
}

// restored is the room on a new database of the same engine, put back from a backup.
func (r *room) restored(file []byte) *room {
	r.t.Helper()
	dsn := "sqlite://" + filepath.Join(r.t.TempDir(), "restored.db")
	if r.db.Engine() == "postgres" {
		dsn = dbtest.EmptyPostgresDSN(r.t)
	}
	db, _, err := store.Restore(r.t.Context(), dsn, bytes.NewReader(file), store.Options{}, nil)
	r.ok(err)
	r.t.Cleanup(func() { r.ok(db.Close()) })
	again := *r
	again.db = db
	again.roll, again.c = again.parts(db)
	return &again
}

// released: a treasurer has started the notices, from where the database is.
func (r *room) released() {
	r.t.Helper()
	r.ok(r.db.InTx(r.t.Context(), store.NoStream, r.now, func(tx *store.Tx) error { return tx.AcceptHome(r.t.Context()) }))
}

// closes closes what is due, and says which decisions that were and what they came to.
func (r *room) closes(want ...string) {
	r.t.Helper()
	closed, err := r.c.CloseDue(r.t.Context())
	r.ok(err)
	var got []string
	for _, x := range closed {
		got = append(got, string(x.ID)+" "+string(x.State))
		if v := r.read(x.ID); v.Decision.State.Final() && x.At != v.Decision.Ends() {
			r.t.Errorf("%s is closed at %s, want its deadline %s", x.ID, x.At, v.Decision.Ends())
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		r.t.Errorf("closed %q, want %q", got, want)
	}
}

// heardOf opens a decision with a deadline and records that it was announced.
func (r *room) heardOf(size decisions.Size, until decisions.Day) ID {
	r.t.Helper()
	p := proposal(size)
	p.Deadline = until
	id := r.opened(p)
	_, err := r.c.Announce(r.t.Context(), id, r.by(0), "the room")
	r.ok(err)
	return id
}

const lackingOfJune = "this database was put back from a backup of 11 June 2026, and answers that were given since may be missing: nothing closes this decision by itself. " +
	"A facilitator can let it rest, reopen it with a new deadline and record that its members were told of that, as long before it as the size asks for (goodstanding decisions announce); or it is closed by the answers that are here, once a treasurer has started the notices"

// lost is a room that was put back from a backup of 11 June, half past two at night, on
// the morning of the 12th. Of its decisions one was due on the 11th at midnight, to which
// a member had objected in the afternoon: that is lost.
func lost(r *room) (id ID, again *room) {
	r.t.Helper()
	june := func(day int) decisions.Day { return decisions.Day{Year: 2026, Month: time.June, Date: day} }
	id = r.heardOf(decisions.Medium, june(11))
	r.now = instant.Date(2026, 6, 11).Add(2*time.Hour + 30*time.Minute)
	file := r.backup()
	r.now = instant.Date(2026, 6, 11).Add(15 * time.Hour)
	_, err := r.c.Object(r.t.Context(), id, r.by(2), "It is too dear.")
	r.ok(err)
	again = r.restored(file)
	again.now = instant.Date(2026, 6, 12).Add(9 * time.Hour)
	return id, again
}

// Nothing closes a decision by itself without the answers that a restored database may
// lack, neither its deadline nor anybody's act. Once a treasurer has accepted the loss it
// is closed in the ordinary way, at its deadline's own instant.
func TestARestoredDatabaseClosesNothingThatLacksAnswers(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id, r := lost(r)
		r.closes()
		v := r.read(id)
		if v.Decision.State != decisions.Opened || v.Decision.Outcome != nil || v.Lacking() != lackingOfJune || v.Outcome.Stands() != "would pass" {
			t.Errorf("%s, %+v, says %q", v.Decision.State, v.Decision.Outcome, v.Lacking())
		}
		if next, err := r.c.NextDue(ctx); err != nil || next != 0 {
			t.Errorf("the next deadline is %s, %v", next, err)
		}
		book, err := r.c.Book(ctx, nil)
		r.ok(err)
		views, err := book.Views(r.now, func(instant.Instant) (decisions.Roll, error) { return decisions.Roll{}, nil })
		if err != nil || views[0].Decision.State != decisions.Opened || views[0].Lacking() != lackingOfJune {
			t.Errorf("in the book it is %s, %v", views[0].Decision.State, err)
		}
		// Whatever people do, it is refused in words, and closes nothing.
		_, err = r.c.Cast(ctx, id, r.by(1), decisions.Favour, "")
		r.refused(err, "the ballot is refused: "+lackingOfJune)
		_, err = r.c.Object(ctx, id, r.by(2), "It is too dear.")
		r.refused(err, "the objection is refused: "+lackingOfJune)
		_, err = r.c.MoreTime(ctx, id, r.by(1), "We meet on Friday.")
		r.refused(err, "asking for more time is refused: "+lackingOfJune)
		_, err = r.c.Move(ctx, id, By{Actor: r.fay}, RemoveSeat, r.ids[2], "It was wrong.")
		r.refused(err, "removing from the electorate is refused: "+lackingOfJune)
		r.ok(r.c.HearAgain(ctx))
		var people []store.PersonInfo
		r.ok(r.db.View(ctx, func(tx *store.Tx) (err error) {
			people, err = tx.People(ctx)
			return err
		}))
		for _, p := range people {
			switch string(p.ID) {
			case r.who[1].ID:
				if why := v.Against(decisions.Cast, &p, r.ids[1], decisions.Roll{}, r.now); len(why) != 1 || why[0].Code != decisions.AnswersMissing || why[0].Text != lackingOfJune {
					t.Errorf("a form to answer: %+v", why)
				}
			case r.fay.ID:
				if why := v.Against(decisions.Stall, &p, "", decisions.Roll{}, r.now); len(why) != 0 {
					t.Errorf("no form to let it rest: %+v", why)
				}
			}
		}
		// Others go on: one that was opened since is answered and closed at its deadline,
		// and a ballot in one that lacks answers and runs is taken.
		next := r.heardOf(decisions.Medium, decisions.Day{Year: 2026, Month: time.June, Date: 20})
		r.cast(next, 1, decisions.Favour, "")
		r.now = instant.Date(2026, 6, 21)
		r.closes(string(next) + " passed")
		if r.read(id).Head.State != "open" {
			t.Errorf("it is %s", r.read(id).Head.State)
		}
		r.whole()
		r.released()
		if v := r.read(id); v.Lacking() != "" || v.Decision.State != decisions.Passed {
			t.Errorf("accepted, it is %s, and says %q", v.Decision.State, v.Lacking())
		}
		r.closes(string(id) + " passed")
		r.whole()
	})
}

// A facilitator lets what lacks answers rest, also after its deadline, and reopens it: then
// its members were asked anew, and it is closed at its new deadline by what they answered,
// though nobody has accepted the loss.
func TestWhatLacksAnswersIsReopened(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id, r := lost(r)
		_, err := r.c.Stall(ctx, id, r.by(1), "Answers were lost.")
		r.refused(err, "stalling this is refused: only a facilitator may do that")
		done, err := r.c.Stall(ctx, id, By{Actor: r.fay}, "Answers were lost.")
		r.ok(err)
		if done.Decision.State != decisions.Stalled {
			t.Fatalf("it is %s", done.Decision.State)
		}
		_, err = r.c.Reopen(ctx, id, By{Actor: r.fay}, decisions.Day{Year: 2026, Month: time.June, Date: 19})
		r.ok(err)
		// That it was announced before tells nobody that it was reopened.
		if v := r.read(id); v.Lacking() != lackingOfJune || v.Decision.State != decisions.Opened {
			t.Errorf("reopened it is %s, and says %q", v.Decision.State, v.Lacking())
		}
		_, err = r.c.Announce(ctx, id, r.by(0), "the room, again")
		r.ok(err)
		if v := r.read(id); v.Lacking() != "" || v.Decision.State != decisions.Opened {
			t.Errorf("announced it is %s, and says %q", v.Decision.State, v.Lacking())
		}
		_, err = r.c.Object(ctx, id, r.by(2), "It is too dear.")
		r.ok(err)
		r.now = instant.Date(2026, 6, 20)
		r.closes(string(id) + " overdue")
		_, err = r.c.Unobject(ctx, id, r.by(2))
		r.ok(err)
		if v := r.read(id); v.Decision.State != decisions.Passed {
			t.Errorf("with the objection withdrawn it is %s", v.Decision.State)
		}
		r.whole()
		record, err := r.c.Record(ctx, id)
		r.ok(err)
		text, err := record.JSON()
		r.ok(err)
		if !strings.Contains(string(text), `"lost": true`) {
			t.Error("the record does not say that answers may have been missing")
		}
	})
}

// A decision that was reopened passes in no silence of those who do not know it: not
// without an announcement, and not with one that is nearer to its deadline than its size
// asks for. Nor does a new text that nobody was told of.
func TestWhatIsReopenedUnheardClosesNothing(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		other := r.heardOf(decisions.Medium, decisions.Day{Year: 2026, Month: time.June, Date: 30})
		id, r := lost(r)
		reopened := func(until int) {
			t.Helper()
			_, err := r.c.Stall(ctx, id, By{Actor: r.fay}, "Answers were lost.")
			r.ok(err)
			_, err = r.c.Reopen(ctx, id, By{Actor: r.fay}, decisions.Day{Year: 2026, Month: time.June, Date: until})
			r.ok(err)
		}
		reopened(12)
		r.now = instant.Date(2026, 6, 13).Add(time.Hour)
		r.closes()
		_, err := r.c.Announce(ctx, id, By{Actor: r.fay}, "the room")
		r.refused(err, "recording the announcement is refused: "+lackingOfJune)
		reopened(19) // six days
		_, err = r.c.Announce(ctx, id, By{Actor: r.fay}, "the room")
		r.ok(err)
		if v := r.read(id); v.Lacking() != lackingOfJune {
			t.Errorf("announced too late it says %q", v.Lacking())
		}
		_, err = r.c.Amend(ctx, other, r.by(0), func(text *decisions.Text) { text.Changes += " Or not." }, false)
		r.ok(err)
		r.now = instant.Date(2026, 7, 1)
		r.closes()
		r.whole()
	})
}

// What was decided by all its answers is closed in a restored database as ever: its
// deadline was past when the backup was made.
func TestWhatWasDueBeforeTheBackupIsClosed(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id := r.heardOf(decisions.Medium, decisions.Day{Year: 2026, Month: time.June, Date: 11})
		v := r.read(id)
		r.now = v.Decision.Ends()
		again := r.restored(r.backup())
		again.later(time.Hour)
		if v := again.read(id); v.Lacking() != "" || v.Decision.State != decisions.Passed {
			t.Errorf("it is %s, and says %q", v.Decision.State, v.Lacking())
		}
		again.closes(string(id) + " passed")
		again.whole()
		// A microsecond sooner, and an answer may be missing.
		r.now--
		again = r.restored(r.backup())
		again.later(time.Hour)
		again.closes()
	})
}

// A ballot that would end an overdue decision is taken and ends it not, while a block may
// be missing, and nobody ends it by the tally; once the loss is accepted both do.
func TestAnOverdueDecisionThatLacksAnswers(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id := r.heardOf(decisions.Large, decisions.Day{Year: 2026, Month: time.June, Date: 9})
		r.cast(id, 0, decisions.Favour, "")
		r.now = instant.Date(2026, 6, 11)
		r.closes(string(id) + " overdue")
		file := r.backup()
		r.cast(id, 1, decisions.Block, "Never.")
		r = r.restored(file)
		r.later(time.Hour)
		r.cast(id, 1, decisions.Favour, "") // who had blocked knows nothing of it any more, or does
		done := r.cast(id, 2, decisions.Favour, "")
		if done.Decision.State != decisions.Overdue || done.Outcome.Stands() != "would pass" {
			t.Errorf("it is %s: %s", done.Decision.State, done.Outcome.Stands())
		}
		const words = "this database was put back from a backup of 11 June 2026, "
		_, err := r.c.End(ctx, id, By{Actor: r.fay}, "All have answered.")
		if err == nil || !strings.HasPrefix(err.Error(), "ending this is refused: "+words) {
			t.Errorf("%v", err)
		}
		if v := r.read(id); !strings.HasPrefix(v.Lacking(), words) {
			t.Errorf("says %q", v.Lacking())
		}
		_, err = r.c.Nudge(ctx, id, By{Actor: r.fay})
		r.refused(err, "nudging is refused: nobody is waited for")
		r.whole()
		r.released()
		done, err = r.c.End(ctx, id, By{Actor: r.fay}, "All have answered.")
		r.ok(err)
		if done.Decision.State != decisions.Passed {
			t.Errorf("it is %s", done.Decision.State)
		}
		r.whole()
	})
}

// Several ballots at once in what lacks answers and in others are each taken or refused as
// if they were alone.
func TestVotingBesideWhatLacksAnswers(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		other := r.heardOf(decisions.Large, decisions.Day{Year: 2026, Month: time.June, Date: 30})
		id, r := lost(r)
		var batch []*asking
		for i, to := range []ID{other, id, other} {
			batch = append(batch, &asking{ctx: ctx, id: to, by: r.by(i), kind: decisions.Cast, make: func(_ context.Context, _ *opened, ev *decisions.Event) error {
				ev.Answer = decisions.Favour
				return nil
			}})
		}
		answers := r.c.carryOut(ctx, batch)
		r.ok(answers[0].err)
		r.ok(answers[2].err)
		r.refused(answers[1].err, "the ballot is refused: "+lackingOfJune)
		if v := r.read(other); v.Outcome.Tally.Favour != 2 || !strings.HasPrefix(v.Lacking(), "this database was put back") {
			t.Errorf("%+v, says %q", v.Outcome.Tally, v.Lacking())
		}
	})
}

// A copy that tells nothing of its age lacks whatever was answered before somebody noticed
// that it is one. What is opened or reopened after that is closed as ever.
func TestACopyLacksAnswers(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		june := func(day int) decisions.Day { return decisions.Day{Year: 2026, Month: time.June, Date: day} }
		first, id := r.heardOf(decisions.Medium, june(10)), r.heardOf(decisions.Medium, june(11))
		r.released()
		r.now = instant.Date(2026, 6, 11)
		r.ok(r.c.NoteLoss(ctx))
		r.closes(string(first) + " passed") // at home nothing is lacking
		dbtest.Tamper(t, r.db, `UPDATE setting SET value = 'elsewhere inode=1' WHERE name = 'notices_home'`)
		r.now = instant.Date(2026, 6, 12)
		r.closes()
		if v := r.read(id); !strings.HasPrefix(v.Lacking(), "this database is a copy, and answers that were given elsewhere may be missing: nothing closes this decision by itself. A facilitator can") {
			t.Errorf("says %q", v.Lacking())
		}
		r.ok(r.c.NoteLoss(ctx))
		r.later(time.Minute)
		r.ok(r.c.NoteLoss(ctx))
		r.closes()
		_, err := r.c.Stall(ctx, id, By{Actor: r.fay}, "It is a copy.")
		r.ok(err)
		_, err = r.c.Reopen(ctx, id, By{Actor: r.fay}, june(20))
		r.ok(err)
		_, err = r.c.Announce(ctx, id, By{Actor: r.fay}, "the room")
		r.ok(err)
		next := r.heardOf(decisions.Medium, june(21))
		r.now = instant.Date(2026, 6, 22)
		r.ok(r.c.NoteLoss(ctx))
		r.closes(string(id)+" passed", string(next)+" passed")
		r.whole()
	})
}

// What a restored database lacked is lacking in one that is restored from it, too.
func TestARestoreOfWhatWasRestored(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id, r := lost(r)
		between := r.heardOf(decisions.Medium, decisions.Day{Year: 2026, Month: time.June, Date: 20})
		r.later(time.Hour)
		r = r.restored(r.backup())
		r.later(time.Hour)
		after := r.heardOf(decisions.Medium, decisions.Day{Year: 2026, Month: time.June, Date: 20})
		r.now = instant.Date(2026, 6, 21)
		r.closes(string(after) + " passed")
		for _, id := range []ID{id, between} {
			if v := r.read(id); v.Lacking() == "" {
				t.Errorf("%s lacks nothing", id)
			}
		}
		r.released()
		r.closes(string(id)+" passed", string(between)+" passed")
	})
}

// What a passed decision does is not done where answers may be missing: nobody is admitted.
func TestNobodyIsAdmittedByWhatLacksAnswers(t *testing.T) {
	eachRoom(t, 2, "coopcloud-2023", func(t *testing.T, r *room) {
		ctx := t.Context()
		ash, _, err := r.roll.Add(ctx, r.operator("asked"), roll.NewMember{Name: "Ash", Kind: member.Organisation, Applied: true})
		r.ok(err)
		r.later(time.Minute)
		p := proposal(decisions.Large)
		p.Kind, p.Applicant = decisions.Admit, ash
		id := r.opened(p)
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Favour, "")
		v := r.read(id)
		again := r.restored(r.backup())
		again.now = v.Decision.Ends().Add(time.Hour)
		again.closes()
		membership := func() decisions.Membership {
			book, err := again.roll.Book(ctx)
			r.ok(err)
			return book.Voters(again.now, book.Known())[ash].Membership
		}
		if is := membership(); is != decisions.Applied {
			t.Errorf("the applicant is %s", is)
		}
		again.released()
		again.closes(string(id) + " passed")
		if is := membership(); is != decisions.Admitted {
			t.Errorf("accepted, the applicant is %s", is)
		}
	})
}
