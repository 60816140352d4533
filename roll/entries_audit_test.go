package roll

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// secrets are words that must not stand in the log: names, addresses, slugs,
// free text, amounts.
var secrets = []string{"Ash", "Birch", "Dogwood", "Cedar", "Tara", "Elsa", "Elm", "elm.example", "people.example", "post@", "@chat",
	"because", "meeting", "12000", "120.00", "Quarter"}

// TestTheLogHoldsNoNames makes one of every change and reads what they left.
func TestTheLogHoldsNoNames(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		c, by := t.Context(), as(s.elsa)
		step := func(err error) { t.Helper(); s.ok(err); s.now += 1000 }
		id, _, err := s.r.Add(c, by, NewMember{Name: "Quarter Moon", Kind: member.Individual, Contacts: []Contact{{Email: "post@moon.example", Matrix: "@moon:chat.example"}}})
		step(err)
		_, err = s.r.Admit(c, by, s.cedar, 0, "012")
		step(err)
		_, err = s.r.NoAccount(c, by, s.birch, true)
		step(err)
		_, err = s.r.Link(c, by, s.ash, "acc-elm", 0, 0)
		step(err)
		_, err = s.r.Unlink(c, by, s.ash, "acc-elm", 0)
		step(err)
		step(s.r.Dismiss(c, by, s.entry(DeskUnmatched, "acc-elm").ID))
		step(s.r.Supporter(c, by, "acc-oak", true))
		w, _, err := s.r.Waive(c, by, s.ash, 0, 0, "")
		step(err)
		_, err = s.r.EndWaiver(c, by, s.ash, w, 0)
		step(err)
		payment := aPayment(s.ash)
		payment.Reference = "from Quarter Moon"
		p, _, err := s.r.Pay(c, by, payment)
		step(err)
		_, err = s.r.UndoPayment(c, by, p)
		step(err)
		_, _, err = s.r.ImportPayments(c, by, strings.NewReader("member,amount,received,months,reason\nbirch,GBP 120.00,2026-06-01,12,because of Quarter Moon\n"), false)
		step(err)
		_, err = s.r.Pause(c, by, s.ash, 0, true)
		step(err)
		_, err = s.r.Resume(c, by, s.ash, 0)
		step(err)
		_, err = s.r.Suspend(c, as(s.cora, s.carl), s.birch, 0, s.now+instant.Day)
		step(err)
		_, err = s.r.Restore(c, as(s.cora, s.carl), s.birch, 0)
		step(err)
		person, err := s.r.AddPerson(c, by, NewPerson{Email: "moon@people.example", Name: "Moon", DelegateOf: []member.ID{id}})
		step(err)
		step(s.r.SetRole(c, by, person, member.Facilitator, true))
		step(s.r.SetDelegate(c, by, person, s.birch, true))
		_, err = s.r.Merge(c, by, id, s.cedar)
		step(err)
		_, _, err = s.r.Adopt(c, by, Adopt{All: true})
		step(err)
		_, err = s.r.Leave(c, by, s.ash, 0)
		step(err)
		step(s.r.RemovePerson(c, s.operator("because"), person))
		s.lastAudit()

		s.in(func(tx *store.Tx) error {
			rows, err := tx.AuditRows(c, store.AuditQuery{})
			seen := map[string]bool{}
			for _, r := range rows {
				seen[r.Action] = true
				if r.Actor == "" || r.ReasonHash == "" {
					t.Errorf("%s says not who (%q) or why", r.Action, r.Actor)
				}
			}
			for _, action := range []string{actionAdd, actionAdmit, actionLeave, actionLink, actionUnlink, actionNoAccount, actionSupporter,
				actionWaive, actionEndWaiver, actionPay, actionUndoPayment, actionImportPayments, actionPause, actionResume, actionSuspend,
				actionRestore, actionMerge, actionAdopt, actionAddPerson, actionRemovePerson, actionRole, actionDelegate, actionDismiss} {
				if !seen[action] {
					t.Errorf("no audit row says %s", action)
				}
			}
			return err
		})
		s.logHoldsNoNames()
	})
}

// logHoldsNoNames looks for names in everything the log holds beside amounts.
func (s *stage) logHoldsNoNames() {
	s.t.Helper()
	s.in(func(tx *store.Tx) error {
		rows, err := tx.AuditRows(s.t.Context(), store.AuditQuery{})
		for _, r := range rows {
			for _, secret := range secrets {
				if strings.Contains(r.Payload+r.Subject+r.Actor, secret) {
					s.t.Errorf("%q stands in the audit row %s %s %s", secret, r.Action, r.Subject, r.Payload)
				}
			}
		}
		return err
	})
	var log strings.Builder
	s.ok(s.db.ExportLog(s.t.Context(), &log))
	for line := range strings.Lines(log.String()) {
		for _, secret := range secrets[:len(secrets)-3] { // the log does hold amounts, in their own columns
			if strings.Contains(line, secret) && !strings.Contains(line, `"policy_version"`) {
				s.t.Errorf("%q stands in the log: %s", secret, line)
			}
		}
	}
}

func TestARefusedChangeLeavesNothing(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		export := func() string {
			var log strings.Builder
			s.ok(s.db.ExportLog(t.Context(), &log))
			return log.String()
		}
		before := export()
		for name, err := range map[string]error{
			"link":     second(s.r.Link(t.Context(), as(s.tara), s.ash, "acc-guest", 0, 0)),
			"adopt":    third(s.r.Adopt(t.Context(), as(s.tara), Adopt{All: true, Accounts: []member.AccountID{"acc-none"}})),
			"payments": third(s.r.ImportPayments(t.Context(), as(s.tara), strings.NewReader("member,amount,received,months\nash,GBP 1,2026-06-01,1\nnone,GBP 1,2026-06-01,1\n"), false)),
			"no why":   second(s.r.Leave(t.Context(), By{Actor: s.tara}, s.ash, 0)),
		} {
			if _, refused := err.(*Refused); !refused {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
		}
		for name, err := range map[string]error{
			"trial of an adoption": third(s.r.Adopt(t.Context(), as(s.tara), Adopt{All: true, Dry: true})),
			"trial of payments":    third(s.r.ImportPayments(t.Context(), as(s.tara), strings.NewReader("member,amount,received,months\nash,GBP 1,2026-06-01,1\n"), true)),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if after := export(); after != before {
			t.Error("the log changed")
		}
	})
}

func second[A any](_ A, err error) error        { return err }
func third[A, B any](_ A, _ B, err error) error { return err }
