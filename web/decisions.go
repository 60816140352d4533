package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// decisionCard is a decision as a list shows it.
type decisionCard struct {
	Address string
	Name    string // "Decision 12"; "Small decision" or "Draft" for one without a number
	Number  int
	Title   string // "" where the visitor may not read it
	State   decisions.State
	Words   string // of the state
	Size    string
	Until   string // the deadline in words, with its zone; "" for none
	Left    string // the time left; "" unless it runs
	Rules   []string
	Stands  string
	// WaitingWords say how many are waited for, where Stands does not.
	WaitingWords string
	Tally        *tallyPicture // nil unless it runs or is over
	Closed       moment
}

// card is what a list shows of a decision.
func (r *reading) card(v *chair.View) decisionCard {
	d := &v.Decision
	c := decisionCard{Address: "/decisions/" + key(v), Name: nameOf(d), Number: d.Number, State: d.State, Words: d.State.Words()}
	if r.sight(v) == chair.Outlined {
		return c
	}
	c.Title, c.Size = d.Proposal.Title, string(d.Size())
	if !d.Deadline.IsZero() && (d.State.Running() || d.State == decisions.Stalled) {
		c.Until = d.Deadline.Words() + " (" + d.Zone.String() + ")"
	}
	if day := d.Proposal.Deadline; d.State == decisions.Draft && !day.IsZero() {
		c.Until = day.Words() + " (" + r.p.o.Zone.String() + ")"
	}
	if d.Outcome != nil {
		c.Closed = r.day(d.Outcome.At)
	}
	if d.State.Running() {
		c.Left, c.Stands = r.left(d), v.Outcome.Stands()
		c.WaitingWords = waitingWords(c.Stands, len(v.Outcome.Tally.Waiting))
		for _, x := range d.Rule().PassesIf {
			c.Rules = append(c.Rules, x.Sentence())
		}
	}
	if d.State.Running() || d.Outcome != nil {
		c.Tally = tallyOf(&v.Outcome.Tally, d.Rule().Answers, d.Outcome != nil)
	}
	return c
}

func waitingWords(stands string, waiting int) string {
	switch {
	case strings.HasPrefix(stands, "waiting"):
		return ""
	case waiting == 0:
		return "Nobody is waited for."
	case waiting == 1:
		return "1 member is waited for."
	}
	return strconv.Itoa(waiting) + " members are waited for."
}

// key names a decision in an address.
func key(v *chair.View) string {
	if v.Decision.Number > 0 {
		return strconv.Itoa(v.Decision.Number)
	}
	return string(v.ID)
}

func nameOf(d *decisions.Decision) string {
	switch {
	case d.Number > 0:
		return "Decision " + strconv.Itoa(d.Number)
	case d.State == decisions.Logged:
		return "Small decision"
	case d.State == decisions.Withdrawn:
		return "Withdrawn draft"
	}
	return "Draft"
}

// left is how long one may still answer, or for how long it is overdue.
func (r *reading) left(d *decisions.Decision) string {
	today := decisions.DayOf(r.At, d.Zone)
	days := today.Until(d.Deadline)
	hours := int(d.Ends().Sub(r.At).Hours())
	switch {
	case days > 1:
		return strconv.Itoa(days) + " days left"
	case days == 1:
		return "until the end of tomorrow"
	case r.At < d.Ends() && hours < 1:
		return "less than an hour left"
	case r.At < d.Ends():
		return "ends today, " + many(hours, "hour", "hours") + " left"
	}
	return many(max(1, -days), "day", "days") + " overdue"
}

// stateOrder is how the page of decisions orders them, and what it calls each part.
var stateOrder = []struct {
	State decisions.State
	Title string
}{
	{decisions.Opened, "Open"}, {decisions.Overdue, "Overdue"}, {decisions.Draft, "Drafts"}, {decisions.Stalled, "Resting"}, {decisions.Elsewhere, "In progress elsewhere"},
	{decisions.Passed, "Passed"}, {decisions.NotPassed, "Not carried"}, {decisions.Stopped, "Stopped"}, {decisions.Withdrawn, "Withdrawn"}, {decisions.Logged, "Noted"},
}

// seen are the decisions that the visitor may read something of, by number.
func (r *reading) seen() (out []*chair.View) {
	for i := range r.Views {
		if v := &r.Views[i]; r.sight(v) != chair.Unseen {
			out = append(out, v)
		}
	}
	return out
}

func (r *reading) sight(v *chair.View) chair.Sight {
	mine := r.v.actor.DelegateOf(v.Decision.Proposer) || r.v.actor.Has(member.Facilitator)
	return v.Sight(r.inside, mine)
}

// decisionsPage lists decisions by state.
type decisionsPage struct {
	Parts  []decisionsPart
	States []stateLink
	State  string // the only one that is shown; "" for all
	Pager  pager
	Empty  bool
	// Propose: the visitor acts for a member, and may see whether it may propose.
	Propose bool
}

type decisionsPart struct {
	Title, ID string
	Cards     []decisionCard
	Running   bool
	More      string // where all of them are; "" where these are all
	Total     int
}

type stateLink struct {
	State, Title string
	Count        int
	Here         bool
}

// mostOfState is how many that are over stand on the page of all, mostCards how
// many with their pictures.
const (
	mostOfState = 15
	mostCards   = 8
)

func (r *reading) decisions() error {
	wanted := r.v.r.URL.Query().Get("state")
	byState := map[decisions.State][]*chair.View{}
	for _, v := range r.seen() {
		byState[v.Decision.State] = append(byState[v.Decision.State], v)
	}
	page := decisionsPage{State: wanted, Empty: true, Propose: r.inside && len(r.v.actor.Delegates) > 0}
	for _, part := range stateOrder {
		all := byState[part.State]
		if len(all) == 0 {
			continue
		}
		page.States = append(page.States, stateLink{string(part.State), part.Title, len(all), wanted == string(part.State)})
		if wanted != "" && wanted != string(part.State) {
			continue
		}
		page.Empty = false
		slices.Reverse(all) // the newest first
		out := decisionsPart{Title: part.Title, ID: string(part.State), Running: part.State.Running(), Total: len(all)}
		most := mostOfState
		if out.Running {
			most = mostCards
			slices.SortStableFunc(all, func(a, b *chair.View) int { return int(max(-1, min(1, a.Decision.Ends()-b.Decision.Ends()))) })
		}
		if wanted != "" {
			if !out.Running {
				most = mostOnPage / 2
			}
			all, page.Pager = paged(r, all, most)
		} else if len(all) > most {
			all, out.More = all[:most], "/decisions?state="+string(part.State)
		}
		for _, v := range all {
			out.Cards = append(out.Cards, r.card(v))
		}
		page.Parts = append(page.Parts, out)
	}
	return r.show(http.StatusOK, "decisions", "Decisions", page)
}

// noDecision is what is said where there is none, or none that the visitor may read.
var noDecision = notice{"There is no such decision", "No decision has this number, or it is not for everybody to read.", "/decisions", "All decisions"}

// capital begins a sentence.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}
