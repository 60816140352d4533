package decisions

import (
	"errors"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Look is what the roll says at an instant, by what was known then.
type Look func(at instant.Instant) (Roll, error)

// CloseDue closes what is due by now: at the deadline's instant, however late
// that is noticed, so that the result is the same if no job ever ran. It
// returns the events to be written, in order, and the decision after them.
func (d *Decision) CloseDue(now instant.Instant, look Look) ([]Event, Decision, error) {
	var events []Event
	after := *d
	for after.Due(now) {
		at := max(after.Ends(), after.Last)
		closed, next, err := after.closeAt(at, look)
		if err != nil {
			return nil, *d, err
		}
		events, after = append(events, closed), next
	}
	return events, after, nil
}

func (d *Decision) closeAt(at instant.Instant, look Look) (Event, Decision, error) {
	r, err := look(at)
	if err != nil {
		return Event{}, *d, err
	}
	ev := Event{Kind: Close, At: at, Roll: d.seats(r)}
	next, err := d.Apply(ev)
	return ev, next, err
}

// seats is the part of a roll that the electorate is.
func (d *Decision) seats(r Roll) Roll {
	out := make(Roll, len(d.Electorate))
	for _, s := range d.Electorate {
		if v, ok := r[s.Member]; ok {
			out[s.Member] = v
		}
	}
	return out
}

// Step carries out an event: what is due is closed first, and a decision that is
// overdue after the event is judged then. It returns the events to be written,
// in order, and the decision after them. With a *Refusal the closing before it
// is to be written all the same.
func (d *Decision) Step(ev Event, look Look) ([]Event, Decision, error) {
	events, now, err := d.CloseDue(ev.At, look)
	if err != nil {
		return nil, *d, err
	}
	if ev.Kind == End || ev.Kind == Nudge {
		r, err := look(ev.At)
		if err != nil {
			return nil, *d, err
		}
		ev.Roll = now.seats(r)
	}
	next, err := now.Apply(ev)
	if refused := (*Refusal)(nil); errors.As(err, &refused) {
		return events, now, err
	}
	events = append(events, ev)
	if next.State != Overdue {
		return events, next, nil
	}
	closed, final, err := next.closeAt(ev.At, look)
	switch {
	case err != nil:
		return nil, *d, err
	case final.State.Final():
		return append(events, closed), final, nil
	}
	return events, next, nil
}

// StepLacking is Step for a decision that lacks answers (Lacks): the event is carried out,
// and nothing is closed, neither before it nor by it. That nothing but letting it rest
// (Stall, marked Lost) may follow a deadline that is past is the same as ever, and so is
// it the caller's to refuse that somebody ends it.
func (d *Decision) StepLacking(ev Event, look Look) ([]Event, Decision, error) {
	if ev.Kind == Nudge {
		r, err := look(ev.At)
		if err != nil {
			return nil, *d, err
		}
		ev.Roll = d.seats(r)
	}
	next, err := d.Apply(ev)
	if err != nil {
		return nil, *d, err
	}
	return []Event{ev}, next, nil
}
