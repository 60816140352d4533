package main

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/roll"
)

// memberArg is what most commands are about.
type memberArg struct {
	Member string `arg:"" help:"Id, handle, slug of a linked account, or the beginning of a name that no other has"`
}

// explainCmd is goodstanding explain.
type explainCmd struct {
	memberArg
	At    when `placeholder:"TIME" help:"At this time: 2026-06-01 (midnight UTC) or 2026-06-01T09:00:00Z; later than now is a forecast"`
	Known when `placeholder:"TIME" help:"By what was known at this time; else by everything that is stored"`
	All   bool `help:"List every fact, not only the twelve newest and those the answer rests on"`
}

// Help shows how to use it.
func (explainCmd) Help() string {
	return `
The state in plain words, every reason with the facts it rests on, what that
means for each right and until when, when it changes next, and what helps.

  goodstanding explain alfa
  goodstanding explain "Alfa Host" --at 2026-05-03 --known 2026-05-04
  goodstanding explain alfa --json`
}

// Run explains.
func (c explainCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id, err := d.roll.Find(ctx, c.Member)
		if err != nil {
			return err
		}
		x, err := d.roll.Explain(ctx, id, c.At.Instant, c.Known.Instant)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			row := d.rowOf(x.Row, roll.View{At: c.At.Instant, Known: c.Known.Instant, Forecast: x.Standing.Forecast})
			return a.out.json(explanationAnswer{row, x.Minimum, x.PolicyFrom, x.DecidedBy, mapped(x.Facts, factOf), filled(x.WhatToDo)})
		}
		(&explanation{d: d, p: a.out, x: &x, all: c.All}).print()
		return a.out.err
	})
}

// explanation prints why.
type explanation struct {
	d   *desk
	p   *printer
	x   *roll.Explanation
	all bool
}

func (e *explanation) print() {
	e.head()
	e.why()
	e.rights()
	e.facts()
	e.next()
}

func (e *explanation) head() {
	x, zone := e.x, e.d.cfg.Federation.Zone
	s := &x.Standing
	about := []string{x.Handle, string(x.Kind)}
	if x.MemberSince != 0 {
		about = append(about, "member since "+day(x.MemberSince, zone))
	}
	for _, acc := range x.Accounts {
		about = append(about, "pays as "+acc.Slug)
	}
	e.p.wrap(0, e.p.bold(clean(x.Name))+" ("+strings.Join(about, ", ")+")")
	e.p.line("%s", paintState(e.p, s.State, x.People))
	at := "At " + minute(s.At, zone)
	switch {
	case s.Forecast:
		at += ", a forecast: as if every later reading showed nothing new"
	case s.AsOf == 0:
		at += "; Open Collective was not read yet"
	default:
		at += "; Open Collective as of " + minute(s.AsOf, zone)
	}
	e.p.wrap(0, e.p.dim(at))
	if x.Minimum != "" {
		by := ""
		if x.DecidedBy != "" {
			by = ", made by decision " + x.DecidedBy
		}
		e.p.line("%s", e.p.dim("Dues are "+x.Minimum+" by policy "+s.Policy+", in force since "+day(x.PolicyFrom, zone)+by))
	}
}

// why lists every reason with its facts.
func (e *explanation) why() {
	e.p.line("")
	e.p.line("%s", e.p.bold("Why"))
	zone := e.d.cfg.Federation.Zone
	byRef := map[string]roll.FactLine{}
	for _, f := range e.x.Facts {
		byRef[f.Ref] = f
	}
	for _, r := range e.x.Standing.Reasons {
		code := r.Code.String()
		line := "  " + r.Text(zone) + " " + e.p.dim("["+code+"]")
		if names := r.Rights.Names(); len(names) > 0 {
			line += e.p.dim(" → " + strings.Join(names, ", "))
		}
		e.p.line("%s", line)
		for _, ref := range r.Facts {
			e.p.line("    · %s", e.factWords(ref.String(), byRef))
		}
	}
}

// factWords is a fact in one line.
func (e *explanation) factWords(ref string, byRef map[string]roll.FactLine) string {
	f, ok := byRef[ref]
	if !ok {
		return ref
	}
	words := f.What
	if f.Amount != nil {
		words += " of " + f.Amount.Symbol()
	}
	if d := day(f.From, e.d.cfg.Federation.Zone); d != "" {
		words += " on " + d
	}
	return words + e.p.dim(" ("+ref+")")
}

