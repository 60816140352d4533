package api

import (
	"fmt"
	"slices"
	"strconv"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/publish"
)

// outlineAnswer is what everybody reads of a decision that is for members: its
// number and its outcome.
type outlineAnswer struct {
	Number     int                  `json:"number"`
	Visibility decisions.Visibility `json:"visibility"`
	State      decisions.State      `json:"state"`
	StateWords string               `json:"state_in_words"`
}

// decisionItem is a decision in a list.
type decisionItem struct {
	ID         chair.ID             `json:"id"`
	Number     *int                 `json:"number"` // null until it is opened
	Visibility decisions.Visibility `json:"visibility"`
	State      decisions.State      `json:"state"`
	StateWords string               `json:"state_in_words"`
	Size       decisions.Size       `json:"size"`
	Kind       decisions.Kind       `json:"kind"`
	Title      string               `json:"title"`
	Proposed   instant.Instant      `json:"proposed"`
	Opened     instant.Instant      `json:"opened"`
	Deadline   decisions.Day        `json:"deadline"`
	Ends       instant.Instant      `json:"ends"`
	Closed     instant.Instant      `json:"closed"`
	Revision   int                  `json:"revision"`
	Stands     string               `json:"stands"`      // as it stands, in words; "" unless it runs
	Lacking    string               `json:"lacking"`     // why nothing closes it now, though answers may be missing; "" where it is closed as ever
	Firm       string               `json:"sensitivity"` // how firm that, or the outcome, is
	Tally      *tallyAnswer         `json:"tally"`       // null while nobody could answer
}

// tallyAnswer counts, and names nobody.
type tallyAnswer struct {
	Favour     int `json:"favour"`
	Against    int `json:"against"`
	Abstain    int `json:"abstain"`
	Block      int `json:"block"`
	Objections int `json:"objections"`
	Concerns   int `json:"concerns"`
	Unanswered int `json:"unanswered"` // concerns without an answer
	Waiting    int `json:"waiting"`
}

// decisionAnswer is one decision. Members is null for whoever reads what
// everybody does.
type decisionAnswer struct {
	decisionItem
	Changes    string           `json:"changes"`
	Affects    string           `json:"affects"`
	Channel    string           `json:"channel"`
	Link       string           `json:"link"`
	Enacts     string           `json:"enacts"` // id of the policy version
	Attachment string           `json:"attachment"`
	Zone       string           `json:"zone"`
	Policy     string           `json:"policy"` // id of the version whose rules hold for it
	Rule       *ruleOfDecision  `json:"rule"`   // null until it is opened
	Revisions  []textAnswer     `json:"revisions"`
	Concerns   []concernAnswer  `json:"concerns"`
	Ballots    []ballotAnswer   `json:"ballots"` // where the rules say that they are public
	Entries    int64            `json:"entries"`
	Head       string           `json:"head"`     // hash of the chain's end
	Imported   *importedAnswer  `json:"imported"` // null for one that was proposed here
	Members    *membersDecision `json:"members"`
}

// importedAnswer is what a file said of a decision that was made, or begun,
// elsewhere. Nothing in it was counted here.
type importedAnswer struct {
	State    decisions.State  `json:"state"`
	Date     decisions.Day    `json:"date"`
	Deadline decisions.Day    `json:"deadline"`
	Ended    decisions.Day    `json:"ended"`
	Guessed  []decisions.Flag `json:"guessed"` // what the file left open
	Told     string           `json:"told"`    // of the result, in the file's words
	TakenUp  bool             `json:"taken_up"`
}

// ruleOfDecision is the rule in words, and whether each line of it holds.
type ruleOfDecision struct {
	NoticeDays   int                `json:"notice_days"`
	MoreTimeDays int                `json:"more_time_days"`
	Answers      []decisions.Answer `json:"answers"`
	Ballots      decisions.Ballots  `json:"ballots"`
	Heard        bool               `json:"heard"` // false: silence would carry it, and it was not announced in time
	Lines        []lineAnswer       `json:"lines"` // it passes if all hold
}

type lineAnswer struct {
	Rule  string `json:"rule"` // as the policy file has it
	Words string `json:"words"`
	Holds bool   `json:"holds"`
	Count string `json:"count"` // what it comes to
}

type textAnswer struct {
	Title      string `json:"title"`
	Changes    string `json:"changes"`
	Affects    string `json:"affects"`
	Channel    string `json:"channel"`
	Link       string `json:"link"`
	Attachment string `json:"attachment"`
}

