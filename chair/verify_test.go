package chair

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// decided is a room with a decision that three members have answered.
func decided(t *testing.T, open func() *store.DB) (*room, ID) {
	r := newRoom(t, open, 4, "seed-2022")
	id := r.opened(proposal(decisions.Large))
	r.cast(id, 0, decisions.Favour, "")
	r.cast(id, 1, decisions.Against, "Too dear.")
	r.cast(id, 1, decisions.Favour, "")
	r.cast(id, 2, decisions.Abstain, "")
	return r, id
}

// 50 members recast a thousand times through two processes: 50 ballots, the
// last of each, and a whole chain.
func TestAThousandRecasts(t *testing.T) {
	members, recasts := 50, 1000
	if testing.Short() || raced {
		members, recasts = 10, 100
	}
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, members, "seed-2022")
		id := r.opened(proposal(decisions.Large))
		_, second := r.parts(open())
		chairs := []*Chair{r.c, second}
		answers := []decisions.Answer{decisions.Favour, decisions.Abstain, decisions.Block}
		var group sync.WaitGroup
		work := make(chan int)
		for w := range 8 {
			group.Go(func() {
				for i := range work {
					if _, err := chairs[w%2].Cast(t.Context(), id, r.by(i%members), answers[(i/members+i)%3], "A concern."); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range recasts {
			work <- i
		}
		close(work)
		group.Wait()
		v := r.read(id)
		if len(v.Decision.Ballots) != members || v.Outcome.Tally.Cast() != members || v.Head.Seq != int64(2+recasts) {
			t.Errorf("%d ballots, %d cast, %d entries", len(v.Decision.Ballots), v.Outcome.Tally.Cast(), v.Head.Seq)
		}
		r.whole()
		t.Logf("%s: %d recasts by %d members left %d ballots and a whole chain of %d entries", r.db.Engine(), recasts, members, len(v.Decision.Ballots), v.Head.Seq)
	})
}

// Two chairs end and withdraw at once: one wins, the other is told.
func TestTwoActAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r, id := decided(t, open)
		_, second := r.parts(open())
		errs := make([]error, 2)
		var group sync.WaitGroup
		group.Go(func() { _, errs[0] = r.c.Withdraw(t.Context(), id, r.by(0), "No more.") })
		group.Go(func() { _, errs[1] = second.Stall(t.Context(), id, By{Actor: r.fay}, "No time.") })
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%v, %v: one has to win", errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil && !strings.Contains(err.Error(), "is refused: the decision is ") {
				t.Errorf("the other is told %v", err)
			}
		}
		r.whole()
	})
}

// The clock goes back an hour: nothing reopens, and entries stay in order.
func TestTheClockGoesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, 2, "seed-2022")
		id := r.opened(proposal(decisions.Medium))
		_, err := r.c.Announce(t.Context(), id, r.by(0), "the room")
		r.ok(err)
		r.now = instant.Date(2026, 6, 9)
		_, err = r.c.CloseDue(t.Context())
		r.ok(err)
		r.later(-2 * time.Hour) // before the deadline again
		if v := r.read(id); v.Decision.State != decisions.Passed {
			t.Errorf("it is %s again", v.Decision.State)
		}
		next := r.opened(proposal(decisions.Large))
		r.cast(next, 0, decisions.Favour, "")
		r.later(-time.Hour)
		if done := r.cast(next, 1, decisions.Favour, ""); done.At < r.now.Add(time.Hour) {
			t.Errorf("cast at %s, before the ballot before it", done.At)
		}
		r.whole()
	})
}

// A decision that cannot be read keeps no other from being closed, and is told of.
func TestOneThatCannotBeClosedKeepsNoOther(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t), 2, "seed-2022")
	first, second := r.opened(proposal(decisions.Large)), r.opened(proposal(decisions.Large))
	raw(t, r.db, `UPDATE decision_entry SET private = '{' WHERE seq = 2 AND decision = '`+string(first)+`'`)
	_, r.c = r.parts(r.db) // with nothing in memory
	r.later(30 * 24 * time.Hour)
	closed, err := r.c.CloseDue(t.Context())
	if len(closed) != 1 || closed[0].ID != second || closed[0].State != decisions.Overdue {
		t.Errorf("closed %+v", closed)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "close what is due: decision 1: entry 2 of decision "+string(first)+" cannot be read") {
		t.Errorf("says %v", err)
	}
	if _, err := r.c.Cast(t.Context(), second, r.by(0), decisions.Favour, ""); err == nil {
		t.Error("somebody acts, though not all that is due was closed")
	}
}

