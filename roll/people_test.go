package roll

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func TestAddPerson(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id, err := s.r.AddPerson(t.Context(), as(s.tara), NewPerson{Email: " Hana@people.example ", Name: "Hana",
			Roles: []member.Role{member.Facilitator, member.Facilitator}, DelegateOf: []member.ID{s.birch, s.ash, s.birch}})
		s.ok(err)
		row, _ := s.lastAudit()
		want := `{"delegate_of":["` + string(s.ash) + `","` + string(s.birch) + `"],"roles":["facilitator"]}`
		if row.Action != "add_person" || row.Subject != string(id) || row.Payload != want {
			t.Errorf("audit row %+v, want payload %s", row, want)
		}
		people, err := s.r.People(t.Context())
		s.ok(err)
		var hana Person
		for _, p := range people {
			if p.ID == id {
				hana = p
			}
		}
		if hana.Email != "Hana@people.example" || len(hana.Roles) != 1 || len(hana.Delegates) != 2 || hana.Delegates[0].Handle == "" {
			t.Errorf("Hana is %+v", hana)
		}
		_, err = s.r.AddPerson(t.Context(), as(s.tara), NewPerson{Email: "HANA@people.example", Roles: []member.Role{"king"}, DelegateOf: []member.ID{"m_none"}})
		wantReasons(t, err, "a name is needed", `"king" is no role: write treasurer, facilitator or contact_person`, `there is no member "m_none"`,
			string(id)+" has this e-mail address already: use people role for what "+string(id)+" may do")
		_, err = s.r.AddPerson(t.Context(), as(s.tara), NewPerson{Email: "hana at home", Name: "H"})
		wantReasons(t, err, "what is given is not an e-mail address: write name@example.org")
		_, err = s.r.AddPerson(t.Context(), as(s.dora), NewPerson{Email: "x@people.example", Name: "X", DelegateOf: []member.ID{s.ash, s.birch}})
		wantReasons(t, err, "only a treasurer or the operator may")
		_, err = s.r.AddPerson(t.Context(), as(s.dora), NewPerson{Email: "x@people.example", Name: "X", DelegateOf: []member.ID{s.ash}, Roles: []member.Role{member.Treasurer}})
		wantReasons(t, err, "only a treasurer or the operator may")
	})
}

func TestRoles(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		set := func(by By, who member.Actor, role member.Role, on bool) error {
			return s.r.SetRole(t.Context(), by, personID(who), role, on)
		}
		wantReasons(t, set(as(s.tara), s.tara, member.ContactPerson, true), "nobody gives himself a role: ask another treasurer or the operator")
		wantReasons(t, set(as(s.tara), s.elsa, member.Treasurer, true), s.elsa.ID+" has that role already")
		wantReasons(t, set(as(s.tara), s.dora, member.Treasurer, false), s.dora.ID+" does not have that role")
		wantReasons(t, set(as(s.tara), member.Actor{ID: "p_none"}, "king", true), `"king" is no role: write treasurer, facilitator or contact_person`, "there is no person p_none")
		s.ok(set(as(s.fay), s.fay, member.Facilitator, false)) // laid down
		s.ok(set(as(s.tara), s.elsa, member.Treasurer, false))
		if row, _ := s.lastAudit(); row.Action != "set_role" || row.Subject != s.elsa.ID || row.Payload != `{"on":false,"role":"treasurer"}` {
			t.Errorf("audit row %+v", row)
		}
		wantReasons(t, set(as(s.tara), s.tara, member.Treasurer, false), "this is the last treasurer: only the operator may")
		wantReasons(t, s.r.RemovePerson(t.Context(), as(s.tara), personID(s.tara)), "this is the last treasurer: only the operator may")
		s.ok(set(s.operator("ended"), s.tara, member.Treasurer, false))
	})
}

func TestDelegates(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		set := func(by By, who member.Actor, m member.ID, on bool) error {
			return s.r.SetDelegate(t.Context(), by, personID(who), m, on)
		}
		wantReasons(t, set(as(s.tara), s.tara, s.ash, true), "a treasurer cannot make himself a delegate")
		wantReasons(t, set(as(s.tara), s.dora, s.ash, false), "a delegate is removed by the member's own delegates, by the person, or by the operator")
		wantReasons(t, set(as(s.dora), s.dora, s.ash, true), s.dora.ID+" is delegate of ash-workers-co-op already")
		wantReasons(t, set(s.operator("x"), s.bert, s.ash, false), s.bert.ID+" is not delegate of ash-workers-co-op")
		s.ok(set(as(s.dora), s.bert, s.ash, true))
		if row, _ := s.lastAudit(); row.Action != "set_delegate" || row.Subject != string(s.ash) || row.Payload != `{"on":true,"person":"`+s.bert.ID+`"}` {
			t.Errorf("audit row %+v", row)
		}
		s.ok(set(as(s.bert), s.bert, s.ash, false))
		now, err := s.r.ActorAs(t.Context(), "Bert", "")
		if err != nil || now.DelegateOf(s.ash) || !now.DelegateOf(s.birch) {
			t.Errorf("Bert is %+v, %v", now, err)
		}
		_, err = s.r.Leave(t.Context(), as(s.ivy), s.dogwood, 0)
		s.ok(err)
		wantReasons(t, set(as(s.tara), s.bert, s.dogwood, true), "dogwood left on 15 June 2026: admit it again first")
	})
}