type concernAnswer struct {
	Number     int             `json:"number"`
	At         instant.Instant `json:"at"`
	Words      string          `json:"words"`
	Answer     string          `json:"answer"`
	AnsweredAt instant.Instant `json:"answered_at"`
	Stands     bool            `json:"stands"`
}

// ballotAnswer is a ballot by its member's public name.
type ballotAnswer struct {
	Name     string           `json:"name"`
	At       instant.Instant  `json:"at"`
	Answer   decisions.Answer `json:"answer"`
	Revision int              `json:"revision"` // it counts while this is the decision's
	Concern  int              `json:"concern"`  // 0 for none
}

// membersDecision is what members read beside what everybody does.
type membersDecision struct {
	Proposer    memberName           `json:"proposer"`
	Applicant   *memberName          `json:"applicant"`
	Announced   []announcementAnswer `json:"announced"`
	Waiting     []memberName         `json:"waiting"`
	Ballots     []memberBallot       `json:"ballots"`
	Objections  []memberObjection    `json:"objections"`
	Concerns    []memberConcern      `json:"concerns"`
	Unconfirmed []memberName         `json:"unconfirmed"` // answered a former text
	Discounted  []memberName         `json:"discounted"`  // left or suspended: the ballot does not count
	Grace       int                  `json:"grace"`       // ballots of members in grace
	Otherwise   *tallyAnswer         `json:"otherwise"`   // if those counted who went after the deadline
	Electorate  []memberName         `json:"electorate"`
	Hash        string               `json:"electorate_sha256"`
}

type memberName struct {
	Member member.ID `json:"member"`
	Name   string    `json:"name"`
}

type announcementAnswer struct {
	At    instant.Instant `json:"at"`
	Place string          `json:"place"`
}

// memberBallot is a ballot with the member; By is who cast it, for the member's
// delegates and facilitators, else "".
type memberBallot struct {
	memberName
	At       instant.Instant  `json:"at"`
	Answer   decisions.Answer `json:"answer"`
	Revision int              `json:"revision"`
	Concern  int              `json:"concern"`
	Counts   bool             `json:"counts"`
	Trusted  bool             `json:"trusted"` // by the last trusted standing
	By       string           `json:"by"`
}

type memberObjection struct {
	memberName
	At       instant.Instant `json:"at"`
	Concern  int             `json:"concern"`
	Revision int             `json:"revision"`
}

type memberConcern struct {
	memberName
	Number int `json:"number"`
}

func (a *API) decisions(c *call) (any, error) {
	state := c.query.oneOf("state", mapped(decisions.States(), func(s decisions.State) string { return string(s) })...)
	size := c.query.oneOf("size", mapped(decisions.Sizes(), func(s decisions.Size) string { return string(s) })...)
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	var seen []*chair.View
	for i := range c.s.hall.views {
		v := &c.s.hall.views[i]
		how := c.sees(v)
		if how == chair.Unseen || state != "" && string(v.Decision.State) != state || size != "" && (how == chair.Outlined || string(v.Decision.Size()) != size) {
			continue
		}
		seen = append(seen, v)
	}
	rows, err := paged(seen, keyOf, p)
	if err != nil {
		return nil, err
	}
	return list[any]{Next: rows.Next, Items: mapped(rows.Items, func(v *chair.View) any {
		if c.sees(v) == chair.Outlined {
			return outlineOf(v)
		}
		return itemOf(v)
	})}, nil
}

// keyOf names a decision on a list: its number, else its id.
func keyOf(v *chair.View) string {
	if v.Decision.Number > 0 {
		return strconv.Itoa(v.Decision.Number)
	}
	return string(v.ID)
}

// found is the decision that the path names, as far as the asker may see it.
func (c *call) found() (*chair.View, chair.Sight, error) {
	v := c.s.hall.find(c.r.PathValue("decision"))
	if v == nil {
		return nil, chair.Unseen, noDecision()
	}
	how := c.sees(v)
	if how == chair.Unseen {
		return nil, chair.Unseen, noDecision()
	}
	return v, how, nil
}

func (a *API) decision(c *call) (any, error) {
	v, how, err := c.found()
	if err != nil {
		return nil, err
	}
	if how == chair.Outlined {
		return tagged{value: outlineOf(v), head: v.Head.Hash}, nil
	}
	answer := c.decisionOf(v)
	if how == chair.Whole {
		m := c.membersOf(v)
		answer.Members = &m
	}
	return tagged{value: answer, head: v.Head.Hash}, nil
}

