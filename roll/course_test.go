package roll

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
)

// How the members stood each month, and what they paid and were to pay: each point is
// what the roll says of that instant, and who has applied is on none.
func TestTheCourseAndTheMoney(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	ctx := t.Context()
	payer := payers[0]
	_, err := s.r.Link(ctx, as(s.tara), s.ash, payer.id(), 0, 0)
	s.ok(err)
	entry := aPayment(s.birch)
	entry.Received = instant.Date(2026, 5, 3)
	id, _, err := s.r.Pay(ctx, as(s.tara), entry)
	s.ok(err)
	b, err := s.r.Book(ctx)
	s.ok(err)
	points := b.Course(s.now, 24)
	if len(points) != 18 || points[0].Total != 1 || points[1].Total != 2 || points[17].Total != 3 || points[17].At != s.now || points[0].At != instant.Date(2025, 1, 15) {
		t.Fatalf("%d points: %+v", len(points), points)
	}
	for _, p := range points {
		view, sum := b.View(Query{At: p.At}, s.now), 0
		want := map[eligibility.State]int{}
		for i := range view.Rows {
			want[view.Rows[i].Standing.State]++
		}
		for state, n := range p.States {
			if sum += n; want[state] != n {
				t.Errorf("on %s %d are %s, want %d", p.At, n, state, want[state])
			}
		}
		if sum != p.Total || p.States[eligibility.StateApplied] != 0 || sum+want[eligibility.StateApplied] != len(view.Rows) {
			t.Errorf("on %s: %+v of %v", p.At, p, want)
		}
	}
	if one := b.Course(s.now, 1); len(one) != 1 || one[0].Total != 3 {
		t.Errorf("now alone: %+v", one)
	}

	months := b.MoneyByMonth(s.now, 12, 2)
	if len(months) != 14 || months[11].From != instant.Date(2026, 6, 1) || months[13].From != instant.Date(2026, 8, 1) {
		t.Fatalf("months: %+v", months)
	}
	got := map[string][2]int64{}
	for _, m := range months {
		got[m.From.Day()] = [2]int64{m.Received[gbp], m.Expected[gbp]}
	}
	for day, want := range map[string][2]int64{
		"2026-03-01": {0, 0}, "2026-05-01": {12000 + payer.minor, 0}, "2026-06-01": {payer.minor, payer.minor}, "2026-07-01": {0, payer.minor}, "2026-08-01": {0, payer.minor},
	} {
		if got[day] != want {
			t.Errorf("%s: received and expected %v, want %v", day, got[day], want)
		}
	}
	_, err = s.r.UndoPayment(ctx, as(s.tara), id)
	s.ok(err)
	if b, err = s.r.Book(ctx); err != nil || b.MoneyByMonth(s.now, 12, 0)[10].Received[gbp] != payer.minor {
		t.Errorf("a payment that was reversed is counted: %v", err)
	}
}

// What an account promises is expected once, also where it was one member's and is now
// another's, whether the other has been charged yet or not.
func TestAnAccountThatMovedIsExpectedOnce(t *testing.T) {
	payer := payers[0]
	for _, moved := range []instant.Instant{instant.Date(2026, 5, 20), instant.Date(2026, 6, 10)} {
		s := newStage(t, dbtest.SQLite(t)())
		ctx := t.Context()
		_, err := s.r.Link(ctx, as(s.tara), s.ash, payer.id(), 0, moved)
		s.ok(err)
		_, err = s.r.Link(ctx, as(s.tara), s.birch, payer.id(), moved, 0)
		s.ok(err)
		b, err := s.r.Book(ctx)
		s.ok(err)
		for i, m := range b.MoneyByMonth(s.now, 2, 2) {
			received := []int64{payer.minor, payer.minor, 0, 0}[i]
			expected := []int64{0, payer.minor, payer.minor, payer.minor}[i]
			if m.Received[gbp] != received || m.Expected[gbp] != expected {
				t.Errorf("moved on %s, %s: received %d, expected %d, want %d and %d", moved.Day(), m.From.Day(), m.Received[gbp], m.Expected[gbp], received, expected)
			}
		}
	}
}
