package roll

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

func TestAddMember(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id, report, err := s.r.Add(t.Context(), as(s.tara), NewMember{
			Name: "  Łódź Hosting ", Kind: member.Organisation, Website: "https://lodz.example", Decision: "012",
			Since: instant.Date(2026, 6, 1), Contacts: []Contact{{Email: "post@lodz.example", Matrix: "@lodz:chat.example"}},
		})
		s.ok(err)
		if len(report.Transitions) != 1 || report.Transitions[0].Member != id || report.Transitions[0].To != eligibility.StateUnknown {
			t.Errorf("transitions %+v, want the first standing of the new member", report.Transitions)
		}
		s.in(func(tx *store.Tx) error {
			m, err := tx.FindMember(t.Context(), string(id))
			if err != nil {
				return err
			}
			if m.Detail.Name != "Łódź Hosting" || m.Detail.Handle != "d-hosting" || m.AdmittedBy != "012" || m.Detail.Website != "https://lodz.example" {
				t.Errorf("stored %+v", m)
			}
			contacts, err := tx.Contacts(t.Context())
			for _, c := range contacts {
				if c.Member == id && c.Email == "post@lodz.example" && c.Matrix == "@lodz:chat.example" {
					return err
				}
			}
			t.Error("the contact is not stored")
			return err
		})
		row, why := s.lastAudit()
		if row.Actor != s.tara.ID || row.Action != "add_member" || row.Subject != string(id) || why != "because the meeting said so" {
			t.Errorf("audit row %+v, why %q", row, why)
		}
		if want := `{"applied":false,"at":"2026-06-01T00:00:00Z","decision":"012"}`; row.Payload != want {
			t.Errorf("payload %s, want %s", row.Payload, want)
		}
		if s.state(s.cedar) != eligibility.StateApplied {
			t.Errorf("the applicant is %s", s.state(s.cedar))
		}
	})
}

func TestAddMemberSaysEverythingThatIsWrong(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, _, err := s.r.Add(t.Context(), By{Actor: s.tara, Reason: " "}, NewMember{
			Name: "ASH workers' co-op", PublicName: "me@mail.example", Handle: "No Handle", Kind: "club", Website: "ftp://x",
			Summary: "a\x00b", Decision: "the one in June", Since: instant.Date(1026, 6, 1), Contacts: []Contact{{}, {Email: "me", Matrix: "you"}},
		})
		wantReasons(t, err,
			"a reason is needed: say why with --reason",
			`"club" is no kind of member: write organisation or individual`,
			"the public name looks like an e-mail address, which must not be shown",
			`"No Handle" is not a handle: small letters, digits and single dashes only`,
			"the website: an address that begins with ftp: is not taken here: write https://example.org/",
			"the summary holds a control character (U+0000): write it on one line, as plain text",
			"a decision is named by its number alone, such as 012",
			"the admission lies in the year 1026: write a day in 2000 to 2099",
			"contact 1 has neither an e-mail address nor a Matrix id",
			"contact 2 is not an e-mail address: write name@example.org",
			"contact 2 is not a Matrix id: write @name:server.example",
			"ash-workers-co-op has that name already: if it is the same, use admit; else add what tells the two apart",
		)
		if got, want := err.Error(), "cannot add the member: a reason is needed"; !strings.HasPrefix(got, want) {
			t.Errorf("error %q, want it to begin with %q", got, want)
		}
		_, _, err = s.r.Add(t.Context(), as(s.tara), NewMember{Kind: member.Individual, Handle: "dogwood"})
		wantReasons(t, err, "a name is needed", "the handle dogwood belongs to another member: choose another, or leave it out")
		_, _, err = s.r.Add(t.Context(), as(s.tara), NewMember{Kind: member.Individual, Name: strings.Repeat("é", 201)})
		wantReasons(t, err, "the name has 201 characters, at most 200 are taken")
		_, _, err = s.r.Add(t.Context(), as(s.tara), NewMember{Kind: member.Individual, Name: "\xff"})
		wantReasons(t, err, "the name is not UTF-8 text")
	})
}

