package web

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// memory reads what the public pages are made of, or gives what was read last.
func (s *site) memory(now instant.Instant) (Memory, bool) {
	m := Memory{At: now}
	if s.unread.Load() {
		return Memory{}, false
	}
	ctx := s.t.Context()
	if last := s.last.Load(); last != nil && s.change == nil && last.At == now && s.unmoved(last) {
		return *last, true
	}
	book, err := s.roll.Book(ctx)
	if err == nil {
		m.Book, m.Published = book, book.Published()
		m.Providers, m.Members = book.Providers(now), book.PublicMembers(now, m.Published)
		m.Voters = book.Voters(now, book.Known())
		m.Logos, err = s.roll.Logos(ctx, book, nil)
	}
	if err == nil {
		m.Decided, err = s.chair.Book(ctx, nil)
	}
	if err == nil {
		m.Views, err = m.Decided.Views(now, func(at instant.Instant) (decisions.Roll, error) { return book.Voters(at, book.Known()), nil })
	}
	if err != nil {
		last := s.last.Load()
		if last == nil {
			return Memory{}, false
		}
		return *last, true
	}
	if s.change != nil {
		s.change(&m)
	}
	s.last.Store(&m)
	return m, true
}

// unmoved says that nothing was written since.
func (s *site) unmoved(m *Memory) bool {
	err := s.db.View(s.t.Context(), func(tx *store.Tx) error {
		counters, err := tx.Counters(s.t.Context())
		if err != nil {
			return err
		}
		mark, err := tx.DecisionMark(s.t.Context())
		if err == nil && (counters != m.Book.Counters || mark != m.Decided.Mark) {
			err = errMoved
		}
		return err
	})
	return err == nil
}

var errMoved = errors.New("something was written")

// hostile is a name that somebody really had, among others.
const hostile = `Zoë O'Brien-Łukasz 🐝 <b>x</b>`

// hostileEscaped is the same as a page writes it.
const hostileEscaped = "Zoë O&#39;Brien-Łukasz 🐝 &lt;b&gt;x&lt;/b&gt;"

// federation is a site with a small federation on it. Whatever everybody may not
// read holds the word canary.
type federation struct {
	*site
	op                          roll.By
	birch, fir, dogwood, zed    member.ID
	lei, zoe, fay, cora, noor   member.PersonID
	open, secret, draft, logged chair.ID
	// asked are the routes that inSpanishToo has asked again.
	asked map[string]bool
}

