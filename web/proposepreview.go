package web

import (
	"html/template"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
)

// previewPart is what a proposal would be if it were opened now.
type previewPart struct {
	Name, Title, Size string
	Small             bool
	WriteUp           template.HTML
	Against, Notes    []string // why it could not be opened; what to know if it is
	Day               string   // the last day, weighed against the policy
	DayOK             bool
	Rules             []string
	Seats, Votes      int
	Told              *Announced
}

// previewOf is what the page shows of a preview.
func (m *mine) previewOf(r *reading, seen *chair.Preview) (*previewPart, error) {
	d := &seen.Decision
	out := &previewPart{Name: nameOf(d), Title: d.Proposal.Title, Size: string(d.Size()), Small: d.Size() == decisions.Small, Seats: len(d.Electorate), Votes: seen.Votes}
	var err error
	if out.WriteUp, err = writeUp(d.Proposal.Changes); err != nil {
		return nil, err
	}
	for _, reason := range seen.Against {
		out.Against = append(out.Against, capital(plainly(reason))+".")
	}
	if out.Small {
		return out, nil
	}
	for _, x := range d.Rule().PassesIf {
		out.Rules = append(out.Rules, x.Sentence())
	}
	out.Day, out.DayOK = weighed(seen, d), !seen.Notice.Short()
	if m.p.o.Announced != nil && seen.Mail != nil {
		told, err := m.p.o.Announced(seen, m.actor.Label, r.Book.Minimum(r.At))
		if err != nil {
			return nil, err
		}
		out.Told = &told
	}
	return out, nil
}

// weighed is how the last day stands beside the notice of the size.
func weighed(seen *chair.Preview, d *decisions.Decision) string {
	n, zone := seen.Notice, " ("+d.Zone.String()+")"
	switch {
	case n.Past():
		return n.Day.Words() + zone + " is past: the first day that leaves the whole notice is " + n.First.Words() + "."
	case n.Short():
		return n.Words(d.Size()) + ": too short. The earliest day is " + n.First.Words() + zone + "." + allTheSame(seen)
	case d.Proposal.Deadline.IsZero():
		return "No day is named, so the last day to answer is " + n.Day.Words() + zone + ": " + many(n.Needs, "day", "days") + " from today, as a " + string(d.Size()) + " decision needs."
	}
	return n.Day.Words() + zone + " leaves " + many(n.Days, "day", "days") + "; a " + string(d.Size()) + " decision needs " + many(n.Needs, "day", "days") + "."
}

// allTheSame says that a short notice keeps nobody from opening it.
func allTheSame(seen *chair.Preview) string {
	if len(seen.Against) > 0 {
		return ""
	}
	return " It may be opened all the same."
}
