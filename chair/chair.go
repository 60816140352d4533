package chair

import (
	"context"
	"errors"
	"fmt"
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
}

// New gives the chair of the decisions that the database holds.
func New(db *store.DB, r *roll.Roll, o Options) *Chair {
	c := &Chair{db: db, roll: r, now: o.Now, newID: o.NewID, zone: o.Zone}
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
}

// NotFound says that there is no such decision.
type NotFound struct{ Word string }

func (e *NotFound) Error() string {
	return fmt.Sprintf("there is no decision %q: see goodstanding decisions list", e.Word)
}

// NotYours says why somebody may not act for a member, with every reason.
type NotYours struct{ Reason string }

func (e *NotYours) Error() string { return e.Reason }

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
	// effects: the transaction may change the register.
	effects bool
}

// take locks a decision and reads it.
func (c *Chair) take(ctx context.Context, tx *store.Tx, id ID) (*opened, error) {
	o := &opened{c: c, tx: tx, id: id}
	var ok bool
	var err error
	if o.head, ok, err = tx.LockDecision(ctx, string(id)); err != nil {
		return nil, err
	}
	if !ok {
		return nil, &NotFound{string(id)}
	}
	return o, o.read(ctx)
}

func (o *opened) read(ctx context.Context) error {
	var err error
	if o.row, _, err = o.tx.Decision(ctx, string(o.id)); err != nil {
		return err
	}
	zone, err := time.LoadLocation(o.row.Zone)
	if err != nil {
		return fmt.Errorf("the time zone of a decision: %w", err)
	}
	entries, err := o.tx.DecisionEntries(ctx, string(o.id))
	if err != nil {
		return err
	}
	events, err := eventsOf(ctx, o.tx, entries)
	if err != nil {
		return err
	}
	if o.d, err = decisions.Fold(zone, events); err != nil {
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
		return o.c.roll.Voters(ctx, o.tx, at, known)
	}
}

// write adds events to the chain, and enters what a passed decision does.
func (o *opened) write(ctx context.Context, events []decisions.Event, after decisions.Decision) error {
	if after.State == decisions.Passed && after.Proposal.Kind != decisions.General && !o.effects {
		return errEffects
	}
	d := o.d
	rows := make([]store.NewDecisionEntry, len(events))
	for i, ev := range events {
		next, err := d.Apply(ev)
		if err != nil {
			return fmt.Errorf("write a decision: %w", err)
		}
		if rows[i], err = o.entry(ctx, &next, ev); err != nil {
			return err
		}
		d = next
	}
	head, err := o.tx.AppendDecision(ctx, o.head, rows...)
	if err != nil {
		return err
	}
	passed := o.d.State != decisions.Passed && d.State == decisions.Passed
	o.head, o.d = head, d
	if passed && d.Proposal.Kind == decisions.Admit {
		_, err = o.c.roll.AdmitDecided(ctx, o.tx, d.Proposal.Applicant, d.Number, d.Outcome.At)
	}
	return err
}
