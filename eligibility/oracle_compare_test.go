package eligibility_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
)

// The engine and the oracle agree on random histories, now and in forecasts.
func TestOracleAgrees(t *testing.T) {
	for _, kind := range []struct {
		name   string
		rounds int
		world  func(*rapid.T) world
	}{
		{"one policy, no holds", 2, func(t *rapid.T) world { return world{T: t} }},
		{"gaps and policies", 2, func(t *rapid.T) world { return world{T: t, gaps: true, policies: true} }},
		{"everything", 4, everything},
		{"advised holds", 1, func(t *rapid.T) world { return world{T: t, holds: true, advisedHolds: true} }},
		{"mixed graces", 1, func(t *rapid.T) world { return world{T: t, gaps: true, mixedGraces: true} }},
		{"added to recurring", 1, func(t *rapid.T) world { return world{T: t, addedToRecurring: true} }},
	} {
		for round := range kind.rounds {
			t.Run(fmt.Sprintf("%s %d", kind.name, round+1), func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) { agree(kind.world(rt)) })
			})
		}
	}
}

func agree(w world) {
	ps, f := w.history()
	when := moments(ps, f)
	for range 15 {
		at, known := w.query(when)
		want := newOracle(ps, f, at, known).assess()
		s := ps.Assess(f, at, known)
		compare(w.T, "Assess", ps, f, want, s)
		if all := ps.States(f, known, 1, at); len(all) != 2 || all[1] != s.State {
			w.T.Fatalf("States says %v, Assess %s\n%s", all, s.State, describe(ps, f))
		}
		want = newOracle(ps, f, at, known).forecast()
		compare(w.T, "Forecast", ps, f, want, ps.Forecast(f, at, known))
	}
}

// tester is a test, or a round of a drawn one.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func compare(t tester, what string, ps eligibility.Policies, f *eligibility.Facts, want answer, got eligibility.Standing) {
	t.Helper()
	want = quiet(want, got)
	if g := answerOf(got); g.String() != want.String() {
		t.Fatalf("%s at %s, known %s\nengine: %s %s\noracle: %s\n%s", what, short(got.At), short(got.Known),
			g, codes(got), want, describe(ps, f))
	}
}

// quiet lets a standing leave the money out where membership, a waiver or a
// hold decides and the dues do not, and lets it leave the late days out of
// what is paid while a renewal is due; what it does say must be right.
func quiet(want answer, got eligibility.Standing) answer {
	_, held := got.Reason(eligibility.CodeHeld)
	if _, late := got.Reason(eligibility.CodeRenewalDue); late && got.PaidThrough == want.strict {
		want.paid = want.strict
	}
	switch want.state {
	case eligibility.StateLeft, eligibility.StateSuspended, eligibility.StateApplied, eligibility.StatePaused, eligibility.StateWaived:
	default:
		if !held {
			return want
		}
	}
	if got.Covered.Zero() {
		want.covered = new(big.Rat)
	}
	if got.PaidThrough == 0 {
		want.paid = 0
	}
	return want
}

// answerOf is the part of a standing that the oracle answers.
func answerOf(s eligibility.Standing) answer {
	a := answer{state: s.State, paid: s.PaidThrough, covered: new(big.Rat)}
	if _, ok := a.covered.SetString(s.Covered.String()); !ok {
		panic("covered is no fraction: " + s.Covered.String())
	}
	for i, r := range eligibility.Rights {
		a.ok[i] = s.Has(r)
	}
	return a
}

func (a answer) String() string {
	return fmt.Sprintf("%s, vote %s, listing %s, services %s, covered %s, paid through %s", a.state,
		yes(a.ok[0]), yes(a.ok[1]), yes(a.ok[2]), a.covered.RatString(), short(a.paid))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// codes are the reason codes in their order.
func codes(s eligibility.Standing) string {
	var out []string
	for _, r := range s.Reasons {
		out = append(out, r.Code.String())
	}
	return "because " + strings.Join(out, " ")
}
