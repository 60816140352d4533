package roll

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// rewritten is the policy in force with other words in its text.
func (s *stage) rewritten(pairs ...string) *policy.File {
	s.t.Helper()
	now, _, err := s.r.PolicyInForce(s.t.Context())
	s.ok(err)
	text := now.Text
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			s.t.Fatalf("the policy lacks %q:\n%s", pairs[i], text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	file, err := policy.Parse("a file", []byte(text))
	s.ok(err)
	return file
}

// Who may add rules, when, and with which decision; and who would gain or lose by them.
func TestAddingRules(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		file := s.rewritten("id: seed-2022", "id: strict-2027", "from: 2022-05-15", "from: 2027-01-01", "policy_changes: by_treasurer", "policy_changes: by_decision")
		_, _, err := s.r.EnsurePolicy(ctx, as(s.dora), file, false)
		wantReasons(t, err, "only a treasurer or the operator may")
		ids, err := s.r.NewVersions(ctx, as(s.tara), file, false)
		if s.ok(err); len(ids) != 1 || ids[0] != "strict-2027" {
			t.Errorf("new: %v", ids)
		}
		added, _, err := s.r.EnsurePolicy(ctx, as(s.tara), file, false)
		if s.ok(err); len(added) != 1 {
			t.Errorf("added %v", added)
		}
		if added, _, err = s.r.EnsurePolicy(ctx, as(s.tara), file, false); err != nil || len(added) != 0 {
			t.Errorf("added again: %v, %v", added, err)
		}
		s.now = instant.Date(2027, 2, 1)
		next := s.rewritten("id: strict-2027", "id: strict-2028", "from: 2027-01-01", "from: 2028-01-01")
		_, err = s.r.NewVersions(ctx, as(s.tara), next, false)
		wantReasons(t, err, "version strict-2028 names no decision, and version strict-2027 lets the policy change by decision only; write its number into decided_by")
		next = s.rewritten("id: strict-2027", "id: strict-2028", "from: 2027-01-01", "from: 2028-01-01\n    decided_by: \"7\"", "    decided_by: \"\"\n", "")
		_, _, err = s.r.EnsurePolicy(ctx, as(s.tara), next, false)
		wantReasons(t, err, "version strict-2028 names decision 7, and no decision of that number has passed here; version strict-2027 lets the policy change by decision only")
		// Of a decision from before the register the operator's word is taken; not of one
		// that the register holds, and that has not passed.
		if ids, err := s.r.NewVersions(ctx, s.operator("as of old"), next, false); err != nil || len(ids) != 1 {
			t.Errorf("the operator may add %v, %v", ids, err)
		}
		s.decided(6, "stopped")
		_, err = s.r.NewVersions(ctx, as(s.tara), s.rewritten("id: strict-2027", "id: strict-2028", "from: 2027-01-01", "from: 2028-01-01\n    decided_by: \"6\"", "    decided_by: \"\"\n", ""), false)
		wantReasons(t, err, "version strict-2028 names decision 6, and no decision of that number has passed here; version strict-2027 lets the policy change by decision only")
		s.decided(7, "open")
		_, err = s.r.NewVersions(ctx, s.operator("as of old"), next, false)
		wantReasons(t, err, "version strict-2028 names decision 7, and no decision of that number has passed here; version strict-2027 lets the policy change by decision only")
		s.decides("open", "passed")
		if added, _, err = s.r.EnsurePolicy(ctx, as(s.tara), next, false); err != nil || len(added) != 1 {
			t.Errorf("added %v, %v", added, err)
		}
	})
}

// decided notes a decision that came to a state.
func (s *stage) decided(number int64, state string) {
	s.t.Helper()
	s.ok(s.db.InTx(s.t.Context(), store.Decisions, s.now, func(tx *store.Tx) error {
		_, err := tx.AddDecision(s.t.Context(), "de_"+state, "UTC")
		return err
	}))
	s.comesTo("de_"+state, number, state)
}

// decides brings the decision that is in one state to another.
func (s *stage) decides(from, to string) {
	s.t.Helper()
	s.comesTo("de_"+from, 7, to)
}

func (s *stage) comesTo(id string, number int64, state string) {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.InTx(ctx, store.Decisions, s.now, func(tx *store.Tx) error {
		head, _, err := tx.LockDecision(ctx, id)
		if err != nil {
			return err
		}
		err = dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{At: s.now, Kind: "close", Number: number, State: state, Public: map[string]any{}, Private: map[string]any{}})
		return err
	}))
}

func TestComparingRulesAtADate(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	ctx := t.Context()
	entry := aPayment(s.ash) // GBP 10.00 a month until 1 June 2027
	_, _, err := s.r.Pay(ctx, as(s.tara), entry)
	s.ok(err)
	dearer := s.rewritten("id: seed-2022", "id: dear", "GBP 10.00", "GBP 20.00").Versions[0]
	for _, c := range []struct {
		at   instant.Instant
		want string
	}{{0, "Ash Workers' Co-op current short"}, {instant.Date(2026, 5, 1), ""}, {instant.Date(2027, 5, 1), "Ash Workers' Co-op current short"}, {instant.Date(2027, 9, 1), "Ash Workers' Co-op lapsed unpaid"}} {
		got := ""
		who, err := s.r.ComparePolicy(ctx, dearer, c.at)
		s.ok(err)
		for _, one := range who {
			got += one.Name + " " + one.Before.State.String() + " " + one.After.State.String()
		}
		if got != c.want {
			t.Errorf("at %s: %q, want %q", c.at, got, c.want)
		}
	}
}
