package decisions_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// frozen is a decision as text, to find out whether anything in it changed.
func frozen(t failer, d decisions.Decision) string {
	d.Zone = nil
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type failer interface{ Fatal(args ...any) }

// Apply changes nothing in the decision that it is given, and a log that was
// written as JSON and read again comes to the same.
func TestApplyReturnsAnotherDecision(t *testing.T) {
	all := ruleSets(t)
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(t, rt, rapid.SampledFrom(all).Draw(rt, "rules"))
		l.begin()
		for range 25 {
			l.act()
		}
		d := decisions.New(l.zone)
		for _, ev := range l.log {
			before := frozen(rt, d)
			text, err := json.Marshal(ev)
			if err != nil {
				rt.Fatal(err)
			}
			var again decisions.Event
			if err := json.Unmarshal(text, &again); err != nil {
				rt.Fatal(err)
			}
			next, err := d.Apply(again)
			if err != nil {
				rt.Fatalf("%s: %v", text, err)
			}
			if frozen(rt, d) != before {
				rt.Fatalf("%s changed the decision it was applied to", ev.Kind)
			}
			d = next
		}
		if frozen(rt, d) != frozen(rt, l.d) {
			rt.Fatalf("the log, written and read, gives\n%s\nand not\n%s", frozen(rt, d), frozen(rt, l.d))
		}
	})
}

func TestTheElectorateIsHashed(t *testing.T) {
	r := decisions.Roll{}
	want := sha256.New()
	for i := range 12 {
		id := member.ID(fmt.Sprintf("m%02d", i))
		r[id] = decisions.Verdict{Membership: decisions.Admitted, Vote: i%2 == 0}
		_, _ = fmt.Fprintf(want, "m%02d\n", i)
	}
	for i, m := range []decisions.Membership{decisions.Applied, decisions.Paused, decisions.Suspended, decisions.Left} {
		r[member.ID(fmt.Sprintf("x%d", i))] = decisions.Verdict{Membership: m, Vote: true}
	}
	e := r.Electorate()
	if len(e) != 12 || e.Hash() != fmt.Sprintf("%x", want.Sum(nil)) {
		t.Errorf("%d seats, %s", len(e), e.Hash())
	}
	for i, s := range e {
		if s.Member != member.ID(fmt.Sprintf("m%02d", i)) || s.Verdict != r[s.Member] {
			t.Errorf("seat %d is %+v", i, s)
		}
	}
	mixed := decisions.Electorate{e[3], e[0], e[1]}
	if mixed.Hash() != (decisions.Electorate{e[0], e[1], e[3]}).Hash() || mixed[0] != e[3] {
		t.Error("the hash depends on the order, or changes it")
	}
	if got := (decisions.Electorate{}).Hash(); got != fmt.Sprintf("%x", sha256.Sum256(nil)) {
		t.Errorf("nobody hashes to %s", got)
	}
}

// Amending keeps every text; escalating begins a new count of who was told.
func TestTextsAndAnnouncements(t *testing.T) {
	w := newAssembly(t)
	w.rules.Large.PassesIf = lines(t, "no objection") // so that a large decision can pass by silence
	for _, line := range []string{"members elm oak", "2026-06-01 elm proposes medium until 2026-06-10", "elm opens", `elm announces "the room"`, `2026-06-02 elm amends`, `elm amends editorially`} {
		w.do(line, nil)
	}
	texts := []string{"The text.", "The text, amended 1 times.", "The text, amended 2 times."}
	for i, r := range w.d.Revisions {
		if r.Changes != texts[i] {
			t.Errorf("text %d is %q", i, r.Changes)
		}
	}
	if len(w.d.Revisions) != 3 || w.d.Proposal.Changes != texts[2] || w.d.Revision != 2 {
		t.Errorf("%d texts, revision %d, %q", len(w.d.Revisions), w.d.Revision, w.d.Proposal.Changes)
	}
	w.do(`2026-06-03 oak escalates to large "It concerns all."`, nil)
	w.expect(w.now, "open; unheard true; deadline 2026-06-10; revision 3")
	w.do(`elm announces "the room"`, nil)
	w.expect(w.now, "open; unheard false")
	if len(w.d.Revisions) != 4 || w.d.Revisions[3] != w.d.Revisions[2] {
		t.Errorf("escalating leaves the texts %+v", w.d.Revisions)
	}
}

