// Package notify is the contract for telling people things: messages, the
// occasion that keys them, the outbox that keeps them and the senders that
// carry them (domain.md, section 6).
//
// A notice is a row written in the transaction of the change that caused it
// (store.Tx.Enqueue). It is unique by its occasion, recipient and channel, so
// that enqueuing twice is once. What a notice says is package letter's; looking
// again right before it goes, and handing it to a sender, is package dispatch's.
package notify

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Recipients that are no person and no contact.
const (
	// Treasurers stands for all of them where none has an address: the row says
	// that nobody could be told.
	Treasurers = "treasurers"
	// Room is the federation's room.
	Room = "room"
	// AccountPrefix is before the id of an account on Open Collective, whose mail
	// address stands in where a member has neither contact nor delegate.
	AccountPrefix = "account:"
)

// Channel says how a notice travels.
type Channel string

// The channels.
const (
	Email  Channel = "email"
	Matrix Channel = "matrix"
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
