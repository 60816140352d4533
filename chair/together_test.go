package chair

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// hold keeps whoever serves those who vote until all of them have come, so that they
// share a transaction; it returns what lets them go.
func (r *room) hold() (letGo func(waiting int)) {
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		r.c.line.mu.Lock()
		idle := !r.c.line.served // whoever served those before has ended
		r.c.line.served = true   // by nobody yet
		r.c.line.mu.Unlock()
		if idle {
			break
		}
		if time.Since(began) > time.Minute {
			r.t.Fatal("those who voted before are still served")
		}
	}
	return func(waiting int) {
		r.t.Helper()
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			r.c.line.mu.Lock()
			n := len(r.c.line.waiting)
			r.c.line.mu.Unlock()
			if n == waiting {
				break
			}
			if time.Since(began) > time.Minute {
				r.t.Fatalf("%d wait, want %d", n, waiting)
			}
		}
		r.c.serve()
	}
}

// Of those who vote at the same moment each is told what it would be told alone:
// whoever may not vote is refused for its own reasons and changes nothing for the
// others, and every other has an entry of its own, where the receipt says.
func TestTheyAreToldWhatEachWouldBeToldAlone(t *testing.T) {
	eachRoom(t, 6, "seed-2022", func(t *testing.T, r *room) {
		one, other := r.opened(proposal(decisions.Large)), r.opened(proposal(decisions.Large))
		r.later(time.Hour)
		stranger := r.person("Stranger")
		late := r.person("Late", r.ids[1])
		_, err := r.roll.Pause(t.Context(), roll.By{Actor: r.who[5], Reason: "a rest"}, r.ids[5], r.now, false)
		r.ok(err)
		r.later(time.Hour)
		type act struct {
			id     ID
			by     By
			answer decisions.Answer
			words  string
			want   string // of the refusal; "" for a receipt
		}
		acts := []act{
			{one, r.by(0), decisions.Favour, "", ""},
			{one, By{Actor: stranger}, decisions.Favour, "", "the ballot is refused: the member has no place in the electorate of this decision: it was not an admitted member, or was paused or suspended, when the decision was opened; the member has no vote now"},
			{other, r.by(1), decisions.Abstain, "", ""},
			{one, r.by(1), decisions.Against, "", "the ballot is refused: the answer against says in words what the concern is"},
			{one, By{Actor: late}, decisions.Favour, "", "Late became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)"},
			{"dc_none", r.by(2), decisions.Favour, "", `there is no decision "dc_none": see goodstanding decisions list`},
			{one, r.by(2), decisions.Block, "It costs too much.", ""},
			{one, r.by(0), decisions.Abstain, "", ""},  // its second thought
			{one, r.by(5), decisions.Favour, "", ""},   // ends its pause, alone
			{other, r.by(5), decisions.Favour, "", ""}, // the same
		}
		barred := r.by(2)
		barred.Permit = func(context.Context, *store.Tx) error { return &NotYours{"the token was revoked"} }
		for _, id := range []ID{one, "dc_none"} { // it is asked first: who may not act hears nothing of the decision
			acts = append(acts, act{id, barred, decisions.Favour, "", "the token was revoked"})
		}
		before := r.read(one).Head.Seq + r.read(other).Head.Seq
		letGo := r.hold()
		results, errs := make([]Result, len(acts)), make([]error, len(acts))
		var all sync.WaitGroup
		for i, a := range acts {
			all.Go(func() { results[i], errs[i] = r.c.Cast(t.Context(), a.id, a.by, a.answer, a.words) })
		}
		letGo(len(acts))
		all.Wait()
		entries := map[string]bool{}
		for i, a := range acts {
			switch {
			case a.want != "":
				if errs[i] == nil || errs[i].Error() != a.want {
					t.Errorf("ballot %d: %v\nwant %s", i, errs[i], a.want)
				}
			case errs[i] != nil:
				t.Errorf("ballot %d: %v", i, errs[i])
			default:
				receipt := results[i].Receipt
				entries[fmt.Sprint(receipt.Decision, receipt.Seq)] = true
				if e := r.entryAt(a.id, receipt.Seq); e.Hash != receipt.Hash || e.Kind != string(decisions.Cast) || e.At != receipt.At {
					t.Errorf("ballot %d: the receipt is %+v, the entry %+v", i, receipt, e)
				}
			}
		}
		if len(entries) != 6 {
			t.Errorf("%d entries have a receipt, want 6", len(entries))
		}
		if after := r.read(one).Head.Seq + r.read(other).Head.Seq; after != before+6 {
			t.Errorf("%d entries were written, want 6", after-before)
		}
		if b := r.read(one).Decision.Ballots; len(b) != 3 || b[r.ids[2]].Answer != decisions.Block || b[r.ids[5]].Answer != decisions.Favour {
			t.Errorf("the ballots are %+v", b)
		}
		r.whole()
	})
}

