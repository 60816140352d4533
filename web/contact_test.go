package web

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// A member's contact, who cannot sign in, confirms a new delegate by the link
// that was mailed; opening the link does nothing, and a second press says so.
func TestAContactConfirmsADelegate(t *testing.T) {
	s := newSite(t, nil)
	ctx := t.Context()
	var ash member.ID
	people, err := s.roll.People(ctx)
	s.ok(err)
	for _, p := range people {
		if p.ID == s.ada {
			ash = p.Delegates[0].Member
		}
	}
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
		return errors.Join(err, tx.SetContact(ctx, store.Contact{ID: "co_1", Member: ash, Email: "office@ash.example"}))
	}))
	s.now.Add(int64(time.Minute / time.Microsecond))
	op := roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "asked"}
	_, err = s.roll.AddPerson(ctx, op, roll.NewPerson{Email: "bea@people.example", Name: "Bea <Example>", DelegateOf: []member.ID{ash}})
	s.ok(err)
	var link roll.ContactLink
	s.ok(s.db.InTx(ctx, store.NoStream, s.clock(), func(tx *store.Tx) error {
		rows, err := tx.Notices(ctx, store.OutboxQuery{Kind: notify.DelegateConfirm})
		if err == nil {
			link, _, err = roll.MakeContactLink(ctx, tx, rows[0])
		}
		return err
	}))
	page := roll.ContactPath + link.Token
	for range 2 { // a mail program that looks at every link confirms nothing
		s.get(page).want(t, 200, "<strong>Bea &lt;Example&gt;</strong>", "May Bea &lt;Example&gt; vote for", `value="`+link.Token+`"`)
	}
	s.get(roll.ContactPath+"nonsense").want(t, http.StatusNotFound, "There is no such link")
	s.post(contactPost, "token", "nonsense").want(t, http.StatusNotFound, "There is no such link")
	s.post(contactPost, "token", link.Token).want(t, 200, "Bea &lt;Example&gt; may now answer for")
	s.post(contactPost, "token", link.Token).want(t, http.StatusGone, "This link is over", "the question is settled")
	s.get(page).want(t, http.StatusGone, "This link is over")
}
