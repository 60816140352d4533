package web

import (
	"context"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// deed is what a delegate can do about a decision, in the name of a member.
type deed struct {
	path    string // after the decision's address
	refused string // the title where it is refused
	done    string // what the receipt is for
	do      func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error)
}

// deeds are all of them. Answering twice gives the same receipt (chair.Put); the
// others are refused where the decision is another one by then (chair.By.Seen).
var deeds = []deed{
	{"answer", "Not answered", "The answer", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		answer, concern := decisions.Answer(m.sent("answer")), ""
		if answer == decisions.Against || answer == decisions.Block {
			concern = m.words()
		}
		return c.Put(ctx, id, by, answer, concern)
	}},
	{"take-back", "Not taken back", "Taking the answer back", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, _ *mine) (chair.Result, error) {
		return c.Retract(ctx, id, by)
	}},
	{"object", "No objection was made", "The objection", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.Object(ctx, id, by, m.words())
	}},
	{"withdraw-objection", "The objection was not withdrawn", "Withdrawing the objection", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, _ *mine) (chair.Result, error) {
		return c.Unobject(ctx, id, by)
	}},
	{"more-time", "No more time was asked for", "Asking for more time", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.MoreTime(ctx, id, by, m.words())
	}},
	{"escalate", "Not escalated", "Escalating it", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.Escalate(ctx, id, by, decisions.Size(m.sent("size")), m.words())
	}},
}

// words are a concern or a reason, with the line ends of one line feed.
func (m *mine) words() string {
	return strings.TrimSpace(strings.ReplaceAll(m.sent("words"), "\r\n", "\n"))
}

// deedRoutes are where the forms of a decision go.
func deedRoutes() (out []route) {
	const decision = "/decisions/{decision}"
	for _, d := range deeds {
		out = append(out, route{method: http.MethodPost, path: decision + "/" + d.path, who: persons, answer: signedIn(decision, func(m *mine) error { return m.carryOut(&d) })})
	}
	return out
}

// receiptPage shows where what was done stands in the decision's chain.
type receiptPage struct {
	Done, Name, Address, Title string
	Member                     string
	Answer, Words              string
	Entry                      int64
	Hash                       string
	At                         moment
	Stands, Until              string
	Opened                     bool   // it was opened just now
	Closed                     string // what it came to, where that was written meanwhile
}

func (m *mine) carryOut(d *deed) error {
	now := m.p.o.Now()
	memory, ok := m.p.o.Memory(now)
	if !ok {
		m.p.problem(m.v, http.StatusServiceUnavailable, notReadPage)
		return nil
	}
	r := &reading{Memory: memory, p: m.p, v: m.v, inside: chair.Inside(m.actor, memory.Voters)}
	view := chair.Named(memory.Views, m.v.segment)
	if view == nil || r.sight(view) == chair.Unseen {
		m.p.problem(m.v, http.StatusNotFound, noDecision)
		return nil
	}
	by := chair.By{Actor: m.actor, Member: member.ID(m.sent("member")), Seen: m.sent("seen")}
	if by.Seen == "" {
		by.Seen = "nothing" // else whatever the decision is by now would be acted on
	}
	address := "/decisions/" + key(view)
	result, err := d.do(m.v.r.Context(), m.p.o.Chair, view.ID, by, m)
	if err != nil {
		return m.refused(err, d.refused, m.words(), address, "Read the decision as it is now")
	}
	return m.receipt(d, &result, address, by.Member)
}

func (m *mine) receipt(d *deed, result *chair.Result, address string, id member.ID) error {
	after := &result.Decision
	if id == "" && len(m.actor.Delegates) == 1 {
		id = m.actor.Delegates[0]
	}
	page := receiptPage{Done: d.done, Name: nameOf(after), Address: address, Title: after.Proposal.Title, Entry: result.Seq, Hash: result.Hash, At: m.minute(result.At), Words: m.words()}
	names, err := m.names()
	if err != nil {
		return err
	}
	page.Member = names[id]
	if d.path == "answer" {
		page.Answer = answerWords[decisions.Answer(m.sent("answer"))]
		if b := after.Ballots[id]; b.Concern == 0 {
			page.Words = ""
		}
	}
	if after.State.Running() {
		page.Stands = result.Outcome.Stands()
		page.Until = after.Deadline.Words() + " (" + after.Zone.String() + ")"
	} else {
		page.Closed = after.State.Words()
	}
	return m.p.show(m.v, http.StatusOK, "receipt", d.done+" is recorded", page)
}

// names are those of the members that one acts for.
func (m *mine) names() (map[member.ID]string, error) {
	people, err := m.p.o.Roll.People(m.v.r.Context())
	if err != nil {
		return nil, err
	}
	out := map[member.ID]string{}
	for _, p := range people {
		if p.ID != m.person() {
			continue
		}
		for _, d := range p.Delegates {
			out[d.Member] = d.Name
		}
	}
	return out, nil
}
