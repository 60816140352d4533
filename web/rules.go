package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/publish"
)

// rulesPage is the rules in force, in words.
type rulesPage struct {
	ID       string
	From     moment
	Decision linked // what made them; the zero value for none
	Topics   []rulesTopic
	Versions []rulesVersion // all, the newest first
	PayURL   string
}

type rulesTopic struct {
	ID, Title string
	Sentences []string
}

type rulesVersion struct {
	ID       string
	From     moment
	Decision linked
	Stand    string // "in force", "to come", "former"
}

var topicTitles = map[policy.Topic]string{
	policy.AboutRules: "These rules", policy.AboutDues: "Dues", policy.AboutRights: "Rights", policy.AboutJoining: "Joining",
	policy.AboutDecisions: "Decisions", policy.AboutNotices: "Notices",
}

func (r *reading) rules() error {
	version, ok := r.Book.Policy(r.At)
	if !ok {
		return r.absent(notReadPage)
	}
	page := rulesPage{ID: version.ID(), From: r.day(version.From()), Decision: r.madeBy(version.DecidedBy), PayURL: leading(r.p.o.Federation.PayURL).Href,
		Topics: r.topics(version), Versions: r.versions(r.Book.Policies(), version.ID(), r.At)}
	// What is said of these rules themselves stands at the top.
	page.Topics = slices.DeleteFunc(page.Topics, func(t rulesTopic) bool { return t.ID == string(policy.AboutRules) })
	return r.show(http.StatusOK, "rules", r.say("The rules"), page)
}

// topics are the rules in words, those about one thing together.
func (r *reading) topics(version policy.Version) (out []rulesTopic) {
	for _, s := range policy.WordsIn(r.v.lang, version, r.p.o.Zone) {
		if n := len(out); n == 0 || out[n-1].ID != string(s.Topic) {
			out = append(out, rulesTopic{ID: string(s.Topic), Title: r.say(topicTitles[s.Topic])})
		}
		t := &out[len(out)-1]
		t.Sentences = append(t.Sentences, s.Text)
	}
	return out
}

// versions are all versions of the rules, the newest first, with the one that is
// in force by its id at an instant.
func (r *reading) versions(all []policy.Version, now string, at instant.Instant) (out []rulesVersion) {
	for _, v := range slices.Backward(all) {
		line := rulesVersion{ID: v.ID(), From: r.day(v.From()), Decision: r.madeBy(v.DecidedBy), Stand: r.say("version|former")}
		switch {
		case v.ID() == now:
			line.Stand = r.say("version|in force")
		case v.From() > at:
			line.Stand = r.say("version|to come")
		}
		out = append(out, line)
	}
	return out
}

func (r *reading) madeBy(decision string) linked {
	if decision == "" {
		return linked{}
	}
	return linked{r.sayf("decision %s", decision), r.decisionLink(decision)}
}

// codePage is the code of co-operation, and whom to turn to.
type codePage struct {
	Code CodeOfCooperation
	Name string
}

func (r *reading) codePage() codePage {
	page := codePage{Code: r.p.o.Federation.Code, Name: r.p.o.Federation.Code.Name}
	if page.Name == "" {
		page.Name = r.say("Code of co-operation")
	}
	return page
}

func (r *reading) code() error {
	page := r.codePage()
	return r.show(http.StatusOK, "code", page.Name, page)
}

func (r *reading) codeJSON() error {
	code := r.p.o.Federation.Code
	return r.json(struct {
		Name          string   `json:"name"`
		URL           string   `json:"url"`
		ContactPeople []string `json:"contact_people"`
	}{r.codePage().Name, code.URL, append([]string{}, code.ContactPeople...)})
}

func (r *reading) codeMarkdown() error {
	page := r.codePage()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", publish.OneLine(page.Name))
	if l := leading(page.Code.URL); l.Href != "" {
		fmt.Fprintf(&b, "<%s>\n\n", l.Href)
	}
	for _, who := range page.Code.ContactPeople {
		fmt.Fprintf(&b, "- %s\n", publish.OneLine(who))
	}
	return r.markdown(b.String())
}
