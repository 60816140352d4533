package api

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// opportunityAnswer is an announcement of funded work.
type opportunityAnswer struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Summary    string                `json:"summary"`
	Contact    string                `json:"contact"`
	URL        string                `json:"url"`
	Budget     string                `json:"budget"`
	By         string                `json:"by"` // the member that tells of it; "" for the federation
	Stand      roll.OpportunityStand `json:"stand"`
	Posted     instant.Instant       `json:"posted"`
	PublicFrom instant.Instant       `json:"public_from"`
	Closes     instant.Instant       `json:"closes"`
}

func opportunityOf(o roll.OpportunityView) opportunityAnswer {
	return opportunityAnswer{o.ID, o.Title, o.Summary, o.Contact, o.URL, o.Budget, o.By, o.Stand, o.Posted, o.PublicFrom, o.Closes}
}

// opportunities are those that stand: to members all, to everybody those that
// are public by now (domain.md, section 6).
func (a *API) opportunities(c *call) (any, error) {
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	rows, err := paged(c.s.book.Opportunities(c.now, c.inside(), false), func(o roll.OpportunityView) string { return o.ID }, p)
	if err != nil {
		return nil, err
	}
	return list[opportunityAnswer]{Items: mapped(rows.Items, opportunityOf), Next: rows.Next}, nil
}

// postOpportunity tells of one, in the person's name.
func (a *API) postOpportunity(c *call) (any, error) {
	x := &doing{a: a, c: c}
	b := c.body
	n := roll.NewOpportunity{Title: b.words("title"), Summary: b.words("summary"), Contact: b.words("contact"), URL: b.words("url"), Budget: b.words("budget"),
		Member: x.member("member")}
	if day := b.day("public_from"); !day.IsZero() {
		n.PublicFrom = day.Add(-1).End(a.o.Zone)
	}
	if day := b.day("until"); !day.IsZero() {
		n.Closes = day.End(a.o.Zone)
	}
	if err := faulty(append(b.faults, x.faults...)); err != nil {
		return nil, err
	}
	id, err := a.o.Roll.PostOpportunity(c.ctx, c.person("told over the API"), n)
	if err != nil {
		return nil, err
	}
	a.seeSoon(c.ctx)
	return map[string]string{"opportunity": id}, nil
}

// closeOpportunity ends one.
func (a *API) closeOpportunity(c *call) (any, error) {
	reason := c.body.words("reason")
	if err := faulty(c.body.faults); err != nil {
		return nil, err
	}
	if err := a.o.Roll.CloseOpportunity(c.ctx, c.person(reason), c.r.PathValue("opportunity")); err != nil {
		return nil, err
	}
	a.seeSoon(c.ctx)
	return map[string]string{"opportunity": c.r.PathValue("opportunity")}, nil
}

// person is who changes the register: somebody who is signed in, or whose token
// it is; with why.
func (c *call) person(reason string) roll.By {
	by := roll.By{Actor: c.who.actor(), Reason: reason}
	if !c.who.signed {
		by.Token = c.who.token.ID
	}
	return by
}

// opportunitiesPath and the feed of what is public.
const (
	opportunitiesPath = "/api/v1/opportunities"
	opportunityFeed   = "/api/v1/opportunities.atom"
)

// opportunitiesFeed is Atom (RFC 4287): what is public, the newest first.
func (a *API) opportunitiesFeed(c *call) (any, error) {
	f := atomFeed{ID: "urn:goodstanding:opportunities", Title: "Opportunities", Author: cmp.Or(a.o.Federation.Name, "The federation"),
		Links: []atomLink{{Rel: "self", Href: a.o.PublicURL + opportunityFeed, Type: kindAtom}}}
	if a.o.Federation.Name != "" {
		f.Title += " of " + a.o.Federation.Name
	}
	updated := c.s.book.Policies()[0].From() // a feed has an instant also before its first entry
	for _, o := range c.s.book.Opportunities(c.now, false, false) {
		e := atomEntry{ID: "urn:goodstanding:opportunity:" + o.ID, Title: oneLine(o.Title), Updated: o.PublicFrom.String(), at: o.PublicFrom,
			Summary: strings.TrimSpace(strings.ToValidUTF8(o.Summary, "") + "\n\nContact: " + oneLine(o.Contact))}
		if o.URL != "" {
			e.Links = []atomLink{{Rel: "alternate", Href: o.URL}}
		}
		f.Entries = append(f.Entries, e)
		updated = max(updated, o.PublicFrom)
	}
	arrange.By(f.Entries, func(a, b atomEntry) int { return cmp.Compare(b.at, a.at) })
	f.Entries = f.Entries[:min(len(f.Entries), mostFed)]
	f.Updated = updated.String()
	content, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the feed: %w", err)
	}
	return newBody(kindAtom, slices.Concat([]byte(xml.Header), content, []byte("\n"))), nil
}
