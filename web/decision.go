package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/publish"
)

// decisionPage is one decision.
type decisionPage struct {
	decisionCard
	ForMembers bool // the visitor reads its number and outcome alone
	Affects    string
	Channel    linked
	Link       linked
	WriteUp    template.HTML
	Kind       string // what passing it does, in words; "" for nothing
	Attachment string
	Policy     string
	Notice     int
	Lines      []ruleLine
	Firm       string
	Unheard    bool
	Otherwise  string // if those counted who went after the deadline; "" for no difference
	Objections int
	Concerns   []concernLine
	Answers    []answerLine
	Hidden     bool // who answered what is for members
	Texts      *comparison
	History    []happened
	Imported   string // what a file told of its result
	FromFile   bool
	Seats      int
	Hash       string
	Entries    int64
	Head       string
	Record     string // address
	Inside     *insidePage
	Voice      *voice // nil for who can do nothing about it
	Lead       *lead  // nil for who may do nothing of it
}

// linked is a text that may lead somewhere.
type linked struct{ Text, Href string }

type ruleLine struct {
	Words, Count string
	Weighed      bool // it is known whether the line holds
	Holds        bool
}

type concernLine struct {
	Number        int
	At, Answered  moment
	Words, Answer string
	Stands        bool
	By            string // for members
}

type answerLine struct {
	Name, Answer, Note string
	At                 moment
	Concern            int
}

type happened struct {
	At          moment
	What, Words string
}

// insidePage is what members read beside what everybody does.
type insidePage struct {
	Proposer, Applicant string
	Waiting             []string
	Grace               int
}

func (r *reading) decision() error {
	v, err := r.decisionNamed()
	if err != nil {
		return err
	}
	if v == nil || r.sight(v) == chair.Unseen {
		return r.absent(noDecision)
	}
	page := decisionPage{decisionCard: r.card(v)}
	title := page.Name
	if r.sight(v) == chair.Outlined {
		page.ForMembers = true
		return r.show(http.StatusOK, "decision", title, page)
	}
	if err := r.fill(&page, v); err != nil {
		return err
	}
	return r.show(http.StatusOK, "decision", title+": "+page.Title, page)
}

func (r *reading) fill(page *decisionPage, v *chair.View) (err error) {
	d, o := &v.Decision, &v.Outcome
	page.Affects, page.Channel, page.Link = d.Proposal.Affects, leading(d.Proposal.Channel), leading(d.Proposal.Link)
	page.Attachment, page.Policy, page.Notice = d.Proposal.Attachment, d.Policy, d.Rule().Notice
	if page.WriteUp, err = writeUp(d.Proposal.Changes); err != nil {
		return err
	}
	switch d.Proposal.Kind {
	case decisions.Admit:
		page.Kind = r.say("When it passes, the applicant becomes a member.")
	case decisions.Policy:
		page.Kind = r.sayf("When it passes, the rules “%s” are in force.", d.Proposal.Version)
	}
	if d.Untaken() {
		page.FromFile, page.Imported = true, d.Told
	}
	if d.Policy != "" {
		r.weigh(page, v)
	}
	shown := r.Decided.Pages(*v)
	if len(shown) > 0 {
		r.answers(page, &shown[0])
		for _, h := range shown[0].HistoryIn(r.v.lang) {
			page.History = append(page.History, happened{r.minute(h.At), h.What, h.Words})
		}
	}
	page.Hidden = d.Policy != "" && !r.inside && d.Rules.Ballots != decisions.BallotsPublic
	page.Objections = len(o.Tally.Objections)
	page.Texts = r.compared(d)
	page.Seats, page.Entries, page.Head = len(d.Electorate), v.Head.Seq, v.Head.Hash
	if d.Revision > 0 {
		page.Hash = d.Electorate.Hash()
	}
	if d.Number > 0 {
		page.Record = strings.TrimRight(r.p.o.BaseURL, "/") + "/api/v1/decisions/" + strconv.Itoa(d.Number) + "/record"
	}
	if r.inside {
		page.Inside = r.insidePage(v)
		page.Voice = r.voice(v)
		page.Lead = r.lead(v)
	}
	return nil
}

// weigh says what the rule comes to.
func (r *reading) weigh(page *decisionPage, v *chair.View) {
	d, o := &v.Decision, &v.Outcome
	for _, l := range o.Lines {
		page.Lines = append(page.Lines, ruleLine{l.Condition.SentenceIn(r.v.lang), o.LineIn(r.v.lang, l), true, l.Holds})
	}
	if len(o.Lines) == 0 { // it rests, or was withdrawn: what the rule asks for is told all the same
		for _, x := range d.Rule().PassesIf {
			page.Lines = append(page.Lines, ruleLine{Words: x.SentenceIn(r.v.lang)})
		}
	}
	if d.State.Running() || d.Outcome != nil {
		page.Firm, page.Unheard = o.SensitivityIn(r.v.lang, d.Rule()), o.Unheard
		if t := o.Otherwise; t != nil {
			page.Otherwise = tallyOf(r.v.lang, t, d.Rule().Answers, d.Outcome != nil).Title
		}
	}
	for _, x := range d.Concerns {
		line := concernLine{Number: x.Number, At: r.day(x.At), Words: x.Words, Answer: x.Answer, Answered: r.day(x.Answered),
			Stands: slices.Contains(o.Tally.Concerns, x.Number)}
		if r.inside {
			line.By = r.Book.Name(x.Member)
		}
		page.Concerns = append(page.Concerns, line)
	}
}

// answers is who answered what: to everybody by the public names that stand in the
// chain, where the rules say so; to members all.
func (r *reading) answers(page *decisionPage, shown *publish.Page) {
	if r.inside {
		names := map[member.ID]string{}
		for id := range shown.Decision.Ballots {
			names[id] = r.Book.Name(id)
		}
		shown.Names = names
	}
	for _, a := range shown.Answers() {
		page.Answers = append(page.Answers, answerLine{r.named(a.Name), r.say(answerWords[a.Answer]), r.say(a.Note), r.day(a.At), a.Concern})
	}
}

var answerWords = map[decisions.Answer]string{decisions.Favour: "In favour", decisions.Against: "Against", decisions.Abstain: "Abstains", decisions.Block: "Blocks"}

func (r *reading) insidePage(v *chair.View) *insidePage {
	d, t := &v.Decision, &v.Outcome.Tally
	page := &insidePage{Proposer: r.Book.Name(d.Proposer), Grace: t.Grace}
	if d.Proposal.Applicant != "" {
		page.Applicant = r.Book.Name(d.Proposal.Applicant)
	}
	if d.State.Running() {
		for _, id := range t.Waiting {
			page.Waiting = append(page.Waiting, r.Book.Name(id))
		}
		slices.Sort(page.Waiting)
	}
	return page
}

// leading makes a link of a text that is an address of the web.
func leading(text string) linked {
	u, err := url.Parse(strings.TrimSpace(text))
	if err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http") {
		return linked{text, u.String()}
	}
	return linked{Text: text}
}
