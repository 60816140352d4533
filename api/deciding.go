package api

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
)

// resultAnswer is what an act on a decision led to: where that stands in the
// decision's chain, and how the decision stands.
type resultAnswer struct {
	Decision   chair.ID        `json:"decision"`
	Number     *int            `json:"number"`
	State      decisions.State `json:"state"`
	StateWords string          `json:"state_in_words"`
	Deadline   decisions.Day   `json:"deadline"`
	Revision   int             `json:"revision"`
	Stands     string          `json:"stands"`
	Tally      *tallyAnswer    `json:"tally"`
	Warnings   []string        `json:"warnings"`
	Receipt    receiptAnswer   `json:"receipt"`
	Head       string          `json:"head"`
}

// receiptAnswer is to be found again in the record: the entry with that number
// has that hash.
type receiptAnswer struct {
	Entry int64           `json:"entry"`
	Hash  string          `json:"hash"`
	At    instant.Instant `json:"at"`
}

func resultOf(r *chair.Result) resultAnswer {
	d := &r.Decision
	item := itemOf(&chair.View{ID: r.Receipt.Decision, Decision: *d, Outcome: r.Outcome})
	return resultAnswer{Decision: item.ID, Number: item.Number, State: item.State, StateWords: item.StateWords, Deadline: item.Deadline, Revision: item.Revision,
		Stands: item.Stands, Tally: item.Tally, Warnings: filled(r.Warnings), Receipt: receiptAnswer{r.Seq, r.Hash, r.At}, Head: r.Head}
}

// doing is a request to act on a decision. What is wrong with it is gathered
// before anything is done.
type doing struct {
	a      *API
	c      *call
	faults []string
}

// act is what is done, once the request is whole.
type act func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error)

// deciding answers with what an act led to. The chair alone says whether it may
// be: here is only read what was sent.
func deciding(read func(*doing) act) func(*API, *call) (any, error) {
	return func(a *API, c *call) (any, error) {
		x := &doing{a: a, c: c}
		do := read(x)
		by := x.by()
		if c.body != nil {
			x.faults = append(c.body.faults, x.faults...)
		}
		if err := faulty(x.faults); err != nil {
			return nil, err
		}
		if word := c.r.PathValue("member"); word != "" {
			var known bool
			if by.Member, known = c.s.words[word]; !known {
				return nil, refuse(notFound, "no member has this id or handle")
			}
		}
		id, err := a.named(c, c.r.PathValue("decision"))
		if err != nil {
			return nil, err
		}
		result, err := do(c.ctx, id, by)
		if err == nil || decisionRefusal(err) != nil { // what was due is closed also before a refusal
			a.seeSoon(c.ctx)
		}
		if err != nil {
			return nil, err
		}
		return tagged{value: resultOf(&result), head: result.Head}, nil
	}
}

// named is the decision that a number or an id names. Neither ever becomes another
// decision's, so one that is in memory is not looked for.
func (a *API) named(c *call, word string) (chair.ID, error) {
	if v := c.s.hall.find(word); v != nil {
		return v.ID, nil
	}
	return a.o.Chair.Find(c.ctx, word)
}

func (x *doing) fault(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(x.faults, text) {
		x.faults = append(x.faults, text)
	}
}

// by is who acts, for which member, and on which state of the decision.
func (x *doing) by() chair.By {
	by := x.c.by(x.c.scope, x.member("member"))
	switch given := x.c.r.Header.Values("If-Match"); {
	case len(given) == 0 || len(given) == 1 && strings.TrimSpace(given[0]) == "*":
	default:
		tag := strings.TrimSpace(given[0])
		hash, quoted := strings.CutPrefix(tag, `"`)
		hash, closed := strings.CutSuffix(hash, `"`)
		if len(given) > 1 || !quoted || !closed || hash == "" || strings.ContainsAny(hash, `",`) {
			x.fault(`If-Match is not one entity tag: send the ETag of the decision as it was read, such as "4f…"`)
		}
		by.Seen = hash
	}
	return by
}

// member is the member that a key of the body names; "" when it is left out.
func (x *doing) member(key string) member.ID {
	if x.c.body == nil {
		return ""
	}
	word := x.c.body.words(key)
	if word == "" {
		return ""
	}
	id, known := x.c.s.words[word]
	if !known {
		x.fault("%s names no member: give its id or handle", key)
	}
	return id
}

// create makes a draft.
func (a *API) create(c *call) (any, error) {
	x := &doing{a: a, c: c}
	p := decisions.Proposal{Kind: decisions.General, Visibility: decisions.Public}
	x.proposal()(&p)
	by := x.by()
	if by.Seen != "" {
		x.fault("If-Match has no place here: the draft is not there yet")
	}
	if err := faulty(append(c.body.faults, x.faults...)); err != nil {
		return nil, err
	}
	result, err := a.o.Chair.Propose(c.ctx, by, p)
	if err != nil {
		return nil, err
	}
	a.seeSoon(c.ctx)
	return tagged{value: resultOf(&result), head: result.Head, location: a.o.PublicURL + decisionsPath + "/" + url.PathEscape(string(result.Receipt.Decision))}, nil
}

