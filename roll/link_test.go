package roll

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func TestLink(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		report, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, 0)
		s.ok(err)
		if len(report.Transitions) != 1 || report.Transitions[0].To != eligibility.StateCurrent {
			t.Errorf("transitions %+v, want current", report.Transitions)
		}
		row, _ := s.lastAudit()
		if row.Action != "link" || row.Subject != string(s.ash) || row.Payload != `{"account":"acc-elm","from":null,"until":null}` {
			t.Errorf("audit row %+v", row)
		}
		if id, err := s.r.Find(t.Context(), "@elm"); err != nil || id != s.ash {
			t.Errorf("the linked slug finds %q, %v", id, err)
		}
		_, err = s.r.Link(t.Context(), as(s.tara), s.birch, "acc-elm", 0, 0)
		wantReasons(t, err, "@elm is linked to ash-workers-co-op for all time: end that link first (unlink)")
	})
}

func TestLinkRefuses(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.ok(s.r.Supporter(t.Context(), as(s.tara), "acc-fir", true))
		_, err := s.r.Leave(t.Context(), as(s.ivy), s.dogwood, 0)
		s.ok(err)
		for _, c := range []struct {
			acc  string
			want string
		}{
			{"acc-none", "Open Collective has never shown an account acc-none: run sync, or look at its spelling"},
			{"acc-fir", "@fir is marked as supporter: take the mark back first"},
			{"acc-guest", "@guest-1 cannot be linked: it belongs to a guest, whose account changes when it is claimed"},
			{"acc-incognito", "@incognito-1 cannot be linked: it is incognito, and who stands behind it is not ours to tell"},
			{"acc-gone", "@gone cannot be linked: it was deleted on Open Collective"},
		} {
			_, err := s.r.Link(t.Context(), as(s.tara), s.dogwood, member.AccountID(c.acc), instant.Date(2026, 6, 1), instant.Date(2026, 5, 1))
			wantReasons(t, err, "the link must end after it starts", "dogwood left on 15 June 2026: admit it again first", c.want)
		}
	})
}

func TestAnAccountChangesHands(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		may := instant.Date(2026, 5, 15)
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, 0)
		s.ok(err)
		_, err = s.r.Unlink(t.Context(), as(s.tara), s.ash, "acc-elm", may)
		s.ok(err)
		if row, _ := s.lastAudit(); row.Payload != `{"account":"acc-elm","revoked":false,"until":"2026-05-15T00:00:00Z"}` {
			t.Errorf("payload %s", row.Payload)
		}
		_, err = s.r.Unlink(t.Context(), as(s.tara), s.ash, "acc-elm", 0)
		wantReasons(t, err, "@elm is not linked to ash-workers-co-op on 15 June 2026 or later")
		_, err = s.r.Link(t.Context(), as(s.tara), s.birch, "acc-elm", 0, 0)
		wantReasons(t, err, "@elm is linked to ash-workers-co-op until 15 May 2026: link it from then on (--from 2026-05-15)")
		_, err = s.r.Link(t.Context(), as(s.tara), s.birch, "acc-elm", may, 0)
		s.ok(err)
		if s.state(s.birch) != eligibility.StateCurrent || s.state(s.ash) == eligibility.StateCurrent {
			t.Errorf("birch is %s, ash is %s", s.state(s.birch), s.state(s.ash))
		}
		// An end before the beginning takes the whole link back.
		_, err = s.r.Unlink(t.Context(), as(s.tara), s.birch, "acc-elm", instant.Date(2026, 5, 1))
		s.ok(err)
		if row, _ := s.lastAudit(); row.Payload != `{"account":"acc-elm","revoked":true,"until":"2026-05-01T00:00:00Z"}` {
			t.Errorf("payload %s", row.Payload)
		}
		// So does one before the first charge, for a link since always.
		_, err = s.r.Unlink(t.Context(), as(s.tara), s.ash, "acc-elm", instant.Date(2026, 5, 1))
		s.ok(err)
		s.in(func(tx *store.Tx) error {
			links, err := tx.Links(t.Context())
			if len(links) != 0 {
				t.Errorf("links %+v are left", links)
			}
			return err
		})
	})
}

func TestNoAccount(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.NoAccount(t.Context(), as(s.tara), s.ash, false)
		wantReasons(t, err, "nothing of the kind is noted")
		_, err = s.r.NoAccount(t.Context(), as(s.tara), s.ash, true)
		s.ok(err)
		if s.state(s.ash) != eligibility.StateUnpaid {
			t.Errorf("ash is %s, want unpaid", s.state(s.ash))
		}
		_, err = s.r.NoAccount(t.Context(), as(s.tara), s.ash, true)
		wantReasons(t, err, "that is noted already")
		s.now += 1000
		_, err = s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, 0) // the note ends with the first link
		s.ok(err)
		_, err = s.r.NoAccount(t.Context(), as(s.tara), s.ash, true)
		wantReasons(t, err, "it is linked to @elm: end that link first (unlink)")
		s.now += 1000
		_, err = s.r.Unlink(t.Context(), as(s.tara), s.ash, "acc-elm", instant.Date(2026, 4, 1))
		s.ok(err)
		if s.state(s.ash) != eligibility.StateUnknown {
			t.Errorf("ash is %s, want unknown", s.state(s.ash))
		}
	})
}

