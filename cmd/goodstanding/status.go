package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/roll"
)

// statusCmd is goodstanding status.
type statusCmd struct{}

// Help shows how to use it.
func (statusCmd) Help() string {
	return `
Where the data comes from and how old it is, the dues, the members by state,
what waits for the treasurer, what changes next, and the commands to go on with.

  goodstanding status
  goodstanding status --json`
}

// Run prints the status.
func (statusCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		st, err := d.roll.Status(ctx)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(d.statusJSON(&st))
		}
		(&statusScreen{d: d, p: a.out, st: &st}).print()
		return a.out.err
	})
}

// noToken is what status, start and check-config say without a token (issue 2,
// point 2; open-collective.md, section 5).
const noToken = "Reading Open Collective without a token. Standings are complete. Missing: payers' e-mail addresses, " +
	"so members without a contact of their own cannot be told; and 10 requests a minute instead of 100. " +
	"Add one: an administrator of the collective (not of its host) makes a personal token on Open Collective " +
	"with the scope `transactions` and nothing else; put it into GOODSTANDING_OC_TOKEN_FILE."

// statusScreen prints a status on one screen.
type statusScreen struct {
	d  *desk
	p  *printer
	st *roll.Status
}

// labelled prints one line of the screen.
func (s *statusScreen) labelled(label, format string, args ...any) {
	const width = 12
	text := fmt.Sprintf(format, args...)
	lines := []string{text}
	if s.p.width > 0 && textWidth(text)+width > s.p.width {
		lines = broken(text, s.p.columns()-width)
	}
	s.p.line("%s%s", s.p.dim(padded(label, width)), lines[0])
	for _, l := range lines[1:] {
		s.p.line("%s%s", strings.Repeat(" ", width), l)
	}
}

func (s *statusScreen) print() {
	s.source()
	s.dues()
	s.members()
	s.desk()
	s.running()
	s.next()
	if s.d.cfg.OCToken == "" {
		s.p.line("")
		s.p.wrap(0, noToken)
	}
}

// source says where the data comes from and how old it is.
func (s *statusScreen) source() {
	st, zone := s.st, s.d.cfg.Federation.Zone
	name := st.Collective
	if name == "" {
		name = s.d.cfg.OCSlug
	}
	if name == "" { // the store knows its collective by id only, and no setting names it
		name = "Open Collective"
	}
	if st.Name != "" && st.Name != name {
		name += " “" + clean(st.Name) + "”"
	}
	if st.Snapshot == 0 {
		s.labelled("Source", "%s, %s", s.p.bold(name), s.p.warn("not read yet"))
	} else {
		age := ago(st.At.Sub(st.AsOf)) + " ago"
		if st.Stale {
			age = s.p.bad(age + ": stale")
		}
		s.labelled("Source", "%s, read %s, reading no. %d", s.p.bold(name), age, st.Snapshot)
		s.labelled("As of", "%s", minute(st.AsOf, zone))
	}
	if pull := st.LastPull; pull.At != 0 && pull.Outcome != outcomeComplete {
		s.labelled("Last try", "%s at %s: %s", s.p.bad("failed"), minute(pull.At, zone), pullWords(pull))
	}
	if st.LateClocks > 0 {
		s.labelled("Clock", "%s", s.p.warn(many(int(st.LateClocks), "write", "writes")+" came from a clock that was behind: correct the host's clock"))
	}
}

// outcomeComplete is how the store notes a pull that went well.
const outcomeComplete = "complete"

// pullWords says what went wrong, in the words of a closed set.
func pullWords(p roll.PullInfo) string {
	words := strings.ReplaceAll(p.Outcome, "_", " ")
	if p.Detail != "" {
		words += " (" + strings.ReplaceAll(clean(p.Detail), "_", " ") + ")"
	}
	return words
}

func (s *statusScreen) dues() {
	words := strings.Join(s.st.Dues, "; ")
	if words == "" {
		words = "no policy yet"
	}
	s.labelled("Dues", "%s, by policy %s", words, s.st.Policy.ID())
	if s.st.PolicyErr != "" {
		s.labelled("", "%s", s.p.bad(s.st.PolicyErr))
	}
}

