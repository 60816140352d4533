package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// cardPage is one member: why it stands as it does, and what is stored about it.
type cardPage struct {
	Tabs                         []tab
	Name, Handle, Kind, Address  string
	ID                           string
	Since                        moment
	AdmittedBy                   string
	State, Words                 string
	Held                         bool
	At, AsOf, Known, Changes     moment
	Past, Forecast, Unread       bool
	Dues                         string
	Reasons                      []reasonLine
	Rights                       []boardRightLine
	ToDo                         []string
	AtField, KnownField, AtFault string // the form of another date
	Accounts                     []spanLine
	NoAccount                    bool // it has none, on purpose
	Delegates                    []string
	Contacts                     []string
	Payments, Waivers            []spanLine
	Facts                        []factLine
	MoreFacts                    int // that are not listed
	Recorded                     []recordLine
	Break                        string // a pause, or a suspension, that holds or is to come; "" for none
	Events                       []eventLine
	Log                          []logLine
	Desk                         []deskLine
	Notices                      []boardNoticeLine
	Act                          deedForm
}

type reasonLine struct {
	Text, Code, Rights string
	Facts              []string
}

type boardRightLine struct {
	Name    string
	OK      bool
	Until   moment
	Without []string // why not, or what beside
}

// spanLine is something that holds for a time.
type spanLine struct {
	What, ID    string
	From, Until moment
	Gone        string // "reversed", "revoked"; "" while it stands
	Who, Why    string
	Over        bool // of a link: it has ended
}

type factLine struct {
	On, Until    moment
	What, Amount string
	Note, Ref    string
	Cited        bool
}

type recordLine struct {
	At    moment
	Words string
	State string
	Vote  bool
	Href  string
}

// The bounds of what a member's page lists.
const (
	mostFacts        = 12
	mostRecorded     = 30
	boardMostNotices = 10
)

// member shows one member.
func (b *board) member() error { return b.card(http.StatusOK, deedForm{}) }

// card shows the member that the address names, with a form that was refused, if
// there is one.
func (b *board) card(status int, act deedForm) error {
	ctx := b.v.r.Context()
	id, err := b.p.o.Roll.Find(ctx, b.v.segment)
	if reasons, is := refused(err); is {
		n := noMemberPage
		n.Text = ""
		for _, one := range reasons {
			n.Text = strings.TrimSpace(n.Text + " " + sentence(told(b.v.language(), one)).Text)
		}
		b.p.problem(b.v, http.StatusNotFound, n)
		return nil
	}
	if err != nil {
		return err
	}
	page := cardPage{Tabs: b.tabs(""), Act: act}
	var at, known instant.Instant
	if b.v.r.Method == http.MethodGet || b.v.r.Method == http.MethodHead {
		page.AtField, page.KnownField = strings.TrimSpace(b.field("at")), strings.TrimSpace(b.field("known"))
		if at, err = b.dayEnd(page.AtField); err == nil {
			known, err = b.dayEnd(page.KnownField)
		}
		if err != nil {
			page.AtFault, status, at, known = err.Error(), http.StatusUnprocessableEntity, 0, 0
		}
	}
	c, err := b.p.o.Roll.Card(ctx, id, at, known, b.v.language())
	if err != nil {
		return err
	}
	page.Past = at != 0 || known != 0
	if err := b.happened(&page, &c); err != nil {
		return err
	}
	b.facts(&page, &c)
	b.standing(&page, &c)
	b.entered(&page, &c)
	notices, err := b.p.o.Roll.Notices(ctx, roll.NoticesQuery{Member: id, Limit: boardMostNotices, In: b.v.language()})
	if err != nil {
		return err
	}
	page.Notices = b.noticeLines(notices)
	return b.page(status, "boardmember", c.Name, page)
}

// dayEnd is the end of a day of the federation's zone, so that what was so on that
// day, and known on it, is counted in; of today it is now. A whole instant is
// itself; "" is 0.
func (b *board) dayEnd(text string) (instant.Instant, error) {
	if text == "" {
		return 0, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, b.p.o.Zone); err == nil {
		now, end := b.p.o.Now(), instant.Of(day.AddDate(0, 0, 1))-1
		if instant.Of(day) <= now && now <= end {
			end = now
		}
		if end <= 0 {
			return 0, errors.New(b.sayf("%s is too long ago", b.day(instant.Of(day)).Words))
		}
		return end, nil
	}
	at, err := instant.Parse(text)
	if err != nil || at == 0 {
		return 0, errors.New(b.sayf("“%s” is no day: write it as 2026-06-01", clip(text)))
	}
	return at, nil
}