func TestSupporter(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, 0)
		s.ok(err)
		wantReasons(t, s.r.Supporter(t.Context(), as(s.tara), "acc-elm", true), "@elm is linked to ash-workers-co-op: end that link first (unlink)")
		wantReasons(t, s.r.Supporter(t.Context(), as(s.tara), "acc-oak", false), "@oak is not marked as supporter")
		s.ok(s.r.Supporter(t.Context(), as(s.tara), "acc-oak", true))
		if row, _ := s.lastAudit(); row.Action != "mark_supporter" || row.Subject != "acc-oak" || row.Payload != `{"on":true}` {
			t.Errorf("audit row %+v", row)
		}
		wantReasons(t, s.r.Supporter(t.Context(), as(s.tara), "acc-oak", true), "@oak is marked as supporter already")
		s.ok(s.r.Supporter(t.Context(), as(s.tara), "acc-oak", false))
		unmatched, err := s.r.Unmatched(t.Context())
		s.ok(err)
		found := false
		for _, p := range unmatched {
			found = found || p.Account.Slug == "oak"
		}
		if !found {
			t.Error("oak is not unmatched again")
		}
	})
}

func TestSuggestLinks(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		elm := s.add(NewMember{Name: "Elm Example Ltd", Kind: member.Organisation, Handle: "elm", Website: "https://elm.example/"})
		s.add(NewMember{Name: "Oak Work", Kind: member.Organisation})
		s.add(NewMember{Name: "Guest-1", Kind: member.Individual}) // guests are nobody's to suggest
		left := s.add(NewMember{Name: "Yew", Kind: member.Organisation})
		_, err := s.r.Leave(t.Context(), s.operator("left"), left, s.now)
		s.ok(err)
		got, err := s.r.SuggestLinks(t.Context())
		s.ok(err)
		var lines []string
		for _, g := range got {
			lines = append(lines, g.Account.Slug+" → "+g.Handle)
		}
		if len(got) != 2 || lines[0] != "elm → elm" || lines[1] != "oak → oak-work" {
			t.Fatalf("suggestions %q", lines)
		}
		wantLines(t, got[0].Reasons, "its slug is the member's handle", "the names are the same", "its e-mail address is at the member's website, elm.example")
		wantLines(t, got[1].Reasons, "the names are similar")
		if got[0].Member != elm || got[0].Score <= got[1].Score {
			t.Errorf("suggestions %+v", got)
		}

		// A contact's address says more than a web site's.
		s.add(NewMember{Name: "Somebody", Kind: member.Individual, Contacts: []Contact{{Email: "Hello@elm.example"}}})
		got, err = s.r.SuggestLinks(t.Context())
		s.ok(err)
		wantLines(t, got[1].Reasons, "its e-mail address is that of a contact or delegate of this member")
		if v, err := s.r.View(t.Context(), Query{Members: []member.ID{elm}}); err != nil || len(v.Rows[0].Accounts) != 0 {
			t.Errorf("a suggestion was applied: %+v, %v", v.Rows, err)
		}
	})
}

func TestAPayerThatPaidForAMemberBefore(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.birch, "acc-elm", 0, 0)
		s.ok(err)
		s.now += instant.Day
		s.ok(s.db.InTx(t.Context(), store.Pulls, s.now, func(tx *store.Tx) error {
			if err := tx.AddPull(t.Context(), store.Pull{ID: "pull-2", Started: s.now, Finished: s.now, Outcome: "complete"}); err != nil {
				return err
			}
			if err := tx.AddSnapshot(t.Context(), store.Snapshot{Number: 2, Start: s.now, Pull: "pull-2", Collective: "acc-us", Currency: gbp}); err != nil {
				return err
			}
			now, err := tx.Contributions(t.Context())
			moved := now["order-elm"]
			moved.Account, moved.Snapshot, moved.Effective = "acc-yew", 2, s.now
			if err != nil {
				return err
			}
			_, err = tx.AddContributions(t.Context(), []store.ContributionRow{moved})
			return err
		}))
		got, err := s.r.SuggestLinks(t.Context())
		s.ok(err)
		if len(got) == 0 || got[0].Account.ID != "acc-yew" || got[0].Member != s.birch {
			t.Fatalf("suggestions %+v", got)
		}
		wantLines(t, got[0].Reasons, "its contribution was paid by an account of this member before")
	})
}
