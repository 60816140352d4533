package web

import (
	"slices"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// lead is what the proposer, a facilitator, or a member that sees an amendment may do
// to a decision, each deed with the words of the rule.
type lead struct {
	Address, Head string
	Member        member.ID // for which one acts; "" for a facilitator who acts for none
	As            string    // "the proposer", "a facilitator" or "members"
	Links         []voiceLink
	Acts          []leadAct
	Reply         bool // concerns can be answered
	Today         string
}

// leadAct is one deed. WhyNot says why it may not be done now; there is no form then.
type leadAct struct {
	Path, Title, Button, Rule string
	Label                     string // of its text; "" for none
	Needed                    bool   // the text
	Day                       string // of its day; "" for none
	WhyNot                    []string
}

// leads are the deeds of proposers and facilitators, in the order of the page.
var leads = []struct {
	kind   decisions.EventKind
	act    leadAct
	rule   func(*reading, *decisions.Decision) string
	member bool // it is done for a member of the electorate, whoever proposed
}{
	{kind: decisions.Open, act: leadAct{Path: "open", Title: "Open it", Button: "Open it", Rule: "It gets its number, and members can answer from then on. They are told, unless notices are off."}},
	{kind: decisions.Log, act: leadAct{Path: "log", Title: "Note it", Button: "Note it", Rule: "A small decision is noted with its date. Nobody is asked, and nobody is told."}},
	{kind: decisions.CallMaterial, act: leadAct{Path: "call-material", Title: "Call the amendment material", Button: "Call it material"}, rule: materialRule, member: true},
	{kind: decisions.Nudge, act: leadAct{Path: "nudge", Title: "Remind those who are waited for", Button: "Remind them", Rule: "Each of them gets a mail, unless notices are off. That can be done every three days."}},
	{kind: decisions.Announce, act: leadAct{Path: "announce", Title: "Record where it was announced", Button: "Record it", Label: "The place, as everybody may read it", Needed: true}, rule: announceRule},
	{kind: decisions.End, act: leadAct{Path: "end", Title: "End it", Button: "End it by the tally", Label: "Why",
		Rule: "It is decided by the tally as it stands: it passes if everything that the rule asks for holds; it is stopped where a block or an objection stands; else it is not carried. That is final."}},
	{kind: decisions.Stall, act: leadAct{Path: "stall", Title: "Let it rest", Button: "Let it rest", Label: "Why", Needed: true, Rule: "Nobody can answer until a facilitator reopens it with a new deadline."}},
	{kind: decisions.Reopen, act: leadAct{Path: "reopen", Title: "Reopen it", Button: "Reopen it", Day: "The new last day to answer"}, rule: reopenRule},
	{kind: decisions.Withdraw, act: leadAct{Path: "withdraw", Title: "Withdraw it", Button: "Withdraw it", Label: "Why", Rule: "That is final. It can be proposed again under a new number."}},
}

func materialRule(r *reading, d *decisions.Decision) string {
	return r.sayf("Then it counts as a new text: answers and objections count only once they are confirmed, and at least %s are left from now on. That is possible within 72 hours of the amendment.", r.count(d.Rule().Notice, "day", "days"))
}

func reopenRule(r *reading, d *decisions.Decision) string {
	if d.Untaken() {
		return r.say("It is taken up here: it is opened with the rules of today and with those who are members today, and keeps its number.")
	}
	return r.sayf("The members are told of the new deadline, unless notices are off. Answers that were given still count. Where silence can carry the decision, it counts only if the members were told of the reopening at least %s before the deadline.", r.count(d.Rule().Notice, "day", "days"))
}

// announceRule says why the place is recorded, where silence can carry the decision.
func announceRule(r *reading, d *decisions.Decision) string {
	return r.sayf("What the room or the mails have told is recorded by itself. Where silence can carry a decision, that counts only if the members were told at least %s before the deadline.", r.count(d.Rule().Notice, "day", "days"))
}

// deedsElsewhere are the codes that say that a deed is not this visitor's, or not of this
// moment; others are worth telling.
var deedsElsewhere = []decisions.Code{decisions.WrongState, decisions.NotProposer, decisions.NotFacilitator, decisions.NotAllowed, decisions.NothingThere, decisions.NoSeat, decisions.ProposalWrong, decisions.TooLate, decisions.AnswersMissing}

// lead is what the visitor may do to the decision; nil for nothing.
func (r *reading) lead(v *chair.View) *lead {
	d, who := &v.Decision, r.v.actor
	if d.State.Final() {
		return nil
	}
	out := &lead{Address: "/decisions/" + key(v), Head: v.Head.Hash, Today: decisions.DayOf(r.At, d.Zone).String(), As: r.say("lead|members")}
	if who.Has(member.Facilitator) {
		out.As = r.say("lead|a facilitator")
	}
	if who.DelegateOf(d.Proposer) {
		out.Member, out.As = d.Proposer, r.say("lead|the proposer")
	} else if len(who.Delegates) > 0 {
		out.Member = r.voiceOf(d, member.ID(r.v.r.URL.Query().Get("for")))
	}
	if out.Member != "" || who.Has(member.Facilitator) {
		out.fill(r, v)
	}
	if len(out.Acts) == 0 && len(out.Links) == 0 && !out.Reply {
		return nil
	}
	return out
}

func (out *lead) fill(r *reading, v *chair.View) {
	may := func(kind decisions.EventKind) bool { return len(r.against(v, kind, out.Member)) == 0 }
	d := &v.Decision
	if d.State == decisions.Draft && r.editsFor(d) != "" && may(decisions.Edit) {
		words := r.say("Change the draft, and preview it")
		if d.Untaken() {
			words = r.say("Take the draft up: change it, and preview it")
		}
		out.Links = append(out.Links, voiceLink{words, out.Address + "/edit", false})
	}
	if may(decisions.Amend) {
		out.Links = append(out.Links, voiceLink{r.say("Amend the text"), out.Address + "/amend", false})
	}
	if d.State.Running() && r.v.actor.Has(member.Facilitator) {
		out.Links = append(out.Links, voiceLink{r.say("Amend who may answer"), out.Address + "/electorate", false})
	}
	out.Reply = may(decisions.AnswerConcern)
	for _, one := range leads {
		why := r.against(v, one.kind, out.Member)
		if slices.ContainsFunc(why, func(x decisions.Reason) bool { return slices.Contains(deedsElsewhere, x.Code) }) {
			continue
		}
		act := one.act
		act.Title, act.Button, act.Rule, act.Label, act.Day = r.say(act.Title), r.say(act.Button), r.say(act.Rule), r.say(act.Label), r.say(act.Day)
		act.WhyNot = r.texts(why, out.Member)
		if one.rule != nil {
			act.Rule = one.rule(r, d)
		}
		if d.State == decisions.Draft {
			act = r.ofDraft(act, d)
		}
		out.Acts = append(out.Acts, act)
	}
}

// ofDraft is a deed as it reads of a draft.
func (r *reading) ofDraft(act leadAct, d *decisions.Decision) leadAct {
	switch act.Path {
	case "withdraw":
		act.Title, act.Button, act.Label = r.say("Throw the draft away"), r.say("Throw it away"), ""
		act.Rule = r.say("Nobody was told of it, and nobody is.")
	case "open":
		version, ok := r.Book.Policy(r.At)
		if !ok || d.Proposal.Deadline.IsZero() {
			break
		}
		if n := version.Decisions.Weigh(d.Size(), decisions.DayOf(r.At, d.Zone), d.Proposal.Deadline); n.Short() {
			act.Rule = told(r.v.lang, n.Words(d.Size())).Text + ": " + r.say("the notice is too short.") + " " + r.say(shortRule(version.Decisions, r.v.actor)) + " " + act.Rule
		}
	}
	return act
}

// shortRule is what the rules say of a notice that is too short, to who looks.
func shortRule(rules decisions.Rules, who member.Actor) string {
	switch {
	case rules.NoticeTooShort != decisions.Refuse:
		return "It may be opened all the same."
	case who.Has(member.Facilitator):
		return "The rules refuse that to the proposer; as a facilitator you may open it all the same."
	}
	return "The rules refuse that; a facilitator may open it all the same."
}
