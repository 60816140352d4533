package chair

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Where the members were told, as an announcement records it. Everybody may read
// it.
const (
	placeRoom = "the federation's room"
	placeMail = "by mail to every member waited for"
)

// Heard is told of a notice that was accepted, once that is recorded, and records
// that a decision's opening was announced: when the room accepted it, or when the
// mails to every member waited for were accepted, whichever comes first. Once for
// each opening, and not at all where somebody has recorded an announcement of it
// before, or the decision is over. Any other notice changes nothing, and being told
// twice neither.
//
// That is what silence is counted after (domain.md, section 5, "Silence counts only
// when it was heard").
func (c *Chair) Heard(ctx context.Context, row store.OutboxRow) error {
	id, ok := openingOf(&row)
	if !ok {
		return nil
	}
	return c.hear(ctx, id)
}

// HearAgain records what was accepted and not recorded, because the program ended
// in between: of all decisions that run. Asking twice changes nothing.
func (c *Chair) HearAgain(ctx context.Context) error {
	var heads []store.DecisionHead
	err := c.db.View(ctx, func(tx *store.Tx) (err error) {
		heads, err = tx.DecisionHeads(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for announcements that were not recorded: %w", err)
	}
	var failed error
	for _, head := range heads {
		if !decisions.State(head.State).Running() {
			continue
		}
		if f, ok := c.kept(ID(head.Decision)); ok && f.hash == head.Hash && len(f.d.Announced) > 0 {
			continue
		}
		failed = errors.Join(failed, c.hear(ctx, ID(head.Decision)))
	}
	return failed
}

// hear records the announcement of a decision's newest opening, if it was heard
// and that is not recorded.
func (c *Chair) hear(ctx context.Context, id ID) error {
	place := ""
	err := c.db.View(ctx, func(tx *store.Tx) (err error) { // most often there is nothing to do
		o := &opened{c: c, tx: tx, id: id}
		if err = o.read(ctx); err == nil {
			place, err = o.place(ctx, max(c.now(), o.d.Last))
		}
		return err
	})
	if err == nil && place != "" {
		err = c.record(ctx, id, store.Decisions)
		if errors.Is(err, errEffects) {
			err = c.record(ctx, id, store.Entries)
		}
	}
	if err != nil {
		return fmt.Errorf("record the announcement of a decision: %w", err)
	}
	return nil
}

// record enters the announcement by the program.
func (c *Chair) record(ctx context.Context, id ID, stream store.Stream) error {
	return c.db.InTx(ctx, stream, c.now(), func(tx *store.Tx) error {
		o, err := c.take(ctx, tx, id)
		if err != nil {
			return err
		}
		o.effects = stream == store.Entries
		if err := o.read(ctx); err != nil { // the whole chain, to see what was announced
			return err
		}
		now := max(tx.Now(), o.d.Last)
		place, err := o.place(ctx, now)
		if err != nil || place == "" {
			return err
		}
		ev := decisions.Event{Kind: decisions.Announce, At: now, By: decisions.Party{Program: true}, Words: place}
		events, after, err := o.step(ctx, ev)
		if refused := (*decisions.Refusal)(nil); errors.As(err, &refused) {
			err = nil // its deadline has ended it; that is to be written all the same
		}
		if err != nil || len(events) == 0 {
			return err
		}
		return o.write(ctx, events, after)
	})
}

// place is where the newest opening was heard; "" while it was not, and where that
// is recorded already.
func (o *opened) place(ctx context.Context, now instant.Instant) (string, error) {
	h, err := o.hearing(ctx, now)
	return h.place, err
}

// hearing is what hearing of the newest opening has come to.
type hearing struct {
	place string // where it was heard, if that is to be recorded; else ""
	// settled: whatever else is accepted, there is nothing to record.
	settled bool
	// waits: those by whom one of the members waited for can be told, none of whom was:
	// it is not heard by mail before one of them is. nil where there is no such member.
	waits []string
}

func (o *opened) hearing(ctx context.Context, now instant.Instant) (h hearing, err error) {
	if !o.d.State.Running() {
		return hearing{settled: true}, nil
	}
	rows, recorded, err := o.openings(ctx)
	if err != nil || recorded {
		return hearing{settled: recorded}, err
	}
	accepted := map[string]bool{}
	for _, row := range rows {
		switch {
		case row.State != notify.Sent:
		case row.Channel == notify.Matrix:
			return hearing{place: placeRoom}, nil
		default:
			accepted[row.Recipient] = true
		}
	}
	if len(accepted) == 0 {
		return h, nil
	}
	missing, err := o.missing(ctx, now)
	if err != nil {
		return h, err
	}
	reach, err := o.reach(ctx, missing)
	if err != nil {
		return h, err
	}
	for _, id := range missing {
		if !slices.ContainsFunc(reach[id], func(to string) bool { return accepted[to] }) {
			return hearing{waits: append([]string{}, reach[id]...)}, nil
		}
	}
	return hearing{place: placeMail}, nil
}

// openings are the notices of the newest opening, with those to members who were
// added to the electorate since; recorded says that an announcement of it was
// entered.
func (o *opened) openings(ctx context.Context) (rows []store.OutboxRow, recorded bool, err error) {
	for i := len(o.entries) - 1; i >= 0 && !recorded; i-- {
		e, kind := &o.entries[i], notify.DecisionOpened
		switch o.events[i].Kind {
		case decisions.Announce:
			recorded = true
			continue
		case decisions.Escalate:
			kind = notify.DecisionEscalated
		case decisions.Open, decisions.Reopen, decisions.AddSeat:
		default:
			continue
		}
		some, err := o.tx.NoticesOn(ctx, notify.Occasion{Kind: kind, Cause: cause(o.id, e.Seq)})
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, some...)
		if o.events[i].Kind != decisions.AddSeat {
			break
		}
	}
	return rows, recorded, nil
}

// missing are the members waited for at an instant, by what is known.
func (o *opened) missing(ctx context.Context, now instant.Instant) ([]member.ID, error) {
	r, err := o.look(ctx, now)(now)
	if err != nil {
		return nil, err
	}
	t := o.d.Count(r)
	return admitted(t.Waiting, r), nil
}
