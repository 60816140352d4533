package syncer

import (
	"testing"
	"time"
)

// flock is the knot as members, read every few days until the grace of those
// who have not paid for July is about to end.
func flock(w *world) (*upstream, *Syncer) {
	w.t.Helper()
	u, s := planted(w)
	s.assess = w.roll.AfterSnapshot
	w.takeOver()
	for _, day := range []string{"2026-06-20", "2026-07-01", "2026-07-08"} {
		w.now = at(day)
		w.pull(s)
	}
	// Two renew late, one has stopped.
	u.renewed("or-birch", at("2026-07-10T06:00:00Z"))
	w.now = at("2026-07-18")
	w.pull(s)
	return u, s
}

func votes(w *world) (who string) {
	w.t.Helper()
	rights := w.rights()
	for _, name := range []string{"alder-ltd", "birch-ltd", "cedar-ltd"} {
		switch rights[name][:len("vote true,")] {
		case "vote true,":
			who += name[:1]
		case "vote false":
			who += "-"
		}
	}
	return who
}

// A total that matches half of the charges would lapse who paid in the last
// moment. The contributions of the same answer tell that a charge was made, so
// the answer is thrown away, and nobody lapses, neither who paid nor, for that
// long, who did not.
func TestAHiddenChargeLapsesNobody(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := flock(w)
		if got := votes(w); got != "abc" {
			t.Fatalf("before the day %s vote", got)
		}
		paid := u.renewed("or-cedar", at("2026-07-21T06:00:00Z"))
		u.hide(paid)
		w.now = at("2026-07-23")
		for range 5 {
			if _, err := s.Pull(t.Context()); !isContradiction(err) {
				t.Fatalf("half of the charges were believed: %v", err)
			}
			if got := votes(w); got != "abc" {
				t.Errorf("with a charge hidden, %s vote", got)
			}
			w.later(3 * time.Hour)
		}
		u.charges = append(u.charges, paid)
		w.pull(s)
		if got := votes(w); got != "-bc" {
			t.Errorf("with all charges shown %s vote, want who paid: -bc", got)
		}
	})
}

// The control: who really stopped lapses, at the first complete snapshot after
// the grace ended.
func TestWhoReallyStoppedLapses(t *testing.T) {
	w := onOne(t)
	u, s := flock(w)
	u.renewed("or-cedar", at("2026-07-21T06:00:00Z"))
	w.now = at("2026-07-21T23:59:00Z")
	w.pull(s)
	if got := votes(w); got != "abc" {
		t.Errorf("a minute before, %s vote", got)
	}
	w.now = at("2026-07-22")
	w.pull(s)
	if got := votes(w); got != "-bc" {
		t.Errorf("on the instant, %s vote", got)
	}
}

// Contributions that are missing move nobody: not for the worse, not for the
// better, for as long as they stay away.
func TestMissingContributionsMoveNobody(t *testing.T) {
	for name, paid := range map[string]bool{"who paid": true, "who did not": false} {
		with, without := "", ""
		for _, hidden := range []bool{false, true} {
			w := onOne(t)
			u, s := flock(w)
			if paid {
				u.renewed("or-alder", at("2026-07-19T06:00:00Z"))
			}
			if hidden {
				u.drop("or-alder")
			}
			for _, day := range []string{"2026-07-20", "2026-07-21T23:59:00Z", "2026-07-22", "2026-07-31", "2026-08-06"} {
				w.now = at(day)
				w.pull(s)
				if hidden {
					without += votes(w) + " "
				} else {
					with += votes(w) + " "
				}
			}
		}
		if with != without || len(with) != 20 {
			t.Errorf("%s: with their contributions %s vote, without %s", name, with, without)
		}
	}
}
