package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type decisionListCmd struct {
	All bool `help:"Also those that are over"`
}

// Help shows how to use it.
func (decisionListCmd) Help() string {
	return `
  goodstanding decisions list          drafts, and what is being decided
  goodstanding decisions list --all    and what was`
}

// Run lists.
func (c decisionListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		all, err := d.chair().List(ctx)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(v chair.View) bool { return !c.All && v.Decision.State.Final() })
		if a.cli.JSON {
			return a.out.json(mapped(all, d.decisionOf))
		}
		if len(all) == 0 {
			a.out.line("Nothing is being decided. Begin with: goodstanding decisions propose --help")
			return a.out.err
		}
		t := &table{columns: []column{{title: "NO", right: true}, {title: "SIZE"}, {title: "STATE"}, {title: "TITLE", least: 12}, {title: "UNTIL"}, {title: "HOW IT STANDS"}}}
		for _, v := range all {
			x := &v.Decision
			no, until, stands := "", "", ""
			if x.Number > 0 {
				no = strconv.Itoa(x.Number)
			}
			switch {
			case x.State.Running():
				until, stands = x.Deadline.String(), v.Outcome.Stands()
				if v.Lacking() != "" {
					stands += "; answers may be missing"
				}
			case x.Untaken():
				until = x.Imported.Deadline.String()
				stands = strings.Join(mapped(x.Imported.Flags, flagWords), ", ")
			case x.State == decisions.Draft:
				stands = string(v.ID)
			}
			state := stateOfDecision(a.out, x.State)
			if x.Imported != nil {
				state += ", imported"
			}
			t.add(no, string(x.Size()), state, clean(x.Proposal.Title), until, stands)
		}
		t.print(a.out)
		return a.out.err
	})
}

// flagWords is what had to be guessed of an imported decision, in a word or two.
func flagWords(f decisions.Flag) string { return strings.ReplaceAll(string(f), "_", " ") }

// stateOfDecision is the state, in colour on a terminal.
func stateOfDecision(p *printer, s decisions.State) string {
	switch s {
	case decisions.Overdue, decisions.Stopped:
		return p.warn(s.Words())
	case decisions.Passed:
		return p.bold(s.Words())
	}
	return s.Words()
}

type decisionShowCmd struct {
	decisionArg
	History bool `help:"Also everything that happened, with who did it"`
}

// Help shows how to use it.
func (decisionShowCmd) Help() string {
	return `
Its text, the rule in words, each line of the rule and whether it holds, who has
answered what and who has not, concerns with their answers.

  goodstanding decisions show 12
  goodstanding decisions show 12 --history`
}

// Run shows.
func (c decisionShowCmd) Run(ctx context.Context, a *app) error {
	return a.reading(ctx, c.Decision, func(d *desk, v chair.View) error {
		if a.cli.JSON {
			return a.out.json(d.decisionOf(v))
		}
		s := &showing{desk: d, p: a.out, v: &v, x: &v.Decision}
		if err := s.readNames(ctx); err != nil {
			return err
		}
		s.print(c.History)
		return a.out.err
	})
}

// reading finds a decision and lets f show it as it reads now.
func (a *app) reading(ctx context.Context, word string, f func(d *desk, v chair.View) error) error {
	return a.at(ctx, needStore, func(d *desk) error {
		ch := d.chair()
		id, err := ch.Find(ctx, word)
		if err != nil {
			return err
		}
		v, err := ch.Read(ctx, id)
		if err != nil {
			return err
		}
		return f(d, v)
	})
}

// showing prints one decision.
type showing struct {
	*desk
	p       *printer
	v       *chair.View
	x       *decisions.Decision
	members map[member.ID]string
	people  map[member.PersonID]string
}

func (s *showing) readNames(ctx context.Context) error {
	s.members, s.people = map[member.ID]string{}, map[member.PersonID]string{}
	view, err := s.roll.View(ctx, roll.Query{})
	if err != nil {
		return err
	}
	for _, row := range view.Rows {
		s.members[row.ID] = clean(row.Name)
	}
	people, err := s.roll.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		s.people[p.ID] = clean(p.Name)
	}
	return nil
}

func (s *showing) member(id member.ID) string {
	if name := s.members[id]; name != "" {
		return name
	}
	return string(id)
}

func (s *showing) person(id member.PersonID) string {
	if name := s.people[id]; name != "" {
		return name
	}
	return "somebody who was removed"
}

