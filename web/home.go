package web

import (
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/publish"
)

// homePage says what the federation is.
type homePage struct {
	Federation                     Federation
	Members, Organisations, People int
	Published                      bool
	Providers                      int // 0 before the list is public
	Open                           []decisionCard
	Dues                           string // the first sentence about them
	Joining                        string
	Picture                        *seedsPicture
	Opportunities                  int
	Decided                        int // how many decisions are over
}

func (r *reading) homePage() homePage {
	h := homePage{Federation: r.p.o.Federation, Members: len(r.Members), Published: r.Published}
	h.Organisations, h.People = r.kinds()
	if r.Published {
		h.Providers = len(r.Providers)
	}
	for _, v := range r.seen() {
		switch s := v.Decision.State; {
		case s.Running():
			h.Open = append(h.Open, r.card(v))
		case s.Final():
			h.Decided++
		}
	}
	if version, ok := r.Book.Policy(r.At); ok {
		h.Dues, h.Joining = r.duesAndJoining(version)
	}
	h.Opportunities = len(r.Book.Opportunities(r.At, r.inside, false))
	h.Picture = seedsOf(r.v.lang, h.Members, h.Providers)
	return h
}

// duesAndJoining are the first sentences of the rules about each.
func (r *reading) duesAndJoining(version policy.Version) (dues, joining string) {
	for _, s := range policy.WordsIn(r.v.lang, version, r.p.o.Zone) {
		switch {
		case s.Topic == policy.AboutDues && dues == "":
			dues = s.Text
		case s.Topic == policy.AboutJoining && joining == "":
			joining = s.Text
		}
	}
	return dues, joining
}

func (r *reading) home() error {
	return r.show(http.StatusOK, "home", r.p.o.Federation.Name, r.homePage())
}

// homeAnswer is the page as JSON. Providers is null before the list is public.
type homeAnswer struct {
	Federation    string          `json:"federation"`
	URL           string          `json:"url"`
	About         string          `json:"about"`
	Members       int             `json:"members"`
	Organisations int             `json:"organisations"`
	Individuals   int             `json:"individuals"`
	Providers     *int            `json:"providers"`
	OpenDecisions []int           `json:"open_decisions"` // their numbers
	AsOf          instant.Instant `json:"as_of"`
	Stale         bool            `json:"stale"`
}

func (r *reading) homeJSON() error {
	h := r.homePage()
	out := homeAnswer{Federation: h.Federation.Name, URL: h.Federation.URL, About: h.Federation.About, Members: h.Members, Organisations: h.Organisations, Individuals: h.People,
		OpenDecisions: []int{}, AsOf: r.AsOf, Stale: r.Stale}
	if h.Published {
		out.Providers = &h.Providers
	}
	for _, d := range h.Open {
		out.OpenDecisions = append(out.OpenDecisions, d.Number)
	}
	return r.json(out)
}

func (r *reading) homeMarkdown() error {
	h := r.homePage()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", publish.OneLine(h.Federation.Name))
	if h.Federation.About != "" {
		b.WriteString(publish.OneLine(h.Federation.About) + "\n\n")
	}
	fmt.Fprintf(&b, "- [%s](/members.md)\n", many(h.Members, "member", "members"))
	if h.Published {
		fmt.Fprintf(&b, "- [%s](/providers.md)\n", many(h.Providers, "provider", "providers"))
	}
	fmt.Fprintf(&b, "- [%s](/decisions.md)\n- [The rules](/rules.md)\n- [The code of co-operation](/code.md)\n", many(len(h.Open), "open decision", "open decisions"))
	return r.markdown(b.String())
}
