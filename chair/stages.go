package chair

import (
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
)

// A large decision reminds at stages: after a part of the time, some days before
// the deadline, and every so often once it is overdue (policy, notices.not_voted;
// domain.md, sections 4 and 6). They follow from the chain alone, each named by
// the entry that began what it belongs to: so the same ones are found by whoever
// looks, whenever, and a deadline that moves has a stage of its own.

// rhythm is when those waited for are reminded, by the policy.
type rhythm struct {
	after  decisions.Fraction // of the time from the text to its deadline
	before time.Duration      // the deadline
	every  time.Duration      // while it is overdue
}

// stage is one of them.
type stage struct {
	name    string // third, before, overdue, overdue/1, …
	seq     int64  // of the entry that began it
	at      instant.Instant
	current bool // nothing has moved the deadline, or closed it, since
}

// The names of stages; the weekly ones have their number behind a stroke. What
// the policy calls "after" is a third of the time in every preset.
const (
	stageThird   = "third"
	stageBefore  = "before"
	stageOverdue = "overdue"
)

func (s *stage) overdue() bool { return s.name != stageThird && s.name != stageBefore }

// asks: those waited for are asked then. That it became overdue is told to the
// proposer alone.
func (s *stage) asks() bool { return s.name != stageOverdue }

// reports: the proposer is told who is missing then.
func (s *stage) reports() bool { return s.name == stageBefore || s.name == stageOverdue }

// span is a time in which the deadline, and whether it is past, stay the same.
type span struct {
	seq         int64
	from, until instant.Instant // until is 0 for the one that lasts
	ends        instant.Instant // the deadline; 0 where it is past
	text        instant.Instant // when the text came that is answered
	textSeq     int64
}

// spans are those since the last opening.
func (o *opened) spans() (out []span) {
	var text span // what began the revision
	for i := range o.entries {
		e, ev := &o.entries[i], &o.events[i]
		last := len(out) - 1
		if ev.Rules != nil { // taken anew: what was before is history
			out, last = nil, -1
		}
		if begins := ev.Rules != nil || ev.Kind == decisions.Reopen || ev.Kind == decisions.CallMaterial || ev.Kind == decisions.Amend && !ev.Editorial; begins {
			text.text, text.textSeq = e.At, e.Seq
		}
		state := decisions.State(e.State)
		if last >= 0 && out[last].until == 0 && state.Running() && out[last].ends == e.Due && out[last].textSeq == text.textSeq {
			continue
		}
		if last >= 0 && out[last].until == 0 {
			out[last].until = e.At
		}
		if state.Running() {
			out = append(out, span{seq: e.Seq, from: e.At, ends: e.Due, text: text.text, textSeq: text.textSeq})
		}
	}
	return out
}

// stages are those whose moment has come by now, in order, and the moment of the
// next one; 0 for none. Where a moved deadline moves the third as well, the later
// moment counts.
func (o *opened) stages(r rhythm, now instant.Instant) (past []stage, next instant.Instant) {
	for _, s := range o.spans() {
		for _, one := range s.stages(r, now) {
			if one.at < s.from || s.until != 0 && one.at >= s.until {
				continue
			}
			past = slices.DeleteFunc(past, func(x stage) bool { return x.name == one.name && x.seq == one.seq })
			switch {
			case one.at <= now:
				past = append(past, one)
			case next == 0 || one.at < next:
				next = one.at
			}
		}
	}
	return past, next
}

// stages are those of one span, and at most one that is still to come.
func (s *span) stages(r rhythm, now instant.Instant) (out []stage) {
	add := func(name string, seq int64, at instant.Instant) {
		out = append(out, stage{name, seq, at, s.until == 0})
	}
	if s.ends == 0 {
		add(stageOverdue, s.seq, s.from)
		for n := 1; r.every > 0; n++ {
			at := s.from.Add(time.Duration(n) * r.every)
			if add(fmt.Sprintf("%s/%d", stageOverdue, n), s.seq, at); at > now {
				break
			}
		}
		return out
	}
	before := s.ends.Add(-r.before)
	comes := r.before > 0 && before > s.from // else whoever set the deadline told of it just now
	if third := s.text + part(s.ends-s.text, r.after); !r.after.Zero() && (!comes || third < before) {
		add(stageThird, s.textSeq, third)
	}
	if comes {
		add(stageBefore, s.seq, before)
	}
	return out
}

// part is a fraction of a time, without an overflow for any time that people
// decide in.
func part(of instant.Instant, f decisions.Fraction) instant.Instant {
	den := instant.Instant(f.Den())
	return of/den*instant.Instant(f.Num()) + of%den*instant.Instant(f.Num())/den
}