// proposal reads what a proposal is; what is left out stays as it is.
func (x *doing) proposal() func(*decisions.Proposal) {
	text, b := x.text(), x.c.body
	size, visibility, until := b.words("size"), b.words("visibility"), b.day("until")
	applicant := x.member("admit")
	version := x.version()
	return func(p *decisions.Proposal) {
		text(&p.Text)
		if size != "" {
			p.Size = decisions.Size(size)
		}
		if visibility != "" {
			p.Visibility = decisions.Visibility(visibility)
		}
		if b.given("until") {
			p.Deadline = until
		}
		if applicant != "" {
			p.Kind, p.Applicant = decisions.Admit, applicant
		}
		if version.Text != "" {
			p.Kind, p.Version = decisions.Policy, version.ID()
		}
	}
}

// text reads what a text says; what is left out stays as it is.
func (x *doing) text() func(*decisions.Text) {
	b := x.c.body
	given := map[string]string{}
	for _, key := range []string{"title", "changes", "affects", "channel", "link"} {
		if words := b.words(key); b.given(key) {
			given[key] = words
		}
	}
	version := x.version()
	return func(t *decisions.Text) {
		for key, to := range map[string]*string{"title": &t.Title, "changes": &t.Changes, "affects": &t.Affects, "channel": &t.Channel, "link": &t.Link} {
			if words, ok := given[key]; ok {
				*to = words
			}
		}
		if version.Text != "" {
			t.Attachment = version.Text
		}
	}
}

// version is the one version of the policy file that is to be enacted; the zero
// value for none.
func (x *doing) version() policy.Version {
	text := x.c.body.words("enact")
	if text == "" {
		return policy.Version{}
	}
	file, err := policy.Parse("enact", []byte(text))
	if faults, ok := errors.AsType[*policy.Faults](err); ok {
		for _, f := range faults.All {
			x.fault("enact, line %d, column %d: %s", f.Line, f.Column, f.Text)
		}
		return policy.Version{}
	}
	if err != nil {
		x.fault("enact is no policy file")
		return policy.Version{}
	}
	if len(file.Versions) != 1 {
		x.fault("enact holds %d versions, want the new one alone", len(file.Versions))
		return policy.Version{}
	}
	return file.Versions[0]
}

func (x *doing) edit() act {
	put := x.proposal()
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return x.a.o.Chair.Change(ctx, id, by, put)
	}
}

func (x *doing) open() act { return x.a.o.Chair.Open }

func (x *doing) log() act { return x.a.o.Chair.Log }

func (x *doing) callMaterial() act { return x.a.o.Chair.CallMaterial }

func (x *doing) nudge() act { return x.a.o.Chair.Nudge }

func (x *doing) retract() act { return x.a.o.Chair.Retract }

func (x *doing) unobject() act { return x.a.o.Chair.Unobject }

// said is an act with a key of the body as its words.
func (x *doing) said(key string, f func(context.Context, chair.ID, chair.By, string) (chair.Result, error)) act {
	words := x.c.body.words(key)
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return f(ctx, id, by, words)
	}
}

func (x *doing) announce() act { return x.said("place", x.a.o.Chair.Announce) }

func (x *doing) object() act { return x.said("concern", x.a.o.Chair.Object) }

func (x *doing) moreTime() act { return x.said("reason", x.a.o.Chair.MoreTime) }

func (x *doing) withdraw() act { return x.said("reason", x.a.o.Chair.Withdraw) }

func (x *doing) stall() act { return x.said("reason", x.a.o.Chair.Stall) }

func (x *doing) end() act { return x.said("reason", x.a.o.Chair.End) }

func (x *doing) amend() act {
	put, editorial := x.text(), x.c.body.flag("editorial")
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return x.a.o.Chair.Amend(ctx, id, by, put, editorial)
	}
}

func (x *doing) escalate() act {
	to, reason := decisions.Size(x.c.body.words("to")), x.c.body.words("reason")
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return x.a.o.Chair.Escalate(ctx, id, by, to, reason)
	}
}

func (x *doing) reopen() act {
	until := x.c.body.day("until")
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return x.a.o.Chair.Reopen(ctx, id, by, until)
	}
}

func (x *doing) cast() act {
	answer, concern := decisions.Answer(x.c.body.words("answer")), x.c.body.words("concern")
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return x.a.o.Chair.Put(ctx, id, by, answer, concern)
	}
}

func (x *doing) answerConcern() act {
	answer := x.c.body.words("answer")
	number, err := strconv.Atoi(x.c.r.PathValue("concern"))
	if err != nil {
		x.fault("a concern is named by its number")
	}
	return func(ctx context.Context, id chair.ID, by chair.By) (chair.Result, error) {
		return x.a.o.Chair.AnswerConcern(ctx, id, by, number, answer)
	}
}
