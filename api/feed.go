package api

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
)

const kindAtom = "application/atom+xml"

// mostFed bounds the feed.
const mostFed = 50

// The feed is Atom (RFC 4287): what was opened, amended and decided, the newest
// first, as everybody may read it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type atomEntry struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Links   []atomLink `xml:"link"`
	Summary string     `xml:"summary"`

	at instant.Instant
}

func (a *API) feed(c *call) (any, error) {
	return c.s.hall.kept("feed", func() (*body, error) { return a.feedOf(c.s) })
}

func (a *API) feedOf(s *snapshot) (*body, error) {
	f := atomFeed{ID: "urn:goodstanding:decisions", Title: "Decisions", Author: cmp.Or(a.o.Federation.Name, "The federation"),
		Links: []atomLink{{Rel: "self", Href: a.o.PublicURL + feedPath, Type: kindAtom}}}
	if a.o.Federation.Name != "" {
		f.Title += " of " + a.o.Federation.Name
	}
	for i := range s.hall.views {
		f.Entries = append(f.Entries, a.fed(&s.hall.views[i])...)
	}
	slices.Reverse(f.Entries) // of one instant the later comes first, too
	arrange.By(f.Entries, func(a, b atomEntry) int { return cmp.Compare(b.at, a.at) })
	f.Entries = f.Entries[:min(len(f.Entries), mostFed)]
	updated := s.book.Policies()[0].From() // a feed has an instant also before its first entry
	if len(f.Entries) > 0 {
		updated = f.Entries[0].at
	}
	f.Updated = updated.String()
	content, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the feed: %w", err)
	}
	return newBody(kindAtom, slices.Concat([]byte(xml.Header), content, []byte("\n"))), nil
}

// fed are the entries of one decision.
func (a *API) fed(v *chair.View) (out []atomEntry) {
	d := &v.Decision
	if d.Number == 0 {
		return nil
	}
	add := func(at instant.Instant, id, what, summary string) {
		title := fmt.Sprintf("Decision %d", d.Number)
		if d.Proposal.Visibility == decisions.Public {
			title = fmt.Sprintf("%s: %s", title, oneLine(d.Proposal.Title))
		} else {
			summary = ""
		}
		out = append(out, atomEntry{ID: fmt.Sprintf("urn:goodstanding:decision:%s:%s", v.ID, id), Title: title + " – " + what, Updated: at.String(), at: at,
			Summary: strings.TrimSpace(capitalised(what) + ". " + summary), Links: a.fedLinks(d.Number)})
	}
	until := fmt.Sprintf("Until the end of %s (%s).", d.Deadline.Words(), d.Zone)
	for i, ev := range v.Events {
		if d.Proposal.Visibility != decisions.Public && ev.Kind != decisions.Withdraw {
			continue // of those for members its number and outcome
		}
		switch ev.Kind {
		case decisions.Open:
			add(ev.At, fmt.Sprintf("opened:%d", i+1), "opened", until)
		case decisions.Escalate:
			add(ev.At, fmt.Sprintf("opened:%d", i+1), "made larger and opened anew", until)
		case decisions.Amend:
			add(ev.At, fmt.Sprintf("amended:%d", i+1), "amended", until)
		case decisions.Withdraw:
			add(ev.At, "result", "withdrawn", "")
		}
	}
	if o := d.Outcome; o != nil {
		t := &o.Tally
		add(o.At, "result", d.State.Words(), fmt.Sprintf("%d in favour, %d against, %d abstain, %d block, %d did not answer.", t.Favour, t.Against, t.Abstain, t.Block, len(t.Waiting)))
	}
	return out
}

// fedLinks lead to a decision's page, and to what the API says of it.
func (a *API) fedLinks(number int) []atomLink {
	return []atomLink{
		{Rel: "alternate", Href: fmt.Sprintf("%s/decisions/%d", a.o.PublicURL, number), Type: "text/html"},
		{Rel: "alternate", Href: fmt.Sprintf("%s%s/%d", a.o.PublicURL, decisionsPath, number), Type: kindJSON},
	}
}

func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// oneLine is a text that XML can hold on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }
