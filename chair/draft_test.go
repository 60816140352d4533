package chair

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// A form that is sent twice makes one draft; another text under the same id is
// refused unless the draft was seen, and nobody else's draft is touched.
func TestSavingADraftTwice(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx, p, id := t.Context(), proposal(decisions.Medium), r.c.NewDraft()
		first, err := r.c.Save(ctx, id, r.by(1), p)
		r.ok(err)
		r.later(time.Minute)
		again, err := r.c.Save(ctx, id, r.by(1), p)
		r.ok(err)
		if again.Receipt != first.Receipt || first.Receipt.Decision != id || again.Seq != 1 {
			t.Errorf("%+v, then %+v", first.Receipt, again.Receipt)
		}
		p.Title = "Another title"
		by := r.by(1)
		by.Seen = "nothing"
		moved := (*Moved)(nil)
		if _, err := r.c.Save(ctx, id, by, p); !errors.As(err, &moved) {
			t.Errorf("another text of an unseen draft: %v", err)
		}
		by.Seen = first.Head
		edited, err := r.c.Save(ctx, id, by, p)
		r.ok(err)
		if edited.Seq != 2 || edited.Decision.Proposal.Title != "Another title" {
			t.Errorf("%+v", edited)
		}
		_, err = r.c.Save(ctx, id, r.by(2), p)
		r.refused(err, "editing the draft is refused: only delegates of the member that proposed it may do that")
		_, err = r.c.Open(ctx, id, r.by(1))
		r.ok(err)
		done, err := r.c.Save(ctx, id, r.by(1), p)
		r.ok(err)
		if done.Seq != 2 || done.Decision.State != decisions.Opened {
			t.Errorf("after the opening: %+v", done)
		}
		for _, bad := range []ID{"", "12", "de_", "de_a/b", "mo_1", ID("de_" + strings.Repeat("a", 41))} {
			if _, err := r.c.Save(ctx, bad, r.by(1), p); err == nil {
				t.Errorf("%q is taken as an id", bad)
			}
		}
		if all, err := r.c.List(ctx); err != nil || len(all) != 1 {
			t.Errorf("%d decisions, %v", len(all), err)
		}
	})
}

// A button that is pressed twice at once, at two daemons, makes one draft, and both
// presses get its receipt.
func TestSavingADraftTwiceAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, 1, "seed-2022")
		_, second := r.parts(open())
		for range 5 {
			id := r.c.NewDraft()
			var done [2]Result
			var errs [2]error
			var group sync.WaitGroup
			for i, c := range []*Chair{r.c, second} {
				group.Go(func() { done[i], errs[i] = c.Save(t.Context(), id, r.by(0), proposal(decisions.Medium)) })
			}
			group.Wait()
			if errs[0] != nil || errs[1] != nil || done[0].Receipt != done[1].Receipt || done[0].Seq != 1 {
				t.Fatalf("%+v, %v; %+v, %v", done[0].Receipt, errs[0], done[1].Receipt, errs[1])
			}
		}
		if all, err := r.c.List(t.Context()); err != nil || len(all) != 5 {
			t.Errorf("%d drafts, %v", len(all), err)
		}
	})
}

// What a preview shows is what opening then does, and nothing of it is written.
func TestPreview(t *testing.T) {
	eachRoom(t, 3, "coopcloud-2023", func(t *testing.T, r *room) {
		ctx, p := t.Context(), proposal(decisions.Large)
		p.Deadline = decisions.Day{Year: 2026, Month: 6, Date: 14} // of 1 June: a day too few
		seen, err := r.c.Preview(ctx, "", r.by(1), p)
		r.ok(err)
		if len(seen.Warnings) != 1 || seen.Warnings[0] != "Sunday 14 June 2026 is 13 of the 14 days that a large decision needs" || !seen.Notice.Short() || seen.Notice.First != p.Deadline.Add(1) || seen.Votes != 3 {
			t.Errorf("%+v", seen)
		}
		p.Deadline = p.Deadline.Add(1)
		if seen, err = r.c.Preview(ctx, r.c.NewDraft(), r.by(1), p); err != nil || len(seen.Against) > 0 || len(seen.Warnings) > 0 || seen.Notice.Short() {
			t.Errorf("%+v, %v", seen, err)
		}
		if all, err := r.c.List(ctx); err != nil || len(all) != 0 {
			t.Errorf("a preview has written %d decisions, %v", len(all), err)
		}
		id := r.opened(p)
		d := r.read(id).Decision
		if d.Number != seen.Decision.Number || d.Deadline != seen.Decision.Deadline || d.Electorate.Hash() != seen.Decision.Electorate.Hash() {
			t.Errorf("it was opened as %+v, shown as %+v", d, seen.Decision)
		}
		if m := seen.Mail.Decision; m.Proposer != "Member 01" || m.Deadline != "the end of Monday 15 June 2026 (Europe/London)" || m.WaitedFor != 3 || seen.Room.Decision.Proposer != "Member 01" || len(m.Rule) == 0 {
			t.Errorf("the letter: %+v, %+v", m, seen.Room.Decision)
		}
		p.Changes, p.Visibility, p.Deadline = "", decisions.Members, decisions.Day{Year: 2026, Month: 5, Date: 31}
		seen, err = r.c.Preview(ctx, "", r.by(1), p)
		r.ok(err)
		if got := strings.Join(seen.Against, "; "); got != "the proposal does not say what changes; the deadline has to be Monday 1 June 2026 or later" {
			t.Error(got)
		}
		if room := seen.Room.Decision; !room.MembersOnly || room.Title != "" || seen.Mail.Decision.Title == "" {
			t.Errorf("the room reads %+v", room)
		}
		p.Size = decisions.Small
		if seen, err = r.c.Preview(ctx, "", r.by(1), p); err != nil || seen.Mail != nil || seen.Decision.State != decisions.Logged || len(seen.Against) > 0 {
			t.Errorf("%+v, %v", seen, err)
		}
		p.Kind = "paint"
		_, err = r.c.Preview(ctx, "", r.by(1), p)
		r.refused(err, `proposing this is refused: "paint" is no kind: write general, admit or policy; a decision of kind paint is always large, not small`)
	})
}

