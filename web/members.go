package web

import (
	"net/http"
	"strconv"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// membersPage is who is a member, as everybody may see it.
type membersPage struct {
	Rows                         []memberLine
	Total, Organisations, People int
	Kind                         string // the only kind that is shown; "" for all
	Pager                        pager
	Published                    bool
}

type memberLine struct {
	Name, Kind, Summary string
	Website             linked
	Since               moment
	Decision            string // number of the decision that admitted it, or what was entered instead; "" for none
	DecisionHref        string // "" where there is no page
	Provider            bool
}

func (r *reading) members() error {
	page := membersPage{Total: len(r.Members), Kind: r.v.r.URL.Query().Get("kind"), Published: r.Published}
	page.Organisations, page.People = r.kinds()
	shown, pager := paged(r, those(r.Members, func(m *roll.PublicMember) bool { return page.Kind == "" || page.Kind == string(m.Kind) }), mostOnPage)
	page.Pager = pager
	for _, m := range shown {
		line := memberLine{Name: r.named(m.Name), Kind: r.say(string(m.Kind)), Summary: m.Summary, Since: r.day(m.MemberSince), Decision: m.Decision, DecisionHref: r.decisionLink(m.Decision), Provider: m.Provider}
		if line.Website = leading(m.Website); line.Website.Href == "" {
			line.Website = linked{}
		}
		page.Rows = append(page.Rows, line)
	}
	return r.show(http.StatusOK, "members", r.say("Members"), page)
}

// named is a public name, or what stands in place of one.
func (r *reading) named(name string) string {
	if name == roll.NamelessIndividual {
		return r.say(name)
	}
	return name
}

// kinds counts the members by what they are.
func (r *reading) kinds() (organisations, people int) {
	for i := range r.Members {
		if r.Members[i].Kind == member.Individual {
			people++
		}
	}
	return len(r.Members) - people, people
}

// decisionLink is the page of a decision by its number; "" where the visitor
// would find none.
func (r *reading) decisionLink(number string) string {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return ""
	}
	for _, v := range r.seen() {
		if v.Decision.Number == n {
			return "/decisions/" + strconv.Itoa(n)
		}
	}
	return ""
}
