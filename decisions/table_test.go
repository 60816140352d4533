package decisions_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
)

// allowed is the table of domain.md, section 5, as a person would write it down:
// what may happen in which state. Everything else is refused.
var allowed = map[decisions.State]string{
	"":                  "propose import",
	decisions.Draft:     "edit log open withdraw import",
	decisions.Logged:    "escalate",
	decisions.Opened:    "announce amend call_material cast retract object unobject more_time escalate answer_concern nudge withdraw stall join add_seat remove_seat settle close",
	decisions.Overdue:   "announce amend call_material cast retract object unobject more_time escalate answer_concern nudge withdraw stall end join add_seat remove_seat settle close",
	decisions.Stalled:   "reopen import",
	decisions.Elsewhere: "reopen import",
	decisions.Passed:    "import",
	decisions.Stopped:   "import",
	decisions.NotPassed: "import",
	decisions.Withdrawn: "import",
}

// TestEveryPairOfStateAndEvent walks all of them: what the table refuses is
// refused by Apply, too, for that reason alone, and changes nothing.
func TestEveryPairOfStateAndEvent(t *testing.T) {
	states := append(decisions.States(), "")
	if len(allowed) != len(states) {
		t.Fatalf("%d states, %d in the test's table", len(states), len(allowed))
	}
	for _, s := range states {
		for _, k := range decisions.EventKinds() {
			want := slices.Contains(strings.Fields(allowed[s]), string(k))
			if got := decisions.May(s, k); got != want {
				t.Errorf("%s in %q: %v, want %v", k, s, got, want)
			}
			if want {
				continue
			}
			d := decisions.New(time.UTC)
			d.State = s
			after, err := d.Apply(decisions.Event{Kind: k, At: 1})
			var r *decisions.Refusal
			if !errors.As(err, &r) || len(r.Reasons) != 1 || r.Reasons[0].Code != decisions.WrongState || after.State != s {
				t.Errorf("%s in %q: %v", k, s, err)
			} else if text := err.Error(); strings.Contains(text, "_") || strings.HasSuffix(text, " ") || len(r.Reasons[0].Text) < 15 {
				t.Errorf("%s in %q says %q", k, s, text)
			}
		}
		if s.Final() != (allowed[s] == "import") {
			t.Errorf("%q final: %v", s, s.Final())
		}
	}
}

func TestWrongStatesInWords(t *testing.T) {
	for _, c := range []struct {
		state decisions.State
		kind  decisions.EventKind
		want  string
	}{
		{"", decisions.Cast, "the ballot is refused: nobody has proposed it yet"},
		{decisions.Opened, decisions.Propose, "proposing this is refused: it was proposed before"},
		{decisions.Passed, decisions.Cast, "the ballot is refused: the decision is passed, which is final"},
		{decisions.NotPassed, decisions.Amend, "amending this is refused: the decision is not carried, which is final"},
		{decisions.Draft, decisions.Object, "the objection is refused: the decision is draft; this is possible while it is open or overdue"},
		{decisions.Opened, decisions.Reopen, "reopening this is refused: the decision is open; this is possible while it is stalled or in progress elsewhere"},
		{decisions.Elsewhere, decisions.Cast, "the ballot is refused: the decision is in progress elsewhere: a facilitator can take it up here by reopening it with a deadline"},
		{decisions.Opened, decisions.Import, "importing this is refused: the decision is open; this is possible while it is draft, stalled, passed, stopped, not carried, withdrawn or in progress elsewhere"},
		{decisions.Opened, decisions.Log, "logging this is refused: the decision is open; this is possible while it is draft"},
		{decisions.Draft, decisions.Escalate, "escalating this is refused: the decision is draft; this is possible while it is logged, open or overdue"},
	} {
		d := decisions.New(time.UTC)
		d.State = c.state
		if _, err := d.Apply(decisions.Event{Kind: c.kind, At: 1}); err == nil || err.Error() != c.want {
			t.Errorf("%s in %q: %v, want %q", c.kind, c.state, err, c.want)
		}
	}
}

func TestDays(t *testing.T) {
	day := func(s string) decisions.Day {
		d, err := decisions.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if n := day("2026-06-01").Until(day("2026-06-14")); n != 13 {
		t.Errorf("1 June to 14 June is %d days", n)
	}
	if got := day("2026-02-26").Words(); got != "Thursday 26 February 2026" {
		t.Errorf("says %s", got)
	}
	for _, c := range []struct{ day, zone, end string }{
		{"2026-02-26", "Europe/London", "2026-02-27T00:00:00Z"},
		{"2026-06-14", "Europe/London", "2026-06-14T23:00:00Z"},
		{"2026-03-28", "Europe/London", "2026-03-29T00:00:00Z"},
		{"2026-03-29", "Europe/London", "2026-03-29T23:00:00Z"},
		{"2026-10-25", "Europe/London", "2026-10-26T00:00:00Z"},
		{"2026-12-31", "Pacific/Auckland", "2026-12-31T11:00:00Z"},
		// Where the clocks go forward at midnight the next day begins at one.
		{"2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		{"2026-04-23", "Africa/Cairo", "2026-04-23T22:00:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		end := day(c.day).End(zone)
		if end.String() != c.end {
			t.Errorf("%s ends at %s in %s, want %s", c.day, end, c.zone, c.end)
		}
		if decisions.DayOf(end, zone) != day(c.day).Add(1) || decisions.DayOf(end-1, zone) != day(c.day) {
			t.Errorf("%s in %s: its end is not where the next day begins", c.day, c.zone)
		}
	}
	if _, err := decisions.ParseDay("26-02-2026"); err == nil || err.Error() != `"26-02-2026" is not a date: write 2026-02-26` {
		t.Errorf("says %v", err)
	}
	var d decisions.Day
	for _, s := range []string{"2026-02-26", ""} {
		if err := d.UnmarshalText([]byte(s)); err != nil || d.String() != s {
			t.Errorf("%q comes back as %q, %v", s, d, err)
		}
	}
}
