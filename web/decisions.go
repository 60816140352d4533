package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/tongue"
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
	Lacking      string        // why nothing closes it now; "" where it is closed as ever
	Tally        *tallyPicture // nil unless it runs or is over
	Closed       moment
}

// card is what a list shows of a decision.
func (r *reading) card(v *chair.View) decisionCard {
	d := &v.Decision
	c := decisionCard{Address: "/decisions/" + key(v), Name: nameOf(r.v.lang, d), Number: d.Number, State: d.State, Words: d.State.WordsIn(r.v.lang)}
	if r.sight(v) == chair.Outlined {
		return c
	}
	c.Title, c.Size = d.Proposal.Title, r.say(string(d.Size()))
	if !d.Deadline.IsZero() && (d.State.Running() || d.State == decisions.Stalled) {
		c.Until = untilWords(r.v.lang, d)
	}
	if day := d.Proposal.Deadline; d.State == decisions.Draft && !day.IsZero() {
		c.Until = day.WordsIn(r.v.lang) + " (" + r.p.o.Zone.String() + ")"
	}
	if d.Outcome != nil {
		c.Closed = r.day(d.Outcome.At)
	}
	if d.State.Running() {
		c.Left, c.Stands = r.left(d), v.Outcome.StandsIn(r.v.lang)
		c.WaitingWords = r.waitingWords(&v.Outcome)
		c.Lacking = r.lacking(v)
		for _, x := range d.Rule().PassesIf {
			c.Rules = append(c.Rules, x.SentenceIn(r.v.lang))
		}
	}
	if d.State.Running() || d.Outcome != nil {
		c.Tally = tallyOf(r.v.lang, &v.Outcome.Tally, d.Rule().Answers, d.Outcome != nil)
	}
	return c
}

func (r *reading) waitingWords(o *decisions.Outcome) string {
	waiting := len(o.Tally.Waiting)
	switch {
	case o.Waits():
		return ""
	case waiting == 0:
		return r.say("Nobody is waited for.")
	}
	return r.count(waiting, "member is waited for.", "members are waited for.")
}

// lacking says why nothing closes a decision now: answers may be missing.
func (r *reading) lacking(v *chair.View) string {
	why := v.Lacking()
	if why == "" {
		return ""
	}
	return sentence(phrase{Text: plainly(told(r.v.lang, why).Text)}).Text
}

// untilWords is the day of a decision's deadline, with its zone.
func untilWords(t *tongue.Tongue, d *decisions.Decision) string {
	return d.Deadline.WordsIn(t) + " (" + d.Zone.String() + ")"
}

// key names a decision in an address.
func key(v *chair.View) string {
	if v.Decision.Number > 0 {
		return strconv.Itoa(v.Decision.Number)
	}
	return string(v.ID)
}

func nameOf(t *tongue.Tongue, d *decisions.Decision) string {
	switch {
	case d.Number > 0:
		return t.Sayf("Decision %d", d.Number)
	case d.State == decisions.Logged:
		return t.Say("Small decision")
	case d.State == decisions.Withdrawn:
		return t.Say("Withdrawn draft")
	}
	return t.Say("Draft")
}

// left is how long one may still answer, or for how long it is overdue.
func (r *reading) left(d *decisions.Decision) string {
	today := decisions.DayOf(r.At, d.Zone)
	days := today.Until(d.Deadline)
	hours := int(d.Ends().Sub(r.At).Hours())
	switch {
	case days > 1:
		return r.sayf("%d days left", days)
	case days == 1:
		return r.say("until the end of tomorrow")
	case r.At < d.Ends() && hours < 1:
		return r.say("less than an hour left")
	case r.At < d.Ends():
		return r.sayf("ends today, %s left", r.count(hours, "hour", "hours"))
	}
	return r.sayf("%s overdue", r.count(max(1, -days), "day", "days"))
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
		title := r.say(part.Title)
		page.States = append(page.States, stateLink{string(part.State), title, len(all), wanted == string(part.State)})
		if wanted != "" && wanted != string(part.State) {
			continue
		}
		page.Empty = false
		slices.Reverse(all) // the newest first
		out := decisionsPart{Title: title, ID: string(part.State), Running: part.State.Running(), Total: len(all)}
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
	return r.show(http.StatusOK, "decisions", r.say("Decisions"), page)
}

// noDecision is what is said where there is none, or none that the visitor may read.
var noDecision = notice{"There is no such decision", "No decision has this number, or it is not for everybody to read.", "/decisions", "All decisions"}

// capital begins a sentence.
func capital(s string) string { return tongue.Capital(s) }

// lowered is a text that goes on in the middle of a sentence.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return strings.ToLower(string(first)) + s[size:]
}
