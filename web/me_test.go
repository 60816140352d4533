package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Who is delegate confirms one who came while a decision is open, on the page:
// nobody can do it for himself, and a second time says why not.
func TestConfirmingADelegate(t *testing.T) {
	s := newSite(t, nil)
	ctx := t.Context()
	s.ok(s.db.InTx(ctx, store.Decisions, s.clock(), func(tx *store.Tx) error {
		if _, err := tx.AddDecision(ctx, "de_1", "Europe/London"); err != nil {
			return err
		}
		head, _, err := tx.LockDecision(ctx, "de_1")
		if err != nil {
			return err
		}
		_, err = tx.AppendDecision(ctx, head, store.NewDecisionEntry{Kind: string(decisions.Open), At: s.clock() + 1000, Number: 1, State: string(decisions.Opened),
			Due: s.clock().Add(100 * time.Hour), Public: map[string]any{}, Private: map[string]any{}})
		return err
	}))
	s.now.Add(int64(time.Minute / time.Microsecond))
	s.post("/me/confirm", "person", "p_1", "member", "m_1").leads(t, "/sign-in?next=%2Fme")
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	if p := s.get("/me"); strings.Contains(p.body, "New delegates") {
		t.Error("there is somebody to confirm before anybody came")
	}
	var ash member.ID
	people, err := s.roll.People(ctx)
	s.ok(err)
	for _, p := range people {
		if p.ID == s.ada {
			ash = p.Delegates[0].Member
		}
	}
	op := roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "asked"}
	bea, err := s.roll.AddPerson(ctx, op, roll.NewPerson{Email: "bea@people.example", Name: "Bea <Example>", DelegateOf: []member.ID{ash}})
	s.ok(err)
	s.get("/me").want(t, 200, "<h2>New delegates</h2>", "<strong>Bea &lt;Example&gt;</strong>", `name="person" value="`+string(bea)+`"`, `<button>Confirm Bea &lt;Example&gt;</button>`)
	s.post("/me/confirm", "person", string(s.ada), "member", string(ash)).want(t, http.StatusConflict, "Nothing was changed: nobody confirms himself.")
	s.post("/me/confirm", "person", string(bea), "member", "m_none").want(t, http.StatusConflict, "there is no member", "is not delegate of")
	s.post("/me/confirm", "person", string(bea), "member", string(ash)).leads(t, "/me")
	if p := s.get("/me"); strings.Contains(p.body, "New delegates") {
		t.Error("Bea is confirmed, and the page asks again")
	}
	s.post("/me/confirm", "person", string(bea), "member", string(ash)).want(t, http.StatusConflict, "is confirmed as delegate of", "already")
}

// What is said of a member is as old as the last reading; when that is long ago,
// the page says so.
func TestTheAgeOfAStanding(t *testing.T) {
	s := newSite(t, nil)
	ctx := t.Context()
	read := func(n int64) {
		t.Helper()
		s.ok(s.db.InTx(ctx, store.Pulls, s.clock(), func(tx *store.Tx) error {
			pull := fmt.Sprint("pl_", n)
			if err := tx.AddPull(ctx, store.Pull{ID: pull, Started: s.clock(), Finished: s.clock(), Outcome: "complete"}); err != nil {
				return err
			}
			return tx.AddSnapshot(ctx, store.Snapshot{Number: n, Start: s.clock(), Pull: pull, Collective: "ac_us", Currency: money.Currency{'G', 'B', 'P'}})
		}))
	}
	const words = "Open Collective was last read on "
	read(1)
	day := s.clock().Time().Format("2 January 2006")
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	if p := s.get("/me"); strings.Contains(p.body, words) {
		t.Error("it was just read")
	}
	s.now.Add(int64(48 * time.Hour / time.Microsecond))
	s.get("/me").want(t, 200, words+day+". What is said here is as of then; nobody loses a right by that.")
	read(2)
	if p := s.get("/me"); strings.Contains(p.body, words) {
		t.Error("it was read again")
	}
}
