package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// noticesCmd is goodstanding notices.
type noticesCmd struct {
	List    noticeListCmd    `cmd:"" default:"withargs" help:"What was told to whom, and what was not; the same as goodstanding notices"`
	Why     noticeWhyCmd     `cmd:"" help:"Say why somebody got a notice, or did not"`
	Start   noticeStartCmd   `cmd:"" help:"Show what would go to whom, and turn the notices on"`
	Stop    noticeStopCmd    `cmd:"" help:"Turn the notices off again"`
	Release noticeReleaseCmd `cmd:"" help:"Say yes to what waits: let it go"`
	Drop    noticeDropCmd    `cmd:"" help:"Say no to what waits: it is never sent"`
	Bounced noticeBouncedCmd `cmd:"" help:"Note that mails to an address come back"`

	Preview noticesPreviewCmd `cmd:"" help:"Show what a notice says, on invented people"`
}

// noticeFilter narrows the list of notices.
type noticeFilter struct {
	Member string `placeholder:"MEMBER" help:"Only those about this member"`
	Person string `placeholder:"PERSON" help:"Only those to this person: name, e-mail address or id"`
	Kind   string `placeholder:"KIND" help:"Only those of this kind"`
	State  string `placeholder:"STATE" help:"Only those in this state"`
	Since  when   `placeholder:"DATE" help:"Only those to which something happened then or later"`
}

func noticeKinds() []string {
	return mapped(notify.Kinds(), func(k notify.Kind) string { return string(k) })
}

func noticeStates() []string {
	return mapped(notify.States(), func(s notify.State) string { return string(s) })
}

// knownWord refuses a word that is none of some.
func knownWord(flag, what, word string, words []string) error {
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	near, _ := nearest(word, words)
	return &usageError{fmt.Sprintf("%s: there is no %s %q; the nearest is %s (there are %s)", flag, what, clip(word), near, strings.Join(words, ", "))}
}

func (f *noticeFilter) check() error {
	if err := knownWord("--kind", "kind", f.Kind, noticeKinds()); err != nil {
		return err
	}
	return knownWord("--state", "state", f.State, noticeStates())
}

// query is the filter with its words looked up.
func (f *noticeFilter) query(ctx context.Context, d *desk) (q roll.NoticesQuery, err error) {
	q = roll.NoticesQuery{Kind: notify.Kind(f.Kind), State: notify.State(f.State), Since: f.Since.Instant}
	if f.Member != "" {
		if q.Member, err = d.roll.Find(ctx, f.Member); err != nil {
			return q, err
		}
	}
	if f.Person != "" {
		q.Person, err = d.roll.FindPerson(ctx, f.Person)
	}
	return q, err
}

type noticeListCmd struct {
	noticeFilter
	Limit int `default:"50" placeholder:"N" help:"How many at most, the newest first; else 50"`
}

// Help says what the list holds.
func (noticeListCmd) Help() string {
	return `
Every notice has a row: those that were sent, and those that were not. Why, with
each step, says goodstanding notices why.

  goodstanding notices
  goodstanding notices --member alfa --since 2026-06-01
  goodstanding notices --state failed --json

` + strings.Join(broken("Kinds: "+strings.Join(noticeKinds(), ", "), 80), "\n") + "\n" +
		strings.Join(broken("States: "+strings.Join(noticeStates(), ", "), 80), "\n")
}

// Run lists them.
func (c noticeListCmd) Run(ctx context.Context, a *app) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Limit < 1 {
		return &usageError{"--limit is a whole number from 1"}
	}
	return a.at(ctx, needStore, func(d *desk) error {
		q, err := c.query(ctx, d)
		if err != nil {
			return err
		}
		q.Limit = c.Limit + 1 // one more says that there are more
		list, err := d.roll.Notices(ctx, q)
		if err != nil {
			return err
		}
		more := len(list) > c.Limit
		list = list[:min(len(list), c.Limit)]
		if a.cli.JSON {
			return a.out.json(mapped(list, noticeOf))
		}
		if len(list) == 0 {
			a.out.line("There is no such notice.")
			return a.out.err
		}
		d.printNotices(list)
		if more {
			a.note.line("There are more: --limit shows more of them, --since or --member fewer.")
		}
		return a.out.err
	})
}

func (d *desk) printNotices(list []roll.Notice) {
	p, zone := d.app.out, d.cfg.Federation.Zone
	t := &table{columns: []column{{title: "NOTICE", least: 10}, {title: "ABOUT", least: 8}, {title: "TO", least: 8}, {title: "DUE"}, {title: "STATE", least: 12}, {title: "SINCE"}, {title: "ID"}}}
	for i := range list {
		n := &list[i]
		t.add(n.Words, clean(n.About), clean(n.To), day(n.DueAt, zone), paintNotice(p, n), day(n.LastStep(), zone), n.ID)
	}
	t.print(p)
}

