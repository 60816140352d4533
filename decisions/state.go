package decisions

import (
	"strings"

	"coopcloud.tech/goodstanding/internal/tongue"
)

// State is where a decision stands (domain.md, section 5).
type State string

// The states. The last four are final.
const (
	Draft     State = "draft"
	Logged    State = "logged" // a small decision; domain.md gives it no state of its own
	Opened    State = "open"
	Overdue   State = "overdue" // the deadline is past, and it is not decided
	Stalled   State = "stalled" // a rest
	Passed    State = "passed"
	Stopped   State = "stopped"     // ended while a block or an objection stood
	NotPassed State = "not_carried" // ended without either
	Withdrawn State = "withdrawn"
	// Elsewhere is an imported decision that is in progress where it was begun:
	// nobody answers it here. domain.md gives it no state of its own.
	Elsewhere State = "elsewhere"
)

// States lists all states.
func States() []State {
	return []State{Draft, Logged, Opened, Overdue, Stalled, Passed, Stopped, NotPassed, Withdrawn, Elsewhere}
}

// Final says that nothing can change any more; of an imported one, that only
// its file can tell anything else.
func (s State) Final() bool {
	return s == Passed || s == Stopped || s == NotPassed || s == Withdrawn
}

// Running says that members may answer.
func (s State) Running() bool { return s == Opened || s == Overdue }

// WordsIn is Words in a language.
func (s State) WordsIn(t *tongue.Tongue) string { return t.Say(s.Words()) }

// Words is the state for people.
func (s State) Words() string {
	switch s {
	case Logged:
		return "logged"
	case NotPassed:
		return "not carried"
	case Elsewhere:
		return "in progress elsewhere"
	}
	return string(s)
}

// while the decision runs, these may happen.
var running = []EventKind{Announce, Amend, CallMaterial, Cast, Retract, Object, Unobject, MoreTime, Escalate, AnswerConcern, Nudge,
	Withdraw, Stall, Join, AddSeat, RemoveSeat, Settle, Close}

// transitions is the one table of what may happen in which state: every pair of
// a state and an event that is not here is refused. The state "" is that of a
// decision that nobody has proposed yet. Where an event leads stands with it;
// running is left by Close for what its outcome says.
var transitions = map[State]map[EventKind]State{
	"":        {Propose: Draft, Import: Elsewhere}, // or whatever the file says
	Draft:     {Edit: Draft, Log: Logged, Open: Opened, Withdraw: Withdrawn, Import: Draft},
	Logged:    {Escalate: Opened},
	Opened:    runs(Opened),
	Overdue:   runs(Overdue),
	Stalled:   {Reopen: Opened, Import: Stalled},
	Elsewhere: {Reopen: Opened, Import: Elsewhere},
	// Nothing changes these but the file that an imported one came from.
	Passed:    {Import: Passed},
	Stopped:   {Import: Stopped},
	NotPassed: {Import: NotPassed},
	Withdrawn: {Import: Withdrawn},
}

func runs(s State) map[EventKind]State {
	row := map[EventKind]State{}
	for _, k := range running {
		row[k] = s
	}
	row[Withdraw], row[Stall] = Withdrawn, Stalled
	if s == Overdue {
		row[End] = NotPassed // or Stopped, by the tally
	}
	return row
}

// May says whether an event of that kind can happen in a state at all.
func May(s State, k EventKind) bool {
	_, ok := transitions[s][k]
	return ok
}

// wrongState words why an event cannot happen now.
func wrongState(s State, k EventKind) Reason {
	var when []string
	for _, other := range States() {
		if May(other, k) {
			when = append(when, other.Words())
		}
	}
	switch {
	case s == "":
		return because(WrongState, "nobody has proposed it yet")
	case k == Propose:
		return because(WrongState, "it was proposed before")
	case s.Final():
		return because(WrongState, "the decision is %s, which is final", s.Words())
	case k == End && s == Opened:
		return because(WrongState, "its deadline is not past: until then everybody may answer")
	case s == Elsewhere:
		return because(WrongState, "the decision is in progress elsewhere: a facilitator can take it up here by reopening it with a deadline")
	case s == Stalled:
		return because(WrongState, "the decision is stalled: a facilitator can reopen it with a new deadline")
	case s == Logged:
		return because(WrongState, "it is a small decision, which is only logged: a member who wants it decided can escalate it")
	}
	return because(WrongState, "the decision is %s; this is possible while it is %s", s.Words(), either(when))
}

func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	out := words[0]
	for _, w := range words[1:last] {
		out += ", " + w
	}
	return out + " or " + words[last]
}
