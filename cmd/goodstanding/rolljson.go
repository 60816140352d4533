package main

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/roll"
)

// rowAnswer is a member in roll --json. Instants are RFC 3339 or null, amounts
// "GBP 10.00". at and known are as asked, null for now and for everything that
// is stored, so that two answers differ only where the roll does.
type rowAnswer struct {
	Member      string            `json:"member"`
	Handle      string            `json:"handle"`
	Name        string            `json:"name"`
	Kind        string            `json:"kind"`
	Accounts    []accountAnswer   `json:"accounts"`
	State       eligibility.State `json:"state"`
	StateWords  string            `json:"state_in_words"`
	Vote        bool              `json:"vote"`
	Listing     bool              `json:"listing"`
	Services    bool              `json:"services"`
	Until       untilAnswer       `json:"until"`
	Reasons     []reasonAnswer    `json:"reasons"`
	PaidThrough instant.Instant   `json:"paid_through"`
	ChangesAt   instant.Instant   `json:"changes_at"`
	AsOf        instant.Instant   `json:"as_of"`
	At          instant.Instant   `json:"at"`
	Known       instant.Instant   `json:"known"`
	Forecast    bool              `json:"forecast"`
	Stale       bool              `json:"stale"`
	Policy      string            `json:"policy"`
	MemberSince instant.Instant   `json:"member_since"`
	Delegates   int               `json:"delegates"`
}

type accountAnswer struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
}

func accountOf(a roll.AccountRef) accountAnswer { return accountAnswer{string(a.ID), a.Slug} }

// untilAnswer says up to when the facts cited carry a right; null where they
// do not end it.
type untilAnswer struct {
	Vote     instant.Instant `json:"vote"`
	Listing  instant.Instant `json:"listing"`
	Services instant.Instant `json:"services"`
}

type reasonAnswer struct {
	Code   eligibility.Code `json:"code"`
	Text   string           `json:"text"`
	Rights []string         `json:"rights"`
	Facts  []string         `json:"facts"`
	Since  instant.Instant  `json:"since"`
	Until  instant.Instant  `json:"until"`
}

func (d *desk) reasonOf(r eligibility.Reason) reasonAnswer {
	return reasonAnswer{r.Code, r.Text(d.cfg.Federation.Zone), r.Rights.Names(),
		mapped(r.Facts, eligibility.Ref.String), r.Since, r.Until}
}

func (d *desk) rowOf(r roll.Row, v roll.View) rowAnswer {
	s := &r.Standing
	_, stale := s.Reason(eligibility.CodeStale)
	return rowAnswer{
		Member: string(r.ID), Handle: r.Handle, Name: r.Name, Kind: string(r.Kind), Accounts: mapped(r.Accounts, accountOf),
		State: s.State, StateWords: r.People,
		Vote: s.Has(eligibility.Vote), Listing: s.Has(eligibility.Listing), Services: s.Has(eligibility.Services),
		Until:   untilAnswer{s.Verdict(eligibility.Vote).Until, s.Verdict(eligibility.Listing).Until, s.Verdict(eligibility.Services).Until},
		Reasons: mapped(s.Reasons, d.reasonOf), PaidThrough: s.PaidThrough, ChangesAt: s.ChangesAt, AsOf: s.AsOf,
		At: v.At, Known: v.Known, Forecast: s.Forecast || v.Forecast, Stale: stale, Policy: s.Policy,
		MemberSince: r.MemberSince, Delegates: r.Delegates,
	}
}

// explanationAnswer is explain --json: the row, and what it rests on.
type explanationAnswer struct {
	rowAnswer
	Minimum    string          `json:"minimum"`
	PolicyFrom instant.Instant `json:"policy_from"`
	DecidedBy  string          `json:"decided_by"`
	Facts      []factAnswer    `json:"facts"`
	WhatToDo   []string        `json:"what_to_do"`
}

type factAnswer struct {
	Ref    string          `json:"ref"`
	What   string          `json:"what"`
	From   instant.Instant `json:"from"`
	Until  instant.Instant `json:"until"`
	Amount *string         `json:"amount"`
	Note   string          `json:"note"`
	Cited  bool            `json:"cited"`
}

func factOf(f roll.FactLine) factAnswer {
	return factAnswer{f.Ref, f.What, f.From, f.Until, amountOf(f.Amount), f.Note, f.Cited}
}

func amountOf(m *money.Money) *string {
	if m == nil {
		return nil
	}
	s := m.String()
	return &s
}
