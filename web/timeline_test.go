package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/roll"
)

// The time line says the same in its title as it draws, and draws nothing outside.
func TestTheTimeLine(t *testing.T) {
	m := &mine{p: &Pages{o: Options{Zone: time.UTC}}, v: &visit{lang: tongue.English()}}
	day := func(year int, month time.Month, d int) instant.Instant { return instant.Date(year, month, d) }
	paid := func(id string, from, until instant.Instant) roll.FactLine {
		return roll.FactLine{Ref: "charge:" + id, What: "monthly charge", From: from, Until: until, Amount: &money.Money{Minor: 1000, Currency: money.Currency{'G', 'B', 'P'}}}
	}
	var months []roll.FactLine // the newest first, as they are told
	for n := range 60 {
		at := instant.Of(time.Date(2026, time.June-time.Month(n), 1, 0, 0, 0, 0, time.UTC))
		months = append(months, paid(fmt.Sprint(n), at, instant.Of(at.Time().AddDate(0, 1, 0))))
	}
	for _, x := range []struct {
		name        string
		facts       []roll.FactLine
		title       string
		spans, dots int
	}{
		{"nothing", nil, "", 0, 0},
		{"no money", []roll.FactLine{{Ref: "membership:1", What: "admitted", From: day(2026, 1, 1)}}, "", 0, 0},
		{"one", []roll.FactLine{paid("a", day(2026, 6, 1), day(2026, 7, 1))}, "Time line from June 2026 to July 2026: paid for from 1 June 2026 until 1 July 2026; 1 payment in it", 1, 1},
		{"five years", months, "Time line from June 2025 to July 2026: paid for from 1 July 2021 until 1 July 2026; 13 payments in it", 13, 13},
		{"an open waiver", []roll.FactLine{{Ref: "waiver:1", What: "waiver", From: day(2026, 2, 1)}}, "Time line from February 2026 to July 2026: dues waived from 1 February 2026; 0 payments in it", 1, 0},
		{"given back", []roll.FactLine{{Ref: "refund:r", What: "given back", From: day(2026, 6, 5), Note: "charge a", Charge: "a"}, paid("a", day(2026, 6, 1), day(2026, 7, 1))},
			"Time line from June 2026 to July 2026: paid for from 1 June 2026 until 5 June 2026; 1 payment in it, 1 given back", 1, 2},
		{"for ten years", []roll.FactLine{paid("a", day(2026, 6, 1), day(2036, 6, 1))}, "Time line from June 2026 to July 2027: paid for from 1 June 2026 until 1 June 2036; 1 payment in it", 1, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			l := m.timeLine(&roll.Explanation{Row: roll.Row{Standing: eligibility.Standing{At: day(2026, 6, 17)}}, Facts: x.facts})
			if x.title == "" {
				if l != nil {
					t.Errorf("a picture of nothing: %+v", l)
				}
				return
			}
			if l.Title != x.title || len(l.Spans) != x.spans || len(l.Paid) != x.dots {
				t.Errorf("%d spans, %d dots: %s", len(l.Spans), len(l.Paid), l.Title)
			}
			for _, s := range l.Spans {
				if s.X < 0 || s.X+s.Width > l.Width || s.Width < 1 {
					t.Errorf("outside: %+v", s)
				}
			}
			if l.Today <= 0 || l.Today >= l.Width || len(l.Keys) == 0 || strings.Contains(l.Title, "  ") {
				t.Errorf("%+v", l)
			}
		})
	}
}
