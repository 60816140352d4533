package roll

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// wantStates says what the roll must say of birch at instants to come.
func (s *stage) wantStates(want map[instant.Instant]string) {
	s.t.Helper()
	now := s.now
	for at, state := range want {
		s.now = at
		if got := s.state(s.birch); got.String() != state {
			s.t.Errorf("on %s birch is %s, want %s", at, got, state)
		}
	}
	s.now = now
}

const dayLong = instant.Day

func TestLeave(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		report, err := s.r.Leave(t.Context(), as(s.bert), s.birch, 0)
		s.ok(err)
		if len(report.Transitions) != 1 || report.Transitions[0].To != eligibility.StateLeft {
			t.Errorf("transitions %+v", report.Transitions)
		}
		_, err = s.r.Leave(t.Context(), as(s.bert), s.birch, 0)
		wantReasons(t, err, "birch-collective left on 15 June 2026")
		// A wrong date is corrected by leaving earlier.
		_, err = s.r.Leave(t.Context(), as(s.tara), s.birch, instant.Date(2026, 6, 1))
		s.ok(err)
		s.wantStates(map[instant.Instant]string{instant.Date(2026, 5, 31): "unknown", instant.Date(2026, 6, 2): "left"})
		_, err = s.r.Leave(t.Context(), as(s.tara), s.ash, instant.Date(2024, 1, 1))
		wantReasons(t, err, "ash-workers-co-op was not on the roll yet on 1 January 2024", "ash-workers-co-op is admitted on 10 January 2025, which is later")
	})
}

func TestAMemberPausesItself(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Pause(t.Context(), as(s.bert), s.birch, 0, false)
		s.ok(err)
		if s.state(s.birch) != eligibility.StatePaused {
			t.Fatalf("birch is %s", s.state(s.birch))
		}
		_, err = s.r.Pause(t.Context(), as(s.bert), s.birch, 0, false)
		wantReasons(t, err, "it is paused since 15 June 2026")
		_, err = s.r.Pause(t.Context(), as(s.bert), s.birch, 0, true) // to stay listed is its own choice, at any time
		s.ok(err)
		if row, _ := s.lastAudit(); row.Payload != `{"at":"2026-06-15T12:00:00Z","listing":true}` {
			t.Errorf("payload %s", row.Payload)
		}
		s.now += dayLong
		_, err = s.r.Resume(t.Context(), as(s.bert), s.birch, 0)
		s.ok(err)
		if s.state(s.birch) == eligibility.StatePaused {
			t.Error("still paused")
		}
		_, err = s.r.Resume(t.Context(), as(s.bert), s.birch, 0)
		wantReasons(t, err, "birch-collective is not paused, and no pause is planned")
		_, err = s.r.Pause(t.Context(), as(s.dora), s.ash, s.now-400*dayLong*2, false)
		if len(reasonsOf(t, err)) != 1 {
			t.Errorf("a pause before the membership: %v", err)
		}
	})
}

func TestOthersPauseWithNotice(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Pause(t.Context(), as(s.fay, s.ivy), s.ash, s.now+6*dayLong, false)
		wantReasons(t, err, "the member must be told seven days before: the earliest is 2026-06-22T12:00:00Z")
		_, err = s.r.Pause(t.Context(), as(s.fay, s.ivy), s.ash, 0, false)
		s.ok(err)
		row, _ := s.lastAudit()
		if want := `{"at":"2026-06-22T12:00:00Z","listing":false,"second":"` + s.ivy.ID + `"}`; row.Payload != want {
			t.Errorf("payload %s, want %s", row.Payload, want)
		}
		_, err = s.r.Pause(t.Context(), as(s.fay, s.ivy), s.ash, s.now+6*dayLong, false)
		wantReasons(t, err, "the member must be told seven days before: the earliest is 2026-06-22T12:00:00Z",
			"a pause from 22 June 2026 on is planned already")
		if s.state(s.ash) == eligibility.StatePaused {
			t.Error("paused before its time")
		}
		// The member ends it before it begins; then it never begins.
		_, err = s.r.Resume(t.Context(), as(s.dora), s.ash, 0)
		s.ok(err)
		s.now += 30 * dayLong
		if s.state(s.ash) == eligibility.StatePaused {
			t.Error("paused although the member had ended it")
		}
	})
}

