package main

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/roll"
)

// rollCmd is goodstanding roll, which is also members list.
type rollCmd struct {
	At    when   `placeholder:"TIME" help:"As it was, or will be, at this time: 2026-06-01 (midnight UTC) or 2026-06-01T09:00:00Z; later than now is a forecast"`
	Known when   `placeholder:"TIME" help:"By what was known at this time; else by everything that is stored"`
	State string `placeholder:"STATE" help:"Only members in this state"`
	Right string `placeholder:"RIGHT" help:"Only members who have this right: vote, listing or services"`
	CSV   bool   `help:"Print as CSV"`
}

// Help shows how to use it.
func (rollCmd) Help() string {
	return `
One line a member: whether it may vote, be listed and use the services, up to
when it has paid, and when that changes if nothing new happens. "!" is yes, with
a reminder that dues are not paid.

  goodstanding roll
  goodstanding roll --state lapsed
  goodstanding roll --right vote --csv > electorate.csv    noted in the audit log
  goodstanding roll --at 2026-05-03 --known 2026-05-04     what was said then
  goodstanding roll --at 2026-12-31                        a forecast

States: ` + "applied, current, grace, lapsed, left, paused, pending, short,\nsuspended, unknown, unpaid, waived"
}

// Run prints the roll.
func (c rollCmd) Run(ctx context.Context, a *app) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	if c.CSV && a.cli.JSON {
		return &usageError{"--csv and --json exclude each other"}
	}
	return a.at(ctx, needStore, func(d *desk) error {
		if err := c.note(ctx, d); err != nil {
			return err
		}
		v, err := d.roll.View(ctx, q)
		if err != nil {
			return err
		}
		switch {
		case a.cli.JSON:
			v.At, v.Known = q.At, q.Known
			return a.out.json(mapped(v.Rows, func(r roll.Row) rowAnswer { return d.rowOf(r, v) }))
		case c.CSV:
			return v.WriteCSV(a.out.w)
		}
		d.rollTable(a.out, v)
		return a.out.err
	})
}

// note leaves a row in the audit chain where the electorate is carried elsewhere:
// who is on it and who is not tells how members stand.
func (c rollCmd) note(ctx context.Context, d *desk) error {
	if !c.CSV || c.Right != eligibility.Vote.String() {
		return nil
	}
	by, err := d.by(ctx, change{Reason: "to vote in another tool"})
	if err != nil {
		return err
	}
	_, err = d.roll.Electorate(ctx, by, "", nil)
	return err
}

// query is what the flags ask for.
func (c rollCmd) query() (roll.Query, error) {
	q := roll.Query{At: c.At.Instant, Known: c.Known.Instant}
	if c.State != "" {
		state, ok := eligibility.ParseState(c.State)
		if !ok {
			var words []string
			for _, w := range roll.StateWords() {
				words = append(words, w.State.String())
			}
			near, _ := nearest(c.State, words)
			return q, &usageError{fmt.Sprintf("there is no state %q; the nearest is %q (there are %s)", clip(c.State), near, strings.Join(words, ", "))}
		}
		q.State = state
	}
	if c.Right != "" {
		for _, r := range eligibility.Rights {
			if r.String() == c.Right {
				q.Right = &r
			}
		}
		if q.Right == nil {
			return q, &usageError{fmt.Sprintf("there is no right %q: there are vote, listing and services", clip(c.Right))}
		}
	}
	return q, nil
}

// rollTable prints the treasurer's table.
func (d *desk) rollTable(p *printer, v roll.View) {
	p.wrap(0, d.rollHead(p, v))
	if len(v.Rows) == 0 {
		p.line("No members.")
		return
	}
	p.line("")
	t := d.rollWhole(p, v)
	if t.wide(p) {
		t = d.rollNarrow(p, v)
	}
	t.print(p)
}

// rollWhole has every column, and the state as people read it.
func (d *desk) rollWhole(p *printer, v roll.View) *table {
	zone := d.cfg.Federation.Zone
	t := &table{columns: []column{{title: "MEMBER"}, {title: "NAME"}, {title: "KIND"}, {title: "STATE"},
		{title: "VOTE"}, {title: "LISTING"}, {title: "SERVICES"}, {title: "PAID THROUGH"}, {title: "CHANGES AT"}}}
	for _, r := range v.Rows {
		s := &r.Standing
		t.add(r.Handle, clean(r.Name), string(r.Kind), paintState(p, s.State, r.People), mark(p, s, eligibility.Vote),
			mark(p, s, eligibility.Listing), mark(p, s, eligibility.Services), day(s.PaidThrough, zone), day(s.ChangesAt, zone))
	}
	return t
}

// rollNarrow is for a terminal that is narrower: the handle stands for the
// name, and the state is in a word, since the dates stand beside it.
func (d *desk) rollNarrow(p *printer, v roll.View) *table {
	zone := d.cfg.Federation.Zone
	t := &table{columns: []column{{title: "MEMBER", least: 8}, {title: "STATE", least: 12}, {title: "VOTE"}, {title: "LIST"}, {title: "SERV"},
		{title: "PAID TO"}, {title: "CHANGES AT"}}}
	for _, r := range v.Rows {
		s := &r.Standing
		t.add(r.Handle, paintState(p, s.State, roll.WordsOf(s.State)), mark(p, s, eligibility.Vote), mark(p, s, eligibility.Listing),
			mark(p, s, eligibility.Services), day(s.PaidThrough, zone), day(s.ChangesAt, zone))
	}
	return t
}

// rollHead says what the table shows: as of when, how old, forecast or not.
func (d *desk) rollHead(p *printer, v roll.View) string {
	zone := d.cfg.Federation.Zone
	parts := []string{many(len(v.Rows), "member", "members") + " at " + minute(v.At, zone)}
	if v.AsOf == 0 {
		parts = append(parts, p.warn("Open Collective was not read yet"))
	} else {
		parts = append(parts, "Open Collective as of "+minute(v.AsOf, zone))
	}
	if v.Forecast {
		parts = append(parts, p.warn("FORECAST: as if every later reading showed nothing new"))
	}
	if v.Stale {
		parts = append(parts, p.bad("STALE: read again with goodstanding sync"))
	}
	return strings.Join(parts, "; ")
}

// mark is a verdict in one word.
func mark(p *printer, s *eligibility.Standing, r eligibility.Right) string {
	if !s.Has(r) {
		return p.dim("no")
	}
	if advised(s, r) {
		return p.warn("!")
	}
	return p.good("yes")
}

// advised says that the right is there although dues are not paid.
func advised(s *eligibility.Standing, r eligibility.Right) bool {
	re, ok := s.Reason(eligibility.CodeAdvisory)
	return ok && s.Has(r) && re.Rights.Has(r)
}
