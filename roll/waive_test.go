package roll

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

func TestWaive(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		july, august := instant.Date(2026, 7, 1), instant.Date(2026, 8, 1)
		id, report, err := s.r.Waive(t.Context(), as(s.tara), s.ash, 0, august, "015")
		s.ok(err)
		if len(report.Transitions) != 1 || report.Transitions[0].To != eligibility.StateWaived {
			t.Errorf("transitions %+v", report.Transitions)
		}
		row, why := s.lastAudit()
		want := `{"decision":"015","from":"2026-06-15T12:00:00Z","until":"2026-08-01T00:00:00Z","waiver":"` + id + `"}`
		if row.Action != "waive" || row.Payload != want || why != "because the meeting said so" {
			t.Errorf("audit row %+v, want payload %s", row, want)
		}
		_, _, err = s.r.Waive(t.Context(), as(s.tara), s.ash, july, august, "")
		wantReasons(t, err, "the waiver "+id+" covers that already, from 15 June 2026 until 1 August 2026")
		_, _, err = s.r.Waive(t.Context(), as(s.tara), s.ash, august, july, "as agreed")
		wantReasons(t, err, "the waiver must end after it starts", "a decision is named by its number alone, such as 012")

		_, err = s.r.EndWaiver(t.Context(), as(s.tara), s.birch, id, 0)
		wantReasons(t, err, `birch-collective has no waiver "`+id+`"`)
		_, err = s.r.EndWaiver(t.Context(), as(s.tara), s.ash, id, instant.Date(2026, 9, 1))
		wantReasons(t, err, "the waiver ends on 1 August 2026, which is no later; for more time grant another")
		_, err = s.r.EndWaiver(t.Context(), as(s.tara), s.ash, id, july)
		s.ok(err)
		if s.state(s.ash) != eligibility.StateWaived {
			t.Errorf("ash is %s before the end", s.state(s.ash))
		}
		_, err = s.r.EndWaiver(t.Context(), as(s.tara), s.ash, id, instant.Date(2026, 6, 1)) // before it began: never granted
		s.ok(err)
		if s.state(s.ash) != eligibility.StateUnknown {
			t.Errorf("ash is %s, want unknown", s.state(s.ash))
		}
		_, err = s.r.EndWaiver(t.Context(), as(s.tara), s.ash, id, 0)
		wantReasons(t, err, "the waiver was revoked already")
	})
}

func TestATreasurersOwnIsMarked(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		own := func(want bool, err error) {
			t.Helper()
			s.ok(err)
			row, _ := s.lastAudit()
			if got := contains(row.Payload, `"own":true`); got != want {
				t.Errorf("%s by %s: payload %s, want own %v", row.Action, row.Actor, row.Payload, want)
			}
		}
		w, _, err := s.r.Waive(t.Context(), as(s.elsa), s.ash, 0, 0, "")
		own(true, err)
		_, err = s.r.EndWaiver(t.Context(), as(s.elsa), s.ash, w, 0)
		own(true, err)
		_, _, err = s.r.Waive(t.Context(), as(s.elsa), s.birch, 0, 0, "")
		own(false, err)
		_, _, err = s.r.Waive(t.Context(), as(s.tara), s.ash, 0, 0, "")
		own(false, err)
		_, err = s.r.Link(t.Context(), as(s.elsa), s.ash, "acc-elm", 0, 0)
		own(true, err)
		p, _, err := s.r.Pay(t.Context(), as(s.elsa), aPayment(s.ash))
		own(true, err)
		_, err = s.r.UndoPayment(t.Context(), as(s.elsa), p)
		own(true, err)
		_, err = s.r.Merge(t.Context(), as(s.elsa), s.dogwood, s.ash)
		own(true, err)
		// What counts is what holds now, not what the caller looked up before.
		s.ok(s.r.SetDelegate(t.Context(), s.operator("ended"), personID(s.elsa), s.ash, false))
		_, err = s.r.Unlink(t.Context(), as(s.elsa), s.ash, "acc-elm", 0)
		own(false, err)
	})
}

func TestARoleThatWasTakenGivesNothing(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		before := s.tara // looked up while she was treasurer
		s.ok(s.r.SetRole(t.Context(), s.operator("ended"), personID(s.tara), "treasurer", false))
		_, _, err := s.r.Waive(t.Context(), as(before), s.ash, 0, 0, "")
		wantReasons(t, err, "only a treasurer or the operator may")
	})
}
