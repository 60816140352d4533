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
	Recipient string // id of a person, of a member's contact, AccountPrefix and an account's, Room, or Treasurers; "" when nobody can be told
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
	// List says that it is one of the mails that go to many, so that it carries the
	// federation's List-Id; a link to sign in by is not.
	List bool
	// Unsubscribe is the address of the page where the recipient can say no to mails
	// of this kind; "" for one that nobody can say no to.
	Unsubscribe string
}

// Sender carries envelopes over one channel. Send returns nil only when the
// other side said that it has the whole of it. An error that wraps *Rejection is
// final; one that wraps *Unknown says that nobody knows; after any other, among
// them *Deferral, nothing was accepted and the same envelope may be sent again.
type Sender interface {
	Send(ctx context.Context, e Envelope) error
}

// Class says what a rejection is about.
type Class string

// The classes of rejections. Only the first says something about the address.
const (
	OfRecipient Class = "recipient" // there is no such mailbox, or it takes nothing any more
	OfMessage   Class = "message"   // this one is not taken, another may be
	OfPolicy    Class = "policy"    // about who sends or what the server allows, or it does not say
)

// Rejection is a final refusal by the other side. Reason is in our own words and
// codes: it never holds an address, nor what the other side wrote.
type Rejection struct {
	Reason string
	Class  Class
}

func (r *Rejection) Error() string { return "refused: " + r.Reason }

// Deferral is a refusal for now: nothing was accepted. Reason is like that of a
// Rejection.
type Deferral struct {
	Reason string
	// Domain says that all mails to the recipient's domain had better wait
	// (Pace.Deferred); otherwise it is about this one, or about who sends.
	Domain bool
}

func (d *Deferral) Error() string { return d.Reason }

// Unknown says that the whole of an envelope was handed over and no answer came:
// the other side may have it or not. To send it again may make a copy.
type Unknown struct{ Reason string }

func (u *Unknown) Error() string { return "outcome unknown: " + u.Reason }
