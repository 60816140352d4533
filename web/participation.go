package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// participationPath is where members read who answers large decisions.
const participationPath = "/members/participation"

func participationRoutes() []route {
	return []route{{method: http.MethodGet, path: participationPath, answer: signedIn("", (*mine).participation), who: persons}}
}

// mostLarge is how many large decisions the page looks back on.
const mostLarge = 10

var forMembersPage = notice{"For members to read", "Who answers large decisions, and who does not, is read by those who act for a member.", "/members", "The members"}

// participationPage is who answered the last large decisions that are over. The public
// never reads who has not (domain.md, section 8).
type participationPage struct {
	Decisions []participated
	Picture   *turnoutPicture
	Members   []participant
	Pager     pager
	Quiet     int // members that answered none of the last three
}

// participated is one decision: how many of those who had a place answered.
type participated struct {
	Name, Short, Title, Address string
	At                          moment
	Answered, Asked             int
}

// participant is one member: its mark in each decision, in their order.
type participant struct {
	Name            string
	Marks           []participantMark
	Answered, Asked int
	Quiet           bool
}

type participantMark struct{ Class, Words, Of string }

var markWords = map[chair.Mark]participantMark{
	chair.DidAnswer: {Class: "did", Words: "answered"}, chair.DidNot: {Class: "did-not", Words: "did not answer"}, chair.NotAsked: {Class: "none", Words: "had no place"},
}

func (m *mine) participation() error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	if !r.inside {
		m.p.problem(m.v, http.StatusForbidden, forMembersPage)
		return nil
	}
	turnout := chair.TurnoutOf(r.Views, mostLarge)
	page := participationPage{}
	for i, v := range turnout.Decisions {
		one := participated{Name: nameOf(m.v.lang, &v.Decision), Short: strconv.Itoa(v.Decision.Number), Title: v.Decision.Proposal.Title, Address: "/decisions/" + key(v), At: r.day(v.Decision.Outcome.At)}
		for _, a := range turnout.Members {
			one.Asked += btoi(a.Marks[i] != chair.NotAsked)
			one.Answered += btoi(a.Marks[i] == chair.DidAnswer)
		}
		page.Decisions = append(page.Decisions, one)
	}
	page.Picture = turnoutOf(m.v.lang, page.Decisions)
	for _, a := range turnout.Members {
		// Who has left since is no member any more.
		if v := r.Voters[a.Member]; v.Membership != decisions.Left && v.Membership != "" {
			page.Members = append(page.Members, participantOf(r, &a, page.Decisions))
			page.Quiet += btoi(a.Quiet)
		}
	}
	arrange.By(page.Members, func(a, b participant) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	page.Members, page.Pager = paged(r, page.Members, mostOnPage)
	return m.p.show(m.v, http.StatusOK, "participation", m.say("Who answers large decisions"), page)
}

func participantOf(r *reading, a *chair.Answered, of []participated) participant {
	p := participant{Name: r.Book.Name(a.Member), Answered: a.Answered, Asked: a.Asked, Quiet: a.Quiet}
	for i, mark := range a.Marks {
		one := markWords[mark]
		one.Words = r.say(one.Words)
		one.Of = of[i].Name
		p.Marks = append(p.Marks, one)
	}
	return p
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// turnoutPicture is how many answered each decision, the oldest first: a column of
// those who had a place, filled as far as they answered.
type turnoutPicture struct {
	Title         string
	Width, Height int
	Base          int // where the columns stand
	Columns       []turnoutColumn
}

type turnoutColumn struct {
	X, Width, Middle   int
	Answered, All      int // heights
	TopAnswered, Top   int // where they begin
	Name, Share, Title string
}

// The measures of the picture, in its own units.
const (
	turnoutStep = 60
	columnWide  = 36
	columnHigh  = 140
	columnAbove = 24 // for the share that stands above a column
	columnBelow = 24 // for its name
)

// turnoutOf draws the turnout. A column is as high as the share of those who had a
// place: all columns are of one height, so that decisions can be compared.
func turnoutOf(t *tongue.Tongue, all []participated) *turnoutPicture {
	p := &turnoutPicture{Width: turnoutStep * max(1, len(all)), Height: columnAbove + columnHigh + columnBelow, Base: columnAbove + columnHigh}
	if len(all) == 0 {
		p.Title = t.Say("No large decision is over yet")
		return p
	}
	var parts []string
	for i, d := range slices.Backward(all) {
		x := (len(all) - 1 - i) * turnoutStep
		c := turnoutColumn{X: x + (turnoutStep-columnWide)/2, Width: columnWide, Middle: x + turnoutStep/2, All: columnHigh, Top: columnAbove, TopAnswered: p.Base, Name: d.Short}
		if d.Asked > 0 {
			c.Answered = columnHigh * d.Answered / d.Asked
			if d.Answered > 0 { // one answer among thousands is seen
				c.Answered = max(2, c.Answered)
			}
			c.TopAnswered = p.Base - c.Answered
		}
		c.Share = strconv.Itoa(d.Answered) + "/" + strconv.Itoa(d.Asked)
		c.Title = t.Sayf("%s: %d of %d answered", d.Name, d.Answered, d.Asked)
		p.Columns = append(p.Columns, c)
		parts = append(parts, c.Title)
	}
	p.Title = strings.Join(parts, "; ")
	return p
}