func (s *showing) print(history bool) {
	p, x := s.p, s.x
	head := "Draft " + string(s.v.ID)
	if x.Number > 0 {
		head = fmt.Sprintf("Decision %d", x.Number)
	}
	p.line("%s", p.bold(fmt.Sprintf("%s (%s): %s", head, x.Size(), clean(x.Proposal.Title))))
	for _, f := range []struct{ label, text string }{
		{"What changes", x.Proposal.Changes}, {"Whom it affects", x.Proposal.Affects}, {"Discussed in", x.Proposal.Channel},
		{"Write-up", x.Proposal.Link}, {"Proposed by", s.member(x.Proposer)},
	} {
		if f.text != "" {
			p.wrap(0, f.label+": "+clean(f.text))
		}
	}
	if x.Proposal.Kind == decisions.Admit {
		p.line("If it passes, %s becomes a member.", s.member(x.Proposal.Applicant))
	}
	p.line("")
	if x.Imported != nil {
		s.imported()
	}
	if x.State.Running() || x.Outcome != nil {
		s.standing()
		s.ballots()
		s.concerns()
	} else {
		p.line("It is %s.", stateOfDecision(p, x.State))
	}
	if history {
		s.history()
	}
}

// imported is what a file said of it.
func (s *showing) imported() {
	p, im := s.p, s.x.Imported
	p.wrap(0, "It was imported: what a file says of it was counted elsewhere, not here.")
	for _, f := range []struct {
		label string
		day   decisions.Day
	}{{"Proposed", im.Date}, {"Deadline", im.Deadline}, {capital(im.State.Words()), im.Ended}} {
		if !f.day.IsZero() {
			p.line("%s: %s", f.label, f.day.Words())
		}
	}
	if len(im.Flags) > 0 {
		p.wrap(0, p.warn("Guessed: ")+strings.Join(mapped(im.Flags, flagWords), ", "))
	}
	if s.x.Told != "" {
		p.wrap(0, "The file told of its result: "+clean(s.x.Told))
	}
	if s.x.State == decisions.Elsewhere || s.x.State == decisions.Stalled && s.x.Untaken() {
		p.wrap(0, fmt.Sprintf("A facilitator can take it up here: goodstanding decisions reopen %d --until DATE", s.x.Number))
	}
	p.line("")
}

// standing is the rule, line by line, and what it comes to.
func (s *showing) standing() {
	p, o := s.p, &s.v.Outcome
	p.wrap(0, s.stands(s.x, o))
	if why := s.v.Lacking(); why != "" {
		p.wrap(0, p.warn("Note: ")+why+".")
	}
	p.line("")
	p.line("It passes if all of this holds (%s):", s.x.Policy)
	for _, l := range o.Lines {
		mark := "yes"
		if !l.Holds {
			mark = p.warn("no ")
		}
		p.line("  %s  %s  %s", mark, l.Condition.Sentence(), p.dim(l.Text))
	}
	if o.Unheard {
		p.wrap(0, p.warn("Not announced in time: silence does not count yet.")+" Record where the members were told: goodstanding decisions announce "+strconv.Itoa(s.x.Number)+" --place PLACE")
	}
	if o.Otherwise != nil {
		p.wrap(0, fmt.Sprintf("Somebody left or was suspended after the deadline. If they counted all the same: %d in favour, %d against, %d block, %d waited for. Two people of other members settle it: goodstanding decisions electorate %d in|out MEMBER",
			o.Otherwise.Favour, o.Otherwise.Against, o.Otherwise.Block, len(o.Otherwise.Waiting), s.x.Number))
	}
	if s.x.State.Running() {
		p.line("As it stands it %s.", o.Sensitivity)
	}
	if o.Tally.Grace > 0 {
		p.line("%s of members in grace.", many(o.Tally.Grace, "answer comes", "answers come"))
	}
	p.line("")
}

// ballots is who has answered and who has not.
func (s *showing) ballots() {
	t := &table{columns: []column{{title: "MEMBER", least: 10}, {title: "ANSWER"}, {title: "BY", least: 8}, {title: "WHEN"}, {title: "NOTE"}}}
	tally := &s.v.Outcome.Tally
	seats := slices.Clone(s.x.Electorate)
	arrange.By(seats, func(a, b decisions.Seat) int {
		return cmp.Or(cmp.Compare(s.member(a.Member), s.member(b.Member)), cmp.Compare(a.Member, b.Member))
	})
	for _, seat := range seats {
		b, cast := s.x.Ballots[seat.Member]
		answer, by, when, note := "", "", "", ""
		if cast {
			answer, by, when = string(b.Answer), s.person(b.Person), day(b.At, s.cfg.Federation.Zone)
		}
		switch id := seat.Member; {
		case slices.Contains(tally.Discounted, id):
			note = "left or suspended: does not count"
		case slices.Contains(tally.Unconfirmed, id):
			note = "to a former text: counts when confirmed"
		case slices.Contains(tally.Unable, id):
			note = "no vote now: not waited for"
		case slices.Contains(tally.Waiting, id):
			answer = s.p.warn("waited for")
		case cast && b.Verdict.Trusted:
			note = "by the last trusted standing"
		}
		if slices.Contains(tally.Objections, seat.Member) {
			note = strings.TrimPrefix(note+", objects", ", ")
		}
		t.add(s.member(seat.Member), answer, by, when, note)
	}
	t.print(s.p)
}

