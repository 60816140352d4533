package web

import (
	"net/url"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// voice is what somebody may do about a decision for one member, each deed with
// the words of the rule.
type voice struct {
	Address, Head string
	Others        []voiceLink // where somebody acts for several members
	Member        member.ID
	Name          string
	Stands        string // the member's answer as it stands; "" for none
	Old           bool   // it was given to an older text
	WhyNot        string // why the member may not answer now; "" where it may
	Paused        bool   // the member is; answering ends that
	Answers       []answerChoice
	Public        bool   // who answered what is
	Concern       string // as it stands
	Objects       bool
	Objection     string // the rule's words about one
	MoreTime      string // the rule's words; "" where it cannot be asked for
	Asked         bool
	Sizes         []sizeChoice
}

type voiceLink struct {
	Name, Href string
	Here       bool
}

type answerChoice struct {
	Value, Words, Rule string
	Chosen             bool
}

// sizeChoice is one of several things to choose; Name is "" where Words say it.
type sizeChoice struct {
	Value, Words, Name string
}

// voice is what the visitor may do about a decision; nil for nothing.
func (r *reading) voice(v *chair.View) *voice {
	d := &v.Decision
	mine := r.v.actor.Delegates
	if !d.State.Running() && d.State != decisions.Logged || len(mine) == 0 {
		return nil
	}
	id := r.voiceOf(d, member.ID(r.v.r.URL.Query().Get("for")))
	out := &voice{Address: "/decisions/" + key(v), Head: v.Head.Hash, Member: id, Name: r.Book.Name(id)}
	for _, other := range mine {
		if len(mine) > 1 {
			out.Others = append(out.Others, voiceLink{r.Book.Name(other), "?for=" + url.QueryEscape(string(other)) + "#voice", other == id})
		}
	}
	r.mayAnswer(out, v)
	out.sizes(d, r)
	if !d.State.Running() {
		return out
	}
	if b, cast := d.Ballots[id]; cast {
		out.Stands, out.Old = r.say(answerWords[b.Answer]), b.Revision != d.Revision
		if b.Concern > 0 {
			out.Concern = d.Concerns[b.Concern-1].Words
		}
	}
	for _, a := range d.Rule().Answers {
		out.Answers = append(out.Answers, answerChoice{string(a), r.say(choiceWords[a]), r.ruleOf(d, clausesOf[a]...), d.Ballots[id].Answer == a})
	}
	out.Public = d.Rules.Ballots == decisions.BallotsPublic
	_, out.Objects = d.Objections[id]
	out.Objection = r.ruleOf(d, decisions.NoObjection, decisions.ConcernsAnswered)
	out.Asked = d.Asked[id]
	if days := d.Rule().MoreTime; days > 0 {
		out.MoreTime = r.sayf("It moves the deadline by %s; each member may ask once in a decision.", r.count(days, "day", "days"))
	}
	return out
}

// voiceOf is for which member the page speaks: the one that was chosen, else one
// that is waited for, else the first.
func (r *reading) voiceOf(d *decisions.Decision, chosen member.ID) member.ID {
	mine := r.v.actor.Delegates
	if slices.Contains(mine, chosen) {
		return chosen
	}
	for _, id := range mine {
		if _, cast := d.Ballots[id]; !cast && d.Electorate.Has(id) && r.Voters[id].Vote {
			return id
		}
	}
	return mine[0]
}

// mayAnswer asks the chair why the member may not act now, with all reasons.
func (r *reading) mayAnswer(out *voice, v *chair.View) {
	kind := decisions.Cast
	if !v.Decision.State.Running() {
		kind = decisions.Escalate
	}
	out.WhyNot = strings.Join(r.texts(r.against(v, kind, out.Member), out.Member), "; ")
	out.Paused = out.WhyNot == "" && v.Decision.State.Running() && r.Voters[out.Member].Membership == decisions.Paused
}

// against is every reason why the visitor may not do something of a kind for a
// member now, as a page says it; none where it may be.
func (r *reading) against(v *chair.View, kind decisions.EventKind, id member.ID) []decisions.Reason {
	person, ok := r.Book.Person(member.PersonID(r.v.actor.ID))
	if !ok {
		return []decisions.Reason{{Code: decisions.NotAllowed, Text: "you are not known here any more"}}
	}
	return v.Against(kind, &person, id, r.Voters, r.At)
}

// texts are reasons against a member's doing something, as a page says them.
func (r *reading) texts(reasons []decisions.Reason, id member.ID) (out []string) {
	for _, reason := range reasons {
		out = append(out, plainly(r.reason(reason, id).Text))
	}
	return out
}

var choiceWords = map[decisions.Answer]string{
	decisions.Favour: "In favour", decisions.Against: "Against, with the concern in words", decisions.Abstain: "Abstain: stand aside", decisions.Block: "Block, with the concern in words",
}

// clausesOf are the lines of the rule that an answer speaks to.
var clausesOf = map[decisions.Answer][]decisions.ConditionKind{
	decisions.Favour:  {decisions.FavourAtLeast, decisions.FavourOverAgainst, decisions.FavourOfElectorate, decisions.FavourOfVoters},
	decisions.Against: {decisions.FavourOverAgainst, decisions.NoAgainst, decisions.NoObjection, decisions.ConcernsAnswered},
	decisions.Abstain: {decisions.TurnoutAll, decisions.FavourOfVoters},
	decisions.Block:   {decisions.NoBlock, decisions.ConcernsAnswered},
}

// ruleOf is what the decision's rule says in lines of these kinds; "" for nothing.
func (r *reading) ruleOf(d *decisions.Decision, kinds ...decisions.ConditionKind) string {
	var clauses []string
	for _, x := range d.Rule().PassesIf {
		if slices.Contains(kinds, x.Kind) {
			clauses = append(clauses, x.ClauseIn(r.v.lang))
		}
	}
	if len(clauses) == 0 {
		return ""
	}
	return r.sayf("It passes only if %s.", strings.Join(clauses, ", "+r.say("and")+" "))
}

// sizes are those to which it can be escalated.
func (out *voice) sizes(d *decisions.Decision, r *reading) {
	version, ok := r.Book.Policy(r.At)
	if !ok {
		return
	}
	for _, size := range d.Size().Larger() {
		of := version.Decisions.Of(size)
		out.Sizes = append(out.Sizes, sizeChoice{Value: string(size), Words: r.sayf("%s: it then passes if %s; at least %s are left to answer.", capital(r.say(string(size))), r.clauses(of), r.count(of.Notice, "day", "days"))})
	}
}

// clauses are what has to hold by a rule, as parts of a sentence.
func (r *reading) clauses(of decisions.SizeRules) string {
	var out []string
	for _, x := range of.PassesIf {
		out = append(out, x.ClauseIn(r.v.lang))
	}
	return strings.Join(out, ", ")
}
