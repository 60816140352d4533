// Package notify is the contract for telling people things: messages, the
// occasion that keys them, the outbox that keeps them and the senders that
// carry them (domain.md, section 6).
//
// A notice is a row written in the transaction of the change that caused it
// (store.Tx.Enqueue). It is unique by its occasion, recipient and channel, so
// that enqueuing twice is once. Dispatching, backoff and rendering follow with
// the channels in the sub-packages; nothing is sent by this version: every row
// stays in the state before_start.
package notify

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Kind says what a notice is about; each kind has one template.
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
	MembershipEvent Kind = "membership"   // paused, suspended
)

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

// Treasurers is the recipient of what is told to all treasurers.
const Treasurers = "treasurers"

// Channel says how a notice travels.
type Channel string

// The channels.
const (
	Email  Channel = "email"
	Matrix Channel = "matrix"
)

// State is where a notice stands. The first two wait; all others are final.
type State string

// The states of a notice, which are also the words of the ledger (domain.md,
// section 6): due = sent + failed + held + waiting + not sent.
const (
	Waiting     State = "waiting"
	HeldState   State = "held" // with a detail: stale, brake, first assessment, …
	Sent        State = "sent"
	Failed      State = "failed"
	Recovered   State = "recovered"
	BeforeStart State = "before_start"
	NoAddress   State = "no_address"
	Suppressed  State = "suppressed" // with a detail: too late, opted out, …
)

// Occasion identifies why a notice exists: the kind, the member it is about
// and the id of the coverage, waiver, contribution, hold or decision revision
// that caused it. It never holds a computed instant or a time window, so that
// lapse, return, lapse is told again and a restart is not (domain.md, section 6).
type Occasion struct {
	Kind   Kind
	Member member.ID // "" for notices about the federation
	Cause  string
}

// Key is the occasion as one string, stable for ever.
func (o Occasion) Key() string { return fmt.Sprintf("%s/%s/%s", o.Kind, o.Member, o.Cause) }

// Message is one notice to one recipient over one channel. It names people by
// id; addresses are looked up when it is sent, so that erasing a person erases
// the address everywhere.
type Message struct {
	Occasion  Occasion
	Recipient string // id of a person, of a member's contact, or Treasurers; "" when nobody can be told
	Channel   Channel
	// About is the instant that the notice speaks of; it is sent only when a
	// complete snapshot at or after it has been seen (domain.md, section 3).
	About instant.Instant
	// DueAt is when it may go out, at the earliest.
	DueAt instant.Instant
	State State
	// Detail is the reason that belongs to the state; a word of a closed list, never an address.
	Detail string
}

// Outbox takes messages inside the transaction of the change that caused them.
// Enqueuing an occasion for a recipient and channel that is there already
// changes nothing.
type Outbox interface {
	Enqueue(ctx context.Context, ms ...Message) error
}

// Envelope is a message ready to travel: rendered and addressed.
type Envelope struct {
	ID      string // stable per outbox row; becomes the Message-ID or the transaction id
	To      string // an address, with a name before it or without: Ada <ada@example.org>
	Subject string
	Text    string
	HTML    string // "" for one that is made of Text
}

// Sender carries envelopes over one channel. Send returns nil only when the
// other side accepted it; an error that wraps *Rejection is final.
type Sender interface {
	Send(ctx context.Context, e Envelope) error
}

// Rejection is a final refusal by the other side.
type Rejection struct{ Reason string }

func (r *Rejection) Error() string { return "refused: " + r.Reason }
