package decisions

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

// contents are the codes of what an event itself has to say.
var contents = []Code{TextMissing, ReasonMissing, ConcernMissing}

// Against is every reason why nobody but somebody else, or not now, could do
// something of a kind, whatever it would say; none where it may be. What is missing
// from the words of an event is told when it is sent: Apply looks at all of it again.
// It is not for the events that name another member, or that the program writes.
func (d *Decision) Against(kind EventKind, by Party, r Roll, now instant.Instant) []Reason {
	ev := d.example(kind, by, r, now)
	return slices.DeleteFunc(d.refuse(&ev), func(x Reason) bool { return slices.Contains(contents, x.Code) })
}

// example is an event of a kind that says all that one has to say.
func (d *Decision) example(kind EventKind, by Party, r Roll, now instant.Instant) Event {
	ev := Event{Kind: kind, At: now, By: by, Words: "…", Lost: kind == Stall, Roll: d.seats(r), Deadline: DayOf(now, d.Zone), Proposal: &Proposal{Size: Medium, Kind: General, Visibility: Public}}
	text := d.Proposal.Text
	text.Changes += " …"
	ev.Text = &text
	if answers := d.Rule().Answers; len(answers) > 0 {
		ev.Answer = answers[0]
	}
	if concerns := d.standing(); len(concerns) > 0 {
		ev.Concern = concerns[0]
	}
	if kind == Escalate {
		ev.Size, ev.Rules, ev.Number, ev.Electorate = Large, &d.Rules, 1, Electorate{{Member: by.Member}}
	}
	return ev
}

// Would is what the decision would be after an event that is perhaps refused, with
// every reason against it: so that people see what they are about to do. The event
// has all that its kind uses. It is the decision as it is where its state has no such
// event.
func (d *Decision) Would(ev Event) (Decision, []Reason) {
	reasons := d.refuse(&ev)
	if !May(d.State, ev.Kind) {
		return *d, reasons
	}
	c := d.Clone()
	c.State, c.Last = transitions[d.State][ev.Kind], ev.At
	effects[ev.Kind](&c, &ev)
	return c, reasons
}

// Larger are the sizes to which a decision of a size can be escalated.
func (s Size) Larger() []Size {
	all := Sizes()
	if i := s.rank(); i >= 0 {
		return all[i+1:]
	}
	return nil
}
