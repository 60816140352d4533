package api

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// rollAnswer is the roll, or a part of it, at one instant by what was known.
type rollAnswer struct {
	when
	list[rowAnswer]
}

// when says what instant an answer is about, by what was known, and how old
// what it rests on is.
type when struct {
	At       instant.Instant `json:"at"`
	Known    instant.Instant `json:"known"`
	AsOf     instant.Instant `json:"as_of"`    // start of the last complete reading of Open Collective known then
	Forecast bool            `json:"forecast"` // at is later than the clock
	Stale    bool            `json:"stale"`
	Policy   string          `json:"policy"` // id of the version in force at that instant
}

// rowAnswer is one member with its standing.
type rowAnswer struct {
	Member      member.ID         `json:"member"`
	Handle      string            `json:"handle"`
	Name        string            `json:"name"`
	Kind        member.Kind       `json:"kind"`
	MemberSince instant.Instant   `json:"member_since"`
	Accounts    []accountAnswer   `json:"accounts"`
	Delegates   int               `json:"delegates"`
	State       eligibility.State `json:"state"`
	StateWords  string            `json:"state_in_words"`
	Rights      rightsAnswer      `json:"rights"`
	Reasons     []reasonAnswer    `json:"reasons"`
	PaidThrough instant.Instant   `json:"paid_through"`
	ChangesAt   instant.Instant   `json:"changes_at"`
}

type accountAnswer struct {
	ID   member.AccountID `json:"id"`
	Slug string           `json:"slug"`
}

type rightsAnswer struct {
	Vote     verdictAnswer `json:"vote"`
	Listing  verdictAnswer `json:"listing"`
	Services verdictAnswer `json:"services"`
}

// verdictAnswer says whether a member has a right, and up to when the facts
// carry it; null where they do not end it.
type verdictAnswer struct {
	OK    bool            `json:"ok"`
	Until instant.Instant `json:"until"`
}

type reasonAnswer struct {
	Code   eligibility.Code `json:"code"`
	Text   string           `json:"text"`
	Rights []string         `json:"rights"`
	Since  instant.Instant  `json:"since"`
	Until  instant.Instant  `json:"until"`
	Facts  []string         `json:"facts"`
}

func (a *API) roll(c *call) (any, error) {
	q := roll.Query{At: c.query.instant("at"), Known: c.known(), State: c.query.state(), Right: c.query.right()}
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	v := c.s.book.View(q, c.now)
	rows, err := paged(v.Rows, func(r roll.Row) string { return string(r.ID) }, p)
	if err != nil {
		return nil, err
	}
	items := mapped(rows.Items, func(r roll.Row) rowAnswer { return rowOf(&r, a.o.Zone) })
	return rollAnswer{
		when: when{At: v.At, Known: v.Known, AsOf: v.AsOf, Forecast: v.Forecast, Stale: v.Stale, Policy: v.Policy},
		list: list[rowAnswer]{Items: items, Next: rows.Next},
	}, nil
}

// known is the time of knowledge that is asked for, at most what the snapshot
// knows: nobody can say today what will be known tomorrow.
func (c *call) known() instant.Instant {
	return min(c.query.instant("known"), c.s.book.Counters.Newest())
}

func rowOf(r *roll.Row, zone *time.Location) rowAnswer {
	s := &r.Standing
	return rowAnswer{
		Member: r.ID, Handle: r.Handle, Name: r.Name, Kind: r.Kind, MemberSince: r.MemberSince, Delegates: r.Delegates,
		Accounts: mapped(r.Accounts, func(a roll.AccountRef) accountAnswer { return accountAnswer(a) }),
		State:    s.State, StateWords: r.People,
		Rights:  rightsAnswer{verdictOf(s, eligibility.Vote), verdictOf(s, eligibility.Listing), verdictOf(s, eligibility.Services)},
		Reasons: mapped(s.Reasons, func(r eligibility.Reason) reasonAnswer { return reasonOf(r, zone) }),

		PaidThrough: s.PaidThrough, ChangesAt: s.ChangesAt,
	}
}

func verdictOf(s *eligibility.Standing, r eligibility.Right) verdictAnswer {
	return verdictAnswer(s.Verdict(r))
}

func reasonOf(r eligibility.Reason, zone *time.Location) reasonAnswer {
	return reasonAnswer{Code: r.Code, Text: r.Text(zone), Rights: r.Rights.Names(), Since: r.Since, Until: r.Until,
		Facts: mapped(r.Facts, eligibility.Ref.String)}
}
