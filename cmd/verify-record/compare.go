package main

import (
	"fmt"
	"slices"
	"strings"
)

// nobody is the hash of an electorate without a member.
const nobody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// compare holds the record's own summary against what the entries came to.
func (c *counted) compare() error {
	first, opening := c.Entries[0].Public, public{}
	for _, e := range c.Entries {
		if e.Kind == "edit" || e.Kind == "import" {
			first = e.Public
		}
		if e.Public.Rule != nil {
			opening = e.Public
		}
	}
	last := c.Entries[len(c.Entries)-1]
	r := rule{Notice: c.Rules.Notice, Answers: c.Rules.Answers, PassesIf: c.Rules.PassesIf, MoreTime: c.Rules.MoreTime}
	size := c.size
	if size == "" {
		size = first.Size
	}
	for _, x := range []struct {
		what      string
		says, was any
	}{
		{"state", c.Decision.State, c.state}, {"outcome's state", c.Outcome.State, c.state}, {"number", c.Decision.Number, last.Number},
		{"size", c.Decision.Size, size}, {"kind", c.Decision.Kind, first.Kind}, {"visibility", c.Decision.Visibility, first.Visibility},
		{"time zone", c.Decision.Zone, first.Zone}, {"deadline", c.Decision.Deadline, c.deadline},
		{"policy", c.Rules.Policy, opening.Policy}, {"ballots", c.Rules.Ballots, opening.Ballots},
		{"seats", c.Electorate.Seats, c.seats},
	} {
		if x.says != x.was {
			return fmt.Errorf("the record's %s is %v, and the entries say %v", x.what, x.says, x.was)
		}
	}
	if c.sha == "" {
		c.sha = nobody
	}
	if c.Electorate.SHA256 != c.sha {
		return fmt.Errorf("the record's electorate is another than the entries'")
	}
	if !same(r, c.rule) {
		return fmt.Errorf("the record's rule is another than that of the opening")
	}
	return c.compareEnd()
}

func same(a, b rule) bool {
	return a.Notice == b.Notice && a.MoreTime == b.MoreTime && slices.Equal(a.Answers, b.Answers) && slices.Equal(a.PassesIf, b.PassesIf)
}

func (c *counted) compareEnd() error {
	if c.imported || !slices.Contains([]string{"passed", "stopped", "not_carried"}, c.state) {
		if c.Tally != (tally{}) || c.Outcome.At != "" || c.Outcome.Sensitivity != "" {
			return fmt.Errorf("the record has a result, and the decision is %s", c.state)
		}
		return nil
	}
	o := c.closing
	if o == nil {
		return fmt.Errorf("the decision is %s, and no entry counted it", c.state)
	}
	switch said := o.tally(); {
	case c.Tally != said:
		return fmt.Errorf("the record's tally is %+v, and the entries come to %+v", c.Tally, said)
	case c.Outcome.At != c.closedAt:
		return fmt.Errorf("the record says it ended at %s, and the entries say %s", c.Outcome.At, c.closedAt)
	case c.Outcome.Sensitivity != o.Sensitivity:
		return fmt.Errorf("the record's sensitivity line is another than the entries'")
	}
	return nil
}

// report is what was found, for people.
func (c *counted) report() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Decision %d (%s): %s.", c.Decision.Number, c.Decision.Size, strings.ReplaceAll(c.state, "_", " "))
	line("%d entries, and each follows the one before.", len(c.Entries))
	if c.imported {
		line("It was imported: a file says so, and no answer was counted. This shows only what the file said.")
	}
	if c.closing != nil && c.Outcome.At != "" {
		o := c.closing
		line("Counted again: %d in favour, %d against, %d abstain, %d block, %d waited for, %d seats.", o.Favour, o.Against, o.Abstain, o.Block, o.Waiting, c.seats)
		for _, l := range o.Lines {
			mark := "yes"
			if !l.Holds {
				mark = "no "
			}
			line("  %s  %s", mark, l.Condition)
		}
		line("That is what the record says. It %s.", o.Sensitivity)
	}
	line("The chain ends with %s", c.Head)
	if c.announced {
		line("That is the end that was announced.")
	} else {
		line("Compare it with the end that was announced: --head HASH.")
	}
	return b.String()
}
