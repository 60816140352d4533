package decisions_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

var people = []member.ID{"m1", "m2", "m3", "m4", "m5", "fac1", "stranger"}

// ruleSets are the presets and some that no preset has.
func ruleSets(t *testing.T) (out []decisions.Rules) {
	w := newAssembly(t)
	for _, name := range []string{"seed-2022", "coopcloud-2023", "socialcoop-2017"} {
		w.setRules(name)
		out = append(out, w.rules)
	}
	odd := out[0]
	odd.Medium.PassesIf = lines(t, "no objection", "concerns answered")
	odd.Large.PassesIf = lines(t, "no objection", "no block", "favour >= 2")
	out = append(out, odd)
	odd.Large.PassesIf = lines(t, "turnout all")
	odd.Medium.PassesIf = lines(t, "favour > 1/3 of electorate", "no objection")
	return append(out, odd)
}

func lines(t *testing.T, texts ...string) (out []decisions.Condition) {
	for _, text := range texts {
		c, err := decisions.ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// life draws what happens to one decision: time passes, members' standings
// change, people do things, sensible or not.
type life struct {
	*assembly
	rt *rapid.T
	// tried are all events that people tried, with their instants.
	tried []decisions.Event
}

func newLife(t *testing.T, rt *rapid.T, rules decisions.Rules) *life {
	l := &life{assembly: newAssembly(t), rt: rt}
	l.rules, l.where = rules, "a drawn life"
	if rapid.Bool().Draw(rt, "in London") {
		l.zone, _ = time.LoadLocation("Europe/London")
		l.d = decisions.New(l.zone)
	}
	l.now = instant.Date(2026, 3, 20)
	for _, id := range people[:6] {
		l.history[id] = []change{{l.now, decisions.Verdict{Vote: true, Membership: decisions.Admitted}}}
		if id != "m1" && id != "m2" && rapid.IntRange(0, 3).Draw(rt, "odd") == 0 {
			l.become(id)
		}
	}
	return l
}

func (l *life) become(id member.ID) {
	v := rapid.SampledFrom([]decisions.Verdict{
		{Vote: true, Membership: decisions.Admitted}, {Vote: true, Membership: decisions.Admitted}, {Vote: true, Membership: decisions.Admitted},
		{Vote: true, Membership: decisions.Admitted, Grace: true}, {Membership: decisions.Admitted}, {Membership: decisions.Paused},
		{Membership: decisions.Suspended}, {Membership: decisions.Left},
	}).Draw(l.rt, "standing")
	v.Since = l.now
	l.history[id] = append(l.history[id], change{l.now, v})
}

func (l *life) someone() member.ID { return rapid.SampledFrom(people).Draw(l.rt, "who") }

func (l *life) words() string {
	return rapid.SampledFrom([]string{"", "Too dear.", "Too late."}).Draw(l.rt, "words")
}

// begin proposes and opens, most often at once.
func (l *life) begin() {
	size := rapid.SampledFrom([]decisions.Size{decisions.Medium, decisions.Large, decisions.Large, decisions.Small}).Draw(l.rt, "size")
	p := decisions.Proposal{Text: decisions.Text{Title: "Dues", Changes: "0", Affects: "all", Channel: "the room"}, Size: size,
		Kind: decisions.General, Visibility: decisions.Public}
	if rapid.Bool().Draw(l.rt, "with a deadline") {
		p.Deadline = decisions.DayOf(l.now, l.zone).Add(rapid.IntRange(0, 30).Draw(l.rt, "days"))
	}
	l.try(decisions.Event{Kind: decisions.Propose, By: l.party("m1"), Proposal: &p})
	if size == decisions.Small {
		l.try(decisions.Event{Kind: decisions.Log, By: l.party("m1")})
		return
	}
	l.try(l.opening())
}

func (l *life) opening() decisions.Event {
	r, _ := l.look(l.now)
	return decisions.Event{Kind: decisions.Open, By: l.party("m1"), Number: 7, Policy: "p", Rules: &l.rules, Electorate: r.Electorate()}
}

func (l *life) try(ev decisions.Event) {
	ev.At = l.now
	l.tried = append(l.tried, ev)
	_ = l.apply(ev)
}

// act lets one thing happen.
func (l *life) act() {
	if hours := rapid.SampledFrom([]int{0, 0, 1, 12, 24, 72, 24 * 8, 24 * 20}).Draw(l.rt, "hours"); hours > 0 {
		l.now = l.now.Add(time.Duration(hours) * time.Hour)
	}
	if rapid.IntRange(0, 4).Draw(l.rt, "life") == 0 {
		l.now++ // what the roll said at an instant that is past stays so
		l.become(l.someone())
		return
	}
	who := l.someone()
	ev := decisions.Event{By: l.party(string(who))}
	ev.Kind = rapid.SampledFrom(slices.Concat(decisions.EventKinds(), slices.Repeat([]decisions.EventKind{decisions.Cast}, 40),
		slices.Repeat([]decisions.EventKind{decisions.AnswerConcern, decisions.Object, decisions.Retract, decisions.Announce, decisions.Amend}, 4),
		slices.Repeat([]decisions.EventKind{decisions.End}, 8), slices.Repeat([]decisions.EventKind{decisions.Stall}, 2))).Draw(l.rt, "what")
	ev.Words, ev.Answer = l.words(), rapid.SampledFrom(decisions.Answers()).Draw(l.rt, "answer")
	ev.Concern = rapid.IntRange(0, 4).Draw(l.rt, "concern")
	switch ev.Kind {
	case decisions.Close, decisions.Import, decisions.Propose, decisions.Edit: // the chair's own, a file's, and what begin has done
		return
	case decisions.Open:
		ev = l.opening()
	case decisions.Escalate:
		open := l.opening()
		ev.Number, ev.Rules, ev.Electorate, ev.Size = 7, open.Rules, open.Electorate, decisions.Large
	case decisions.Amend:
		ev.By = l.party("m1")
		l.text++
		ev.Text = &decisions.Text{Title: "Dues", Changes: fmt.Sprint(l.text), Affects: "all", Channel: "the room"}
		ev.Editorial = rapid.Bool().Draw(l.rt, "editorial")
	case decisions.AnswerConcern, decisions.Withdraw, decisions.Announce:
		ev.By = l.party("m1")
	case decisions.Stall, decisions.End:
		ev.By = l.party("fac1")
	case decisions.Reopen:
		ev.By, ev.Deadline = l.party("fac1"), decisions.DayOf(l.now, l.zone).Add(rapid.IntRange(-2, 20).Draw(l.rt, "days"))
		ev.Anew = rapid.Bool().Draw(l.rt, "anew")
	case decisions.Join, decisions.AddSeat, decisions.RemoveSeat, decisions.Settle:
		ev.Member = l.someone()
		ev.Verdict, ev.Counts = l.verdict(ev.Member, l.now), rapid.Bool().Draw(l.rt, "counts")
		ev.By, ev.Second = l.party("fac1"), l.party("m2")
		if ev.Kind == decisions.Settle && rapid.Bool().Draw(l.rt, "noted") {
			ev.Deadline = l.d.Deadline
		}
	}
	l.try(ev)
}

// checkNow holds the decision against the oracle at some instants from now on.
func (l *life) checkNow() {
	for _, ahead := range []time.Duration{0, 9 * 24 * time.Hour, 60 * 24 * time.Hour} {
		at := l.now.Add(ahead)
		s := l.read(at)
		if diff := l.oracle.differ(l.assembly, at, &s); diff != "" {
			l.rt.Fatalf("%s\n%s", diff, l.tell())
		}
	}
}

func (l *life) tell() (out string) {
	for _, ev := range l.log {
		out += fmt.Sprintf("%s %s by %s %s %q %v\n", ev.At, ev.Kind, ev.By.Member, ev.Answer, ev.Words, ev.Deadline)
	}
	for id, all := range l.history {
		for _, c := range all {
			out += fmt.Sprintf("  %s %s vote %v %s\n", c.at, id, c.Vote, c.Membership)
		}
	}
	return out + fmt.Sprint(l.rules.Medium.PassesIf, l.rules.Large.PassesIf)
}

// TestLives draws lives and holds every moment of them against the oracle. A
// final outcome never changes, whatever happens afterwards.
func TestLives(t *testing.T) {
	all := ruleSets(t)
	ends := map[decisions.State]int{}
	life := func(rt *rapid.T) {
		l := newLife(t, rt, rapid.SampledFrom(all).Draw(rt, "rules"))
		l.begin()
		var final *decisions.Decision // once it is there
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			l.act()
			l.checkNow()
			if final != nil && !reflect.DeepEqual(*final, l.d) {
				rt.Fatalf("a final decision changed\n%s", l.tell())
			}
			if l.d.State.Final() && final == nil {
				d := l.d
				final = &d
			}
		}
		ends[l.d.State]++
	}
	want := []decisions.State{decisions.Passed, decisions.Stopped, decisions.NotPassed, decisions.Withdrawn, decisions.Overdue, decisions.Stalled, decisions.Opened}
	missing := func() []decisions.State {
		return slices.DeleteFunc(slices.Clone(want), func(s decisions.State) bool { return ends[s] > 0 })
	}
	for range 10 { // an end that few lives have is left to no chance
		if rapid.Check(t, life); t.Failed() || len(missing()) == 0 {
			break
		}
	}
	if none := missing(); !t.Failed() && len(none) > 0 {
		t.Errorf("no life ended %s: %v", none, ends)
	}
}

// The result is the same if no job ever ran: closing what is due at any other
// instants beside changes nothing in the log.
func TestClosingNeedsNoJob(t *testing.T) {
	all := ruleSets(t)
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(t, rt, rapid.SampledFrom(all).Draw(rt, "rules"))
		l.begin()
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			l.act()
		}
		eager := decisions.New(l.zone)
		var log []decisions.Event
		at := instant.Date(2026, 3, 20)
		for _, ev := range l.tried {
			for range 3 { // a job that looks now and then
				at += (ev.At - at) / 2
				events, next, err := eager.CloseDue(at, l.look)
				if err != nil {
					rt.Fatal(err)
				}
				log, eager = append(log, events...), next
			}
			at = ev.At
			events, next, _ := eager.Step(ev, l.look)
			log, eager = append(log, events...), next
		}
		if !reflect.DeepEqual(log, l.log) || !reflect.DeepEqual(eager, l.d) {
			rt.Fatalf("with a job %s, without %s\n%s", eager.State, l.d.State, l.tell())
		}
	})
}

