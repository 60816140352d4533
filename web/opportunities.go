package web

import (
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/roll"
)

// opportunitiesPage is funded work that members tell of.
type opportunitiesPage struct {
	Cards  []opportunityCard
	Inside bool
	Pager  pager
	// Posts: the visitor may post one. Done says what he or she just did; "" for nothing.
	Posts bool
	Done  string
}

type opportunityCard struct {
	ID, Title, Budget, By  string
	Summary                []string // paragraphs
	Contact                linked
	URL                    linked
	Posted, Public, Closes moment
	ForMembers             bool
	Mine                   bool // the visitor may close it
}

// mostOpportunities bounds a page of the list.
const mostOpportunities = 25

func (r *reading) opportunityCards(all []roll.OpportunityView) (out []opportunityCard) {
	for _, o := range all {
		c := opportunityCard{ID: o.ID, Title: o.Title, Budget: o.Budget, By: o.By, Contact: leading(o.Contact), URL: leading(o.URL), Posted: r.day(o.Posted),
			Public: r.minute(o.PublicFrom), Closes: r.minute(o.Closes), ForMembers: o.Stand == roll.ForMembers,
			Mine: r.v.in && roll.MayClose(&o.Opportunity, r.v.actor)}
		for _, p := range strings.Split(o.Summary, "\n\n") {
			c.Summary = append(c.Summary, strings.TrimSpace(p))
		}
		out = append(out, c)
	}
	return out
}

// opportunities are those that are public, and to members all.
func (r *reading) opportunities() error {
	page := opportunitiesPage{Inside: r.inside, Posts: r.v.in && maySpeak(r.v.actor)}
	switch done := r.v.r.URL.Query(); {
	case r.v.in && done.Has("posted"):
		page.Done = r.say("It is posted, and stands here within a few seconds.")
	case r.v.in && done.Has("closed"):
		page.Done = r.say("It is closed, and goes from here within a few seconds.")
	}
	all, pager := paged(r, r.Book.Opportunities(r.At, r.inside, false), mostOpportunities)
	page.Pager, page.Cards = pager, r.opportunityCards(all)
	return r.show(http.StatusOK, "opportunities", r.say("Opportunities"), page)
}

func (r *reading) opportunitiesMarkdown() error {
	var b strings.Builder
	b.WriteString("# Opportunities\n")
	all := r.opportunityCards(r.Book.Opportunities(r.At, r.inside, false))
	if len(all) == 0 {
		b.WriteString("\nNothing is open now.\n")
	}
	for _, c := range all {
		fmt.Fprintf(&b, "\n## %s\n\n", publish.OneLine(c.Title))
		for _, p := range c.Summary {
			b.WriteString(publish.OneLine(p) + "\n\n")
		}
		for _, line := range []struct{ name, text string }{
			{"By", c.By}, {"Budget", c.Budget}, {"Contact", c.Contact.Text}, {"More", c.URL.Text}, {"Until", c.Closes.Words},
		} {
			if line.text != "" {
				fmt.Fprintf(&b, "- %s: %s\n", line.name, publish.OneLine(line.text))
			}
		}
		if c.ForMembers {
			fmt.Fprintf(&b, "- For members alone until %s\n", c.Public.Words)
		}
	}
	return r.markdown(b.String())
}
