package bench

import (
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// counted is the processor time of reading a decision with 10,000 ballots from its log
// and counting it, in milliseconds, and beside it that of counting alone.
func counted(tb testing.TB) measured {
	file, err := policy.Preset(policy.DefaultPreset)
	if err != nil {
		tb.Fatal(err)
	}
	rules, now, roll := file.Versions[0].Decisions, settled, decisions.Roll{}
	for i := range 10_000 {
		roll[member.ID(fmt.Sprintf("m_%05d", i))] = decisions.Verdict{Vote: true, Membership: decisions.Admitted}
	}
	by := func(i int) decisions.Party {
		id := member.ID(fmt.Sprintf("m_%05d", i))
		return decisions.Party{Person: "p_1", Member: id, Verdict: roll[id]}
	}
	events := []decisions.Event{
		{Kind: decisions.Propose, At: now, By: by(0), Proposal: &decisions.Proposal{Text: decisions.Text{Title: "A", Changes: "B", Affects: "C", Channel: "D"}, Size: decisions.Large, Kind: decisions.General, Visibility: decisions.Public}},
		{Kind: decisions.Open, At: now, By: by(0), Number: 1, Policy: "p", Rules: &rules, Electorate: roll.Electorate()},
	}
	for i := range 10_000 {
		answer := []decisions.Answer{decisions.Favour, decisions.Favour, decisions.Abstain, decisions.Against}[i%4]
		ev := decisions.Event{Kind: decisions.Cast, At: now, By: by(i), Answer: answer}
		if answer == decisions.Against {
			ev.Words = "It costs too much."
		}
		events = append(events, ev)
	}
	var all, alone []float64
	for range 7 {
		var d decisions.Decision
		read := 1000 * processor(tb, func() {
			if d, err = decisions.Fold(time.UTC, events); err != nil {
				tb.Fatal(err)
			}
		})
		alone = append(alone, 1000*processor(tb, func() {
			if t := d.Judge(roll, now).Tally; t.Favour != 5000 || t.Abstain != 2500 || t.Against != 2500 {
				tb.Fatalf("%+v", t)
			}
		}))
		all = append(all, read+alone[len(alone)-1])
	}
	m := spreadOf(all).atMost(20, " ms")
	m.words += fmt.Sprintf(", of that %s ms to count", spreadOf(alone))
	return m
}

// TestADecisionIsReadInConstantQueries: reading a decision asks the database as often
// with many ballots as with few.
func TestADecisionIsReadInConstantQueries(t *testing.T) {
	asked := 0
	a := assembleWith(t, dbtest.SQLiteDSN(t), 40, store.Options{OnStep: func(s store.Step) {
		if s == store.StepStatement {
			asked++
		}
	}})
	id := a.opened(1)[0]
	read := func() int {
		if _, err := a.chair.Read(t.Context(), id); err != nil { // what is kept in memory is read
			t.Fatal(err)
		}
		asked = 0
		if _, err := a.chair.Read(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return asked
	}
	vote := func(i int) {
		if _, err := a.chair.Cast(t.Context(), id, a.by(i), decisions.Favour, ""); err != nil {
			t.Fatal(err)
		}
	}
	vote(0)
	few := read()
	for i := range 40 {
		vote(i)
	}
	if many := read(); many != few || few == 0 {
		t.Errorf("%d queries with 1 ballot and %d with 40", few, many)
	}
}
