package chair

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// book reads all decisions, and what they read at now.
func (r *room) book(before *Book) (*Book, []View) {
	r.t.Helper()
	b, err := r.c.Book(r.t.Context(), before)
	r.ok(err)
	known, err := r.roll.Book(r.t.Context())
	r.ok(err)
	views, err := b.Views(r.now, func(at instant.Instant) (decisions.Roll, error) {
		k := known.Known()
		if at < r.now {
			k = min(k, at)
		}
		return known.Voters(at, k), nil
	})
	r.ok(err)
	return b, views
}

// TestABookReadsAsTheChair: whether it is read from the beginning or goes on from
// an earlier one, before and after a deadline that nobody wrote down; and so does
// its record.
func TestABookReadsAsTheChair(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		empty, views := r.book(nil)
		if len(views) != 0 || empty.NextDue(r.now) != 0 {
			t.Fatalf("%+v", views)
		}
		large, medium := r.opened(proposal(decisions.Large)), r.opened(proposal(decisions.Medium))
		kept := empty
		same := func(when string) {
			t.Helper()
			fresh, views := r.book(nil)
			var again []View
			kept, again = r.book(kept)
			want, err := r.c.List(t.Context())
			r.ok(err)
			if !reflect.DeepEqual(views, want) || !reflect.DeepEqual(again, want) {
				t.Errorf("%s: the book reads\n%+v\ngone on\n%+v\nthe chair\n%+v", when, views, again, want)
			}
			if kept.Mark != fresh.Mark {
				t.Errorf("%s: %+v, want %+v", when, kept.Mark, fresh.Mark)
			}
			printed, err := r.c.Pages(t.Context())
			r.ok(err)
			if got := kept.Pages(again...); !reflect.DeepEqual(got, printed) {
				t.Errorf("%s: the pages of the book that is gone on are\n%+v\nwant\n%+v", when, got, printed)
			}
			for _, id := range []ID{large, medium} {
				want, err := r.c.Record(t.Context(), id)
				r.ok(err)
				for name, b := range map[string]*Book{"fresh": fresh, "gone on": kept} {
					if got, ok := b.Record(id); !ok || !reflect.DeepEqual(got, want) {
						t.Errorf("%s: the record of the book that is %s is\n%+v\nwant\n%+v", when, name, got, want)
					}
				}
			}
		}
		same("opened")
		unchanged := kept
		if again, _ := r.book(unchanged); again.page(string(large)) != unchanged.page(string(large)) {
			t.Error("what has not changed is read again")
		}
		r.cast(large, 1, decisions.Against, "It costs too much.")
		r.cast(large, 2, decisions.Favour, "")
		same("two ballots")
		r.cast(large, 2, decisions.Abstain, "")
		r.cast(medium, 3, decisions.Favour, "")
		same("one cast again, and one of another member")
		if due := kept.NextDue(r.now); due != instant.Date(2026, 6, 8).Add(23*time.Hour) { // midnight in London
			t.Errorf("the next deadline is %s", due)
		}
		r.later(8 * 24 * time.Hour)
		same("due, not written")
		if kept.NextDue(r.now) != 0 {
			t.Error("what is due is foreseen")
		}
		closed, err := r.c.CloseDue(t.Context())
		r.ok(err)
		if len(closed) != 2 {
			t.Fatalf("%+v", closed)
		}
		same("written")
		if _, ok := kept.Record("de_none"); ok {
			t.Error("a record of nothing")
		}
	})
}

// TestManyGoOnFromOneBook: none writes where another does, which the race detector sees.
func TestManyGoOnFromOneBook(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		earlier, _ := r.book(nil)
		for i := range 4 { // so that there is room behind the lists
			r.cast(id, 1+i%3, []decisions.Answer{decisions.Favour, decisions.Abstain}[i/3], "")
			if i < 3 {
				earlier, _ = r.book(earlier)
			}
		}
		want, err := r.c.Record(t.Context(), id)
		r.ok(err)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				b, err := r.c.Book(t.Context(), earlier)
				if err != nil {
					t.Error(err)
				} else if got, _ := b.Record(id); !reflect.DeepEqual(got, want) {
					t.Errorf("the record is\n%+v\nwant\n%+v", got, want)
				}
			})
		}
		all.Wait()
	})
}

