package roll

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// signIn signs a person in, as package signin does.
func (s *stage) signIn(who member.Actor) Report {
	s.t.Helper()
	var report Report
	s.ok(s.db.InTx(s.t.Context(), store.Entries, s.now, func(tx *store.Tx) error {
		p, ok, err := Visitor(s.t.Context(), tx, personID(who))
		if err != nil || !ok {
			s.t.Errorf("%s is not known: %v", who.Label, err)
			return err
		}
		report, err = s.r.SignIn(s.t.Context(), tx, p, store.ByMail)
		return err
	}))
	return report
}

func TestSigningInIsAudited(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		if report := s.signIn(s.dora); len(report.Transitions) != 0 {
			t.Errorf("transitions %+v", report.Transitions)
		}
		row, why := s.lastAudit()
		if row.Action != "sign_in" || row.Actor != s.dora.ID || row.Subject != s.dora.ID || row.Payload != `{"way":"mail"}` || why != "signed in by a mailed link" {
			t.Errorf("audit row %+v, %q", row, why)
		}
		s.ok(s.db.InTx(t.Context(), store.Entries, s.now, func(tx *store.Tx) error {
			return s.r.SignOut(t.Context(), tx, By{Actor: s.dora, Reason: "signed out"}, personID(s.dora), 2)
		}))
		row, _ = s.lastAudit()
		if row.Action != "sign_out" || row.Subject != s.dora.ID || row.Payload != `{"sessions":2}` {
			t.Errorf("audit row %+v", row)
		}
	})
}

// Signing in ends a pause that others asked for; who is no delegate of the
// member ends nothing.
func TestSigningInEndsAPauseByOthers(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Pause(t.Context(), as(s.fay, s.ivy), s.ash, 0, false)
		s.ok(err)
		s.now += 8 * dayLong
		_, err = s.r.Assess(t.Context())
		s.ok(err)
		s.signIn(s.bert)
		s.signIn(s.tara)
		if s.state(s.ash) != eligibility.StatePaused {
			t.Fatalf("ash is %s before one of its delegates signs in", s.state(s.ash))
		}
		report := s.signIn(s.dora)
		if s.state(s.ash) == eligibility.StatePaused || len(report.Transitions) != 1 || report.Transitions[0].Member != s.ash {
			t.Errorf("ash is %s, transitions %+v", s.state(s.ash), report.Transitions)
		}
		row, why := s.lastAudit()
		if row.Action != "resume" || row.Actor != s.dora.ID || row.Subject != string(s.ash) || why != "signed in by a mailed link" ||
			row.Payload != `{"at":"2026-06-23T12:00:00Z","signed_in":true}` {
			t.Errorf("audit row %+v, %q", row, why)
		}
	})
}

// In the days of notice, too: whoever signs in is there.
func TestSigningInTakesBackAPlannedPauseByOthers(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Pause(t.Context(), as(s.fay, s.ivy), s.ash, 0, false)
		s.ok(err)
		s.now += dayLong
		s.signIn(s.dora)
		s.now += 30 * dayLong
		if s.state(s.ash) == eligibility.StatePaused {
			t.Error("ash is paused although its delegate signed in during the notice")
		}
	})
}

// A break that a member takes itself goes on, whoever of its delegates signs in
// and whether or not the one who asked for it still is one.
func TestABreakOfItsOwnGoesOn(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Pause(t.Context(), as(s.dora), s.ash, 0, false)
		s.ok(err)
		s.now += dayLong
		s.ok(s.r.SetDelegate(t.Context(), as(s.elsa), personID(s.dora), s.ash, false))
		s.signIn(s.elsa)
		if s.state(s.ash) != eligibility.StatePaused {
			t.Errorf("ash is %s", s.state(s.ash))
		}
	})
}

func TestWhoMayPrintALinkAndEndSessions(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		try := func(f func(tx *store.Tx) error) error { return s.db.InTx(t.Context(), store.Entries, s.now, f) }
		link := func(by By, id member.PersonID) error {
			return try(func(tx *store.Tx) error { return s.r.PrintLink(t.Context(), tx, by, id) })
		}
		wantReasons(t, link(as(s.tara), personID(s.dora)), "only the operator may, on the host of the program: leave --as out")
		wantReasons(t, link(s.operator("the mail is broken"), "p_none"), "there is no person p_none")
		s.ok(link(s.operator("the mail is broken"), personID(s.dora)))
		if row, why := s.lastAudit(); row.Action != "print_sign_in_link" || row.Subject != s.dora.ID || row.Actor != "op_test" || why != "the mail is broken" {
			t.Errorf("audit row %+v, %q", row, why)
		}
		end := func(by By, id member.PersonID) error {
			return try(func(tx *store.Tx) error { return s.r.MayEndSessions(t.Context(), tx, by, id) })
		}
		s.ok(end(as(s.dora), personID(s.dora)))
		s.ok(end(as(s.tara), personID(s.dora)))
		s.ok(end(s.operator("lost laptop"), personID(s.dora)))
		wantReasons(t, end(as(s.bert), personID(s.dora)), "only a treasurer or the operator may")
		wantReasons(t, end(as(s.tara), "p_none"), "there is no person p_none")
	})
}
