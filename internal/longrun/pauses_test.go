package longrun

import (
	"context"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/roll"
)

// TestAHostMovesAndPeopleResume: a change of host or a freeze pauses everybody
// on 20 January. Nobody lapses for 90 days after what was paid; who resumes and
// is charged is paid up again; who never does lapses on 2 May. Who had paused by
// itself before lapses like anybody who stops.
func TestAHostMovesAndPeopleResume(t *testing.T) {
	for name, what := range map[string][2]string{
		"host":   {"change-host other-host", "wait 1h"},
		"freeze": {"freeze", "unfreeze"},
	} {
		t.Run(name, func(t *testing.T) {
			tw := newTown(t, 10)
			tw.on("2026-01-15").say("pause a")
			tw.reads()
			tw.on("2026-01-20").say("%s", what[0])
			reports := tw.readsUntil("2026-02-21", 4)
			tw.is("b", "grace, votes, interrupted")
			reports = append(reports, tw.readsUntil("2026-02-24", 4)...)
			tw.lapsed("2026-02-22T00:00:00Z a", reports...)
			tw.say("%s", what[1])
			reports = nil
			for i := 2; i < 10; i++ { // b never resumes
				tw.say("resume %s", called(i))
				reports = append(reports, tw.readsUntil(tw.life.w.Now().Add(3*day).Day(), 1)...)
				tw.is(called(i), "current, votes")
			}
			reports = append(reports, tw.readsUntil("2026-05-01T23:00", 4)...)
			tw.lapsed("", reports...)
			tw.is("b", "grace, votes, interrupted")
			tw.on("2026-05-02T01:00")
			tw.lapsed("2026-05-02T00:00:00Z b", tw.reads())
			tw.held("")
		})
	}
}

// TestNobodyResumes: when 90 days have gone by and nobody has resumed, that
// is no reason to lose everybody at once: they are held.
func TestNobodyResumes(t *testing.T) {
	tw := newTown(t, 5)
	tw.on("2026-01-20").say("change-host other-host")
	reports := tw.readsUntil("2026-05-02T01:00", 4)
	tw.lapsed("", reports...)
	tw.held("host: a b c d e")
	tw.is("a", "grace, votes, interrupted, held")
}

// TestUpstreamIsDownForTwoMonths: it is shown that the roll is old, the
// treasurers are told once, nobody lapses and everybody votes. When upstream
// answers again those who paid have paid all along, and who stopped lapses seven
// days later, warned.
func TestUpstreamIsDownForTwoMonths(t *testing.T) {
	tw := newTown(t, 10)
	tw.on("2026-01-10").say("cancel a")
	tw.readsUntil("2026-01-25", 5)
	before := tw.notices()
	down, err := fakeoc.ParseFault("status code=503")
	if err != nil {
		t.Fatal(err)
	}
	if err := tw.faults.Set(down); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		tw.life.w.Advance(2 * day)
		if _, err := tw.sync.Pull(context.Background()); err == nil {
			t.Fatal("upstream is up")
		}
		if report, err := tw.roll.Assess(context.Background()); err != nil || len(tw.lapses(report)) > 0 {
			t.Fatalf("%v, %v", report.Transitions, err)
		}
		v := tw.open().View(roll.Query{}, tw.life.w.Now())
		if !v.Stale || v.AsOf != moment(t, "2026-01-25") || len(v.Rows) != 10 {
			t.Fatalf("stale %v, as of %s, %d members", v.Stale, v.AsOf, len(v.Rows))
		}
		for _, row := range v.Rows {
			if _, said := row.Standing.Reason(eligibility.CodeStale); !row.Standing.Has(eligibility.Vote) || !said {
				t.Errorf("on %s %s votes %v, said to be stale %v", v.At, row.Name, row.Standing.Has(eligibility.Vote), said)
			}
		}
	}
	after := tw.notices()
	if got := after["stale"] - before["stale"]; got != 1 {
		t.Errorf("the treasurers were told %d times, want once", got)
	}
	after["stale"] = before["stale"]
	if got, want := len(after), len(before)+1; got != want {
		t.Errorf("an outage wrote other notices, too: %v, before %v", after, before)
	}
	tw.faults.Clear()
	tw.lapsed("", tw.reads())
	tw.is("a", "grace, votes, gap")
	tw.is("b", "current, votes")
	reports := tw.readsUntil("2026-04-03", 2)
	tw.lapsed("2026-04-02T00:00:00Z a", reports...)
}
