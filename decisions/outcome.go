package decisions

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// Line is what one line of passes_if comes to.
type Line struct {
	Condition Condition `json:"condition"`
	Holds     bool      `json:"holds"`
	// Could: it does not hold, and ballots of members waited for could make it.
	Could bool   `json:"could,omitempty"`
	Text  string `json:"text"`
}

// Outcome is what a decision comes to at an instant: as it stands before the
// deadline, as it is once it is final.
type Outcome struct {
	State State           `json:"state"`
	At    instant.Instant `json:"at"`
	Lines []Line          `json:"lines"`
	Tally Tally           `json:"tally"`
	// Otherwise is the tally if those who left or were suspended after the
	// deadline counted, where that makes a difference; nil where it makes none.
	Otherwise *Tally `json:"otherwise,omitempty"`
	// Unheard: silence would carry it, and the members were not told in time.
	Unheard bool `json:"unheard,omitempty"`
	// Deadline is the new one, where an announcement came too late for the old;
	// else zero.
	Deadline Day `json:"deadline"`
	// Sensitivity says how firm the result is.
	Sensitivity string `json:"sensitivity"`
}

// Holds says that every line holds.
func (o *Outcome) Holds() bool {
	return !slices.ContainsFunc(o.Lines, func(l Line) bool { return !l.Holds })
}

// Stands is the outcome as it stands, in three values and in words: "would
// pass", "would not pass", "waiting for 3".
func (o *Outcome) Stands() string { return o.StandsIn(tongue.English()) }

// StandsIn is Stands in a language.
func (o *Outcome) StandsIn(t *tongue.Tongue) string {
	if o.Waits() {
		return t.Sayf("waiting for %d", len(o.Tally.Waiting))
	}
	if o.Holds() {
		return t.Say("would pass")
	}
	return t.Say("would not pass")
}

// Waits says that the outcome rests on members that are waited for.
func (o *Outcome) Waits() bool {
	lost := func(l Line) bool { return !l.Holds && !l.Could }
	return !o.Holds() && !slices.ContainsFunc(o.Lines, lost)
}

// LineIn is the text of a line in a language.
func (o *Outcome) LineIn(t *tongue.Tongue, l Line) string {
	return weigh(t, l.Condition, &o.Tally).Text
}

// SensitivityIn is how firm the result is, in a language; the rule is that of the
// decision.
func (o *Outcome) SensitivityIn(t *tongue.Tongue, rule SizeRules) string {
	return rule.sensitivity(t, &o.Tally)
}

// silent says that a decision by these rules can pass without a ballot.
func (s SizeRules) silent() bool {
	return !slices.ContainsFunc(s.PassesIf, func(c Condition) bool {
		switch c.Kind {
		case TurnoutAll, FavourAtLeast, FavourOverAgainst, FavourOfElectorate, FavourOfVoters:
			return true
		}
		return false
	})
}

// lines weighs every line of the rule.
func (s SizeRules) lines(t *Tally) []Line {
	out := make([]Line, len(s.PassesIf))
	for i, c := range s.PassesIf {
		out[i] = weigh(tongue.English(), c, t)
	}
	return out
}

// holds says that every line of the rule holds.
func (s SizeRules) holds(t *Tally) bool {
	return !slices.ContainsFunc(s.PassesIf, func(c Condition) bool {
		holds, _ := c.weighed(t)
		return !holds
	})
}

// weigh is what a line of the rule comes to, in words.
func weigh(in *tongue.Tongue, c Condition, t *Tally) Line {
	holds, could := c.weighed(t)
	return Line{Condition: c, Holds: holds, Could: could && !holds, Text: c.told(in, t)}
}

// weighed holds one condition against a tally. That somebody waited for could make
// it hold is said of answers in favour alone: they help every line that they can.
func (c Condition) weighed(t *Tally) (holds, could bool) {
	more := len(t.Waiting)
	switch c.Kind {
	case TurnoutAll:
		return more == 0, more > 0
	case FavourAtLeast:
		return t.Favour >= c.N, t.Favour+more >= c.N
	case FavourOverAgainst:
		return t.Favour > t.Against, t.Favour+more > t.Against
	case FavourOfElectorate:
		n := c.Of.MoreThan(t.Electorate())
		return t.Favour >= n, t.Favour+more >= n
	case FavourOfVoters:
		return t.Favour >= c.ofVoters(t), t.Favour+more >= max(c.Of.AtLeast(t.Electorate()), 1)
	case NoBlock:
		return t.Block == 0, false
	case NoAgainst:
		return t.Against == 0, false
	case NoObjection:
		return len(t.Objections) == 0, false
	case ConcernsAnswered:
		return len(t.Unanswered) == 0, false
	}
	return false, false
}

// ofVoters is how many in favour a fraction of voters asks for, of those who answered.
func (c Condition) ofVoters(t *Tally) int { return max(c.Of.AtLeast(t.Cast()), 1) }

