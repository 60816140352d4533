package decisions

import (
	"fmt"
	"strings"
)

// Code is a word for why something was refused. The words are a closed set;
// none is ever renamed or given another meaning.
type Code string

// The codes of refusals.
const (
	WrongState     Code = "wrong_state"      // the decision is past that, or not there yet
	NotProposer    Code = "not_proposer"     // only the proposing member's delegates may
	NotFacilitator Code = "not_facilitator"  // only a facilitator may
	NotAllowed     Code = "not_allowed"      // neither proposer nor facilitator
	NoSeat         Code = "no_seat"          // no place in the electorate
	NoVote         Code = "no_vote"          // the member has no vote now
	NotOffered     Code = "not_offered"      // the rule has no such answer
	ConcernMissing Code = "concern_missing"  // against and block need words
	NothingThere   Code = "nothing_there"    // no ballot to retract, no objection to withdraw
	AlreadyThere   Code = "already_there"    // an objection stands, a seat is taken
	UsedUp         Code = "used_up"          // more time was asked for by this member before
	NotLarger      Code = "not_larger"       // escalating goes to a larger size
	TextMissing    Code = "text_missing"     // the proposal does not say something
	ReasonMissing  Code = "reason_missing"   // the change needs a reason in words
	ProposalWrong  Code = "proposal_wrong"   // the proposal contradicts itself
	NoticeTooShort Code = "notice_too_short" // fewer days than the size's notice
	DeadlinePast   Code = "deadline_past"    // the new deadline is no later day
	TooSoon        Code = "too_soon"         // nudged less than three days ago
	NobodyMissing  Code = "nobody_missing"   // nobody is waited for
	ConcernUnknown Code = "concern_unknown"  // no such concern stands
	TooLate        Code = "too_late"         // an editorial amendment was called material too late
	Unchanged      Code = "unchanged"        // the amendment changes nothing
	SecondMissing  Code = "second_missing"   // two people of different members have to agree
	ToSettle       Code = "to_settle"        // whether somebody counts who has gone is to be settled first
	NotNewest      Code = "not_newest"       // older than what the decision has seen
	AnswersMissing Code = "answers_missing"  // a restored database, or a copy, may lack answers: nothing closes it
)

// Reason is one reason for a refusal, or one part of an outcome, in words.
type Reason struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
}

func because(code Code, format string, args ...any) Reason {
	return Reason{code, fmt.Sprintf(format, args...)}
}

// Refusal says that an event was refused, and every reason why. Nothing was
// changed by it.
type Refusal struct {
	Event   EventKind
	State   State
	Reasons []Reason // at least one, in a fixed order
}

// Error says all of it in one sentence.
func (r *Refusal) Error() string {
	parts := make([]string, len(r.Reasons))
	for i, reason := range r.Reasons {
		parts[i] = reason.Text
	}
	return r.Event.infinitive() + " is refused: " + strings.Join(parts, "; ")
}

// Has says whether a reason is among those of the refusal.
func (r *Refusal) Has(c Code) bool {
	for _, reason := range r.Reasons {
		if reason.Code == c {
			return true
		}
	}
	return false
}
