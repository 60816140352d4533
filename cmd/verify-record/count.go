package main

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// counted is what following the entries came to.
type counted struct {
	*record
	state     string
	zone      *time.Location
	size      string
	rule      rule
	revision  int
	ends      int64
	deadline  string
	announced bool // the head was compared with an announced one
	told      []string
	imported  bool // a file told of it, and nobody went on with it here

	out        map[string]bool      // who was taken out of the electorate; what it said counts again if it is added again
	ballots    map[string]ballot    // by voter
	objections map[string]objection // by voter
	answered   map[int]bool         // concerns, by number
	closing    *publicOutcome
	closedAt   string
	seats      int
	sha        string
}

type ballot struct {
	answer            string
	concern, revision int
}

type objection struct{ concern, revision int }

var final = []string{"passed", "stopped", "not_carried", "withdrawn"}

// count follows the entries.
func (r *record) count() (*counted, error) {
	c := &counted{record: r, out: map[string]bool{}, ballots: map[string]ballot{}, objections: map[string]objection{}, answered: map[int]bool{}}
	var err error
	if c.zone, err = time.LoadLocation(r.Decision.Zone); err != nil {
		return nil, fmt.Errorf("the time zone %q is not known here", r.Decision.Zone)
	}
	last := int64(0)
	for i := range r.Entries {
		e := &r.Entries[i]
		fail := func(format string, args ...any) error {
			return fmt.Errorf("entry %d: %s", e.Seq, fmt.Sprintf(format, args...))
		}
		at, err := micros(e.At)
		switch {
		case err != nil:
			return nil, fail("%v", err)
		case at < last:
			return nil, fail("it is older than the entry before")
		case slices.Contains(final, c.state) && e.Kind != "import":
			return nil, fail("the decision was %s before", c.state)
		case c.state == "open" && c.ends != 0 && at >= c.ends && e.Kind != "close" && !(e.Kind == "stall" && e.Public.Lost):
			return nil, fail("its deadline was past, and nothing had closed it")
		case e.Kind == "close" && at < c.ends:
			return nil, fail("it closes before the deadline")
		}
		last = at
		if err := c.follow(e, at); err != nil {
			return nil, fail("%v", err)
		}
	}
	return c, nil
}

func (c *counted) follow(e *entry, at int64) error {
	p := &e.Public
	running := c.state == "open" || c.state == "overdue"
	begins := e.Kind == "open" || e.Kind == "escalate" || e.Kind == "reopen" && c.imported
	if e.Kind != "import" && (begins || e.Kind == "edit") {
		c.imported = false
	}
	if begins && (p.Rule == nil || p.Seats < 1) {
		return fmt.Errorf("it has no rule or no electorate")
	}
	switch e.Kind {
	case "import":
		if p.Imported == nil || p.Imported.State != e.State || p.Seats > 0 || p.Revision > 0 {
			return fmt.Errorf("it does not say what the file says")
		}
		if e.Seq > 1 && !c.imported {
			return fmt.Errorf("a file tells of what was made, or taken up, here")
		}
		c.imported = true
	case "open", "escalate", "reopen":
		if p.Anew && e.Kind == "reopen" {
			c.told = nil
		}
		if !begins {
			break
		}
		c.size, c.rule, c.told = p.Size, *p.Rule, nil
		clear(c.out)
		clear(c.ballots)
		clear(c.objections)
		clear(c.answered)
	case "cast", "retract", "object", "unobject", "answer_concern":
		if !running {
			return fmt.Errorf("a %s while it is %s", e.Kind, c.state)
		}
		c.voice(e)
		if e.Kind == "cast" && !slices.Contains(c.rule.Answers, p.Answer) {
			return fmt.Errorf("%q is no answer to this decision", p.Answer)
		}
	case "announce":
		c.told = append(c.told, time.UnixMicro(at).In(c.zone).Format(time.DateOnly))
	case "remove_seat":
		c.out[p.About] = true
	case "add_seat", "join":
		delete(c.out, p.About)
	case "close", "end":
		if p.Outcome == nil {
			return fmt.Errorf("it has no outcome")
		}
		if err := c.weigh(p.Outcome, e); err != nil {
			return err
		}
	}
	if p.Seats > 0 {
		c.seats, c.sha = p.Seats, p.Electorate
	}
	if p.Revision > 0 {
		c.revision, c.deadline, c.ends = p.Revision, p.Deadline, 0
		ends, err := micros(p.Ends)
		if err != nil {
			return err
		}
		c.ends = ends
		if day := time.UnixMicro(ends - 1).In(c.zone).Format(time.DateOnly); day != p.Deadline {
			return fmt.Errorf("the deadline is %s, and ends with %s", p.Deadline, day)
		}
	}
	c.state = e.State
	return nil
}

// voice keeps what a voter said last.
func (c *counted) voice(e *entry) {
	p := &e.Public
	switch e.Kind {
	case "cast":
		c.ballots[p.Voter] = ballot{p.Answer, p.Concern, p.Revision}
	case "retract":
		delete(c.ballots, p.Voter)
	case "object":
		c.objections[p.Voter] = objection{p.Concern, p.Revision}
	case "unobject":
		delete(c.objections, p.Voter)
	case "answer_concern":
		c.answered[p.Concern] = true
	}
	if p.Answered && p.Concern > 0 {
		c.answered[p.Concern] = true
	}
}