// Before the deadline the outcome as it stands depends on the last ballot of
// each member alone: not on former ones, nor on the order of members.
func TestOnlyTheLastBallotsCount(t *testing.T) {
	all := ruleSets(t)
	rapid.Check(t, func(rt *rapid.T) {
		rules := rapid.SampledFrom(all).Draw(rt, "rules")
		size := rapid.SampledFrom([]decisions.Size{decisions.Medium, decisions.Large}).Draw(rt, "size")
		voters := people[:5]
		start := func() *life {
			l := &life{assembly: newAssembly(t), rt: rt}
			l.rules, l.now = rules, instant.Date(2026, 3, 20)
			for _, id := range voters {
				l.history[id] = []change{{l.now, decisions.Verdict{Vote: true, Membership: decisions.Admitted}}}
			}
			p := decisions.Proposal{Text: decisions.Text{Title: "Dues", Changes: "0", Affects: "all", Channel: "the room"}, Size: size, Kind: decisions.General, Visibility: decisions.Public}
			l.try(decisions.Event{Kind: decisions.Propose, By: l.party("m1"), Proposal: &p})
			l.try(l.opening())
			return l
		}
		cast := func(l *life, id member.ID, a decisions.Answer) {
			kind := decisions.Cast
			if a == "" {
				kind = decisions.Retract
			}
			l.now++
			_ = l.apply(decisions.Event{Kind: kind, By: l.party(string(id)), Answer: a, Words: "Too dear."})
		}
		answers := append([]decisions.Answer{""}, decisions.Answers()...)
		long, short := start(), start()
		last := map[member.ID]decisions.Answer{}
		for range rapid.IntRange(0, 20).Draw(rt, "ballots") {
			id, a := rapid.SampledFrom(people).Draw(rt, "who"), rapid.SampledFrom(answers).Draw(rt, "answer")
			cast(long, id, a)
			if a == "" || rules.Medium.Offers(a) && size == decisions.Medium || rules.Large.Offers(a) && size == decisions.Large {
				last[id] = a // what the rule does not offer was refused, and the former ballot stands
			}
		}
		for _, id := range rapid.Permutation(voters).Draw(rt, "order") { // strangers are left out
			if a := last[id]; a != "" {
				cast(short, id, a)
			}
		}
		at := max(long.now, short.now)
		a, b := long.read(at).o, short.read(at).o
		a.Tally.Concerns, a.Tally.Unanswered = nil, a.Tally.Unanswered[:0:0] // their numbers tell how often something was said
		b.Tally.Concerns, b.Tally.Unanswered = nil, b.Tally.Unanswered[:0:0]
		if !reflect.DeepEqual(a.Tally, b.Tally) || a.State != b.State || a.Stands() != b.Stands() || a.Sensitivity != b.Sensitivity {
			rt.Fatalf("all ballots: %+v\nthe last alone: %+v", a, b)
		}
	})
}