func TestWhoPauses(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		for _, c := range []struct {
			by   By
			want string
		}{
			{s.operator("because"), "the operator has no say in it"},
			{as(s.fay), "otherwise it takes a facilitator and a second person of another member"},
			{as(s.tara), "otherwise it takes a facilitator and a second person of another member"},
			{as(s.fay, s.fay), "the second person must be somebody else, and known here"},
			{as(s.tara, s.ivy), "neither of the two is a facilitator"},
			{as(s.fay, s.bert), "the second person must be delegate of a member that is neither this one nor the facilitator's own"},
			{as(s.fay, s.dora), "the second person must be delegate of a member that is neither this one nor the facilitator's own"},
			{as(s.fay, s.cora), "the second person must be delegate of a member that is neither this one nor the facilitator's own"},
		} {
			_, err := s.r.Pause(t.Context(), c.by, s.ash, 0, false)
			wantReasons(t, err, "only a delegate of the member may alone", c.want)
		}
		_, err := s.r.Leave(t.Context(), as(s.ivy), s.dogwood, 0)
		s.ok(err)
		_, err = s.r.Pause(t.Context(), as(s.fay, s.ivy), s.ash, 0, false)
		wantReasons(t, err, "only a delegate of the member may alone", "the second person must be delegate of a member that is neither this one nor the facilitator's own")
		_, err = s.r.Pause(t.Context(), as(s.ivy), s.dogwood, 0, false)
		wantReasons(t, err, "dogwood left on 15 June 2026")
	})
}

func TestSuspend(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		one, two := as(s.cora), as(s.cora, s.carl)
		_, err := s.r.Suspend(t.Context(), one, s.birch, s.now-1, s.now+8*dayLong)
		wantReasons(t, err, "it cannot begin in the past: leave the instant out, or name a later one",
			"one contact person alone suspends for at most seven days, until 2026-06-22T11:59:59.999999Z; for longer a second one is needed")
		_, err = s.r.Suspend(t.Context(), one, s.birch, 0, 0)
		s.ok(err)
		if row, _ := s.lastAudit(); row.Payload != `{"at":"2026-06-15T12:00:00Z","until":"2026-06-22T12:00:00Z"}` {
			t.Errorf("payload %s", row.Payload)
		}
		s.wantStates(map[instant.Instant]string{s.now: "suspended", s.now + 7*dayLong - 1: "suspended", s.now + 7*dayLong: "unknown"})

		// Seven days are not made into a month, nor cut short, by one alone.
		_, err = s.r.Suspend(t.Context(), as(s.carl), s.birch, 0, 0)
		wantReasons(t, err, "it is suspended since 15 June 2026; what goes on takes two contact people")
		_, err = s.r.Restore(t.Context(), one, s.birch, 0)
		wantReasons(t, err, "it takes a second contact person")
		s.now += 8 * dayLong
		_, err = s.r.Suspend(t.Context(), as(s.carl), s.birch, 0, 0)
		wantReasons(t, err, "it was suspended for a few days on 15 June 2026; within thirty days of that a second contact person is needed")

		_, err = s.r.Suspend(t.Context(), two, s.birch, 0, 0)
		s.ok(err)
		s.wantStates(map[instant.Instant]string{s.now: "suspended", s.now + 500*dayLong: "suspended"})
		_, err = s.r.Suspend(t.Context(), two, s.birch, 0, 0)
		wantReasons(t, err, "it is suspended since 23 June 2026 already, and until then")
		_, err = s.r.Restore(t.Context(), two, s.birch, 0)
		s.ok(err)
		_, err = s.r.Restore(t.Context(), two, s.birch, 0)
		wantReasons(t, err, "birch-collective is not suspended")
		if s.state(s.birch) == eligibility.StateSuspended {
			t.Error("still suspended")
		}
	})
}

func TestAPlannedSuspensionIsTakenBack(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		two := as(s.cora, s.carl)
		_, err := s.r.Suspend(t.Context(), two, s.birch, s.now+3*dayLong, 0)
		s.ok(err)
		_, err = s.r.Suspend(t.Context(), as(s.cora), s.birch, 0, 0)
		wantReasons(t, err, "a suspension is planned already; changing it takes two contact people")
		_, err = s.r.Restore(t.Context(), two, s.birch, 0)
		s.ok(err)
		s.wantStates(map[instant.Instant]string{s.now + 4*dayLong: "unknown"})
	})
}
