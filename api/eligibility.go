package api

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// eligibilityAnswer is one member's standing with everything it rests on.
type eligibilityAnswer struct {
	At       instant.Instant `json:"at"`
	Known    instant.Instant `json:"known"`
	AsOf     instant.Instant `json:"as_of"`
	Age      *int64          `json:"data_age_seconds"` // from as_of to the clock; null before the first reading
	Forecast bool            `json:"forecast"`
	Stale    bool            `json:"stale"`
	Policy   ruleAnswer      `json:"policy"`
	rowAnswer
	Facts    []factAnswer `json:"facts"` // those the verdicts rest on, the newest first
	WhatToDo []string     `json:"what_to_do"`
}

// ruleAnswer is the version of the rules that decided.
type ruleAnswer struct {
	ID        string          `json:"id"`
	From      instant.Instant `json:"from"`
	DecidedBy string          `json:"decided_by"`
	Minimum   string          `json:"minimum"` // the dues in words
}

// factAnswer is one fact. Its amount is null where it has none, and for a token
// without amounts:read.
type factAnswer struct {
	Ref    string          `json:"ref"`
	What   string          `json:"what"`
	From   instant.Instant `json:"from"`
	Until  instant.Instant `json:"until"`
	Amount *amount         `json:"amount"`
	Note   string          `json:"note"`
}

// fresh keeps answers how members stand for as long as what is answered from memory
// may be old: a gateway asks about the same ones again and again.
type fresh struct {
	mu      sync.Mutex
	of      *snapshot       // that they are made of
	since   instant.Instant // the oldest of them
	answers map[freshKey]freshAnswer
}

type freshKey struct {
	word    string
	amounts bool
}

type freshAnswer struct {
	content *rendered
	until   instant.Instant // something changes by itself then; 0 for never
}

// freshFor is how long they are kept, at most.
const freshFor = time.Second

// get is an answer about now that is fresh enough.
func (f *fresh) get(s *snapshot, key freshKey, now instant.Instant) (*rendered, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of != s || now < f.since || now.Sub(f.since) >= freshFor {
		return nil, false
	}
	a, ok := f.answers[key]
	return a.content, ok && (a.until == 0 || now < a.until)
}

// put keeps one. Those that were kept before go when they are too old.
func (f *fresh) put(s *snapshot, key freshKey, a freshAnswer, now instant.Instant) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of != s || now < f.since || now.Sub(f.since) >= freshFor {
		f.of, f.since, f.answers = s, now, map[freshKey]freshAnswer{}
	}
	f.answers[key] = a
}

func (a *API) eligibility(c *call) (any, error) {
	key := freshKey{c.r.PathValue("member"), c.token.Has(roll.ScopeAmounts)}
	now := c.r.URL.RawQuery == ""
	if now {
		if content, ok := a.fresh.get(c.s, key, c.now); ok {
			return content, nil
		}
	}
	answer, err := a.explained(c)
	if err != nil || !now {
		return answer, err
	}
	content, err := json.Marshal(answer)
	if err != nil {
		return nil, errors.Join(errors.New("write a standing"), err)
	}
	whole := &rendered{*formOf(kindJSON, append(content, '\n'))}
	a.fresh.put(c.s, key, freshAnswer{whole, answer.ChangesAt}, c.now)
	return whole, nil
}

func (a *API) explained(c *call) (*eligibilityAnswer, error) {
	at, known := c.query.instant("at"), c.known()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	id, ok := c.s.words[c.r.PathValue("member")]
	if !ok {
		return nil, refuse(notFound, "no member has this id or handle: /api/v1/roll lists them all")
	}
	x, err := c.s.book.Explain(id, at, known, c.now)
	if err != nil {
		return nil, errors.Join(errors.New("explain a standing"), err)
	}
	s := &x.Standing
	_, stale := s.Reason(eligibility.CodeStale)
	out := &eligibilityAnswer{
		At: s.At, Known: s.Known, AsOf: s.AsOf, Age: ageOf(s, c.now), Forecast: s.Forecast, Stale: stale,
		Policy:    ruleAnswer{ID: s.Policy, From: x.PolicyFrom, DecidedBy: x.DecidedBy, Minimum: x.Minimum},
		rowAnswer: rowOf(&x.Row, a.o.Zone),
		Facts:     []factAnswer{}, WhatToDo: filled(x.WhatToDo),
	}
	for _, f := range x.Facts {
		if f.Cited {
			out.Facts = append(out.Facts, factOf(f, c.token.Has(roll.ScopeAmounts)))
		}
	}
	return out, nil
}

func ageOf(s *eligibility.Standing, now instant.Instant) *int64 {
	if s.AsOf == 0 {
		return nil
	}
	age := seconds(now.Sub(s.AsOf))
	return &age
}

func factOf(f roll.FactLine, amounts bool) factAnswer {
	out := factAnswer{Ref: f.Ref, What: f.What, From: f.From, Until: f.Until, Note: f.Note}
	if amounts && f.Amount != nil {
		m := amountOf(*f.Amount)
		out.Amount = &m
	}
	return out
}
