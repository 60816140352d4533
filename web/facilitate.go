package web

import (
	"net/http"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// facilitatePath is the facilitators' page.
const facilitatePath = "/facilitate"

func facilitateRoutes() []route {
	return []route{
		{method: http.MethodGet, path: facilitatePath, answer: forFacilitators((*mine).facilitate), who: facilitators},
		{method: http.MethodPost, path: facilitatePath + "/pause", answer: forFacilitators((*mine).movePause), who: facilitators},
	}
}

var notFacilitatorPage = notice{"For facilitators", "This page shows what needs a facilitator. If you should be one, a treasurer can give you the role.", homePath, "Your own page"}

// forFacilitators lets facilitators through.
func forFacilitators(answer func(*mine) error) func(*Pages, *visit) error {
	return signedIn(facilitatePath, only(func(who member.Actor) bool { return who.Has(member.Facilitator) }, notFacilitatorPage, answer))
}

// facilitatePage is what needs a facilitator.
type facilitatePage struct {
	Motions []motionLine
	Parts   []facilitatePart
	Nothing bool
	// The form in which a pause is asked for, as it was sent.
	About, Why string
	Member     member.ID
	Faults     []phrase
	Quiet      []string // members that answered none of the last three large decisions
}

// facilitatePart are the decisions that need one for the same reason.
type facilitatePart struct {
	ID, Title, Text string
	Lines           []facilitateLine
}

// facilitateLine is one decision, and why it is there.
type facilitateLine struct {
	Name, Title, Href string
	Why               []string
}

func (m *mine) facilitate() error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	return m.facilitating(r, http.StatusOK, &facilitatePage{})
}

func (m *mine) facilitating(r *reading, status int, page *facilitatePage) error {
	var err error
	if page.Motions, err = m.motions(r, ""); err != nil {
		return err
	}
	page.Nothing = len(page.Motions) == 0
	for _, part := range r.needing() {
		if len(part.Lines) > 0 {
			page.Parts, page.Nothing = append(page.Parts, part), false
		}
	}
	for _, one := range chair.TurnoutOf(r.Views, mostLarge).Members {
		if v := r.Voters[one.Member]; one.Quiet && v.Membership == decisions.Admitted {
			page.Quiet = append(page.Quiet, r.Book.Name(one.Member))
		}
	}
	if len(m.actor.Delegates) > 0 {
		page.Member = m.actor.Delegates[0]
	}
	page.Faults = sentences(page.Faults)
	return m.p.show(m.v, status, "facilitate", m.say("Facilitate"), page)
}

// needing are the decisions that need a facilitator, by why.
func (r *reading) needing() []facilitatePart {
	parts := []facilitatePart{
		{ID: "overdue", Title: "Overdue", Text: "The deadline is past, and something of the rule does not hold. It goes on until it does, or somebody ends it."},
		{ID: "unheard", Title: "Not announced", Text: "Silence cannot carry these before it is recorded where the members were told."},
		{ID: "short", Title: "Drafts with too short a notice", Text: "The rules refuse to open these to their proposers. A facilitator may open them all the same."},
		{ID: "stalled", Title: "Resting", Text: "Reopen these with a new deadline when their time has come."},
	}
	for i := range parts {
		parts[i].Title, parts[i].Text = r.say(parts[i].Title), r.say(parts[i].Text)
	}
	for i := range r.Views {
		v := &r.Views[i]
		if r.sight(v) == chair.Unseen {
			continue
		}
		for j, why := range r.needs(v) {
			if why != nil {
				parts[j].Lines = append(parts[j].Lines, facilitateLine{nameOf(r.v.lang, &v.Decision), v.Decision.Proposal.Title, "/decisions/" + key(v), why})
			}
		}
	}
	return parts
}

// needs says for each part why a decision stands there; nil where it does not.
func (r *reading) needs(v *chair.View) (out [4][]string) {
	d := &v.Decision
	if d.State == decisions.Overdue {
		out[0] = []string{capital(r.left(d))}
		for _, l := range v.Outcome.Lines {
			if !l.Holds {
				out[0] = append(out[0], capital(l.Condition.ClauseIn(r.v.lang))+": "+v.Outcome.LineIn(r.v.lang, l))
			}
		}
	}
	if d.State.Running() && v.Outcome.Unheard {
		days := r.count(d.Rule().Notice, "day", "days")
		out[1] = []string{r.sayf("Nothing is recorded yet; it needs %s between the two", days)}
		if len(d.Announced) > 0 {
			out[1] = []string{r.sayf("It was announced too late for the deadline; it needs %s between the two", days)}
		}
	}
	if d.State == decisions.Draft && !d.Proposal.Deadline.IsZero() {
		if version, ok := r.Book.Policy(r.At); ok && version.Decisions.NoticeTooShort == decisions.Refuse && d.Size() != decisions.Small {
			if n := version.Decisions.Weigh(d.Size(), decisions.DayOf(r.At, r.p.o.Zone), d.Proposal.Deadline); n.Short() && !n.Past() {
				out[2] = []string{told(r.v.lang, n.Words(d.Size())).Text}
			}
		}
	}
	if d.State == decisions.Stalled {
		out[3] = []string{}
	}
	return out
}

// movePause asks that a member be paused.
func (m *mine) movePause() error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	page := &facilitatePage{About: m.typed("about"), Why: m.text("words")}
	err := error(&roll.Refused{Reasons: []string{"name the member that it is about"}})
	if page.About != "" {
		var id member.ID
		if id, err = m.p.o.Roll.Find(m.v.r.Context(), page.About); err == nil {
			_, err = m.p.o.Roll.Move(m.v.r.Context(), roll.By{Actor: m.actor, Reason: page.Why}, roll.NewMotion{Kind: roll.MotionPause, About: id, Member: member.ID(m.sent("member"))})
		}
	}
	reasons, is := m.reasons(err)
	switch {
	case is:
		page.Faults = reasons
		return m.facilitating(r, http.StatusConflict, page)
	case err != nil:
		return err
	}
	return m.finished("It waits for a second person", "Somebody of another member has to agree, on their own page. The member is told then, and is paused seven days later.", facilitatePath, "What needs a facilitator")
}
