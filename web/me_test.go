package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// read is a complete snapshot of upstream that shows nothing.
func (s *site) read(n int64) {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.InTx(ctx, store.Pulls, s.clock(), func(tx *store.Tx) error {
		pull := fmt.Sprint("pl_", n)
		if err := tx.AddPull(ctx, store.Pull{ID: pull, Started: s.clock(), Finished: s.clock(), Outcome: "complete"}); err != nil {
			return err
		}
		return tx.AddSnapshot(ctx, store.Snapshot{Number: n, Start: s.clock(), Pull: pull, Collective: "ac_us", Currency: money.Currency{'G', 'B', 'P'}})
	}))
}

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
		err = dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{Kind: string(decisions.Open), At: s.clock() + 1000, Number: 1, State: string(decisions.Opened),
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
	s.get("/me").want(t, 200, "How your members stand cannot be told just now", ">New delegates</h2>", "<strong>Bea &lt;Example&gt;</strong>", `name="person" value="`+string(bea)+`"`, `<button>Confirm Bea &lt;Example&gt;</button>`)
	s.post("/me/confirm", "person", string(s.ada), "member", string(ash)).want(t, http.StatusConflict, "Nothing was changed.", "<li>Nobody confirms himself.</li>")
	s.post("/me/confirm", "person", string(bea), "member", "m_none").want(t, http.StatusConflict, "There is no member", "is not delegate of")
	s.post("/me/confirm", "person", string(bea), "member", string(ash)).leads(t, "/me")
	if p := s.get("/me"); strings.Contains(p.body, "New delegates") {
		t.Error("Bea is confirmed, and the page asks again")
	}
	s.post("/me/confirm", "person", string(bea), "member", string(ash)).want(t, http.StatusConflict, "is confirmed as delegate of", "already")
}

// A delegate reads how the member stands, why, what it rests on and what to do,
// as dues are paid, run late and are not paid any more.
func TestOnesStanding(t *testing.T) {
	s := newSite(t, nil)
	ctx, op := t.Context(), roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "asked"}
	days := func(n int) { s.now.Add(int64(time.Duration(n) * 24 * time.Hour / time.Microsecond)) }
	s.now.Store(int64(instant.Date(2026, 3, 10)))
	s.read(1)
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	p := s.get("/me").want(t, 200, "We cannot say yet", "Ask a treasurer to link the member’s Open Collective account", "No Open Collective account is linked and no payment was entered.",
		`<a href="mailto:treasurers@example.org?subject=Dues%20of%20Ash`)
	if strings.Contains(p.body, "<svg viewBox=\"0 0 360") || strings.Contains(p.body, "goodstanding link") {
		t.Errorf("a picture of nothing, or a command:\n%s", p.body)
	}
	_, _, err := s.roll.Pay(ctx, op, roll.PaymentEntry{Member: s.ash, Amount: money.Money{Minor: 3000, Currency: money.Currency{'G', 'B', 'P'}}, Received: s.clock(), Months: 3})
	s.ok(err)
	days(1)
	s.get("/me").want(t, 200, `<p class="stands">Paid up until 10 June 2026</p>`, "It may vote, and you for it.", "It is not shown in the provider list.", "There is no public profile.", "Entered payment for 3 months",
		">£30.00</td>", "counts here", "paid for from 10 March 2026 until 10 June 2026; 1 payment in it", `<rect class="l-paid"`, ">10 June 2026, 00:00 (UTC)</time>", "the reasons change; the state and what it means stay", "the dues are £10.00 a month")
	days(98)
	s.read(2)
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	s.get("/me").want(t, 200, "Payment late. Rights stay until 1 July 2026", "tone-late", "It may vote", "By what is known now until 1 July 2026.", "days of grace from 10 June 2026 until 1 July 2026", `<rect class="l-grace"`,
		"Pay £10.00 a month or more through Open Collective.", `href="https://pay.example.org/us"`, "Ask the treasurer for a waiver", ">1 July 2026, 00:00 (UTC)</time>", "the vote rests")
	days(10)
	s.read(3)
	days(10)
	s.read(4)
	s.get("/me").want(t, 200, "Dues not paid since 10 June 2026", "tone-bad", "It may not vote now.", "The last full payment has run out; days of grace until 1 July 2026.", "Time alone changes nothing of this.")
}

// What is said of a member is as old as the last reading; when that is long ago,
// the page says so.
func TestTheAgeOfAStanding(t *testing.T) {
	s := newSite(t, nil)
	const words = "Open Collective was last read on "
	s.read(1)
	day := s.clock().Time().Format("2 January 2006")
	s.post("/sign-in/link", "token", s.link("")).leads(t, "/me")
	if p := s.get("/me"); strings.Contains(p.body, words) {
		t.Error("it was just read")
	}
	s.now.Add(int64(48 * time.Hour / time.Microsecond))
	s.get("/me").want(t, 200, words+day+". What is said here is as of then; nobody loses a right by that.")
	s.read(2)
	if p := s.get("/me"); strings.Contains(p.body, words) {
		t.Error("it was read again")
	}
}
