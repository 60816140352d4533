package roll

import (
	"context"
	"os"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Who may do what to the member Ash, by domain.md, section 8: o the operator, t
// a treasurer, f a facilitator, c a contact person, d a delegate of Ash, b a
// delegate of another member, n nobody we know. Two letters are two people: C
// is another contact person, i a delegate of a third member. Where one alone
// may, a second person who has no say in it does not matter.
var permissions = []struct {
	action, may string
	do          func(s *stage, by By) error
}{
	{"add", "o t", func(s *stage, by By) error {
		_, _, err := s.r.Add(ctx(s), by, NewMember{Name: "Spruce", Kind: member.Individual})
		return err
	}},
	{"admit", "o t", func(s *stage, by By) error { _, err := s.r.Admit(ctx(s), by, s.cedar, 0, ""); return err }},
	{"leave", "o t d", func(s *stage, by By) error { _, err := s.r.Leave(ctx(s), by, s.ash, 0); return err }},
	{"link", "o t", func(s *stage, by By) error { _, err := s.r.Link(ctx(s), by, s.ash, "acc-elm", 0, 0); return err }},
	{"no account", "o t", func(s *stage, by By) error { _, err := s.r.NoAccount(ctx(s), by, s.ash, true); return err }},
	{"supporter", "o t", func(s *stage, by By) error { return s.r.Supporter(ctx(s), by, "acc-elm", true) }},
	{"erase an account", "o t", func(s *stage, by By) error { return s.r.EraseAccount(ctx(s), by, "acc-elm") }},
	{"dismiss", "o t", func(s *stage, by By) error { return s.r.Dismiss(ctx(s), by, s.entry(DeskUnmatched, "acc-elm").ID) }},
	{"waive", "o t", func(s *stage, by By) error { _, _, err := s.r.Waive(ctx(s), by, s.ash, 0, 0, ""); return err }},
	{"pay", "o t", func(s *stage, by By) error { _, _, err := s.r.Pay(ctx(s), by, aPayment(s.ash)); return err }},
	{"import payments", "o t", func(s *stage, by By) error {
		_, _, err := s.r.ImportPayments(ctx(s), by, strings.NewReader("member,amount,received,months\nash-workers-co-op,GBP 10.00,2026-06-01,1\n"), false)
		return err
	}},
	{"adopt", "o t", func(s *stage, by By) error { _, _, err := s.r.Adopt(ctx(s), by, Adopt{All: true}); return err }},
	{"merge", "o t", func(s *stage, by By) error { _, err := s.r.Merge(ctx(s), by, s.ash, s.birch); return err }},
	{"pause", "d fi if", func(s *stage, by By) error { _, err := s.r.Pause(ctx(s), by, s.ash, 0, false); return err }},
	{"suspend a week", "c cC", func(s *stage, by By) error {
		_, err := s.r.Suspend(ctx(s), by, s.ash, 0, s.now+7*instant.Day)
		return err
	}},
	{"suspend two weeks", "cC", func(s *stage, by By) error {
		_, err := s.r.Suspend(ctx(s), by, s.ash, 0, s.now+14*instant.Day)
		return err
	}},
	{"add a person", "o t", func(s *stage, by By) error {
		_, err := s.r.AddPerson(ctx(s), by, NewPerson{Email: "new@people.example", Name: "New"})
		return err
	}},
	{"add a delegate", "o t d", func(s *stage, by By) error {
		_, err := s.r.AddPerson(ctx(s), by, NewPerson{Email: "new@people.example", Name: "New", DelegateOf: []member.ID{s.ash}})
		return err
	}},
	{"make somebody delegate", "o t d", func(s *stage, by By) error {
		return s.r.SetDelegate(ctx(s), by, member.PersonID(s.carl.ID), s.ash, true)
	}},
	{"make oneself delegate", "", func(s *stage, by By) error {
		return s.r.SetDelegate(ctx(s), by, member.PersonID(by.Actor.ID), s.ash, true)
	}},
	{"remove a delegate", "o d", func(s *stage, by By) error {
		return s.r.SetDelegate(ctx(s), by, member.PersonID(s.elsa.ID), s.ash, false)
	}},
	{"give a role", "o t", func(s *stage, by By) error {
		return s.r.SetRole(ctx(s), by, member.PersonID(s.carl.ID), member.Facilitator, true)
	}},
	{"give oneself a role", "", func(s *stage, by By) error {
		return s.r.SetRole(ctx(s), by, member.PersonID(by.Actor.ID), member.Facilitator, true)
	}},
	{"take a role", "o t", func(s *stage, by By) error {
		return s.r.SetRole(ctx(s), by, member.PersonID(s.carl.ID), member.ContactPerson, false)
	}},
	{"remove a person", "o t", func(s *stage, by By) error { return s.r.RemovePerson(ctx(s), by, member.PersonID(s.carl.ID)) }},
	{"start the notices", "o t", func(s *stage, by By) error { _, _, err := s.r.StartNotices(ctx(s), by); return err }},
	{"note a bounce", "o t", func(s *stage, by By) error { _, err := s.r.Bounced(ctx(s), by, "Carl"); return err }},
	{"decline a kind for dora", "o d", func(s *stage, by By) error {
		_, err := s.r.SetWish(ctx(s), by, member.PersonID(s.dora.ID), NewWish{Decline: []notify.Kind{notify.Opportunity}})
		return err
	}},
	{"set the logo", "o t d", func(s *stage, by By) error { _, err := s.r.SetLogo(ctx(s), by, s.ash, picture(7)); return err }},
	{"set what is public of the member", "o t d", func(s *stage, by By) error {
		_, err := s.r.SetFace(ctx(s), by, s.ash, Face{PublicName: "Ash"})
		return err
	}},
	{"remove a delegate's person", "o b", func(s *stage, by By) error { return s.r.RemovePerson(ctx(s), by, member.PersonID(s.bert.ID)) }},
}

func ctx(s *stage) context.Context { return s.t.Context() }

func aPayment(id member.ID) PaymentEntry {
	return PaymentEntry{Member: id, Amount: money.Money{Minor: 12000, Currency: money.Currency{'G', 'B', 'P'}},
		Received: instant.Date(2026, 6, 1), Months: 12}
}

// roles are the people of the table.
func (s *stage) roles() map[string]By {
	return map[string]By{
		"o": s.operator("because"), "t": as(s.tara), "f": as(s.fay), "c": as(s.cora), "d": as(s.dora), "b": as(s.bert),
		"n":  as(member.Actor{ID: "p_nobody", Label: "N", Roles: []member.Role{member.Treasurer, member.ContactPerson}, Delegates: []member.ID{s.ash}}),
		"ob": {Actor: s.operator("").Actor, Second: &s.bert, Reason: "because"},
		"of": {Actor: s.operator("").Actor, Second: &s.fay, Reason: "because"},
		"fi": as(s.fay, s.ivy), "if": as(s.ivy, s.fay), "ti": as(s.tara, s.ivy), "ff": as(s.fay, s.fay), "fb": as(s.fay, s.bert),
		"cC": as(s.cora, s.carl), "cc": as(s.cora, s.cora), "ct": as(s.cora, s.tara), "tc": as(s.tara, s.cora), "db": as(s.dora, s.bert),
	}
}

func TestPermissions(t *testing.T) {
	dsn := dbtest.SQLiteDSN(t)
	template := strings.TrimPrefix(dsn, "sqlite://")
	built := newStage(t, openDB(t, dsn))
	built.ok(built.db.Close())
	image, err := os.ReadFile(template)
	built.ok(err)
	again := func(t *testing.T) *stage {
		path := t.TempDir() + "/copy.db"
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openStage(t, openDB(t, "sqlite://"+path))
		r := s.r
		*s = *built
		s.t, s.r, s.db, s.ids = t, r, r.db, 5000
		return s
	}
	for _, p := range permissions {
		t.Run(strings.ReplaceAll(p.action, " ", "_"), func(t *testing.T) {
			s := again(t)
			before, _ := s.lastAudit()
			for who, by := range s.roles() {
				if mayOf(p.may, who) {
					fresh := again(t)
					if err := p.do(fresh, fresh.roles()[who]); err != nil {
						t.Errorf("%s may, but: %v", who, err)
					}
					continue
				}
				err := p.do(s, by)
				if err == nil {
					t.Errorf("%s may not, but did", who)
					continue
				}
				reasonsOf(t, err)
			}
			if after, _ := s.lastAudit(); after.Seq != before.Seq {
				t.Errorf("a refused change left %d audit rows", after.Seq-before.Seq)
			}
		})
	}
}

// mayOf reads the table. A contact person must not name a second one in vain.
func mayOf(may, who string) bool {
	for _, m := range strings.Fields(may) {
		if m == who || m == who[:1] && who[0] != 'c' {
			return true
		}
	}
	return false
}

func openDB(t *testing.T, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
