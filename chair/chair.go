package chair

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Options are what a Chair needs beside its database and its roll.
type Options struct {
	// Now reads the clock, once per step.
	Now func() instant.Instant
	// NewID makes a fresh identifier with the prefix; nil takes store.NewID.
	NewID func(prefix string) string
	// Zone is the federation's time zone, in which new decisions have their
	// deadlines; nil is UTC.
	Zone *time.Location
}

// Chair runs decisions. It is safe for concurrent use.
type Chair struct {
	db    *store.DB
	roll  *roll.Roll
	now   func() instant.Instant
	newID func(string) string
	zone  *time.Location

	line line // who casts a ballot or takes one back
	told atomic.Pointer[told]
	// unheard is what MayHear has found last.
	unheard atomic.Pointer[unheard]

	mu       sync.Mutex
	cache    map[ID]folded
	reminded map[ID]reminded
}

// folded is a decision as it is after an entry of its chain. The entry's hash
// says which: so it can be kept whether or not its transaction is committed.
type folded struct {
	row  store.DecisionRow
	seq  int64
	hash string
	d    decisions.Decision
}

// mostKept bounds the cache: far more than are open at once.
const mostKept = 100

func (c *Chair) kept(id ID) (folded, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.cache[id]
	return f, ok
}

func (c *Chair) keep(id ID, f folded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.cache) >= mostKept {
		clear(c.cache)
	}
	c.cache[id] = f
}

// New gives the chair of the decisions that the database holds.
func New(db *store.DB, r *roll.Roll, o Options) *Chair {
	c := &Chair{db: db, roll: r, now: o.Now, newID: o.NewID, zone: o.Zone, cache: map[ID]folded{}, reminded: map[ID]reminded{}}
	if c.newID == nil {
		c.newID = store.NewID
	}
	if c.zone == nil {
		c.zone = time.UTC
	}
	return c
}

// ID names a decision: its number is given later.
type ID string

// By says who acts, and for which member.
type By struct {
	Actor member.Actor
	// Member is for whom; "" where the actor acts for none, or is delegate of one
	// member alone.
	Member member.ID
	// Second and SecondMember are another person, where the rules want two.
	Second       *member.Actor
	SecondMember member.ID
	// Permit is asked first in the transaction that acts, whatever was looked up
	// before: whether whoever asks still may. nil permits.
	Permit func(ctx context.Context, tx *store.Tx) error
	// Seen is the end of the chain, its hash, on which the actor wants to act;
	// another one is refused with *Moved. "" acts on whatever the decision is by
	// then.
	Seen string
	// AmongOthers: for who answers or objects, or takes that back, only what changes the
	// text, the size, the state or the deadline since Seen counts, and what was done for
	// the same member: that another member answered refuses nobody's answer. It is for
	// pages, which show the member's ballot with Seen (Put).
	AmongOthers bool
}

// NotFound says that there is no such decision.
type NotFound struct{ Word string }

func (e *NotFound) Error() string {
	return fmt.Sprintf("there is no decision %q: see goodstanding decisions list", e.Word)
}

// NotYours says why somebody may not act for a member, with every reason.
type NotYours struct{ Reason string }

func (e *NotYours) Error() string { return e.Reason }

// Moved says that a decision is another one than the actor has seen.
type Moved struct {
	// Since says what happened meanwhile, in words, the oldest first; empty where
	// what was seen is no part of the chain.
	Since []string
	Head  string // hash of the chain's end
}

func (e *Moved) Error() string {
	if len(e.Since) == 0 {
		return "what you have seen is no state of this decision: read it again"
	}
	return "the decision has moved on since you read it: " + strings.Join(e.Since, "; ")
}

// Receipt is what an actor gets for what was written: where it stands in the
// chain, to be found again in the record.
type Receipt struct {
	Decision ID
	Number   int
	Seq      int64
	Hash     string
	At       instant.Instant
}

// Result is what an act led to.
type Result struct {
	Receipt
	Decision decisions.Decision
	Outcome  decisions.Outcome // as it stands
	Warnings []string
	Head     string // hash of the chain's end, which may be later than the receipt
}

// errEffects says that a decision passed that changes the register: the
// transaction is begun again as one that may.
var errEffects = errors.New("what the decision does has to be entered")

// opened is a decision as one transaction sees it.
type opened struct {
	c    *Chair
	tx   *store.Tx
	id   ID
	row  store.DecisionRow
	head store.DecisionHead
	d    decisions.Decision
	// entries and events are the whole chain, where read has read it.
	entries []store.DecisionEntry
	events  []decisions.Event
	// effects: the transaction may change the register.
	effects bool
	// first are events that come before the one that is asked for; with them the
	// register was changed, which a refusal takes back.
	first []decisions.Event
	// texts are those of entries that are about to be written.
	texts []store.HashedText
	// standing: what is asked for stands already, and nothing is to be written.
	standing bool
	// then is done in the same transaction once what is asked for is written.
	then func(context.Context) error
	// notices say whether there are any, where that was read.
	notices *roll.Notices
	// people are all persons, where they were read.
	people []store.PersonInfo
	// loss is what the database may lack, where that was read.
	loss *store.Loss
	// everybody is what the roll says of all members at an instant of the present, where
	// several acts share that; nil where it is asked about who acts alone.
	everybody decisions.Look
}

