package web

import (
	"html/template"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// previewPart is what a proposal would be if it were opened now.
type previewPart struct {
	Name, Title, Size string
	Small             bool
	WriteUp           template.HTML
	Against, Notes    []phrase // why it could not be opened; what to know if it is
	Day               string   // the last day, weighed against the policy
	DayOK             bool
	Rules             []string
	Seats, Votes      int
	Told              *announcedPart
}

// announcedPart is how an opening would be told. Lang is the language of the texts,
// where that is another one than the page's.
type announcedPart struct {
	Announced
	Lang string
}

// previewOf is what the page shows of a preview.
func (m *mine) previewOf(r *reading, seen *chair.Preview) (*previewPart, error) {
	d := &seen.Decision
	out := &previewPart{Name: nameOf(m.v.lang, d), Title: d.Proposal.Title, Size: m.say(string(d.Size())), Small: d.Size() == decisions.Small, Seats: len(d.Electorate), Votes: seen.Votes}
	var err error
	if out.WriteUp, err = writeUp(d.Proposal.Changes); err != nil {
		return nil, err
	}
	for _, reason := range seen.Against {
		out.Against = append(out.Against, sentences(m.retold(reason))...)
	}
	if out.Small {
		return out, nil
	}
	for _, x := range d.Rule().PassesIf {
		out.Rules = append(out.Rules, x.SentenceIn(m.v.lang))
	}
	out.Day, out.DayOK = r.weighed(seen, d), !seen.Notice.Short()
	if m.p.o.Announced != nil && seen.Mail != nil {
		told, err := m.p.o.Announced(seen, m.actor.Label, r.Book.Minimum(r.At))
		if err != nil {
			return nil, err
		}
		out.Told = &announcedPart{Announced: told}
		if m.v.lang != tongue.English() {
			out.Told.Lang = tongue.English().Code() // as every mail to somebody who has not chosen
		}
	}
	return out, nil
}

// weighed is how the last day stands beside the notice of the size.
func (r *reading) weighed(seen *chair.Preview, d *decisions.Decision) string {
	n, zone := seen.Notice, " ("+d.Zone.String()+")"
	day, first, needs := n.Day.WordsIn(r.v.lang)+zone, n.First.WordsIn(r.v.lang)+zone, r.count(n.Needs, "day", "days")
	switch {
	case n.Past():
		return r.sayf("%s is past: the first day that leaves the whole notice is %s.", day, first)
	case n.Short():
		return told(r.v.lang, n.Words(d.Size())).Text + ": " + r.sayf("too short. The earliest day is %s.", first) + r.allTheSame(seen)
	case d.Proposal.Deadline.IsZero():
		return r.sayf("No day is named, so the last day to answer is %s: %s from today, as a %s decision needs.", day, needs, r.say(string(d.Size())))
	}
	return r.sayf("%s leaves %s; a %s decision needs %s.", day, r.count(n.Days, "day", "days"), r.say(string(d.Size())), needs)
}

// allTheSame says that a short notice keeps nobody from opening it.
func (r *reading) allTheSame(seen *chair.Preview) string {
	if len(seen.Against) > 0 {
		return ""
	}
	return " " + r.say("It may be opened all the same.")
}