func TestRemovePerson(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		wantReasons(t, s.r.RemovePerson(t.Context(), as(s.tara), personID(s.dora)),
			"a delegate is removed by the member's own delegates first, by the person, or by the operator")
		wantReasons(t, s.r.RemovePerson(t.Context(), as(s.tara), "p_none"), "there is no person p_none")
		s.ok(s.r.RemovePerson(t.Context(), as(s.elsa), personID(s.elsa)))
		people, err := s.r.People(t.Context())
		s.ok(err)
		for _, p := range people {
			if p.ID == personID(s.elsa) {
				t.Errorf("Elsa is still there: %+v", p)
			}
		}
		_, err = s.r.FindPerson(t.Context(), s.elsa.ID)
		if err == nil {
			t.Error("Elsa is still found")
		}
		s.in(func(tx *store.Tx) error {
			all, err := tx.People(t.Context())
			for _, p := range all {
				if p.ID == personID(s.elsa) && (len(p.Roles) > 0 || len(p.Delegates) > 0 || p.Name != "" || p.Email != "") {
					t.Errorf("left of Elsa: %+v", p)
				}
			}
			return err
		})
		s.lastAudit()
	})
}

// Why somebody is removed stays to be read: so it must not say who that was, by name,
// address or Matrix id. The program's own words name nobody, whatever people are called.
func TestRemovingAPersonKeepsNoName(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		page := s.someone("Page", nil)
		s.ok(s.r.SetMatrix(ctx, s.operator("she says so"), personID(page), "@p4ge:people.example"))
		before := s.everything()
		for _, reason := range []string{"PAGE asked by mail", "asked by page@people.example", "@p4ge:people.example asked in the room"} {
			wantReasons(t, s.r.RemovePerson(ctx, s.operator(reason), personID(page)), "the reason names what is erased, and stays to be read: write it without")
		}
		wantReasons(t, s.r.RemovePerson(ctx, By{Actor: page, Reason: "Page asked for it"}, personID(page)), "the reason names what is erased, and stays to be read: write it without")
		if s.everything() != before {
			t.Error("a refusal wrote something")
		}
		s.ok(s.r.RemovePerson(ctx, By{Actor: page, Reason: AskedOnPage}, personID(page)))
		if left := s.everything(); strings.Contains(left, "page@people.example") || strings.Contains(left, "p4ge") || !strings.Contains(left, AskedOnPage) {
			t.Errorf("left is %s", left)
		}
	})
}

func TestFirstTreasurer(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		done, err := s.r.FirstTreasurer(t.Context(), "first@people.example")
		if done || err != nil {
			t.Errorf("with treasurers: %v, %v", done, err)
		}
		for _, who := range []member.Actor{s.tara, s.elsa} {
			s.ok(s.r.SetRole(t.Context(), s.operator("ended"), personID(who), member.Treasurer, false))
		}
		done, err = s.r.FirstTreasurer(t.Context(), "not an address")
		if done {
			t.Error("done without an address")
		}
		wantReasons(t, err, "what is given is not an e-mail address: write name@example.org")
		done, err = s.r.FirstTreasurer(t.Context(), " First@people.example")
		if !done || err != nil {
			t.Fatalf("done %v, %v", done, err)
		}
		row, why := s.lastAudit()
		a, err := s.r.ActorAs(t.Context(), "first@people.example", "")
		if err != nil || !a.Has(member.Treasurer) || a.Label != "First" || row.Subject != a.ID || row.Actor != "op_settings" || why == "" {
			t.Errorf("first treasurer %+v, %v; audit row %+v", a, err, row)
		}
		if done, err = s.r.FirstTreasurer(t.Context(), "second@people.example"); done || err != nil {
			t.Errorf("a second time: %v, %v", done, err)
		}
		// Somebody who is known already is not added twice.
		s.ok(s.r.SetRole(t.Context(), s.operator("ended"), personID(a), member.Treasurer, false))
		done, err = s.r.FirstTreasurer(t.Context(), "DORA@people.example")
		s.ok(err)
		d, err := s.r.ActorAs(t.Context(), "Dora", "")
		if !done || err != nil || d.ID != s.dora.ID || !d.Has(member.Treasurer) {
			t.Errorf("Dora is %+v, %v", d, err)
		}
	})
}

// TestAMatrixId: the person and the operator note it, nobody else, and it belongs
// to one person.
func TestAMatrixId(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		set := func(by By, who member.Actor, id string) error {
			return s.r.SetMatrix(t.Context(), by, personID(who), id)
		}
		wantReasons(t, set(as(s.tara), s.dora, "@dora:example.org"), "only the person or the operator may: whoever has the id votes by it")
		s.ok(set(as(s.dora), s.dora, " @dora:example.org "))
		if row, _ := s.lastAudit(); row.Action != "set_matrix_id" || row.Subject != s.dora.ID || row.Payload != `{"on":true}` {
			t.Errorf("audit row %+v", row)
		}
		operator := s.operator("she asked for it")
		wantReasons(t, set(operator, s.dora, "@dora:example.org"), s.dora.ID+" has this Matrix id already")
		wantReasons(t, set(operator, s.elsa, "@dora:example.org"), "another person ("+s.dora.ID+") has this Matrix id: an id belongs to one person")
		wantReasons(t, set(operator, member.Actor{ID: "p_none"}, "dora@example.org"), "there is no person p_none",
			"what is given is not a Matrix id: write @name:server.example")
		wantReasons(t, set(operator, s.elsa, ""), s.elsa.ID+" has no Matrix id")
		ids, err := s.r.MatrixIDs(t.Context())
		s.ok(err)
		if len(ids) != 1 || ids[personID(s.dora)] != "@dora:example.org" {
			t.Errorf("%v", ids)
		}
		s.ok(set(as(s.dora), s.dora, ""))
		s.ok(set(operator, s.elsa, "@dora:example.org"))
	})
}
