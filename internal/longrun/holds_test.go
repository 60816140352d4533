package longrun

import (
	"context"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/roll"
)

// The rules of domain.md, section 3, "Holds", each against the fake with real
// pulls, and beside each the member who really stopped paying and does lapse:
// on 22 February, when the 21 days of grace after 1 February are over.

// TestTheBrakeSaysWhoAndWhy: what happens on Open Collective between two
// readings is the likely cause of what the second one would take.
func TestTheBrakeSaysWhoAndWhy(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stop   []string // who stops paying in January
		then   []string // what happens on 21 February
		held   string
		likely string
		lapses string // who loses the vote all the same
	}{
		{"three of ten stop", []string{"a", "b", "c"}, nil, "many: a b c", "the contributions of 3 of these 3 members were cancelled", ""},
		{"two of ten stop", []string{"a", "b"}, nil, "", "", "2026-02-22T00:00:00Z a, 2026-02-22T00:00:00Z b"},
		{"two, and the host changed", []string{"a", "b"}, []string{"change-host other-host"}, "host: a b", "the collective changed its fiscal host", ""},
		{"one, and the host changed", []string{"a"}, []string{"change-host other-host"}, "", "", "2026-02-22T00:00:00Z a"},
		{"two, and the collective was frozen", []string{"a", "b"}, []string{"freeze"}, "frozen: a b", "the collective is frozen", ""},
		{"one, and the collective was frozen", []string{"a"}, []string{"freeze"}, "", "", "2026-02-22T00:00:00Z a"},
		{"two whose tier was deleted", []string{"a", "b"}, []string{"delete-tier supporters"}, "tier: a b", "a tier was deleted", ""},
		{"one whose tier was deleted", []string{"a"}, []string{"delete-tier supporters"}, "", "", "2026-02-22T00:00:00Z a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tw := emptyTown(t)
			tw.say("tier supporters MONTHLY 10")
			for i := range 10 {
				tw.say("join %s GBP 10 monthly card tier=supporters", called(i))
			}
			tw.begin()
			tw.on("2026-01-10")
			for _, who := range tt.stop {
				tw.say("cancel %s", who)
			}
			tw.readsUntil("2026-02-20", 5)
			tw.on("2026-02-21")
			for _, line := range tt.then {
				tw.say("%s", line)
			}
			tw.on("2026-02-22T06:00")
			tw.lapsed(tt.lapses, tw.reads())
			holds := tw.held(tt.held)
			if len(holds) > 0 && !strings.Contains(holds[0].Likely, tt.likely) {
				t.Errorf("the likely cause is %q, want %q", holds[0].Likely, tt.likely)
			}
			want := "lapsed"
			if tt.held != "" {
				want = "grace, votes, held"
			}
			for _, who := range tt.stop {
				tw.is(who, want)
			}
			tw.is("j", "current, votes")
			if got := tw.notices()["brake"]; got != len(holds) {
				t.Errorf("%d messages to the treasurers about %d holds", got, len(holds))
			}
		})
	}
}

// TestMoneyThatIsNotCounted: two members change to a currency without a minimum;
// one alone who does the same loses the right on the day.
func TestMoneyThatIsNotCounted(t *testing.T) {
	for held, change := range map[string][]string{"currency: a b": {"a", "b"}, "": {"a"}} {
		tw := newTown(t, 10)
		tw.on("2026-01-20")
		for _, who := range change {
			tw.say("cancel %s", who)
			tw.say("join %s EUR 10 monthly card", who)
		}
		reports := tw.readsUntil("2026-02-22T06:00", 5)
		tw.held(held)
		want := "short"
		if held != "" {
			want = "grace, votes, held"
			tw.lapsed("", reports...)
		} else {
			tw.lapsed("2026-02-22T00:00:00Z a", reports...)
		}
		for _, who := range change {
			tw.is(who, want)
		}
	}
}

// TestTheBrakeIsNotPassedInSlices: of twenty members one stops each day for a
// week. The first two are within what the policy lets happen in seven days; the
// others are held. Three who stop a month apart all lapse.
func TestTheBrakeIsNotPassedInSlices(t *testing.T) {
	tw := emptyTown(t)
	for i := 7; i < 20; i++ {
		tw.say("join %s GBP 10 monthly card", called(i))
	}
	for i := range 7 { // PayPal pays for a month from the day of the charge
		tw.say("join %s GBP 10 monthly paypal", called(i))
		tw.life.w.Advance(day)
	}
	tw.begin()
	for i := range 7 {
		tw.say("cancel %s", called(i))
	}
	reports := tw.readsUntil("2026-03-02T12:00", 1)
	tw.lapsed("2026-02-23T09:00:00Z a, 2026-02-24T09:00:00Z b", reports...)
	tw.held("many: c, many: d, many: e, many: f, many: g")
	for _, who := range []string{"c", "d", "e", "f", "g"} {
		tw.is(who, "grace, votes, held")
	}

	tw = newTown(t, 20)
	var seldom []roll.Report
	for i, stops := range []string{"2026-01-10", "2026-02-10", "2026-03-10"} { // each lapses in the month after
		seldom = append(seldom, tw.readsUntil(stops, 3)...)
		tw.say("cancel %s", called(i))
	}
	seldom = append(seldom, tw.readsUntil("2026-04-23", 3)...)
	tw.lapsed("2026-02-22T00:00:00Z a, 2026-03-22T00:00:00Z b, 2026-04-22T00:00:00Z c", seldom...)
	tw.held("")
}

