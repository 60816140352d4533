package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// deed is what somebody can do about a decision: a delegate in the name of a member,
// or a facilitator.
type deed struct {
	path    string // after the decision's address
	refused string // the title where it is refused
	done    string // what the receipt is for
	do      func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error)
}

// deeds are all of them. The same form twice gives the same receipt (chair.Put); the
// others are refused where the decision is another one by then (chair.By.Seen), answers
// and objections only where it is so for the member (chair.By.AmongOthers).
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
	{"open", "It was not opened", "The opening", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, _ *mine) (chair.Result, error) {
		return c.Open(ctx, id, by)
	}},
	{"log", "It was not noted", "The small decision", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, _ *mine) (chair.Result, error) {
		return c.Log(ctx, id, by)
	}},
	{"announce", "The announcement was not recorded", "The announcement", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.Announce(ctx, id, by, m.words())
	}},
	{"nudge", "Nobody was reminded", "The reminder", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, _ *mine) (chair.Result, error) {
		return c.Nudge(ctx, id, by)
	}},
	{"reply", "The concern was not answered", "The answer to the concern", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		number, _ := strconv.Atoi(m.sent("concern")) // what is no number names no concern
		return c.AnswerConcern(ctx, id, by, number, m.words())
	}},
	{"call-material", "It was not called material", "Calling the amendment material", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, _ *mine) (chair.Result, error) {
		return c.CallMaterial(ctx, id, by)
	}},
	{"withdraw", "It was not withdrawn", "The withdrawal", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.Withdraw(ctx, id, by, m.words())
	}},
	{"end", "It was not ended", "The end of the decision", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.End(ctx, id, by, m.words())
	}},
	{"stall", "It was not stalled", "Stalling it", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		return c.Stall(ctx, id, by, m.words())
	}},
	{"reopen", "It was not reopened", "Reopening it", func(ctx context.Context, c *chair.Chair, id chair.ID, by chair.By, m *mine) (chair.Result, error) {
		day, err := decisions.ParseDay(m.typed("until"))
		if err != nil {
			return chair.Result{}, &roll.Refused{Reasons: []string{"the new deadline is no day: write it as 2026-07-01"}}
		}
		return c.Reopen(ctx, id, by, day)
	}},
}

// deedNamed is the deed of a path.
func deedNamed(path string) *deed {
	return &deeds[slices.IndexFunc(deeds, func(d deed) bool { return d.path == path })]
}

// longestWords bounds a concern, an answer or a reason, in characters.
const longestWords = 4000

// words are a concern or a reason, with the line ends of one line feed.
func (m *mine) words() string { return m.text("words") }

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
	Told                       string // what became of it, where that is more than the receipt says
	Member                     string
	Answer, Words              string
	Entry                      int64
	Hash                       string
	At                         moment
	Stands, Until              string
	Closed                     string // what it came to, where that was written meanwhile
}

func (m *mine) carryOut(d *deed) error {
	r, ok := m.reading()
	if !ok {
		return nil
	}
	view, err := m.viewed(r)
	if view == nil || err != nil {
		return err
	}
	by := m.acting()
	address := "/decisions/" + key(view)
	if faults := roll.TextFaults("what you wrote", m.words(), longestWords, true); len(faults) > 0 {
		return m.refused(&roll.Refused{Reasons: faults}, d.refused, m.words(), address, "Back to the decision")
	}
	result, err := d.do(m.v.r.Context(), m.p.o.Chair, view.ID, by, m)
	if err != nil {
		return m.refused(err, d.refused, m.words(), address, "Read the decision as it is now")
	}
	return m.receipt(d, &result, address, by.Member)
}

// acting is who does it, for which member, and on which state of the decision: without
// that, whatever the decision is by now would be acted on.
func (m *mine) acting() chair.By {
	by := chair.By{Actor: m.actor, Member: member.ID(m.sent("member")), Seen: m.sent("seen"), AmongOthers: true}
	if by.Seen == "" {
		by.Seen = "nothing"
	}
	return by
}

func (m *mine) receipt(d *deed, result *chair.Result, address string, id member.ID) error {
	after := &result.Decision
	if id == "" && len(m.actor.Delegates) == 1 && !slices.Contains(facilitated, d.path) {
		id = m.actor.Delegates[0]
	}
	page := receiptPage{Done: m.say(d.done), Told: m.told(d, result), Name: nameOf(m.v.lang, after), Address: address, Title: after.Proposal.Title, Entry: result.Seq, Hash: result.Hash, At: m.minute(result.At), Words: m.words()}
	names, err := m.names()
	if err != nil {
		return err
	}
	page.Member = names[id]
	if d.path == "answer" {
		page.Answer = m.say(answerWords[decisions.Answer(m.sent("answer"))])
		if b := after.Ballots[id]; b.Concern == 0 {
			page.Words = ""
		}
	}
	if after.State.Running() {
		page.Stands = result.Outcome.StandsIn(m.v.lang)
		page.Until = untilWords(m.v.lang, after)
	} else {
		page.Closed = after.State.WordsIn(m.v.lang)
	}
	return m.p.show(m.v, http.StatusOK, "receipt", m.sayf("%s is recorded", page.Done), page)
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

// facilitated are the deeds that a facilitator does for no member.
var facilitated = []string{"stall", "reopen", "announce", "nudge", "end", "open"}

// told is what became of a deed, where that is more than its receipt says.
func (m *mine) told(d *deed, result *chair.Result) string {
	switch {
	case d.path == "open":
		words := m.sayf("%s is open.", nameOf(m.v.lang, &result.Decision))
		for _, one := range sentences(m.retold(result.Warnings...)) {
			words += " " + one.Text
		}
		return words
	case d.path == "nudge":
		return m.say("Those who are waited for get a mail, unless notices are off.")
	}
	return ""
}