func (s *statusScreen) members() {
	good := 0
	var parts []string
	for _, w := range roll.StateWords() {
		n := s.st.States[w.State]
		if n == 0 {
			continue
		}
		if w.State.GoodStanding() {
			good += n
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, s.paintState(w.State, w.Words)))
	}
	if s.st.Members == 0 {
		s.labelled("Members", "none yet")
		return
	}
	s.labelled("Members", "%s: %d in good standing", s.p.bold(fmt.Sprint(s.st.Members)), good)
	for len(parts) > 0 { // four to a line
		n := min(4, len(parts))
		s.labelled("", "%s", strings.Join(parts[:n], ", "))
		parts = parts[n:]
	}
}

func (s *statusScreen) paintState(state eligibility.State, words string) string {
	return paintState(s.p, state, words)
}

// paintState colours a state's words.
func paintState(p *printer, state eligibility.State, words string) string {
	switch state {
	case eligibility.StateCurrent, eligibility.StateWaived:
		return p.good(words)
	case eligibility.StateGrace, eligibility.StatePending, eligibility.StateUnknown:
		return p.warn(words)
	case eligibility.StateShort, eligibility.StateLapsed, eligibility.StateSuspended:
		return p.bad(words)
	}
	return words
}

// desk says what waits for the treasurer.
func (s *statusScreen) desk() {
	st := s.st
	if n := len(st.Unmatched); n > 0 {
		var slugs []string
		for _, u := range st.Unmatched {
			slugs = append(slugs, u.Account.Slug)
		}
		s.labelled("Unmatched", "%s: %s", s.p.warn(many(n, "payer pays and is no member", "payers pay and are no members")), some(slugs, 4))
	} else if st.Snapshot > 0 {
		s.labelled("Unmatched", "nobody pays without being a member or a supporter")
	}
	if n := len(st.NoDelegate); n > 0 {
		s.labelled("Delegates", "%s no delegate: nobody can vote for them", s.p.warn(many(n, "member has", "members have")))
	}
	if len(st.Holds) == 0 {
		s.labelled("Holds", "none")
	}
	for _, h := range st.Holds {
		s.labelled("Holds", "%s keeps %s since %s: %s", s.p.bad(h.ID), many(len(h.Members), "member", "members"),
			day(h.SetAt, s.d.cfg.Federation.Zone), h.Likely)
	}
}

// running says what the program does by itself.
func (s *statusScreen) running() {
	mails := "off"
	if s.st.NoticesStarted {
		mails = s.p.good("on") + " since " + day(s.st.NoticesSince, s.d.cfg.Federation.Zone)
	}
	var kept []string
	for _, state := range slices.Sorted(maps.Keys(s.st.Notices)) {
		if n := s.st.Notices[state]; n > 0 {
			kept = append(kept, fmt.Sprintf("%d %s", n, strings.ReplaceAll(state, "_", " ")))
		}
	}
	if len(kept) > 0 {
		mails += " (" + strings.Join(kept, ", ") + ")"
	}
	list := "provider list not published"
	if s.st.ProvidersPublished {
		list = "provider list " + s.p.good("public")
	}
	s.labelled("Mails", "%s; %s", mails, list)
	if s.st.NoticesStarted && s.d.cfg.SignIn.SMTP == nil {
		s.labelled("", "%s", s.p.bad("no mail goes: no mail server is set ("+prefix+"SMTP_URL)"))
	}
	for _, b := range s.st.Batches {
		s.labelled("", "%s for a yes or no: %s", s.p.warn(waitingWords(b.N)), roll.BatchWords(b.Batch))
	}
	if n := s.st.NoticesFailed; n > 0 {
		s.labelled("", "%s in the last week", s.p.bad(many(n, "notice failed", "notices failed")))
	}
}

// next says what changes next, and what to do.
func (s *statusScreen) next() {
	if s.st.NextChange == 0 {
		s.labelled("Next", "nothing will change by itself")
	} else {
		var names []string
		for _, n := range s.st.NextChangeNames {
			names = append(names, clean(n))
		}
		s.labelled("Next", "%s: %s", minute(s.st.NextChange, s.d.cfg.Federation.Zone), some(names, 3))
	}
	for i, todo := range s.st.ToDo {
		label := ""
		if i == 0 {
			label = "To do"
		}
		if text, command, found := strings.Cut(todo, ": goodstanding "); found {
			todo = text + ": " + s.p.accent("goodstanding "+command)
		}
		s.labelled(label, "%s", todo)
	}
}

// some lists the first few of many.
func some(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}