// Since when a decision is open is kept when it is escalated, stalled and reopened;
// one that was only logged is open from its being escalated on.
func TestSinceWhenADecisionIsOpen(t *testing.T) {
	for _, c := range []struct {
		lines         []string
		begun, opened string
	}{
		{[]string{"2026-06-01 elm proposes medium"}, "", ""},
		{[]string{"2026-06-01 elm proposes medium", "2026-06-02 elm opens"}, "2026-06-02", "2026-06-02"},
		{[]string{"2026-06-01 elm proposes medium", "2026-06-02 elm opens", `2026-06-03 oak escalates to large "It concerns all."`}, "2026-06-02", "2026-06-03"},
		{[]string{"2026-06-01 elm proposes small", "2026-06-02 elm logs"}, "", ""},
		{[]string{"2026-06-01 elm proposes small", "2026-06-02 elm logs", `2026-06-03 oak escalates to medium as 5 "No."`, `2026-06-04 elm escalates to large "No."`}, "2026-06-03", "2026-06-04"},
	} {
		w := newAssembly(t)
		w.do("members elm oak", nil)
		for _, line := range c.lines {
			w.do(line, nil)
		}
		day := func(at instant.Instant) string {
			if at == 0 {
				return ""
			}
			return at.Day()
		}
		if begun, opened := day(w.d.Begun), day(w.d.Opened); begun != c.begun || opened != c.opened {
			t.Errorf("%v: open since %q, opened %q, want %q and %q", c.lines, begun, opened, c.begun, c.opened)
		}
	}
}

// An announcement long after the deadline opens a decision that silence would
// carry, and no other.
func TestAnAnnouncementAfterTheDeadline(t *testing.T) {
	w := newAssembly(t)
	for _, line := range []string{"members elm oak", "2026-06-01 elm proposes large", "elm opens", `2026-06-20 elm announces "the room"`} {
		w.do(line, nil)
	}
	w.expect(w.now, "overdue; deadline 2026-06-08")
}

// A roll that says nothing of a member of the electorate closes nothing.
func TestClosingNeedsTheWholeRoll(t *testing.T) {
	w := newAssembly(t)
	for _, line := range []string{"members elm oak", "2026-06-01 elm proposes large", "elm opens"} {
		w.do(line, nil)
	}
	half := func(at instant.Instant) (decisions.Roll, error) {
		r, err := w.look(at)
		delete(r, "oak")
		return r, err
	}
	_, after, err := w.d.CloseDue(w.when("2026-07-01"), half)
	if err == nil || err.Error() != "closing this is refused: the roll says nothing of a member of the electorate" || !reflect.DeepEqual(after, w.d) {
		t.Errorf("%v, %s", err, after.State)
	}
	broken := func(instant.Instant) (decisions.Roll, error) { return nil, fmt.Errorf("no roll") }
	events, after, err := w.d.Step(decisions.Event{Kind: decisions.Cast, At: w.when("2026-07-01"), By: w.party("elm"), Answer: decisions.Favour}, broken)
	if err == nil || err.Error() != "no roll" || len(events) != 0 || !reflect.DeepEqual(after, w.d) {
		t.Errorf("%v, %d events", err, len(events))
	}
}

// What comes from the past of a decision is refused.
func TestEventsComeInOrder(t *testing.T) {
	w := newAssembly(t)
	for _, line := range []string{"members elm oak", "2026-06-01 elm proposes large", "elm opens", "2026-06-02 oak favour"} {
		w.do(line, nil)
	}
	_, err := w.d.Apply(decisions.Event{Kind: decisions.Cast, At: w.now.Add(-time.Second), By: w.party("elm"), Answer: decisions.Favour})
	if err == nil || err.Error() != "the ballot is refused: it is older than what has happened since" {
		t.Errorf("%v", err)
	}
	_, err = w.d.Apply(decisions.Event{Kind: decisions.Cast, At: w.when("2026-06-20"), By: w.party("elm"), Answer: decisions.Favour})
	if err == nil || err.Error() != "the ballot is refused: its deadline is past, and what that leads to has to be written first" {
		t.Errorf("%v", err)
	}
	if _, err := decisions.Fold(time.UTC, []decisions.Event{{Kind: decisions.Cast}}); err == nil {
		t.Error("a log that cannot be was read")
	}
}