// TestPutIsCastOnce: the same ballot stands and gives the same receipt, whoever
// of the delegates asks and when; any other ballot is cast.
func TestPutIsCastOnce(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		other := r.person("Second delegate", r.ids[1])
		r.later(time.Second)
		id := r.opened(proposal(decisions.Large))
		put := func(by By, a decisions.Answer, words string) Receipt {
			t.Helper()
			done, err := r.c.Put(ctx, id, by, a, words)
			r.ok(err)
			if done.Decision.Ballots[r.ids[1]].Answer != a || done.Head == "" {
				t.Errorf("%+v", done)
			}
			return done.Receipt
		}
		first := put(r.by(1), decisions.Against, "It costs too much.")
		r.later(time.Minute)
		if again := put(r.by(1), decisions.Against, "It costs too much."); again != first {
			t.Errorf("again: %+v, want %+v", again, first)
		}
		if again := put(By{Actor: other, Member: r.ids[1]}, decisions.Against, "It costs too much."); again != first {
			t.Errorf("by another delegate: %+v, want %+v", again, first)
		}
		r.cast(id, 2, decisions.Favour, "") // its receipt is not the end of the chain any more
		if again := put(r.by(1), decisions.Against, "It costs too much."); again != first {
			t.Errorf("after others: %+v, want %+v", again, first)
		}
		words := put(r.by(1), decisions.Against, "It is ugly.")
		if words.Seq != first.Seq+2 {
			t.Errorf("other words: %+v", words)
		}
		block := put(r.by(1), decisions.Block, "It is ugly.")
		back := put(r.by(1), decisions.Against, "It is ugly.")
		if block.Seq != words.Seq+1 || back.Seq != block.Seq+1 || back == words {
			t.Errorf("another answer, and back: %+v %+v", block, back)
		}
		_, err := r.c.Amend(ctx, id, r.by(0), func(x *decisions.Text) { x.Changes = "We use two." }, false)
		r.ok(err)
		confirmed := put(r.by(1), decisions.Against, "It is ugly.")
		if confirmed.Seq != back.Seq+2 {
			t.Errorf("to the amended text: %+v", confirmed)
		}
		_, err = r.c.Put(ctx, id, By{Actor: r.who[2], Member: r.ids[1]}, decisions.Against, "It is ugly.")
		if yours := (*NotYours)(nil); !errors.As(err, &yours) {
			t.Errorf("the same ballot by somebody else's delegate: %v", err)
		}
		_, err = r.c.Put(ctx, id, r.by(0), "maybe", "")
		r.refused(err, `the ballot is refused: "maybe" is no answer to this decision: answer favour, against, abstain or block`)

		r.later(20 * 24 * time.Hour)
		_, err = r.c.End(ctx, id, By{Actor: r.fay, Member: r.ids[0]}, "Nobody moves.")
		r.ok(err)
		if again := put(r.by(1), decisions.Against, "It is ugly."); again != confirmed {
			t.Errorf("after the end: %+v, want %+v", again, confirmed)
		}
		_, err = r.c.Put(ctx, id, r.by(1), decisions.Favour, "")
		r.refused(err, "the ballot is refused: the decision is not carried, which is final")
		r.whole()
	})
}

// TestTheSameAnswerOnItsPage: who has its ballot before its eyes and gives it again
// answers now, with the concern that is there; the same form once more, a program
// that asks twice, and whoever asks when the decision is over write nothing.
func TestTheSameAnswerOnItsPage(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		put := func(seen string, onAPage bool) Result {
			t.Helper()
			by := r.by(1)
			by.Seen, by.AmongOthers = seen, onAPage
			done, err := r.c.Put(t.Context(), id, by, decisions.Against, "It costs too much.")
			r.ok(err)
			return done
		}
		before := r.read(id).Head.Hash
		first := put(before, true)
		r.cast(id, 2, decisions.Favour, "")
		seen := r.read(id).Head.Hash
		for what, again := range map[string]Result{
			"the same form":             put(before, true),
			"a program that asks":       put("", false),
			"a program that has looked": put(seen, false),
		} {
			if again.Receipt != first.Receipt {
				t.Errorf("%s: %+v, want %+v", what, again.Receipt, first.Receipt)
			}
		}
		_, err := r.c.AnswerConcern(t.Context(), id, r.by(0), 1, "It does not.")
		r.ok(err)
		r.later(time.Minute)
		anew := put(seen, true)
		d := anew.Decision
		if anew.Seq != first.Seq+3 || len(d.Ballots) != 2 || d.Ballots[r.ids[1]].At != r.now {
			t.Errorf("on its page: %+v, %+v", anew.Receipt, d.Ballots)
		}
		if c := d.Concerns[d.Ballots[r.ids[1]].Concern-1]; c.Words != "It costs too much." || c.Answer != "It does not." {
			t.Errorf("its concern is %+v", c)
		}
		if again := put(seen, true); again.Receipt != anew.Receipt {
			t.Errorf("that form again: %+v, want %+v", again.Receipt, anew.Receipt)
		}
		r.later(20 * 24 * time.Hour)
		_, err = r.c.End(t.Context(), id, By{Actor: r.fay, Member: r.ids[0]}, "Nobody moves.")
		r.ok(err)
		if again := put(r.read(id).Head.Hash, true); again.Receipt != anew.Receipt {
			t.Errorf("when it is over: %+v, want %+v", again.Receipt, anew.Receipt)
		}
		r.whole()
	})
}

