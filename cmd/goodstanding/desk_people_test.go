package main

import (
	"strings"

	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// What people enter in a small world.

// member is "Alfa Co-op, organisation, since 2025-01-10, pays as alfa"; it gets
// a delegate of its own unless it is "alone".
func (s *smallWorld) member(l told) {
	s.t.Helper()
	kind := member.Organisation
	if l.is("individual") {
		kind = member.Individual
	}
	m := roll.NewMember{Name: l.head, Kind: kind, Since: l.on("since"), Handle: l.word("handle"), Applied: l.is("applied")}
	if mail := l.word("contact"); mail != "" {
		m.Contacts = []roll.Contact{{Email: mail}}
	}
	id, _, err := s.roll.Add(s.t.Context(), s.by(), m)
	s.ok(err)
	for _, d := range l.rest {
		if slug, ok := strings.CutPrefix(d, "pays as "); ok {
			_, err := s.roll.Link(s.t.Context(), s.by(), id, s.accounts[slug].ID, 0, 0)
			s.ok(err)
		}
	}
	if !l.is("alone") {
		s.delegate(told{s.t, "Somebody of " + l.head, nil})
	}
}

// delegate is "Dee Legate of Alfa Co-op, mail dee@people.example".
func (s *smallWorld) delegate(l told) {
	s.t.Helper()
	name, of := two(s.t, l.head, "of")
	mail := l.word("mail")
	if mail == "" {
		mail = member.Handle(name+" "+of) + "@people.example"
	}
	p := roll.NewPerson{Name: name + " (" + of + ")", Email: mail}
	if l.word("mail") != "" {
		p.Name = name
	}
	if !l.is("known only") {
		p.DelegateOf = []member.ID{s.find(of)}
	}
	_, err := s.roll.AddPerson(s.t.Context(), s.by(), p)
	s.ok(err)
}

func (s *smallWorld) find(word string) member.ID {
	s.t.Helper()
	id, err := s.roll.Find(s.t.Context(), word)
	s.ok(err)
	return id
}

func (s *smallWorld) supporter(l told) {
	s.t.Helper()
	s.ok(s.roll.Supporter(s.t.Context(), s.by(), s.accounts[l.head].ID, true))
}

// unlink is "alfa from Alfa Co-op on 2026-05-01".
func (s *smallWorld) unlink(l told) {
	s.t.Helper()
	slug, rest := two(s.t, l.head, "from")
	name, on := two(s.t, rest, "on")
	_, err := s.roll.Unlink(s.t.Context(), s.by(), s.find(name), s.accounts[slug].ID, onDay(s.t, on))
	s.ok(err)
}

// payment is "GBP 120.00 by Alfa Co-op on 2026-01-01, months 12".
func (s *smallWorld) payment(l told) {
	s.t.Helper()
	amount, rest := two(s.t, l.head, "by")
	name, on := two(s.t, rest, "on")
	m, err := money.Parse(amount)
	s.ok(err)
	p := roll.PaymentEntry{Member: s.find(name), Amount: m, Received: onDay(s.t, on), Months: 12}
	_, _, err = s.roll.Pay(s.t.Context(), s.by(), p)
	s.ok(err)
}

func (s *smallWorld) leave(l told) {
	s.t.Helper()
	_, err := s.roll.Leave(s.t.Context(), s.by(), s.find(l.head), 0)
	s.ok(err)
}
