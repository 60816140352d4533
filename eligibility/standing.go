package eligibility

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// State is what the roll says of a member at an instant, in the order of
// precedence of domain.md, section 3: the first that matches holds.
type State uint8

// The states of domain.md, section 3.
const (
	StateNone State = iota // no standing was recorded
	StateLeft
	StateSuspended
	StateApplied
	StatePaused
	StateWaived
	StateCurrent
	StateGrace
	StateUnknown
	StateShort
	StatePending
	StateLapsed
	StateUnpaid
)

var stateNames = [...]string{"", "left", "suspended", "applied", "paused", "waived", "current",
	"grace", "unknown", "short", "pending", "lapsed", "unpaid"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return ""
}

// MarshalText writes the state's word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseState reads a state's word; ok is false for any other.
func ParseState(word string) (s State, ok bool) {
	for i, n := range stateNames {
		if i > 0 && n == word {
			return State(i), true
		}
	}
	return StateNone, false
}

// GoodStanding says whether the state is one of current, waived or grace
// (domain.md, section 1).
func (s State) GoodStanding() bool {
	return s == StateWaived || s == StateCurrent || s == StateGrace
}

// Code is a reason code. It is never reused or renamed within API v1.
type Code uint8

// The reason codes in their fixed order (domain.md, section 3).
const (
	CodeCovered Code = iota + 1
	CodeRenewalDue
	CodeShort
	CodeWrongCurrency
	CodeGrace
	CodeRetrying
	CodeInterrupted
	CodeRefunded
	CodeRejected
	CodeWaived
	CodeHeld
	CodeStale
	CodeNoSnapshot
	CodeNotLinked
	CodeApplied
	CodeLeft
	CodeSuspended
	CodePaused
	CodeKindNotNamed
	CodeNoProfile
	CodeNoConsent
	CodeNotApproved
	CodePending
	CodeNeverPaid
	CodeAdvisory
	CodeGap
	CodeInterruptedByPayer
	CodePolicyFault
)

var codeNames = [...]string{"", "covered", "renewal_due", "short", "wrong_currency", "grace", "retrying",
	"interrupted", "refunded", "rejected", "waived", "held", "stale", "no_snapshot", "not_linked",
	"applied", "left", "suspended", "paused", "kind_not_named", "no_profile", "no_consent",
	"not_approved", "pending", "never_paid", "advisory", "gap", "interrupted_by_payer", "policy_fault"}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return ""
}

// MarshalText writes the code.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// RefKind says what kind of fact a Ref names.
type RefKind uint8

// The kinds of facts a reason can cite.
const (
	RefCharge RefKind = iota + 1
	RefPayment
	RefRefund
	RefContribution
	RefWaiver
	RefMembership
	RefHold
)

var refNames = [...]string{"", "charge", "payment", "refund", "contribution", "waiver", "membership", "hold"}

func (k RefKind) String() string {
	if int(k) < len(refNames) {
		return refNames[k]
	}
	return ""
}

// Ref names a fact by kind and id.
type Ref struct {
	Kind RefKind
	ID   string
}

func (r Ref) String() string { return r.Kind.String() + ":" + r.ID }

// Reason is one reason for a verdict, with the facts it rests on.
//
// A reason with facts is one the verdict rests on: the cited facts of all
// reasons together are sufficient (they alone give the same state, verdicts,
// untils and covered share) and minimal (removing any one changes that). A
// reason without rights and facts is for information: it is true, but the
// verdict would be the same without it.
type Reason struct {
	Code         Code
	Rights       RightSet
	Since, Until instant.Instant
	Facts        []Ref
}

// Verdict says whether a member has a right. Until is the instant up to which
// the facts cited carry a yes, where the dues carry it; 0 otherwise.
type Verdict struct {
	OK    bool
	Until instant.Instant
}

// Standing is what the roll says of one member at At by what was known at
// Known. AsOf is the start of the last complete snapshot known then (0: none).
type Standing struct {
	Member          member.ID
	At, Known, AsOf instant.Instant
	// Forecast marks an answer about the future: assessed as if complete
	// snapshots that show nothing new had been taken until At.
	Forecast    bool
	State       State
	Verdicts    [rights]Verdict // by Right
	Covered     Share           // what runs at the instant of assessment, as a share of the minimum
	PaidThrough instant.Instant // end of the last full coverage by money; 0 for never
	ChangesAt   instant.Instant // see Policies.Assess; 0 for never
	Policy      string          // id of the policy version that decided
	Reasons     []Reason        // all, in the fixed order of Code
}

// Verdict is the verdict on one right.
func (s *Standing) Verdict(r Right) Verdict { return s.Verdicts[r] }

// Has says whether the member has the right.
func (s *Standing) Has(r Right) bool { return s.Verdicts[r].OK }

// Reason finds the reason with that code.
func (s *Standing) Reason(c Code) (Reason, bool) {
	for _, r := range s.Reasons {
		if r.Code == c {
			return r, true
		}
	}
	return Reason{}, false
}

// ReasonsFor are the reasons that touch the right.
func (s *Standing) ReasonsFor(r Right) []Reason {
	var out []Reason
	for _, re := range s.Reasons {
		if re.Rights.Has(r) {
			out = append(out, re)
		}
	}
	return out
}
