package decisions

import "slices"

// Flag says what a file left open, so that it had to be guessed. The words are a
// closed set; none is ever renamed or given another meaning.
type Flag string

// The flags of imported decisions.
const (
	NoDeadline     Flag = "no_deadline"     // in progress, and the file has none
	NoDate         Flag = "no_date"         // the file does not say when it was proposed
	NoEnd          Flag = "no_end"          // it is over, and the file does not say since when
	NoSize         Flag = "no_size"         // taken as large, which asks the most
	NoTopic        Flag = "no_topic"        // the title was taken from elsewhere
	NoText         Flag = "no_text"         // the file has no write-up
	SizeGuessed    Flag = "size_guessed"    // the size is in other words
	DateUnread     Flag = "date_unread"     // a date that nobody understands was left out
	DayFirst       Flag = "day_first"       // a date like 05-12-2024 was read with the day first
	MonthFirst     Flag = "month_first"     // it could only be read with the month first
	StateGuessed   Flag = "state_guessed"   // the folder does not say how it stands
	StateDoubtful  Flag = "state_doubtful"  // the folder says something else than the file
	NumberDoubtful Flag = "number_doubtful" // the name says another number than the title
	SaidTwice      Flag = "said_twice"      // a line stands twice; the first one was taken
	LineKept       Flag = "line_kept"       // a line of unknown meaning was kept with the text
)

// Imported is what a file says of a decision, beside its text and size.
type Imported struct {
	State    State  `json:"state"`
	Date     Day    `json:"date"`     // when it was proposed; zero for not said
	Deadline Day    `json:"deadline"` // zero for none
	Ended    Day    `json:"ended"`    // since when it is passed, withdrawn, stalled…; zero for not said
	Flags    []Flag `json:"flags,omitempty"`
}

// importable are the states that a file can tell of: nothing is open here that
// was not opened here.
var importable = []State{Draft, Elsewhere, Stalled, Passed, Stopped, NotPassed, Withdrawn}

// Untaken says that a decision is what a file said, and nobody went on with it
// here.
func (d *Decision) Untaken() bool { return d.Imported != nil && !d.TakenUp }

func (d *Decision) takeOver(ev *Event) {
	d.Proposal, d.Number, d.Imported, d.Told = *ev.Proposal, ev.Number, ev.Imported, ev.Words
	d.Proposed, d.State = ev.At, ev.Imported.State
}

// Tells says whether a file tells of the decision what an event would enter
// again. What had to be guessed for it makes no difference.
func (d *Decision) Tells(ev *Event) bool {
	if d.Imported == nil || ev.Imported == nil || ev.Proposal == nil {
		return false
	}
	a, b := *d.Imported, *ev.Imported
	return d.Proposal == *ev.Proposal && d.Number == ev.Number && d.Told == ev.Words &&
		a.State == b.State && a.Date == b.Date && a.Deadline == b.Deadline && a.Ended == b.Ended
}

// importing: nothing that was done here is replaced by what a file says.
func (r *refusing) importing() {
	if !r.ev.By.Facilitator && !r.ev.By.Operator {
		r.add(NotFacilitator, "only a facilitator, or the operator, may import decisions")
	}
	switch {
	case r.State != "" && r.Imported == nil:
		r.add(AlreadyThere, "it was made here, and no file replaces it")
		return
	case r.TakenUp:
		r.add(AlreadyThere, "it was imported and then taken up here, and no file replaces it")
		return
	}
	r.proposal()
	if r.ev.Proposal == nil || r.ev.Imported == nil {
		r.add(TextMissing, "it does not say what the file says")
		return
	}
	if r.ev.Proposal.Kind != General {
		r.add(ProposalWrong, "an imported decision does nothing here: its kind is general")
	}
	if !slices.Contains(importable, r.ev.Imported.State) {
		r.add(ProposalWrong, "a file cannot say that it is %s here", r.ev.Imported.State.Words())
	}
	if r.ev.Number < 1 || r.Number != 0 && r.ev.Number != r.Number {
		r.add(ProposalWrong, "an imported decision keeps its number, which is 1 or more")
	}
	if r.Tells(r.ev) {
		r.add(Unchanged, "the file says what it said before")
	}
}

// editing: who edits an imported draft takes it up, and is its proposer from
// then on.
func (r *refusing) editing() {
	if !r.Untaken() {
		r.proposing()
		return
	}
	r.taker()
}

func (r *refusing) taker() {
	if r.ev.By.Member == "" {
		r.add(NoVote, "who takes an imported decision up acts for a member, which is its proposer from then on")
		return
	}
	r.voting()
}

// takingUp: an imported decision that is reopened is opened here for the first
// time.
func (r *refusing) takingUp() {
	if !r.Untaken() {
		return
	}
	r.taker()
	if r.Size() == Small {
		r.add(ProposalWrong, "a small decision is not opened, only logged")
	}
	switch {
	case r.ev.Rules == nil:
		r.add(TextMissing, "reopening an imported decision needs the rules in force")
	case len(r.ev.Electorate) == 0:
		r.add(NoSeat, "nobody could answer: there is no admitted member that is neither paused nor suspended")
	}
}