// rights says what it means for each right and until when.
func (e *explanation) rights() {
	e.p.line("")
	e.p.line("%s", e.p.bold("What it means"))
	s, zone := &e.x.Standing, e.d.cfg.Federation.Zone
	for _, r := range eligibility.Rights {
		words := mark(e.p, s, r)
		v := s.Verdict(r)
		switch {
		case v.OK && v.Until != 0:
			words += ", until " + day(v.Until, zone)
		case !v.OK:
			var why []string
			for _, re := range s.ReasonsFor(r) {
				if !carries(s, re.Code) {
					why = append(why, re.Text(zone))
				}
			}
			if len(why) > 0 {
				words += ": " + strings.Join(why, "; ")
			}
		case advised(s, r):
			words += " yes, with a reminder that dues are not paid"
		}
		lines := broken(words, e.p.help()-12)
		e.p.line("  %s  %s", padded(r.String(), 8), lines[0])
		for _, l := range lines[1:] {
			e.p.line("            %s", l)
		}
	}
}

// carries says that a reason speaks for a right, so that it is not why another
// one is refused: the dues of somebody in good standing.
func carries(s *eligibility.Standing, c eligibility.Code) bool {
	switch c {
	case eligibility.CodeCovered, eligibility.CodeRenewalDue, eligibility.CodeWaived:
		return true
	case eligibility.CodeGrace, eligibility.CodeRefunded, eligibility.CodeRetrying, eligibility.CodeInterrupted, eligibility.CodeGap:
		return s.State == eligibility.StateGrace && s.Has(eligibility.Vote)
	}
	return false
}

// newest is how many facts are listed when not all are asked for.
const newest = 12

func (e *explanation) facts() {
	facts := e.x.Facts
	if len(facts) == 0 {
		return
	}
	e.p.line("")
	e.p.line("%s %s", e.p.bold("Facts"), e.p.dim("(* the answer rests on it)"))
	t := &table{columns: []column{{title: " "}, {title: "ON"}, {title: "WHAT"}, {title: "AMOUNT", right: true}, {title: "UNTIL"}, {title: "NOTE"}, {title: "ID"}}}
	left := 0
	for i, f := range facts {
		if !e.all && i >= newest && !f.Cited {
			left++
			continue
		}
		t.add(e.factCells(f)...)
	}
	if t.wide(e.p) {
		e.factLines(t)
	} else {
		t.print(e.p)
	}
	if left > 0 {
		e.p.line("%s", e.p.dim("  and "+many(left, "older one", "older ones")+": explain --all"))
	}
}

func (e *explanation) factCells(f roll.FactLine) []string {
	zone := e.d.cfg.Federation.Zone
	star, amount := " ", ""
	if f.Cited {
		star = "*"
	}
	if f.Amount != nil {
		amount = f.Amount.Symbol()
	}
	return []string{star, day(f.From, zone), clean(f.What), amount, day(f.Until, zone), clean(f.Note), f.Ref}
}

// factLines prints the table for a narrow terminal: note and id below.
func (e *explanation) factLines(t *table) {
	short := &table{columns: t.columns[:5]}
	for _, r := range t.rows {
		short.rows = append(short.rows, r[:5])
	}
	widths := short.widths(e.p.width)
	for i, r := range short.rows {
		short.row(e.p, r, widths)
		for _, below := range t.rows[i][5:] {
			if below != "" {
				e.p.line("   %s", e.p.dim(below))
			}
		}
	}
}

func (e *explanation) next() {
	s, zone := &e.x.Standing, e.d.cfg.Federation.Zone
	e.p.line("")
	if s.ChangesAt == 0 {
		e.p.line("%s nothing changes by itself.", e.p.bold("Next:"))
	} else {
		e.p.line("%s this changes on %s if nothing new happens.", e.p.bold("Next:"), minute(s.ChangesAt, zone))
	}
	if len(e.x.WhatToDo) == 0 {
		return
	}
	e.p.line("%s", e.p.bold("What to do"))
	for _, todo := range e.x.WhatToDo {
		e.p.line("  %s", todo)
	}
}