// TestAHoldNeverExpires: 400 days later who is held is held still. Who pays gets
// free by itself, and who then stops again lapses like anybody; the treasurer
// ends it for the rest, once, and they lapse then and not before.
func TestAHoldNeverExpires(t *testing.T) {
	tw := newTown(t, 10)
	tw.on("2026-01-10")
	for _, who := range []string{"a", "b", "c"} {
		tw.say("cancel %s", who)
	}
	tw.readsUntil("2026-02-22T06:00", 3)
	hold := tw.held("many: a b c")[0]
	tw.readsUntil("2026-06-10", 5)
	tw.say("join a GBP 10 monthly card")
	tw.reads()
	tw.is("a", "current, votes")
	tw.held("many: a (over) b c")
	tw.readsUntil("2026-08-10", 5)
	tw.say("cancel a")
	reports := tw.readsUntil("2026-09-23", 5)
	tw.lapsed("2026-09-22T00:00:00Z a", reports...)
	reports = tw.readsUntil("2027-03-29", 5)
	tw.lapsed("", reports...)
	for _, who := range []string{"b", "c"} {
		tw.is(who, "grace, votes, held")
	}
	report, err := tw.roll.Acknowledge(context.Background(), tw.by, hold.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := tw.lapses(report); len(got) != 2 || !strings.HasPrefix(got[0], "2027-03-29T00:00:00") {
		t.Errorf("acknowledged: %v, want the two that it still kept, now", got)
	}
	tw.is("b", "lapsed")
	tw.was("2027-03-28", "", "b", "grace, votes, held")
	if _, err := tw.roll.Acknowledge(context.Background(), tw.by, hold.ID); err == nil || !strings.Contains(err.Error(), "it was acknowledged on 2027-03-29") {
		t.Errorf("the second time: %v", err)
	}
}

// TestNoLapseThatNoSnapshotHasSeen: at no instant does a right end that no later
// complete snapshot has seen; once one has, it ended on the right instant, also
// in history, and by what was known before it had not.
func TestNoLapseThatNoSnapshotHasSeen(t *testing.T) {
	tw := newTown(t, 10)
	tw.on("2026-01-10").say("cancel a")
	tw.readsUntil("2026-02-20", 5)
	for _, when := range []string{"2026-02-22", "2026-02-25", "2026-03-04", "2026-03-04T23:59"} {
		tw.on(when)
		if report, err := tw.roll.Assess(context.Background()); err != nil || len(report.Transitions) > 0 {
			t.Errorf("time alone: %v, %v", report.Transitions, err)
		}
		if s := tw.standing("a", roll.Query{}); s.State != eligibility.StateGrace || !s.Has(eligibility.Vote) {
			t.Errorf("on %s, seen by nobody: %s, votes %v", when, s.State, s.Has(eligibility.Vote))
		}
	}
	tw.on("2026-03-05")
	tw.lapsed("2026-02-22T00:00:00Z a", tw.reads())
	tw.is("a", "lapsed")
	tw.was("2026-02-21T23:59", "", "a", "grace, votes")
	tw.was("2026-02-22", "", "a", "lapsed")
	tw.was("2026-02-25", "", "a", "lapsed")
	tw.was("2026-02-25", "2026-03-04", "a", "grace, votes, stale")
	tw.is("b", "current, votes")
}

// TestAfterAGap: without a reading in the seven days before the grace ends it
// ends seven days after the next one; with one it ends on time.
func TestAfterAGap(t *testing.T) {
	tw := newTown(t, 10)
	tw.on("2026-01-10").say("cancel a")
	tw.readsUntil("2026-02-14T23:59", 5)
	tw.on("2026-03-01T00:30")
	tw.lapsed("", tw.reads())
	tw.is("a", "grace, votes, gap")
	tw.on("2026-03-07T23:00")
	tw.lapsed("", tw.reads())
	tw.is("a", "grace, votes, gap")
	tw.on("2026-03-08T01:00")
	tw.lapsed("2026-03-08T00:30:00Z a", tw.reads())
	tw.was("2026-03-08T00:29", "", "a", "grace, votes, gap")
	tw.was("2026-03-08T00:30", "", "a", "lapsed")

	tw = newTown(t, 10)
	tw.on("2026-01-10").say("cancel a")
	tw.readsUntil("2026-02-15", 5)
	tw.on("2026-03-01")
	tw.lapsed("2026-02-22T00:00:00Z a", tw.reads())
}
