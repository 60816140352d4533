package chair

import (
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// What a decision rested on is compared with the register: a register that somebody
// changed afterwards does not fit it. What was compared before is left out until
// the chain moves.
func TestDecisionsAreComparedWithTheRegister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r, id := decided(t, open)
		r.later(60 * 24 * time.Hour)
		_, err := r.c.CloseDue(t.Context())
		r.ok(err)
		r.whole()
		first, err := r.c.VerifyPlaces(t.Context(), nil)
		r.ok(err)
		if len(first) != 1 || first[0].Checked != 2 || first[0].Decision != string(id) {
			t.Fatalf("compared %+v", first)
		}
		again, err := r.c.VerifyPlaces(t.Context(), map[string]string{string(id): first[0].Head})
		r.ok(err)
		if len(again) != 0 {
			t.Errorf("nothing has moved, and compared are %+v", again)
		}
		dbtest.Tamper(t, r.db, fmt.Sprintf(`UPDATE membership_event SET kind = 'left' WHERE member = '%s' AND kind = 'admitted'`, r.ids[3]))
		_, r.c = r.parts(r.db)
		found, err := r.c.VerifyPlaces(t.Context(), nil)
		r.ok(err)
		if want := "entry 2: its electorate of 4 is not that of the register then, of 3"; found[0].Wrong != want {
			t.Errorf("finds %q, want %q", found[0].Wrong, want)
		}
	})
}

// A count that rests on another word than the register's is found.
func TestACountIsComparedWithTheRegister(t *testing.T) {
	r, id := decided(t, dbtest.SQLite(t))
	r.later(60 * 24 * time.Hour)
	_, err := r.c.CloseDue(t.Context())
	r.ok(err)
	past := r.hindsight()
	v := r.read(id)
	ev := v.Events[len(v.Events)-1]
	if ev.Kind != decisions.Close || votesFault(past, &ev) != "" {
		t.Fatalf("the last event is %s: %s", ev.Kind, votesFault(past, &ev))
	}
	changed := ev.Roll[r.ids[0]]
	changed.Vote = !changed.Vote
	ev.Roll[r.ids[0]] = changed
	want := fmt.Sprintf("it was counted with the member %s as admitted without a vote, and the register says admitted with a vote", r.ids[0])
	if got := votesFault(past, &ev); got != want {
		t.Errorf("finds %q, want %q", got, want)
	}
}
