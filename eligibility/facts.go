package eligibility

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Facts are all facts about one member that a verdict may rest on
// (domain.md, section 2). Their order carries no meaning.
//
// Every fact has an effective time (when it was true) and a Known time (when
// the program learned it). A fact that was later corrected carries the known
// time of its correction in Gone; it is visible for Known <= known < Gone
// (Gone 0: never corrected). Instants are UTC microseconds; a span's zero From
// is "always", its zero Until "for ever".
type Facts struct {
	Member        member.ID
	Kind          member.Kind
	Membership    []MembershipFact
	Links         []Link
	Contributions []Contribution
	Charges       []Charge
	Refunds       []Refund
	Waivers       []Waiver
	Payments      []Payment
	Profile       []ProfileFact
	Holds         []Hold
	Recorded      []Recorded
	Snapshots     Snapshots
}

// MembershipKind says what happened to a membership.
type MembershipKind uint8

// What can happen to a membership. NoAccount is the treasurer's word that the
// member has no Open Collective account ("link MEMBER --none"); Linkable takes
// that back.
const (
	Applied MembershipKind = iota + 1
	Admitted
	Left
	Paused
	Resumed
	Suspended
	Restored
	NoAccount
	Linkable
)

// MembershipFact is one event of a membership, effective from At.
type MembershipFact struct {
	ID   string
	Kind MembershipKind
	At   instant.Instant
	// Until ends a suspension by itself (one contact person's seven days); 0 for all else.
	Until instant.Instant
	// Listing is the member's own choice to stay listed during a pause.
	Listing     bool
	Known, Gone instant.Instant
}

// Link ties an Open Collective account to the member for [From, Until). A
// charge counts for the member whose link holds at the charge's From.
type Link struct {
	ID          string
	Account     member.AccountID
	From, Until instant.Instant
	Known, Gone instant.Instant
}

// Status is the status of a contribution as Open Collective names it.
type Status uint8

// The fourteen statuses of upstream's OrderStatus, and StatusUnknown for one
// that this version does not know.
const (
	StatusUnknown Status = iota
	StatusNew
	StatusRequireClientConfirmation
	StatusPaid
	StatusError
	StatusProcessing
	StatusRejected
	StatusActive
	StatusCancelled
	StatusPending
	StatusExpired
	StatusDisputed
	StatusRefunded
	StatusPaused
	StatusInReview
)

// Interval is how often a contribution promises to pay.
type Interval uint8

// The intervals; OneOff is a promise for once.
const (
	OneOff Interval = iota
	Monthly
	Yearly
)

// Contribution is one version of an Open Collective order, in force from
// Effective until the Effective of the next visible version of the same ID.
type Contribution struct {
	ID string
	// Account is the payer in this version; "" when the upstream did not show it.
	Account  member.AccountID
	Status   Status
	Interval Interval // the last known one, where upstream shows none
	// ProcessedAt is the instant of the first success; 0 when never charged.
	ProcessedAt instant.Instant
	// NextCharge is upstream's nextChargeDate as shown; it may be a retry date.
	NextCharge instant.Instant
	// PausedByPayer is the answer of query 11 in the same snapshot.
	PausedByPayer    bool
	Effective, Known instant.Instant
}

// ChargeKind says how upstream booked the money.
type ChargeKind uint8

// The kinds of CREDIT that are read.
const (
	ContributionCharge ChargeKind = iota + 1
	AddedFunds
)

// Charge is money that really moved: a CREDIT transaction of Open Collective.
type Charge struct {
	ID           string
	Contribution string
	// Account is the payer that a snapshot first showed, for good; "" when none was shown.
	Account member.AccountID
	Kind    ChargeKind
	Amount  money.Money
	From    instant.Instant // upstream's createdAt; coverage starts here
	Known   instant.Instant

	// What follows is fixed once, in the transaction that first stored the
	// charge together with its contribution, and never moved afterwards.

	// FixedKnown is the known time of that transaction; 0 while no snapshot has shown the contribution.
	FixedKnown instant.Instant
	Interval   Interval
	// Due ends the coverage; 0 for a one-off.
	Due instant.Instant
	// OrderMinor and TaxMinor are the contribution's amount and tax then, in
	// minor units: the counted amount is Amount x (OrderMinor - TaxMinor) / OrderMinor.
	OrderMinor, TaxMinor int64
}

// Refund gives a charge back at its own createdAt.
type Refund struct {
	ID        string
	Charge    string
	At, Known instant.Instant
}

// Waiver forgives dues for [From, Until).
type Waiver struct {
	ID          string
	From, Until instant.Instant
	Known, Gone instant.Instant
}

// Payment is money the treasurer entered for the span [From, Until) of whole
// calendar months.
type Payment struct {
	ID          string
	Amount      money.Money
	Months      int // calendar months from From to Until, at least 1
	From, Until instant.Instant
	// Charge names a charge of Open Collective that this payment lets count as
	// dues; that charge then does not count by itself. "" for none.
	Charge      string
	Known, Gone instant.Instant
}

// ProfileKind says which condition of a listing a ProfileFact is about.
type ProfileKind uint8

// The conditions of a listing beside the dues (domain.md, section 3).
const (
	HasProfile ProfileKind = iota + 1
	Consents
	Approved
)

// ProfileFact turns one condition of the listing on or off from At.
type ProfileFact struct {
	ID    string
	Kind  ProfileKind
	On    bool
	At    instant.Instant
	Known instant.Instant
}

// Hold keeps rights that a snapshot would have taken (domain.md, section 3,
// "Brake"). It works for instants from Since until AckAt.
type Hold struct {
	ID    string
	Cause string
	// SetAt is the snapshot's start; Since is the start of the complete
	// snapshot before it: nothing worsens between the two.
	SetAt, Since instant.Instant
	Known        instant.Instant
	// Kept is this member's last recorded standing before that snapshot.
	Kept Kept
	// AckAt is when a treasurer acknowledged it, AckKnown when that was learned; 0 while it stands.
	AckAt, AckKnown instant.Instant
}

// Kept is what a hold keeps for one member.
type Kept struct {
	State                   State
	Vote, Listing, Services bool
}

// Recorded is a standing as the assess step last wrote it: what a verdict
// falls back on while nothing can be said, unless its State is StateUnknown,
// StatePaused or StateSuspended (then on the one before it).
type Recorded struct {
	At, Known               instant.Instant
	State                   State
	Vote, Listing, Services bool
}

// Snapshot is one complete reading of upstream: orders, transactions and
// refunds together.
type Snapshot struct {
	Number int64
	Start  instant.Instant // when its first request was sent
	Known  instant.Instant // when it was stored
}

// Snapshots are the complete snapshots in ascending order of Number, hence of
// Start and of Known. They are shared by all members.
type Snapshots []Snapshot
