package chair

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// private is the whole of an entry: the event without its texts, which stand
// beside the chain, and without the words of verdicts, which follow from it.
type private struct {
	Event decisions.Event `json:"event"`
	Words *chained        `json:"words,omitempty"`
	Text  *chained        `json:"text,omitempty"` // a decisions.Text, as JSON
	Name  *chained        `json:"name,omitempty"` // under which everybody may read who answered
}

// chained is a text by its id and its salted hash.
type chained struct {
	ID   store.TextID `json:"id"`
	Hash string       `json:"hash"`
}

// erased stands for a text that was erased.
const erased = "(erased)"

// public is what everybody may read of an entry; which fields a kind has is
// docs/record.md's to tell.
type public struct {
	Zone       string               `json:"zone,omitempty"`
	Size       decisions.Size       `json:"size,omitempty"`
	Kind       decisions.Kind       `json:"kind,omitempty"`
	Visibility decisions.Visibility `json:"visibility,omitempty"`
	Version    string               `json:"version,omitempty"`
	Policy     string               `json:"policy,omitempty"`
	Ballots    decisions.Ballots    `json:"ballots,omitempty"`
	Rule       *decisions.SizeRules `json:"rule,omitempty"`
	Seats      int                  `json:"seats,omitempty"`
	Electorate string               `json:"electorate,omitempty"` // hash
	Deadline   string               `json:"deadline,omitempty"`
	Ends       instant.Instant      `json:"ends,omitempty"`
	Revision   int                  `json:"revision,omitempty"`
	Editorial  bool                 `json:"editorial,omitempty"`
	Voter      string               `json:"voter,omitempty"`
	Name       string               `json:"name,omitempty"` // hash
	Answer     decisions.Answer     `json:"answer,omitempty"`
	Concern    int                  `json:"concern,omitempty"`
	Answered   bool                 `json:"answered,omitempty"` // the concern's words had an answer before
	Words      string               `json:"words,omitempty"`    // hash
	Text       string               `json:"text,omitempty"`     // hash
	About      string               `json:"about,omitempty"`    // a member, as a voter's word
	Counts     *bool                `json:"counts,omitempty"`
	Imported   *decisions.Imported  `json:"imported,omitempty"`
	Outcome    *publicOutcome       `json:"outcome,omitempty"`
	Lost       bool                 `json:"lost,omitempty"` // the deadline was past, and answers may have been missing
	Anew       bool                 `json:"anew,omitempty"` // silence counts only by what is announced from here on
}

// publicOutcome is what a closing came to, in numbers and without a name of
// anybody who did not answer.
type publicOutcome struct {
	State       decisions.State  `json:"state"`
	Favour      int              `json:"favour"`
	Against     int              `json:"against"`
	Abstain     int              `json:"abstain"`
	Block       int              `json:"block"`
	Waiting     int              `json:"waiting"`
	Objections  int              `json:"objections"`
	Unanswered  int              `json:"unanswered"`
	Discounted  []string         `json:"discounted"`
	Lines       []decisions.Line `json:"lines"`
	Unheard     bool             `json:"unheard"`
	Sensitivity string           `json:"sensitivity"`
}

// voter is the word for a member in public entries: the same for the same
// member of one decision, and another in each.
func (o *opened) voter(id member.ID) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(o.row.Secret + "\n" + string(id)))
	return hex.EncodeToString(sum[:16])
}

// entry makes a row of an event; its texts are to be stored with it.
func (o *opened) entry(ctx context.Context, after *decisions.Decision, ev *decisions.Event) (store.NewDecisionEntry, error) {
	p := &private{Event: bare(*ev)}
	p.Words = o.keep(ev.Words)
	if text := textOf(ev); text != nil {
		body, err := json.Marshal(text)
		if err != nil {
			return store.NewDecisionEntry{}, fmt.Errorf("keep a proposal: %w", err)
		}
		p.Text = o.keep(string(body))
	}
	if ev.Kind == decisions.Cast && after.Rules.Ballots == decisions.BallotsPublic {
		name, err := o.c.roll.PublicName(ctx, o.tx, ev.By.Member)
		if err != nil {
			return store.NewDecisionEntry{}, err
		}
		p.Name = o.keep(name)
	}
	row := store.NewDecisionEntry{At: ev.At, Kind: string(ev.Kind), Number: int64(after.Number), State: string(after.State), Private: p, Public: o.public(after, ev, p)}
	if after.State == decisions.Opened {
		row.Due = after.Ends()
	}
	return row, nil
}

// keep has a text stored with the entry that it belongs to; nil for the empty one.
func (o *opened) keep(body string) *chained {
	if body == "" {
		return nil
	}
	t := store.NewHashedText(body)
	o.texts = append(o.texts, t)
	return &chained{t.ID, t.Hash}
}

func textOf(ev *decisions.Event) *decisions.Text {
	if ev.Proposal != nil {
		return &ev.Proposal.Text
	}
	return ev.Text
}

// bare is the event without texts: what the roll said in words follows from
// what it said.
func bare(ev decisions.Event) decisions.Event {
	ev.Words = ""
	ev.By.Verdict.Why, ev.Second.Verdict.Why, ev.Verdict.Why = "", "", ""
	if ev.Proposal != nil {
		p := *ev.Proposal
		p.Text = decisions.Text{}
		ev.Proposal = &p
	}
	if ev.Text != nil {
		ev.Text = &decisions.Text{}
	}
	if ev.Roll != nil {
		quiet := decisions.Roll{}
		for id, v := range ev.Roll {
			v.Why = ""
			quiet[id] = v
		}
		ev.Roll = quiet
	}
	if ev.Electorate != nil {
		seats := make(decisions.Electorate, len(ev.Electorate))
		for i, s := range ev.Electorate {
			s.Verdict.Why = ""
			seats[i] = s
		}
		ev.Electorate = seats
	}
	return ev
}