func (s *showing) concerns() {
	if len(s.v.Outcome.Tally.Concerns) == 0 {
		return
	}
	s.p.line("")
	for _, n := range s.v.Outcome.Tally.Concerns {
		c := s.x.Concerns[n-1]
		s.p.wrap(0, fmt.Sprintf("Concern %d (%s): %s", n, s.member(c.Member), clean(c.Words)))
		if c.Answered != 0 {
			s.p.wrap(2, "Answer: "+clean(c.Answer))
			continue
		}
		s.p.line("  %s", s.p.warn("No answer yet."))
	}
}

// history is everything that happened.
func (s *showing) history() {
	s.p.line("")
	t := &table{columns: []column{{title: "WHEN"}, {title: "WHAT"}, {title: "WHO", least: 8}, {title: "FOR", least: 8}, {title: "WORDS", least: 10}}}
	for _, ev := range s.v.Events {
		who, of := "", ""
		if ev.By.Person != "" {
			who = s.person(ev.By.Person)
		}
		if ev.By.Operator {
			who = "the operator"
		}
		if ev.By.Program {
			who = "the program"
		}
		if ev.By.Member != "" {
			of = s.member(ev.By.Member)
		}
		what := strings.ReplaceAll(string(ev.Kind), "_", " ")
		if ev.Answer != "" {
			what += " " + string(ev.Answer)
		}
		t.add(minute(ev.At, s.cfg.Federation.Zone), what, who, of, clean(ev.Words))
	}
	t.print(s.p)
	s.p.line("%s", s.p.dim(fmt.Sprintf("The chain ends with entry %d: %s", s.v.Head.Seq, s.v.Head.Hash)))
}

type announcementCmd struct {
	decisionArg
	Result bool `help:"Of the result"`
}

// Help says what for.
func (announcementCmd) Help() string {
	return `
For rooms without the program's own messages: copy it there, then record it with
goodstanding decisions announce.

  goodstanding decisions announcement 12
  goodstanding decisions announcement 12 --result`
}

// Run prints.
func (c announcementCmd) Run(ctx context.Context, a *app) error {
	return a.reading(ctx, c.Decision, func(d *desk, v chair.View) error {
		x := &v.Decision
		if x.Untaken() {
			return &usageError{fmt.Sprintf("decision %s was imported: imported decisions announce nothing", clean(c.Decision))}
		}
		if c.Result != x.State.Final() || !c.Result && !x.State.Running() {
			return &usageError{fmt.Sprintf("decision %s is %s: there is %s to announce", clean(c.Decision), x.State.Words(),
				map[bool]string{true: "no result", false: "no opening"}[c.Result])}
		}
		text := d.announcement(&v)
		if a.cli.JSON {
			return a.out.json(map[string]string{"text": text})
		}
		a.out.write(text)
		return a.out.err
	})
}

// announcement is the text that tells the members of a decision, of its result
// once it is over (federation.md, section 3).
func (d *desk) announcement(v *chair.View) string {
	x, o := &v.Decision, &v.Outcome
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	title := capital(string(x.Size()))
	if x.State.Final() {
		line("%s decision %d, %q: %s.", title, x.Number, clean(x.Proposal.Title), strings.ToUpper(x.State.Words()))
		line("%s.", capital(d.tallyWords(o)))
		line("The record ends with %s", v.Head.Hash)
		return b.String()
	}
	line("%s decision %d: %s", title, x.Number, clean(x.Proposal.Title))
	line("What changes: %s", clean(x.Proposal.Changes))
	line("Whom it affects: %s", clean(x.Proposal.Affects))
	if x.Proposal.Link != "" {
		line("Write-up: %s", clean(x.Proposal.Link))
	}
	line("Deadline: the end of %s (%s). Let us know if you need more time.", x.Deadline.Words(), d.cfg.Federation.Zone)
	line("Discussion: %s", clean(x.Proposal.Channel))
	var answers []string
	for _, answer := range x.Rule().Answers {
		answers = append(answers, string(answer))
	}
	line("One vote per member, whoever of its delegates casts it: goodstanding decisions cast %d %s", x.Number, strings.Join(answers, "|"))
	var rule []string
	for _, c := range x.Rule().PassesIf {
		rule = append(rule, c.Clause())
	}
	line("It passes if %s.", strings.Join(rule, ", and "))
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