func newFederation(t *testing.T) *federation {
	t.Helper()
	f := &federation{site: newSite(t, nil), asked: map[string]bool{}, op: roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:canary", Operator: true}, Reason: "canary reason"}}
	ctx := t.Context()
	add := func(n roll.NewMember) member.ID {
		t.Helper()
		n.Since = instant.Date(2025, 1, 10)
		id, _, err := f.roll.Add(ctx, f.op, n)
		f.ok(err)
		return id
	}
	f.birch = add(roll.NewMember{Name: hostile, Kind: member.Organisation, Website: "https://birch.example.org/?a=1&b='2", Summary: `<script>alert("x")</script> & "more"`})
	f.fir = add(roll.NewMember{Name: "Fir Works", Kind: member.Organisation})
	f.dogwood = add(roll.NewMember{Name: "Dogwood Care", Kind: member.Organisation})
	f.zed = add(roll.NewMember{Name: "Zed Canary", PublicName: "Zed", Kind: member.Individual})
	add(roll.NewMember{Name: "Nora Canary", Kind: member.Individual})
	add(roll.NewMember{Name: "Cedar Canary", Kind: member.Organisation, Applied: true})
	person := func(name string, of []member.ID, roles ...member.Role) member.PersonID {
		t.Helper()
		id, err := f.roll.AddPerson(ctx, f.op, roll.NewPerson{Email: name[:3] + "@people.example", Name: name + " Canary", DelegateOf: of, Roles: roles})
		f.ok(err)
		return id
	}
	f.lei, f.zoe, f.noor = person("Lei", []member.ID{f.birch}), person("Zoe", []member.ID{f.zed}), person("Noor", nil)
	f.fay, f.cora = person("Fay", []member.ID{f.dogwood}, member.Facilitator), person("Cora", []member.ID{f.fir}, member.ContactPerson)
	for _, id := range []member.ID{f.ash, f.birch, f.dogwood, f.zed} { // they have a vote, and nobody reads why
		_, _, err := f.roll.Waive(ctx, f.op, id, instant.Date(2025, 1, 10), 0, "canary-7")
		f.ok(err)
	}
	f.later(time.Second)
	f.decide()
	f.later(time.Second)
	return f
}

func (f *federation) later(d time.Duration) { f.now.Add(int64(d / time.Microsecond)) }

func (f *federation) by(id member.PersonID) chair.By {
	return chair.By{Actor: member.Actor{ID: string(id)}}
}

const writtenUp = "We **rent** a host.\n\n# Why\n\n<img src=x onerror=alert(1)> [bad](javascript:alert(1)) ![p](https://elsewhere.example/p.png)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"

// decide opens a public decision and one for members, makes a draft and notes a
// small decision.
func (f *federation) decide() {
	f.t.Helper()
	ctx := f.t.Context()
	did := func(r chair.Result, err error) chair.ID {
		f.t.Helper()
		f.ok(err)
		return r.Receipt.Decision
	}
	propose := func(size decisions.Size, v decisions.Visibility, title, changes string) chair.ID {
		f.t.Helper()
		return did(f.chair.Propose(ctx, f.by(f.lei), decisions.Proposal{Text: decisions.Text{Title: title, Changes: changes, Affects: "all <members>", Channel: "https://talk.example.org/7", Link: "javascript:alert(2)"},
			Size: size, Kind: decisions.General, Visibility: v}))
	}
	f.open = propose(decisions.Large, decisions.Public, "A host </title><script>", "We rent a host.")
	did(f.chair.Open(ctx, f.open, f.by(f.lei)))
	did(f.chair.Cast(ctx, f.open, f.by(f.zoe), decisions.Block, "It <em>costs</em> too much"))
	did(f.chair.AnswerConcern(ctx, f.open, f.by(f.lei), 1, "Half of it <b>then</b>"))
	did(f.chair.Amend(ctx, f.open, f.by(f.lei), func(t *decisions.Text) { t.Changes = writtenUp }, false))
	did(f.chair.Cast(ctx, f.open, f.by(f.zoe), decisions.Against, "Still too much"))
	did(f.chair.Cast(ctx, f.open, f.by(f.lei), decisions.Favour, ""))
	f.secret = propose(decisions.Medium, decisions.Members, "Canary tea", "Canary water.")
	did(f.chair.Open(ctx, f.secret, f.by(f.lei)))
	f.draft = propose(decisions.Medium, decisions.Public, "Canary draft", "Canary.")
	f.logged = propose(decisions.Small, decisions.Public, "New chairs", "Four.")
	did(f.chair.Log(ctx, f.logged, f.by(f.lei)))
}

// list publishes the provider list with an entry of each.
func (f *federation) list(entries map[member.ID]roll.Profile) {
	f.t.Helper()
	ctx := f.t.Context()
	for id, p := range entries {
		_, err := f.roll.SetProfile(ctx, f.op, id, p)
		f.ok(err)
		_, err = f.roll.Consent(ctx, f.op, id, true, 0, "canary words")
		f.ok(err)
		_, err = f.roll.Approve(ctx, f.op, id)
		f.ok(err)
	}
	f.ok(f.roll.PublishProviders(ctx, f.op, true))
	f.later(time.Second)
}

// as signs a person in, in a browser of its own; "" is nobody.
func (f *federation) as(id member.PersonID) {
	f.t.Helper()
	f.client = f.browser()
	if id == "" {
		return
	}
	link, _, err := f.signin.PrintLink(f.t.Context(), f.op, id)
	f.ok(err)
	f.post("/sign-in/link", "token", regexp.MustCompile(`[^/]+$`).FindString(link)).leads(f.t, "/me")
}

// addressOf is an address for a route.
func (f *federation) addressOf(r route) string {
	return regexp.MustCompile(`\{\w+\}`).ReplaceAllStringFunc(r.path, func(name string) string {
		if name == "{decision}" {
			return "1"
		}
		return "nonsense"
	})
}

// publicAddresses are all public pages that are answered here, in every form.
func (f *federation) publicAddresses() (out []string) {
	for _, r := range routes() {
		if r.who == everybody && r.as == "" {
			out = append(out, f.addressOf(r))
		}
	}
	return append(out, "/decisions/2", "/decisions/"+string(f.logged), "/decisions/99", "/decisions/"+string(f.draft), "/decisions/1?text=2", "/decisions?state=open", "/decisions?state=<script>",
		"/providers?service=hosting&language=<b>", "/members?kind=individual&page=<i>", "/members?page=-9223372036854775808")
}

// passes lets every member that may answer a decision be in favour of it, and closes
// it when its time is over.
func (f *federation) passes(ctx context.Context, number int) {
	f.t.Helper()
	id, err := f.chair.Find(ctx, strconv.Itoa(number))
	f.ok(err)
	v, err := f.chair.Read(ctx, id)
	f.ok(err)
	_, err = f.chair.Announce(ctx, id, f.by(f.fay), "the room")
	f.ok(err)
	for _, who := range []member.PersonID{f.ada, f.lei, f.fay, f.zoe} {
		_, err := f.chair.Cast(ctx, id, f.by(who), decisions.Favour, "")
		f.ok(err)
	}
	f.now.Store(int64(v.Decision.Ends().Add(time.Minute)))
	_, err = f.chair.CloseDue(ctx)
	f.ok(err)
}