// record is the bundle by which anybody can count again (docs/record.md).
func (a *API) record(c *call) (any, error) {
	v, how, err := c.found()
	if err != nil {
		return nil, err
	}
	if how == chair.Outlined {
		return nil, refuse(signInMissing, "this decision is for members, and so is its record: sign in, or send a token with the scope decisions:read").with("WWW-Authenticate", needToken)
	}
	if v.Decision.Number == 0 {
		return nil, refuse(notFound, "a decision has a record from its opening on")
	}
	record, ok := c.s.decided.Record(v.ID)
	if !ok {
		return nil, noDecision()
	}
	return c.s.hall.kept("record "+string(v.ID), func() (*body, error) {
		content, err := record.JSON()
		return newBody(kindJSON, content), err
	})
}

// decisionMarkdown is the decision's page in the form of the federation's docs
// site (docs/publishing.md), the same for everybody.
func (a *API) decisionMarkdown(c *call) (any, error) {
	v, _, err := c.found()
	if err != nil {
		return nil, err
	}
	return c.s.hall.kept("page "+string(v.ID), func() (*body, error) {
		for _, p := range c.s.decided.Pages(*v) {
			return newBody(kindMarkdown, []byte(p.Markdown())), nil
		}
		return nil, noDecision()
	})
}

// pageAddress is where a page is, from beside decisions.md.
func pageAddress(p *publish.Page) string {
	if n := p.Decision.Number; n > 0 {
		return fmt.Sprintf("decisions/%d.md", n)
	}
	return "decisions/" + p.ID + ".md"
}

// decisionsMarkdown is the page that lists those pages.
func (a *API) decisionsMarkdown(c *call) (any, error) {
	return c.s.hall.kept("pages", func() (*body, error) {
		var seen []chair.View
		for i := range c.s.hall.views {
			if v := &c.s.hall.views[i]; c.sees(v) != chair.Unseen {
				seen = append(seen, *v)
			}
		}
		return newBody(kindMarkdown, []byte(publish.Index(c.s.decided.Pages(seen...), pageAddress))), nil
	})
}

func outlineOf(v *chair.View) outlineAnswer {
	d := &v.Decision
	return outlineAnswer{Number: d.Number, Visibility: d.Proposal.Visibility, State: d.State, StateWords: d.State.Words()}
}

func itemOf(v *chair.View) decisionItem {
	d := &v.Decision
	out := decisionItem{ID: v.ID, Visibility: d.Proposal.Visibility, State: d.State, StateWords: d.State.Words(), Size: d.Size(), Kind: d.Proposal.Kind,
		Title: d.Proposal.Title, Proposed: d.Proposed, Opened: d.Opened, Deadline: d.Deadline, Ends: d.Ends(), Revision: d.Revision}
	if d.Number > 0 {
		out.Number = &d.Number
	}
	if d.Outcome != nil {
		out.Closed = d.Outcome.At
	}
	if d.State.Running() {
		out.Stands, out.Lacking = v.Outcome.Stands(), v.Lacking()
	}
	if d.State.Running() || d.Outcome != nil {
		out.Firm = v.Outcome.Sensitivity
		t := tallyOf(&v.Outcome.Tally)
		out.Tally = &t
	}
	return out
}

func tallyOf(t *decisions.Tally) tallyAnswer {
	return tallyAnswer{Favour: t.Favour, Against: t.Against, Abstain: t.Abstain, Block: t.Block, Objections: len(t.Objections),
		Concerns: len(t.Concerns), Unanswered: len(t.Unanswered), Waiting: len(t.Waiting)}
}