// take locks a decision and reads it.
func (c *Chair) take(ctx context.Context, tx *store.Tx, id ID) (*opened, error) {
	head, ok, err := tx.LockDecision(ctx, string(id))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &NotFound{string(id)}
	}
	return c.taken(ctx, tx, head)
}

// taken reads a decision that is locked.
func (c *Chair) taken(ctx context.Context, tx *store.Tx, head store.DecisionHead) (*opened, error) {
	id := ID(head.Decision)
	o := &opened{c: c, tx: tx, id: id, head: head}
	if f, ok := c.kept(id); ok && f.hash == o.head.Hash {
		o.row, o.d = f.row, f.d
		return o, nil
	} else if ok && f.seq <= o.head.Seq {
		if done, err := o.follow(ctx, f); err != nil || done {
			return o, err
		}
	}
	if err := o.read(ctx); err != nil {
		return nil, err
	}
	c.keep(id, folded{o.row, o.head.Seq, o.head.Hash, o.d})
	return o, nil
}

// follow goes on from what is kept of a decision; false where that is not a
// part of this chain.
func (o *opened) follow(ctx context.Context, f folded) (bool, error) {
	_, events, ok, err := o.since(ctx, f)
	if ok && len(events) > 0 {
		o.c.keep(o.id, folded{o.row, o.head.Seq, o.head.Hash, o.d})
	}
	return ok, err
}

// since reads what follows a state of a decision, and the decision with it; ok is
// false where that state is not a part of this chain.
func (o *opened) since(ctx context.Context, f folded) (entries []store.DecisionEntry, events []decisions.Event, ok bool, err error) {
	if entries, err = o.tx.DecisionEntriesAfter(ctx, string(o.id), f.seq); err != nil {
		return nil, nil, false, err
	}
	end := f.hash
	for _, e := range entries {
		if e.Prev != end {
			return nil, nil, false, nil
		}
		end = e.Hash
	}
	if end != o.head.Hash {
		return nil, nil, false, nil
	}
	if events, err = eventsOf(ctx, o.tx, entries); err != nil {
		return nil, nil, false, err
	}
	o.row = f.row
	if o.d, err = f.d.Follow(events); err != nil {
		return nil, nil, false, fmt.Errorf("decision %s cannot be read by this version of the program: %w", o.id, err)
	}
	return entries, events, true, nil
}

// read reads a decision from the beginning of its chain.
func (o *opened) read(ctx context.Context) error {
	var ok bool
	var err error
	if o.row, ok, err = o.tx.Decision(ctx, string(o.id)); err != nil {
		return err
	}
	if !ok {
		return &NotFound{string(o.id)}
	}
	zone, err := time.LoadLocation(o.row.Zone)
	if err != nil {
		return fmt.Errorf("the time zone of a decision: %w", err)
	}
	if o.entries, err = o.tx.DecisionEntries(ctx, string(o.id)); err != nil {
		return err
	}
	if o.events, err = eventsOf(ctx, o.tx, o.entries); err != nil {
		return err
	}
	if o.d, err = decisions.Fold(zone, o.events); err != nil {
		return fmt.Errorf("decision %s cannot be read by this version of the program: %w", o.id, err)
	}
	return nil
}

// look is what the roll says: of the past what was known then, of the present
// all that is known (domain.md, section 5, "Closing").
func (o *opened) look(ctx context.Context, now instant.Instant) decisions.Look {
	return func(at instant.Instant) (decisions.Roll, error) {
		known := o.tx.Known()
		if at < now {
			known = min(known, at)
		}
		if at == now {
			voters, _, err := o.c.roll.VotersUntil(ctx, o.tx, at, known)
			return voters, err
		}
		return o.c.roll.Voters(ctx, o.tx, at, known)
	}
}

// write adds events to the chain, with the notices that they cause, and enters
// what a passed decision does.
func (o *opened) write(ctx context.Context, events []decisions.Event, after decisions.Decision) error {
	if after.State == decisions.Passed && after.Proposal.Kind != decisions.General && !o.effects {
		return errEffects
	}
	passed := o.d.State != decisions.Passed && after.State == decisions.Passed
	a, err := o.chain(ctx, events)
	if err != nil {
		return err
	}
	if err := add(ctx, o.tx, a); err != nil || !passed {
		return err
	}
	d := &o.d
	switch d.Proposal.Kind {
	case decisions.Admit:
		_, err = o.c.roll.AdmitDecided(ctx, o.tx, d.Proposal.Applicant, d.Number, d.Outcome.At)
	case decisions.Policy:
		_, err = o.c.roll.EnactDecided(ctx, o.tx, d.Proposal.Version, d.Proposal.Attachment, d.Number, d.Outcome.At)
	}
	return err
}