// paintNotice colours a notice's state.
func paintNotice(p *printer, n *roll.Notice) string {
	switch n.State {
	case notify.Sent:
		return p.good(n.StateWords)
	case notify.Failed, notify.NoAddress:
		return p.bad(clean(n.StateWords))
	case notify.HeldState:
		return p.warn(clean(n.StateWords))
	}
	return clean(n.StateWords)
}

type noticeWhyCmd struct {
	Notice string `arg:"" optional:"" help:"The notice's id, as goodstanding notices lists it"`
	Member string `placeholder:"MEMBER" help:"The newest notices about this member"`
	Person string `placeholder:"PERSON" help:"The newest notices to this person: name, e-mail address or id"`
	Kind   string `placeholder:"KIND" help:"Only those of this kind"`
}

// Help shows how to use it.
func (noticeWhyCmd) Help() string {
	return `
One sentence for each notice, then every step that it took.

  goodstanding notices why nt_…
  goodstanding notices why --member alfa
  goodstanding notices why --member alfa --kind lapsed`
}

// mostWhy bounds what one question shows.
const mostWhy = 20

// Run says why.
func (c noticeWhyCmd) Run(ctx context.Context, a *app) error {
	filter := noticeFilter{Member: c.Member, Person: c.Person, Kind: c.Kind}
	if err := filter.check(); err != nil {
		return err
	}
	if (c.Notice == "") == (c.Member == "" && c.Person == "") {
		return &usageError{"say which: goodstanding notices why ID, or --member MEMBER or --person PERSON"}
	}
	return a.at(ctx, needStore, func(d *desk) error {
		list, err := c.list(ctx, d, filter)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(list, noticeOf))
		}
		if len(list) == 0 {
			a.out.line("There is no such notice: nothing has happened that would be told.")
		}
		for i := range list {
			if i > 0 {
				a.out.line("")
			}
			d.printWhy(&list[i])
		}
		return a.out.err
	})
}

func (c noticeWhyCmd) list(ctx context.Context, d *desk, filter noticeFilter) ([]roll.Notice, error) {
	if c.Notice != "" {
		n, err := d.roll.Notice(ctx, c.Notice)
		return []roll.Notice{n}, err
	}
	q, err := filter.query(ctx, d)
	if err != nil {
		return nil, err
	}
	q.Limit = mostWhy
	return d.roll.Notices(ctx, q)
}

func (d *desk) printWhy(n *roll.Notice) {
	p, zone := d.app.out, d.cfg.Federation.Zone
	p.wrap(0, clean(n.Why))
	p.line("  %s", p.dim(n.ID))
	for _, s := range n.Steps {
		p.line("  %s  %s", minute(s.At, zone), clean(s.Words))
	}
}

// noticeAnswer is a notice in JSON; it names no address.
type noticeAnswer struct {
	Notice     string          `json:"notice"`
	Kind       notify.Kind     `json:"kind"`
	KindWords  string          `json:"kind_in_words"`
	Member     *member.ID      `json:"member"` // null for the federation
	Handle     string          `json:"handle"`
	About      string          `json:"about"`
	Cause      string          `json:"cause"`
	Recipient  string          `json:"recipient"`
	To         string          `json:"to"`
	Channel    notify.Channel  `json:"channel"`
	Written    instant.Instant `json:"written"`
	DueAt      instant.Instant `json:"due_at"`
	State      notify.State    `json:"state"`
	Detail     string          `json:"detail"`
	StateWords string          `json:"state_in_words"`
	Why        string          `json:"why"`
	Attempts   int             `json:"attempts"`
	TryAt      instant.Instant `json:"try_at"`
	Letter     string          `json:"letter"`
	Steps      []stepAnswer    `json:"steps"`
}

type stepAnswer struct {
	At     instant.Instant `json:"at"`
	State  notify.State    `json:"state"`
	Detail string          `json:"detail"`
	Words  string          `json:"words"`
}

func noticeOf(n roll.Notice) noticeAnswer {
	out := noticeAnswer{Notice: n.ID, Kind: n.Kind, KindWords: n.Words, Handle: n.Handle, About: n.About, Cause: n.Cause, Recipient: n.Recipient, To: n.To,
		Channel: n.Channel, Written: n.Written, DueAt: n.DueAt, State: n.State, Detail: n.Detail, StateWords: n.StateWords, Why: n.Why,
		Attempts: n.Attempts, TryAt: n.TryAt, Letter: n.Letter, Steps: mapped(n.Steps, func(s roll.NoticeStep) stepAnswer { return stepAnswer(s) })}
	if n.Member != "" {
		out.Member = &n.Member
	}
	return out
}