func (c *call) decisionOf(v *chair.View) decisionAnswer {
	d := &v.Decision
	p := &d.Proposal
	out := decisionAnswer{decisionItem: itemOf(v), Changes: p.Changes, Affects: p.Affects, Channel: p.Channel, Link: p.Link, Enacts: p.Version, Attachment: p.Attachment,
		Zone: d.Zone.String(), Policy: d.Policy, Revisions: mapped(d.Revisions, func(t decisions.Text) textAnswer { return textAnswer(t) }),
		Concerns: []concernAnswer{}, Ballots: []ballotAnswer{}, Entries: v.Head.Seq, Head: v.Head.Hash}
	if d.Imported != nil {
		i := d.Imported
		out.Imported = &importedAnswer{i.State, i.Date, i.Deadline, i.Ended, filled(i.Flags), d.Told, d.TakenUp}
	}
	if d.Policy == "" { // not opened here
		return out
	}
	rule := d.Rule()
	out.Rule = &ruleOfDecision{NoticeDays: rule.Notice, MoreTimeDays: rule.MoreTime, Answers: filled(rule.Answers), Ballots: d.Rules.Ballots, Heard: !v.Outcome.Unheard,
		Lines: mapped(v.Outcome.Lines, func(l decisions.Line) lineAnswer {
			return lineAnswer{l.Condition.String(), l.Condition.Sentence(), l.Holds, l.Text}
		})}
	if len(v.Outcome.Lines) == 0 { // it rests, or was withdrawn: what the rule asks for is told all the same
		out.Rule.Lines = mapped(rule.PassesIf, func(x decisions.Condition) lineAnswer { return lineAnswer{Rule: x.String(), Words: x.Sentence()} })
	}
	for _, x := range d.Concerns {
		out.Concerns = append(out.Concerns, concernAnswer{x.Number, x.At, x.Words, x.Answer, x.Answered, slices.Contains(v.Outcome.Tally.Concerns, x.Number)})
	}
	if d.Rules.Ballots == decisions.BallotsPublic {
		for _, b := range ballotsOf(d) {
			out.Ballots = append(out.Ballots, ballotAnswer{c.s.book.PublicName(b.Member), b.At, b.Answer, b.Revision, b.Concern})
		}
	}
	return out
}

// ballotsOf are the last ballots, the oldest first.
func ballotsOf(d *decisions.Decision) []decisions.Ballot {
	out := make([]decisions.Ballot, 0, len(d.Ballots))
	for _, s := range d.Electorate {
		if b, cast := d.Ballots[s.Member]; cast {
			out = append(out, b)
		}
	}
	arrange.By(out, func(a, b decisions.Ballot) int { return int(max(-1, min(1, a.At-b.At))) })
	return out
}

func (c *call) memberName(id member.ID) memberName { return memberName{id, c.s.book.Name(id)} }

func (c *call) membersOf(v *chair.View) membersDecision {
	d, t := &v.Decision, &v.Outcome.Tally
	name := c.memberName
	out := membersDecision{Proposer: name(d.Proposer), Waiting: []memberName{}, Unconfirmed: mapped(t.Unconfirmed, name), Discounted: mapped(t.Discounted, name),
		Announced: mapped(d.Announced, func(x decisions.Announcement) announcementAnswer { return announcementAnswer(x) }),
		Ballots:   []memberBallot{}, Objections: []memberObjection{}, Grace: t.Grace,
		Concerns:   mapped(d.Concerns, func(x decisions.Concern) memberConcern { return memberConcern{name(x.Member), x.Number} }),
		Electorate: mapped(d.Electorate, func(s decisions.Seat) memberName { return name(s.Member) })}
	if d.Proposal.Applicant != "" {
		applicant := name(d.Proposal.Applicant)
		out.Applicant = &applicant
	}
	if d.State.Running() {
		out.Waiting = mapped(t.Waiting, name)
	}
	if v.Outcome.Otherwise != nil {
		other := tallyOf(v.Outcome.Otherwise)
		out.Otherwise = &other
	}
	if len(d.Electorate) > 0 {
		out.Hash = d.Electorate.Hash()
	}
	for _, b := range ballotsOf(d) {
		out.Ballots = append(out.Ballots, memberBallot{memberName: name(b.Member), At: b.At, Answer: b.Answer, Revision: b.Revision, Concern: b.Concern,
			Counts: b.Revision == d.Revision && !slices.Contains(t.Discounted, b.Member), Trusted: b.Verdict.Trusted, By: c.caster(&b)})
	}
	for _, s := range d.Electorate {
		if o, ok := d.Objections[s.Member]; ok {
			out.Objections = append(out.Objections, memberObjection{name(s.Member), o.At, o.Concern, o.Revision})
		}
	}
	return out
}

// caster is who cast a ballot, for those who may know.
func (c *call) caster(b *decisions.Ballot) string {
	if !c.who.delegateOf(b.Member) && !c.who.facilitates() {
		return ""
	}
	person, _ := c.s.book.Person(b.Person)
	return person.Name
}