func (r *room) entryAt(id ID, seq int64) (e store.DecisionEntry) {
	r.t.Helper()
	r.ok(r.db.View(r.t.Context(), func(tx *store.Tx) error {
		entries, err := tx.DecisionEntriesAfter(r.t.Context(), string(id), seq-1)
		if err == nil && len(entries) > 0 {
			e = entries[0]
		}
		return err
	}))
	return e
}

// Whoever stops waiting before its turn has voted nothing; whose turn has come hears
// what became of the ballot.
func TestWhoStopsWaitingHasNotVoted(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		letGo := r.hold()
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, voted := make(chan error, 1), make(chan error, 1)
		cast := func(ctx context.Context, i int, done chan<- error) {
			_, err := r.c.Cast(ctx, id, r.by(i), decisions.Favour, "")
			done <- err
		}
		go cast(ctx, 0, gaveUp)
		time.Sleep(10 * time.Millisecond) // so that it waits, for the most part
		cancel()
		errs := [2]error{<-gaveUp}
		go cast(t.Context(), 1, voted)
		letGo(1)
		errs[1] = <-voted
		if !errors.Is(errs[0], context.Canceled) || errs[1] != nil {
			t.Errorf("%v and %v", errs[0], errs[1])
		}
		if b := r.read(id).Decision.Ballots; len(b) != 1 || b[r.ids[1]].Answer != decisions.Favour {
			t.Errorf("the ballots are %+v", b)
		}
		r.whole()
	})
}

// An error that nobody was told the reason of, about one of those who vote together,
// lets the others vote: each goes alone then.
func TestAFaultOfOneIsNotTheOthers(t *testing.T) {
	odd := errors.New("something is odd")
	for what, permit := range map[string]func(context.Context, *store.Tx) error{
		"an error": func(context.Context, *store.Tx) error { return odd },
		"a panic":  func(context.Context, *store.Tx) error { panic(odd) },
	} {
		t.Run(what, func(t *testing.T) { aFaultOfOne(t, permit, odd) })
	}
}

func aFaultOfOne(t *testing.T, permit func(context.Context, *store.Tx) error, odd error) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		faulty := r.by(0)
		faulty.Permit = permit
		letGo := r.hold()
		var errs [3]error
		var all sync.WaitGroup
		for i, by := range []By{r.by(1), faulty, r.by(2)} {
			all.Go(func() {
				defer func() {
					if met, ok := recover().(error); ok { // by whoever asked, as in a handler
						errs[i] = met
					}
				}()
				_, errs[i] = r.c.Cast(t.Context(), id, by, decisions.Favour, "")
			})
		}
		letGo(3)
		all.Wait()
		if errs[0] != nil || !errors.Is(errs[1], odd) || errs[2] != nil {
			t.Errorf("%v", errs)
		}
		if b := r.read(id).Decision.Ballots; len(b) != 2 || b[r.ids[0]].Member != "" {
			t.Errorf("the ballots are %+v", b)
		}
		r.whole()
	})
}