// What the sensitivity line says is so: with so many ballots in favour struck
// the decision passes, with one more it does not.
func TestTheSensitivityLineIsTrue(t *testing.T) {
	all := ruleSets(t)
	rapid.Check(t, func(rt *rapid.T) {
		rules := rapid.SampledFrom(all).Draw(rt, "rules")
		w := newAssembly(t)
		w.rules, w.now, w.where = rules, instant.Date(2026, 3, 20), "drawn"
		n := rapid.IntRange(1, 12).Draw(rt, "members")
		w.do(fmt.Sprintf("members m01…m%02d", n), nil)
		w.do("m01 proposes large", nil)
		w.do("m01 opens", nil)
		favour := rapid.IntRange(0, n).Draw(rt, "in favour")
		if favour > 0 {
			w.do(fmt.Sprintf("m01…m%02d favour", favour), nil)
		}
		if rest := rapid.IntRange(0, n-favour).Draw(rt, "abstaining"); rest > 0 {
			w.do(fmt.Sprintf("m%02d…m%02d abstain", favour+1, favour+rest), nil)
		}
		o := w.read(w.now).o
		for struck := 0; struck <= favour; struck++ {
			for id := range w.history { // who has left is neither cast nor waited for
				if id > "m00" && id <= member.ID(fmt.Sprintf("m%02d", struck)) {
					w.history[id] = []change{{w.now, decisions.Verdict{Membership: decisions.Left, Since: w.now}}}
				}
			}
			passes := w.read(w.now).o
			if holds, said := passes.Holds(), says(o.Sensitivity, favour); holds != (struck <= said) {
				rt.Fatalf("%d of %d in favour struck: passes %v, and it says %q", struck, favour, holds, o.Sensitivity)
			}
		}
	})
}

// says is how many ballots in favour may fall; -1 if it does not pass at all.
func says(line string, favour int) int {
	var k, n int
	if _, err := fmt.Sscanf(line, "passes; would still pass if any %d of the %d in favour fell", &k, &n); err == nil {
		return k
	}
	switch {
	case line == fmt.Sprintf("passes; would still pass if all of the %d in favour fell", favour), line == "passes without a ballot in favour":
		return favour
	case line == fmt.Sprintf("passes; would not pass if any 1 of the %d in favour fell", favour):
		return 0
	}
	return -1
}