// TestAReceiptIsOfWhatWasAsked, not of what followed from it in the same
// transaction.
func TestAReceiptIsOfWhatWasAsked(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Favour, "")
		r.later(20 * 24 * time.Hour)
		last := r.cast(id, 2, decisions.Favour, "") // overdue: it closes the decision
		if last.Decision.State != decisions.Passed || last.Hash == last.Head {
			t.Fatalf("%+v", last)
		}
		record, err := r.c.Record(t.Context(), id)
		r.ok(err)
		if e := record.Entries[last.Seq-1]; e.Hash != last.Hash || e.Kind != "cast" || record.Head != last.Head || int64(len(record.Entries)) != last.Seq+1 {
			t.Errorf("the receipt %+v is not of the ballot: %+v", last.Receipt, e)
		}
	})
}

// TestWhatWasSeen: who acts on a state that is past is told what happened since,
// and nothing is written; on the newest the act goes ahead.
func TestWhatWasSeen(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id := r.opened(proposal(decisions.Large))
		seen := r.read(id).Head.Hash
		r.cast(id, 1, decisions.Favour, "")
		_, err := r.c.Retract(ctx, id, r.by(1))
		r.ok(err)
		by := r.by(2)
		by.Seen = seen
		_, err = r.c.Cast(ctx, id, by, decisions.Favour, "")
		moved := (*Moved)(nil)
		at := r.now.String()
		if !errors.As(err, &moved) || err.Error() != "the decision has moved on since you read it: "+at+": a ballot was cast; "+at+": a ballot was retracted" || moved.Head != r.read(id).Head.Hash {
			t.Errorf("%v", err)
		}
		by.Seen = strings.Repeat("0", 64)
		if _, err = r.c.Put(ctx, id, by, decisions.Favour, ""); err == nil || err.Error() != "what you have seen is no state of this decision: read it again" {
			t.Errorf("%v", err)
		}
		entries := r.read(id).Head.Seq
		by.Seen = r.read(id).Head.Hash
		done, err := r.c.Cast(ctx, id, by, decisions.Favour, "")
		r.ok(err)
		if done.Seq != entries+1 {
			t.Errorf("entry %d after %d", done.Seq, entries)
		}
		again, err := r.c.Put(ctx, id, by, decisions.Favour, "") // an answer that was lost is asked for again
		r.ok(err)
		if again.Receipt != done.Receipt {
			t.Errorf("what stands already: %+v, want %+v", again.Receipt, done.Receipt)
		}
		// A deadline that comes in between is something that happened, too.
		by = By{Actor: r.fay, Member: r.ids[0], Seen: done.Head}
		r.later(20 * 24 * time.Hour)
		if _, err = r.c.End(ctx, id, by, ""); err == nil || !strings.HasSuffix(err.Error(), ": its deadline was judged") {
			t.Errorf("%v", err)
		}
	})
}

// TestWhoeverIsNotPermittedWritesNothing: it is asked in the transaction itself.
func TestWhoeverIsNotPermittedWritesNothing(t *testing.T) {
	eachRoom(t, 2, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		id := r.opened(proposal(decisions.Large))
		no := errors.New("no")
		asked := 0
		by := r.by(1)
		by.Permit = func(context.Context, *store.Tx) error { asked++; return no }
		entries := r.read(id).Head.Seq
		if _, err := r.c.Cast(ctx, id, by, decisions.Favour, ""); !errors.Is(err, no) {
			t.Error(err)
		}
		if _, err := r.c.Propose(ctx, by, proposal(decisions.Large)); !errors.Is(err, no) {
			t.Error(err)
		}
		all, err := r.c.List(ctx)
		r.ok(err)
		if asked != 2 || len(all) != 1 || r.read(id).Head.Seq != entries {
			t.Errorf("asked %d times, %d decisions", asked, len(all))
		}
		by.Permit = func(context.Context, *store.Tx) error { return nil }
		_, err = r.c.Cast(ctx, id, by, decisions.Favour, "")
		r.ok(err)
	})
}

func TestEveryEventHasAPast(t *testing.T) {
	for _, k := range decisions.EventKinds() {
		if k.Past() == "" {
			t.Errorf("nobody can be told that %s happened", k)
		}
	}
}

