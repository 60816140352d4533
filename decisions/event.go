package decisions

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// EventKind says what happened to a decision. The words are a closed set;
// none is ever renamed or given another meaning.
type EventKind string

// The events. Each stands in one row of the table of transitions.
const (
	Propose       EventKind = "propose"        // a draft is made
	Edit          EventKind = "edit"           // its text is changed before the opening
	Log           EventKind = "log"            // a small decision is noted with its date
	Open          EventKind = "open"           // number, rules, electorate and deadline are fixed
	Announce      EventKind = "announce"       // the members were told
	Amend         EventKind = "amend"          // the text changes: a new revision
	CallMaterial  EventKind = "call_material"  // an editorial amendment was none
	Cast          EventKind = "cast"           // a ballot; the last one of a member counts
	Retract       EventKind = "retract"        // a ballot is taken back
	Object        EventKind = "object"         // an objection, with a concern
	Unobject      EventKind = "unobject"       // an objection is withdrawn
	MoreTime      EventKind = "more_time"      // the deadline moves by the policy's span
	Escalate      EventKind = "escalate"       // to a larger size
	AnswerConcern EventKind = "answer_concern" // the proposer answers
	Nudge         EventKind = "nudge"          // those waited for are reminded
	Withdraw      EventKind = "withdraw"       // the proposer takes it back
	Stall         EventKind = "stall"          // a facilitator lets it rest
	Reopen        EventKind = "reopen"         // and takes it up again
	End           EventKind = "end"            // an overdue one is ended by the tally as it stands
	Join          EventKind = "join"           // who ends a pause joins the electorate
	AddSeat       EventKind = "add_seat"       // a member was wrongly left out
	RemoveSeat    EventKind = "remove_seat"    // a member was wrongly let in
	Settle        EventKind = "settle"         // who left or was suspended after the deadline: does it count?
	Close         EventKind = "close"          // what the deadline, or an event after it, led to
	Import        EventKind = "import"         // a file told of it: it was decided, or begun, elsewhere
)

// EventKinds lists all events.
func EventKinds() []EventKind {
	return []EventKind{Propose, Edit, Log, Open, Announce, Amend, CallMaterial, Cast, Retract, Object, Unobject, MoreTime, Escalate,
		AnswerConcern, Nudge, Withdraw, Stall, Reopen, End, Join, AddSeat, RemoveSeat, Settle, Close, Import}
}

var infinitives = map[EventKind]string{
	Propose: "proposing this", Edit: "editing the draft", Log: "logging this", Open: "opening this", Announce: "recording the announcement",
	Amend: "amending this", CallMaterial: "calling the amendment material", Cast: "the ballot", Retract: "retracting the ballot",
	Object: "the objection", Unobject: "withdrawing the objection", MoreTime: "asking for more time", Escalate: "escalating this",
	AnswerConcern: "answering the concern", Nudge: "nudging", Withdraw: "withdrawing this", Stall: "stalling this", Reopen: "reopening this",
	End: "ending this", Join: "joining the electorate", AddSeat: "adding to the electorate", RemoveSeat: "removing from the electorate",
	Settle: "settling whose ballot counts", Close: "closing this",
	Import: "importing this",
}

func (k EventKind) infinitive() string {
	if w, ok := infinitives[k]; ok {
		return w
	}
	return string(k)
}

var pasts = map[EventKind]string{
	Propose: "it was proposed", Edit: "the draft was edited", Log: "it was logged", Open: "it was opened", Announce: "an announcement was recorded",
	Amend: "the text was amended", CallMaterial: "the amendment was called material", Cast: "a ballot was cast", Retract: "a ballot was retracted",
	Object: "a member objected", Unobject: "an objection was withdrawn", MoreTime: "more time was asked for", Escalate: "it was escalated",
	AnswerConcern: "a concern was answered", Nudge: "those waited for were reminded", Withdraw: "it was withdrawn", Stall: "it was stalled",
	Reopen: "it was reopened", End: "it was ended", Join: "a member joined the electorate", AddSeat: "a member was added to the electorate",
	RemoveSeat: "a member was removed from the electorate", Settle: "whether a member counts was settled", Close: "its deadline was judged",
	Import: "a file was imported that tells of it",
}

// Past says of a kind of event that it happened, without who and what about.
func (k EventKind) Past() string { return pasts[k] }

// Party is a person who acts for a member.
type Party struct {
	Person member.PersonID `json:"person"`
	// Member is for whom the person acts; "" for a facilitator who acts for none.
	Member member.ID `json:"member,omitempty"`
	// Facilitator: the person has that role.
	Facilitator bool `json:"facilitator,omitempty"`
	// Operator: it is whoever runs the program, who has no voice in any decision.
	Operator bool `json:"operator,omitempty"`
	// Program: it is the program itself, which has no voice in any decision and
	// does nothing but record where it told the members.
	Program bool `json:"program,omitempty"`
	// Verdict is what the roll says of Member at the event's instant.
	Verdict Verdict `json:"verdict"`
}

// Event is one thing that happened to a decision, at an instant that is later
// than those of all earlier events of the same decision, or equal. Which fields
// a kind uses stands beside them; the others are zero.
type Event struct {
	Kind EventKind       `json:"kind"`
	At   instant.Instant `json:"at"`
	By   Party           `json:"by"`

	Proposal *Proposal `json:"proposal,omitempty"` // Propose, Edit, Import
	Text     *Text     `json:"text,omitempty"`     // Amend
	// Editorial: the amendment changes no meaning, and ballots stay valid.
	Editorial bool `json:"editorial,omitempty"` // Amend

	Number     int        `json:"number,omitempty"`     // Open, Import; Escalate of a small one
	Policy     string     `json:"policy,omitempty"`     // Open, Escalate, Reopen of an imported one: id of the version in force
	Rules      *Rules     `json:"rules,omitempty"`      // likewise: what it says of decisions
	Electorate Electorate `json:"electorate,omitempty"` // likewise
	Imported   *Imported  `json:"imported,omitempty"`   // Import: what the file says
	Size       Size       `json:"size,omitempty"`       // Escalate
	Deadline   Day        `json:"deadline"`             // Reopen: the new one; Settle: the one that the member went after

	Member  member.ID `json:"member,omitempty"`  // Join, AddSeat, RemoveSeat, Settle: whom it is about
	Verdict Verdict   `json:"verdict"`           // Join, AddSeat: what the roll says of Member
	Counts  bool      `json:"counts,omitempty"`  // Settle: its ballot, or its being waited for, counts
	Second  Party     `json:"second"`            // AddSeat, RemoveSeat, Settle: who agrees
	Answer  Answer    `json:"answer,omitempty"`  // Cast
	Concern int       `json:"concern,omitempty"` // AnswerConcern: its number
	// Words are the concern (Cast, Object), its answer, the place of an
	// announcement, what an imported file tells of its result, or the reason for
	// what was done.
	Words string `json:"words,omitempty"`
	// Lost: the deadline is past and closes nothing, since answers may be missing from
	// where this was written down (Lacks).
	Lost bool `json:"lost,omitempty"` // Stall
	// Anew: silence counts only by what is announced from here on; logs from before that
	// was so have it not.
	Anew bool `json:"anew,omitempty"` // Reopen
	Roll Roll `json:"roll,omitempty"` // Close, End, Nudge: what the roll says at that instant
}

// InWords is what happened, with the answer and the words that were given, without by whom.
func (e *Event) InWords() string {
	words := e.Kind.Past()
	if e.Answer != "" {
		words += ": " + string(e.Answer)
	}
	if e.Words != "" {
		words += ": " + e.Words
	}
	return words
}