// told is one condition beside a tally, in words.
func (c Condition) told(in *tongue.Tongue, t *Tally) string {
	switch c.Kind {
	case TurnoutAll:
		return in.Sayf("%d of %d have answered", t.Cast(), t.Electorate())
	case FavourAtLeast:
		return in.Sayf("%d in favour, %d needed", t.Favour, c.N)
	case FavourOverAgainst:
		return in.Sayf("%d in favour, %d against", t.Favour, t.Against)
	case FavourOfElectorate:
		return in.Sayf("%d in favour, %d needed of %d", t.Favour, c.Of.MoreThan(t.Electorate()), t.Electorate())
	case FavourOfVoters:
		return in.Sayf("%d in favour, %d needed of %d who answered", t.Favour, c.ofVoters(t), t.Cast())
	case NoBlock:
		return in.Count(t.Block, "block", "blocks")
	case NoAgainst:
		return in.Sayf("%d against", t.Against)
	case NoObjection:
		return in.Count(len(t.Objections), "objection", "objections")
	case ConcernsAnswered:
		if n := len(t.Concerns); n == 1 {
			return in.Sayf("%d of %d concern without an answer", len(t.Unanswered), n)
		} else if n > 0 {
			return in.Sayf("%d of %d concerns without an answer", len(t.Unanswered), n)
		}
		return in.Say("no concern")
	}
	return ""
}

// Judge is what the decision comes to at an instant, by what the roll says
// then. Before the deadline nothing closes it.
func (d *Decision) Judge(r Roll, at instant.Instant) Outcome {
	rule := d.Rule()
	gone, stayed := d.count(r, false), d.count(r, true)
	o := Outcome{At: at, Tally: gone, Lines: rule.lines(&gone)}
	if at < d.Ends() {
		o.State, o.Sensitivity = Opened, rule.sensitivity(tongue.English(), &gone)
		o.Unheard = rule.silent() && !d.heard()
		return o
	}
	o.Unheard = rule.silent() && !d.heard()
	o.State = rule.close(&gone, o.Unheard)
	if other := rule.close(&stayed, o.Unheard); other != o.State {
		o.State = Overdue // what came after the deadline alone closes nothing
	}
	if !sameTally(&gone, &stayed) {
		o.Otherwise = &stayed
	}
	if o.State == Overdue && o.Unheard && len(d.Announced) > 0 {
		if day := DayOf(d.Announced[0].At, d.Zone).Add(rule.Notice); d.Deadline.Before(day) {
			o.State, o.Deadline = Opened, day
		}
	}
	o.Sensitivity = rule.sensitivity(tongue.English(), &gone)
	return o
}

// close is what a tally leads to once the deadline is past (domain.md, section 5).
func (s SizeRules) close(t *Tally, unheard bool) State {
	holds := s.holds(t)
	switch {
	case holds && !unheard:
		return Passed
	case !holds && len(t.Waiting) == 0 && !t.opposed() && len(t.Unanswered) == 0:
		return NotPassed
	}
	return Overdue
}

// opposed says that a block, an answer against or an objection stands.
func (t *Tally) opposed() bool { return t.Block > 0 || t.Against > 0 || len(t.Objections) > 0 }

func sameTally(a, b *Tally) bool {
	return a.Favour == b.Favour && a.Against == b.Against && a.Abstain == b.Abstain && a.Block == b.Block &&
		slices.Equal(a.Waiting, b.Waiting) && slices.Equal(a.Objections, b.Objections) && slices.Equal(a.Unanswered, b.Unanswered)
}

// sensitivity says how many ballots the result rests on. A ballot that fell is
// neither cast nor waited for.
func (s SizeRules) sensitivity(in *tongue.Tongue, t *Tally) string {
	passes := func(favour int, waiting int) bool {
		with := *t
		with.Favour, with.Waiting = favour, t.Waiting[:waiting]
		return s.holds(&with)
	}
	waiting := len(t.Waiting)
	if !passes(t.Favour, waiting) {
		for more := 1; more <= waiting; more++ {
			if passes(t.Favour+more, waiting-more) {
				return in.Sayf("does not pass; would pass with %d more in favour", more)
			}
		}
		if waiting == 0 {
			return in.Say("does not pass; nobody is waited for")
		}
		return in.Say("does not pass; would not pass if all who are waited for were in favour")
	}
	fall := 0
	for fall < t.Favour && passes(t.Favour-fall-1, waiting) {
		fall++
	}
	switch {
	case t.Favour == 0:
		return in.Say("passes without a ballot in favour")
	case fall == t.Favour:
		return in.Sayf("passes; would still pass if all of the %d in favour fell", t.Favour)
	case fall == 0:
		return in.Sayf("passes; would not pass if any %d of the %d in favour fell", 1, t.Favour)
	}
	return in.Sayf("passes; would still pass if any %d of the %d in favour fell", fall, t.Favour)
}

func (d *Decision) close(ev *Event) {
	o := d.Judge(ev.Roll, ev.At)
	d.State = o.State
	if !o.Deadline.IsZero() {
		d.Deadline = o.Deadline
	}
	if o.State.Final() {
		d.Outcome = &o
	}
}

// end closes by the tally as it stands: what holds by now has passed.
func (d *Decision) end(ev *Event) {
	o := d.Judge(ev.Roll, ev.At)
	if o.State != Passed {
		o.State = o.Tally.ended()
	}
	d.State, d.Outcome = o.State, &o
}

// ended is what a decision that has not passed is ended as.
func (t *Tally) ended() State {
	if t.Block > 0 || len(t.Objections) > 0 {
		return Stopped
	}
	return NotPassed
}

// ended is what a tally is ended as once the deadline is past.
func (s SizeRules) ended(t *Tally, unheard bool) State {
	if s.close(t, unheard) == Passed {
		return Passed
	}
	return t.ended()
}
