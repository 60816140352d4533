package api

import (
	"errors"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// meAnswer is who asks, for which members, and what is waited for.
type meAnswer struct {
	Person  member.PersonID `json:"person"`
	Name    string          `json:"name"`
	Roles   []member.Role   `json:"roles"`
	By      string          `json:"by"`     // "session" or "token"
	Scopes  []roll.Scope    `json:"scopes"` // of the token; empty for a session, which needs none
	Members []mineAnswer    `json:"members"`
}

// mineAnswer is a member that the person acts for, as explain tells of it.
type mineAnswer struct {
	Member      member.ID         `json:"member"`
	Handle      string            `json:"handle"`
	Name        string            `json:"name"`
	State       eligibility.State `json:"state"`
	StateWords  string            `json:"state_in_words"`
	Rights      rightsAnswer      `json:"rights"`
	Reasons     []reasonAnswer    `json:"reasons"`
	PaidThrough instant.Instant   `json:"paid_through"`
	ChangesAt   instant.Instant   `json:"changes_at"`
	WhatToDo    []string          `json:"what_to_do"`
	// Vote says why it may not cast, and what to do; "" where it may.
	Vote string `json:"vote"`
	// Waiting are the decisions that wait for its answer.
	Waiting []waitingAnswer `json:"waiting"`
}

// waitingAnswer is a decision that waits for a member.
type waitingAnswer struct {
	Number   int                `json:"number"`
	Title    string             `json:"title"`
	Deadline decisions.Day      `json:"deadline"`
	Ends     instant.Instant    `json:"ends"`
	Answers  []decisions.Answer `json:"answers"`
}

func (a *API) me(c *call) (any, error) {
	p := &c.who.person
	out := meAnswer{Person: p.ID, Name: p.Name, Roles: filled(p.Roles), By: "session", Scopes: []roll.Scope{}, Members: []mineAnswer{}}
	if !c.who.signed {
		out.By, out.Scopes = "token", filled(c.token.Scopes)
	}
	for _, d := range p.Delegates {
		mine, err := a.mine(c, d.Member)
		if err != nil {
			return nil, err
		}
		out.Members = append(out.Members, mine)
	}
	return out, nil
}

func (a *API) mine(c *call, id member.ID) (mineAnswer, error) {
	x, err := c.s.book.Explain(id, 0, 0, c.now)
	if err != nil {
		return mineAnswer{}, errors.Join(errors.New("explain a standing"), err)
	}
	row := rowOf(&x.Row, a.o.Zone)
	out := mineAnswer{Member: row.Member, Handle: row.Handle, Name: row.Name, State: row.State, StateWords: row.StateWords, Rights: row.Rights, Reasons: row.Reasons,
		PaidThrough: row.PaidThrough, ChangesAt: row.ChangesAt, WhatToDo: filled(x.WhatToDo), Vote: c.s.hall.voters[id].Why, Waiting: []waitingAnswer{}}
	for i := range c.s.hall.views {
		v := &c.s.hall.views[i]
		if d := &v.Decision; waitedFor(v, id) {
			out.Waiting = append(out.Waiting, waitingAnswer{d.Number, d.Proposal.Title, d.Deadline, d.Ends(), filled(d.Rule().Answers)})
		}
	}
	return out, nil
}

// electorateAnswer is who may vote, for a vote in another tool.
type electorateAnswer struct {
	At       instant.Instant `json:"at"`
	Known    instant.Instant `json:"known"`
	AsOf     instant.Instant `json:"as_of"`
	Stale    bool            `json:"stale"`
	Policy   string          `json:"policy"`
	Decision *int            `json:"decision"` // null for one that would be opened now
	Votes    int             `json:"votes"`    // how many may vote
	Items    []voterAnswer   `json:"items"`
}

type voterAnswer struct {
	Member member.ID `json:"member"`
	Handle string    `json:"handle"`
	Name   string    `json:"name"`
	Vote   bool      `json:"vote"` // it may cast now; false: it has a place, and may once its dues are paid
}

// electorate is never answered from memory: the audit chain notes each reading.
func (a *API) electorate(c *call) (any, error) {
	word := c.query.values.Get("decision")
	if err := c.query.err(); err != nil {
		return nil, err
	}
	const why = "to vote in another tool"
	by := roll.By{Actor: c.who.actor(), Token: c.token.ID, Reason: why}
	if !c.who.isPerson() {
		by = roll.ByToken(c.token, why)
	}
	out := electorateAnswer{Items: []voterAnswer{}}
	id, seats := "", []member.ID(nil)
	if word != "" {
		v := c.s.hall.find(word)
		if v == nil || v.Decision.Number == 0 {
			return nil, noDecision()
		}
		id, out.Decision = string(v.ID), &v.Decision.Number
		seats = mapped(v.Decision.Electorate, func(s decisions.Seat) member.ID { return s.Member })
	}
	e, err := a.o.Roll.Electorate(c.ctx, by, id, seats)
	if err != nil {
		return nil, err
	}
	out.At, out.Known, out.AsOf, out.Stale, out.Policy = e.At, e.Known, e.AsOf, e.Stale, e.Policy
	for _, v := range e.Voters {
		out.Items = append(out.Items, voterAnswer(v))
		if v.Vote {
			out.Votes++
		}
	}
	return out, nil
}