// The deadline is the same for those who wait together: what was due is closed before
// any of them is looked at. Where that decides it, all are refused; where answers are
// waited for, they come after what closed it.
func TestNobodyVotesTogetherBeforeWhatIsDue(t *testing.T) {
	for size, want := range map[decisions.Size]struct {
		state   decisions.State
		refused string
		ballots int
	}{
		decisions.Medium: {decisions.Passed, "the ballot is refused: the decision is passed, which is final", 1},
		decisions.Large:  {decisions.Passed, "", 4},
	} {
		t.Run(string(size), func(t *testing.T) {
			eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
				id := r.opened(proposal(size))
				_, err := r.c.Announce(t.Context(), id, r.by(0), "the room")
				r.ok(err)
				r.cast(id, 0, decisions.Favour, "")
				v := r.read(id)
				r.now = v.Decision.Ends()
				letGo := r.hold()
				var errs [3]error
				var all sync.WaitGroup
				for i := range errs {
					all.Go(func() { _, errs[i] = r.c.Cast(t.Context(), id, r.by(i+1), decisions.Favour, "") })
				}
				letGo(3)
				all.Wait()
				for _, err := range errs {
					if got := fmt.Sprint(err); err == nil && want.refused != "" || err != nil && got != want.refused {
						t.Errorf("%v, want %q", err, want.refused)
					}
				}
				if e := r.entryAt(id, v.Head.Seq+1); e.Kind != string(decisions.Close) {
					t.Errorf("the first entry after the deadline is %s", e.Kind)
				}
				if d := r.read(id).Decision; d.State != want.state || len(d.Ballots) != want.ballots {
					t.Errorf("it is %s with %d ballots", d.State, len(d.Ballots))
				}
				r.whole()
			})
		})
	}
}

// What the roll says of everybody is kept from one ballot to the next: until somebody
// writes a fact, in this process or another one, and until an instant at which time
// alone may change it.
func TestWhatIsKeptOfTheRollEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, 4, "seed-2022")
		contact := r.person("Contact")
		contact.Roles = []member.Role{member.ContactPerson}
		r.ok(r.roll.SetRole(t.Context(), r.operator("elected"), member.PersonID(contact.ID), member.ContactPerson, true))
		elsewhere, _ := r.parts(open())
		id := r.opened(proposal(decisions.Large))
		answers := []decisions.Answer{decisions.Favour, decisions.Abstain}
		votes := func(i, n int, want string) {
			t.Helper()
			r.cast(id, 0, answers[n%2], "") // so that it is kept
			_, err := r.c.Cast(t.Context(), id, r.by(i), answers[n%2], "")
			if got := fmt.Sprint(err); got != want {
				t.Errorf("ballot %d: %s\nwant %s", n, got, want)
			}
		}
		votes(1, 0, "<nil>")
		until := r.now.Add(48 * time.Hour)
		_, err := elsewhere.Suspend(t.Context(), roll.By{Actor: contact, Reason: "it was agreed"}, r.ids[1], r.now, until)
		r.ok(err)
		const refused = "the ballot is refused: no right to vote: Suspended under the code of co-operation until 3 June 2026"
		votes(1, 1, refused)
		r.now = until - 1
		votes(1, 2, refused)
		r.now = until
		votes(1, 3, "<nil>")
		r.whole()
	})
}

// Whoever votes closes what is due of other decisions, too, and votes after that.
func TestWhoVotesClosesWhatElseIsDue(t *testing.T) {
	eachRoom(t, 4, "seed-2022", func(t *testing.T, r *room) {
		due := r.opened(proposal(decisions.Medium))
		_, err := r.c.Announce(t.Context(), due, r.by(0), "the room")
		r.ok(err)
		r.cast(due, 0, decisions.Favour, "")
		seq := r.read(due).Head.Seq
		r.later(48 * time.Hour)
		other := r.opened(proposal(decisions.Medium)) // ends later
		d := r.read(due).Decision
		r.now = d.Ends()
		r.cast(other, 1, decisions.Favour, "")
		if e := r.entryAt(due, seq+1); e.Kind != string(decisions.Close) || e.State != string(decisions.Passed) {
			t.Errorf("after its deadline it has %+v", e)
		}
		r.whole()
	})
}