// raw changes the database by hand, with what keeps people from that taken away.
func raw(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	x, err := sqlx.Open("sqlite", strings.TrimPrefix(db.Where(), "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()
	for _, s := range []string{`DROP TRIGGER IF EXISTS decision_entry_append_only_update`, `DROP TRIGGER IF EXISTS decision_entry_append_only_delete`, statement} {
		if _, err := x.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// What somebody changes in the database is found: entries by the chain, texts by
// their hashes in it.
func TestWhatWasChangedIsFound(t *testing.T) {
	for _, c := range []struct {
		what, statement, want string
	}{
		{"nothing", `UPDATE decision_head SET seq = seq`, ""},
		{"an answer", `UPDATE decision_entry SET private = replace(private, '"favour"', '"block"') WHERE seq = 3`, "its content does not fit its hash"},
		{"an answer in public", `UPDATE decision_entry SET public = replace(public, '"favour"', '"block"') WHERE seq = 3`, "its content does not fit its hash"},
		{"a ballot is gone", `DELETE FROM decision_entry WHERE seq = 6`, "entry 6 is missing"},
		{"a text", `UPDATE text SET body = 'Too cheap.' WHERE body = 'Too dear.'`, "the text of entry 4 was changed"},
		{"the text of the proposal", `UPDATE text SET body = replace(body, 'We use one', 'We use two') WHERE body LIKE '{"title"%'`, "the text of entry 1 was changed"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r, _ := decided(t, dbtest.SQLite(t))
			raw(t, r.db, c.statement)
			all, err := r.c.Verify(t.Context())
			r.ok(err)
			if got := all[0].Why + all[0].Wrong; got != c.want || all[0].OK() != (c.want == "") {
				t.Errorf("finds %q, want %q", got, c.want)
			}
		})
	}
}

// A text that was erased leaves the decision as it was, without the words.
func TestATextIsErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r, id := decided(t, open)
		before := r.read(id)
		r.eraseTexts(id)
		after := r.read(id)
		if fmt.Sprint(after.Outcome.Tally) != fmt.Sprint(before.Outcome.Tally) || after.Decision.State != before.Decision.State {
			t.Errorf("%+v, was %+v", after.Outcome.Tally, before.Outcome.Tally)
		}
		if c := after.Decision.Concerns[0].Words; c != erased || strings.Contains(after.Decision.Proposal.Title, "calendar") {
			t.Errorf("still there: %q %q", c, after.Decision.Proposal.Title)
		}
		r.whole()
	})
}

// Public parts name nobody: neither members nor persons nor what they wrote.
func TestPublicPartsNameNobody(t *testing.T) {
	r, id := decided(t, dbtest.SQLite(t))
	r.now = instant.Date(2026, 7, 1)
	_, err := r.c.CloseDue(t.Context())
	r.ok(err)
	r.ok(r.db.View(t.Context(), func(tx *store.Tx) error {
		entries, err := tx.DecisionEntries(context.Background(), string(id))
		voters := map[string]bool{}
		for _, e := range entries {
			for _, secret := range append([]string{"Too dear", "We use one", r.fay.ID, "Delegate", "Member 0"}, asStrings(r)...) {
				if strings.Contains(e.Public, secret) {
					t.Errorf("entry %d says %q: %s", e.Seq, secret, e.Public)
				}
			}
			if _, rest, ok := strings.Cut(e.Public, `"voter":"`); ok {
				voters[rest[:32]] = true
			}
		}
		if len(voters) != 3 {
			t.Errorf("%d voters can be told apart, want 3", len(voters))
		}
		return err
	}))
}

func asStrings(r *room) (out []string) {
	for i := range r.ids {
		out = append(out, string(r.ids[i]), r.who[i].ID)
	}
	return out
}
