package notify

import "strings"

// State is where a notice stands. Waiting and held ones may still go; all others
// are final, but for before_start while its moment is to come (Tx.StartNotices).
type State string

// The states of a notice, which are also the words of the ledger (domain.md,
// section 6): due = sent + failed + held + waiting + not sent.
const (
	Waiting     State = "waiting"
	HeldState   State = "held" // with a detail: stale, brake, release:…
	Sent        State = "sent"
	Failed      State = "failed"
	Recovered   State = "recovered"
	BeforeStart State = "before_start"
	NoAddress   State = "no_address"
	Suppressed  State = "suppressed" // with a detail
)

// States are all states, in the order of the sum.
func States() []State {
	return []State{Waiting, HeldState, Sent, Failed, Recovered, BeforeStart, NoAddress, Suppressed}
}

// Final says that a notice in the state goes nowhere any more.
func (s State) Final() bool { return s != Waiting && s != HeldState }

// The details of states; a closed set, part of the ledger.
const (
	// Of held: what a notice waits for. Stale and Brake end by themselves.
	HeldStale = "stale" // Open Collective was not read after what the notice is about
	HeldBrake = "brake" // a hold stands that nobody has acknowledged

	// Of waiting: an attempt was made, and another will be.
	Retried        = "retried"         // it was not taken for now
	OutcomeUnknown = "unknown_outcome" // nobody knows whether it was taken

	// Of failed.
	RefusedRecipient = "refused_recipient" // the server knows no such mailbox, or it takes nothing any more
	RefusedMessage   = "refused_message"   // the server takes others, and not this one
	RefusedPolicy    = "refused_policy"    // the server does not take mails of ours
	GaveUp           = "gave_up"           // not taken for days

	// Of no_address.
	AddressGone    = "gone"    // there was one when the notice was written
	AddressBounced = "bounced" // mails to it came back

	// Of suppressed.
	TooLate     = "too_late"     // its moment had passed before it could go
	OptedOut    = "opted_out"    // the person does without this kind
	Dropped     = "dropped"      // a treasurer said no
	NothingTold = "nothing_told" // nothing bad was told before, so nothing good is
	Superseded  = "superseded"   // a later notice says more
	NoRoom      = "no_room"      // for the room, and none is set up
)

// releasePrefix is before the name of a batch in the detail of held.
const releasePrefix = "release:"

// Batch names what waits for a treasurer's yes or no together (domain.md,
// section 6, "Notices start off").
type Batch string

// The batches.
const (
	ByImport   Batch = "import"
	ByAdoption Batch = "adoption"
	ByLink     Batch = "link"
	ByMerge    Batch = "merge"
	ByPolicy   Batch = "policy"
	ByCopy     Batch = "copy"            // the database is a restored backup, or a copy
	ByGap      Batch = "gap"             // nothing could be sent for days
	ByOutcome  Batch = "unknown_outcome" // three times nobody knows whether the server took it
)

// Batches are all batches.
func Batches() []Batch {
	return []Batch{ByImport, ByAdoption, ByLink, ByMerge, ByPolicy, ByCopy, ByGap, ByOutcome}
}

// Detail is the detail of a notice that waits in the batch.
func (b Batch) Detail() string { return releasePrefix + string(b) }

// BatchOf reads the batch in a detail of held; ok is false for one that waits for
// nobody's word.
func BatchOf(detail string) (b Batch, ok bool) {
	word, ok := strings.CutPrefix(detail, releasePrefix)
	return Batch(word), ok
}