// weigh counts anew and compares with what a closing says.
func (c *counted) weigh(o *publicOutcome, e *entry) error {
	got := tally{Waiting: o.Waiting}
	opposing, concerns := map[string]bool{}, map[int]bool{}
	for voter, b := range c.ballots {
		if b.revision != c.revision || c.out[voter] || slices.Contains(o.Discounted, voter) {
			continue
		}
		switch b.answer {
		case "favour":
			got.Favour++
		case "against":
			got.Against++
			opposing[voter] = c.size == "medium"
		case "abstain":
			got.Abstain++
		case "block":
			got.Block++
		}
		if b.concern > 0 {
			concerns[b.concern] = true
		}
	}
	for voter, ob := range c.objections {
		if ob.revision == c.revision && !c.out[voter] && !slices.Contains(o.Discounted, voter) {
			opposing[voter] = true
			concerns[ob.concern] = true
		}
	}
	for _, objects := range opposing {
		if objects {
			got.Objections++
		}
	}
	for n := range concerns {
		if !c.answered[n] {
			got.Unanswered++
		}
	}
	if said := o.tally(); got != said {
		return fmt.Errorf("the count is %+v, and it says %+v", got, said)
	}
	if cast := got.Favour + got.Against + got.Abstain + got.Block; cast+got.Waiting > c.seats {
		return fmt.Errorf("%d answers and %d waited for are more than the %d seats", cast, got.Waiting, c.seats)
	}
	if err := c.lines(o, got); err != nil {
		return err
	}
	return c.judge(o, got, e)
}

// lines weighs every line of the rule.
func (c *counted) lines(o *publicOutcome, t tally) error {
	if len(o.Lines) != len(c.rule.PassesIf) {
		return fmt.Errorf("it weighs %d lines, and the rule has %d", len(o.Lines), len(c.rule.PassesIf))
	}
	for i, l := range o.Lines {
		if l.Condition != c.rule.PassesIf[i] {
			return fmt.Errorf("it weighs %q in the place of %q", l.Condition, c.rule.PassesIf[i])
		}
		holds, err := holds(l.Condition, t)
		if err != nil {
			return err
		}
		if holds != l.Holds {
			return fmt.Errorf("%q holds: %v, and it says %v", l.Condition, holds, l.Holds)
		}
	}
	return nil
}

func holds(condition string, t tally) (bool, error) {
	cast := t.Favour + t.Against + t.Abstain + t.Block
	switch condition {
	case "turnout all":
		return t.Waiting == 0, nil
	case "favour > against":
		return t.Favour > t.Against, nil
	case "no block":
		return t.Block == 0, nil
	case "no against":
		return t.Against == 0, nil
	case "no objection":
		return t.Objections == 0, nil
	case "concerns answered":
		return t.Unanswered == 0, nil
	}
	w := strings.Fields(condition)
	if len(w) < 3 || w[0] != "favour" {
		return false, fmt.Errorf("%q is no condition that this knows", condition)
	}
	asked, ok := new(big.Rat).SetString(w[2])
	if !ok {
		return false, fmt.Errorf("%q is no condition that this knows", condition)
	}
	favour := big.NewRat(int64(t.Favour), 1)
	switch w[1] + " " + strings.Join(w[3:], " ") {
	case ">= ":
		return favour.Cmp(asked) >= 0, nil
	case "> of electorate":
		return favour.Cmp(asked.Mul(asked, big.NewRat(int64(cast+t.Waiting), 1))) > 0, nil
	case ">= of voters":
		return cast > 0 && favour.Cmp(asked.Mul(asked, big.NewRat(int64(cast), 1))) >= 0, nil
	}
	return false, fmt.Errorf("%q is no condition that this knows", condition)
}

// judge compares the state that a closing led to with what the count allows.
func (c *counted) judge(o *publicOutcome, t tally, e *entry) error {
	all := !slices.ContainsFunc(o.Lines, func(l line) bool { return !l.Holds })
	heard := c.heard()
	if o.State != e.State {
		return fmt.Errorf("it leads to %s, and its outcome says %s", e.State, o.State)
	}
	opposed := t.Block > 0 || t.Against > 0 || t.Objections > 0 || t.Unanswered > 0
	switch o.State {
	case "passed":
		if !all || !heard {
			return fmt.Errorf("it passed, and a line of the rule does not hold or silence was not heard")
		}
	case "not_carried":
		if all && heard || e.Kind == "close" && (t.Waiting > 0 || opposed) {
			return fmt.Errorf("it was not carried, and the count does not say so")
		}
	case "stopped":
		if e.Kind != "end" || t.Block == 0 && t.Objections == 0 {
			return fmt.Errorf("it was stopped, and neither a block nor an objection stands")
		}
	case "open", "overdue":
		if e.Kind == "end" {
			return fmt.Errorf("it was ended, and is %s", o.State)
		}
	default:
		return fmt.Errorf("a closing does not lead to %q", o.State)
	}
	c.closing, c.closedAt = o, e.At
	return nil
}

// heard: a rule that silence can fulfil asks for an announcement in time.
func (c *counted) heard() bool {
	for _, l := range c.rule.PassesIf {
		if strings.HasPrefix(l, "favour") || l == "turnout all" {
			return true
		}
	}
	end, err := time.Parse(time.DateOnly, c.deadline)
	if err != nil {
		return false
	}
	for _, day := range c.told {
		told, err := time.Parse(time.DateOnly, day)
		if err == nil && int(end.Sub(told)/(24*time.Hour)) >= c.rule.Notice {
			return true
		}
	}
	return false
}