// TestOthersRefuseNobodysAnswer: who answers on a page that was read before another member
// answered is not refused for that. What changes the question, or was done for the same
// member, refuses it all the same, and is all that is told.
func TestOthersRefuseNobodysAnswer(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		dee := r.person("Dee", r.ids[2])
		r.later(time.Minute)
		p := proposal(decisions.Medium)
		id := r.opened(p)
		seen := r.read(id).Head.Hash
		by := func(i int) By {
			b := r.by(i)
			b.Seen, b.AmongOthers = seen, true
			return b
		}
		moved := func(err error, want ...string) {
			t.Helper()
			for i := range want {
				want[i] = r.now.String() + ": " + want[i]
			}
			if err == nil || err.Error() != "the decision has moved on since you read it: "+strings.Join(want, "; ") {
				t.Errorf("%v\nwant %q", err, want)
			}
		}
		// Another member answers a minute before the deadline, and then this one.
		v := r.read(id)
		r.now = v.Decision.Ends().Add(-time.Minute)
		_, err := r.c.Announce(ctx, id, r.by(0), "the room")
		r.ok(err)
		r.cast(id, 1, decisions.Against, "Too dear.")
		_, err = r.c.AnswerConcern(ctx, id, r.by(0), 1, "It is not.")
		r.ok(err)
		_, err = r.c.Put(ctx, id, by(2), decisions.Favour, "")
		r.ok(err)
		_, err = r.c.Object(ctx, id, by(3), "Nobody asked us.")
		r.ok(err)
		// The same member's own acts count, whoever of its delegates did them.
		_, err = r.c.Cast(ctx, id, By{Actor: dee, Member: r.ids[2], Seen: seen, AmongOthers: true}, decisions.Abstain, "")
		moved(err, "a ballot was cast")
		_, err = r.c.Retract(ctx, id, by(2))
		moved(err, "a ballot was cast")
		_, err = r.c.Unobject(ctx, id, by(3))
		moved(err, "a member objected")
		// On what it has seen of its own it takes back what it did, whatever others do.
		seen = r.read(id).Head.Hash
		r.cast(id, 1, decisions.Favour, "")
		_, err = r.c.Retract(ctx, id, by(2))
		r.ok(err)
		_, err = r.c.Unobject(ctx, id, by(3))
		r.ok(err)
		// Anything else than an answer is refused for what others did, and told all of it.
		seen = r.read(id).Head.Hash
		r.cast(id, 1, decisions.Abstain, "")
		_, err = r.c.MoreTime(ctx, id, by(2), "We meet on Friday.")
		moved(err, "a ballot was cast")
		// So is an answer where the deadline, the text or the size is another one.
		_, err = r.c.MoreTime(ctx, id, r.by(3), "We meet on Friday.")
		r.ok(err)
		_, err = r.c.Cast(ctx, id, by(2), decisions.Favour, "")
		moved(err, "more time was asked for")
		seen = r.read(id).Head.Hash
		_, err = r.c.Amend(ctx, id, r.by(0), func(t *decisions.Text) { t.Changes = "We use two." }, true)
		r.ok(err)
		_, err = r.c.Cast(ctx, id, by(2), decisions.Favour, "")
		moved(err, "the text was amended")
		seen = r.read(id).Head.Hash
		_, err = r.c.Escalate(ctx, id, r.by(1), decisions.Large, "It is big.")
		r.ok(err)
		_, err = r.c.Object(ctx, id, by(2), "No.")
		moved(err, "it was escalated")
		seen = strings.Repeat("0", 64)
		if _, err = r.c.Cast(ctx, id, by(2), decisions.Favour, ""); err == nil || err.Error() != "what you have seen is no state of this decision: read it again" {
			t.Errorf("%v", err)
		}
		// And one that its deadline has led on.
		v = r.read(id)
		seen, r.now = v.Head.Hash, v.Decision.Ends()
		if _, err = r.c.Cast(ctx, id, by(2), decisions.Favour, ""); err == nil || !strings.HasSuffix(err.Error(), ": its deadline was judged") {
			t.Errorf("%v", err)
		}
		// Nor is one taken where the deadline has moved by itself: it was announced too late.
		id = r.opened(p)
		v = r.read(id)
		r.now = v.Decision.Ends().Add(-time.Minute)
		_, err = r.c.Announce(ctx, id, r.by(0), "the room")
		r.ok(err)
		seen = r.read(id).Head.Hash
		r.now = v.Decision.Ends()
		if _, err = r.c.Cast(ctx, id, by(2), decisions.Favour, ""); err == nil || !strings.HasSuffix(err.Error(), ": its deadline was judged") || r.read(id).Decision.State != decisions.Opened {
			t.Errorf("%v", err)
		}
		r.whole()
	})
}