// clip shortens what somebody typed, so that it can be told back.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// standing is the verdict with all its reasons.
func (b *board) standing(page *cardPage, c *roll.Card) {
	s, zone := &c.Standing, b.p.o.Zone
	_, page.Held = s.Reason(eligibility.CodeHeld)
	page.State, page.Words, page.Forecast, page.Unread = s.State.String(), c.People, s.Forecast, s.AsOf == 0
	page.At, page.AsOf, page.Known, page.Changes = b.minute(s.At), b.minute(s.AsOf), b.minute(s.Known), b.minute(s.ChangesAt)
	if c.Minimum != "" {
		page.Dues = b.sayf("Dues are %s by the rules %s, in force since %s", c.Minimum, s.Policy, b.day(c.PolicyFrom).Words)
		if c.DecidedBy != "" {
			page.Dues = b.sayf("%s, made by decision %s", page.Dues, c.DecidedBy)
		}
	}
	byRef := map[string]roll.FactLine{}
	for _, f := range c.Facts {
		byRef[f.Ref] = f
	}
	for _, r := range s.Reasons {
		line := reasonLine{Text: r.TextIn(b.v.language(), zone), Code: r.Code.String(), Rights: strings.Join(b.rightNames(r.Rights), ", ")}
		for _, ref := range r.Facts {
			line.Facts = append(line.Facts, b.factWords(ref.String(), byRef))
		}
		page.Reasons = append(page.Reasons, line)
	}
	for _, right := range eligibility.Rights {
		v := s.Verdict(right)
		line := boardRightLine{Name: b.say(rightWords[right]), OK: v.OK, Until: b.day(v.Until)}
		for _, r := range s.ReasonsFor(right) {
			if !v.OK || r.Code == eligibility.CodeAdvisory {
				line.Without = append(line.Without, r.TextIn(b.v.language(), zone))
			}
		}
		page.Rights = append(page.Rights, line)
	}
	for _, one := range c.WhatToDo {
		page.ToDo = append(page.ToDo, plainly(one))
	}
}

// rightNames are rights in words.
func (b *board) rightNames(rights eligibility.RightSet) (out []string) {
	for _, r := range eligibility.Rights {
		if rights.Has(r) {
			out = append(out, b.say(rightWords[r]))
		}
	}
	return out
}

// factWords is a fact that a reason rests on.
func (b *board) factWords(ref string, byRef map[string]roll.FactLine) string {
	f, ok := byRef[ref]
	if !ok {
		return ref
	}
	words := f.What
	if f.Amount != nil {
		words = b.sayf("fact|%s of %s", words, f.Amount.Symbol())
	}
	if on := b.day(f.From).Words; on != "" {
		words = b.sayf("fact|%s on %s", words, on)
	}
	return capital(words)
}

// facts are what is known of the member, the newest first, and those that the
// verdict rests on however old they are.
func (b *board) facts(page *cardPage, c *roll.Card) {
	page.Name, page.Handle, page.Kind, page.ID, page.Address = c.Name, c.Handle, b.say(string(c.Kind)), string(c.ID), memberAddress(&c.Row)
	page.Since, page.AdmittedBy = b.day(c.MemberSince), c.Info.Decision
	for i, f := range c.Facts {
		if i >= mostFacts && !f.Cited {
			page.MoreFacts++
			continue
		}
		line := factLine{On: b.day(f.From), Until: b.day(f.Until), What: capital(f.What), Note: f.Note, Ref: f.Ref, Cited: f.Cited}
		if f.Amount != nil {
			line.Amount = f.Amount.Symbol()
		}
		page.Facts = append(page.Facts, line)
	}
	for i, s := range c.Recorded {
		if i == mostRecorded {
			break
		}
		page.Recorded = append(page.Recorded, recordLine{At: b.minute(s.At), Words: roll.WordsIn(b.v.language(), s.State), State: s.State.String(), Vote: s.Vote,
			Href: page.Address + "?" + url.Values{"at": {s.At.String()}, "known": {s.Known.String()}}.Encode()})
	}
}

// entered is what treasurers entered for the member.
func (b *board) entered(page *cardPage, c *roll.Card) {
	span := func(from, until instant.Instant) spanLine { return spanLine{From: b.day(from), Until: b.day(until)} }
	for _, l := range c.Info.Links {
		line := span(l.From, l.Until)
		line.What, line.ID, line.Over = accountWords(l), string(l.Account), l.Until != 0 && l.Until <= b.p.o.Now()
		page.Accounts = append(page.Accounts, line)
	}
	for _, p := range c.Delegates {
		page.Delegates = append(page.Delegates, p.Name)
	}
	for _, one := range c.Contacts {
		page.Contacts = append(page.Contacts, strings.TrimSpace(one.Email+" "+one.Matrix))
	}
	for _, p := range c.Payments {
		line := span(p.From, p.Until)
		line.What, line.ID, line.Who, line.Why = b.sayf("fact|%s for %s", p.Amount.Symbol(), b.count(p.Months, "month", "months")), p.ID, p.Who, p.Why
		if p.Undone {
			line.Gone = b.say("payment|reversed")
		}
		page.Payments = append(page.Payments, line)
	}
	for _, w := range c.Waivers {
		line := span(w.From, w.Until)
		line.What, line.ID, line.Who, line.Why = b.say("Dues waived"), w.ID, w.Who, w.Why
		if w.Decision != "" {
			line.What = b.sayf("fact|%s (decision %s)", line.What, w.Decision)
		}
		if w.Revoked {
			line.Gone = b.say("waiver|revoked")
		}
		page.Waivers = append(page.Waivers, line)
	}
}

func accountWords(l store.LinkState) string {
	if l.Slug == "" {
		return string(l.Account)
	}
	return "@" + l.Slug
}

// boardNoticeLine is a notice as treasurers read it.
type boardNoticeLine struct {
	Words, About, To, State, Why string
	Since                        moment
}

func (b *board) noticeLines(list []roll.Notice) []boardNoticeLine {
	var out []boardNoticeLine
	for i := range list {
		n := &list[i]
		out = append(out, boardNoticeLine{Words: capital(n.Words), About: n.About, To: n.To, State: n.StateWords, Why: plainly(n.Why), Since: b.minute(n.LastStep())})
	}
	return out
}