// public is what everybody may read of an event.
func (o *opened) public(after *decisions.Decision, ev *decisions.Event, p *private) *public {
	out := &public{Answer: ev.Answer, Editorial: ev.Editorial, Lost: ev.Lost, Anew: ev.Anew}
	if p.Words != nil {
		out.Words = p.Words.Hash
	}
	if p.Text != nil {
		out.Text = p.Text.Hash
	}
	if p.Name != nil {
		out.Name = p.Name.Hash
	}
	if ev.Rules != nil { // an opening, an escalation, or an imported one taken up
		rule := after.Rule()
		out.Size, out.Policy, out.Rule, out.Ballots = after.Size(), after.Policy, &rule, after.Rules.Ballots
		out.Seats, out.Electorate = len(after.Electorate), after.Electorate.Hash()
	}
	switch ev.Kind {
	case decisions.Propose, decisions.Edit, decisions.Import:
		out.Imported = ev.Imported
		out.Size, out.Kind, out.Visibility, out.Version = ev.Proposal.Size, ev.Proposal.Kind, ev.Proposal.Visibility, ev.Proposal.Version
		out.Zone = o.row.Zone
	case decisions.Cast, decisions.Retract, decisions.Object, decisions.Unobject, decisions.MoreTime, decisions.CallMaterial:
		out.Voter = o.voter(ev.By.Member)
	case decisions.AnswerConcern:
		out.Concern = ev.Concern
	case decisions.Join, decisions.AddSeat, decisions.RemoveSeat, decisions.Settle:
		out.About = o.voter(ev.Member)
		out.Seats, out.Electorate = len(after.Electorate), after.Electorate.Hash()
		if ev.Kind == decisions.Settle {
			out.Counts = &ev.Counts
		}
	case decisions.Close, decisions.End:
		outcome := o.outcome(after, ev)
		out.Outcome = &outcome
	}
	if ev.Kind == decisions.Cast {
		out.Concern = after.Ballots[ev.By.Member].Concern
	}
	if ev.Kind == decisions.Object {
		out.Concern = after.Objections[ev.By.Member].Concern
	}
	if n := out.Concern; n > 0 && ev.Kind != decisions.AnswerConcern {
		out.Answered = after.Concerns[n-1].Answered != 0
	}
	if after.Revision > 0 { // it was opened here
		out.Revision, out.Deadline, out.Ends = after.Revision, after.Deadline.String(), after.Ends()
	}
	return out
}

func (o *opened) outcome(after *decisions.Decision, ev *decisions.Event) publicOutcome {
	out := after.Outcome
	if out == nil {
		judged := after.Judge(ev.Roll, ev.At)
		out = &judged
	}
	t := &out.Tally
	p := publicOutcome{State: after.State, Favour: t.Favour, Against: t.Against, Abstain: t.Abstain, Block: t.Block, Waiting: len(t.Waiting),
		Objections: len(t.Objections), Unanswered: len(t.Unanswered), Discounted: []string{}, Lines: out.Lines, Unheard: out.Unheard, Sensitivity: out.Sensitivity}
	for _, id := range t.Discounted {
		p.Discounted = append(p.Discounted, o.voter(id))
	}
	return p
}

// eventsOf reads entries, with their texts.
func eventsOf(ctx context.Context, tx *store.Tx, entries []store.DecisionEntry) ([]decisions.Event, error) {
	parts := make([]private, len(entries))
	var ids []store.TextID
	for i := range entries {
		if err := json.Unmarshal([]byte(entries[i].Private), &parts[i]); err != nil {
			return nil, fmt.Errorf("entry %d of decision %s cannot be read: %w", entries[i].Seq, entries[i].Decision, err)
		}
		for _, c := range []*chained{parts[i].Words, parts[i].Text} {
			if c != nil {
				ids = append(ids, c.ID)
			}
		}
	}
	texts, err := tx.Texts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	events := make([]decisions.Event, len(entries))
	for i := range parts {
		events[i] = parts[i].whole(texts)
	}
	return events, nil
}

// whole is the event with its texts.
func (p *private) whole(texts map[store.TextID]string) decisions.Event {
	ev := p.Event
	if p.Words != nil {
		ev.Words = erased
		if body, kept := texts[p.Words.ID]; kept {
			ev.Words = body
		}
	}
	if p.Text == nil {
		return ev
	}
	// Each text that was erased is another one, so that an amendment still is one;
	// whether a policy was attached is not known any more.
	gone := erased + " " + p.Text.Hash[:8]
	text := decisions.Text{Title: gone, Changes: gone, Affects: gone, Channel: gone, Attachment: gone}
	if body, kept := texts[p.Text.ID]; kept {
		var read decisions.Text
		if json.Unmarshal([]byte(body), &read) == nil {
			text = read
		}
	}
	if ev.Proposal != nil {
		proposal := *ev.Proposal
		proposal.Text = text
		ev.Proposal = &proposal
		return ev
	}
	ev.Text = &text
	return ev
}
