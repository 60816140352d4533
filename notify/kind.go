package notify

import "slices"

// Kind says what a notice is about; each kind has one template. The words are a
// closed set, part of the ledger; none is ever renamed or given another meaning.
type Kind string

// The kinds about dues (domain.md, section 6, first row of the table).
const (
	PaymentLate     Kind = "payment_late"      // 6 days after coverage ended and still unpaid
	BeforeGraceEnds Kind = "before_grace_ends" // 7 days before the rights end
	Lapsed          Kind = "lapsed"
	BackInStanding  Kind = "back_in_standing" // only if one of the former was sent
	PayingTooLittle Kind = "paying_too_little"
	WaiverEnding    Kind = "waiver_ending"
	NotYetPaid      Kind = "not_yet_paid" // 7 days after admission, once
)

// The kinds about membership, told to the member.
const (
	PauseComing Kind = "pause_coming" // others asked for it: seven days before
	Paused      Kind = "paused"
	Suspended   Kind = "suspended"
)

// The kinds about who acts for a member.
const (
	DelegateWelcome Kind = "delegate_welcome" // to the person: what it means, how to sign in, how the dues stand
	DelegateAdded   Kind = "delegate_added"   // to the member's other delegates; where there is none, to its contacts
	DelegateRemoved Kind = "delegate_removed" // to the person, and to those who stay
	DelegateConfirm Kind = "delegate_confirm" // to the member's contact: is this person its delegate?
	BallotCast      Kind = "ballot_cast"      // to the member's delegates: its vote was cast or changed
)

// The kinds about decisions.
const (
	DecisionOpened    Kind = "decision_opened"
	DecisionAmended   Kind = "decision_amended"
	DecisionMoreTime  Kind = "decision_more_time"
	DecisionEscalated Kind = "decision_escalated"
	DecisionResult    Kind = "decision_result"
	NotVoted          Kind = "not_voted"     // to the delegates of members waited for
	StillMissing      Kind = "still_missing" // to the proposer: who has not answered yet
)

// Opportunity is funded work, told to the members first.
const Opportunity Kind = "opportunity"

// The kinds about joining.
const (
	// ApplicationConfirm goes to who typed an address into the form to join: is it
	// theirs? It is a letter alone: nobody whom the register knows is told, so no
	// notice of this kind is ever written (package signin).
	ApplicationConfirm Kind = "application_confirm"
	Application        Kind = "application" // to treasurers and facilitators: somebody wants to join
)

// MotionWaits goes to those who may agree to what a facilitator asks for and what takes
// two people: a change of an electorate, a pause.
const MotionWaits Kind = "motion_waits"

// The kinds about what keeps the program from its work. They go to the
// treasurers, at once, once, and to no member (domain.md, section 6, last row of
// the table, and section 3, "Holds").
const (
	Brake                 Kind = "brake"
	HoldReminder          Kind = "hold_reminder" // nobody has acknowledged it for 7 days
	AuthenticationFailure Kind = "authentication_failure"
	SchemaDrift           Kind = "schema_drift"
	Stale                 Kind = "stale"
	PolicyFault           Kind = "policy_fault"
)

// The other kinds for treasurers.
const (
	Digest      Kind = "digest"       // only when something changed
	DuesReview  Kind = "dues_review"  // the date by which the dues are to be looked at: 30 days before, and when it is past
	Office      Kind = "office"       // a role was given or taken
	OwnEntry    Kind = "own_entry"    // a treasurer's entry for a member that it is delegate of
	PolicyAdded Kind = "policy_added" // a version of the rules was added from a file
)

// Group gathers kinds that are looked at again, and carried, alike.
type Group string

// The groups.
const (
	AboutDues          Group = "dues"
	AboutMembership    Group = "membership"
	AboutDelegates     Group = "delegates"
	AboutDecisions     Group = "decisions"
	AboutOpportunities Group = "opportunities"
	AboutJoining       Group = "joining"
	AboutMotions       Group = "motions"
	ForTreasurers      Group = "treasurers"
)

var groups = []struct {
	group Group
	kinds []Kind
}{
	{AboutDues, []Kind{PaymentLate, BeforeGraceEnds, Lapsed, BackInStanding, PayingTooLittle, WaiverEnding, NotYetPaid}},
	{AboutMembership, []Kind{PauseComing, Paused, Suspended}},
	{AboutDelegates, []Kind{DelegateWelcome, DelegateAdded, DelegateRemoved, DelegateConfirm, BallotCast}},
	{AboutDecisions, []Kind{DecisionOpened, DecisionAmended, DecisionMoreTime, DecisionEscalated, DecisionResult, NotVoted, StillMissing}},
	{AboutOpportunities, []Kind{Opportunity}},
	{AboutJoining, []Kind{ApplicationConfirm, Application}},
	{AboutMotions, []Kind{MotionWaits}},
	{ForTreasurers, []Kind{Brake, HoldReminder, AuthenticationFailure, SchemaDrift, Stale, PolicyFault, Digest, DuesReview, Office, OwnEntry, PolicyAdded}},
}

// Kinds are all kinds, in the order of domain.md's table.
func Kinds() (all []Kind) {
	for _, g := range groups {
		all = append(all, g.kinds...)
	}
	return all
}

// ParseKind reads a kind; ok is false for any other word.
func ParseKind(word string) (k Kind, ok bool) {
	k = Kind(word)
	return k, slices.Contains(Kinds(), k)
}

// Group is the group of a kind.
func (k Kind) Group() Group {
	for _, g := range groups {
		if slices.Contains(g.kinds, k) {
			return g.group
		}
	}
	return ""
}

// optional are the kinds that a person can do without. Nobody can decline what
// the rules require: what is said about dues and membership, who acts for a
// member, and what silence is counted after (domain.md, section 5, "Silence
// counts only when it was heard").
var optional = []Kind{BallotCast, DecisionMoreTime, DecisionResult, NotVoted, StillMissing, Opportunity, Application, MotionWaits, Digest}

// Optional says that a person may decline notices of the kind.
func (k Kind) Optional() bool { return slices.Contains(optional, k) }