// Where notice is refused that is too short, a facilitator may open all the same,
// and reads the warning first.
func TestPreviewOfAShortNotice(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t), 3, "seed-2022, short notice refused")
	ctx, p := t.Context(), proposal(decisions.Large)
	p.Deadline = decisions.DayOf(r.now, r.c.zone).Add(6)
	draft, err := r.c.Propose(ctx, r.by(1), p)
	r.ok(err)
	id := draft.Receipt.Decision
	seen, err := r.c.Preview(ctx, id, r.by(1), p)
	r.ok(err)
	const refused = "Sunday 7 June 2026 is 6 of the 7 days that a large decision needs: the first day is Monday 8 June 2026; a facilitator may open it all the same"
	if len(seen.Against) != 1 || seen.Against[0] != refused {
		t.Errorf("%q", seen.Against)
	}
	_, err = r.c.Open(ctx, id, r.by(1))
	r.refused(err, "opening this is refused: "+refused)
	seen, err = r.c.Preview(ctx, id, By{Actor: r.fay}, p)
	r.ok(err)
	if len(seen.Against) != 0 || len(seen.Warnings) != 1 {
		t.Errorf("the facilitator: %+v", seen)
	}
	_, err = r.c.Open(ctx, id, By{Actor: r.fay})
	r.ok(err)
}

// What the pages offer is what the chair then lets through.
func TestAgainstIsWhatActingSays(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Medium))
		v := r.read(id)
		book, err := r.roll.Book(t.Context())
		r.ok(err)
		voters := book.Voters(r.now, book.Known())
		person := func(who member.Actor) *store.PersonInfo {
			p, ok := book.Person(member.PersonID(who.ID))
			if !ok {
				t.Fatal("nobody")
			}
			return &p
		}
		if got := reasonsOf(v.Against(decisions.Cast, person(r.who[1]), r.ids[1], voters, r.now)); len(got) != 0 {
			t.Errorf("casting: %q", got)
		}
		if got := reasonsOf(v.Against(decisions.Stall, person(r.who[1]), "", voters, r.now)); len(got) != 1 || got[0] != "only a facilitator may do that" {
			t.Errorf("stalling: %q", got)
		}
		if got := reasonsOf(v.Against(decisions.Cast, person(r.who[1]), r.ids[2], voters, r.now)); len(got) != 1 || !strings.HasPrefix(got[0], "Delegate 01 is no delegate of that member") {
			t.Errorf("for another member: %q", got)
		}
		if got := reasonsOf(MayPropose(person(r.who[2]), "", voters, r.now)); len(got) != 0 {
			t.Errorf("proposing: %q", got)
		}
		none := decisions.Roll{r.ids[2]: {Membership: decisions.Admitted, Why: "no right to vote"}}
		if got := reasonsOf(MayPropose(person(r.who[2]), "", none, r.now)); len(got) != 1 || got[0] != "no right to vote" {
			t.Errorf("proposing without a vote: %q", got)
		}
		none[r.ids[2]] = decisions.Verdict{Membership: decisions.Paused, Why: "it takes a break"}
		if got := reasonsOf(v.Against(decisions.Cast, person(r.who[2]), "", none, r.now)); len(got) != 0 {
			t.Errorf("casting ends a break: %q", got)
		}
		if got := reasonsOf(v.Against(decisions.Object, person(r.who[2]), "", none, r.now)); len(got) != 1 {
			t.Errorf("objecting does not: %q", got)
		}
	})
}
