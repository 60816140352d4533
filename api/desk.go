package api

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// entryAnswer is one thing to be sorted out. Who dismissed it and why are for
// the treasurers' eyes, and are not told here. Its amount is null where it is
// about none, and for a token without amounts:read; then a number in the remedy
// from which it could be told is a word in capitals.
type entryAnswer struct {
	ID            string          `json:"id"`
	Kind          roll.DeskKind   `json:"kind"`
	Member        *subjectAnswer  `json:"member"`  // null for none
	Account       *accountAnswer  `json:"account"` // null for none
	Contributions []string        `json:"contributions"`
	Charges       []string        `json:"charges"`
	Since         instant.Instant `json:"since"`
	Amount        *amount         `json:"amount"`
	Sentence      string          `json:"sentence"`
	Action        string          `json:"action"`
	Remedy        string          `json:"remedy"`
	DismissedAt   instant.Instant `json:"dismissed_at"` // null while it is open
}

// subjectAnswer is the member that an entry is about.
type subjectAnswer struct {
	ID     member.ID `json:"id"`
	Handle string    `json:"handle"`
	Name   string    `json:"name"`
}

func (a *API) desk(c *call) (any, error) {
	kind := ""
	if c.query.values.Get("kind") != "" {
		kind = c.query.choice("kind", mapped(roll.DeskKinds(), func(k roll.DeskKind) string { return string(k) })...)
	}
	all := c.query.choice("all", "false", "true") == "true"
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.ctx, mostTime) // the first who asks waits for the database
	defer cancel()
	found, err := c.s.book.Desk(ctx, all)
	if err != nil {
		return nil, err
	}
	entries := []entryAnswer{}
	for _, e := range found {
		if kind == "" || string(e.Kind) == kind {
			entries = append(entries, entryOf(e, c.token.Has(roll.ScopeAmounts)))
		}
	}
	return paged(entries, func(e entryAnswer) string { return e.ID }, p)
}

func entryOf(e roll.DeskEntry, amounts bool) entryAnswer {
	if !amounts {
		e = e.WithoutAmounts()
	}
	out := entryAnswer{ID: e.ID, Kind: e.Kind, Contributions: filled(e.Contributions), Charges: filled(e.Charges), Since: e.Since,
		Sentence: e.Sentence, Action: e.Action, Remedy: e.Remedy}
	if e.Member != "" {
		out.Member = &subjectAnswer{ID: e.Member, Handle: e.Handle, Name: e.Name}
	}
	if e.Account.ID != "" {
		account := accountAnswer(e.Account)
		out.Account = &account
	}
	if e.Amount != nil {
		m := amountOf(*e.Amount)
		out.Amount = &m
	}
	if e.Dismissed != nil {
		out.DismissedAt = e.Dismissed.At
	}
	return out
}