func TestHandlesAreUnique(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		a := s.add(NewMember{Name: "Dog Wood", Kind: member.Individual, Handle: "dog-wood"})
		b := s.add(NewMember{Name: "Dog wood!", Kind: member.Individual})
		c := s.add(NewMember{Name: "Дуб", Kind: member.Individual})
		d := s.add(NewMember{Name: "Липа", Kind: member.Individual})
		s.in(func(tx *store.Tx) error {
			for id, want := range map[member.ID]string{a: "dog-wood", b: "dog-wood-2", c: "individual", d: "individual-2"} {
				m, err := tx.FindMember(t.Context(), string(id))
				if err != nil {
					return err
				}
				if m.Detail.Handle != want {
					t.Errorf("handle %q, want %q", m.Detail.Handle, want)
				}
			}
			return nil
		})
	})
}

func TestAdmit(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Admit(t.Context(), as(s.tara), s.cedar, instant.Date(2026, 5, 1), "7 in favour")
		wantReasons(t, err, "a decision is named by its number alone, such as 012", "cedar-example applied on 1 June 2026: the membership begins then or later")
		_, err = s.r.Admit(t.Context(), as(s.tara), "m_none", 0, "")
		wantReasons(t, err, `there is no member "m_none"`)

		_, err = s.r.Admit(t.Context(), as(s.tara), s.cedar, 0, "013")
		s.ok(err)
		if s.state(s.cedar) == eligibility.StateApplied {
			t.Error("still an applicant")
		}
		if row, _ := s.lastAudit(); row.Payload != `{"at":"2026-06-15T12:00:00Z","decision":"013"}` {
			t.Errorf("payload %s", row.Payload)
		}
		_, err = s.r.Admit(t.Context(), as(s.tara), s.cedar, 0, "")
		wantReasons(t, err, "cedar-example is a member since 15 June 2026")

		// Who means to leave, and is admitted again, stays.
		_, err = s.r.Leave(t.Context(), as(s.bert), s.birch, instant.Date(2026, 7, 1))
		s.ok(err)
		_, err = s.r.Admit(t.Context(), as(s.tara), s.birch, 0, "")
		s.ok(err)
		s.now = instant.Date(2026, 8, 1)
		if s.state(s.birch) == eligibility.StateLeft {
			t.Error("birch left although that was taken back")
		}
		// Who left is admitted again, but not from before it left.
		_, err = s.r.Leave(t.Context(), as(s.bert), s.birch, instant.Date(2026, 7, 15))
		s.ok(err)
		_, err = s.r.Admit(t.Context(), as(s.tara), s.birch, instant.Date(2026, 7, 1), "")
		wantReasons(t, err, "birch-collective left on 15 July 2026: a new membership begins then or later")
		_, err = s.r.Admit(t.Context(), as(s.tara), s.birch, instant.Date(2026, 7, 15), "")
		s.ok(err)
		if s.state(s.birch) == eligibility.StateLeft {
			t.Error("birch is not back")
		}
	})
}

func TestAdmissionByDecisionNeedsItsNumber(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		file, err := policy.Preset("coopcloud-2023")
		s.ok(err)
		_, _, err = s.r.EnsurePolicy(t.Context(), s.operator("decided"), file, true)
		s.ok(err)
		_, err = s.r.Admit(t.Context(), as(s.tara), s.cedar, 0, "")
		wantReasons(t, err, "by policy coopcloud-2023 members are admitted by decision: name its number with --decision")
		_, _, err = s.r.Add(t.Context(), as(s.tara), NewMember{Name: "Spruce", Kind: member.Individual})
		wantReasons(t, err, "by policy coopcloud-2023 members are admitted by decision: name its number with --decision")
		_, _, err = s.r.Add(t.Context(), as(s.tara), NewMember{Name: "Spruce", Kind: member.Individual, Applied: true})
		s.ok(err)
		_, err = s.r.Admit(t.Context(), as(s.tara), s.cedar, 0, "014")
		s.ok(err)
	})
}
